//! Number formats: the codes with which spreadsheets say how a number, date or text is shown
//! (ECMA-376 part 1, 18.8.30 and 18.8.31, and what Excel does where that is silent).

mod date;
mod decimal;
mod general;
mod numeric;
mod parse;
mod section;

use self::decimal::Decimal;
use self::section::{Condition, Kind, Section};

/// The first serial number past 9999-12-31, the last date a spreadsheet can show.
const DATE_END: f64 = 2_958_466.0;

/// A number format code, parsed once and used for many cells.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberFormat {
    /// Sections for numbers: one to three; tried in order.
    numbers: Vec<Section>,
    /// The section for text, where the code has one.
    text: Option<Section>,
    shortcut: Shortcut,
}

/// Formats that are met millions of times and need no walk over tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shortcut {
    None,
    General,
    /// `0`, `0.0`, `#,##0.00`, ...: how many decimals, and whether commas stand between thousands.
    Fixed(u8, bool),
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self::parse("")
    }
}

impl NumberFormat {
    /// Parses a code. Nothing is refused: what no spreadsheet would accept is shown as it stands.
    pub fn parse(code: &str) -> Self {
        parse::parse(code)
    }

    /// Whether numbers are shown as dates, times or durations.
    pub fn is_date(&self) -> bool {
        self.numbers.iter().any(|section| section.kind == Kind::Date)
    }

    /// Whether this is General, the format of cells that have none.
    pub fn is_general(&self) -> bool {
        self.shortcut == Shortcut::General
    }

    /// Whether this is a format for text alone (`@`).
    pub fn is_text(&self) -> bool {
        self.text.is_some() && self.numbers.iter().all(|section| section.kind == Kind::Text)
    }

    /// What a spreadsheet shows for a number, in a column wide enough.
    pub fn format_number(&self, value: f64) -> String {
        let mut shown = String::new();
        self.write_number(value, &mut shown);
        shown
    }

    /// Appends what a spreadsheet shows for a number.
    ///
    /// Dates are days since 1899-12-30, except that serials below 60 are shown one day later, as
    /// spreadsheets do since 1900 was taken for a leap year. A date that cannot be shown (negative,
    /// or past the year 9999) becomes a row of `#`.
    pub fn write_number(&self, value: f64, shown: &mut String) {
        if !value.is_finite() {
            shown.push_str("#NUM!");
            return;
        }
        match self.shortcut {
            Shortcut::General => return general::write(value, shown),
            Shortcut::Fixed(decimals, thousands) => {
                if decimal::write_fixed(value, decimals, thousands, shown) {
                    return;
                }
            }
            Shortcut::None => {}
        }
        let Some((section, minus)) = self.section_for(value) else { return };
        match section.kind {
            Kind::Text => general::write(value, shown),
            Kind::Date => {
                if (0.0..DATE_END).contains(&value) {
                    date::write(section, value, shown);
                } else {
                    shown.push_str("########");
                }
            }
            Kind::General => {
                if minus {
                    shown.push('-');
                }
                numeric::write_general(section, value.abs(), shown);
            }
            Kind::Number | Kind::Scientific | Kind::Fraction => {
                if minus {
                    shown.push('-');
                }
                numeric::write(section, &Decimal::from_number(value.abs()), shown);
            }
        }
    }

    /// Whether [`Self::write_number`] has a date to show for this number.
    pub fn shows_date(&self, value: f64) -> bool {
        (0.0..DATE_END).contains(&value)
            && self.section_for(value).is_some_and(|(section, _)| section.kind == Kind::Date)
    }

    /// What a spreadsheet shows for a text.
    pub fn format_text(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        self.write_text(text, &mut shown);
        shown
    }

    /// Appends what a spreadsheet shows for a text.
    pub fn write_text(&self, text: &str, shown: &mut String) {
        match &self.text {
            Some(section) => numeric::write_text(section, text, shown),
            None => shown.push_str(text),
        }
    }

    /// Whether text is shown as it is.
    pub fn keeps_text(&self) -> bool {
        self.text.as_ref().is_none_or(Section::is_plain_text)
    }

    /// The section that shows `value`, and whether a minus goes before it.
    fn section_for(&self, value: f64) -> Option<(&Section, bool)> {
        // Adding zero makes a negative zero an ordinary one.
        let value = value + 0.0;
        let negative = value < 0.0;
        let sections = self.numbers.as_slice();
        let conditional = sections.iter().take(2).any(|section| section.condition.is_some());
        if !conditional {
            return match sections {
                [only] => Some((only, negative)),
                [_, below, ..] if negative => Some((below, false)),
                [_, _, zero] if value == 0.0 => Some((zero, false)),
                [above, ..] => Some((above, false)),
                [] => None,
            };
        }
        let index = sections
            .iter()
            .position(|section| section.condition.is_some_and(|condition| condition.holds(value)))
            .or_else(|| {
                // Without a condition of its own the second of three sections is for negatives.
                let second_is_negative =
                    sections.len() == 3 && sections[1].condition.is_none() && negative;
                if second_is_negative { Some(1) } else { sections.len().checked_sub(1) }
            })?;
        let section = sections.get(index)?;
        let only_negative = section.condition.is_some_and(Condition::only_negative)
            || (index == 1 && sections.len() == 3 && section.condition.is_none());
        Some((section, negative && !only_negative))
    }
}

#[cfg(test)]
mod tests;
