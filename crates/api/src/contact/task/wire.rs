//! Batches exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of `contactV2UserBatchAdd`.
#[derive(Debug, Deserialize)]
pub(super) struct AddUsersBody {
    pub(super) users: Option<Vec<UserItem>>,
    pub(super) need_send_notification: Option<bool>,
}

/// One of `users`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserItem {
    pub(super) name: Option<String>,
    pub(super) departments: Option<Vec<String>>,
    pub(super) user_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) mobile_visible: Option<bool>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
    pub(super) gender: Option<i64>,
    pub(super) employee_type: Option<i64>,
    pub(super) join_time: Option<i64>,
    pub(super) leader_user_id: Option<String>,
    pub(super) leader_open_id: Option<String>,
    pub(super) employee_no: Option<String>,
    pub(super) custom_attrs: Option<Vec<CustomAttr>>,
    pub(super) work_station: Option<String>,
}

/// One of `custom_attrs`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CustomAttr {
    pub(super) id: Option<String>,
    pub(super) value: Option<CustomAttrValue>,
}

/// `value` of a custom attribute.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CustomAttrValue {
    pub(super) text: Option<String>,
    pub(super) url: Option<String>,
    pub(super) pc_url: Option<String>,
}

/// Body of `contactV2DepartmentBatchAdd`.
#[derive(Debug, Deserialize)]
pub(super) struct AddDepartmentsBody {
    pub(super) departments: Option<Vec<Department>>,
}

/// One of `departments`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Department {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) parent_id: Option<String>,
    pub(super) leader_user_id: Option<String>,
    pub(super) leader_open_id: Option<String>,
    pub(super) create_group_chat: Option<bool>,
}

/// Data of both.
#[derive(Serialize)]
pub(super) struct AddData {
    pub(super) task_id: String,
}

/// Data of `contactV2TaskGet`.
#[derive(Serialize)]
pub(super) struct TaskData<'a> {
    pub(super) task_id: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) status: i64,
    pub(super) progress: i64,
    pub(super) total_num: i64,
    pub(super) success_num: i64,
    pub(super) fail_num: i64,
    pub(super) create_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finish_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_info: Option<Vec<Item>>,
}

/// One of `task_info`. A failed item has neither `action` nor `open_id`.
#[derive(Serialize)]
pub(super) struct Item {
    pub(super) code: i64,
    pub(super) msg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<i64>,
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) of: ItemOf,
}

/// What only items of users, or of departments, have.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ItemOf {
    /// Of `add_user`.
    User {
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<String>,
        mobile: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_id: Option<String>,
        departments: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        open_id: Option<String>,
    },
    /// Of `add_department`.
    Department {
        #[serde(skip_serializing_if = "Option::is_none")]
        department_id: Option<String>,
        parent_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        chat_id: Option<String>,
    },
}
