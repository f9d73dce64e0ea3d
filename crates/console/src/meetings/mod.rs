//! Meetings of a month, and the reports that are made of them.

use askama::Template;
use larkspur_api::{Answer, ApiError, FieldViolation, Operation, codes};
use larkspur_model::time::{DAY_MS, moment_text, parse_moment};
use serde::Deserialize;
use serde_json::json;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::visit::{self, Visit, act, enter};
use crate::{action, page};

/// Where the page is.
const HERE: &str = "/console/meetings";
/// The longest span that is asked for at once (the platform's is a month).
const SPAN_MS: i64 = 30 * DAY_MS;

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    meeting_list: Vec<Meeting>,
    page_token: String,
    has_more: bool,
}

#[derive(Deserialize)]
struct Meeting {
    meeting_id: String,
    meeting_topic: String,
    organizer: String,
    meeting_start_time: String,
    meeting_duration: String,
    number_of_participants: String,
}

#[derive(Deserialize)]
struct Created {
    task_id: String,
}

#[derive(Template)]
#[template(path = "meetings/meetings.html")]
struct Page {
    f: Frame,
    meetings: Vec<Meeting>,
    next: Option<String>,
    /// The last day that is shown.
    until: String,
    from_s: i64,
    until_s: i64,
    earlier: String,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleMeetings", HERE, |services, request| Box::pin(enter(services, request, show))),
        action("consoleReport", "/console/meetings/report/{kind}", |services, request| {
            Box::pin(act(services, request, report))
        }),
    ]
}

/// The end of the month that is looked at: the end of the day `until`, else now.
fn end_of_month(visit: &Visit) -> Result<i64, ApiError> {
    let Some(day) = visit.query("until") else { return Ok(visit.now_ms()) };
    let start = parse_moment(&format!("{day}T00:00:00Z")).ok_or_else(|| {
        ApiError::fields(vec![FieldViolation {
            field: "until".to_owned(),
            value: day,
            description: "a day: 2026-11-27".to_owned(),
        }])
    })?;
    Ok(start + DAY_MS - 1_000)
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let end_ms = end_of_month(&visit)?;
    let (from_s, until_s) = ((end_ms - SPAN_MS) / 1_000, end_ms / 1_000);
    let acting = visit.as_app().await?;
    let query = Asked::default().with("start_time", from_s).with("end_time", until_s);
    let query = query.with("page_size", 50).with_some("page_token", visit.query("page_token"));
    let list: List = visit.ask(visit.call("vcMeetingListGet", &acting).query(query)).await?;
    let day = |at_ms: i64| moment_text(at_ms).split('T').next().unwrap_or_default().to_owned();
    let until = day(end_ms);
    let page = Asked::default().with("until", &until);
    let next = list.has_more.then(|| page.with("page_token", &list.page_token).at(HERE));
    let earlier = Asked::default().with("until", day(end_ms - SPAN_MS)).at(HERE);
    let f = visit.frame(Section::Meetings, visit.language.pick("Meetings", "会议")).await?;
    let meetings = list.meeting_list;
    visit::show(&Page { f, meetings, next, until, from_s, until_s, earlier })
}

/// Has a report made: the fields of the form are those of the operation.
async fn report(visit: Visit) -> Result<Answer, ApiError> {
    let field = |name: &str| visit.field(name).unwrap_or_default();
    let (operation, body) = match visit.request.path_value("kind") {
        "meetings" => (
            "vcExportMeetingList",
            json!({ "start_time": field("start_time"), "end_time": field("end_time") }),
        ),
        "participants" => (
            "vcExportParticipantList",
            json!({
                "meeting_start_time": field("start_time"), "meeting_end_time": field("end_time"),
                "meeting_no": field("meeting_no"),
            }),
        ),
        "reservations" => (
            "vcExportResourceReservationList",
            json!({
                "room_level_id": field("room_level_id"), "need_topic": true,
                "start_time": field("start_time"), "end_time": field("end_time"),
            }),
        ),
        _ => return Err(codes::UNKNOWN_PATH.because("meetings, participants or reservations")),
    };
    let acting = visit.as_app().await?;
    let Created { task_id } = visit.ask(visit.call(operation, &acting).json(&body)?).await?;
    Ok(visit::go(format!("/console/tasks/{task_id}")))
}
