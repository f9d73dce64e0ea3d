//! The operations of the `api` floor over HTTP/1.1: routing, caller, body, envelope, log lines. The one
//! place where a number becomes an HTTP answer. No operation is written here.

mod admit;
mod body;
mod call;
mod envelope;
mod fault;
mod intake;
mod limit;
mod logid;
mod meter;
mod observe;
mod probe;
mod router;
mod serve;
mod tls;
mod trace;

pub use self::body::Body;
pub use self::limit::{RateRule, RateRules};
pub use self::probe::MetricsFor;
pub use self::router::{Router, RouterOptions, router};
pub use self::serve::{Listener, Peer, ServeOptions, serve};
