//! Whom a collaborator's id means, and how one that is kept is named: ids of every kind to the
//! identities that rights speak of, and back.

use larkspur_model::id::{AppId, UserId};
use larkspur_platform::{Caller, Error as PlatformError};
use larkspur_store::{Db, Error, apps, departments, members, users};

use crate::Services;

/// Kinds of collaborator, by the `type` answers give them.
const USER: &str = "user";
const CHAT: &str = "chat";
const DEPARTMENT: &str = "department";
const GROUP: &str = "group";

/// A collaborator that was found.
pub(crate) struct Who {
    /// `user:…`, `app:cli_…`, `department:…`, `chat:oc_…`, `group:…`.
    pub(crate) identity: String,
    /// Wire `type`.
    pub(crate) kind: &'static str,
}

/// Why a collaborator's id means nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfound {
    /// There is no such kind of id, or not for this.
    Kind,
    /// There is nobody of that id.
    Nobody,
    /// Apps do not see departments.
    ForUsersOnly,
    /// Whoever adds a chat must be in it.
    NotInside,
}

impl Unfound {
    /// What is wrong, in a sentence.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Kind => "member_type is none there is",
            Self::Nobody => "there is nobody of this member_type and member_id",
            Self::ForUsersOnly => {
                "apps do not see departments: opendepartmentid takes a user_access_token"
            }
            Self::NotInside => "whoever adds a chat must be in it",
        }
    }
}

/// The collaborator with this id, as `caller` may name it.
pub(crate) async fn find(
    services: &Services,
    caller: &Caller,
    member_type: &str,
    member_id: &str,
) -> Result<Result<Who, Unfound>, PlatformError> {
    let db = &services.store.db;
    let tenant = &caller.tenant;
    let platform = &services.platform;
    let user = match member_type {
        "openid" => {
            let user = platform.user_of_open_id(tenant, &caller.app, member_id).await?;
            if user.is_none() {
                let app = platform.app_of_open_id(tenant, &caller.app, member_id).await?;
                let found = app.map(|app| Who { identity: format!("app:{app}"), kind: USER });
                return Ok(found.ok_or(Unfound::Nobody));
            }
            user
        }
        "unionid" => platform.user_of_union_id(tenant, member_id).await?,
        "userid" => users::get(db, tenant, &UserId::from(member_id)).await?,
        "email" => users::by_email(db, tenant, member_id).await?,
        "opendepartmentid" => return department(services, caller, member_id).await,
        "openchat" => return gathering(db, caller, CHAT, member_id).await,
        "groupid" => return gathering(db, caller, GROUP, member_id).await,
        _ => return Ok(Err(Unfound::Kind)),
    };
    let found = user.map(|user| Who { identity: format!("user:{}", user.id), kind: USER });
    Ok(found.ok_or(Unfound::Nobody))
}

async fn department(
    services: &Services,
    caller: &Caller,
    member_id: &str,
) -> Result<Result<Who, Unfound>, PlatformError> {
    if caller.user.is_none() {
        return Ok(Err(Unfound::ForUsersOnly));
    }
    let found = if member_id == "0" {
        Some(member_id.to_owned())
    } else {
        let found = services.platform.department_of_open_id(&caller.tenant, member_id).await?;
        found.map(|department| department.id)
    };
    let who = |id| Who { identity: format!("department:{id}"), kind: DEPARTMENT };
    Ok(found.map(who).ok_or(Unfound::Nobody))
}

/// A chat or a group of users. Who adds a chat must be in it.
async fn gathering(
    db: &Db,
    caller: &Caller,
    kind: &'static str,
    member_id: &str,
) -> Result<Result<Who, Unfound>, PlatformError> {
    let identity = format!("{kind}:{member_id}");
    let inside = members::gathering(db, &caller.tenant, &identity).await?;
    if inside.is_empty() {
        return Ok(Err(Unfound::Nobody));
    }
    if kind == CHAT && !inside.contains(&caller.creator()) {
        return Ok(Err(Unfound::NotInside));
    }
    Ok(Ok(Who { identity, kind }))
}

/// A collaborator as answers name it.
pub(crate) struct Named {
    pub(crate) member_type: &'static str,
    pub(crate) member_id: String,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) avatar: String,
}

/// How `caller` may name `identity`; `None` for somebody who is gone.
pub(crate) async fn name(
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
