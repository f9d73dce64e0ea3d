//! Requests and answers about contact ranges, custom attributes and the outbox.

use larkspur_store::contacts::Message;
use serde::{Deserialize, Serialize};

/// Body of `larkspurContactRangeSet`; no departments: the app reaches everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeBody {
    pub(super) tenant_id: Option<String>,
    pub(super) department_ids: Vec<String>,
}

/// Data of both operations on a range.
#[derive(Serialize)]
pub(super) struct RangeData {
    pub(super) department_ids: Vec<String>,
}

/// Body of `larkspurCustomAttrSet`, and data of both operations on attributes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant_id: Option<String>,
    pub(super) custom_attrs: Vec<AttributeWire>,
}

/// A custom attribute.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeWire {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    /// `TEXT` or `HREF`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default = "enabled")]
    pub(super) enabled: bool,
}

const fn enabled() -> bool {
    true
}

/// A message of the outbox.
#[derive(Serialize)]
pub(super) struct MessageWire {
    pub(super) message_id: String,
    app_id: String,
    /// `sms` or `email`.
    kind: String,
    user_id: String,
    recipient: String,
    text: String,
    created_ms: i64,
}

impl From<Message> for MessageWire {
    fn from(message: Message) -> Self {
        Self {
            message_id: message.id.to_string(),
            app_id: message.app.0,
            kind: message.kind,
            user_id: message.user,
            recipient: message.recipient,
            text: message.text,
            created_ms: message.created_ms,
        }
    }
}
