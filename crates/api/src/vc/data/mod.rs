//! Queries of meeting data: the same meetings, participants, minutes and reservations as the exports
//! have, page by page in JSON.

mod codes;
mod page;
mod people;
mod view;
mod wire;

use crate::operation::{
    BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate, TENANT_OR_USER,
};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The retired scope, and its successor.
const BOTH: &[&str] = &["vc:room:readonly", "vc:rooms.room.detailinfo:read"];
const RETIRED: &[&str] = &["vc:room:readonly"];

fn query(
    id: &'static str,
    path: &'static str,
    scopes: &'static [&'static str],
    errors: &'static [ErrorCode],
    handler: Handler,
) -> Operation {
    Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes,
        rate: Rate::per_minute(100),
        errors,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    }
}

fn operations() -> Vec<Operation> {
    vec![
        query(
            "vcMeetingListGet",
            "/open-apis/vc/v1/meeting_list",
            BOTH,
            codes::MEETINGS,
            |services, request| Box::pin(view::meetings(services, request)),
        ),
        query(
            "vcParticipantListGet",
            "/open-apis/vc/v1/participant_list",
            BOTH,
            codes::PARTICIPANTS,
            |services, request| Box::pin(view::participants(services, request)),
        ),
        query(
            "vcParticipantQualityListGet",
            "/open-apis/vc/v1/participant_quality_list",
            RETIRED,
            codes::QUALITY,
            |services, request| Box::pin(view::quality(services, request)),
        ),
        query(
            "vcResourceReservationListGet",
            "/open-apis/vc/v1/resource_reservation_list",
            RETIRED,
            codes::RESERVATIONS,
            |services, request| Box::pin(view::reservations(services, request)),
        ),
    ]
}
