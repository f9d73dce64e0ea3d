//! What a number format, or the shape of a text, says about a value: a number with decimals, money, a
//! date with or without a time.

use larkspur_model::workbook::{LAST_DISPUTED_DAY, NumberFormat, serial_day};

/// Significant digits a number keeps.
const PRECISION: usize = 15;
/// Days from 1899-12-30, the first of spreadsheets, to 1970-01-01.
const EPOCH_DAYS: f64 = 25_569.0;
const DAY_MS: f64 = 86_400_000.0;

/// What a style makes of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// It is a number.
    Number(NumberShape),
    /// It is a date.
    Date(DateShape),
    /// It is a time of day or a duration.
    Time,
    /// It is text.
    Text,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NumberShape {
    /// Decimals; `None` where as many are shown as there are.
    pub(super) decimals: Option<u8>,
    /// Whether commas stand between thousands.
    pub(super) thousands: bool,
    /// Whether it is a percentage.
    pub(super) percent: bool,
    /// The currency.
    pub(super) currency: Option<&'static str>,
}

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateShape {
    /// Whether a time of day stands behind it.
    pub(super) timed: bool,
    /// In which order.
    pub(super) order: DateOrder,
}

/// In which order the parts of a date stand, and what is between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    /// `2024-03-05`
    Dashes,
    /// `2024/3/5`, and what has no form of its own in a base
    Slashes,
    /// `3/5/2024`
    MonthFirst,
    /// `5/3/2024`
    DayFirst,
    /// `03-05`
    NoYear,
}

impl DateOrder {
    pub(super) const ALL: [Self; 5] =
        [Self::Dashes, Self::Slashes, Self::MonthFirst, Self::DayFirst, Self::NoYear];
}

/// Signs of currencies and their codes (contract, `currency_code`).
const CURRENCIES: [(char, &str); 6] =
    [('¥', "CNY"), ('￥', "CNY"), ('$', "USD"), ('€', "EUR"), ('£', "GBP"), ('₩', "KRW")];

fn currency_of(sign: char) -> Option<&'static str> {
    CURRENCIES.iter().find(|(known, _)| *known == sign).map(|(_, code)| *code)
}

impl Shape {
    /// What a number format code makes of numbers.
    pub(super) fn of(code: &str) -> Self {
        let format = NumberFormat::parse(code);
        if format.is_text() {
            return Self::Text;
        }
        let (letters, currency) = plain_letters(code);
        if format.is_date() {
            return date_shape(&letters);
        }
        if format.is_general() {
            return Self::Number(NumberShape::default());
        }
        let decimals = letters.split_once('.').map_or(0, |(_, rest)| {
            rest.bytes().take_while(|byte| matches!(byte, b'0' | b'#' | b'?')).count()
        });
        let free = letters.contains(['E', 'e', '/']) || !letters.contains(['0', '#', '?']);
        Self::Number(NumberShape {
            decimals: (!free).then_some(u8::try_from(decimals).unwrap_or(u8::MAX)),
            thousands: letters.contains(",#") || letters.contains(",0") || letters.contains(",?"),
            percent: letters.contains('%'),
            currency,
        })
    }
}

/// The first section of a code without literals and conditions, in lower case, and its currency.
fn plain_letters(code: &str) -> (String, Option<&'static str>) {
    let mut letters = String::new();
    let mut currency = None;
    let mut rest = code.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ';' => break,
            '"' => {
                for literal in rest.by_ref().take_while(|literal| *literal != '"') {
                    currency = currency.or_else(|| currency_of(literal));
                }
            }
            '\\' | '_' | '*' => {
                let literal = rest.next();
                currency = currency.or_else(|| literal.and_then(currency_of));
            }
            '[' => {
                let inside: String = rest.by_ref().take_while(|inside| *inside != ']').collect();
                // `[$¥-804]`: a sign and where it is used; `[$-804]` says the latter alone.
                if let Some(sign) = inside.strip_prefix('$').and_then(|rest| rest.chars().next()) {
                    currency = currency.or_else(|| currency_of(sign));
                } else if matches!(inside.to_ascii_lowercase().as_str(), "h" | "hh" | "m" | "s") {
                    letters.push('h');
                }
            }
            other => match currency_of(other) {
                Some(code) => currency = currency.or(Some(code)),
                None => letters.extend(other.to_lowercase()),
            },
        }
    }
    (letters, currency)
}

fn date_shape(letters: &str) -> Shape {
    let place = |letter: char| letters.find(letter);
    let timed = letters.contains(['h', 's']);
    let (year, month, day) = (place('y').or_else(|| place('e')), place('m'), place('d'));
    let order = match (year, month, day) {
        (None, _, None) => return Shape::Time,
        (None, ..) => DateOrder::NoYear,
        (Some(year), Some(month), _) if year < month => {
            if letters.contains('-') {
                DateOrder::Dashes
            } else {
                DateOrder::Slashes
            }
        }
        (Some(year), Some(month), Some(day)) if month < day && day < year => DateOrder::MonthFirst,
        (Some(year), Some(month), Some(day)) if day < month && month < year => DateOrder::DayFirst,
        _ => DateOrder::Slashes,
    };
    Shape::Date(DateShape { timed, order })
}

/// An amount of money that a text writes: a sign of a currency, then digits whose thousands are
/// separated whole or not at all.
pub(super) fn money(text: &str) -> Option<(f64, NumberShape)> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let currency = currency_of(rest.chars().next()?)?;
    let rest = rest.trim_start_matches(|sign| currency_of(sign).is_some());
    let (whole, decimals) = match rest.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, decimals)) => (whole, decimals),
        None => (rest, ""),
    };
    let groups: Vec<&str> = whole.split(',').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = groups.len() > 1;
    let grouped =
        !thousands || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let zero_first = whole.len() > 1 && whole.starts_with('0');
    let count = whole.len() + decimals.len();
    if !grouped
        || zero_first
        || !groups.iter().all(|group| digits(group))
        || !(decimals.is_empty() || digits(decimals))
        || count > PRECISION
    {
        return None;
    }
    let plain = format!("{}.{decimals}0", groups.concat());
    let number: f64 = plain.parse().ok()?;
    let decimals = u8::try_from(decimals.len()).ok();
    let shape = NumberShape { decimals, thousands, percent: false, currency: Some(currency) };
    Some((if negative { -number } else { number }, shape))
}

/// A date that a text writes, year first, alone or with a time, as days since 1899-12-30.
pub(super) fn date(text: &str) -> Option<(f64, DateShape)> {
    let mut rest = Digits(text);
    let year = rest.number(4, 4)?;
    let between = rest.any(&["-", "/", ".", "年"])?;
    let month = rest.number(1, 2)?;
    rest.mark(if between == "年" { "月" } else { between })?;
    let day = rest.number(1, 2)?;
    if between == "年" {
        rest.mark("日")?;
    }
    let mut time_ms = 0;
    let mut timed = false;
    if !rest.0.is_empty() {
        timed = true;
        rest.any(&[" ", "T"])?;
        let (hour, minute) = (rest.number(1, 2)?, rest.mark(":").and_then(|()| rest.number(2, 2))?);
        let second = if rest.mark(":").is_some() { rest.number(2, 2)? } else { 0 };
        let milliseconds = if rest.mark(".").is_some() { rest.number(3, 3)? } else { 0 };
        if hour > 23 || minute > 59 || second > 59 || !rest.0.is_empty() {
            return None;
        }
        time_ms = ((hour * 60 + minute) * 60 + second) * 1_000 + milliseconds;
    }
    let days = serial_day(year, month, day).filter(|days| *days > LAST_DISPUTED_DAY)?;
    let order = if between == "-" { DateOrder::Dashes } else { DateOrder::Slashes };
    Some((days as f64 + f64::from(time_ms) / DAY_MS, DateShape { timed, order }))
}

/// Text that is eaten from the front.
struct Digits<'a>(&'a str);

impl Digits<'_> {
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        (count >= least).then(|| digits.parse().ok())?
    }

    fn mark(&mut self, mark: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    fn any(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        marks.iter().copied().find(|mark| self.mark(mark).is_some())
    }
}

/// The moment of a date in a zone that is `offset_ms` ahead of UTC.
pub(super) fn moment(serial: f64, offset_ms: i64) -> i64 {
    ((serial - EPOCH_DAYS) * DAY_MS).round() as i64 - offset_ms
}

/// The date of a moment in a zone that is `offset_ms` ahead of UTC.
pub(super) fn serial(moment_ms: i64, offset_ms: i64) -> f64 {
    (moment_ms.saturating_add(offset_ms)) as f64 / DAY_MS + EPOCH_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_formats_say_what_numbers_are() {
        let number = |decimals, thousands, percent, currency| {
            Shape::Number(NumberShape { decimals, thousands, percent, currency })
        };
        let date = |timed, order| Shape::Date(DateShape { timed, order });
        for (code, shape) in [
            ("", number(None, false, false, None)),
            ("General", number(None, false, false, None)),
            ("0", number(Some(0), false, false, None)),
            ("#,##0.00", number(Some(2), true, false, None)),
            ("0.0%", number(Some(1), false, true, None)),
            ("\"¥\"#,##0.00;\\-\"¥\"#,##0.00", number(Some(2), true, false, Some("CNY"))),
            ("[$$-409]#,##0", number(Some(0), true, false, Some("USD"))),
            ("0.00E+00", number(None, false, false, None)),
            ("yyyy-mm-dd", date(false, DateOrder::Dashes)),
            ("yyyy\"年\"m\"月\"d\"日\"", date(false, DateOrder::Slashes)),
            ("yyyy/m/d h:mm", date(true, DateOrder::Slashes)),
            ("m/d/yyyy", date(false, DateOrder::MonthFirst)),
            ("dd/mm/yyyy", date(false, DateOrder::DayFirst)),
            ("[$-804]m\"月\"d\"日\"", date(false, DateOrder::NoYear)),
            ("h:mm:ss", Shape::Time),
            ("[h]:mm", Shape::Time),
            ("@", Shape::Text),
        ] {
            assert_eq!(Shape::of(code), shape, "{code}");
        }
    }

    #[test]
    fn texts_are_read_only_where_there_is_no_doubt() {
        let ms = |text| date(text).map(|(serial, _)| moment(serial, 0));
        assert_eq!(ms("1970-01-01"), Some(0));
        for text in ["2024-03-05", "2024/3/5", "2024.03.05", "2024年3月5日"] {
            assert_eq!(ms(text), Some(1_709_596_800_000), "{text}");
        }
        assert_eq!(ms("2024-03-05 10:11:12.345"), Some(1_709_633_472_345));
        for text in ["2024-02-30", "20240305", "2024-3", "24-03-05", "2024-03-05x", "2024-03/05"] {
            assert_eq!(ms(text), None, "{text}");
        }
        let amount = |text| money(text).map(|(number, _)| number);
        assert_eq!(amount("¥1,200.50"), Some(1_200.5));
        assert_eq!(amount("-$20"), Some(-20.0));
        for text in ["1,200", "¥", "¥1,20", "¥007", "¥1.", "¥1234567890123456", "¥12a"] {
            assert_eq!(amount(text), None, "{text}");
        }
        let back = serial(moment(45_356.5, 28_800_000), 28_800_000);
        assert!((back - 45_356.5).abs() < 1e-9);
    }
}
