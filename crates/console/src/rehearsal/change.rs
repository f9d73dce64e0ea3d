//! What the forms of the page do.

use larkspur_api::{Answer, ApiError, FieldViolation, codes};
use serde_json::{Map, Value, json};

use crate::visit::{self, Visit};

pub(super) async fn change(visit: Visit) -> Result<Answer, ApiError> {
    let field = |name: &str| visit.field(name).unwrap_or_default();
    let operator = |operation| visit.operator(operation);
    let what = visit.request.path_value("what").to_owned();
    let call = match what.as_str() {
        "clock-advance" => operator("larkspurClockAdvance").json(&json!({ "by": field("by") }))?,
        "clock-freeze" => operator("larkspurClockSet").json(&json!({ "mode": "frozen" }))?,
        "clock-run" => operator("larkspurClockSet").json(&json!({ "mode": "running" }))?,
        "clock-real" => operator("larkspurClockSet").json(&json!({ "mode": "real" }))?,
        "clock-set" => operator("larkspurClockSet").json(&json!({ "at": moment(&field("at")) }))?,
        "fault-add" => operator("larkspurFaultAdd").json(&fault(&visit)?)?,
        "fault-remove" => operator("larkspurFaultRemove").path("name", field("name")),
        "fault-release" => operator("larkspurFaultRelease").path("name", field("name")),
        "fault-clear" => operator("larkspurFaultClear"),
        "stepping" => operator("larkspurSteppingSet").json(&stepping(&visit)?)?,
        "fixtures" => {
            let fields = [("fixtures", field("fixtures"))];
            operator("larkspurFixturesApply").form(&visit.boundary(), &fields, None)
        }
        "snapshot-take" => operator("larkspurSnapshotTake")
            .json(&json!({ "name": field("name"), "replace": true }))?,
        "snapshot-restore" => {
            operator("larkspurSnapshotRestore").path("name", field("name")).json(&json!({}))?
        }
        "snapshot-remove" => operator("larkspurSnapshotRemove").path("name", field("name")),
        "reset" => operator("larkspurReset").json(&json!({}))?,
        _ => return Err(codes::UNKNOWN_PATH.because("there is no such form")),
    };
    visit.do_it(call).await?;
    let part = what.split('-').next().unwrap_or_default();
    let part = match part {
        "fault" => "faults",
        "snapshot" | "reset" => "snapshots",
        other => other,
    };
    Ok(visit::go(format!("/console/rehearsal#{part}")))
}

fn misfit(field: &str, value: &str, description: &str) -> ApiError {
    ApiError::fields(vec![FieldViolation {
        field: field.to_owned(),
        value: value.to_owned(),
        description: description.to_owned(),
    }])
}

/// What a browser's field for a moment says, which knows no seconds and no zone.
fn moment(text: &str) -> String {
    match text.len() {
        16 if text.contains('T') => format!("{text}:00Z"),
        19 if text.contains('T') => format!("{text}Z"),
        _ => text.to_owned(),
    }
}

/// The rule of the form: written whole as JSON, or put together from its fields.
fn fault(visit: &Visit) -> Result<Value, ApiError> {
    if let Some(json) = visit.field("json") {
        return serde_json::from_str(&json)
            .map_err(|error| misfit("json", &json, &error.to_string()));
    }
    let field = |name: &str| visit.field(name).unwrap_or_default();
    let on = field("on");
    let mut rule = Map::new();
    rule.insert(if on.contains('.') { "family" } else { "operation" }.to_owned(), on.into());
    for name in ["name", "file"] {
        if let Some(text) = visit.field(name) {
            rule.insert(name.to_owned(), text.into());
        }
    }
    let figure = |name: &str, text: &str| {
        text.trim().parse::<i64>().map_err(|_| misfit(name, text, "a whole number"))
    };
    if let Some(times) = visit.field("times") {
        rule.insert("times".to_owned(), figure("times", &times)?.into());
    }
    let (effect, value) = (field("effect"), field("value"));
    let said = match effect.as_str() {
        "drop" => json!(if value.is_empty() { "before" } else { value.as_str() }),
        "hold" => {
            json!({ "stage": if value.is_empty() { "reading" } else { value.as_str() }, "done": 1, "total": 2 })
        }
        "status" | "error" | "http" | "throttle" | "latency_ms" | "truncate" | "die" => {
            figure("value", &value)?.into()
        }
        _ => return Err(misfit("effect", &effect, "one of the list")),
    };
    rule.insert(effect, said);
    Ok(Value::Object(rule))
}

/// The stepping of the form: `at-once`, `by-hand`, `5s` or `3-polls`, for all families or one.
fn stepping(visit: &Visit) -> Result<Value, ApiError> {
    let text = visit.field("advance").unwrap_or_default();
    let advance: larkspur_rehearsal::stepping::Advance =
        text.parse().map_err(|error: String| misfit("advance", &text, &error))?;
    let said = serde_json::to_value(advance).map_err(|error| codes::INTERNAL.caused_by(error))?;
    let now = visit.services.rehearsal.stepping.get();
    let mut now = serde_json::to_value(now).map_err(|error| codes::INTERNAL.caused_by(error))?;
    match visit.field("family") {
        Some(family) => now["families"][family] = said,
        None => now = json!({ "default": said }),
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_say_of_a_moment_is_understood() {
        assert_eq!(moment("2026-12-01T09:00"), "2026-12-01T09:00:00Z");
        assert_eq!(moment("2026-12-01T09:00:30"), "2026-12-01T09:00:30Z");
        assert_eq!(moment("2026-12-01T09:00:00+08:00"), "2026-12-01T09:00:00+08:00");
    }
}
