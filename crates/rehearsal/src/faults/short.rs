//! The short form of a fault, for headers: `error=1069901`, `status=129; latency=200ms`. JSON does as
//! well.

use larkspur_model::plan::PlannedItem;

use super::rule::{Dropping, Hold, Rule};
use super::{Problem, Refused};

/// Reads a fault from `text`: JSON where it begins with a brace, else the short form.
pub(super) fn read(text: &str) -> Result<Rule, Refused> {
    let text = text.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| Refused::one("X-Larkspur-Fault", text, error.to_string()));
    }
    let mut rule = Rule::default();
    let mut problems = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (key.trim(), value.trim());
        if let Err(description) = set(&mut rule, key, value) {
            problems.push(Problem::new(key, value, description));
        }
    }
    if problems.is_empty() { Ok(rule) } else { Err(Refused(problems)) }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| "a whole number is wanted".to_owned())
}

/// `200ms`, `2s`, or milliseconds.
fn milliseconds(value: &str) -> Result<u64, String> {
    let seconds = |text: &str| number::<u64>(text).map(|seconds| seconds.saturating_mul(1000));
    match (value.strip_suffix("ms"), value.strip_suffix('s')) {
        (Some(ms), _) => number(ms),
        (None, Some(text)) => seconds(text),
        (None, None) => number(value),
    }
}

/// `reading`, `reading/3/10`.
fn hold(value: &str) -> Result<Hold, String> {
    let mut parts = value.split('/');
    let mut hold = Hold::default();
    if let Some(stage) = parts.next().filter(|stage| !stage.is_empty()) {
        stage.clone_into(&mut hold.stage);
    }
    hold.done = parts.next().map_or(Ok(0), number)?;
    hold.total = parts.next().map_or(Ok(0), number)?;
    Ok(hold)
}

/// `0:10013,3:40101`.
fn items(value: &str) -> Result<Vec<PlannedItem>, String> {
    let read = |pair: &str| {
        let (index, code) = pair.split_once(':').ok_or("place and code are wanted: 0:10013")?;
        Ok(PlannedItem { index: number(index)?, code: number(code)? })
    };
    value.split(',').map(read).collect()
}

fn set(rule: &mut Rule, key: &str, value: &str) -> Result<(), String> {
    match key {
        "error" => rule.error = Some(number(value)?),
        "http" => rule.http = Some(number(value)?),
        "latency" | "latency_ms" => rule.latency_ms = Some(milliseconds(value)?),
        "drop" => {
            rule.drop = Some(match value {
                "" | "before" => Dropping::Before,
                "after" => Dropping::After,
                _ => return Err("`before` or `after` is wanted".to_owned()),
            });
        }
        "truncate" => rule.truncate = Some(number(value)?),
        "throttle" => rule.throttle = Some(if value.is_empty() { 1 } else { number(value)? }),
        "status" => rule.status = Some(number(value)?),
        "message" => rule.message = Some(value.to_owned()),
        "items" => rule.items = items(value)?,
        "hold" => rule.hold = Some(hold(value)?),
        "success_before_token" => rule.success_before_token = Some(number(value)?),
        "die" => rule.die = Some(if value.is_empty() { 1 } else { number(value)? }),
        "extra" => rule.extra = value.split(',').map(|one| one.trim().to_owned()).collect(),
        "advance" => rule.advance = Some(value.parse()?),
        _ => {
            return Err(
                "there is no such effect; there are error, http, latency, drop, truncate, \
                 throttle, status, message, items, hold, success_before_token, die, extra, advance"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stepping::Advance;

    #[test]
    fn the_short_form_says_what_json_says() {
        for (short, json) in [
            ("error=1069901", r#"{"error":1069901}"#),
            (
                "status=129; message=broken; latency=2s",
                r#"{"status":129,"message":"broken","latency_ms":2000}"#,
            ),
            ("latency=200ms;drop=after", r#"{"latency_ms":200,"drop":"after"}"#),
            ("hold=reading/3/10", r#"{"hold":{"stage":"reading","done":3,"total":10}}"#),
            ("extra=1000,1001;die", r#"{"extra":["1000","1001"],"die":1}"#),
            ("advance=3-polls", r#"{"advance":{"after_polls":3}}"#),
            (
                "items=0:10013,2:40101",
                r#"{"items":[{"index":0,"code":10013},{"index":2,"code":40101}]}"#,
            ),
        ] {
            assert_eq!(read(short).unwrap(), read(json).unwrap(), "{short}");
        }
        assert_eq!(read("advance=by-hand").unwrap().advance, Some(Advance::ByHand));
    }

    #[test]
    fn every_part_that_does_not_fit_is_named() {
        let refused = read("eror=1; latency=soon; http=503").unwrap_err();
        let fields: Vec<_> = refused.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["eror", "latency"]);
        assert!(read("{\"error\":\"x\"}").is_err());
    }
}
