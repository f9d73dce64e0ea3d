//! The numbers of the token operations (contract, "HTTP status per domain": HTTP 200 for bad
//! credentials).

use larkspur_platform::Layer;

use crate::ErrorCode;

/// A field is missing or the body cannot be read.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(200, 10_003, "invalid param");
/// There is no such app.
pub(super) const UNKNOWN_APP: ErrorCode =
    ErrorCode::new(200, 10_014, "app id not exists").at(Layer::App);
/// The secret is another one.
pub(super) const WRONG_SECRET: ErrorCode =
    ErrorCode::new(200, 10_014, "app secret invalid").at(Layer::App);
/// The app may not be used.
pub(super) const DISABLED: ErrorCode =
    ErrorCode::new(200, 10_014, "app unauthorized").at(Layer::App);
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 2200, "internal error");

/// The ticket is neither the last nor the one before.
pub(super) const TICKET: ErrorCode = ErrorCode::new(200, 10_012, "get app access token fail");
/// The app token does not hold.
pub(super) const APP_TOKEN: ErrorCode = ErrorCode::new(200, 10_013, "get tenant access token fail");
/// There is no such tenant.
pub(super) const TENANT: ErrorCode = ErrorCode::new(200, 10_005, "app id unauthorized");
/// The app is not installed in the tenant.
pub(super) const NOT_INSTALLED: ErrorCode = ErrorCode::new(200, 11_210, "app usage info not exist");
/// A custom app has no ticket.
pub(super) const NO_TICKET: ErrorCode = ErrorCode::new(200, 10_016, "app resend fail");

/// What the operations of custom apps may answer.
pub(super) const CUSTOM: &[ErrorCode] =
    &[INVALID_PARAM, UNKNOWN_APP, WRONG_SECRET, DISABLED, INTERNAL];
/// What `authAppAccessToken` may answer.
pub(super) const STORE_APP: &[ErrorCode] =
    &[INVALID_PARAM, UNKNOWN_APP, WRONG_SECRET, DISABLED, TICKET, INTERNAL];
/// What `authTenantAccessToken` may answer.
pub(super) const STORE_TENANT: &[ErrorCode] =
    &[INVALID_PARAM, APP_TOKEN, DISABLED, TENANT, NOT_INSTALLED, INTERNAL];
/// What `authAppTicketResend` may answer.
pub(super) const RESEND: &[ErrorCode] =
    &[INVALID_PARAM, UNKNOWN_APP, WRONG_SECRET, DISABLED, NO_TICKET, INTERNAL];
