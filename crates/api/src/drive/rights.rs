//! What moving and deleting take beyond the thing itself, and the names kinds of things have
//! (contract's source, the pages of move and delete, 1061004).

use larkspur_platform::{self as platform, Access, Caller};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::{Db, Error};

/// The wire `type` of things that lie in folders; none for what hangs elsewhere.
pub(crate) const fn kind_name(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::Folder => "folder",
        ObjectKind::File => "file",
        ObjectKind::Docx => "docx",
        ObjectKind::Sheet => "sheet",
        ObjectKind::Bitable => "bitable",
        ObjectKind::Media | ObjectKind::Export => return None,
    })
}

/// What stands in the way of a move.
pub(crate) enum Refused {
    /// The caller has no full access to the thing, or it is a root.
    Thing,
    /// The caller may not change the folder it lies in.
    Parent,
}

/// Whether `caller` may take `object` away from where it lies: full access to it, edit on its
/// folder.
pub(crate) async fn refuses_move(
    db: &Db,
    caller: &Caller,
    object: &Object,
) -> Result<Option<Refused>, Error> {
    if !platform::may(db, caller, object, Access::Manage).await? {
        return Ok(Some(Refused::Thing));
    }
    let Some(parent) = parent(db, object).await? else { return Ok(Some(Refused::Thing)) };
    let edits = platform::may(db, caller, &parent, Access::Edit).await?;
    Ok((!edits).then_some(Refused::Parent))
}

/// Whether `caller` may delete `object`: its owner with edit on its folder, or whoever has full
/// access to that folder. A root stays.
pub(super) async fn may_delete(db: &Db, caller: &Caller, object: &Object) -> Result<bool, Error> {
    let Some(parent) = parent(db, object).await? else { return Ok(false) };
    let granted = platform::access(db, caller, &parent).await?;
    Ok(match granted {
        Some(Access::Manage) => true,
        Some(Access::Edit) => platform::owns(caller, object),
        _ => false,
    })
}

async fn parent(db: &Db, object: &Object) -> Result<Option<Object>, Error> {
    match &object.parent {
        None => Ok(None),
        Some(parent) => objects::get(db, &object.tenant, parent).await,
    }
}
