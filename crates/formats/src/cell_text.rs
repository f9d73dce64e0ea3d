//! The text a cell shows, as a line of comma-separated values writes it: numbers without a format keep
//! all their digits.

use larkspur_model::workbook::{Cell, CellStyle, NumberFormat, Value};

use crate::decimal_text::write_shortest;

/// Writes the texts of a workbook's cells.
pub(crate) struct CellTexts {
    /// The format of each style; none where numbers keep all their digits.
    formats: Vec<Option<NumberFormat>>,
    digits: Vec<u8>,
}

impl CellTexts {
    /// For cells of these styles.
    pub(crate) fn new(styles: &[CellStyle]) -> Self {
        let format = |style: &CellStyle| {
            let format = NumberFormat::parse(&style.number_format);
            (!format.is_general()).then_some(format)
        };
        Self { formats: styles.iter().map(format).collect(), digits: Vec::new() }
    }

    /// The format in which cells of a style are shown; none where they are written as they are.
    pub(crate) fn format(&self, style: u32) -> Option<&NumberFormat> {
        self.formats.get(style as usize)?.as_ref()
    }

    /// Appends the text of a cell.
    pub(crate) fn write(&mut self, cell: &Cell<'_>, text: &mut String) {
        let format = self.formats.get(cell.style as usize).and_then(Option::as_ref);
        match cell.value {
            Value::Empty => {}
            Value::Number(number) => match format {
                // A date no calendar has is still a number.
                Some(format) if !format.is_date() || format.shows_date(number) => {
                    format.write_number(number, text);
                }
                _ => {
                    self.digits.clear();
                    write_shortest(&mut self.digits, number);
                    text.extend(self.digits.iter().map(|&digit| char::from(digit)));
                }
            },
            Value::Text(own) => match format {
                Some(format) if !format.keeps_text() => format.write_text(own, text),
                _ => text.push_str(own),
            },
            Value::Rich(rich) => text.push_str(&rich.text()),
            Value::Bool(true) => text.push_str("TRUE"),
            Value::Bool(false) => text.push_str("FALSE"),
            Value::Error(error) => text.push_str(error.text()),
        }
    }
}
