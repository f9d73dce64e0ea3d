//! Log ids in the platform's form: `yyyyMMddHHmmss` and 20 upper-case hexadecimal digits (contract,
//! "Headers and routing"). Every answer carries one.

use std::sync::atomic::{AtomicU64, Ordering};

use larkspur_model::time::Millis;

/// Makes log ids: unlike each other within a process, practically so between processes.
#[derive(Debug)]
pub(crate) struct LogIds {
    seed: u64,
    next: AtomicU64,
}

impl LogIds {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(1) }
    }

    /// A new log id; `now_ms` is the time of the call.
    pub(crate) fn make(&self, now_ms: Millis) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut text = Vec::with_capacity(34);
        push_time(&mut text, now_ms);
        let mixed = scramble(self.seed.wrapping_add(count.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        for shift in (0..16).rev() {
            push_digit(&mut text, mixed >> (shift * 4));
        }
        for shift in (0..4).rev() {
            push_digit(&mut text, count >> (shift * 4));
        }
        String::from_utf8(text).expect("only ASCII digits were pushed")
    }
}

fn push_digit(text: &mut Vec<u8>, value: u64) {
    text.push(b"0123456789ABCDEF"[(value & 15) as usize]);
}

/// A bijection that spreads neighbouring numbers (the finisher of splitmix64).
const fn scramble(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// `yyyyMMddHHmmss` in UTC.
fn push_time(text: &mut Vec<u8>, now_ms: Millis) {
    let seconds = now_ms.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date from days since the epoch, counted in eras of 400 years that start in March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = (year_of_era + era * 400 + i64::from(month <= 2)).rem_euclid(10_000);
    for (value, width) in [
        (year, 4_u32),
        (month, 2),
        (day, 2),
        (second / 3600, 2),
        (second / 60 % 60, 2),
        (second % 60, 2),
    ] {
        for place in (0..width).rev() {
            text.push(b'0' + (value / 10_i64.pow(place) % 10) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_ids_have_the_documented_form_and_differ() {
        let ids = LogIds::new(7);
        let first = ids.make(1_795_244_399_123);
        assert_eq!(&first[..14], "20261121065959");
        assert_eq!(first.len(), 34);
        assert!(first[14..].bytes().all(|c| c.is_ascii_digit() || (b'A'..=b'F').contains(&c)));
        assert_ne!(first, ids.make(1_795_244_399_123));
        assert_eq!(&ids.make(951_782_400_000)[..14], "20000229000000");
        assert_eq!(&ids.make(0)[..14], "19700101000000");
    }
}
