//! Users and departments of the newer operations exactly as the API spells them. What is shown to
//! whom is decided in `shown`.
#![expect(clippy::struct_field_names, reason = "the names are the platform's")]

use serde::{Deserialize, Serialize};

/// `user`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct User {
    pub(super) union_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    pub(super) open_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) en_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mobile: Option<String>,
    pub(super) mobile_visible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gender: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) avatar: Option<Avatar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leader_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) work_station: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) join_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_tenant_manager: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) employee_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) employee_type: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) orders: Option<Vec<PlaceOrder>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_attrs: Option<Vec<CustomAttr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) job_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_path: Option<Vec<DepartmentDetail>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dotted_line_leader_user_ids: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Avatar {
    pub(super) avatar_72: String,
    pub(super) avatar_240: String,
    pub(super) avatar_640: String,
    pub(super) avatar_origin: String,
}

/// `user_status`.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    pub(super) is_frozen: bool,
    pub(super) is_resigned: bool,
    pub(super) is_activated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_exited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_unjoin: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct PlaceOrder {
    pub(super) department_id: String,
    pub(super) user_order: i64,
    pub(super) department_order: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_primary_dept: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct CustomAttr {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) value: CustomAttrValue,
}

#[derive(Debug, Serialize)]
pub(super) struct CustomAttrValue {
    pub(super) text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) pc_url: String,
}

#[derive(Debug, Serialize)]
pub(super) struct DepartmentDetail {
    pub(super) department_id: String,
    pub(super) department_name: PathName,
    pub(super) department_path: Path,
}

#[derive(Debug, Serialize)]
pub(super) struct PathName {
    pub(super) name: String,
    pub(super) i18n_name: I18nName,
}

#[derive(Debug, Serialize)]
pub(super) struct Path {
    pub(super) department_ids: Vec<String>,
    pub(super) department_path_name: PathName,
}

/// `department_i18n_name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct I18nName {
    pub(crate) zh_cn: String,
    pub(crate) ja_jp: String,
    pub(crate) en_us: String,
}

/// `departmentLeader`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DepartmentLeader {
    #[serde(rename = "leaderType")]
    pub(crate) kind: i64,
    #[serde(rename = "leaderID")]
    pub(crate) id: String,
}

/// What only the newer operations know of a department, as the book keeps it; users by their ids in
/// the tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct More {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) i18n_name: Option<I18nName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) leaders: Vec<DepartmentLeader>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) group_chat_employee_types: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) department_hrbps: Vec<String>,
}

/// `department`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct DepartmentShown {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) i18n_name: Option<I18nName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_department_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_id: Option<String>,
    pub(super) open_department_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leader_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chat_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<DepartmentStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) leaders: Vec<DepartmentLeader>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) group_chat_employee_types: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) department_hrbps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) primary_member_count: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct DepartmentStatus {
    pub(super) is_deleted: bool,
}
