//! The fields of each kind of record: their names and what may stand in them. Values come as JSON or,
//! out of csv files, as texts; either becomes what the record holds.

use serde_json::{Map, Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Most characters of a text.
const TEXT_CHARACTERS: usize = 512;
/// Most characters of an id.
const ID_CHARACTERS: usize = 64;
/// Largest count.
const MOST: i64 = 1_000_000_000;
/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// What may stand in a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    /// An id: letters, digits and `_-.:@`.
    Id,
    /// Ids: a list, or a text with `;` between them.
    Ids,
    /// Nine digits.
    MeetingNumber,
    /// Any text.
    Text,
    /// One of these, or nothing.
    Word(&'static [&'static str]),
    /// A count.
    Count,
    /// A number within these bounds.
    Choice(i64, i64),
    /// A flag.
    Flag,
    /// Seconds since the epoch, or a time as RFC 3339 has it.
    Time,
    /// `+08:00`; becomes minutes.
    Offset,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) required: bool,
}

pub(super) const fn must(name: &'static str, holds: Holds) -> Field {
    Field { name, holds, required: true }
}

pub(super) const fn may(name: &'static str, holds: Holds) -> Field {
    Field { name, holds, required: false }
}

/// The values of `given`, each in its record's form.
///
/// # Errors
/// What is wrong, with the field's name.
pub(super) fn read(
    given: Map<String, Value>,
    fields: &[Field],
) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    for (name, value) in given {
        if name == "kind" {
            continue;
        }
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            return Err(format!("unknown field `{name}`; there are {}", names.join(", ")));
        };
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            continue;
        }
        let read = value_of(&value, field.holds);
        let read = read.map_err(|wanted| format!("{name} is {wanted}, not {value}"))?;
        values.insert(name, read);
    }
    match fields.iter().find(|field| field.required && !values.contains_key(field.name)) {
        Some(field) => Err(format!("{} is required", field.name)),
        None => Ok(values),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= ID_CHARACTERS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:@".contains(&byte))
}

/// Seconds since the epoch, of a number or a time as RFC 3339 has it.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    let seconds = integer(value).or_else(|| {
        let time = OffsetDateTime::parse(value.as_str()?.trim(), &Rfc3339).ok()?;
        Some(time.unix_timestamp())
    })?;
    (0..=LAST_SECOND).contains(&seconds).then_some(seconds)
}

/// Minutes of `+08:00`.
fn offset_minutes(text: &str) -> Option<i64> {
    let (sign, clock) = match text.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes))
        .then_some(sign * (hours * 60 + minutes))
}

fn value_of(value: &Value, holds: Holds) -> Result<Value, String> {
    let number = |number: i64| Value::Number(Number::from(number));
    match holds {
        Holds::Id => text(value)
            .filter(|id| is_id(id))
            .map(Value::String)
            .ok_or_else(|| "an id of at most 64 letters, digits and _-.:@".to_owned()),
        Holds::Ids => {
            let ids: Option<Vec<String>> = match value {
                Value::Array(ids) => ids.iter().map(text).collect(),
                other => {
                    text(other).map(|ids| ids.split(';').map(|id| id.trim().to_owned()).collect())
                }
            };
            ids.filter(|ids| ids.iter().all(|id| is_id(id)))
                .map(Value::from)
                .ok_or_else(|| "a list of ids".to_owned())
        }
        Holds::MeetingNumber => text(value)
            .filter(|digits| digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .map(Value::String)
            .ok_or_else(|| "nine digits".to_owned()),
        Holds::Text => text(value)
            .filter(|text| text.chars().count() <= TEXT_CHARACTERS && !text.contains('\0'))
            .map(Value::String)
            .ok_or_else(|| "a text of at most 512 characters".to_owned()),
        Holds::Word(words) => text(value)
            .filter(|word| words.contains(&word.as_str()))
            .map(Value::String)
            .ok_or_else(|| format!("one of {}", words.join(", "))),
        Holds::Count => integer(value)
            .filter(|count| (0..=MOST).contains(count))
            .map(number)
            .ok_or_else(|| "a count".to_owned()),
        Holds::Choice(first, last) => integer(value)
            .filter(|choice| (first..=last).contains(choice))
            .map(number)
            .ok_or_else(|| format!("a number from {first} to {last}")),
        Holds::Flag => match value {
            Value::Bool(_) => Some(value.clone()),
            other => match text(other).unwrap_or_default().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "是" => Some(Value::Bool(true)),
                "false" | "0" | "no" | "否" => Some(Value::Bool(false)),
                _ => None,
            },
        }
        .ok_or_else(|| "true or false".to_owned()),
        Holds::Time => seconds(value)
            .map(number)
            .ok_or_else(|| "a time: seconds since 1970, or 2026-11-02T09:00:00+08:00".to_owned()),
        Holds::Offset => value
            .as_str()
            .and_then(|text| offset_minutes(text.trim()))
            .map(number)
            .ok_or_else(|| "an offset from UTC such as +08:00".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_in_their_json_form_or_as_texts() {
        for (value, holds, read) in [
            (json!(" a-1 "), Holds::Id, json!("a-1")),
            (json!("omm_a; omm_b"), Holds::Ids, json!(["omm_a", "omm_b"])),
            (json!("7"), Holds::Count, json!(7)),
            (json!("是"), Holds::Flag, json!(true)),
            (json!(0), Holds::Flag, json!(false)),
            (json!("2022-07-21T11:01:40+08:00"), Holds::Time, json!(1_658_372_500)),
            (json!("1658372500"), Holds::Time, json!(1_658_372_500)),
            (json!("-03:30"), Holds::Offset, json!(-210)),
            (json!(123_456_789), Holds::MeetingNumber, json!("123456789")),
        ] {
            assert_eq!(value_of(&value, holds), Ok(read), "{value}");
        }
        for (value, holds) in [
            (json!("a b"), Holds::Id),
            (json!(-1), Holds::Count),
            (json!("maybe"), Holds::Flag),
            (json!("yesterday"), Holds::Time),
            (json!(-5), Holds::Time),
            (json!("8"), Holds::Offset),
            (json!("12345678"), Holds::MeetingNumber),
            (json!(4), Holds::Choice(1, 3)),
            (json!("预定"), Holds::Word(&["预定成功"])),
        ] {
            assert!(value_of(&value, holds).is_err(), "{value} {holds:?}");
        }
    }
}
