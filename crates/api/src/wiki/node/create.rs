//! New nodes: with an empty document, or pointing to a node that is there.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::ObjectKind;
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, NewNode};

use super::super::codes::{self, broken, denied};
use super::super::place::{self, ONE, Place};
use super::super::view;
use super::wire::CreateBody;
use crate::drive::content::{self, Blank};
use crate::drive::rights::kind_name;
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// What is to become of a request whose fields fit.
enum Asked {
    /// A document of this kind, with this title.
    Origin(ObjectKind, String),
    /// A shortcut to this node, of this kind, with a title of its own.
    Shortcut { to: String, kind: String, title: Option<String> },
}

/// Checks the fields alone.
fn check(body: CreateBody) -> Result<Asked, ApiError> {
    let mut violations = Violations::new();
    let kind = violations.required("obj_type", body.obj_type);
    let node_type = violations.required("node_type", body.node_type);
    violations.check()?;
    match node_type.as_str() {
        "origin" => {
            let made = match kind.as_str() {
                "docx" => ObjectKind::Docx,
                "sheet" => ObjectKind::Sheet,
                "bitable" => ObjectKind::Bitable,
                "doc" => return Err(codes::DEPRECATED.because("obj_type docx makes a document")),
                "file" => {
                    let why = "files are uploaded to the drive, then moved with move_docs_to_wiki";
                    return Err(codes::PARAM.because(why));
                }
                "mindnote" | "slides" => {
                    let why = format!("this server makes no empty {kind}: docx, sheet, bitable");
                    return Err(codes::PARAM.because(why));
                }
                _ => return Err(codes::PARAM.because("obj_type is docx, sheet or bitable")),
            };
            Ok(Asked::Origin(made, body.title.unwrap_or_default()))
        }
        "shortcut" => {
            let to = body.origin_node_token.filter(|token| !token.is_empty());
            let missing = || codes::PARAM.because("a shortcut takes origin_node_token");
            Ok(Asked::Shortcut { to: to.ok_or_else(missing)?, kind, title: body.title })
        }
        _ => Err(codes::PARAM.because("node_type is origin or shortcut")),
    }
}

/// `wikiSpaceNodeCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut body: CreateBody = request.json(platform::BAD_REQUEST)?;
    let parent = body.parent_node_token.take();
    let asked = check(body)?;
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let place = Place::find(db, caller, found, parent.as_deref()).await?;
    let phrase = if place.parent.is_some() { denied::NODE } else { denied::SPACE };
    place.check_held(db, caller, phrase).await?;
    if let Some(obstacle) = place.obstacle(db, ONE, None).await.map_err(broken)? {
        return Err(codes::LIMIT.because(place::why(obstacle)));
    }
    let (object, origin, title, publish) = match asked {
        Asked::Origin(kind, title) => {
            let blank = Blank { title: &title, ..Blank::default() };
            let made = content::blank(&services, caller, kind, blank).await.map_err(broken)?;
            let made = made.ok_or_else(|| codes::INTERNAL.caused_by("no content"))?;
            (made.object.token, None, None, made.publish)
        }
        Asked::Shortcut { to, kind, title } => {
            let (object, origin) = aim(&services, caller, &to, &kind).await?;
            (object, Some(origin), title, Transaction::new())
        }
    };
    add(&services, caller, &place, (object, origin, title), publish).await
}

/// What a shortcut to the node `to` points to: that node, or what it points to itself.
async fn aim(
    services: &Services,
    caller: &Caller,
    to: &str,
    kind: &str,
) -> Result<(ObjectToken, ObjectToken), ApiError> {
    let db = &services.store.db;
    let node = place::node(db, caller, to).await?;
    place::check_seen(db, caller, &node).await?;
    if kind_name(node.kind) != Some(kind) {
        return Err(codes::PARAM.because("obj_type is that of the node the shortcut points to"));
    }
    let origin = node.origin.map_or(node.token, |(origin, _)| origin);
    Ok((node.object, origin))
}

/// Puts a node of `(object, origin, title)` there, with what makes its document visible.
pub(super) async fn add(
    services: &Services,
    caller: &Caller,
    place: &Place,
    (object, origin, title): (ObjectToken, Option<ObjectToken>, Option<String>),
    mut publish: Transaction,
) -> Result<Answer, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let node = NewNode {
        token: ObjectToken(services.ids.token()),
        tenant: caller.tenant.clone(),
        space: place.space.id.clone(),
        parent: place.parent_token().cloned(),
        object,
        origin,
        title,
        creator: caller.creator(),
        position: services.ids.number(now_ms),
        created_ms: now_ms,
    };
    wiki::insert_node(&mut publish, &node);
    match db.commit(publish).await {
        Ok(_) => {}
        Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => {
            return Err(match place.obstacle(db, ONE, None).await.map_err(broken)? {
                Some(obstacle) => codes::LIMIT.because(place::why(obstacle)),
                None => codes::CONTENTION.because("the place was moved at the same moment"),
            });
        }
        Err(error) => return Err(broken(error)),
    }
    view::answer(services, caller, place::node(db, caller, node.token.as_str()).await?).await
}
