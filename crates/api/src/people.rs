//! Owners as answers name them: a user by the kind of id that was asked for, an app by its open id.

use larkspur_model::id::{AppId, UserId};
use larkspur_platform::Caller;
use larkspur_store::{Error, users};

use crate::Services;

/// Kinds of user id (`user_id_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserIdKind {
    /// Another one in each app.
    Open,
    /// The same in all apps of a tenant.
    Union,
    /// The tenant's own.
    User,
}

impl UserIdKind {
    /// The kind of a query's value; open ids where it says nothing.
    pub(crate) fn parse(text: Option<&str>) -> Option<Self> {
        Some(match text {
            None | Some("open_id" | "lark_id") => Self::Open,
            Some("union_id") => Self::Union,
            Some("user_id") => Self::User,
            Some(_) => return None,
        })
    }
}

/// `owner` of an object, as `caller` may see it.
pub(crate) async fn owner(
    services: &Services,
    caller: &Caller,
    owner: &str,
    kind: UserIdKind,
) -> Result<String, Error> {
    if let Some(app) = owner.strip_prefix("app:") {
        // Owning apps are named by the id they have as members too (contract's source, questions
        // on documents, "open_id of an app").
        return Ok(services.platform.open_id_of_app(&caller.app, &AppId::from(app)));
    }
    let Some(id) = owner.strip_prefix("user:") else { return Ok(String::new()) };
    if kind == UserIdKind::User {
        return Ok(id.to_owned());
    }
    let user = users::get(&services.store.db, &caller.tenant, &UserId::from(id)).await?;
    Ok(match (user, kind) {
        (None, _) => String::new(),
        (Some(user), UserIdKind::Union) => services.platform.union_id(&user),
        (Some(user), _) => services.platform.open_id(&caller.app, &user),
    })
}

/// A number of 19 digits that stays the same for a token, for the oldest answers, which name things
/// by numbers.
pub(crate) fn number_of(token: &str) -> String {
    let hash = token.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    (7_000_000_000_000_000_000 + hash % 1_000_000_000_000_000_000).to_string()
}
