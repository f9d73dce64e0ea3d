//! Holds every answer the tests get against the served description: statuses, fields, types. Stricter than
//! the description itself: a field that it does not name is a mistake here.
//!
//! A library for JSON Schema would turn on features of `serde_json` and of the typesetter's crates for
//! everything that is tested, which what is released does not have.

use std::sync::LazyLock;

use anyhow::{Result, bail};
use reqwest::Method;
use serde_json::Value;

/// What a server says that does not say which layer refused, when it was told to fail.
const ON_PURPOSE: &str = "a status that is rehearsed";

/// Operations that take more than is documented, and why.
const LENIENT: &[(&str, &str)] = &[
    (
        "bitableAppTableCreate",
        "a field may be an Email, which other pages have and its own has not",
    ),
    (
        "contactV2DepartmentBatchAdd",
        "entries are judged one by one, and the task tells of bad ones",
    ),
    ("contactV2UserBatchAdd", "entries are judged one by one, and the task tells of bad ones"),
    ("docxDocumentBlockChildrenCreate", "what answers hold besides may be sent back"),
    ("docxDocumentBlockDescendantCreate", "what answers hold besides may be sent back"),
    ("vcExportMeetingList", "times come as numbers, too"),
    ("vcExportParticipantList", "times come as numbers, too"),
    ("vcExportParticipantQualityList", "what is not given comes as null, too"),
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(larkspur_api::openapi::openapi);

/// The operation at a place, as it is described.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let fixed = |place: &str| place.matches('{').count();
    let mut found: Vec<(&String, &Value)> = DOCUMENT["paths"]
        .as_object()?
        .iter()
        .filter(|(place, _)| {
            let place: Vec<&str> = place.trim_start_matches('/').split('/').collect();
            place.len() == asked.len()
                && place
                    .iter()
                    .zip(&asked)
                    .all(|(part, asked)| part.starts_with('{') || part == asked)
        })
        .collect();
    found.sort_by_key(|(place, _)| fixed(place));
    found.first()?.1.get(method.as_str().to_ascii_lowercase())
}

fn resolve(mut value: &'static Value) -> &'static Value {
    while let Some(reference) = value["$ref"].as_str() {
        value = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
    }
    value
}

/// Checks an answer with a JSON body. What a server was told to answer on purpose may be anything.
///
/// # Errors
/// What the description does not say.
pub fn check(method: &Method, path: &str, status: u16, body: &Value) -> Result<()> {
    if body["error"]["message"] == ON_PURPOSE {
        return Ok(());
    }
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(method, path) else { return Ok(()) };
    let id = operation["operationId"].as_str().unwrap_or_default();
    let Some(response) = operation["responses"].get(status.to_string()) else {
        bail!("{id} answers HTTP {status}, which its description does not know: {body}");
    };
    let Some(schema) = resolve(response).pointer("/content/application~1json/schema") else {
        bail!("{id} answers HTTP {status} with JSON, its description says something else: {body}");
    };
    if let Err(what) = fits(schema, body, "") {
        bail!("{id} answers HTTP {status} other than described: {what}: {body}");
    }
    Ok(())
}

/// Checks the JSON body of a request that was done: what the server takes, its description allows.
///
/// # Errors
/// What the description does not say.
pub fn check_sent(method: &Method, path: &str, sent: &[u8]) -> Result<()> {
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(method, path) else { return Ok(()) };
    let id = operation["operationId"].as_str().unwrap_or_default();
    let schema = operation.pointer("/requestBody/content/application~1json/schema");
    let (Some(schema), Ok(sent)) = (schema, serde_json::from_slice(sent)) else { return Ok(()) };
    if LENIENT.iter().any(|(lenient, _)| *lenient == id) {
        return Ok(());
    }
    if let Err(what) = fits(schema, &sent, "") {
        bail!("{id} takes what its description does not allow: {what}: {sent}");
    }
    Ok(())
}

/// Whether `value` is what `schema` says; else where it is not.
fn fits(schema: &'static Value, value: &Value, place: &str) -> Result<(), String> {
    let schema = resolve(schema);
    let no = |what: String| Err(format!("{place} {what}"));
    if let Some(choices) = schema["anyOf"].as_array() {
        let mut whys = Vec::new();
        for choice in choices {
            match fits(choice, value, place) {
                Ok(()) => return Ok(()),
                Err(why) => whys.push(why),
            }
        }
        return no(format!("is none of the choices: {}", whys.join("; ")));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return no(format!("is {value}, not one of {values:?}"));
    }
    if let Some(values) = schema["not"]["enum"].as_array()
        && values.contains(value)
    {
        return no(format!("is {value}"));
    }
    let number = |key: &str| schema[key].as_f64();
    let within = |found: f64, least: &str, most: &str| {
        number(least).is_none_or(|least| found >= least)
            && number(most).is_none_or(|most| found <= most)
    };
    let right = match schema["type"].as_str() {
        None => true,
        Some("string") => value
            .as_str()
            .is_some_and(|text| within(text.chars().count() as f64, "minLength", "maxLength")),
        Some("integer") => {
            (value.is_i64() || value.is_u64())
                && within(value.as_f64().unwrap_or_default(), "minimum", "maximum")
        }
        Some("number") => value.as_f64().is_some_and(|found| within(found, "minimum", "maximum")),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => return list(schema, value, place),
        Some("object") => return object(schema, value, place),
        Some(_) => false,
    };
    if right { Ok(()) } else { no(format!("is {value}, not as {schema} says")) }
}

fn list(schema: &'static Value, value: &Value, place: &str) -> Result<(), String> {
    let Some(items) = value.as_array() else { return Err(format!("{place} is no list: {value}")) };
    let each = schema.get("items").unwrap_or(&Value::Null);
    items.iter().enumerate().try_for_each(|(at, item)| fits(each, item, &format!("{place}/{at}")))
}

fn object(schema: &'static Value, value: &Value, place: &str) -> Result<(), String> {
    let Some(fields) = value.as_object() else {
        return Err(format!("{place} is no object: {value}"));
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap_or_default()) {
            return Err(format!("{place} lacks {name}"));
        }
    }
    let Some(known) = schema["properties"].as_object() else {
        let others = schema.get("additionalProperties");
        let Some(others) = others else { return Ok(()) };
        let mut fields = fields.iter();
        return fields
            .try_for_each(|(name, field)| fits(others, field, &format!("{place}/{name}")));
    };
    for (name, field) in fields {
        match known.get(name).or_else(|| schema.get("additionalProperties")) {
            Some(schema) => fits(schema, field, &format!("{place}/{name}"))?,
            None => return Err(format!("{place}/{name} is told to nobody")),
        }
    }
    Ok(())
}
