//! Larkspur's own operations on requests for a move: who may see them, who may say yes or no. What
//! a requester may not do is allowed by somebody who may; once all of it is, a task moves the
//! document for the requester.

use std::sync::Arc;

use larkspur_engine::Error as EngineError;
use larkspur_model::id::TenantId;
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks;
use larkspur_store::wiki::{self, Decision, MoveRequest, RequestState, Wanting};

use super::super::page::Page;
use super::super::place::Place;
use super::codes;
use super::job::{FAMILY, Payload};
use super::submit::{key, may_take_away, submission};
use super::view::key_of;
use super::wire::{ListData, RequestData, WireRequest};
use crate::drive::rights::kind_name;
use crate::{Answer, ApiError, Request, Services, access, codes as platform};

/// Longest page.
const MOST: i64 = 100;
/// Who decides with the operator's token.
const OPERATOR: &str = "operator";

fn internal(error: StoreError) -> ApiError {
    platform::INTERNAL.caused_by(error)
}

/// What of a request `caller` may allow; the operator may allow all.
async fn allowed(
    services: &Services,
    caller: Option<&Caller>,
    request: &MoveRequest,
    object: Option<&Object>,
) -> Result<Wanting, StoreError> {
    let Some(caller) = caller else { return Ok(request.wanting) };
    if caller.tenant != request.tenant {
        return Ok(Wanting::default());
    }
    let db = &services.store.db;
    let document = match object {
        Some(object) if request.wanting.document => may_take_away(db, caller, object).await?,
        _ => false,
    };
    let target = request.wanting.target
        && match Place::now(db, caller, &request.space, request.parent.as_ref()).await? {
            Some(place) => place.may_hold(db, caller).await?,
            None => false,
        };
    Ok(Wanting { document, target })
}

async fn object_of(services: &Services, request: &MoveRequest) -> Result<Option<Object>, ApiError> {
    objects::get(&services.store.db, &request.tenant, &request.object).await.map_err(internal)
}

/// `larkspurWikiRequestList`: to the operator those of a tenant (`tenant_id`, else the first one's);
/// to others those they made and those they may decide. A page may be empty while more follow.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request, MOST)?;
    let after = page.after_number()?;
    let caller = if request.admin { None } else { Some(request.caller()?) };
    let tenant = match caller {
        Some(caller) => caller.tenant.clone(),
        None => tenant_of(&services, &request).await?,
    };
    let found = wiki::requests(&services.store.db, &tenant, after, page.limit()).await;
    let mut found = found.map_err(internal)?;
    let page_token = page.cut(&mut found, |request| request.id.to_string());
    let mut items = Vec::with_capacity(found.len());
    for one in found {
        let object = object_of(&services, &one).await?;
        let theirs = match caller {
            None => true,
            Some(caller) if caller.creator() == one.requester => true,
            Some(_) => {
                allowed(&services, caller, &one, object.as_ref()).await.map_err(internal)?.any()
            }
        };
        if theirs {
            items.push(show(&services, one, object.as_ref()).await?);
        }
    }
    Answer::data(&ListData { items, has_more: page_token.is_some(), page_token })
}

async fn tenant_of(services: &Services, request: &Request) -> Result<TenantId, ApiError> {
    let unknown = |error| codes::NO_TENANT.because(format!("{error}"));
    match request.query.text("tenant_id") {
        Some(id) => Ok(services.platform.tenant(&TenantId(id)).await.map_err(unknown)?.id),
        None => Ok(services.platform.bootstrap().await.map_err(unknown)?.tenant),
    }
}

async fn show(
    services: &Services,
    request: MoveRequest,
    object: Option<&Object>,
) -> Result<WireRequest, ApiError> {
    let task_id = if request.state == RequestState::Accepted {
        task_of(services, &request).await.map_err(internal)?
    } else {
        None
    };
    let mut wanting = Vec::new();
    if request.wanting.document {
        wanting.push("document");
    }
    if request.wanting.target {
        wanting.push("target");
    }
    let (decided_by, decided_ms) = request.decided.unzip();
    Ok(WireRequest {
        request_id: request.id.to_string(),
        requester: request.requester,
        obj_token: request.object.0,
        obj_type: object.and_then(|object| kind_name(object.kind)).unwrap_or_default(),
        title: object.map_or_else(String::new, |object| object.name.clone()),
        space_id: request.space.0,
        parent_wiki_token: request.parent.map_or_else(String::new, |parent| parent.0),
        wanting,
        state: match request.state {
            RequestState::Waiting => "waiting",
            RequestState::Accepted => "accepted",
            RequestState::Refused => "refused",
        },
        decided_by,
        decided_ms,
        created_ms: request.created_ms,
        task_id,
    })
}

/// The key by which a request's task is found.
fn idempotency_key(request: &MoveRequest) -> String {
    format!("wiki-request-{}", request.id)
}

/// The task of an accepted request as it stands on the wire; `None` once it is forgotten.
async fn task_of(services: &Services, request: &MoveRequest) -> Result<Option<String>, StoreError> {
    let (db, key) = (&services.store.db, idempotency_key(request));
    let (tenant, app) = (request.tenant.as_str(), request.app.as_str());
    let Some(id) = tasks::by_key(db, tenant, app, FAMILY, &key).await? else { return Ok(None) };
    let record = tasks::get(db, id).await?;
    let key = record.and_then(|record| record.payload).as_deref().and_then(key_of);
    Ok(key.map(|key| format!("{id}-{key}")))
}

/// The waiting request of the path, its document, and what of it the caller may allow.
async fn find(
    services: &Services,
    request: &Request,
) -> Result<(MoveRequest, Option<Object>, Wanting), ApiError> {
    let unknown = || codes::NO_REQUEST.because("no request of this number the caller may see");
    let id = request.path_value("request_id").parse().map_err(|_| unknown())?;
    let found = wiki::request(&services.store.db, id).await.map_err(internal)?;
    let found = found.ok_or_else(unknown)?;
    let caller = if request.admin { None } else { Some(request.caller()?) };
    if caller.is_some_and(|caller| caller.tenant != found.tenant) {
        return Err(unknown());
    }
    let object = object_of(services, &found).await?;
    let allowed = allowed(services, caller, &found, object.as_ref()).await.map_err(internal)?;
    if found.state != RequestState::Waiting {
        // Who may not see it is not told that it was decided either.
        let theirs = caller.is_none_or(|caller| caller.creator() == found.requester);
        let decided = codes::DECIDED.because("a request is decided once; a new one can be made");
        return Err(if theirs || is_decider(caller, &found) { decided } else { unknown() });
    }
    if !allowed.any() {
        let theirs = caller.is_some_and(|caller| caller.creator() == found.requester);
        let why = "who has full access to the document, or may put pages there, decides";
        return Err(if theirs { codes::NOT_YOURS.because(why) } else { unknown() });
    }
    Ok((found, object, allowed))
}

fn is_decider(caller: Option<&Caller>, request: &MoveRequest) -> bool {
    caller.is_some_and(|caller| {
        request.decided.as_ref().is_some_and(|(by, _)| *by == caller.creator())
    })
}

fn decider(request: &Request) -> Result<String, ApiError> {
    if request.admin { Ok(OPERATOR.to_owned()) } else { Ok(request.caller()?.creator()) }
}

fn conflict(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict { .. } => {
            codes::DECIDED.because("somebody decided or changed it at the same moment")
        }
        error => internal(error),
    }
}

/// `larkspurWikiRequestRefuse`.
pub(super) async fn refuse(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (found, object, _) = find(&services, &request).await?;
    let by = decider(&request)?;
    let now_ms = services.clock.now_ms();
    let mut transaction = Transaction::new();
    wiki::decide(&mut transaction, &found, &Decision { by: &by, accepts: false, now_ms });
    services.store.db.commit(transaction).await.map_err(conflict)?;
    answer(&services, found.id, object.as_ref()).await
}

/// `larkspurWikiRequestAccept`: allows what the caller may allow of it; once nothing is wanting, the
/// task that moves the document is submitted together with the decision.
pub(super) async fn accept(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (found, object, allowed) = find(&services, &request).await?;
    let left = found.wanting.without(allowed);
    let mut transaction = Transaction::new();
    if left.any() {
        wiki::allow(&mut transaction, &found, left);
        services.store.db.commit(transaction).await.map_err(conflict)?;
        return answer(&services, found.id, object.as_ref()).await;
    }
    let gone = || codes::NO_REQUEST.because("the document of the request is gone");
    let document = object.as_ref().ok_or_else(gone)?;
    let (by, now_ms) = (decider(&request)?, services.clock.now_ms());
    wiki::decide(&mut transaction, &found, &Decision { by: &by, accepts: true, now_ms });
    let payload = Payload {
        object: found.object.clone(),
        space: found.space.clone(),
        parent: found.parent.clone(),
        key: key(&services),
        document_allowed: found.wanted.document,
        target_allowed: found.wanted.target,
    };
    let db = &services.store.db;
    let requester = access::caller_of(db, &found.tenant, &found.app, &found.requester).await;
    let requester = requester.map_err(internal)?;
    let key = Some(idempotency_key(&found));
    let submission = submission(requester, document, &payload, key, transaction)?;
    match services.submit(&request, submission, &document.name).await {
        Ok(_) => answer(&services, found.id, object.as_ref()).await,
        Err(EngineError::Store(error)) => Err(conflict(error)),
        Err(error) => Err(platform::INTERNAL.caused_by(error)),
    }
}

async fn answer(services: &Services, id: i64, object: Option<&Object>) -> Result<Answer, ApiError> {
    let found = wiki::request(&services.store.db, id).await.map_err(internal)?;
    let found = found.ok_or_else(|| codes::NO_REQUEST.because("the request is gone"))?;
    Answer::data(&RequestData { request: show(services, found, object).await? })
}
