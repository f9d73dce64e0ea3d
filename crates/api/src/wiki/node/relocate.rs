//! Moving a node with everything below it, within its space or into another one: one change, whole
//! or not at all.

use std::sync::Arc;

use larkspur_platform::{self as platform, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, Node};

use super::super::codes::{self, broken, denied, told};
use super::super::place::{self, Place};
use super::super::view;
use super::wire::MoveBody;
use crate::{Answer, ApiError, Request, Services, codes as common};

/// How often it is looked where the node lies, and where it is to lie, before a move is given up
/// that others keep getting in the way of.
const LOOKS: usize = 5;

/// `wikiSpaceNodeMove`.
pub(super) async fn relocate(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: MoveBody = request.json(common::BAD_REQUEST)?;
    let caller = request.caller()?;
    let mut cause = String::new();
    for _ in 0..LOOKS {
        let (node, place) = looked_up(&services, &request, &body).await?;
        match moved(&services, caller, &node, &place).await? {
            Ok(()) => {
                let db = &services.store.db;
                let node = place::node(db, caller, node.token.as_str()).await?;
                return view::answer(&services, caller, node).await;
            }
            Err(conflict) => cause = conflict.to_string(),
        }
    }
    Err(codes::RPC.caused_by(cause))
}

/// The node and the place it is to lie at, where the caller may move the one to the other.
async fn looked_up(
    services: &Services,
    request: &Request,
    body: &MoveBody,
) -> Result<(Node, Place), ApiError> {
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(services, caller, request.path_value("space_id")).await?;
    let token = request.path_value("node_token");
    let node = place::node_in(db, caller, &found.space, token).await?;
    if node.origin.is_none() {
        let page = place::document(db, &node).await.map_err(broken)?;
        if !platform::may_hold(db, caller, &page).await.map_err(broken)? {
            let why = "it takes edit on the page, with what is below it";
            return Err(told(codes::PERMISSION, denied::NODE, why));
        }
    }
    let source = Place::of(db, caller, &node).await.map_err(broken)?;
    source.check_held(db, caller, denied::SOURCE).await?;
    let (space, parent) = (body.target_space_id.as_deref(), body.target_parent_token.as_deref());
    let place = Place::target(services, caller, space, parent).await?;
    place.check_held(db, caller, denied::DESTINATION).await?;
    Ok((node, place))
}

/// Moves it; the inner error is a conflict with somebody else's change.
async fn moved(
    services: &Services,
    caller: &Caller,
    node: &Node,
    place: &Place,
) -> Result<Result<(), StoreError>, ApiError> {
    let (db, to) = (&services.store.db, &place.space.id);
    if node.space == *to && node.parent.as_ref() == place.parent_token() {
        return Ok(Ok(()));
    }
    let subtree = wiki::subtree(db, node).await.map_err(broken)?;
    let obstacle = place.obstacle(db, subtree, Some(&node.space)).await.map_err(broken)?;
    if let Some(obstacle) = obstacle {
        return Err(codes::LIMIT.because(place::why(obstacle)));
    }
    tracing::debug!(node = %node.token, nodes = subtree.nodes, by = caller.creator(), "moving");
    let position = services.ids.number(services.clock.now_ms());
    let mut transaction = Transaction::new();
    wiki::move_node(&mut transaction, node, to, place.parent_token(), position);
    match db.commit(transaction).await {
        Ok(_) => Ok(Ok(())),
        Err(StoreError::Conflict { label: "cycle" }) => {
            Err(codes::PARAM.because("a node cannot lie below itself"))
        }
        Err(error @ (StoreError::Conflict { .. } | StoreError::Duplicate(_))) => Ok(Err(error)),
        Err(error) => Err(broken(error)),
    }
}
