//! Who is a member or an administrator of a space from now on, and who is none any more. Only its
//! administrators say so.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::{Caller, SpaceRole};
use larkspur_store::Error as StoreError;
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, Space};

use super::super::codes::{self, broken, missing, platform_broken, told};
use super::super::place;
use super::wire::{MemberBody, MemberData, WireMember};
use crate::who::{self, Unfound, Who};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Members a space may have; the page speaks of a limit without its number.
const MOST: i64 = 500;

/// Kinds of id that members have (contract, `member_type`).
const KINDS: &[&str] = &["openchat", "userid", "email", "opendepartmentid", "openid", "unionid"];

/// The role that a right of a member is.
pub(super) const fn role(perm: Perm) -> &'static str {
    match perm {
        Perm::FullAccess => "admin",
        Perm::View | Perm::Edit => "member",
    }
}

/// A request whose fields fit.
struct Asked {
    member_type: String,
    member_id: String,
    perm: Perm,
}

/// Checks the fields alone; the member's id is where `id` says.
fn check(body: MemberBody, id: Option<String>) -> Result<Asked, ApiError> {
    let mut violations = Violations::new();
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let member_type = violations.required("member_type", filled(body.member_type));
    let member_id = violations.required("member_id", filled(id));
    let member_role = violations.required("member_role", filled(body.member_role));
    violations.check()?;
    if !KINDS.contains(&member_type.as_str()) {
        let why = format!("member_type is one of {}", KINDS.join(", "));
        return Err(codes::PARAM.because(why));
    }
    let perm = match member_role.as_str() {
        "admin" => Perm::FullAccess,
        "member" => Perm::View,
        _ => return Err(codes::PARAM.because("member_role is admin or member")),
    };
    if !matches!(body.kind.as_deref(), None | Some("" | "user" | "chat" | "department")) {
        return Err(codes::PARAM.because("type is user, chat or department"));
    }
    Ok(Asked { member_type, member_id, perm })
}

/// The space, if the caller administers it and it has members of that role at all.
async fn space(
    services: &Services,
    caller: &Caller,
    id: &str,
    perm: Perm,
) -> Result<Space, ApiError> {
    let space = place::space(services, caller, id).await?.at_least(SpaceRole::Admin)?;
    if space.public && perm == Perm::View {
        let why = "every user of the tenant is a member of a public space; it has administrators";
        return Err(codes::OPERATION.because(why));
    }
    if space.kind.is_personal() && perm == Perm::FullAccess {
        let why = "a personal space has one administrator: the person";
        return Err(codes::OPERATION.because(why));
    }
    Ok(space)
}

async fn find(services: &Services, caller: &Caller, asked: &Asked) -> Result<Who, ApiError> {
    let found = who::find(services, caller, &asked.member_type, &asked.member_id).await;
    found.map_err(platform_broken)?.map_err(|unfound| match unfound {
        Unfound::ForUsersOnly => codes::OPERATION.because(unfound.why()),
        Unfound::Kind => codes::PARAM.because(unfound.why()),
        Unfound::Nobody | Unfound::NotInside => {
            told(codes::NOT_FOUND, missing::IDENTITY, unfound.why())
        }
    })
}

fn shown(asked: Asked, who: &Who) -> Result<Answer, ApiError> {
    Answer::data(&MemberData {
        member: WireMember {
            member_type: asked.member_type,
            member_id: asked.member_id,
            member_role: role(asked.perm),
            kind: who.kind,
        },
    })
}

/// `wikiSpaceMemberCreate`. A member can be made an administrator.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut body: MemberBody = request.json(platform::BAD_REQUEST)?;
    let id = body.member_id.take();
    let asked = check(body, id)?;
    if request.query.flag("need_notification").is_err() {
        return Err(codes::PARAM.because("need_notification is true or false"));
    }
    let caller = request.caller()?;
    let space = space(&services, caller, request.path_value("space_id"), asked.perm).await?;
    let who = find(&services, caller, &asked).await?;
    let (db, object) = (&services.store.db, ObjectToken(space.id.0));
    let there = members::get(db, &caller.tenant, &object, &who.identity).await.map_err(broken)?;
    if there.as_ref().is_some_and(|there| there.perm >= asked.perm) {
        return Err(codes::EXISTS.because("that is what they are already, or more"));
    }
    let member = Member {
        object: object.clone(),
        tenant: space.tenant,
        identity: who.identity.clone(),
        perm: asked.perm,
        reach: Reach::Container,
        added_by: caller.creator(),
        added_ms: services.clock.now_ms(),
    };
    let count = members::count(db, &caller.tenant, &object).await.map_err(broken)?;
    if there.is_none() && count >= MOST {
        return Err(codes::LIMIT.because(format!("a space has at most {MOST} members")));
    }
    let mut transaction = Transaction::new();
    members::put(&mut transaction, &member);
    match db.commit(transaction).await {
        Ok(_) => shown(asked, &who),
        Err(StoreError::Conflict { .. }) => {
            Err(codes::EXISTS.because("somebody else made them an administrator just now"))
        }
        Err(error) => Err(broken(error)),
    }
}

/// `wikiSpaceMemberDelete`.
pub(super) async fn delete(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: MemberBody = request.json(platform::BAD_REQUEST)?;
    let asked = check(body, Some(request.path_value("member_id").to_owned()))?;
    let caller = request.caller()?;
    let space = space(&services, caller, request.path_value("space_id"), asked.perm).await?;
    let who = find(&services, caller, &asked).await?;
    let (db, object) = (&services.store.db, ObjectToken(space.id.0.clone()));
    let there = members::get(db, &caller.tenant, &object, &who.identity).await.map_err(broken)?;
    let unknown = || {
        let why = format!("they are no {} of the space", role(asked.perm));
        told(codes::NOT_FOUND, missing::MEMBER, why)
    };
    let of_role = |member: &Member| role(member.perm) == role(asked.perm);
    let member = there.filter(of_role).ok_or_else(unknown)?;
    let mut transaction = Transaction::new();
    wiki::remove_member(&mut transaction, &space.id, &member);
    match db.commit(transaction).await {
        Ok(_) => shown(asked, &who),
        Err(StoreError::Conflict { label: "last" }) => {
            Err(codes::OPERATION.because("a space keeps one administrator"))
        }
        Err(StoreError::Conflict { .. }) => Err(unknown()),
        Err(error) => Err(broken(error)),
    }
}
