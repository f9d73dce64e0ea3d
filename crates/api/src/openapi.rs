//! The description of everything that is served, as `OpenAPI` 3.1: made from the declared operations, so that
//! it cannot say anything else than they do. What the bodies of the platform's operations hold stands on
//! the platform's own pages.

use larkspur_platform::{AppKind, Ceilings, TokenKind};
use serde_json::{Map, Value, json};

use crate::{BodyKind, Operation, operations};

/// Operations that answer neither JSON nor a file: their media type.
const OTHER_ANSWERS: [(&str, &str); 4] = [
    ("larkspurEventList", "text/event-stream"),
    ("larkspurTaskEvents", "text/event-stream"),
    ("authenAuthorize", "text/html"),
    ("larkspurAuthorizeDecide", "text/html"),
];

/// The whole document.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let methods = paths.entry(operation.path).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_ascii_lowercase()] = described(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Larkspur",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything this server answers, made from what it is declared with. A non-zero \
                `code` in an envelope is a failure, whatever the HTTP status. What the bodies under \
                /open-apis hold stands on the platform's own pages.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": components(),
    })
}

fn components() -> Value {
    let bearer = |description: &str| {
        json!({
            "type": "http", "scheme": "bearer", "description": description,
        })
    };
    json!({
        "securitySchemes": {
            "tenantAccessToken": bearer("tenant_access_token, `t-...`"),
            "userAccessToken": bearer("user_access_token, `u-...` or `eyJ...`"),
            "appAccessToken": bearer("app_access_token, `a-...`"),
            "adminToken": bearer("the operator's token, LARKSPUR_ADMIN_TOKEN"),
        },
        "schemas": {
            "Envelope": {
                "type": "object",
                "properties": {
                    "code": { "type": "integer", "description": "0 for success" },
                    "msg": { "type": "string" },
                    "data": { "type": "object" },
                },
                "required": ["code"],
            },
            "Refusal": {
                "type": "object",
                "properties": {
                    "code": { "type": "integer" },
                    "msg": { "type": "string" },
                    "error": {
                        "type": "object",
                        "properties": {
                            "log_id": { "type": "string" },
                            "troubleshooter": { "type": "string" },
                            "message": { "type": "string" },
                            "field_violations": { "type": "array", "items": { "type": "object" } },
                            "permission_violations": {
                                "type": "array",
                                "items": { "type": "object" },
                            },
                        },
                    },
                },
                "required": ["code"],
            },
        },
        "responses": {
            "Refusal": {
                "description": "Refused; `error.message` says why.",
                "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } },
                },
            },
        },
    })
}

/// One operation.
fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [tag(operation.path)],
        "parameters": parameters(operation.path),
    });
    if let Some(body) = request_body(operation.body) {
        described["requestBody"] = body;
    }
    described["responses"] = responses(operation);
    described["security"] = security(operation);
    described["x-scopes"] = json!(operation.scopes);
    described["x-token-types"] = operation.tokens.iter().copied().map(token_type).collect();
    described["x-app-types"] = operation.apps.iter().copied().map(app_type).collect();
    described["x-rate-limit"] = rate_limit(&operation.rate.ceilings);
    described["x-errors"] = operation
        .errors
        .iter()
        .map(|error| json!({ "http": error.http, "code": error.code, "msg": error.msg }))
        .collect();
    described
}

/// `/open-apis/drive/v1/...` is of `drive`, `/larkspur/v1/tasks/...` of `larkspur-tasks`.
fn tag(path: &str) -> String {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("larkspur"), _, Some(resource)) => format!("larkspur-{resource}"),
        (Some("open-apis"), Some(resource), _) => resource.to_owned(),
        (Some(first), ..) => first.to_owned(),
        (None, ..) => String::new(),
    }
}

/// The parameters of a path, in their order.
fn parameters(path: &str) -> Vec<Value> {
    let names = path.split(['{', '}']).skip(1).step_by(2);
    let parameter = |name: &str| {
        json!({
            "name": name, "in": "path", "required": true, "schema": { "type": "string" },
        })
    };
    names.map(parameter).collect()
}

fn request_body(kind: BodyKind) -> Option<Value> {
    let (media_type, schema) = match kind {
        BodyKind::None => return None,
        BodyKind::Json | BodyKind::LongJson { .. } => {
            ("application/json", json!({ "type": "object" }))
        }
        BodyKind::Multipart { .. } => ("multipart/form-data", json!({ "type": "object" })),
        BodyKind::Stream => ("application/octet-stream", json!({})),
    };
    Some(json!({ "content": { (media_type): { "schema": schema } } }))
}

fn responses(operation: &Operation) -> Value {
    let other = OTHER_ANSWERS.iter().find(|(id, _)| *id == operation.id);
    let answer = match other {
        Some((_, media_type)) => json!({ (*media_type): {} }),
        None if operation.download => json!({ "*/*": {} }),
        None => json!({
            "application/json": { "schema": { "$ref": "#/components/schemas/Envelope" } },
        }),
    };
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "description": "Done.", "content": answer }));
    if operation.download {
        let part = json!({ "description": "A part of the file.", "content": { "*/*": {} } });
        responses.insert("206".to_owned(), part);
    }
    let mut statuses: Vec<u16> = operation.errors.iter().map(|error| error.http).collect();
    statuses.sort_unstable();
    let refusal = json!({ "$ref": "#/components/responses/Refusal" });
    for status in statuses {
        responses.entry(status.to_string()).or_insert_with(|| refusal.clone());
    }
    responses.insert("default".to_owned(), refusal);
    responses.into()
}

fn security(operation: &Operation) -> Value {
    let mut schemes: Vec<&str> = operation
        .tokens
        .iter()
        .map(|kind| match kind {
            TokenKind::Tenant => "tenantAccessToken",
            TokenKind::User => "userAccessToken",
            TokenKind::App => "appAccessToken",
        })
        .collect();
    if operation.admin {
        schemes.push("adminToken");
    }
    schemes.iter().map(|scheme| json!({ (*scheme): [] })).collect()
}

/// A kind of token as the contract calls it.
fn token_type(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "tenant",
        TokenKind::User => "user",
        TokenKind::App => "app",
    }
}

/// A kind of app as the contract calls it.
fn app_type(kind: AppKind) -> &'static str {
    match kind {
        AppKind::Custom => "custom",
        AppKind::Store => "isv",
    }
}

/// The ceilings there are.
fn rate_limit(ceilings: &Ceilings) -> Value {
    let numbers = [
        ("per_second", ceilings.per_second),
        ("per_minute", ceilings.per_minute),
        ("per_day", ceilings.per_day),
        ("per_document_per_second", ceilings.per_document_per_second),
    ];
    let flags = [
        ("no_concurrency", ceilings.no_concurrency),
        ("per_document_serial", ceilings.per_document_serial),
    ];
    let numbers = numbers
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(name, number)| (name, json!(number)));
    let flags = flags.into_iter().filter(|(_, flag)| *flag).map(|(name, flag)| (name, json!(flag)));
    let limits: Map<String, Value> =
        numbers.chain(flags).map(|(name, value)| (name.to_owned(), value)).collect();
    limits.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Names of a declared operation's parameters in the path.
    fn path_parameters(operation: &Value) -> BTreeSet<&str> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters.filter(|parameter| parameter["in"] == "path");
        in_path.filter_map(|parameter| parameter["name"].as_str()).collect()
    }

    fn texts(value: &Value) -> BTreeSet<&str> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    #[test]
    fn every_operation_is_described_once_with_its_refusals() {
        let document = openapi();
        let mut ids = BTreeSet::new();
        for methods in document["paths"].as_object().into_iter().flat_map(Map::values) {
            for operation in methods.as_object().into_iter().flat_map(Map::values) {
                assert!(ids.insert(operation["operationId"].as_str().unwrap_or_default()));
                for error in operation["x-errors"].as_array().into_iter().flatten() {
                    assert!(operation["responses"].get(error["http"].to_string()).is_some());
                }
            }
        }
        let declared = operations();
        assert_eq!(ids, declared.iter().map(|operation| operation.id).collect());
        assert!(OTHER_ANSWERS.iter().all(|(id, _)| ids.contains(id)));
    }

    #[test]
    fn what_the_contract_has_is_described_as_there() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/openapi.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("no contract beside the repository: the description is not compared");
            return;
        };
        let contract: Value = serde_json::from_str(&text).expect("the contract is JSON");
        let document = openapi();
        let mut compared = 0;
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, ours) in methods.as_object().into_iter().flatten() {
                let theirs = &contract["paths"][path][method];
                if !path.starts_with("/open-apis/") {
                    continue;
                }
                let id = &ours["operationId"];
                assert_eq!(*id, theirs["operationId"], "{method} {path}");
                assert_eq!(path_parameters(ours), path_parameters(theirs), "{id}");
                for name in ["x-scopes", "x-token-types", "x-app-types"] {
                    assert_eq!(texts(&ours[name]), texts(&theirs[name]), "{id} {name}");
                }
                for (name, limit) in ours["x-rate-limit"].as_object().into_iter().flatten() {
                    assert_eq!(*limit, theirs["x-rate-limit"][name], "{id}");
                }
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}");
    }
}
