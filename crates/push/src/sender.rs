//! Sending one message: a connection to an address that is allowed, no detours, an answer of which only
//! the status counts.

use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::address::is_public;

/// How long a receiver may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take in all (Standard Webhooks recommends 15 to 30 seconds).
const WHOLE: Duration = Duration::from_secs(15);
/// How long idle connections are kept.
const IDLE: Duration = Duration::from_secs(30);
/// So much of an answer is read, so that the connection can be used again, bytes.
const READ: usize = 64 * 1024;

/// A message to a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub url: String,
    /// Its id, the same in every attempt.
    pub id: String,
    /// When this attempt is made, seconds since the epoch; the machine's own clock.
    pub timestamp_s: i64,
    /// Its signatures.
    pub signature: String,
    /// What it says: JSON.
    pub body: Vec<u8>,
}

/// Sends messages.
#[async_trait]
pub trait Send: std::fmt::Debug + std::marker::Send + Sync {
    /// Sends one; the HTTP status it is answered with, or why there is none.
    async fn send(&self, message: Message) -> Result<u16, String>;

    /// What is wrong with `url` as far as can be seen without a connection.
    fn refuses(&self, url: &str) -> Option<String>;
}

/// Sends messages over HTTP. The client is made for the first one: most servers tell nobody, and where a
/// machine has no certificates to trust that is no reason not to start.
#[derive(Debug)]
pub struct HttpSender {
    private: bool,
    http: OnceLock<Result<Client, String>>,
}

/// Why an address is refused.
const PRIVATE: &str = "leads to a private, loopback or link-local address, which the setting \
    `webhook_private` allows";

/// A name's addresses as the system knows them, without those that are not allowed.
struct Allowed;

impl Resolve for Allowed {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| is_public(found.ip())).collect();
            if allowed.is_empty() {
                let refusal = format!("{} {PRIVATE}", name.as_str());
                return Err(Box::<dyn StdError + std::marker::Send + Sync>::from(refusal));
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

impl HttpSender {
    /// A sender that has sent nothing yet; `private` allows addresses of one's own network. The ciphers
    /// of the process must have been chosen.
    pub const fn new(private: bool) -> Self {
        Self { private, http: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, String> {
        let made = self.http.get_or_init(|| {
            let mut http = Client::builder()
                // A proxy would make the connections, and nobody could say where to.
                .no_proxy()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .timeout(WHOLE)
                .pool_idle_timeout(IDLE)
                .user_agent(concat!("larkspur/", env!("CARGO_PKG_VERSION")));
            if !self.private {
                http = http.dns_resolver(Arc::new(Allowed));
            }
            http.build().map_err(|error| in_words(&error))
        });
        made.as_ref().map_err(Clone::clone)
    }
}

#[async_trait]
impl Send for HttpSender {
    async fn send(&self, message: Message) -> Result<u16, String> {
        if let Some(refusal) = self.refuses(&message.url) {
            return Err(refusal);
        }
        let request = self
            .client()?
            .post(&message.url)
            .header("content-type", "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp_s)
            .header("webhook-signature", message.signature)
            .body(message.body);
        let mut answer = request.send().await.map_err(|error| in_words(&error))?;
        let status = answer.status().as_u16();
        let mut read = 0;
        // What it says does not count, nor that it breaks off.
        while let Ok(Some(chunk)) = answer.chunk().await {
            read += chunk.len();
            if read > READ {
                break;
            }
        }
        Ok(status)
    }

    fn refuses(&self, url: &str) -> Option<String> {
        let Ok(url) = Url::parse(url) else { return Some("it is no address".to_owned()) };
        if !matches!(url.scheme(), "http" | "https") {
            return Some("it begins with http:// or https://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("it holds no user and no password: what is sent is signed".to_owned());
        }
        // A name is looked up, and its addresses checked, when the connection is made.
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !self.private && !is_public(address) => Some(format!("it {PRIVATE}")),
            _ => None,
        }
    }
}

/// An error with all its causes; addresses are left out, since they may hold what is secret.
fn in_words(error: &reqwest::Error) -> String {
    let mut words = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.ends_with(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(private: bool) -> HttpSender {
        // A second choice finds one made, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        HttpSender::new(private)
    }

    #[test]
    fn addresses_are_refused_however_they_are_written() {
        let (strict, lax) = (sender(false), sender(true));
        for url in
            ["http://127.0.0.1/", "https://[::1]:8443/", "http://2130706433/", "http://0x7f.1/"]
        {
            assert!(
                strict.refuses(url).is_some_and(|why| why.contains("webhook_private")),
                "{url}"
            );
            assert_eq!(lax.refuses(url), None, "{url}");
        }
        for url in ["ftp://example.com/", "example.com", "", "http://me:it@example.com/"] {
            assert!(strict.refuses(url).is_some() && lax.refuses(url).is_some(), "{url}");
        }
        assert_eq!(strict.refuses("https://example.com/hook?x=1"), None);
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_connected() {
        let message = Message {
            url: "http://localhost:9/".to_owned(),
            id: "msg_1".to_owned(),
            timestamp_s: 1,
            signature: String::new(),
            body: Vec::new(),
        };
        let refusal = sender(false).send(message).await.unwrap_err();
        assert!(refusal.contains("webhook_private"), "{refusal}");
    }
}
