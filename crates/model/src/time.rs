//! Where the time comes from. Everything that expires asks a [`Clock`]; nothing reads the system
//! time by itself, which is what makes expiry testable and a virtual clock possible.

use std::sync::atomic::{AtomicI64, Ordering};

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

pub use crate::virtual_clock::{ClockSetting, ClockStart, MOMENTS, VirtualClock, parse_clock};

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// One second in [`Millis`].
pub const SECOND_MS: Millis = 1_000;
/// One minute in [`Millis`].
pub const MINUTE_MS: Millis = 60 * SECOND_MS;
/// One hour in [`Millis`].
pub const HOUR_MS: Millis = 60 * MINUTE_MS;
/// One day in [`Millis`].
pub const DAY_MS: Millis = 24 * HOUR_MS;

/// Reads a span of time: `90s`, `6m`, `24h`, `2d`, `250ms`, or a number of milliseconds.
pub fn parse_span(text: &str) -> Option<Millis> {
    let text = text.trim();
    let unit_at = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit_ms = match unit {
        "" | "ms" => 1,
        "s" => SECOND_MS,
        "m" => MINUTE_MS,
        "h" => HOUR_MS,
        "d" => DAY_MS,
        _ => return None,
    };
    number.parse::<Millis>().ok()?.checked_mul(unit_ms)
}

/// Reads a moment: RFC 3339 such as `2026-12-01T09:00:00+08:00`, or milliseconds since the Unix
/// epoch.
pub fn parse_moment(text: &str) -> Option<Millis> {
    let text = text.trim();
    if let Ok(ms) = text.parse::<Millis>() {
        return Some(ms);
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// A moment as RFC 3339 in UTC, with milliseconds where there are some.
pub fn moment_text(at_ms: Millis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| at_ms.to_string())
}

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// The current time, in milliseconds since the Unix epoch.
    fn now_ms(&self) -> Millis;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system time")]
    fn now_ms(&self) -> Millis {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now_ms`.
    pub const fn at(now_ms: Millis) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves the clock forward (or back, with a negative value) by `by_ms`.
    pub fn advance(&self, by_ms: Millis) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_number_and_a_unit() {
        let spans = ["90s", "6m", "24h", "2d", "250ms", "250", " 5m "].map(parse_span);
        let expected = [90_000, 360_000, 86_400_000, 172_800_000, 250, 250, 300_000];
        assert_eq!(spans, expected.map(Some));
        for wrong in
            ["", "m", "-5m", "5 m", "5w", "1.5h", "99999999999999999999d", "9999999999999d"]
        {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_read_back_as_they_were_written() {
        let at_ms = parse_moment("2026-12-01T09:00:00+08:00").expect("it is RFC 3339");
        assert_eq!(at_ms, 1_796_086_800_000);
        assert_eq!(moment_text(at_ms), "2026-12-01T01:00:00Z");
        assert_eq!(moment_text(at_ms + 5), "2026-12-01T01:00:00.005Z");
        assert_eq!(parse_moment("1796086800000"), Some(at_ms));
        assert_eq!(parse_moment("2026-12-01"), None);
        assert_eq!(moment_text(i64::MAX), i64::MAX.to_string());
    }
}
