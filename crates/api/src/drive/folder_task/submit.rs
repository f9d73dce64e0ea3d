//! Wire request -> checked move or deletion -> done, or a task. Rights are looked at again when a
//! task's work starts.

use std::sync::Arc;

use larkspur_engine::{Lane, Submission};
use larkspur_model::id::ObjectToken;
use larkspur_platform::{Access, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

use super::super::codes as drive;
use super::super::place::{self, Misplaced};
use super::super::rights::{self, Refused};
use super::codes;
use super::job::{Change, FAMILY, Payload};
use super::wire::{MoveBody, TaskData};
use crate::access::{self, Found};
use crate::{Answer, ApiError, ErrorCode, Request, Services, Violations, codes as platform};

/// How often a move or deletion is tried.
const MOST_ATTEMPTS: i64 = 3;

fn internal(error: impl std::fmt::Display) -> ApiError {
    drive::INTERNAL.caused_by(error)
}

/// The thing a request names, if the caller may see it, of the kind the request says.
async fn find(
    services: &Services,
    caller: &Caller,
    token: &str,
    kind: &str,
    broken: ErrorCode,
) -> Result<Object, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    match access::find(db, caller, token, Access::View, now_ms).await {
        Err(error) => Err(broken.caused_by(error)),
        Ok(Found::Missing) => Err(drive::NOT_FOUND.because(access::MISSING)),
        Ok(Found::Gone(_)) => Err(drive::DELETED.because(access::DELETED)),
        Ok(Found::Forbidden) => Err(drive::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) if rights::kind_name(object.kind) == Some(kind) => Ok(object),
        Ok(Found::Object(_)) => {
            Err(drive::PARAMS.because("type is the kind of thing the token is of"))
        }
    }
}

/// `driveFileMove`; an empty `folder_token` is the caller's root.
pub(super) async fn move_to(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: MoveBody = request.json(platform::BAD_REQUEST)?;
    let caller = request.caller()?;
    // The page's table calls it optional, its text required.
    let kind = body.kind.unwrap_or_default();
    if kind.is_empty() {
        return Err(drive::PARAMS.because("type is required"));
    }
    let token = request.path_value("file_token");
    let object = find(&services, caller, token, &kind, drive::INTERNAL).await?;
    let db = &services.store.db;
    let refused = rights::refuses_move(db, caller, &object).await.map_err(internal)?;
    match refused {
        None => {}
        Some(Refused::Thing) => {
            return Err(drive::FORBIDDEN.because(
                "moving needs full access to the thing, and a folder it lies in; pages of a wiki move \
                 with wiki/v2",
            ));
        }
        Some(Refused::Parent) => {
            return Err(codes::SOURCE_PARENT.because("moving needs edit on the folder it lies in"));
        }
    }
    let folder = target(&services, caller, body.folder_token.as_deref()).await?;
    if object.kind == ObjectKind::Folder {
        let change = Change::Move { to: folder.token };
        return submit(&services, &request, &object, change).await;
    }
    if object.parent.as_ref() == Some(&folder.token) {
        return Answer::data(&TaskData { task_id: None });
    }
    let mut transaction = Transaction::new();
    objects::move_to(&mut transaction, &object, &folder.token, services.clock.now_ms());
    match db.commit(transaction).await {
        Ok(_) => Answer::data(&TaskData { task_id: None }),
        Err(error) => Err(moved(error, drive::INTERNAL)),
    }
}

/// The folder it is to lie in.
async fn target(
    services: &Services,
    caller: &Caller,
    token: Option<&str>,
) -> Result<Object, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return services.platform.root_folder(caller).await.map_err(internal);
    };
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    place::folder(db, caller, token, now_ms).await.map_err(internal)?.map_err(|misplaced| {
        match misplaced {
            Misplaced::Missing => drive::NOT_FOUND,
            Misplaced::Deleted => drive::DELETED,
            Misplaced::Forbidden => codes::DESTINATION_PARENT,
            Misplaced::Full | Misplaced::DriveFull => drive::FOLDER_FULL,
        }
        .into()
    })
}

/// What a statement that did not hold means for the caller.
fn moved(error: StoreError, broken: ErrorCode) -> ApiError {
    match error {
        StoreError::Conflict { label: "folder" } => drive::FOLDER_FULL.into(),
        StoreError::Conflict { label: "object" } => {
            drive::CONTENDED.because("it was moved or deleted at the same moment")
        }
        error => broken.caused_by(error),
    }
}

/// `driveFileDelete`.
pub(super) async fn delete(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut violations = Violations::new();
    let kind = violations.required("type", request.query.text("type"));
    violations.check()?;
    let caller = request.caller()?;
    let token = request.path_value("file_token");
    let broken = codes::DELETE_INTERNAL;
    let object = find(&services, caller, token, &kind, broken).await?;
    let db = &services.store.db;
    let allowed = rights::may_delete(db, caller, &object).await;
    if !allowed.map_err(|error| broken.caused_by(error))? {
        return Err(codes::NODE.because(
            "deleting needs the thing itself and edit on its folder, or full access to the folder",
        ));
    }
    if object.kind == ObjectKind::Folder {
        return submit(&services, &request, &object, Change::Delete).await;
    }
    let mut transaction = Transaction::new();
    objects::delete_tree(&mut transaction, &object, services.clock.now_ms());
    match db.commit(transaction).await {
        Ok(_) => Answer::data(&TaskData { task_id: None }),
        Err(error) => Err(moved(error, broken)),
    }
}

/// Hands a folder's move or deletion to the engine.
async fn submit(
    services: &Services,
    request: &Request,
    folder: &Object,
    change: Change,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    if let Change::Move { to } = &change {
        check_place(services, folder, to).await?;
    }
    let payload = Payload { folder: folder.token.clone(), change };
    let submission = Submission {
        tenant: caller.tenant.0.clone(),
        app: caller.app.0.clone(),
        creator: caller.creator(),
        family: FAMILY,
        title: folder.name.clone(),
        size_bytes: 0,
        lane: Lane::Light,
        payload: serde_json::to_vec(&payload).map_err(internal)?,
        max_attempts: MOST_ATTEMPTS,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    };
    let answer = |id: i64| Answer::data(&TaskData { task_id: Some(id.to_string()) });
    let made = services.create(request, submission, &folder.name, answer).await;
    made.map_err(|unmade| unmade.or(internal))
}

/// Whether a folder can lie there at all: not in itself, not too deep.
async fn check_place(
    services: &Services,
    folder: &Object,
    to: &ObjectToken,
) -> Result<(), ApiError> {
    let db = &services.store.db;
    let above = objects::ancestors(db, to).await.map_err(internal)?;
    if *to == folder.token || above.iter().any(|one| one.token == folder.token) {
        return Err(drive::PARAMS.because("a folder cannot lie in itself"));
    }
    let height = objects::height(db, &folder.token).await.map_err(internal)?;
    if above.len() + 1 + height > objects::FOLDER_LEVELS {
        return Err(codes::TOO_DEEP.because("a drive has 15 levels of folders"));
    }
    Ok(())
}
