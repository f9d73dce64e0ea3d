//! The description of everything that is served, as `OpenAPI` 3.1: made from the declared operations, so that
//! it cannot say anything else than they do, and from the shapes of their requests and answers.

use std::collections::BTreeSet;

use larkspur_platform::{AppKind, Ceilings, TokenKind};
use serde_json::{Map, Value, json};

use crate::once::ANOTHER;
use crate::shapes::{Answered, Member, Sent, Shape, shapes};
use crate::{BodyKind, Operation, codes, oauth_word, operations};

/// Operations that answer neither JSON nor a file: their media type.
const OTHER_ANSWERS: [(&str, &str); 4] = [
    ("larkspurEventList", "text/event-stream"),
    ("larkspurTaskEvents", "text/event-stream"),
    ("authenAuthorize", "text/html"),
    ("larkspurAuthorizeDecide", "text/html"),
];

/// Operations whose requests may name themselves, so that they make nothing twice.
const NAMED: [&str; 11] = [
    "driveImportTaskCreate",
    "driveExportTaskCreate",
    "driveFileMove",
    "driveFileDelete",
    "contactV2UserBatchAdd",
    "contactV2DepartmentBatchAdd",
    "vcExportMeetingList",
    "vcExportParticipantList",
    "vcExportParticipantQualityList",
    "vcExportResourceReservationList",
    "wikiSpaceNodeMoveDocsToWiki",
];

/// Operations that a browser opens.
const PAGES: [&str; 2] = ["authenAuthorize", "larkspurAuthorizeDecide"];

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
                `code` in an envelope is a failure, whatever the HTTP status. Rules that make a server fail \
                on purpose may bring about any documented refusal of an operation, and any status.",
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
        "schemas": schemas(),
        "headers": {
            "LogId": {
                "description": "What the call is named by in the server's log.",
                "schema": { "type": "string" },
            },
            "RateLimit": {
                "description": "The ceiling that was met.",
                "schema": { "type": "integer" },
            },
            "RateReset": {
                "description": "Seconds until calls are let through again.",
                "schema": { "type": "integer" },
            },
        },
        "responses": {
            "Refusal": refusal("Refusal"),
            "OauthRefusal": refusal("OauthRefusal"),
        },
    })
}

/// A refusal in an envelope, or as RFC 6749 has it.
fn refusal(schema: &str) -> Value {
    let schema = match schema {
        "Refusal" => reference("schemas", "Refusal"),
        flat => json!({ "anyOf": [reference("schemas", flat), reference("schemas", "Refusal")] }),
    };
    let mut headers = headers();
    headers["X-Ogw-Ratelimit-Limit"] = reference("headers", "RateLimit");
    headers["X-Ogw-Ratelimit-Reset"] = reference("headers", "RateReset");
    json!({
        "description": "Refused; `error.message` says why.",
        "headers": headers,
        "content": { "application/json": { "schema": schema } },
    })
}

/// What every answer carries.
fn headers() -> Value {
    json!({ "X-Tt-Logid": reference("headers", "LogId"), "X-Request-Id": reference("headers", "LogId") })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn schemas() -> Value {
    let mut schemas = json!({
        "Refusal": {
            "type": "object",
            "properties": {
                "code": { "type": "integer", "not": { "enum": [0] } },
                "msg": { "type": "string" },
                "error": {
                    "type": "object",
                    "properties": {
                        "log_id": { "type": "string" },
                        "troubleshooter": { "type": "string" },
                        "message": { "type": "string" },
                        "field_violations": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "field": { "type": "string" },
                                    "value": { "type": "string" },
                                    "description": { "type": "string" },
                                },
                            },
                        },
                        "permission_violations": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "type": { "type": "string" },
                                    "subject": { "type": "string" },
                                    "description": { "type": "string" },
                                },
                            },
                        },
                    },
                    "required": ["log_id"],
                },
            },
            "required": ["code", "msg", "error"],
        },
        "OauthRefusal": {
            "type": "object",
            "properties": {
                "code": { "type": "integer", "not": { "enum": [0] } },
                "error": { "type": "string" },
                "error_description": { "type": "string" },
            },
            "required": ["code", "error"],
        },
    });
    for (name, schema) in &shapes().named {
        schemas[name] = schema.clone();
    }
    schemas
}

/// One operation.
fn described(operation: &Operation) -> Value {
    let unknown = Shape::default();
    let shape = shapes().operations.get(operation.id).unwrap_or(&unknown);
    let mut described = json!({
        "operationId": operation.id,
        "tags": [tag(operation.path)],
        "parameters": parameters(operation, shape),
    });
    if let Some(body) = request_body(operation, shape) {
        described["requestBody"] = body;
    }
    described["responses"] = responses(operation, shape);
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

/// The parameters of the path in their order, then those of the query and headers.
fn parameters(operation: &Operation, shape: &Shape) -> Vec<Value> {
    let names = operation.path.split(['{', '}']).skip(1).step_by(2);
    let in_path = names.map(|name| {
        let known = shape.path.iter().find(|member| member.name == name);
        let schema =
            known.map_or_else(|| json!({ "type": "string" }), |known| known.schema.clone());
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let elsewhere = |place: &'static str, members: &[Member]| -> Vec<Value> {
        let shown = members.iter().map(|member| {
            json!({
                "name": member.name, "in": place, "required": member.required, "schema": member.schema,
            })
        });
        shown.collect()
    };
    in_path
        .chain(elsewhere("query", &shape.query))
        .chain(elsewhere("header", &shape.header))
        .chain(NAMED.contains(&operation.id).then(|| {
            json!({
                "name": "X-Larkspur-Idempotency-Key", "in": "header", "required": false,
                "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
            })
        }))
        .collect()
}

fn request_body(operation: &Operation, shape: &Shape) -> Option<Value> {
    let content = match (&shape.sent, operation.body) {
        (Sent::Json(schema), _) => {
            let mut content = json!({ "application/json": { "schema": schema } });
            if is_oauth(operation) {
                content["application/x-www-form-urlencoded"] = json!({ "schema": schema });
            }
            content
        }
        (Sent::Form(schema), _) => json!({ "multipart/form-data": { "schema": schema } }),
        (Sent::Nothing, BodyKind::Stream) => json!({ "application/octet-stream": {} }),
        (Sent::Nothing, _) => return None,
    };
    Some(json!({ "required": true, "content": content }))
}

/// Whether its refusals are those of RFC 6749.
fn is_oauth(operation: &Operation) -> bool {
    oauth_word(operation.id, 20_001).is_some()
}

/// The envelope around `data`.
fn envelope(data: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer", "enum": [0] },
            "msg": { "type": "string" },
            "data": data,
        },
        "required": ["code", "msg", "data"],
    })
}

/// The content of an answer that succeeds; `refuses`: some refusals come with its status.
fn content(operation: &Operation, shape: &Shape, refuses: bool) -> Value {
    let schema = match &shape.answered {
        Answered::Empty => envelope(&json!({ "type": "object", "properties": {} })),
        Answered::Data(data) => envelope(data),
        Answered::Whole(schema) => schema.clone(),
        Answered::File => return json!({ "*/*": {} }),
        Answered::Other => {
            let other = OTHER_ANSWERS.iter().find(|(id, _)| *id == operation.id);
            return json!({ (other.map_or("*/*", |(_, media_type)| media_type)): {} });
        }
    };
    let schema = if refuses {
        json!({ "anyOf": [schema, reference("schemas", "Refusal")] })
    } else {
        schema
    };
    json!({ "application/json": { "schema": schema } })
}

fn responses(operation: &Operation, shape: &Shape) -> Value {
    let refuses = operation.errors.iter().any(|error| error.http == 200);
    let content = content(operation, shape, refuses);
    let done = json!({ "description": "Done.", "headers": headers(), "content": content });
    let mut responses = Map::new();
    responses.insert("200".to_owned(), done);
    if operation.download {
        let part = json!({
            "description": "A part of the file.", "headers": headers(), "content": { "*/*": {} },
        });
        responses.insert("206".to_owned(), part);
    }
    let page = PAGES.contains(&operation.id);
    if page {
        let elsewhere = json!({ "description": "Where to go next.", "headers": headers() });
        responses.insert("302".to_owned(), elsewhere);
    }
    for status in refusal_statuses(operation) {
        let refusal = match (page, is_oauth(operation)) {
            (true, _) => told(),
            (false, true) => reference("responses", "OauthRefusal"),
            (false, false) => reference("responses", "Refusal"),
        };
        responses.entry(status.to_string()).or_insert(refusal);
    }
    responses.into()
}

/// A refusal that a person reads, or a program where the page did not come to be.
fn told() -> Value {
    json!({
        "description": "Says why not.",
        "headers": headers(),
        "content": {
            "text/html": {},
            "application/json": { "schema": reference("schemas", "Refusal") },
        },
    })
}

/// The statuses of its own refusals, and of those that any operation like it may meet before it runs.
fn refusal_statuses(operation: &Operation) -> BTreeSet<u16> {
    let mut statuses: BTreeSet<u16> = operation.errors.iter().map(|error| error.http).collect();
    // A request that cannot be read, a token that does not do; something broke.
    statuses.extend([400, 500]);
    if operation.admin && operation.tokens.is_empty() {
        statuses.insert(codes::ADMIN_ONLY.http);
    }
    if operation.body != BodyKind::None {
        statuses.extend([codes::BODY_TIMED_OUT.http, codes::BODY_TOO_LARGE.http]);
    }
    if operation.download {
        statuses.insert(416);
    }
    if NAMED.contains(&operation.id) {
        statuses.insert(ANOTHER.http);
    }
    if PAGES.contains(&operation.id) {
        statuses.extend([403, 404]);
    }
    let rate = &operation.rate;
    if rate.ceilings != Ceilings::NONE {
        statuses.extend([rate.limited.http, rate.document_limited.http]);
    }
    statuses
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
                assert!(operation["responses"].get("default").is_none(), "every status is named");
            }
        }
        let declared = operations();
        assert_eq!(ids, declared.iter().map(|operation| operation.id).collect());
        assert!(OTHER_ANSWERS.iter().all(|(id, _)| ids.contains(id)));
        assert!(NAMED.iter().chain(&PAGES).all(|id| ids.contains(id)));
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
