//! Wire request -> checked report -> task. What a report is about is looked up here; rights are looked
//! at again when the work starts.

use std::sync::Arc;

use larkspur_engine::{Lane, Submission};
use larkspur_platform::Caller;
use larkspur_store::meetings::{self, REPORTED};
use larkspur_store::sql::Transaction;

use super::codes::{self, refusal};
use super::job::{FAMILY, Payload, Report};
use super::wire::{CreateData, MeetingBody, MeetingsBody, ReservationsBody};
use crate::vc::asked::{AskedMeeting, AskedMeetings, AskedReservations, Asking, Loose};
use crate::vc::permission::{self, Visible};
use crate::vc::shown::USUAL_OFFSET_MINUTES;
use crate::{Answer, ApiError, Request, Services, codes as platform};

/// Rows of a report that are light work, and cells of them.
const LIGHT_CELLS: i64 = 500_000;
/// How often a report is tried.
const MOST_ATTEMPTS: i64 = 3;
/// Bytes a cell of a report takes up, roughly: the size by which tasks are told apart.
const CELL_BYTES: i64 = 8;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// The caller, once it is sure that they manage meetings.
async fn manager<'a>(services: &Services, request: &'a Request) -> Result<&'a Caller, ApiError> {
    let caller = request.caller()?;
    if permission::manages_meetings(&services.store.db, caller).await.map_err(internal)? {
        return Ok(caller);
    }
    Err(codes::NO_PERMISSION.because(
        "the user, or with a tenant's token whoever made the app, must be allowed to manage \
         meetings",
    ))
}

fn asking<'a>(
    services: &'a Services,
    request: &Request,
    caller: &'a Caller,
) -> Result<Asking<'a>, ApiError> {
    let kind = request.query.text("user_id_type");
    let user_ids = permission::user_id_kind(caller, kind.as_deref(), codes::PARAM)?;
    Ok(Asking { services, caller, user_ids, query: false })
}

fn of_meeting(body: MeetingBody) -> AskedMeeting {
    AskedMeeting {
        start: Loose::text(body.meeting_start_time),
        end: Loose::text(body.meeting_end_time),
        status: Loose::text(body.meeting_status),
        meeting_no: Loose::text(body.meeting_no),
        join: Loose::text(body.join_time),
        user_id: Loose::text(body.user_id),
        room_id: Loose::text(body.room_id),
    }
}

/// `vcExportMeetingList`.
pub(super) async fn meetings(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: MeetingsBody = request.json(platform::BAD_REQUEST)?;
    let caller = manager(&services, &request).await?;
    let asked = AskedMeetings {
        start: Loose::text(body.start_time),
        end: Loose::text(body.end_time),
        status: Loose::text(body.meeting_status),
        meeting_no: Loose::text(body.meeting_no),
        user_id: Loose::text(body.user_id),
        room_id: Loose::text(body.room_id),
        meeting_type: Loose::text(body.meeting_type),
    };
    let filter = asking(&services, &request, caller)?.meetings(&asked).await.map_err(refusal)?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let rows = meetings::meeting_count(db, tenant, &filter).await.map_err(internal)?;
    submit(&services, &request, caller, Report::Meetings { filter }, rows).await
}

/// `vcExportParticipantList`.
pub(super) async fn participants(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: MeetingBody = request.json(platform::BAD_REQUEST)?;
    let caller = manager(&services, &request).await?;
    let asked = of_meeting(body);
    let (meeting, who) =
        asking(&services, &request, caller)?.participants(&asked).await.map_err(refusal)?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let rows =
        meetings::participant_count(db, tenant, &meeting.id, &who).await.map_err(internal)?;
    submit(&services, &request, caller, Report::Participants { meeting: meeting.id, who }, rows)
        .await
}

/// `vcExportParticipantQualityList`.
pub(super) async fn quality(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: MeetingBody = request.json(platform::BAD_REQUEST)?;
    let caller = manager(&services, &request).await?;
    let asked = of_meeting(body);
    let stay = asking(&services, &request, caller)?.quality(&asked).await.map_err(refusal)?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let rows = meetings::sample_count(db, tenant, &stay.id).await.map_err(internal)?;
    submit(&services, &request, caller, Report::Quality { participant: stay.id }, rows).await
}

/// `vcExportResourceReservationList`.
pub(super) async fn reservations(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: ReservationsBody = request.json(platform::BAD_REQUEST)?;
    let caller = manager(&services, &request).await?;
    let asked = AskedReservations {
        level: Loose::text(body.room_level_id),
        start: Loose::text(body.start_time),
        end: Loose::text(body.end_time),
        rooms: body.room_ids.unwrap_or_default(),
        exclude: body.is_exclude.unwrap_or(false),
    };
    let filter =
        asking(&services, &request, caller)?.reservations(&asked).await.map_err(refusal)?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let rows = meetings::reservation_count(db, tenant, &filter).await.map_err(internal)?;
    let topic = body.need_topic.unwrap_or(false);
    submit(&services, &request, caller, Report::Reservations { filter, topic }, rows).await
}

async fn submit(
    services: &Services,
    request: &Request,
    caller: &Caller,
    report: Report,
    rows: i64,
) -> Result<Answer, ApiError> {
    let db = &services.store.db;
    let offset = meetings::utc_offset_minutes(db, &caller.tenant).await.map_err(internal)?;
    let cells = rows.saturating_mul(if matches!(report, Report::Quality { .. }) {
        REPORTED as i64
    } else {
        report.columns().len() as i64
    });
    let title = report.name().to_owned();
    let payload = Payload {
        report,
        rows,
        visible: Visible::to(caller),
        utc_offset_minutes: offset.unwrap_or(USUAL_OFFSET_MINUTES),
    };
    let file = format!("{title}.xlsx");
    let submission = Submission {
        tenant: caller.tenant.0.clone(),
        app: caller.app.0.clone(),
        creator: caller.creator(),
        family: FAMILY,
        title,
        size_bytes: cells.saturating_mul(CELL_BYTES),
        // A long report waits with the long work, so that it never holds up short ones.
        lane: if cells <= LIGHT_CELLS { Lane::Light } else { Lane::Heavy },
        payload: serde_json::to_vec(&payload).map_err(internal)?,
        max_attempts: MOST_ATTEMPTS,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    };
    let answer = |id: i64| Answer::data(&CreateData { task_id: id.to_string() });
    let made = services.create(request, submission, &file, answer).await;
    made.map_err(|unmade| unmade.or(internal))
}
