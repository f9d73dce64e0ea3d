//! Formulas: parsed tokens in postfix order ([MS-XLS] 2.2.2) become the text one would type.

mod functions;
mod reference;
mod tokens;

use std::fmt::Write as _;

use larkspur_model::workbook::CellError;

use self::functions::{USER_DEFINED, function, present_name};
use self::reference::{Sides, push_area, push_cell};
pub(super) use self::tokens::Tokens;
use super::code_page::CodePage;
use super::records::Biff;
use super::scope::{Place, Scope};

/// Bytes of the longest text; the programs of the time stopped at 1,024 characters.
const TEXT_BYTES: usize = 8 << 10;
/// Cells of an array within a formula.
const ARRAY_CELLS: usize = 4_096;

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    pub(super) row: u32,
    pub(super) column: u32,
}

/// Spells formulas out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speller<'s> {
    pub(super) biff: Biff,
    pub(super) page: &'s CodePage,
    pub(super) scope: &'s Scope,
}

/// The error of a number in a file ([MS-XLS] 2.5.10).
pub(super) const fn cell_error(number: u8) -> Option<CellError> {
    Some(match number {
        0x00 => CellError::Null,
        0x07 => CellError::DivisionByZero,
        0x0F => CellError::Value,
        0x17 => CellError::Reference,
        0x1D => CellError::Name,
        0x24 => CellError::Number,
        0x2A => CellError::NotAvailable,
        0x2B => CellError::GettingData,
        _ => return None,
    })
}

/// The text so far, and where in it each operand that waits for its operator starts.
#[derive(Default)]
struct Stack {
    text: String,
    starts: Vec<usize>,
}

impl Stack {
    /// Starts an operand, whose text is to be appended.
    fn open(&mut self) -> &mut String {
        self.starts.push(self.text.len());
        &mut self.text
    }

    /// Puts `operator` between the last two operands, which become one.
    fn join(&mut self, operator: &str) -> Option<()> {
        let right = self.starts.pop()?;
        self.starts.last()?;
        self.text.insert_str(right, operator);
        Some(())
    }

    /// Puts `before` and `after` around the last operand.
    fn wrap(&mut self, before: &str, after: &str) -> Option<()> {
        self.text.insert_str(*self.starts.last()?, before);
        self.text.push_str(after);
        Some(())
    }

    /// Makes the last `count` operands the arguments of `name`, or of what the first of them names.
    fn call(&mut self, name: Option<&str>, count: usize) -> Option<()> {
        let first = self.starts.len().checked_sub(count)?;
        let starts = self.starts.split_off(first);
        let at = starts.first().copied().unwrap_or(self.text.len());
        let tail = self.text.split_off(at);
        self.starts.push(at);
        let ends = starts.iter().skip(1).map(|start| start - at).chain([tail.len()]);
        let mut parts = starts.iter().zip(ends).map(|(start, end)| &tail[start - at..end]);
        self.text.push_str(match name {
            Some(name) => name,
            None => present_name(parts.next()?),
        });
        self.text.push('(');
        for (index, part) in parts.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.text.push_str(part);
        }
        self.text.push(')');
        Some(())
    }

    fn finish(self) -> Option<String> {
        (self.starts.len() == 1 && self.starts[0] == 0 && !self.text.is_empty())
            .then_some(self.text)
    }
}

impl Speller<'_> {
    /// The text of a formula whose tokens are `tokens`, with `extra` behind them; `None` where it has
    /// any that cannot be said. Offsets count from `home`, the place of one of the cells that share it.
    pub(super) fn spell(&self, tokens: &[u8], extra: &[u8], home: Home) -> Option<String> {
        let mut stack = Stack::default();
        let mut tokens = Tokens::new(tokens);
        let mut extra = Tokens::new(extra);
        while let Some(token) = tokens.u8() {
            self.token(token, &mut tokens, &mut extra, home, &mut stack)?;
            if stack.text.len() > TEXT_BYTES {
                return None;
            }
        }
        stack.finish()
    }

    fn token(
        &self,
        token: u8,
        tokens: &mut Tokens<'_>,
        extra: &mut Tokens<'_>,
        home: Home,
        stack: &mut Stack,
    ) -> Option<()> {
        // The class of an operand, its upper bits, does not matter for its text.
        let token = if token >= 0x40 { token & 0x1F | 0x20 } else { token };
        match token {
            0x03 => stack.join("+"),
            0x04 => stack.join("-"),
            0x05 => stack.join("*"),
            0x06 => stack.join("/"),
            0x07 => stack.join("^"),
            0x08 => stack.join("&"),
            0x09 => stack.join("<"),
            0x0A => stack.join("<="),
            0x0B => stack.join("="),
            0x0C => stack.join(">="),
            0x0D => stack.join(">"),
            0x0E => stack.join("<>"),
            0x0F => stack.join(" "),
            0x10 => stack.join(","),
            0x11 => stack.join(":"),
            0x12 => stack.wrap("+", ""),
            0x13 => stack.wrap("-", ""),
            0x14 => stack.wrap("", "%"),
            0x15 => stack.wrap("(", ")"),
            0x16 => {
                stack.open();
                Some(())
            }
            0x17 => self.text_constant(tokens, stack.open()),
            0x19 => self.attribute(tokens, stack),
            0x1C => {
                stack.open().push_str(cell_error(tokens.u8()?)?.text());
                Some(())
            }
            0x1D => {
                stack.open().push_str(if tokens.u8()? == 0 { "FALSE" } else { "TRUE" });
                Some(())
            }
            0x1E => write!(stack.open(), "{}", tokens.u16()?).ok(),
            0x1F => {
                push_number(tokens.f64()?, stack.open());
                Some(())
            }
            0x20 => {
                tokens.skip(if self.biff == Biff::V2 { 6 } else { 7 })?;
                self.array(extra, stack.open())
            }
            0x21 => self.function(tokens, stack),
            0x22 => self.variable_function(tokens, stack),
            _ => self.reference(token, tokens, extra, home, stack),
        }
    }

    fn text_constant(&self, tokens: &mut Tokens<'_>, out: &mut String) -> Option<()> {
        let length = usize::from(tokens.u8()?);
        let mut text = String::new();
        tokens.text(self.biff, length, self.page, &mut text)?;
        push_quoted(&text, out);
        Some(())
    }

    /// Hints on how to compute or show; one of them sums its operand up.
    fn attribute(&self, tokens: &mut Tokens<'_>, stack: &mut Stack) -> Option<()> {
        let flags = tokens.u8()?;
        let (number, width) = if self.biff == Biff::V2 {
            (usize::from(tokens.u8()?), 1)
        } else {
            (usize::from(tokens.u16()?), 2)
        };
        if flags & 0x04 != 0 {
            return tokens.skip((number + 1) * width);
        }
        if flags & 0x10 != 0 { stack.call(Some("SUM"), 1) } else { Some(()) }
    }

    fn function_number(&self, tokens: &mut Tokens<'_>) -> Option<u16> {
        if self.biff < Biff::V4 { tokens.u8().map(u16::from) } else { tokens.u16() }
    }

    fn function(&self, tokens: &mut Tokens<'_>, stack: &mut Stack) -> Option<()> {
        let function = function(self.function_number(tokens)?)?;
        stack.call(Some(function.name), function.arguments?)
    }

    fn variable_function(&self, tokens: &mut Tokens<'_>, stack: &mut Stack) -> Option<()> {
        let count = usize::from(tokens.u8()? & 0x7F);
        let number = self.function_number(tokens)?;
        if number == USER_DEFINED {
            return stack.call(None, count);
        }
        stack.call(Some(function(number)?.name), count)
    }

    fn reference(
        &self,
        token: u8,
        tokens: &mut Tokens<'_>,
        extra: &mut Tokens<'_>,
        home: Home,
        stack: &mut Stack,
    ) -> Option<()> {
        let sides = Sides { biff: self.biff, home };
        match token {
            0x23 => {
                let number = tokens.u16()?;
                tokens.skip(match self.biff {
                    Biff::V2 => 5,
                    Biff::V3 | Biff::V4 => 8,
                    Biff::V5 => 12,
                    Biff::V8 => 2,
                })?;
                stack.open().push_str(self.scope.name(number)?);
            }
            0x24 | 0x2C => push_cell(sides.cell(tokens, token == 0x2C)?, stack.open()),
            0x25 | 0x2D => {
                let (first, last) = sides.area(tokens, token == 0x2D)?;
                push_area(self.biff, first, last, stack.open());
            }
            // What follows says which cells; what was computed of them stands behind the tokens.
            0x26 => {
                tokens.skip(if self.biff == Biff::V2 { 4 } else { 6 })?;
                let areas = usize::from(extra.u16()?);
                extra.skip(areas * if self.biff == Biff::V8 { 8 } else { 6 })?;
            }
            0x27 | 0x28 | 0x2E | 0x2F => {
                tokens.skip(if self.biff == Biff::V2 { 4 } else { 6 })?;
            }
            0x29 => tokens.skip(if self.biff == Biff::V2 { 1 } else { 2 })?,
            0x2A => {
                tokens.skip(if self.biff == Biff::V8 { 4 } else { 3 })?;
                stack.open().push_str("#REF!");
            }
            0x2B => {
                tokens.skip(if self.biff == Biff::V8 { 8 } else { 6 })?;
                stack.open().push_str("#REF!");
            }
            0x39 => {
                let (place, name) = if self.biff == Biff::V8 {
                    let parts = (Place::Linked(tokens.u16()?), tokens.u16()?);
                    tokens.skip(2)?;
                    parts
                } else {
                    let sheet = Place::Sheet(tokens.u16()? as i16);
                    tokens.skip(8)?;
                    let parts = (sheet, tokens.u16()?);
                    tokens.skip(12)?;
                    parts
                };
                self.scope.push_linked_name(place, name, stack.open())?;
            }
            0x3A..=0x3D => self.outer_reference(token, tokens, sides, stack.open())?,
            _ => return None,
        }
        Some(())
    }

    /// A cell or an area of another sheet.
    fn outer_reference(
        &self,
        token: u8,
        tokens: &mut Tokens<'_>,
        sides: Sides,
        out: &mut String,
    ) -> Option<()> {
        let place = match self.biff {
            Biff::V8 => Place::Linked(tokens.u16()?),
            Biff::V5 => {
                let outer = tokens.u16()? as i16;
                tokens.skip(8)?;
                let (first, last) = (tokens.u16()?, tokens.u16()?);
                // Those of the own book name their sheets by number.
                if outer > 0 { Place::Sheet(outer) } else { Place::Own(first, last) }
            }
            Biff::V2 | Biff::V3 | Biff::V4 => return None,
        };
        let start = out.len();
        let known = self.scope.push_sheets(place, out)?;
        match token {
            0x3A => push_cell(sides.cell(tokens, false)?, out),
            0x3B => {
                let (first, last) = sides.area(tokens, false)?;
                push_area(self.biff, first, last, out);
            }
            0x3C => tokens.skip(if self.biff == Biff::V8 { 4 } else { 3 })?,
            _ => tokens.skip(if self.biff == Biff::V8 { 8 } else { 6 })?,
        }
        if !known {
            out.truncate(start);
        }
        if !known || token >= 0x3C {
            out.push_str("#REF!");
        }
        Some(())
    }

    /// A constant of several cells.
    fn array(&self, extra: &mut Tokens<'_>, out: &mut String) -> Option<()> {
        let (columns, rows) = (usize::from(extra.u8()?), usize::from(extra.u16()?));
        let (columns, rows) = if self.biff == Biff::V8 {
            (columns + 1, rows + 1)
        } else {
            (if columns == 0 { 256 } else { columns }, rows)
        };
        if columns * rows > ARRAY_CELLS {
            return None;
        }
        out.push('{');
        for cell in 0..columns * rows {
            if cell > 0 {
                out.push(if cell.is_multiple_of(columns) { ';' } else { ',' });
            }
            match extra.u8()? {
                0 => extra.skip(8)?,
                1 => push_number(extra.f64()?, out),
                2 => {
                    let length = if self.biff == Biff::V8 {
                        usize::from(extra.u16()?)
                    } else {
                        usize::from(extra.u8()?)
                    };
                    let mut text = String::new();
                    extra.text(self.biff, length, self.page, &mut text)?;
                    push_quoted(&text, out);
                }
                4 => {
                    out.push_str(if extra.u8()? == 0 { "FALSE" } else { "TRUE" });
                    extra.skip(7)?;
                }
                16 => {
                    out.push_str(cell_error(extra.u8()?)?.text());
                    extra.skip(7)?;
                }
                _ => return None,
            }
            if out.len() > TEXT_BYTES {
                return None;
            }
        }
        out.push('}');
        Some(())
    }
}

fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// A number as formulas write it: without more digits than it takes to read it back.
fn push_number(number: f64, out: &mut String) {
    if number != 0.0 && !(1e-5..1e16).contains(&number.abs()) {
        let text = format!("{number:E}");
        // A positive exponent has a sign in formulas.
        let text = if text.contains("E-") { text } else { text.replace('E', "E+") };
        out.push_str(&text);
    } else {
        let _ = write!(out, "{number}");
    }
}
