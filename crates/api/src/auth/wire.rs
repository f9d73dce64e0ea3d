//! Token requests and answers exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of the operations of custom apps, and of `authAppTicketResend`.
#[derive(Deserialize)]
pub(super) struct Credentials {
    pub(super) app_id: Option<String>,
    pub(super) app_secret: Option<String>,
}

/// Answer of `authTenantAccessTokenInternal`.
#[derive(Serialize)]
pub(super) struct TenantToken<'a> {
    pub(super) code: i64,
    pub(super) msg: &'static str,
    pub(super) tenant_access_token: &'a str,
    pub(super) expire: i64,
}

/// Answer of `authAppAccessTokenInternal`; one token stands in both fields.
#[derive(Serialize)]
pub(super) struct AppToken<'a> {
    pub(super) code: i64,
    pub(super) msg: &'static str,
    pub(super) app_access_token: &'a str,
    pub(super) expire: i64,
    pub(super) tenant_access_token: &'a str,
}

/// Body of `authAppAccessToken`.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct StoreCredentials {
    pub(super) app_id: Option<String>,
    pub(super) app_secret: Option<String>,
    pub(super) app_ticket: Option<String>,
}

/// Body of `authTenantAccessToken`.
#[derive(Deserialize)]
pub(super) struct InTenant {
    pub(super) app_access_token: Option<String>,
    pub(super) tenant_key: Option<String>,
}

/// Answer of `authAppAccessToken`.
#[derive(Serialize)]
pub(super) struct StoreAppToken<'a> {
    pub(super) code: i64,
    pub(super) msg: &'static str,
    pub(super) app_access_token: &'a str,
    pub(super) expire: i64,
}

/// Answer of `authAppTicketResend`.
#[derive(Serialize)]
pub(super) struct Resent {
    pub(super) code: i64,
    pub(super) msg: &'static str,
}
