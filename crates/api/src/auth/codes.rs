//! The numbers of the token operations (contract, "HTTP status per domain": HTTP 200 for bad
//! credentials).

use crate::ErrorCode;

/// A field is missing or the body cannot be read.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(200, 10_003, "invalid param");
/// There is no such app.
pub(super) const UNKNOWN_APP: ErrorCode = ErrorCode::new(200, 10_014, "app id not exists");
/// The secret is another one.
pub(super) const WRONG_SECRET: ErrorCode = ErrorCode::new(200, 10_014, "app secret invalid");
/// The app may not be used.
pub(super) const DISABLED: ErrorCode = ErrorCode::new(200, 10_014, "app unauthorized");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 2200, "internal error");

/// What both operations may answer.
pub(super) const ALL: &[ErrorCode] =
    &[INVALID_PARAM, UNKNOWN_APP, WRONG_SECRET, DISABLED, INTERNAL];
