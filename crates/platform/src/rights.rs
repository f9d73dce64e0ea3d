//! Who may do what with a thing. The one place that answers that.
//!
//! A thing is open to somebody through grants on the way from it to its root: the folders above a
//! file, the document above its pictures. A grant names its owner or a collaborator (a user, an
//! app, a department, a chat) and is worth what this file says. Whatever else may contain things
//! (the nodes and spaces of a wiki) joins by giving grants on that way.

use larkspur_store::members::{self, Grant, Perm};
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::{Db, Error};

use crate::Caller;

/// What somebody wants to do with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read and export it.
    View,
    /// Change it, or put something into the folder.
    Edit,
    /// Move, delete or share it.
    Manage,
}

/// Whether `caller` has full access without anybody having shared anything: its owner, or an
/// administrator of the tenant. What an app makes with its own token is its own; what a user makes
/// through it is the user's alone (contract's source, the pages on permissions).
pub fn owns(caller: &Caller, object: &Object) -> bool {
    caller.tenant == object.tenant && (caller.admin || object.owner == caller.creator())
}

/// The most that `caller` may do with `object`; `None` for nothing at all. Owners cost no query,
/// others one. Nothing of one tenant is open to another.
///
/// # Errors
/// The store's.
pub async fn access(db: &Db, caller: &Caller, object: &Object) -> Result<Option<Access>, Error> {
    if owns(caller, object) {
        return Ok(Some(Access::Manage));
    }
    // What an export made is for who asked for it, whoever may read the document.
    if caller.tenant != object.tenant || object.kind == ObjectKind::Export {
        return Ok(None);
    }
    let identity = caller.creator();
    let grants =
        members::grants(db, &caller.tenant, &object.token, &identity, caller.user.as_ref()).await?;
    Ok(grants.iter().filter_map(worth).max())
}

/// Whether `caller` may do `wanted` with `object`.
///
/// # Errors
/// The store's.
pub async fn may(db: &Db, caller: &Caller, object: &Object, wanted: Access) -> Result<bool, Error> {
    Ok(access(db, caller, object).await?.is_some_and(|granted| wanted <= granted))
}

/// What a grant allows.
fn worth(grant: &Grant) -> Option<Access> {
    // An app can be made a collaborator of a folder, but that gives it nothing: it must be in a chat
    // that is one (contract's source, `drivePermissionMemberCreate`).
    let app_on_folder =
        !grant.owner && grant.kind == ObjectKind::Folder && grant.identity.starts_with("app:");
    if app_on_folder {
        return None;
    }
    Some(match grant.perm {
        Perm::View => Access::View,
        Perm::Edit => Access::Edit,
        Perm::FullAccess => Access::Manage,
    })
}
