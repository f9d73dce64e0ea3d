//! The ports a server answers on, in the open and over TLS, and how callers on this machine reach
//! them.

use std::net::SocketAddr;

use larkspur_http::Listener;
use rustls::ServerConfig;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::trouble::{Attempt, Trouble};

/// Ports that are open, though nobody accepts yet.
pub(super) struct Ports {
    plain: Vec<TcpListener>,
    tls: Vec<TcpListener>,
    /// How the plain ones are reached.
    pub(super) plain_urls: Vec<String>,
    /// How those with TLS are reached.
    pub(super) tls_urls: Vec<String>,
}

impl Ports {
    pub(super) async fn open(config: &Config) -> Attempt<Self> {
        let (plain, plain_urls) = open("listen", "http", &config.listen).await?;
        let (tls, tls_urls) = open("tls", "https", &config.tls).await?;
        Ok(Self { plain, tls, plain_urls, tls_urls })
    }

    /// Listeners for the HTTP floor; `tls` is there if ports with TLS are.
    pub(super) fn listeners(self, tls: Option<&ServerConfig>) -> Vec<Listener> {
        let plain = self.plain.into_iter().map(Listener::plain);
        let tls =
            tls.map(|config| self.tls.into_iter().map(|port| Listener::tls(port, config.clone())));
        plain.chain(tls.into_iter().flatten()).collect()
    }
}

/// How callers on this machine will reach a server with these settings.
pub fn expected_url(config: &Config) -> String {
    let url = |scheme: &str, listen: &String| match listen.parse() {
        Ok(address) => local_url(scheme, address),
        Err(_) => format!("{scheme}://{listen}"),
    };
    let plain = config.listen.first().map(|listen| url("http", listen));
    let tls = || config.tls.first().map(|listen| url("https", listen));
    config.public_url.clone().or(plain).or_else(tls).unwrap_or_default()
}

async fn open(
    setting: &str,
    scheme: &str,
    addresses: &[String],
) -> Attempt<(Vec<TcpListener>, Vec<String>)> {
    let (mut ports, mut urls) = (Vec::new(), Vec::new());
    for address in addresses {
        let port = listen(setting, address).await?;
        let found = port
            .local_addr()
            .map_err(|cause| Trouble::caused("the address is not known", &cause).setup())?;
        urls.push(local_url(scheme, found));
        ports.push(port);
    }
    Ok((ports, urls))
}

async fn listen(setting: &str, address: &str) -> Attempt<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| {
        let trouble = Trouble::caused(format!("cannot listen on {address}"), &cause).setup();
        let usual = if setting == "tls" { "127.0.0.1:8443" } else { "127.0.0.1:8484" };
        trouble.hint(match cause.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "another program, perhaps another larkspur, listens there;\n\
                 --{setting} 127.0.0.1:0 picks a free port"
            ),
            std::io::ErrorKind::PermissionDenied => {
                format!("ports below 1024 are for root; --{setting} {usual} is not")
            }
            _ => format!("--{setting} takes an address and a port, such as {usual}"),
        })
    })
}

/// How a caller on this machine reaches `address`.
fn local_url(scheme: &str, address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("{scheme}://127.0.0.1:{}", address.port());
    }
    format!("{scheme}://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_can_be_called() {
        for (address, url) in [
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:81", "http://127.0.0.1:81"),
            ("[::1]:82", "http://[::1]:82"),
            ("10.0.0.1:83", "http://10.0.0.1:83"),
        ] {
            assert_eq!(local_url("http", address.parse().expect("an address")), url);
        }
    }
}
