//! Dates of the calendar as the days spreadsheets count.

/// The last day on which spreadsheets disagree: 1900-02-29 to those that count it, which never was.
pub const LAST_DISPUTED_DAY: i64 = 60;

/// Days since 1899-12-30 of a date of the years 0 to 9999 (Gregorian); `None` where there is no such
/// date. Up to [`LAST_DISPUTED_DAY`] some programs show another date for them.
pub fn serial_day(year: u32, month: u32, day: u32) -> Option<i64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) || year > 9_999 {
        return None;
    }
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    // Years begin in March, so that the leap day is their last; counted in eras of 400 years.
    let (of_year, of_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (of_year.div_euclid(400), of_year.rem_euclid(400));
    let days =
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * of_month + 2) / 5 + day
            - 1;
    // 1899-12-30 is day 693,899 of this count.
    Some(days - 693_899)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_and_what_is_no_date_is_none() {
        for (date, days) in [
            ((1899, 12, 30), Some(0)),
            ((1900, 3, 1), Some(61)),
            ((2000, 2, 29), Some(36_585)),
            ((2024, 1, 31), Some(45_322)),
            ((9999, 12, 31), Some(2_958_465)),
            ((0, 3, 1), Some(-693_899)),
            ((0, 1, 1), Some(-693_959)),
            ((1900, 2, 29), None),
            ((2023, 2, 29), None),
            ((2024, 4, 31), None),
            ((2024, 13, 1), None),
            ((2024, 0, 1), None),
            ((2024, 1, 0), None),
            ((10_000, 1, 1), None),
        ] {
            assert_eq!(serial_day(date.0, date.1, date.2), days, "{date:?}");
        }
    }

    #[test]
    fn a_day_follows_the_other() {
        let mut last = serial_day(0, 1, 1).unwrap() - 1;
        for year in 0..=9_999 {
            for (month, day) in (1..=12).flat_map(|month| (1..=31).map(move |day| (month, day))) {
                if let Some(days) = serial_day(year, month, day) {
                    assert_eq!(days, last + 1, "{year}-{month}-{day}");
                    last = days;
                }
            }
        }
    }
}
