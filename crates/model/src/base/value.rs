//! Values of records, as they are kept. How each is written and read on the wire is the API's.

use serde::{Deserialize, Serialize};

/// The value of a record in a field. An empty cell has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text, an email address, a bar code, a telephone number, the one option of a single select, or
    /// a place as `longitude,latitude`.
    Text(String),
    /// A number.
    Number(#[serde(with = "exact")] f64),
    /// The options of a multiple select.
    Options(Vec<String>),
    /// A moment, milliseconds since the epoch.
    Moment(i64),
    /// Whether a box is checked.
    Flag(bool),
    /// Persons, as the server names them: `user:…`.
    People(Vec<String>),
    /// Groups: `oc_…`.
    Chats(Vec<String>),
    /// A link, and the text that stands for it.
    Link {
        /// The text.
        text: String,
        /// Where it leads.
        link: String,
    },
    /// Files.
    Files(Vec<Attachment>),
    /// Records of another table, by their ids.
    Records(Vec<String>),
}

/// A file in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its token.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size, bytes.
    pub size_bytes: i64,
}

/// Numbers as the shortest text that reads back as the same: readers of JSON numbers round some of
/// 17 digits wrongly.
mod exact {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
    pub(super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
