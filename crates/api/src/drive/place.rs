//! Where things may be put: the folder a request names, and what a refused insert means.

use larkspur_model::id::{ObjectToken, TenantId};
use larkspur_platform::{Access, Caller};
use larkspur_store::objects::{self, FOLDER_CHILDREN, Object, ObjectKind};
use larkspur_store::{Db, Error};

use crate::access::{self, Found};

/// What is wrong with a folder somebody wants to put something into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// There is none of that token.
    Missing,
    /// It was deleted.
    Deleted,
    /// It is somebody else's, or no folder.
    Forbidden,
    /// It holds as many things as it may.
    Full,
    /// The whole drive does.
    DriveFull,
}

impl Misplaced {
    /// What is wrong, in a sentence.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Missing => {
                "there is no folder of this token; that of a document or a wiki node is none"
            }
            Self::Deleted => "the folder was deleted",
            Self::Forbidden => access::NOT_SHARED,
            Self::Full => "the folder holds 1,500 things, as many as it may",
            Self::DriveFull => "the drive holds 400,000 things, as many as it may",
        }
    }
}

/// The folder of a token, if `caller` may put things into it.
pub(crate) async fn folder(
    db: &Db,
    caller: &Caller,
    token: &str,
    now_ms: i64,
) -> Result<Result<Object, Misplaced>, Error> {
    Ok(match access::find(db, caller, token, Access::Edit, now_ms).await? {
        Found::Gone(_) => Err(Misplaced::Deleted),
        Found::Forbidden => Err(Misplaced::Forbidden),
        Found::Object(object) if object.kind == ObjectKind::Folder => Ok(object),
        Found::Object(_) | Found::Missing => Err(Misplaced::Missing),
    })
}

/// Why an insert into a folder was refused, by the label of the statement that did not hold; `None`
/// for other conflicts.
pub(crate) async fn misplaced(
    db: &Db,
    tenant: &TenantId,
    folder: &ObjectToken,
    label: &str,
) -> Result<Option<Misplaced>, Error> {
    if label == "tenant_nodes" {
        return Ok(Some(Misplaced::DriveFull));
    }
    if label != "folder" {
        return Ok(None);
    }
    let Some(object) = objects::get(db, tenant, folder).await? else {
        return Ok(Some(Misplaced::Missing));
    };
    if object.deleted_ms.is_some() {
        return Ok(Some(Misplaced::Deleted));
    }
    let full = objects::child_count(db, folder).await? >= FOLDER_CHILDREN;
    Ok(full.then_some(Misplaced::Full))
}
