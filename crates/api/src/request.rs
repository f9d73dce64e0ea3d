//! A request as an operation sees it: who calls, path, query and body, already read as far as the
//! operation's declaration says.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, RANGE};
use http::{HeaderMap, Uri};
use larkspur_platform::Caller;
use larkspur_rehearsal::faults::TaskEffect;
use larkspur_rehearsal::record::Part;
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::error::FieldViolation;
use crate::{ApiError, Chunks, ErrorCode, codes};

/// The body of a request.
pub enum Body {
    /// None, or ignored.
    None,
    /// Bytes to be read as JSON.
    Json(Bytes),
    /// A form that is still arriving.
    Multipart(Form),
    /// Bytes that are still arriving. The lock is never waited for: it lets requests be shared.
    Stream(Mutex<Chunks>),
}

impl Body {
    /// A body of bytes that are still arriving.
    pub fn stream(chunks: Chunks) -> Self {
        Self::Stream(Mutex::new(chunks))
    }
}

/// A form that is still arriving.
pub struct Form {
    /// Its parts.
    pub parts: multer::Multipart<'static>,
    /// Names and sizes of those that have arrived, for the record.
    pub arrived: Arrived,
}

/// Names and sizes of the parts of a form, as far as they have arrived.
#[derive(Debug, Clone, Default)]
pub struct Arrived(Arc<Mutex<Vec<Part>>>);

impl Arrived {
    /// Notes a part.
    pub(crate) fn add(&self, name: &str, size_bytes: u64) {
        self.0.lock().push(Part { name: name.to_owned(), size_bytes });
    }

    /// What has arrived.
    pub fn parts(&self) -> Vec<Part> {
        self.0.lock().clone()
    }
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// In the open.
    #[default]
    Http,
    /// Over TLS.
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// A request.
pub struct Request {
    /// Who calls; `None` only for operations that take no token.
    pub caller: Option<Arc<Caller>>,
    /// Whether the operator's own token came with it; there is no caller then.
    pub admin: bool,
    /// Values of the path's parameters, decoded.
    pub path: Vec<(&'static str, String)>,
    /// Path and query as they came; empty for a call from within.
    pub uri: Uri,
    /// The query string as it came, without `?`.
    pub query: Query,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// How it came, which addresses in its answer begin with.
    pub scheme: Scheme,
    /// The log id of this call, which answers carry.
    pub log_id: String,
    /// The operation that is called.
    pub operation: &'static str,
    /// What the request wants to happen to the task it creates.
    pub rehearsed: Option<Box<TaskEffect>>,
    /// Who is at the other end of the connection, where there is one.
    pub peer: Option<SocketAddr>,
}

impl Request {
    /// The caller of an operation that takes a token.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller
            .as_deref()
            .ok_or_else(|| codes::INTERNAL.caused_by("operation without a caller"))
    }

    /// A parameter of the path; empty if the path has none of that name.
    pub fn path_value(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// The `Range` header, if any.
    pub fn range(&self) -> Option<&str> {
        self.headers.get(RANGE)?.to_str().ok()
    }

    /// Host and port the caller used.
    pub fn host(&self) -> Option<&str> {
        self.headers.get(HOST)?.to_str().ok()
    }

    /// The text of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.header("cookie").split(';');
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Whether the body says of itself that it is a form in the encoding of addresses.
    pub fn is_form(&self) -> bool {
        let kind = self.header("content-type").split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// The fields of such a form, read as a query is.
    pub fn form(&self) -> Query {
        match &self.body {
            Body::Json(bytes) => Query::new(String::from_utf8_lossy(bytes)),
            Body::None | Body::Multipart(_) | Body::Stream(_) => Query::default(),
        }
    }

    /// Whether somebody on this very machine calls, by a name of this machine, with nobody in
    /// between: the connection, the host and the headers all say so.
    pub fn is_local(&self) -> bool {
        is_local(self.peer, &self.headers)
    }

    /// Reads a JSON body: 99992402 naming the field that has another type, `malformed` for what is no
    /// JSON at all. An empty body reads as `{}`.
    pub fn json<T: DeserializeOwned>(&self, malformed: ErrorCode) -> Result<T, ApiError> {
        let bytes: &[u8] = match &self.body {
            Body::Json(bytes) if !bytes.trim_ascii().is_empty() => bytes,
            _ => b"{}",
        };
        match serde_json::from_slice(bytes) {
            Ok(value) => Ok(value),
            Err(error) if error.is_data() => Err(misfit::<T>(bytes)),
            Err(error) => Err(malformed.because(format!("the body is not JSON: {error}"))),
        }
    }
}

/// Whether somebody on this very machine sent a request with these headers, by a name of this machine,
/// with nobody in between.
pub fn is_local(peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    const BETWEEN: [&str; 5] =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let peer = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let loopback = is_loopback_host(host.unwrap_or_default());
    peer && loopback && !BETWEEN.iter().any(|header| headers.contains_key(*header))
}

/// Whether a host, with or without a port, is a name of the very machine.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an address leads to the very machine.
pub fn is_loopback_url(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    is_loopback_host(host.split('/').next().unwrap_or_default())
}

/// Reads the body again, this time with the path of what does not fit.
fn misfit<T: DeserializeOwned>(bytes: &[u8]) -> ApiError {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let (field, description) = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => (String::new(), String::new()),
        Err(error) => (error.path().to_string(), error.inner().to_string()),
    };
    ApiError::fields(vec![FieldViolation { field, value: String::new(), description }])
}

/// A query string. Empty values count as absent, unknown names are ignored, lists repeat the name
/// (clients' notes, "Transport and headers").
#[derive(Debug, Clone, Default)]
pub struct Query(String);

impl Query {
    /// A query as it stands in the address, without `?`.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.0.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
    }

    /// The query as it came.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The first value of `name` that is not empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.pairs()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
    }

    /// All values of `name` that are not empty.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.pairs()
            .filter(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
            .collect()
    }

    /// A whole number; `Err` carries what was sent instead of one.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, String> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => text.trim().parse().map(Some).map_err(|_| text),
        }
    }

    /// `true`/`True`/`1` or `false`/`False`/`0`; `Err` carries what was sent instead.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.text(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(Some(false)),
            Some(text) => Err(text),
        }
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['+', '%']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_absent_and_flags_come_in_either_case() {
        let query = Query::new("page_token=&a=1&a=2&flag=True&x=%E4%B8%AD+b&n=7&m=seven");
        assert_eq!(query.text("page_token"), None);
        assert_eq!(query.texts("a"), ["1", "2"]);
        assert_eq!(query.flag("flag"), Ok(Some(true)));
        assert_eq!(query.text("x").as_deref(), Some("中 b"));
        assert_eq!(query.integer("n"), Ok(Some(7)));
        assert_eq!(query.integer("m"), Err("seven".to_owned()));
        assert_eq!(query.integer("none"), Ok(None));
    }

    #[test]
    fn only_a_direct_call_on_this_machine_is_local() {
        let call = |peer: &str, host: &'static str, header: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, http::HeaderValue::from_static(host));
            if let Some(name) = header {
                headers.insert(name, http::HeaderValue::from_static("1"));
            }
            Request {
                caller: None,
                admin: false,
                path: Vec::new(),
                uri: Uri::default(),
                query: Query::default(),
                headers,
                body: Body::None,
                scheme: Scheme::Http,
                log_id: String::new(),
                operation: "",
                rehearsed: None,
                peer: peer.parse().ok(),
            }
            .is_local()
        };
        for host in ["127.0.0.1:8484", "localhost", "LOCALHOST:1", "[::1]:8484", "127.9.9.9"] {
            assert!(call("127.0.0.1:5", host, None), "{host}");
        }
        assert!(call("[::1]:5", "localhost:1", None));
        assert!(call("[::ffff:127.0.0.1]:5", "localhost:1", None));
        for host in
            ["evil.example:8484", "127.0.0.1.evil.example", "localhost.evil", "", "10.0.0.1"]
        {
            assert!(!call("127.0.0.1:5", host, None), "{host}");
        }
        assert!(!call("10.0.0.1:5", "localhost", None) && !call("", "localhost", None));
        for header in ["forwarded", "x-forwarded-for", "x-real-ip", "via", "x-forwarded-host"] {
            assert!(!call("127.0.0.1:5", "localhost", Some(header)), "{header}");
        }
    }

    #[test]
    fn a_body_of_another_shape_names_the_field() {
        #[derive(Debug, serde::Deserialize)]
        struct Point {
            #[expect(dead_code, reason = "only its type matters here")]
            mount_type: Option<i64>,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Wire {
            #[expect(dead_code, reason = "only its type matters here")]
            point: Option<Point>,
        }
        let request = |body: &'static str| Request {
            caller: None,
            admin: false,
            path: Vec::new(),
            uri: Uri::default(),
            query: Query::default(),
            headers: HeaderMap::new(),
            body: Body::Json(Bytes::from_static(body.as_bytes())),
            scheme: Scheme::Http,
            log_id: String::new(),
            operation: "",
            rehearsed: None,
            peer: None,
        };
        let error = request(r#"{"point":{"mount_type":"x"}}"#)
            .json::<Wire>(codes::BAD_REQUEST)
            .unwrap_err();
        assert_eq!((error.code, error.http), (99_992_402, 400));
        assert_eq!(error.details.unwrap().field_violations[0].field, "point.mount_type");
        let error = request("{").json::<Wire>(codes::BAD_REQUEST).unwrap_err();
        assert_eq!((error.code, error.http), (9499, 400));
        assert!(request(" ").json::<Wire>(codes::BAD_REQUEST).is_ok());
    }
}
