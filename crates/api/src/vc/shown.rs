//! Values as reports and queries show them (contract, `vc_export_sheets`): times with their zone,
//! durations, telephone numbers without their middle, numbers with their unit.

use std::fmt::Write as _;

use larkspur_store::meetings::Unit;

/// Minutes ahead of UTC where a tenant has said nothing.
pub(crate) const USUAL_OFFSET_MINUTES: i64 = 8 * 60;
/// Characters of a telephone number that are shown at its end, and hidden before them.
const SHOWN_END: usize = 4;
const HIDDEN: usize = 4;

/// The clock times are told by.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    offset_s: i64,
    suffix: String,
}

impl Zone {
    /// The clock that is so many minutes ahead of UTC.
    pub(super) fn new(offset_minutes: i64) -> Self {
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let minutes = offset_minutes.abs();
        let suffix = format!(" (GMT{sign}{:02}:{:02})", minutes / 60, minutes % 60);
        Self { offset_s: offset_minutes * 60, suffix }
    }

    /// Appends a time: `2022.07.21 11:01:40 (GMT+08:00)`; nothing for 0.
    pub(super) fn write(&self, seconds: i64, text: &mut String) {
        if seconds == 0 {
            return;
        }
        let local = seconds + self.offset_s;
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        // A String takes whatever is written.
        let _ = write!(text, "{year:04}.{month:02}.{day:02} {hour:02}:{minute:02}:{second:02}");
        text.push_str(&self.suffix);
    }

    /// A time as text.
    pub(super) fn time(&self, seconds: i64) -> String {
        let mut text = String::with_capacity(32);
        self.write(seconds, &mut text);
        text
    }
}

/// Year, month and day of a count of days since 1970-01-01, in the calendar of today: years begin in
/// March here, so that the odd day is the last one.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// A duration: `01:00:00`; nothing for one that has not ended.
pub(super) fn duration(start_s: i64, end_s: i64) -> String {
    if end_s == 0 {
        return String::new();
    }
    let seconds = (end_s - start_s).max(0);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `是` or `否`.
pub(super) const fn yes(flag: bool) -> &'static str {
    if flag { "是" } else { "否" }
}

/// A telephone number without its middle: `+86123****8910`.
pub(super) fn masked(number: &str) -> String {
    let count = number.chars().count();
    let end = count.saturating_sub(SHOWN_END);
    let start = end.saturating_sub(HIDDEN);
    let hide = |at: usize| (start..end).contains(&at);
    number.chars().enumerate().map(|(at, digit)| if hide(at) { '*' } else { digit }).collect()
}

/// Appends a number with its unit: `50kbps`, `5ms`, `0.8%`, `1080P`.
pub(super) fn measure(value: i32, unit: Unit, text: &mut String) {
    let mut digits = itoa::Buffer::new();
    let suffix = match unit {
        Unit::Kbps => "kbps",
        Unit::Ms => "ms",
        Unit::Db => "dB",
        Unit::Fps => "fps",
        Unit::Lines if value == 2_160 => {
            text.push_str("4K");
            return;
        }
        Unit::Lines => "P",
        Unit::Permille => {
            text.push_str(digits.format(value / 10));
            if value % 10 != 0 {
                text.push('.');
                text.push_str(digits.format((value % 10).abs()));
            }
            text.push('%');
            return;
        }
    };
    text.push_str(digits.format(value));
    text.push_str(suffix);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_as_the_contract_has_them() {
        let china = Zone::new(USUAL_OFFSET_MINUTES);
        assert_eq!(china.time(1_658_372_500), "2022.07.21 11:01:40 (GMT+08:00)");
        assert_eq!(china.time(0), "");
        assert_eq!(Zone::new(-210).time(951_827_696), "2000.02.29 09:04:56 (GMT-03:30)");
        assert_eq!(duration(100, 3_700), "01:00:00");
        assert_eq!(duration(0, 100 * 3_600 + 59), "100:00:59");
        assert_eq!(duration(100, 0), "");
        assert_eq!(masked("+8612312348910"), "+86123****8910");
        assert_eq!((masked("12345").as_str(), masked("").as_str()), ("*2345", ""));
        for (value, unit, text) in [
            (50, Unit::Kbps, "50kbps"),
            (5, Unit::Ms, "5ms"),
            (20, Unit::Permille, "2%"),
            (8, Unit::Permille, "0.8%"),
            (-12, Unit::Db, "-12dB"),
            (1_080, Unit::Lines, "1080P"),
            (2_160, Unit::Lines, "4K"),
            (30, Unit::Fps, "30fps"),
        ] {
            let mut shown = String::new();
            measure(value, unit, &mut shown);
            assert_eq!(shown, text);
        }
    }
}
