//! What a stored cell means in its field.

use larkspur_model::base::{Field, UiType, Value};
use larkspur_model::workbook::{Cell, CellStyle, Value as CellValue};

use super::shape::{self, Shape};
use crate::cell_text::CellTexts;

/// Reads the cells of an import as values. A cell is kept as the file wrote it; its field says what it
/// means.
pub struct ValueReader {
    texts: CellTexts,
    dates: Vec<bool>,
    offset_ms: i64,
}

impl ValueReader {
    /// For cells of these styles, with dates of a zone that is `offset_ms` ahead of UTC.
    pub fn new(styles: &[CellStyle], offset_ms: i64) -> Self {
        let is_date = |style: &CellStyle| matches!(Shape::of(&style.number_format), Shape::Date(_));
        Self {
            texts: CellTexts::new(styles),
            dates: styles.iter().map(is_date).collect(),
            offset_ms,
        }
    }

    /// The text a cell shows.
    pub fn text(&mut self, cell: &Cell<'_>) -> String {
        let mut text = String::new();
        self.texts.write(cell, &mut text);
        text
    }

    /// The value of a cell in `field`, where it has one; `link` is where the cell leads.
    pub fn value(&mut self, field: &Field, cell: &Cell<'_>, link: Option<&str>) -> Option<Value> {
        match field.ui.number() {
            // Calls of pictures, which are attached to the record.
            17 => None,
            2 => match cell.value {
                CellValue::Number(number) => Some(Value::Number(number)),
                CellValue::Text(text) => {
                    shape::money(text).map(|(number, _)| Value::Number(number))
                }
                _ => None,
            },
            5 => {
                let serial = match cell.value {
                    CellValue::Number(number) if self.is_date(cell.style) => number,
                    CellValue::Text(text) => shape::date(text)?.0,
                    _ => return None,
                };
                Some(Value::Moment(shape::moment(serial, self.offset_ms)))
            }
            7 => match cell.value {
                CellValue::Bool(flag) => Some(Value::Flag(flag)),
                _ => None,
            },
            _ => {
                let text = self.text(cell);
                if text.is_empty() {
                    return None;
                }
                Some(worded(field, text, link))
            }
        }
    }

    fn is_date(&self, style: u32) -> bool {
        self.dates.get(style as usize).copied().unwrap_or(false)
    }
}

/// The value of a text that is not empty.
fn worded(field: &Field, text: String, link: Option<&str>) -> Value {
    match (field.ui, field.separator, link) {
        (UiType::MultiSelect, Some(separator), _) => {
            Value::Options(text.split(separator).map(|tag| tag.trim().to_owned()).collect())
        }
        (UiType::MultiSelect, None, _) => Value::Options(vec![text]),
        (UiType::Url, _, None) => {
            let link =
                if text.starts_with("www.") { format!("http://{text}") } else { text.clone() };
            Value::Link { text, link }
        }
        (UiType::Url | UiType::Text, _, Some(link)) => Value::Link { text, link: link.to_owned() },
        _ => Value::Text(text),
    }
}
