//! Days since 1899-12-30: ISO dates as such, and which number formats show a date of the calendar.

use larkspur_model::workbook::serial_day;

/// Days between the epochs of the two date systems.
pub(crate) const EPOCH_1904_DAYS: f64 = 1462.0;

/// The serial number of an ISO 8601 date, date and time, or time of day (ECMA-376, cell type `d`).
pub(crate) fn parse_iso(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (Some(date), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let days = date.map_or(Some(0.0), parse_date)?;
    let fraction = time.map_or(Some(0.0), parse_time)?;
    Some(days + fraction)
}

fn parse_date(text: &str) -> Option<f64> {
    let mut parts = text.split('-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    serial_day(year, month, day).map(|days| days as f64)
}

fn parse_time(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hours = digits(parts.next()?)?;
    let minutes = digits(parts.next()?)?;
    let seconds: f64 = match parts.next() {
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            text.parse().ok()?
        }
        Some(_) => return None,
        None => 0.0,
    };
    if parts.next().is_some() || hours > 24 || minutes > 59 || seconds >= 61.0 {
        return None;
    }
    Some((f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds) / 86_400.0)
}

fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// What a number format shows of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateKind {
    /// Nothing: it is a plain number or text.
    No,
    /// Only a time of day or a span of time, which no epoch touches.
    Time,
    /// Years, months or days.
    Calendar,
}

/// What the first section of a number format shows of a date.
pub(crate) fn date_kind(code: &str) -> DateKind {
    if code.eq_ignore_ascii_case("general") {
        return DateKind::No;
    }
    let mut letters = String::new();
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => while characters.next().is_some_and(|inner| inner != '"') {},
            '\\' | '_' | '*' => {
                characters.next();
            }
            '[' => {
                let inner: String = characters.by_ref().take_while(|&inner| inner != ']').collect();
                let inner = inner.to_ascii_lowercase();
                // `[h]`, `[mm]` and `[ss]` count hours, minutes and seconds without end.
                if inner.starts_with(['h', 'm', 's'])
                    && inner.bytes().all(|b| b == inner.as_bytes()[0])
                {
                    letters.push('s');
                }
            }
            ';' => break,
            _ => letters.extend(character.to_lowercase()),
        }
    }
    let letters = letters.replace("am/pm", "h").replace("a/p", "h").replace("general", "");
    if letters.contains(['y', 'd', 'e', 'g', 'b'])
        && !letters.contains("e+")
        && !letters.contains("e-")
    {
        return DateKind::Calendar;
    }
    match (letters.contains('m'), letters.contains(['h', 's'])) {
        (_, true) => DateKind::Time,
        // Without hours or seconds beside it, `m` means months.
        (true, false) => DateKind::Calendar,
        (false, false) => DateKind::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_dates_become_serial_numbers() {
        for (text, serial) in [
            ("2021-01-01", 44_197.0),
            ("1899-12-30", 0.0),
            ("1900-03-01", 61.0),
            ("2000-02-29T12:00", 36_585.5),
            ("2021-01-01T06:00:00Z", 44_197.25),
            ("18:00:00", 0.75),
        ] {
            assert_eq!(parse_iso(text), Some(serial), "{text}");
        }
        for text in ["", "2021", "2021-13-01", "2021-02-29", "x", "2021-01-01T99:00", "1:2:3:4"] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn formats_tell_dates_from_times_from_numbers() {
        use DateKind::{Calendar, No, Time};
        for (code, kind) in [
            ("General", No),
            ("0.00E+00", No),
            ("#,##0_d;[Red]-0", No),
            ("\"day\" 0", No),
            ("[Red]0;yyyy", No),
            ("yyyy\\-mm\\-dd", Calendar),
            ("m/d", Calendar),
            ("mmmmm", Calendar),
            ("yyyy\"年\"m\"月\"", Calendar),
            ("[$-404]e/m/d", Calendar),
            ("[hh]:mm:ss", Time),
            ("mm:ss.0", Time),
            ("[DBNum1]上午/下午h\"时\"mm\"分\"", Time),
            ("h:mm AM/PM", Time),
            ("[m]", Time),
            ("@", No),
        ] {
            assert_eq!(date_kind(code), kind, "{code}");
        }
    }
}
