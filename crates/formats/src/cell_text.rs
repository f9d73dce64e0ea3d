//! The text a cell shows, as a line of comma-separated values writes it: numbers without a format keep
//! all their digits.

use larkspur_model::workbook::{Cell, CellStyle, NumberFormat, Value};

use crate::decimal_text::write_shortest;

/// How numbers of a style are written.
enum Shown {
    /// All digits.
    General,
    Formatted(NumberFormat),
}

/// Writes the texts of a workbook's cells.
pub(crate) struct CellTexts {
    styles: Vec<Shown>,
    digits: Vec<u8>,
}

impl CellTexts {
    /// For cells of these styles.
    pub(crate) fn new(styles: &[CellStyle]) -> Self {
        let shown = |style: &CellStyle| {
            let format = NumberFormat::parse(&style.number_format);
            if format.is_general() { Shown::General } else { Shown::Formatted(format) }
        };
        Self { styles: styles.iter().map(shown).collect(), digits: Vec::new() }
    }

    /// Appends the text of a cell.
    pub(crate) fn write(&mut self, cell: &Cell<'_>, text: &mut String) {
        let format = match self.styles.get(cell.style as usize) {
            Some(Shown::Formatted(format)) => Some(format),
            _ => None,
        };
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
