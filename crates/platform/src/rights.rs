//! Who may do what with a thing. The one place that answers that.
//!
//! A thing is open to somebody through grants on the way from it to its root: the folders above a
//! file, the document above its pictures, the pages and the space above a page of a wiki. A grant
//! names its owner or a collaborator (a user, an app, a department, a chat) and is worth what this
//! file says. Whatever else may contain things joins by giving grants on that way.

use larkspur_store::members::{self, Grant, Perm, Reach};
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::wiki::{self, Space};
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
    Ok(grants(db, caller, object).await?.iter().filter_map(worth).max())
}

async fn grants(db: &Db, caller: &Caller, object: &Object) -> Result<Vec<Grant>, Error> {
    // What an export made is for who asked for it, whoever may read the document.
    if caller.tenant != object.tenant || object.kind == ObjectKind::Export {
        return Ok(Vec::new());
    }
    let identity = caller.creator();
    members::grants(db, &caller.tenant, &object.token, &identity, caller.user.as_ref()).await
}

/// Whether `caller` may do `wanted` with `object`.
///
/// # Errors
/// The store's.
pub async fn may(db: &Db, caller: &Caller, object: &Object, wanted: Access) -> Result<bool, Error> {
    Ok(access(db, caller, object).await?.is_some_and(|granted| wanted <= granted))
}

/// Whether `caller` may put other pages of a wiki under the page `object`, or take them from it: a
/// right to change the page that goes down from it, or comes down to it.
///
/// # Errors
/// The store's.
pub async fn may_hold(db: &Db, caller: &Caller, object: &Object) -> Result<bool, Error> {
    if owns(caller, object) {
        return Ok(true);
    }
    let grants = grants(db, caller, object).await?;
    let down = grants.iter().filter(|grant| grant.reach == Reach::Container);
    Ok(down.filter_map(worth).any(|access| access >= Access::Edit))
}

/// Whether `caller` may take what is in `object` along: copy or export it. Whoever may read may do
/// that too, but where a space of a wiki keeps its readers from it.
///
/// # Errors
/// The store's.
pub async fn may_take(db: &Db, caller: &Caller, object: &Object) -> Result<bool, Error> {
    match access(db, caller, object).await? {
        None => Ok(false),
        Some(Access::View) => {
            let space = wiki::space_of(db, &caller.tenant, &object.token).await?;
            Ok(space.is_none_or(|space| space.settings.readers_copy))
        }
        Some(Access::Edit | Access::Manage) => Ok(true),
    }
}

/// What somebody is to a space of a wiki; each includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpaceRole {
    /// One who may read, since the space is published.
    Reader,
    /// One of its members.
    Member,
    /// One of its administrators.
    Admin,
}

/// What `caller` is to `space`; `None` for nothing. Administrators of the tenant are those of each
/// space.
///
/// # Errors
/// The store's.
pub async fn space_role(
    db: &Db,
    caller: &Caller,
    space: &Space,
) -> Result<Option<SpaceRole>, Error> {
    if caller.tenant != space.tenant {
        return Ok(None);
    }
    if caller.admin {
        return Ok(Some(SpaceRole::Admin));
    }
    let (identity, user) = (caller.creator(), caller.user.as_ref());
    let perm = members::of_space(db, &caller.tenant, &space.id, &identity, user).await?;
    Ok(match perm {
        Some(Perm::FullAccess) => Some(SpaceRole::Admin),
        Some(Perm::View | Perm::Edit) => Some(SpaceRole::Member),
        None if space.public && caller.user.is_some() => Some(SpaceRole::Member),
        None if space.open_sharing => Some(SpaceRole::Reader),
        None => None,
    })
}

/// Whether somebody of `role` may put pages on the first level of `space`, or take them from it.
pub const fn may_hold_first_level(space: &Space, role: Option<SpaceRole>) -> bool {
    match role {
        Some(SpaceRole::Admin) => true,
        Some(SpaceRole::Member) => space.settings.members_create,
        Some(SpaceRole::Reader) | None => false,
    }
}

/// What a grant allows.
fn worth(grant: &Grant) -> Option<Access> {
    // An app can be made a collaborator of a folder, but that gives it nothing: it must be in a chat
    // that is one (contract's source, `drivePermissionMemberCreate`).
    let app_on_folder = !grant.owner
        && grant.kind == Some(ObjectKind::Folder)
        && grant.identity.starts_with("app:");
    if app_on_folder {
        return None;
    }
    Some(match grant.perm {
        Perm::View => Access::View,
        Perm::Edit => Access::Edit,
        Perm::FullAccess => Access::Manage,
    })
}
