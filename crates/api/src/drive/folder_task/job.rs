//! The work: rights and place looked at once more, then one transaction that moves or deletes the
//! folder with everything in it.

use async_trait::async_trait;
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_model::task::{Failure, FailureKind};
use larkspur_platform::{Access, Caller};
use larkspur_store::objects::{self, FOLDER_CHILDREN, Object};
use larkspur_store::sql::Transaction;
use serde::{Deserialize, Serialize};

use super::super::place::{self, Misplaced};
use super::super::rights;
use crate::JobParts;
use crate::access::{self, Found};

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "drive.folder";

/// What is stored with a task. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) folder: ObjectToken,
    pub(super) change: Change,
}

/// What is to become of the folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// It goes into another folder.
    Move {
        /// That folder.
        to: ObjectToken,
    },
    /// It goes.
    Delete,
}

/// Moves and deletes folders.
pub(super) struct FolderJob {
    parts: JobParts,
}

fn fail(kind: FailureKind, message: &str) -> Stop {
    Stop::Fail(Failure::new(kind, message))
}

#[async_trait]
impl Job for FolderJob {
    fn family(&self) -> &'static str {
        FAMILY
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|error| fail(FailureKind::Internal, &format!("stored payload: {error}")))?;
        let (tenant, app) = (TenantId::from(&*attempt.tenant), AppId::from(&*attempt.app));
        let db = &self.parts.store.db;
        let caller =
            access::caller_of(db, &tenant, &app, &attempt.creator).await.map_err(Stop::retry)?;
        let folder = self.folder(&caller, &payload.folder).await?;
        let mut publish = Transaction::new();
        match &payload.change {
            Change::Delete => self.delete(&caller, &folder, &mut publish).await?,
            Change::Move { to } => self.move_to(&caller, &folder, to, &mut publish).await?,
        }
        Ok(Success { publish, ..Success::default() })
    }
}

impl FolderJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }

    /// The folder, still there and open.
    async fn folder(&self, caller: &Caller, token: &ObjectToken) -> Result<Object, Stop> {
        let (db, now_ms) = (&self.parts.store.db, self.parts.clock.now_ms());
        let found = access::find(db, caller, token.as_str(), Access::View, now_ms).await;
        match found.map_err(Stop::retry)? {
            Found::Object(object) => Ok(object),
            Found::Gone(_) => Err(fail(FailureKind::DocumentDeleted, "the folder was deleted")),
            Found::Missing => Err(fail(FailureKind::DocumentMissing, "the folder is not there")),
            Found::Forbidden => {
                Err(fail(FailureKind::Forbidden, "the folder is not open to you any more"))
            }
        }
    }

    async fn delete(
        &self,
        caller: &Caller,
        folder: &Object,
        publish: &mut Transaction,
    ) -> Result<(), Stop> {
        let db = &self.parts.store.db;
        if !rights::may_delete(db, caller, folder).await.map_err(Stop::retry)? {
            return Err(fail(FailureKind::Forbidden, "you may not delete the folder any more"));
        }
        objects::delete_tree(publish, folder, self.parts.clock.now_ms());
        Ok(())
    }

    async fn move_to(
        &self,
        caller: &Caller,
        folder: &Object,
        to: &ObjectToken,
        publish: &mut Transaction,
    ) -> Result<(), Stop> {
        let (db, now_ms) = (&self.parts.store.db, self.parts.clock.now_ms());
        if rights::refuses_move(db, caller, folder).await.map_err(Stop::retry)?.is_some() {
            return Err(fail(FailureKind::Forbidden, "you may not move the folder any more"));
        }
        let found = place::folder(db, caller, to.as_str(), now_ms).await.map_err(Stop::retry)?;
        let to = found.map_err(|misplaced| match misplaced {
            Misplaced::Missing => fail(FailureKind::FolderMissing, "the target does not exist"),
            Misplaced::Deleted => fail(FailureKind::FolderDeleted, "the target was deleted"),
            Misplaced::Forbidden => {
                fail(FailureKind::FolderForbidden, "you may not write into the target")
            }
            Misplaced::Full | Misplaced::DriveFull => {
                fail(FailureKind::FolderFull, "the target is full")
            }
        })?;
        if folder.parent.as_ref() == Some(&to.token) {
            return Ok(());
        }
        if objects::child_count(db, &to.token).await.map_err(Stop::retry)? >= FOLDER_CHILDREN {
            return Err(fail(FailureKind::FolderFull, "the target is full"));
        }
        let above = objects::ancestors(db, &to.token).await.map_err(Stop::retry)?;
        if to.token == folder.token || above.iter().any(|one| one.token == folder.token) {
            return Err(fail(FailureKind::FolderForbidden, "a folder cannot lie in itself"));
        }
        let height = objects::height(db, &folder.token).await.map_err(Stop::retry)?;
        if above.len() + 1 + height > objects::FOLDER_LEVELS {
            return Err(fail(FailureKind::TooDeep, "folders nest fifteen deep at most"));
        }
        objects::move_to(publish, folder, &to.token, now_ms);
        Ok(())
    }
}
