//! Wire request -> a checked move -> a task, a request for approval, or the node the document has
//! already. Everything is looked at again when the task's work starts.

use std::sync::Arc;

use larkspur_engine::{Lane, Submission};
use larkspur_model::id::ObjectToken;
use larkspur_platform::{self as platform, Access, Caller};
use larkspur_rehearsal::lint::Note;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, MoveRequest, RequestState, Wanting};
use larkspur_store::{Db, Error as StoreError};

use super::super::codes::{self, broken, denied, missing, told};
use super::super::place::{self, ONE, Place};
use super::job::{FAMILY, Payload};
use super::wire::{MoveBody, MoveData};
use crate::drive::rights::{self, kind_name};
use crate::{Answer, ApiError, Request, Services, Violations, access, codes as common};

/// How often a move is tried.
const MOST_ATTEMPTS: i64 = 5;
/// Hexadecimal digits behind a task's number (contract, NOTES §3).
const KEY_DIGITS: usize = 40;
/// Kinds of documents (contract, `obj_type`).
const KINDS: &[&str] = &["doc", "sheet", "bitable", "mindnote", "docx", "file", "slides"];

/// Whether documents of this kind can be pages of a wiki.
pub(super) const fn is_movable(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Docx | ObjectKind::Sheet | ObjectKind::Bitable | ObjectKind::File)
}

/// A request whose fields fit, before anything was looked up.
struct Asked {
    object: ObjectToken,
    kind: String,
    parent: Option<String>,
    apply: bool,
}

/// Checks the fields alone.
fn check(body: MoveBody) -> Result<Asked, ApiError> {
    let mut violations = Violations::new();
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = violations.required("obj_type", filled(body.obj_type));
    let token = violations.required("obj_token", filled(body.obj_token));
    violations.check()?;
    if !KINDS.contains(&kind.as_str()) {
        let why = format!("obj_type is one of {}", KINDS.join(", "));
        return Err(codes::PARAM.because(why));
    }
    let parent = filled(body.parent_wiki_token);
    Ok(Asked { object: token.into(), kind, parent, apply: body.apply.unwrap_or(false) })
}

/// The document, whoever may do what with it. One that is no document at all, such as a folder, is
/// taken for a file here and told of by the task.
async fn document(
    db: &Db,
    caller: &Caller,
    asked: &Asked,
    now_ms: i64,
) -> Result<Object, ApiError> {
    let gone = |why| told(codes::NOT_FOUND, missing::DOCUMENT, why);
    let object = objects::get(db, &caller.tenant, &asked.object).await.map_err(broken)?;
    let object = object.ok_or_else(|| gone(access::MISSING))?;
    if !object.is_live(now_ms) {
        return Err(gone(access::DELETED));
    }
    let kind = if is_movable(object.kind) { kind_name(object.kind) } else { Some("file") };
    if kind != Some(&asked.kind) {
        return Err(gone("the token is that of a document of another obj_type"));
    }
    Ok(object)
}

/// Whether `caller` may take `object` away from where it lies.
pub(super) async fn may_take_away(
    db: &Db,
    caller: &Caller,
    object: &Object,
) -> Result<bool, StoreError> {
    if is_movable(object.kind) {
        Ok(rights::refuses_move(db, caller, object).await?.is_none())
    } else {
        platform::may(db, caller, object, Access::Manage).await
    }
}

/// `wikiSpaceNodeMoveDocsToWiki`.
pub(super) async fn move_docs(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let asked = check(request.json(common::BAD_REQUEST)?)?;
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let place = Place::find(db, caller, found, asked.parent.as_deref()).await?;
    if !place.may_see(db, caller).await.map_err(broken)? {
        let phrase = if place.parent.is_some() { denied::DESTINATION } else { denied::SPACE };
        let why = "the caller may not even see the place the document is to lie at";
        return Err(told(codes::PERMISSION, phrase, why));
    }
    let object = document(db, caller, &asked, services.clock.now_ms()).await?;
    let node = wiki::node_of_document(db, &caller.tenant, &object.token).await.map_err(broken)?;
    if let Some(node) = node {
        if place::may_see(db, caller, &node).await.map_err(broken)? {
            return Answer::data(&MoveData::WikiToken(node.token.0));
        }
        let why = "the document is a page of a wiki that the caller may not read";
        return Err(told(codes::PERMISSION, denied::DOCUMENT, why));
    }
    let wanting = Wanting {
        document: !may_take_away(db, caller, &object).await.map_err(broken)?,
        target: !place.may_hold(db, caller).await.map_err(broken)?,
    };
    if wanting.any() {
        if asked.apply {
            return file(&services, caller, &object, &place, wanting).await;
        }
        return Err(refusal(wanting));
    }
    if let Some(obstacle) = place.obstacle(db, ONE, None).await.map_err(broken)? {
        return Err(codes::LIMIT.because(place::why(obstacle)));
    }
    let payload = Payload {
        object: object.token.clone(),
        space: place.space.id.clone(),
        parent: place.parent_token().cloned(),
        key: key(&services),
        document_allowed: false,
        target_allowed: false,
    };
    let submission = submission(caller.clone(), &object, &payload, None, Transaction::new())?;
    let answer = |id: i64| {
        let answer = Answer::data(&MoveData::TaskId(format!("{id}-{}", payload.key)))?;
        Ok(answer.noted(Note::Submitted { task: id }))
    };
    let made = services.create(&request, submission, &object.name, answer).await;
    made.map_err(|unmade| unmade.or(|error| codes::INTERNAL.caused_by(error)))
}

/// Why somebody may not move it who does not ask for it.
fn refusal(wanting: Wanting) -> ApiError {
    if wanting.document {
        let why = "moving takes full access to the document and edit on its folder; with \
                   apply: true its owner is asked";
        return told(codes::PERMISSION, denied::DOCUMENT, why);
    }
    let why = "it takes edit on the page above with what is below it, or on the first level an \
               administrator of the space or a member where create_setting lets members; with \
               apply: true the administrators are asked";
    told(codes::PERMISSION, denied::DESTINATION, why)
}

/// Asks those who may.
async fn file(
    services: &Services,
    caller: &Caller,
    object: &Object,
    place: &Place,
    wanting: Wanting,
) -> Result<Answer, ApiError> {
    let now_ms = services.clock.now_ms();
    let request = MoveRequest {
        id: services.ids.number(now_ms),
        tenant: caller.tenant.clone(),
        app: caller.app.clone(),
        requester: caller.creator(),
        object: object.token.clone(),
        space: place.space.id.clone(),
        parent: place.parent_token().cloned(),
        wanting,
        wanted: wanting,
        state: RequestState::Waiting,
        decided: None,
        created_ms: now_ms,
    };
    let mut transaction = Transaction::new();
    wiki::file_request(&mut transaction, &request);
    services.store.db.commit(transaction).await.map_err(broken)?;
    Answer::data(&MoveData::Applied(true))
}

/// The task that moves `object` for `caller`, together with what `also` does.
pub(super) fn submission(
    caller: Caller,
    object: &Object,
    payload: &Payload,
    idempotency_key: Option<String>,
    also: Transaction,
) -> Result<Submission, ApiError> {
    Ok(Submission {
        creator: caller.creator(),
        tenant: caller.tenant.0,
        app: caller.app.0,
        family: FAMILY,
        title: object.name.clone(),
        size_bytes: 0,
        lane: Lane::Light,
        payload: serde_json::to_vec(payload).map_err(|error| codes::INTERNAL.caused_by(error))?,
        max_attempts: MOST_ATTEMPTS,
        idempotency_key,
        also,
        plan: None,
    })
}

/// A key for another task.
pub(super) fn key(services: &Services) -> String {
    services.ids.hex(KEY_DIGITS)
}
