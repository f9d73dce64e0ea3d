//! The numbers every operation may answer (contract, `platform_codes`). A room's own numbers stand
//! in its `codes.rs`.

use larkspur_platform::Layer;

use crate::ErrorCode;

/// The body or a parameter cannot be read.
pub const BAD_REQUEST: ErrorCode = ErrorCode::new(400, 9499, "bad request");
/// The body is larger than the operation takes.
pub const BODY_TOO_LARGE: ErrorCode = ErrorCode::new(413, 9499, "bad request");
/// The body came too slowly.
pub const BODY_TIMED_OUT: ErrorCode = ErrorCode::new(408, 9499, "bad request");
/// Fields do not fit; `field_violations` names them.
pub const FIELD_VALIDATION: ErrorCode = ErrorCode::new(400, 99_992_402, "field validation failed");
/// No such path.
pub const UNKNOWN_PATH: ErrorCode =
    ErrorCode::new(404, 99_991_201, "resource not find").at(Layer::Route);
/// The path exists, the method does not.
pub const WRONG_METHOD: ErrorCode =
    ErrorCode::new(405, 99_991_301, "request method doesn't match").at(Layer::Route);
/// Larkspur's own operation, without the operator's token.
pub const ADMIN_ONLY: ErrorCode = ErrorCode::new(401, 88_000_401, "admin token required");
/// The server cannot do its work at the moment.
pub const NOT_READY: ErrorCode = ErrorCode::new(503, 88_000_503, "not ready").at(Layer::Server);
/// Plain HTTP on a port that speaks TLS.
pub const NOT_TLS: ErrorCode = ErrorCode::new(400, 88_000_400, "this port speaks https");
/// Something broke where no operation has a number for it.
pub const INTERNAL: ErrorCode = ErrorCode::new(500, 2200, "internal error");
/// No answer at all: the connection closes, as a rehearsal wants it. Never seen on the wire.
pub const NO_ANSWER: ErrorCode = ErrorCode::new(500, 88_060_000, "no answer, as rehearsed");
