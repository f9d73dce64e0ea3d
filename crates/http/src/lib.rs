//! The operations of the `api` floor over HTTP/1.1: routing, caller, body, envelope, log lines. The one
//! place where a number becomes an HTTP answer. No operation is written here.

mod body;
mod envelope;
mod fault;
mod logid;
mod router;
mod serve;
mod tls;

pub use self::body::Body;
pub use self::router::{Router, router};
pub use self::serve::{Listener, Peer, ServeOptions, serve};
