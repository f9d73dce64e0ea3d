//! Holds the shapes against the declared operations, and against the contract where that lies beside the
//! repository.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Answered, FILES, Sent, shapes};
use crate::openapi::openapi;
use crate::{BodyKind, operations};

/// Where a shape is not that of the contract: the place, and why.
const DEVIATIONS: &[(&str, &str)] = &[
    // Nine is what a client may make; what was imported has more.
    ("DocxTableProperty.column_size: maximum is null, theirs 9", "imported tables are larger"),
    ("DocxTableProperty.row_size: maximum is null, theirs 9", "imported tables are larger"),
    (
        "bitableAppTableFieldList data.items[].description: type is null, theirs \"object\"",
        "the page calls it a union: a text is one of its forms",
    ),
    ("driveImportTaskGet data.result: preview only ours", "of a dry run"),
];

#[test]
fn every_operation_has_a_shape_that_suits_what_it_is_declared_as() {
    let shapes = shapes();
    let ids: BTreeSet<&str> = operations().iter().map(|operation| operation.id).collect();
    let described: BTreeSet<&str> = shapes.operations.keys().map(String::as_str).collect();
    assert_eq!(ids, described);
    for operation in operations() {
        let shape = &shapes.operations[operation.id];
        let suits = match &shape.sent {
            Sent::Nothing => true,
            Sent::Json(_) => matches!(operation.body, BodyKind::Json | BodyKind::LongJson { .. }),
            Sent::Form(_) => matches!(operation.body, BodyKind::Multipart { .. }),
        };
        assert!(suits, "{}: {:?}", operation.id, operation.body);
        let file = matches!(shape.answered, Answered::File);
        assert_eq!(file, operation.download, "{}", operation.id);
        for member in &shape.path {
            assert!(operation.path.contains(&format!("{{{}}}", member.name)), "{}", operation.id);
        }
    }
}

#[test]
fn names_are_given_once_and_used() {
    let text: String = FILES.iter().map(|(_, text)| *text).collect();
    for name in shapes().named.keys() {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let uses = text.split(|letter| !is_part(letter)).filter(|word| word == name).count();
        assert!(uses > 1, "nothing uses {name}");
    }
    let document = openapi();
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let place = reference.trim_start_matches('#');
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| collect(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

/// Two descriptions that are compared.
struct Comparison<'a> {
    ours: &'a Value,
    theirs: &'a Value,
    /// Pairs of names that were compared.
    seen: BTreeSet<(String, String)>,
    found: BTreeSet<String>,
}

fn resolve<'a>(document: &'a Value, mut schema: &'a Value) -> (&'a Value, String) {
    let mut name = String::new();
    while let Some(reference) = schema["$ref"].as_str() {
        name = reference.to_owned();
        schema = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
    }
    (schema, name)
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(Value::to_string).collect()
}

fn names(value: &Value) -> BTreeSet<&String> {
    value.as_object().into_iter().flat_map(Map::keys).collect()
}

impl Comparison<'_> {
    fn differ(&mut self, place: &str, what: &str) {
        self.found.insert(format!("{place}: {what}"));
    }

    fn compare(&mut self, place: &str, ours: &Value, theirs: &Value) {
        let ((ours, our_name), (theirs, their_name)) =
            (resolve(self.ours, ours), resolve(self.theirs, theirs));
        let nothing = json!({ "type": "null" });
        if let Some([ours, other]) = ours["anyOf"].as_array().map(Vec::as_slice)
            && *other == nothing
            && let Some([kind, null]) = theirs["type"].as_array().map(Vec::as_slice)
            && *null == "null"
        {
            let mut theirs = theirs.clone();
            theirs["type"] = kind.clone();
            return self.compare(place, ours, &theirs);
        }
        let named = !our_name.is_empty() && !their_name.is_empty();
        if named && !self.seen.insert((our_name, their_name.clone())) {
            return;
        }
        let place = match their_name.rsplit('/').next() {
            Some(name) if named => name,
            _ => place,
        };
        for key in ["enum", "required"] {
            // A constant is an enumeration of one.
            let only = theirs.get("const").filter(|_| key == "enum");
            let (ours, theirs) = match only {
                Some(only) => (texts(&ours[key]), BTreeSet::from([only.to_string()])),
                None => (texts(&ours[key]), texts(&theirs[key])),
            };
            for one in ours.symmetric_difference(&theirs) {
                let whose = if ours.contains(one) { "only ours" } else { "only theirs" };
                self.differ(place, &format!("{key} {one} {whose}"));
            }
        }
        for key in [
            "type",
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "pattern",
        ] {
            // Words that are listed have the type and the length they have.
            let untold = theirs.get("enum").or_else(|| theirs.get("const")).is_some();
            if ours[key] != theirs[key] && !untold {
                self.differ(place, &format!("{key} is {}, theirs {}", ours[key], theirs[key]));
            }
        }
        let (our_fields, their_fields) = (names(&ours["properties"]), names(&theirs["properties"]));
        for one in our_fields.symmetric_difference(&their_fields) {
            let whose = if our_fields.contains(one) { "only ours" } else { "only theirs" };
            self.differ(place, &format!("{one} {whose}"));
        }
        for one in our_fields.intersection(&their_fields) {
            let (ours, theirs) = (&ours["properties"][*one], &theirs["properties"][*one]);
            self.compare(&format!("{place}.{one}"), ours, theirs);
        }
        if let (Some(ours), Some(theirs)) = (ours.get("items"), theirs.get("items")) {
            self.compare(&format!("{place}[]"), ours, theirs);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(theirs) = theirs[key].as_array() else { continue };
            let ours = ours["anyOf"].as_array().cloned().unwrap_or_default();
            if ours.len() != theirs.len() {
                self.differ(place, "not as many choices");
            }
            for (ours, theirs) in ours.iter().zip(theirs) {
                self.compare(place, ours, theirs);
            }
        }
    }
}

/// What is said of the data of an answer, or of a whole one that has none.
fn answered(responses: &Value) -> Option<&Value> {
    let mut schema = responses.pointer("/200/content/application~1json/schema")?;
    if let Some(choices) = schema["anyOf"].as_array() {
        schema = choices.first()?;
    }
    let fields = schema["properties"].as_object()?;
    let flat = fields.keys().any(|name| !["code", "msg", "data", "error"].contains(&name.as_str()));
    if flat { Some(schema) } else { fields.get("data") }
}

#[test]
fn shapes_are_those_of_the_contract() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/openapi.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("no contract beside the repository: shapes are not compared");
        return;
    };
    let theirs: Value = serde_json::from_str(&text).expect("the contract is JSON");
    let ours = openapi();
    let mut comparison =
        Comparison { ours: &ours, theirs: &theirs, seen: BTreeSet::new(), found: BTreeSet::new() };
    let mut compared = 0;
    for operation in operations().iter().filter(|one| one.path.starts_with("/open-apis/")) {
        let method = operation.method.as_str().to_ascii_lowercase();
        let (our, their) =
            (&ours["paths"][operation.path][&method], &theirs["paths"][operation.path][&method]);
        let id = operation.id;
        compared += 1;
        let list = |value: &Value| value["parameters"].as_array().cloned().unwrap_or_default();
        let key =
            |one: &Value| format!("{} {}", one["in"].as_str().unwrap_or_default(), one["name"]);
        let (our_list, their_list) = (list(our), list(their));
        let our_keys: BTreeSet<String> = our_list.iter().map(key).collect();
        let their_keys: BTreeSet<String> = their_list.iter().map(key).collect();
        let own = |key: &&String| key.starts_with("header \"X-Larkspur-");
        for one in our_keys.symmetric_difference(&their_keys).filter(|key| !own(key)) {
            let whose = if our_keys.contains(one) { "only ours" } else { "only theirs" };
            comparison.differ(id, &format!("{one} {whose}"));
        }
        for one in &our_list {
            let Some(other) = their_list.iter().find(|other| key(other) == key(one)) else {
                continue;
            };
            let place = format!("{id} {}", key(one));
            if one["required"].as_bool().unwrap_or_default()
                != other["required"].as_bool().unwrap_or_default()
            {
                comparison.differ(&place, "not as required");
            }
            comparison.compare(&place, &one["schema"], &other["schema"]);
        }
        for kind in ["application/json", "multipart/form-data"] {
            let body = |one: &Value| one["requestBody"]["content"][kind]["schema"].clone();
            comparison.compare(&format!("{id} body"), &body(our), &body(their));
        }
        let (our, their) = (answered(&our["responses"]), answered(&their["responses"]));
        if let (Some(our), Some(their)) = (our, their) {
            comparison.compare(&format!("{id} data"), our, their);
        }
    }
    assert!(compared > 100, "{compared}");
    let known: BTreeSet<String> = DEVIATIONS.iter().map(|(place, _)| (*place).to_owned()).collect();
    let untold: Vec<_> = comparison.found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&comparison.found).collect();
    assert!(untold.is_empty() && gone.is_empty(), "not told: {untold:#?}; no longer so: {gone:#?}");
}
