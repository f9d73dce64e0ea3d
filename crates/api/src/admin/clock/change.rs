//! Wire request -> another setting of the clock.

use std::sync::Arc;

use larkspur_model::time::{ClockSetting, MOMENTS, Millis, parse_moment, parse_span};

use super::view;
use super::wire::{AdvanceBody, Figure, Mode, SetBody};
use crate::{Answer, ApiError, Request, Services, Violations, codes};

/// A checked change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Real,
    Move { frozen: Option<bool>, at_ms: Option<Millis>, factor_milli: Option<i64> },
}

impl Change {
    fn apply(self, setting: ClockSetting, real_ms: Millis) -> ClockSetting {
        let Self::Move { frozen, at_ms, factor_milli } = self else { return ClockSetting::Real };
        let mut setting = match (frozen, factor_milli) {
            (Some(true), _) => setting.freeze(real_ms),
            (_, Some(factor_milli)) => setting.run(real_ms, factor_milli),
            (Some(false), None) => setting.run(real_ms, 1_000),
            (None, None) => setting,
        };
        if let Some(at_ms) = at_ms {
            setting = setting.set(real_ms, at_ms);
        }
        setting
    }
}

fn moment(violations: &mut Violations, figure: &Figure) -> Option<Millis> {
    let found = match figure {
        Figure::Number(ms) => Some(*ms),
        Figure::Text(text) => parse_moment(text),
    };
    let found = found.filter(|ms| MOMENTS.contains(ms));
    if found.is_none() {
        let rule = "RFC 3339 such as 2026-12-01T09:00:00+08:00, or milliseconds since 1970; \
                    before 2038";
        violations.add("at", figure, rule);
    }
    found
}

fn check(body: &SetBody) -> Result<Change, ApiError> {
    let mut violations = Violations::new();
    let at_ms = body.at.as_ref().and_then(|figure| moment(&mut violations, figure));
    let factor_milli = body.factor.map(|factor| (factor * 1e3).round());
    let most = ClockSetting::MOST_FACTOR_MILLI as f64;
    if let (Some(milli), Some(factor)) = (factor_milli, body.factor)
        && !(1.0..=most).contains(&milli)
    {
        violations.add("factor", factor, "0.001 to 10000; `mode` `frozen` stops the clock");
    }
    match body.mode {
        Some(Mode::Real) if body.at.is_some() || body.factor.is_some() => {
            violations.add("mode", "real", "the machine's own time takes neither at nor factor");
        }
        Some(Mode::Frozen) if body.factor.is_some() => {
            violations.add("mode", "frozen", "a clock that stands still has no factor");
        }
        None if body.at.is_none() && body.factor.is_none() => {
            violations.add("mode", "", "one of mode (real, frozen, running), at and factor");
        }
        _ => {}
    }
    violations.check()?;
    if body.mode == Some(Mode::Real) {
        return Ok(Change::Real);
    }
    let frozen = body.mode.map(|mode| mode == Mode::Frozen);
    Ok(Change::Move { frozen, at_ms, factor_milli: factor_milli.map(|milli| milli as i64) })
}

async fn change(services: &Services, change: Change) -> Result<Answer, ApiError> {
    services
        .change_clock(|setting, real_ms| change.apply(setting, real_ms))
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?;
    view::show(services)
}

/// `larkspurClockSet`.
pub(super) async fn set(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    change(&services, check(&request.json(codes::BAD_REQUEST)?)?).await
}

/// `larkspurClockAdvance`.
pub(super) async fn advance(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: AdvanceBody = request.json(codes::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let by_ms = match &body.by {
        None => None,
        Some(Figure::Number(ms)) => Some(*ms),
        Some(Figure::Text(text)) => parse_span(text),
    };
    let now_ms = services.clock.now_ms();
    let by_ms = by_ms.filter(|by_ms| {
        *by_ms >= 0 && now_ms.checked_add(*by_ms).is_some_and(|then| MOMENTS.contains(&then))
    });
    match (&body.by, by_ms) {
        (None, _) => violations.missing("by"),
        (Some(by), None) => {
            let rule = "a span such as 90s, 6m, 24h, 2d, or milliseconds, not beyond 2037; PUT \
                        /larkspur/v1/clock sets the clock back";
            violations.add("by", by, rule);
        }
        (Some(_), Some(_)) => {}
    }
    violations.check()?;
    services
        .change_clock(|setting, real_ms| setting.advance(real_ms, by_ms.unwrap_or_default()))
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?;
    view::show(&services)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: &str) -> Result<Change, Vec<String>> {
        check(&serde_json::from_str(json).unwrap()).map_err(|error| {
            let details = error.details.unwrap_or_default();
            details.field_violations.into_iter().map(|one| one.field).collect()
        })
    }

    #[test]
    fn a_change_says_what_it_moves() {
        let real = ClockSetting::Real;
        let apply = |json: &str, before: ClockSetting| checked(json).unwrap().apply(before, 1_000);
        let frozen = apply(r#"{"mode":"frozen"}"#, real);
        assert_eq!(frozen, ClockSetting::Frozen { at_ms: 1_000 });
        assert_eq!(apply(r#"{"at":"1970-01-01T00:00:05Z"}"#, frozen).at(9_999), 5_000);
        assert_eq!(apply(r#"{"at":5000}"#, real).at(1_001), 5_001);
        assert_eq!(apply(r#"{"factor":60}"#, frozen).at(2_000), 61_000);
        assert_eq!(apply(r#"{"mode":"running","at":7}"#, frozen).at(1_010), 17);
        assert_eq!(apply(r#"{"mode":"real"}"#, frozen), real);
    }

    #[test]
    fn changes_that_contradict_themselves_are_refused() {
        for (json, field) in [
            ("{}", "mode"),
            (r#"{"mode":"real","at":1}"#, "mode"),
            (r#"{"mode":"frozen","factor":2}"#, "mode"),
            (r#"{"factor":0}"#, "factor"),
            (r#"{"factor":100000}"#, "factor"),
            (r#"{"at":"tomorrow"}"#, "at"),
            (r#"{"at":"2999-01-01T00:00:00Z"}"#, "at"),
        ] {
            assert_eq!(checked(json).unwrap_err(), [field], "{json}");
        }
    }
}
