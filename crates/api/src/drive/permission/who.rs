//! Whom a collaborator's id means, and how one that is kept is named: ids of every kind to the
//! identities that rights speak of, and back.

use larkspur_model::id::{AppId, UserId};
use larkspur_platform::Caller;
use larkspur_store::{Db, Error, apps, departments, members, users};

use crate::{ApiError, Services};

use super::codes;

/// Kinds of collaborator, by the `type` answers give them.
pub(super) const USER: &str = "user";
const CHAT: &str = "chat";
const DEPARTMENT: &str = "department";
const GROUP: &str = "group";

/// A collaborator that was found.
pub(super) struct Who {
    /// `user:…`, `app:cli_…`, `department:…`, `chat:oc_…`, `group:…`.
    pub(super) identity: String,
    /// Wire `type`.
    pub(super) kind: &'static str,
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// The collaborator with this id, as `caller` may name it.
///
/// Nobody of that id, or one that the caller's token cannot name, is 1063001; a chat the caller is
/// not in is 1063003 (contract's source, the page's causes).
pub(super) async fn find(
    services: &Services,
    caller: &Caller,
    member_type: &str,
    member_id: &str,
) -> Result<Who, ApiError> {
    let db = &services.store.db;
    let tenant = &caller.tenant;
    let platform = &services.platform;
    let user = match member_type {
        "openid" => {
            let user = platform.user_of_open_id(tenant, &caller.app, member_id).await;
            let user = user.map_err(internal)?;
            if user.is_none() {
                let app = platform.app_of_open_id(tenant, &caller.app, member_id).await;
                let app = app.map_err(internal)?.ok_or_else(nobody)?;
                return Ok(Who { identity: format!("app:{app}"), kind: USER });
            }
            user
        }
        "unionid" => platform.user_of_union_id(tenant, member_id).await.map_err(internal)?,
        "userid" => users::get(db, tenant, &UserId::from(member_id)).await.map_err(internal)?,
        "email" => users::by_email(db, tenant, member_id).await.map_err(internal)?,
        "opendepartmentid" => return department(services, caller, member_id).await,
        "openchat" => return gathering(db, caller, CHAT, member_id).await,
        "groupid" => return gathering(db, caller, GROUP, member_id).await,
        "wikispaceid" => {
            return Err(codes::PARAMETER.because("wikispaceid is for documents of a wiki"));
        }
        _ => return Err(codes::PARAMETER.because("member_type is none there is")),
    };
    let user = user.ok_or_else(nobody)?;
    Ok(Who { identity: format!("user:{}", user.id), kind: USER })
}

fn nobody() -> ApiError {
    codes::PARAMETER.because("there is nobody of this member_type and member_id")
}

async fn department(
    services: &Services,
    caller: &Caller,
    member_id: &str,
) -> Result<Who, ApiError> {
    if caller.user.is_none() {
        let why = "apps do not see departments: opendepartmentid takes a user_access_token";
        return Err(codes::PARAMETER.because(why));
    }
    let id = if member_id == "0" {
        member_id.to_owned()
    } else {
        let found = services.platform.department_of_open_id(&caller.tenant, member_id).await;
        found.map_err(internal)?.ok_or_else(nobody)?.id
    };
    Ok(Who { identity: format!("department:{id}"), kind: DEPARTMENT })
}

/// A chat or a group of users. Who adds a chat must be in it.
async fn gathering(
    db: &Db,
    caller: &Caller,
    kind: &'static str,
    member_id: &str,
) -> Result<Who, ApiError> {
    let identity = format!("{kind}:{member_id}");
    let inside = members::gathering(db, &caller.tenant, &identity).await.map_err(internal)?;
    if inside.is_empty() {
        return Err(nobody());
    }
    if kind == CHAT && !inside.contains(&caller.creator()) {
        return Err(codes::OPERATION.because("whoever adds a chat must be in it"));
    }
    Ok(Who { identity, kind })
}

/// A collaborator as answers name it.
pub(super) struct Named {
    pub(super) member_type: &'static str,
    pub(super) member_id: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) avatar: String,
}

/// How `caller` may name `identity`; `None` for somebody who is gone.
pub(super) async fn name(
    services: &Services,
    caller: &Caller,
    identity: &str,
) -> Result<Option<Named>, Error> {
    let db = &services.store.db;
    let Some((kind, id)) = identity.split_once(':') else { return Ok(None) };
    let plain = |member_type, kind| Named {
        member_type,
        member_id: id.to_owned(),
        kind,
        name: id.to_owned(),
        avatar: String::new(),
    };
    Ok(match kind {
        "user" => {
            let user = users::get(db, &caller.tenant, &UserId::from(id)).await?;
            user.map(|user| Named {
                member_type: "openid",
                member_id: services.platform.open_id(&caller.app, &user),
                kind: USER,
                name: user.name,
                avatar: user.profile.avatar_url,
            })
        }
        "app" => {
            let app = apps::get(db, &AppId::from(id)).await?;
            app.map(|app| Named {
                member_type: "openid",
                member_id: services.platform.open_id_of_app(&caller.app, &app.id),
                kind: USER,
                name: app.name,
                avatar: String::new(),
            })
        }
        "department" if id == "0" => Some(plain("opendepartmentid", DEPARTMENT)),
        "department" => {
            let department = departments::get(db, &caller.tenant, id).await?;
            department.map(|department| Named {
                member_type: "opendepartmentid",
                member_id: services.platform.open_department_id(&department),
                kind: DEPARTMENT,
                name: department.name,
                avatar: String::new(),
            })
        }
        "chat" => Some(plain("openchat", CHAT)),
        "group" => Some(plain("groupid", GROUP)),
        _ => None,
    })
}
