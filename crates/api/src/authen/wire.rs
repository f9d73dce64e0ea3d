//! Requests and answers of the sign-in operations exactly as the API spells them.

use serde::{Deserialize, Serialize};

use crate::Query;

/// Body of the token operations of OAuth, whichever way of asking.
#[derive(Deserialize, Default)]
pub(super) struct TokenBody {
    pub(super) grant_type: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) code: Option<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: Option<String>,
}

impl TokenBody {
    /// The same as a form.
    pub(super) fn of_form(form: &Query) -> Self {
        Self {
            grant_type: form.text("grant_type"),
            client_id: form.text("client_id"),
            client_secret: form.text("client_secret"),
            code: form.text("code"),
            redirect_uri: form.text("redirect_uri"),
            code_verifier: form.text("code_verifier"),
            refresh_token: form.text("refresh_token"),
            scope: form.text("scope"),
        }
    }
}

/// Answer of the token operations of OAuth: flat (contract, NOTES §2.3).
#[derive(Serialize)]
pub(super) struct TokenData<'a> {
    pub(super) code: i64,
    pub(super) access_token: &'a str,
    pub(super) expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token_expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'a str>,
    pub(super) token_type: &'static str,
}

/// Body of `authenOidcAccessToken` and `authenOidcRefreshAccessToken`.
#[derive(Deserialize)]
pub(super) struct OidcBody {
    pub(super) grant_type: Option<String>,
    pub(super) code: Option<String>,
    pub(super) refresh_token: Option<String>,
}

/// Data of both.
#[derive(Serialize)]
pub(super) struct OidcData<'a> {
    pub(super) access_token: &'a str,
    pub(super) refresh_token: &'a str,
    pub(super) token_type: &'static str,
    pub(super) expires_in: i64,
    pub(super) refresh_expires_in: i64,
    pub(super) scope: &'a str,
}

/// Data of `authenUserInfo`; fields that need a scope are there with it alone.
#[derive(Serialize)]
pub(super) struct InfoData<'a> {
    pub(super) name: &'a str,
    pub(super) en_name: &'a str,
    pub(super) avatar_url: &'a str,
    pub(super) avatar_thumb: &'a str,
    pub(super) avatar_middle: &'a str,
    pub(super) avatar_big: &'a str,
    pub(super) open_id: String,
    pub(super) union_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enterprise_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mobile: Option<&'a str>,
    pub(super) tenant_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) employee_no: Option<&'a str>,
}
