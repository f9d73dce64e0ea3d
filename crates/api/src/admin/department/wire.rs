//! Requests and answers about departments.

use serde::{Deserialize, Serialize};

/// Body of `larkspurDepartmentCreate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    pub(super) tenant_id: Option<String>,
    pub(super) department_id: Option<String>,
    pub(super) name: String,
    /// The department above; `0`, the root, where it is left out.
    pub(super) parent_department_id: Option<String>,
    pub(super) order: Option<i64>,
}

/// Body of `larkspurDepartmentUpdate`; what is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateBody {
    pub(super) name: Option<String>,
    pub(super) parent_department_id: Option<String>,
    pub(super) order: Option<i64>,
}

/// Data of an answer about one department.
#[derive(Serialize)]
pub(super) struct DepartmentData<'a> {
    pub(super) department: Department<'a>,
}

/// A department.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct Department<'a> {
    pub(super) department_id: &'a str,
    pub(super) open_department_id: String,
    pub(super) tenant_id: &'a str,
    pub(super) name: &'a str,
    pub(super) parent_department_id: &'a str,
    pub(super) order: i64,
    pub(super) created_ms: i64,
}
