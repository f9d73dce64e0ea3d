//! Blocks deleted from one that holds them, with all that is in them
//! (`docxDocumentBlockChildrenBatchDelete`).

use std::collections::HashSet;
use std::sync::Arc;

use super::super::edit::{Made, Road};
use super::super::grow::keep_filled;
use super::super::{codes, rules};
use super::create::check_there;
use super::wire::DeleteBody;
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// `docxDocumentBlockChildrenBatchDelete`.
pub(super) async fn delete(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let road = Road::open(&services, &request).await?;
    if let Some(answer) = road.replayed().await? {
        return Ok(answer);
    }
    let DeleteBody { start_index, end_index } = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let start = violations.required("start_index", start_index);
    let end = violations.required("end_index", end_index);
    violations.check()?;
    if start < 0 || end <= start {
        let why = "start_index counts from 0 and is included, end_index is behind it and is not";
        return Err(codes::INVALID_PARAM.because(why));
    }
    let block_id = request.path_value("block_id");
    road.make(&larkspur_store::sql::Transaction::new(), |before, edit| {
        let parent = before.inner(block_id);
        check_there(before, edit, parent)?;
        if !rules::holds_children(edit.tree().get(parent).map(|node| &node.content)) {
            let why = "what is in this block is part of it; change the block, or delete it";
            return Err(codes::NO_DELETING.because(why));
        }
        let based = before.based.children(parent);
        let Some(named) = based.get(start as usize..end as usize) else {
            let why = format!("the block holds {} others, counted from 0", based.len());
            return Err(codes::INVALID_PARAM.because(why));
        };
        // Those that went since the revision the request is based on stay gone.
        let now: HashSet<&String> = edit.tree().children(parent).iter().collect();
        let there: Vec<String> = named.iter().filter(|id| now.contains(id)).cloned().collect();
        edit.remove(parent, &there);
        keep_filled(edit, &services.ids, parent);
        Ok(Made::default())
    })
    .await
}
