//! New spaces: their maker's, private, for a team.

use std::sync::Arc;

use super::super::codes::{self, broken};
use super::super::place;
use super::wire::{CreateBody, SpaceData, WireSpace};
use crate::{Answer, ApiError, Request, Services, codes as platform};

/// `wikiSpaceCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(platform::BAD_REQUEST)?;
    let open_sharing = match body.open_sharing.as_deref() {
        None | Some("" | "closed") => false,
        Some("open") => true,
        Some(_) => return Err(codes::PARAM.because("open_sharing is open or closed")),
    };
    let mut space = place::new_space(&services, request.caller()?);
    space.name = body.name.unwrap_or_default();
    space.description = body.description.unwrap_or_default();
    space.open_sharing = open_sharing;
    services.store.db.commit(place::founding(&space)).await.map_err(broken)?;
    Answer::data(&SpaceData { space: WireSpace::new(space) })
}
