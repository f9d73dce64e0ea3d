//! Sections of dates, times and durations, and numbers in Chinese characters.

use super::decimal::{two_digits, write_integer};
use super::general;
use super::section::{DatePart, Language, Numerals, Section, Token};

const SECONDS_A_DAY: u64 = 86_400;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const CHINESE_MONTHS: [&str; 12] = [
    "一月",
    "二月",
    "三月",
    "四月",
    "五月",
    "六月",
    "七月",
    "八月",
    "九月",
    "十月",
    "十一月",
    "十二月",
];
const CHINESE_WEEKDAYS: [&str; 7] = ["日", "一", "二", "三", "四", "五", "六"];
const JAPANESE_WEEKDAYS: [&str; 7] = ["日", "月", "火", "水", "木", "金", "土"];

/// A moment taken apart.
struct Moment {
    year: u64,
    month: u64,
    day: u64,
    /// 0 is Sunday.
    weekday: usize,
    /// Whole seconds since day 0.
    seconds: u64,
    /// Rest of the last second, in units of the decimals shown.
    fraction: u64,
    twelve_hours: bool,
}

/// Appends a serial number that is not negative as a date.
pub(super) fn write(section: &Section, serial: f64, shown: &mut String) {
    let mut decimals = 0;
    let mut twelve_hours = false;
    for token in &section.tokens {
        match token {
            Token::Date(DatePart::Fraction(digits)) => decimals = decimals.max(*digits as u32),
            Token::Date(DatePart::HalfDay | DatePart::HalfDayLetter | DatePart::HalfDayChinese) => {
                twelve_hours = true;
            }
            _ => {}
        }
    }
    let units = 10_u64.pow(decimals);
    // Serials carry errors of a few microseconds; whole days and seconds are kept apart so that the
    // rounding meets only the time.
    let day = serial as u64;
    let exact = (serial - day as f64) * SECONDS_A_DAY as f64 * units as f64;
    let below = exact as u64;
    let ticks = below + u64::from(exact - below as f64 >= 0.5);
    let total = day * SECONDS_A_DAY + ticks / units;
    let (year, month, day) = civil(total / SECONDS_A_DAY);
    let moment = Moment {
        year,
        month,
        day,
        weekday: ((total / SECONDS_A_DAY + 6) % 7) as usize,
        seconds: total,
        fraction: ticks % units,
        twelve_hours,
    };
    for token in &section.tokens {
        match token {
            Token::Literal(text) => shown.push_str(text),
            Token::Date(part) => write_part(*part, &moment, section, decimals, shown),
            _ => {}
        }
    }
}

fn write_part(
    part: DatePart,
    moment: &Moment,
    section: &Section,
    decimals: u32,
    shown: &mut String,
) {
    let hour = moment.seconds / 3_600 % 24;
    let numerals = section.numerals;
    match part {
        DatePart::Year(count) => write_year(moment.year, count, numerals, shown),
        DatePart::BuddhistYear(count) => write_year(moment.year + 543, count, numerals, shown),
        DatePart::Month(count) => write_month(moment.month, count, section, shown),
        DatePart::Day(count @ 0..=2) => write_count(moment.day, count, numerals, shown),
        DatePart::Day(count) | DatePart::Weekday(count) => {
            let east_asian = matches!(part, DatePart::Weekday(_));
            write_weekday(moment.weekday, count, east_asian, section.language, shown);
        }
        DatePart::Hour(count) => {
            let hour = if moment.twelve_hours { (hour + 11) % 12 + 1 } else { hour };
            write_count(hour, count, numerals, shown);
        }
        DatePart::Minute(count) => write_count(moment.seconds / 60 % 60, count, numerals, shown),
        DatePart::Second(count) => write_count(moment.seconds % 60, count, numerals, shown),
        DatePart::Fraction(count) => {
            let fraction = moment.fraction / 10_u64.pow(decimals.saturating_sub(count as u32));
            shown.push('.');
            write_padded(fraction, count, shown);
        }
        DatePart::ElapsedHours(count) => write_padded(moment.seconds / 3_600, count, shown),
        DatePart::ElapsedMinutes(count) => write_padded(moment.seconds / 60, count, shown),
        DatePart::ElapsedSeconds(count) => write_padded(moment.seconds, count, shown),
        DatePart::HalfDay if section.language == Language::Chinese => {
            shown.push_str(if hour < 12 { "上午" } else { "下午" });
        }
        DatePart::HalfDay if section.language == Language::Japanese => {
            shown.push_str(if hour < 12 { "午前" } else { "午後" });
        }
        DatePart::HalfDay => shown.push_str(if hour < 12 { "AM" } else { "PM" }),
        DatePart::HalfDayLetter => shown.push(if hour < 12 { 'A' } else { 'P' }),
        DatePart::HalfDayChinese => shown.push_str(if hour < 12 { "上午" } else { "下午" }),
    }
}

fn write_year(year: u64, count: usize, numerals: Numerals, shown: &mut String) {
    let (number, width) = if count <= 2 { (year % 100, 2) } else { (year, 4) };
    if numerals == Numerals::Arabic {
        return write_padded(number, width, shown);
    }
    let mut text = String::new();
    write_padded(number, width, &mut text);
    shown.extend(text.bytes().map(|digit| numeral(digit - b'0', numerals, true)));
}

fn write_month(month: u64, count: usize, section: &Section, shown: &mut String) {
    let index = (month as usize).clamp(1, 12) - 1;
    let chinese = section.language == Language::Chinese;
    match count {
        0..=2 => write_count(month, count, section.numerals, shown),
        _ if section.language == Language::Japanese => {
            write_integer(month, shown);
            if count != 5 {
                shown.push('月');
            }
        }
        3 | 4 | 6.. if chinese => shown.push_str(CHINESE_MONTHS[index]),
        5 if chinese => shown.extend(CHINESE_MONTHS[index].chars().take(1)),
        3 => shown.extend(MONTHS[index].chars().take(3)),
        5 => shown.extend(MONTHS[index].chars().take(1)),
        _ => shown.push_str(MONTHS[index]),
    }
}

fn write_weekday(
    weekday: usize,
    count: usize,
    east_asian: bool,
    language: Language,
    shown: &mut String,
) {
    let short = count == 3;
    match language {
        Language::Japanese => {
            shown.push_str(JAPANESE_WEEKDAYS[weekday]);
            if !short {
                shown.push_str("曜日");
            }
        }
        Language::English if !east_asian => {
            let name = WEEKDAYS[weekday];
            shown.push_str(if short { &name[..3] } else { name });
        }
        _ => {
            // `ddd` is 周三, `aaa` the bare 三; the long form of both is 星期三.
            match (short, east_asian) {
                (true, true) => {}
                (true, false) => shown.push('周'),
                (false, _) => shown.push_str("星期"),
            }
            shown.push_str(CHINESE_WEEKDAYS[weekday]);
        }
    }
}

fn write_count(number: u64, count: usize, numerals: Numerals, shown: &mut String) {
    match numerals {
        Numerals::Arabic => write_padded(number, count.min(2), shown),
        numerals => write_numeral(number as f64, numerals, shown),
    }
}

fn write_padded(number: u64, width: usize, shown: &mut String) {
    match (width, number) {
        (2, 0..100) => return shown.push_str(two_digits(number)),
        (4, 0..10_000) => {
            shown.push_str(two_digits(number / 100));
            return shown.push_str(two_digits(number));
        }
        _ => {}
    }
    let mut places = 1;
    let mut rest = number / 10;
    while rest > 0 {
        places += 1;
        rest /= 10;
    }
    (places..width).for_each(|_| shown.push('0'));
    write_integer(number, shown);
}

/// Year, month and day of a serial day, as spreadsheets count: day 0 is 1900-01-00, day 60 the
/// 1900-02-29 that never was.
fn civil(serial: u64) -> (u64, u64, u64) {
    match serial {
        0 => (1900, 1, 0),
        60 => (1900, 2, 29),
        _ => {
            let since_1899_12_30 = if serial < 60 { serial + 1 } else { serial };
            // Days since 0000-03-01, in eras of 400 years; 1899-12-30 is day 693,899 of them.
            let days = since_1899_12_30 + 693_899;
            let era = days / 146_097;
            let of_era = days % 146_097;
            let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
            let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
            let shifted = (5 * of_year + 2) / 153;
            let day = of_year - (153 * shifted + 2) / 5 + 1;
            let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
            let year = year_of_era + era * 400 + u64::from(month <= 2);
            (year, month, day)
        }
    }
}

fn numeral(digit: u8, numerals: Numerals, alone: bool) -> char {
    const PLAIN: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    const FORMAL: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
    const WIDE: [char; 10] = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];
    let index = usize::from(digit % 10);
    match numerals {
        Numerals::FullWidth => WIDE[index],
        Numerals::ChineseFormal => FORMAL[index],
        // Within a number zero is read 〇 as well; only its writing in years differs in formal use.
        _ if alone || digit > 0 => PLAIN[index],
        _ => '〇',
    }
}

/// Appends a number in Chinese characters: 12345 is 一万二千三百四十五. Numbers with decimals have them
/// digit by digit after 点.
pub(super) fn write_numeral(number: f64, numerals: Numerals, shown: &mut String) {
    if number >= 1e16 || numerals == Numerals::FullWidth {
        let mut plain = String::new();
        general::write(number, &mut plain);
        shown.extend(plain.chars().map(|letter| match letter.to_digit(10) {
            Some(digit) if numerals == Numerals::FullWidth => numeral(digit as u8, numerals, true),
            _ => letter,
        }));
        return;
    }
    let whole = number.trunc() as u64;
    write_whole_numeral(whole, numerals, shown);
    let mut plain = String::new();
    general::write(number, &mut plain);
    if let Some((_, decimals)) = plain.split_once('.')
        && decimals.bytes().all(|digit| digit.is_ascii_digit())
    {
        shown.push('点');
        shown.extend(decimals.bytes().map(|digit| numeral(digit - b'0', numerals, true)));
    }
}

fn write_whole_numeral(number: u64, numerals: Numerals, shown: &mut String) {
    let formal = numerals == Numerals::ChineseFormal;
    let units = if formal { ["", "拾", "佰", "仟"] } else { ["", "十", "百", "千"] };
    if number == 0 {
        shown.push(numeral(0, numerals, true));
        return;
    }
    let mut zero_pending = false;
    let mut begun = false;
    for group in (0..5_u32).rev() {
        let four = number / 10_000_u64.pow(group) % 10_000;
        for place in (0..4_u32).rev() {
            let digit = (four / 10_u64.pow(place) % 10) as u8;
            if digit == 0 {
                zero_pending = begun;
                continue;
            }
            if zero_pending {
                shown.push(numeral(0, numerals, false));
                zero_pending = false;
            }
            // Ten to nineteen start with the ten itself: 十二, formal 壹拾贰.
            if digit != 1 || place != 1 || begun || formal {
                shown.push(numeral(digit, numerals, false));
            }
            shown.push_str(units[place as usize]);
            begun = true;
        }
        if four > 0 {
            shown.push_str(["", "万", "亿", "万亿", "亿亿"][group as usize]);
        }
    }
}
