//! What a field means: a number, a date or a truth value only where the cell then shows the very
//! same characters; text otherwise.

use larkspur_model::workbook::{CellStyle, LAST_DISPUTED_DAY, Value, serial_day};

/// Decimals for which there is a style.
const DECIMALS: usize = 20;
/// Decimals of percentages and of numbers with separators for which there is a style.
const FEW_DECIMALS: usize = 9;
/// Significant digits a spreadsheet keeps.
const PRECISION: usize = 15;
/// Characters General shows of a number.
const GENERAL_WIDTH: usize = 11;

// The styles, in the order of `styles`.
const GENERAL: u32 = 0;
const FIXED: u32 = 1;
const PERCENT: u32 = FIXED + DECIMALS as u32 + 1;
const THOUSANDS: u32 = PERCENT + FEW_DECIMALS as u32 + 1;
const DATE: u32 = THOUSANDS + FEW_DECIMALS as u32 + 1;

const SEPARATORS: [[&str; 3]; 3] = [["-", "-", ""], ["/", "/", ""], ["\"年\"", "\"月\"", "\"日\""]];
const TIMES: [&str; 8] = [
    "",
    " h:mm",
    " hh:mm",
    " h:mm:ss",
    " hh:mm:ss",
    " hh:mm:ss.000",
    "\"T\"hh:mm:ss",
    "\"T\"hh:mm:ss.000",
];

/// Every style a value may have.
pub(super) fn styles() -> Vec<CellStyle> {
    let decimals = |places: usize| match places {
        0 => String::new(),
        _ => format!(".{}", "0".repeat(places)),
    };
    let mut codes = vec![String::new()];
    codes.extend((0..=DECIMALS).map(|places| format!("0{}", decimals(places))));
    codes.extend((0..=FEW_DECIMALS).map(|places| format!("0{}%", decimals(places))));
    codes.extend((0..=FEW_DECIMALS).map(|places| format!("#,##0{}", decimals(places))));
    for [after_year, after_month, after_day] in SEPARATORS {
        for month in ["m", "mm"] {
            for day in ["d", "dd"] {
                for time in TIMES {
                    codes.push(format!(
                        "yyyy{after_year}{month}{after_month}{day}{after_day}{time}"
                    ));
                }
            }
        }
    }
    codes
        .into_iter()
        .map(|number_format| CellStyle { number_format, ..CellStyle::default() })
        .collect()
}

/// Tells values from text, field by field.
#[derive(Debug)]
pub(super) struct Recognizer {
    /// Whether commas may separate thousands.
    thousands: bool,
    /// Whether months and days below ten were last written with a zero, by separator: `2024-10-11`
    /// alone does not tell.
    padded: [bool; 3],
}

impl Recognizer {
    /// For a text with this delimiter: where it is a semicolon, a comma is a decimal point.
    pub(super) fn new(delimiter: u8) -> Self {
        Self { thousands: delimiter != b';', padded: [true, false, false] }
    }

    /// The value of a field that is not empty, and its style.
    pub(super) fn recognize<'a>(&mut self, field: &'a str) -> (Value<'a>, u32) {
        let found = match field.as_bytes() {
            [b'0'..=b'9', _, _, _, b'-' | b'/' | 0xE5, ..] => self.date(field),
            [b'0'..=b'9', ..] => self.number(field.as_bytes(), false),
            [b'-', rest @ ..] => self.number(rest, true),
            [b'T', ..] if field == "TRUE" => Some((Value::Bool(true), GENERAL)),
            [b'F', ..] if field == "FALSE" => Some((Value::Bool(false), GENERAL)),
            _ => None,
        };
        found.unwrap_or((Value::Text(field), GENERAL))
    }

    /// A number without its sign.
    fn number(&self, digits: &[u8], negative: bool) -> Option<(Value<'static>, u32)> {
        let mut mantissa = 0_u64;
        let (mut whole, mut decimals, mut significant) = (0_usize, 0_usize, 0_usize);
        let mut commas = 0_usize;
        let mut point = false;
        let mut percent = false;
        // Digits since the last comma.
        let mut group = 0_usize;
        for (at, &letter) in digits.iter().enumerate() {
            match letter {
                b'0'..=b'9' => {
                    if significant > 0 || letter != b'0' {
                        significant += 1;
                        if significant > PRECISION {
                            return None;
                        }
                    }
                    mantissa = mantissa * 10 + u64::from(letter - b'0');
                    if point {
                        decimals += 1;
                    } else {
                        whole += 1;
                        group += 1;
                    }
                }
                b'.' if !point && whole > 0 && (commas == 0 || group == 3) => point = true,
                b',' if self.thousands && !point => {
                    if (commas == 0 && !(1..=3).contains(&group)) || (commas > 0 && group != 3) {
                        return None;
                    }
                    commas += 1;
                    group = 0;
                }
                b'%' if at + 1 == digits.len() && whole > 0 && commas == 0 => percent = true,
                _ => return None,
            }
        }
        let leading_zero = digits.first() == Some(&b'0') && whole > 1;
        if whole == 0
            || leading_zero
            || (point && decimals == 0)
            || (commas > 0 && group != 3)
            || (negative && mantissa == 0)
        {
            return None;
        }
        let few = decimals <= FEW_DECIMALS;
        let (style, scale) = if percent {
            (few.then_some(PERCENT + decimals as u32)?, decimals + 2)
        } else if commas > 0 {
            (few.then_some(THOUSANDS + decimals as u32)?, decimals)
        } else {
            let general = digits.len() <= GENERAL_WIDTH
                && !(decimals > 0 && (digits.last() == Some(&b'0') || mantissa == 0));
            let style = if general {
                GENERAL
            } else {
                (decimals <= DECIMALS).then_some(FIXED + decimals as u32)?
            };
            (style, decimals)
        };
        // Both are exact, so the quotient is the number nearest to the text.
        let magnitude = mantissa as f64 / power_of_ten(scale);
        Some((Value::Number(if negative { -magnitude } else { magnitude }), style))
    }

    /// `2024-01-31`, `2024/1/31`, `2024年1月31日`, alone or with a time.
    fn date(&mut self, field: &str) -> Option<(Value<'static>, u32)> {
        let bytes = field.as_bytes();
        let year = digits(bytes, 0, 4)?;
        let rest = bytes.get(4..)?;
        let (separator, between, end): (usize, &[u8], &[u8]) = match rest {
            [b'-', ..] => (0, b"-", b""),
            [b'/', ..] => (1, b"/", b""),
            _ if rest.starts_with("年".as_bytes()) => (2, "月".as_bytes(), "日".as_bytes()),
            _ => return None,
        };
        let mut at = 4 + if separator == 2 { 3 } else { 1 };
        let (month, month_width) = one_or_two(bytes, at)?;
        at += month_width;
        at = step_over(bytes, at, between)?;
        let (day, day_width) = one_or_two(bytes, at)?;
        at += day_width;
        at = step_over(bytes, at, end)?;
        let (seconds, time) = time_of_day(bytes.get(at..)?)?;
        let serial = serial_day(year, month, day).filter(|serial| *serial > LAST_DISPUTED_DAY)?;
        let padded = |number: u32, width: usize| match (number < 10, width) {
            (true, 2) => Some(true),
            (true, _) => Some(false),
            (false, _) => None,
        };
        let (of_month, of_day) = (padded(month, month_width), padded(day, day_width));
        if let Some(known) = of_month.or(of_day) {
            self.padded[separator] = known;
        }
        let guess = self.padded[separator];
        let index = (((separator * 2 + usize::from(of_month.unwrap_or(guess))) * 2)
            + usize::from(of_day.unwrap_or(guess)))
            * TIMES.len()
            + time;
        Some((Value::Number(serial as f64 + seconds / 86_400.0), DATE + index as u32))
    }
}

fn power_of_ten(power: usize) -> f64 {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    POWERS[power]
}

/// The number made of exactly `count` digits.
fn digits(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    bytes.get(at..at + count)?.iter().try_fold(0_u32, |number, &letter| {
        letter.is_ascii_digit().then(|| number * 10 + u32::from(letter - b'0'))
    })
}

/// Where `mark` ends, if it stands at `at`. One byte is compared without a call.
fn step_over(bytes: &[u8], at: usize, mark: &[u8]) -> Option<usize> {
    let stands = match mark {
        [] => true,
        [only] => bytes.get(at) == Some(only),
        _ => bytes.get(at..)?.starts_with(mark),
    };
    stands.then_some(at + mark.len())
}

fn one_or_two(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    match digits(bytes, at, 2) {
        Some(number) => Some((number, 2)),
        None => Some((digits(bytes, at, 1)?, 1)),
    }
}

/// Seconds of a time of day that may follow a date, and which of [`TIMES`] shows it.
fn time_of_day(rest: &[u8]) -> Option<(f64, usize)> {
    let Some((&first, rest)) = rest.split_first() else { return Some((0.0, 0)) };
    let (hour, width) = one_or_two(rest, 0)?;
    let rest = rest.get(width..)?.strip_prefix(b":")?;
    let minute = digits(rest, 0, 2)?;
    let rest = &rest[2..];
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => (Some(digits(rest, 0, 2)?), &rest[2..]),
        None => (None, rest),
    };
    let thousandths = match rest {
        [] => None,
        [b'.', a, b, c] => Some(digits(&[*a, *b, *c], 0, 3)?),
        _ => return None,
    };
    let time = match (first, width, second, thousandths) {
        (b' ', 1, None, None) => 1,
        (b' ', 2, None, None) => 2,
        (b' ', 1, Some(_), None) => 3,
        (b' ', 2, Some(_), None) => 4,
        (b' ', 2, Some(_), Some(_)) => 5,
        (b'T', 2, Some(_), None) => 6,
        (b'T', 2, Some(_), Some(_)) => 7,
        _ => return None,
    };
    let second = second.unwrap_or(0);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let whole = f64::from(hour * 3_600 + minute * 60 + second);
    Some((whole + f64::from(thousandths.unwrap_or(0)) / 1_000.0, time))
}
