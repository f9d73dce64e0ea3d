//! What a column has held so far: one look at every cell, and a memory that does not grow with their
//! number.

use std::collections::HashMap;

use larkspur_model::workbook::{Cell, Value};

use super::shape::{DateOrder, DateShape, NumberShape, Shape, date, money};

/// Different texts that are remembered, to find out whether few of them repeat.
const MOST_DISTINCT: usize = 1_000;
/// Bytes of a text that may be an option's name.
const OPTION_BYTES: usize = 160;

/// What a column has held.
#[derive(Debug)]
pub(super) struct Column {
    /// Cells that hold anything.
    pub(super) cells: u64,
    /// Those that are numbers, money written as text among them.
    pub(super) numbers: u64,
    /// Those that are dates, written as text or not.
    pub(super) dates: u64,
    /// Those that are true or false.
    pub(super) flags: u64,
    /// Those that are text.
    pub(super) texts: u64,
    /// Those that are web addresses, mail addresses, digits such as telephones take, and digits that
    /// are a mobile telephone's.
    pub(super) urls: u64,
    pub(super) emails: u64,
    pub(super) phones: u64,
    pub(super) mobiles: u64,
    /// Whole numbers written as digits alone, and how many digits those have.
    pub(super) plain: u64,
    pub(super) digits: (u32, u32),
    /// How the numbers are written.
    pub(super) decimals: u8,
    pub(super) thousands: u64,
    pub(super) percents: u64,
    pub(super) currencies: HashMap<&'static str, u64>,
    /// How the dates are written.
    pub(super) timed: u64,
    pub(super) orders: [u64; DateOrder::ALL.len()],
    /// The texts, by the order they came in, unless they are too many or too long for options.
    distinct: Option<HashMap<Box<str>, (u32, u64)>>,
}

impl Default for Column {
    fn default() -> Self {
        Self {
            cells: 0,
            numbers: 0,
            dates: 0,
            flags: 0,
            texts: 0,
            urls: 0,
            emails: 0,
            phones: 0,
            mobiles: 0,
            plain: 0,
            digits: (u32::MAX, 0),
            decimals: 0,
            thousands: 0,
            percents: 0,
            currencies: HashMap::new(),
            timed: 0,
            orders: [0; DateOrder::ALL.len()],
            distinct: Some(HashMap::new()),
        }
    }
}

impl Column {
    /// Takes note of a cell whose style makes numbers `shape`.
    pub(super) fn see(&mut self, cell: &Cell<'_>, shape: Shape) {
        match cell.value {
            Value::Empty | Value::Text("") => return,
            Value::Number(number) => self.see_number(number, shape),
            Value::Bool(_) => self.flags += 1,
            Value::Text(text) => self.see_text(text),
            Value::Rich(rich) => self.see_text(&rich.text()),
            Value::Error(_) => self.distinct = None,
        }
        self.cells += 1;
    }

    fn see_number(&mut self, number: f64, shape: Shape) {
        // Options are texts; a column of both has none.
        self.distinct = None;
        match shape {
            Shape::Number(shape) => {
                self.numbers += 1;
                self.note_number(number, shape);
            }
            // What is no day, or one before spreadsheets agree on them, stays as it is shown.
            Shape::Date(shape) if (61.0..2_958_466.0).contains(&number) => self.note_date(shape),
            Shape::Date(_) | Shape::Time | Shape::Text => {}
        }
    }

    fn note_number(&mut self, number: f64, shape: NumberShape) {
        let decimals = shape.decimals.unwrap_or_else(|| decimals_of(number));
        self.decimals = self.decimals.max(decimals);
        self.thousands += u64::from(shape.thousands);
        self.percents += u64::from(shape.percent);
        if let Some(currency) = shape.currency {
            *self.currencies.entry(currency).or_default() += 1;
        }
        let bare = !shape.thousands && !shape.percent && shape.currency.is_none() && decimals == 0;
        if bare && (0.0..1e15).contains(&number) && number.fract() == 0.0 {
            let number = number as u64;
            let digits = number.checked_ilog10().unwrap_or(0) + 1;
            self.plain += 1;
            self.digits = (self.digits.0.min(digits), self.digits.1.max(digits));
            self.phones += u64::from(digits >= 5);
            let mobile = (13_000_000_000..20_000_000_000).contains(&number);
            self.mobiles += u64::from(mobile);
        }
    }

    fn note_date(&mut self, shape: DateShape) {
        self.dates += 1;
        self.timed += u64::from(shape.timed);
        if let Some(at) = DateOrder::ALL.iter().position(|order| *order == shape.order) {
            self.orders[at] += 1;
        }
    }

    fn see_text(&mut self, text: &str) {
        self.texts += 1;
        match text.as_bytes() {
            [b'0'..=b'9' | b'+', rest @ ..] => {
                if rest.iter().all(u8::is_ascii_digit) {
                    self.see_digits(text);
                } else if let Some((_, shape)) = date(text) {
                    self.note_date(shape);
                } else if is_email(text) {
                    self.emails += 1;
                }
            }
            // The signs of the yuan, the euro and the pound are not ASCII.
            [b'-' | b'$' | 0xC2 | 0xE2 | 0xEF, ..] => {
                if let Some((number, shape)) = money(text) {
                    self.numbers += 1;
                    self.note_number(number, shape);
                }
            }
            _ if is_url(text) => self.urls += 1,
            _ if is_email(text) => self.emails += 1,
            _ => {}
        }
        self.remember(text);
    }

    fn see_digits(&mut self, text: &str) {
        let digits = text.strip_prefix('+').unwrap_or(text);
        self.phones += u64::from((5..=20).contains(&digits.len()));
        let local = text.strip_prefix("+86").unwrap_or(text).as_bytes();
        let mobile = local.len() == 11 && local[0] == b'1' && (b'3'..=b'9').contains(&local[1]);
        self.mobiles += u64::from(mobile);
    }

    fn remember(&mut self, text: &str) {
        let Some(distinct) = &mut self.distinct else { return };
        if let Some((_, count)) = distinct.get_mut(text) {
            *count += 1;
            return;
        }
        let option =
            text.len() <= OPTION_BYTES && text.trim() == text && !text.contains(['\n', '\r', '\t']);
        if !option || distinct.len() >= MOST_DISTINCT {
            self.distinct = None;
            return;
        }
        let order = distinct.len() as u32;
        distinct.insert(text.into(), (order, 1));
    }

    /// The texts in the order they came in, with how often each did; `None` where they are no options.
    pub(super) fn distinct(&self) -> Option<Vec<(&str, u64)>> {
        let mut texts: Vec<(u32, &str, u64)> = self
            .distinct
            .as_ref()?
            .iter()
            .map(|(text, (order, count))| (*order, &**text, *count))
            .collect();
        texts.sort_unstable();
        Some(texts.into_iter().map(|(_, text, count)| (text, count)).collect())
    }
}

/// Decimals of a number, as far as a base shows them.
fn decimals_of(number: f64) -> u8 {
    let mut scaled = number.abs();
    for decimals in 0..4 {
        if (scaled - scaled.round()).abs() < 1e-9 * scaled.max(1.0) {
            return decimals;
        }
        scaled *= 10.0;
    }
    4
}

fn is_url(text: &str) -> bool {
    let starts = |start: &str| {
        text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            && text.len() > start.len()
    };
    (starts("http://") || starts("https://") || starts("www."))
        && !text.contains(char::is_whitespace)
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && !rest.is_empty())
        && text.len() <= 254
        && !host.contains('@')
        && !host.ends_with('.')
        && !text.contains(|letter: char| letter.is_whitespace() || ",;<>，；、".contains(letter))
}
