//! Requests and answers about users.

use serde::{Deserialize, Serialize};

/// Body of `larkspurUserCreate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    pub(super) tenant_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) name: String,
    pub(super) en_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) employee_no: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) admin: Option<bool>,
    pub(super) department_ids: Option<Vec<String>>,
    pub(super) password: Option<String>,
}

/// Body of `larkspurUserUpdate`; what is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateBody {
    pub(super) name: Option<String>,
    pub(super) en_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) employee_no: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) admin: Option<bool>,
    pub(super) enabled: Option<bool>,
    pub(super) department_ids: Option<Vec<String>>,
    pub(super) password: Option<String>,
}

/// Data of an answer about one user.
#[derive(Serialize)]
pub(super) struct UserData<'a> {
    pub(super) user: User<'a>,
}

/// A user. `open_id` differs by app and stands there only where the query names an `app_id`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct User<'a> {
    pub(super) user_id: &'a str,
    pub(super) tenant_id: &'a str,
    pub(super) union_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_id: Option<String>,
    pub(super) name: &'a str,
    pub(super) en_name: &'a str,
    pub(super) email: &'a str,
    pub(super) mobile: &'a str,
    pub(super) employee_no: &'a str,
    pub(super) avatar_url: &'a str,
    pub(super) admin: bool,
    pub(super) enabled: bool,
    pub(super) department_ids: Vec<String>,
    pub(super) created_ms: i64,
}
