//! The work: document, rights and place looked at once more, then one transaction that takes the
//! document out of its folder and makes it a page.

use async_trait::async_trait;
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_model::id::{AppId, ObjectToken, SpaceId, TenantId};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_platform::Caller;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, NewNode, Obstacle};
use serde::{Deserialize, Serialize};

use super::super::place::{self, ONE, Place};
use super::submit::{is_movable, may_take_away};
use crate::JobParts;
use crate::access;

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "wiki.move";

/// What is stored with a task. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    /// The document.
    pub(super) object: ObjectToken,
    /// Where it is to lie.
    pub(super) space: SpaceId,
    /// The node it is to lie under.
    pub(super) parent: Option<ObjectToken>,
    /// What stands behind the task's number on the wire.
    pub(super) key: String,
    /// Somebody who may has allowed to take the document.
    #[serde(default)]
    pub(super) document_allowed: bool,
    /// Somebody who may has allowed to put it there.
    #[serde(default)]
    pub(super) target_allowed: bool,
}

/// What a task made.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Output {
    /// The document's node.
    pub(super) node: ObjectToken,
}

/// Moves documents into wikis.
pub(super) struct MoveJob {
    parts: JobParts,
}

fn fail(kind: FailureKind, message: &str) -> Stop {
    Stop::Fail(Failure::new(kind, message))
}

/// What of a base's `extra` says that parts of it have rights of their own.
#[derive(Deserialize)]
struct BaseExtra {
    #[serde(default)]
    is_advanced: bool,
}

#[async_trait]
impl Job for MoveJob {
    fn family(&self) -> &'static str {
        FAMILY
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|error| fail(FailureKind::Internal, &format!("stored payload: {error}")))?;
        attempt.progress(Progress { stage: "moving".to_owned(), done: 0, total: 1 });
        let (tenant, app) = (TenantId::from(&*attempt.tenant), AppId::from(&*attempt.app));
        let db = &self.parts.store.db;
        let caller =
            access::caller_of(db, &tenant, &app, &attempt.creator).await.map_err(Stop::retry)?;
        let object = self.document(&caller, &payload).await?;
        let place = self.place(&caller, &payload).await?;
        let now_ms = self.parts.clock.now_ms();
        let node = NewNode {
            token: ObjectToken(self.parts.ids.token()),
            tenant,
            space: place.space.id.clone(),
            parent: place.parent_token().cloned(),
            object: object.token.clone(),
            origin: None,
            title: None,
            creator: attempt.creator.clone(),
            position: self.parts.ids.number(now_ms),
            created_ms: now_ms,
        };
        let mut publish = Transaction::new();
        objects::leave_drive(&mut publish, &object);
        wiki::insert_node(&mut publish, &node);
        let output = serde_json::to_vec(&Output { node: node.token }).map_err(Stop::retry)?;
        Ok(Success { output, publish, ..Success::default() })
    }
}

impl MoveJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }

    /// The document, still there, in no wiki, of a kind that can go there, and the caller's to take.
    async fn document(&self, caller: &Caller, payload: &Payload) -> Result<Object, Stop> {
        let db = &self.parts.store.db;
        let object = objects::get(db, &caller.tenant, &payload.object).await;
        let object = object
            .map_err(Stop::retry)?
            .ok_or_else(|| fail(FailureKind::DocumentMissing, "the document does not exist"))?;
        if !object.is_live(self.parts.clock.now_ms()) {
            return Err(fail(FailureKind::DocumentDeleted, "the document was deleted"));
        }
        let node = wiki::node_of_document(db, &caller.tenant, &object.token).await;
        if let Some(node) = node.map_err(Stop::retry)? {
            let message = format!("the document is the node {} of a wiki already", node.token);
            return Err(fail(FailureKind::InWiki, &message));
        }
        if !is_movable(object.kind) || object.parent.is_none() {
            let message = "only files, documents, spreadsheets and bases can be pages of a wiki";
            return Err(fail(FailureKind::TypeMismatch, message));
        }
        if is_advanced(&object) {
            let message = "the base has advanced permissions; switch them off, then move it";
            return Err(fail(FailureKind::AdvancedBase, message));
        }
        let allowed = payload.document_allowed
            || may_take_away(db, caller, &object).await.map_err(Stop::retry)?;
        if allowed {
            Ok(object)
        } else {
            Err(fail(FailureKind::Forbidden, "you may not move the document any more"))
        }
    }

    /// The place, still there, with room, and the caller's to put something.
    async fn place(&self, caller: &Caller, payload: &Payload) -> Result<Place, Stop> {
        let db = &self.parts.store.db;
        let place = Place::now(db, caller, &payload.space, payload.parent.as_ref()).await;
        let place = place.map_err(Stop::retry)?.ok_or_else(|| {
            fail(FailureKind::FolderMissing, "the page above lies in another space by now")
        })?;
        let allowed =
            payload.target_allowed || place.may_hold(db, caller).await.map_err(Stop::retry)?;
        if !allowed {
            let message = "you may not put pages there any more";
            return Err(fail(FailureKind::FolderForbidden, message));
        }
        match place.obstacle(db, ONE, None).await.map_err(Stop::retry)? {
            None => Ok(place),
            Some(obstacle @ Obstacle::Depth) => {
                Err(fail(FailureKind::TooDeep, place::why(obstacle)))
            }
            Some(obstacle) => Err(fail(FailureKind::FolderFull, place::why(obstacle))),
        }
    }
}

fn is_advanced(object: &Object) -> bool {
    object.kind == ObjectKind::Bitable
        && serde_json::from_str::<BaseExtra>(&object.extra).is_ok_and(|base| base.is_advanced)
}
