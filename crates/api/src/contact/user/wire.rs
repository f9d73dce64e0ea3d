//! Requests and answers about users exactly as the API spells them; a user itself is the area's.

use serde::{Deserialize, Serialize};

use super::super::wire::{Status, User};

/// Data of an answer about one user.
#[derive(Serialize)]
pub(super) struct UserData {
    pub(super) user: Option<User>,
}

/// Data of a page of users.
#[derive(Serialize)]
pub(super) struct UsersData {
    pub(super) has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) items: Vec<User>,
}

/// Body of `contactV3UserBatchGetId`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FindBody {
    pub(super) emails: Option<Vec<String>>,
    pub(super) mobiles: Option<Vec<String>>,
}

/// Data of `contactV3UserBatchGetId`.
#[derive(Serialize)]
pub(super) struct FindData {
    pub(super) user_list: Vec<Found>,
}

/// One of `user_list`; without `user_id` where nobody has the address.
#[derive(Serialize)]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status>,
}

/// Body of `contactV3UserCreate`. Serialised again to recognise a repeated request.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct CreateBody {
    pub(super) user_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) en_name: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) email: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) mobile_visible: Option<bool>,
    pub(super) gender: Option<i64>,
    pub(super) avatar_key: Option<String>,
    pub(super) department_ids: Option<Vec<String>>,
    pub(super) leader_user_id: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
    pub(super) work_station: Option<String>,
    pub(super) join_time: Option<i64>,
    pub(super) employee_no: Option<String>,
    pub(super) employee_type: Option<i64>,
    pub(super) orders: Option<Vec<PlaceOrder>>,
    pub(super) custom_attrs: Option<Vec<CustomAttr>>,
    pub(super) enterprise_email: Option<String>,
    pub(super) job_title: Option<String>,
    pub(super) geo: Option<String>,
    pub(super) job_level_id: Option<String>,
    pub(super) job_family_id: Option<String>,
    pub(super) subscription_ids: Option<Vec<String>>,
    pub(super) dotted_line_leader_user_ids: Option<Vec<String>>,
}

/// `user_order`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct PlaceOrder {
    pub(super) department_id: Option<String>,
    pub(super) user_order: i64,
    pub(super) department_order: i64,
    pub(super) is_primary_dept: bool,
}

/// `user_custom_attr`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct CustomAttr {
    pub(super) id: Option<String>,
    pub(super) value: Option<CustomAttrValue>,
}

/// `user_custom_attr_value`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct CustomAttrValue {
    pub(super) text: Option<String>,
    pub(super) url: Option<String>,
    pub(super) pc_url: Option<String>,
}
