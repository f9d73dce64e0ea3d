//! A copy of one node; what lies below it stays. The copy's document is its maker's.

use std::sync::Arc;

use larkspur_platform as platform;
use larkspur_store::Error as StoreError;
use larkspur_store::sql::Transaction;

use super::super::codes::{self, broken, denied, told};
use super::super::place::{self, ONE, Place};
use super::create::add;
use super::wire::CopyBody;
use crate::drive::copying::Copying;
use crate::{Answer, ApiError, Request, Services, access, codes as common};

/// `wikiSpaceNodeCopy`. The copy of a shortcut is another shortcut to the same page.
pub(super) async fn copy(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CopyBody = request.json(common::BAD_REQUEST)?;
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let token = request.path_value("node_token");
    let node = place::node_in(db, caller, &found.space, token).await?;
    place::check_seen(db, caller, &node).await?;
    let (space, parent) = (body.target_space_id.as_deref(), body.target_parent_token.as_deref());
    let place = Place::target(&services, caller, space, parent).await?;
    place.check_held(db, caller, denied::DESTINATION).await?;
    if let Some(obstacle) = place.obstacle(db, ONE, None).await.map_err(broken)? {
        return Err(codes::LIMIT.because(place::why(obstacle)));
    }
    if let Some((origin, _)) = node.origin {
        let title = body.title.unwrap_or(node.title);
        let shortcut = (node.object, Some(origin), Some(title));
        return add(&services, caller, &place, shortcut, Transaction::new()).await;
    }
    let source = place::document(db, &node).await.map_err(broken)?;
    if !platform::may_take(db, caller, &source).await.map_err(broken)? {
        return Err(told(codes::PERMISSION, denied::NODE, access::NOT_TO_BE_TAKEN));
    }
    let name = body.title.unwrap_or_else(|| source.name.clone());
    let copying = Copying { services: &services, caller, source: &source, folder: None, name };
    let (copy, publish) = match copying.run().await {
        Ok(made) => made,
        // The document was replaced by a later revision while it was read.
        Err(StoreError::BlobMissing { .. }) => {
            return Err(codes::CONTENTION.because("the document changed while it was copied"));
        }
        Err(error) => return Err(broken(error)),
    };
    add(&services, caller, &place, (copy.token, None, None), publish).await
}
