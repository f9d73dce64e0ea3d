//! What is known about documents, many at a time; what cannot be told stands in `failed_list`.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::{Access, Caller};
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::wiki;
use serde::{Deserialize, Serialize};

use super::rights;
use crate::access::{self, Found};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::people::{self, UserIdKind};
use crate::{Answer, ApiError, ErrorCode, Request, Resource, Services, Violations, address, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Something broke on our side.
const INTERNAL: ErrorCode = ErrorCode::new(503, 1_069_704, "Internal server error");
/// Documents of one request (contract, `driveMetaBatchQuery`).
const MOST_DOCUMENTS: usize = 200;

/// In `failed_list`: the kind of document is not supported (contract, `drive_meta_failed_codes`).
const UNSUPPORTED: i64 = 970_002;
/// In `failed_list`: the caller lacks the right.
const NO_RIGHT: i64 = 970_003;
/// In `failed_list`: there is no such document.
const MISSING: i64 = 970_005;

fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "driveMetaBatchQuery",
        method: Method::POST,
        path: "/open-apis/drive/v1/metas/batch_query",
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["drive:drive", "drive:drive.metadata:readonly"],
        rate: Rate::level_4(),
        errors: &[INTERNAL],
        body: BodyKind::Json,
        download: false,
        admin: false,
        handler: |services, request| Box::pin(batch_query(services, request)),
    }]
}

#[derive(Deserialize)]
struct Body {
    request_docs: Option<Vec<Asked>>,
    with_url: Option<bool>,
}

/// `request_doc`.
#[derive(Deserialize, Serialize)]
struct Asked {
    #[serde(default)]
    doc_token: String,
    #[serde(default)]
    doc_type: String,
}

#[derive(Serialize)]
struct Data {
    metas: Vec<Meta>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed_list: Vec<Failed>,
}

/// `meta`; times are seconds in strings.
#[derive(Serialize)]
struct Meta {
    doc_token: String,
    doc_type: String,
    title: String,
    owner_id: String,
    create_time: String,
    latest_modify_user: String,
    latest_modify_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    request_doc_info: Asked,
}

/// `meta_failed`.
#[derive(Serialize)]
struct Failed {
    token: String,
    code: i64,
}

/// The kind of object of a `doc_type`; `None` for kinds this server does not have.
fn kind(doc_type: &str) -> Option<ObjectKind> {
    Some(match doc_type {
        "docx" => ObjectKind::Docx,
        "sheet" => ObjectKind::Sheet,
        "bitable" => ObjectKind::Bitable,
        "file" => ObjectKind::File,
        "folder" => ObjectKind::Folder,
        _ => return None,
    })
}

/// `driveMetaBatchQuery`.
async fn batch_query(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: Body = request.json(codes::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let documents = violations.required("request_docs", body.request_docs);
    if documents.is_empty() || documents.len() > MOST_DOCUMENTS {
        violations.add("request_docs", documents.len(), "request_docs has 1 to 200 entries");
    }
    for (at, asked) in documents.iter().enumerate() {
        if asked.doc_token.is_empty() {
            violations.missing(&format!("request_docs[{at}].doc_token"));
        }
        if asked.doc_type.is_empty() {
            violations.missing(&format!("request_docs[{at}].doc_type"));
        }
    }
    let asked_ids = request.query.text("user_id_type");
    let ids = UserIdKind::parse(asked_ids.as_deref()).unwrap_or_else(|| {
        violations.add("user_id_type", "", "open_id, union_id or user_id");
        UserIdKind::Open
    });
    violations.check()?;
    let caller = request.caller()?;
    let base = body.with_url.unwrap_or(false).then(|| address::base(&services, &request));
    let mut data = Data { metas: Vec::new(), failed_list: Vec::new() };
    for asked in documents {
        match find(&services, caller, &asked).await? {
            Ok(object) => {
                data.metas
                    .push(meta(&services, caller, asked, object, ids, base.as_deref()).await?);
            }
            Err(code) => data.failed_list.push(Failed { token: asked.doc_token, code }),
        }
    }
    Answer::data(&data)
}

async fn find(
    services: &Services,
    caller: &Caller,
    asked: &Asked,
) -> Result<Result<Object, i64>, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let internal = |error: larkspur_store::Error| INTERNAL.caused_by(error);
    let (token, kind) = if asked.doc_type == "wiki" {
        // The token is a node's; what is told is its document's.
        let node = ObjectToken::from(&*asked.doc_token);
        let node = wiki::node(db, &caller.tenant, &node).await.map_err(internal)?;
        let Some(node) = node else { return Ok(Err(MISSING)) };
        (node.object.0, node.kind)
    } else {
        let Some(kind) = kind(&asked.doc_type) else { return Ok(Err(UNSUPPORTED)) };
        (asked.doc_token.clone(), kind)
    };
    let found = access::find(db, caller, &token, Access::View, now_ms).await.map_err(internal)?;
    Ok(match found {
        Found::Object(object) if object.kind == kind => Ok(object),
        Found::Forbidden => Err(NO_RIGHT),
        Found::Object(_) | Found::Gone(_) | Found::Missing => Err(MISSING),
    })
}

async fn meta(
    services: &Services,
    caller: &Caller,
    asked: Asked,
    object: Object,
    ids: UserIdKind,
    base: Option<&str>,
) -> Result<Meta, ApiError> {
    let owner_id = people::owner(services, caller, &object.owner, ids)
        .await
        .map_err(|error| INTERNAL.caused_by(error))?;
    Ok(Meta {
        doc_token: object.token.0.clone(),
        doc_type: rights::kind_name(object.kind).unwrap_or_default().to_owned(),
        title: object.name,
        latest_modify_user: owner_id.clone(),
        owner_id,
        create_time: (object.created_ms / 1000).to_string(),
        latest_modify_time: (object.edited_ms / 1000).to_string(),
        url: base.map(|base| address::of(base, object.kind, object.token.as_str())),
        request_doc_info: asked,
    })
}
