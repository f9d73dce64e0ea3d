//! Token requests and answers exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of both operations.
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
