//! Finding a thing for a caller: what is another tenant's does not exist, what is somebody else's is
//! forbidden. Each room answers those with its own numbers. Who may do what is `platform`'s.

use std::sync::Arc;

use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_platform::{self as platform, Access, AppKind, Caller, Scopes, TokenKind};
use larkspur_store::objects::{self, Object};
use larkspur_store::{Db, Error, users};

/// Why a thing is refused that is somebody else's.
pub(crate) const NOT_SHARED: &str = "it is not shared with the caller; its owner, or who has full \
     access, can add the app or the user as a collaborator";
/// Why a thing is not copied or exported that may be read.
pub(crate) const NOT_TO_BE_TAKEN: &str = "the settings of its wiki space keep readers from \
     copying and exporting; who may edit it can, and an administrator of the space can allow it";
/// Why a thing is refused that is not there.
pub(crate) const MISSING: &str = "there is nothing of this token in the caller's tenant";
/// Why a thing is refused that was there.
pub(crate) const DELETED: &str = "it was deleted";

/// What looking a token up came to.
pub(crate) enum Found {
    /// It is there and open to the caller.
    Object(Object),
    /// It was deleted, or its time is over.
    Gone(Object),
    /// It is somebody else's.
    Forbidden,
    /// There is none of that token in the caller's tenant.
    Missing,
}

/// The thing of a token, for `access` by `caller` at `now_ms`.
pub(crate) async fn find(
    db: &Db,
    caller: &Caller,
    token: &str,
    access: Access,
    now_ms: i64,
) -> Result<Found, Error> {
    if token.is_empty() || token.len() > 64 {
        return Ok(Found::Missing);
    }
    let Some(object) = objects::get(db, &caller.tenant, &ObjectToken::from(token)).await? else {
        return Ok(Found::Missing);
    };
    if !platform::may(db, caller, &object, access).await? {
        return Ok(Found::Forbidden);
    }
    Ok(if object.is_live(now_ms) { Found::Object(object) } else { Found::Gone(object) })
}

/// Somebody a job works for, long after the call: rights are looked at again as they are now.
pub(crate) async fn caller_of(
    db: &Db,
    tenant: &TenantId,
    app: &AppId,
    creator: &str,
) -> Result<Caller, Error> {
    let user = creator.strip_prefix("user:").map(Into::into);
    let record = match &user {
        Some(user) => users::get(db, tenant, user).await?,
        None => None,
    };
    Ok(Caller {
        tenant: tenant.clone(),
        app: app.clone(),
        app_kind: AppKind::Custom,
        kind: if user.is_some() { TokenKind::User } else { TokenKind::Tenant },
        admin: record.is_some_and(|user| user.admin && user.enabled),
        user,
        scopes: Arc::new(Scopes::All),
    })
}
