//! Fields: the documented types, and what else makes one (contract, `bitable_field_types`).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A field of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// `fld` and seven characters.
    pub id: String,
    /// Its name; no other field of the table has it.
    pub name: String,
    /// What its values are.
    pub ui: UiType,
    /// What else is set about it.
    #[serde(default)]
    pub property: Property,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Which column of the stored cells holds its values, where it comes from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What stands between the options of such a cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
}

impl Field {
    /// A field with nothing set about it.
    pub fn new(name: impl Into<String>, ui: UiType) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            ui,
            property: Property::default(),
            description: String::new(),
            column: None,
            separator: None,
        }
    }

    /// The automatic number of the record at `place`, in the form the field has.
    pub fn counted(&self, place: u64, created_ms: i64, offset_ms: i64) -> String {
        let number = place + 1;
        let serial = self.property.auto_serial.as_ref().filter(|serial| serial.kind == "custom");
        let Some(parts) = serial.and_then(|serial| serial.options.as_ref()) else {
            return number.to_string();
        };
        let mut text = String::new();
        for part in parts {
            match part.kind.as_str() {
                "system_number" => {
                    let digits: usize = part.value.parse().unwrap_or(1);
                    // Writing to a string never fails.
                    let _ = write!(text, "{number:0width$}", width = digits.min(9));
                }
                "created_time" => text.push_str(&written_date(&part.value, created_ms + offset_ms)),
                _ => text.push_str(&part.value),
            }
        }
        text
    }
}

/// A date in one of the forms of automatic numbers: `yyyyMMdd`, `yyyyMM`, `yyyy`, `MMdd`, `MM`, `dd`.
fn written_date(form: &str, local_ms: i64) -> String {
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(local_ms.div_euclid(1_000)) else {
        return String::new();
    };
    form.replace("yyyy", &format!("{:04}", moment.year()))
        .replace("MM", &format!("{:02}", u8::from(moment.month())))
        .replace("dd", &format!("{:02}", moment.day()))
}

macro_rules! ui_types {
    ($($name:ident $number:literal,)*) => {
        /// What the values of a field are: the type, and how it is used.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the platform's own names")]
        pub enum UiType { $($name,)* }

        impl UiType {
            /// Every one; of those that share a type, the usual one first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// `ui_type` on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// `type` on the wire.
            pub const fn number(self) -> i64 {
                match self { $(Self::$name => $number,)* }
            }
        }
    };
}

ui_types! {
    Text 1,
    Email 1,
    Barcode 1,
    Number 2,
    Progress 2,
    Currency 2,
    Rating 2,
    SingleSelect 3,
    MultiSelect 4,
    DateTime 5,
    Checkbox 7,
    User 11,
    Phone 13,
    Url 15,
    Attachment 17,
    SingleLink 18,
    Lookup 19,
    Formula 20,
    DuplexLink 21,
    Location 22,
    GroupChat 23,
    Stage 24,
    CreatedTime 1001,
    ModifiedTime 1002,
    CreatedUser 1003,
    ModifiedUser 1004,
    AutoNumber 1005,
    Button 3001,
}

impl UiType {
    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ui| ui.name() == name)
    }

    /// The usual one of this type.
    pub fn usual(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|ui| ui.number() == number)
    }

    /// Whether the first field of a table may be of it.
    pub const fn may_be_primary(self) -> bool {
        matches!(self.number(), 1 | 2 | 5 | 13 | 15 | 20 | 22)
    }

    /// Whether the server gives its values, and nobody writes them.
    pub const fn is_computed(self) -> bool {
        matches!(
            self,
            Self::Lookup
                | Self::Formula
                | Self::Stage
                | Self::Button
                | Self::CreatedTime
                | Self::ModifiedTime
                | Self::CreatedUser
                | Self::ModifiedUser
                | Self::AutoNumber
        )
    }
}

/// What is set about a field, as the platform spells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the platform's own names, explained by the contract")]
pub struct Property {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<SelectOption>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_formatter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_fill: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_field_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_serial: Option<AutoSerial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_edit_modes: Option<EditModes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range_customize: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
}

/// An option of a select field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectOption {
    /// `opt` and seven characters.
    #[serde(default)]
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// 0 to 54.
    #[serde(default)]
    pub color: i64,
}

/// How automatic numbers are made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoSerial {
    /// `auto_increment_number` or `custom`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The parts of a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<AutoSerialOption>>,
}

/// A part of a custom automatic number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoSerialOption {
    /// `system_number`, `fixed_text` or `created_time`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Digits of the number, the text, or how the time is written.
    pub value: String,
}

/// Where locations may come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// `only_mobile` or `not_limit`.
    pub input_type: String,
}

/// How bar codes may be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditModes {
    /// By hand.
    pub manual: bool,
    /// With a camera.
    pub scan: bool,
}

impl Default for EditModes {
    fn default() -> Self {
        Self { manual: true, scan: true }
    }
}

/// How ratings look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rating {
    /// `star`, `heart`, ...
    pub symbol: String,
}

impl Default for Rating {
    fn default() -> Self {
        Self { symbol: "star".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_numbers_take_the_form_that_is_set() {
        let mut field = Field::new("No", UiType::AutoNumber);
        assert_eq!(field.counted(16, 0, 0), "17");
        let part = |kind: &str, value: &str| AutoSerialOption {
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        field.property.auto_serial = Some(AutoSerial {
            kind: "custom".to_owned(),
            options: Some(vec![
                part("fixed_text", "ORD-"),
                part("created_time", "yyyyMMdd"),
                part("system_number", "3"),
            ]),
        });
        assert_eq!(field.counted(16, 1_795_244_000_000, 28_800_000), "ORD-20261121017");
    }

    #[test]
    fn the_types_are_the_contracts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("the contract is not beside the repository: 1 comparison not run");
            return;
        };
        for ui in UiType::ALL {
            assert!(text.contains(&format!("\"{}\"", ui.name())), "{ui:?}");
            assert!(text.contains(&format!("\"type\": {}", ui.number())), "{ui:?}");
            assert_eq!(UiType::parse(ui.name()), Some(*ui));
        }
        assert_eq!(UiType::usual(1), Some(UiType::Text));
        assert_eq!(UiType::usual(2), Some(UiType::Number));
        assert_eq!(UiType::usual(6), None);
    }
}
