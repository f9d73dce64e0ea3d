//! New collaborators. All of a batch become one, or none does.

use std::sync::Arc;

use larkspur_platform::{Access, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::objects::Object;
use larkspur_store::sql::Transaction;
use larkspur_store::wiki;

use super::wire::{BaseMember, BatchBody, BatchData, CreateData, MemberBody};
use super::{KINDS, Refusals, codes, find};
use crate::who::{self, Unfound};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Collaborators of one request (contract, `drivePermissionMemberBatchCreate`).
const MOST_AT_ONCE: usize = 10;
/// Collaborators a document may have; the pages speak of a limit without its number.
const MOST: usize = 500;

/// What adding one is refused with.
const ONE: Refusals =
    Refusals { forbidden: codes::PERMISSION, too_little: codes::SHARE, deleted: codes::DELETED };
/// What adding some is refused with: its page knows fewer numbers.
const BATCH: Refusals = Refusals {
    forbidden: codes::PERMISSION,
    too_little: codes::PERMISSION,
    deleted: codes::PARAMETER,
};

/// A collaborator whose fields fit.
struct Asked {
    member_type: String,
    member_id: String,
    perm: Perm,
    reach: Reach,
    kind: String,
}

/// The word for what a collaborator may do.
pub(super) const fn word(perm: Perm) -> &'static str {
    match perm {
        Perm::View => "view",
        Perm::Edit => "edit",
        Perm::FullAccess => "full_access",
    }
}

/// The word for how far down it goes.
pub(super) const fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Container => "container",
        Reach::SinglePage => "single_page",
    }
}

/// The `type` of the query.
pub(super) fn kind(request: &Request) -> Result<String, ApiError> {
    let mut violations = Violations::new();
    let kind = violations.required("type", request.query.text("type"));
    violations.check()?;
    if !KINDS.contains(&kind.as_str()) {
        return Err(codes::PARAMETER.because(format!("type is one of {}", KINDS.join(", "))));
    }
    Ok(kind)
}

/// Notes the fields that are missing under `at`, the path of the member within the body.
fn missing(violations: &mut Violations, at: &str, body: &MemberBody) {
    let fields =
        [("member_type", &body.member_type), ("member_id", &body.member_id), ("perm", &body.perm)];
    for (field, value) in fields {
        if value.as_ref().is_none_or(String::is_empty) {
            violations.missing(&format!("{at}{field}"));
        }
    }
}

/// Checks the fields alone.
fn check(body: MemberBody) -> Result<Asked, ApiError> {
    let perm = match body.perm.as_deref() {
        Some("view") => Perm::View,
        Some("edit") => Perm::Edit,
        Some("full_access") => Perm::FullAccess,
        _ => return Err(codes::PARAMETER.because("perm is view, edit or full_access")),
    };
    let reach = match body.perm_type.as_deref() {
        None | Some("" | "container") => Reach::Container,
        Some("single_page") => Reach::SinglePage,
        Some(_) => return Err(codes::PARAMETER.because("perm_type is container or single_page")),
    };
    Ok(Asked {
        member_type: body.member_type.unwrap_or_default(),
        member_id: body.member_id.unwrap_or_default(),
        perm,
        reach,
        kind: body.kind.unwrap_or_default(),
    })
}

/// `drivePermissionMemberCreate`.
pub(super) async fn one(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: MemberBody = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    missing(&mut violations, "", &body);
    violations.check()?;
    let kind = kind(&request)?;
    let asked = check(body)?;
    let caller = request.caller()?;
    let object = find(&services, &request, caller, &kind, Access::Manage, &ONE).await?;
    let mut added = add(&services, caller, &object, vec![asked]).await?;
    let member = added.pop().ok_or_else(|| codes::INTERNAL.caused_by("nobody was added"))?;
    Answer::data(&CreateData { member })
}

/// `drivePermissionMemberBatchCreate`.
pub(super) async fn batch(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: BatchBody = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let bodies = violations.required("members", body.members);
    if bodies.len() > MOST_AT_ONCE {
        violations.add("members", bodies.len(), "the max len is 10");
    }
    for (at, body) in bodies.iter().enumerate().take(MOST_AT_ONCE) {
        missing(&mut violations, &format!("members[{at}]."), body);
    }
    violations.check()?;
    if bodies.is_empty() {
        return Err(codes::PARAMETER.because("members is empty"));
    }
    let kind = kind(&request)?;
    let asked = bodies.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
    let caller = request.caller()?;
    let object = find(&services, &request, caller, &kind, Access::Manage, &BATCH).await?;
    let members = add(&services, caller, &object, asked).await?;
    Answer::data(&BatchData { members })
}

/// Why a member is not found (contract's source, the page's causes).
fn unfound(unfound: Unfound) -> ApiError {
    match unfound {
        Unfound::NotInside => codes::OPERATION,
        Unfound::Kind | Unfound::Nobody | Unfound::ForUsersOnly => codes::PARAMETER,
    }
    .because(unfound.why())
}

/// Makes them collaborators of `object`, all or none.
async fn add(
    services: &Services,
    caller: &Caller,
    object: &Object,
    asked: Vec<Asked>,
) -> Result<Vec<BaseMember>, ApiError> {
    let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
    let db = &services.store.db;
    let there = members::of(db, &caller.tenant, &object.token).await.map_err(internal)?;
    // It says something about pages of a wiki alone; elsewhere it is only looked at.
    let page = wiki::node_of_document(db, &caller.tenant, &object.token);
    let is_page = page.await.map_err(internal)?.is_some();
    let mut count = there.len();
    let mut transaction = Transaction::new();
    let mut added = Vec::with_capacity(asked.len());
    for one in asked {
        let who = who::find(services, caller, &one.member_type, &one.member_id).await;
        let who = who.map_err(|error| codes::INTERNAL.caused_by(error))?.map_err(unfound)?;
        if !one.kind.is_empty() && one.kind != who.kind {
            return Err(codes::PARAMETER.because(format!("the member is of type {}", who.kind)));
        }
        if who.identity == object.owner {
            return Err(codes::OPERATION.because("the owner's rights cannot be changed"));
        }
        let reach = if is_page { one.reach } else { Reach::Container };
        count += usize::from(there.iter().all(|member| member.identity != who.identity));
        members::put(
            &mut transaction,
            &Member {
                object: object.token.clone(),
                tenant: object.tenant.clone(),
                identity: who.identity,
                perm: one.perm,
                reach,
                added_by: caller.creator(),
                added_ms: services.clock.now_ms(),
            },
        );
        added.push(BaseMember {
            member_type: one.member_type,
            member_id: one.member_id,
            perm: word(one.perm),
            perm_type: reach_word(reach),
            kind: who.kind,
        });
    }
    if count > MOST {
        return Err(codes::OPERATION.because(format!("a document has at most {MOST} of them")));
    }
    match db.commit(transaction).await {
        Ok(_) => Ok(added),
        Err(StoreError::Conflict { label: "perm" }) => {
            Err(codes::OPERATION.because("the member may do more already"))
        }
        Err(error) => Err(internal(error)),
    }
}
