//! Requests and answers about departments exactly as the API spells them; a department itself is the
//! area's.

use serde::{Deserialize, Serialize};

use super::super::wire::{DepartmentLeader, DepartmentShown, I18nName};

/// Data of an answer about one department.
#[derive(Serialize)]
pub(super) struct DepartmentData {
    pub(super) department: Option<DepartmentShown>,
}

/// Data of a page of departments.
#[derive(Serialize)]
pub(super) struct DepartmentsData {
    pub(super) has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) items: Vec<DepartmentShown>,
}

/// Body of `contactV3DepartmentCreate`. Serialised again to recognise a repeated request.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct CreateBody {
    pub(super) name: Option<String>,
    pub(super) i18n_name: Option<I18nName>,
    pub(super) parent_department_id: Option<String>,
    pub(super) department_id: Option<String>,
    pub(super) leader_user_id: Option<String>,
    pub(super) order: Option<String>,
    pub(super) unit_ids: Option<Vec<String>>,
    pub(super) create_group_chat: Option<bool>,
    pub(super) leaders: Option<Vec<DepartmentLeader>>,
    pub(super) group_chat_employee_types: Option<Vec<i64>>,
    pub(super) department_hrbps: Option<Vec<String>>,
}
