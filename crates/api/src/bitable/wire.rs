//! Bases exactly as the API spells them. Values of records are in `show` and `write`.

use larkspur_model::base::{Field, Property, UiType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Data of `bitableAppGet` and `bitableAppCreate`.
#[derive(Serialize)]
pub(super) struct AppData<T> {
    pub(super) app: T,
}

/// `display_app`.
#[derive(Serialize)]
pub(super) struct DisplayApp<'a> {
    pub(super) app_token: &'a str,
    pub(super) name: &'a str,
    pub(super) revision: i64,
    pub(super) is_advanced: bool,
    pub(super) time_zone: &'a str,
    pub(super) formula_type: i64,
    pub(super) advance_version: &'a str,
}

/// `app`.
#[derive(Serialize)]
pub(super) struct CreatedApp<'a> {
    pub(super) app_token: &'a str,
    pub(super) name: &'a str,
    pub(super) folder_token: &'a str,
    pub(super) url: &'a str,
    pub(super) default_table_id: &'a str,
    pub(super) time_zone: &'a str,
}

/// Body of `bitableAppCreate`.
#[derive(Deserialize)]
pub(super) struct CreateAppBody {
    pub(super) name: Option<String>,
    pub(super) folder_token: Option<String>,
    pub(super) time_zone: Option<String>,
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct PageData<T> {
    pub(super) has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) total: usize,
    pub(super) items: Vec<T>,
}

/// `app.table`.
#[derive(Serialize)]
pub(super) struct WireTable<'a> {
    pub(super) table_id: &'a str,
    pub(super) revision: i64,
    pub(super) name: &'a str,
}

/// Body of `bitableAppTableCreate`.
#[derive(Deserialize)]
pub(super) struct CreateTableBody {
    pub(super) table: Option<TableBody>,
}

/// `req_table`.
#[derive(Deserialize)]
pub(super) struct TableBody {
    pub(super) name: Option<String>,
    pub(super) default_view_name: Option<String>,
    pub(super) fields: Option<Vec<FieldBody>>,
}

/// Body of `bitableAppTableFieldCreate`; a field of a new table.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FieldBody {
    pub(super) field_name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<i64>,
    pub(super) ui_type: Option<String>,
    pub(super) property: Option<Property>,
    pub(super) description: Option<Value>,
}

/// Data of `bitableAppTableCreate`.
#[derive(Serialize)]
pub(super) struct CreateTableData<'a> {
    pub(super) table_id: &'a str,
    pub(super) default_view_id: &'a str,
    pub(super) field_id_list: Vec<&'a str>,
}

/// `app.table.field`.
#[derive(Serialize)]
pub(super) struct WireField<'a> {
    pub(super) field_id: &'a str,
    pub(super) field_name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: i64,
    pub(super) ui_type: &'a str,
    pub(super) is_primary: bool,
    pub(super) is_hidden: bool,
    pub(super) property: Option<&'a Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Value>,
}

impl<'a> WireField<'a> {
    /// `described` makes the description what the page has for it.
    pub(super) fn new(
        field: &'a Field,
        is_primary: bool,
        described: impl FnOnce(&str) -> Value,
    ) -> Self {
        let has_property = !matches!(
            field.ui,
            UiType::Text
                | UiType::Email
                | UiType::Checkbox
                | UiType::Phone
                | UiType::Url
                | UiType::Attachment
                | UiType::Lookup
                | UiType::CreatedUser
                | UiType::ModifiedUser
        );
        let description = field.description.as_str();
        Self {
            field_id: &field.id,
            field_name: &field.name,
            kind: field.ui.number(),
            ui_type: field.ui.name(),
            is_primary,
            is_hidden: false,
            property: has_property.then_some(&field.property),
            description: (!description.is_empty()).then(|| described(description)),
        }
    }
}

/// Data of `bitableAppTableFieldCreate`.
#[derive(Serialize)]
pub(super) struct FieldData<'a> {
    pub(super) field: WireField<'a>,
}

/// `app.table.view`.
#[expect(clippy::struct_field_names, reason = "named as the contract has them")]
#[derive(Serialize)]
pub(super) struct WireView<'a> {
    pub(super) view_id: &'a str,
    pub(super) view_name: &'a str,
    pub(super) view_type: &'a str,
    pub(super) view_public_level: &'a str,
}

/// Body of `bitableAppTableRecordCreate`; a record of a batch.
#[derive(Serialize, Deserialize)]
pub(super) struct RecordBody {
    pub(super) fields: Option<Map<String, Value>>,
}

/// Body of `bitableAppTableRecordBatchCreate`.
#[derive(Serialize, Deserialize)]
pub(super) struct BatchBody {
    pub(super) records: Option<Vec<RecordBody>>,
}

/// Body of `bitableAppTableRecordSearch`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchBody {
    pub(super) view_id: Option<String>,
    pub(super) field_names: Option<Vec<String>>,
    pub(super) sort: Option<Vec<SortBody>>,
    pub(super) filter: Option<FilterBody>,
    pub(super) automatic_fields: Option<bool>,
}

/// `sort`.
#[derive(Deserialize)]
pub(super) struct SortBody {
    pub(super) field_name: Option<String>,
    pub(super) desc: Option<bool>,
}

/// `filter_info`, and one of its children.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct FilterBody {
    pub(super) conjunction: Option<String>,
    pub(super) conditions: Option<Vec<ConditionBody>>,
    pub(super) children: Option<Vec<FilterBody>>,
}

/// `condition`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ConditionBody {
    pub(super) field_name: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) value: Option<Vec<String>>,
}

/// Body of `bitableAppTableRecordBatchGet`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct BatchGetBody {
    pub(super) record_ids: Option<Vec<String>>,
    pub(super) user_id_type: Option<String>,
    pub(super) with_shared_url: Option<bool>,
    pub(super) automatic_fields: Option<bool>,
}
