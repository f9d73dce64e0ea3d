//! An event as JSON, in the shape that Standard Webhooks recommends (`type`, `timestamp`, `data`), and
//! as a frame of a stream of server-sent events (HTML, "Server-sent events").

use bytes::Bytes;
use larkspur_model::task::Failure;
use larkspur_model::time::Millis;
use larkspur_store::events::{Change, Place, TaskEvent};
use larkspur_store::tasks::TaskRecord;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    cursor: String,
    task_id: String,
    family: &'a str,
    title: &'a str,
    state: &'static str,
    attempt: i64,
    tenant_id: &'a str,
    app_id: &'a str,
    creator: &'a str,
    at_ms: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a Failure>,
}

#[derive(Serialize)]
struct Position {
    cursor: String,
}

/// The event as JSON, without a line break.
///
/// # Panics
/// Never: texts and numbers serialise.
pub fn json(event: &TaskEvent) -> Vec<u8> {
    let shown = Event {
        kind: format!("task.{}", event.change.word()),
        timestamp: timestamp(event.at_ms),
        data: Data {
            cursor: event.place.to_string(),
            task_id: event.task.to_string(),
            family: &event.family,
            title: &event.title,
            state: event.change.word(),
            attempt: event.attempt,
            tenant_id: &event.tenant,
            app_id: &event.app,
            creator: &event.creator,
            at_ms: event.at_ms,
            failure: event.failure.as_ref(),
        },
    };
    serde_json::to_vec(&shown).expect("texts and numbers serialise")
}

/// A moment as RFC 3339 spells it, in UTC; the clock's own number where no calendar has it.
pub fn timestamp(at_ms: Millis) -> String {
    let nanos = i128::from(at_ms) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    moment.and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_else(|| at_ms.to_string())
}

/// The frame that says where a task stands, in the form of the event that brought it there.
pub fn standing_frame(place: Place, task: &TaskRecord) -> Bytes {
    let change = Change::of_state(task.state);
    let at_ms = task.finished_ms.or(task.started_ms).unwrap_or(task.created_ms);
    frame(&TaskEvent {
        place,
        task: task.id,
        tenant: task.tenant.clone(),
        app: task.app.clone(),
        creator: task.creator.clone(),
        family: task.family.clone(),
        title: task.title.clone(),
        change,
        attempt: task.attempt,
        at_ms,
        failure: task.failure.clone(),
    })
}

/// The frame of an event. It has no name, so that every listener of messages gets it.
pub fn frame(event: &TaskEvent) -> Bytes {
    let mut frame = format!("id: {}\ndata: ", event.place).into_bytes();
    frame.extend_from_slice(&json(event));
    frame.extend_from_slice(b"\n\n");
    Bytes::from(frame)
}

/// The first frame of a stream: where it begins, and how soon to come back when it breaks.
pub fn ready_frame(place: Place) -> Bytes {
    named("retry: 1000\nevent: ready\n", place)
}

/// The last frame of a stream whose listener fell behind what the log holds.
pub fn cut_off_frame(place: Place) -> Bytes {
    named("event: cut-off\n", place)
}

fn named(head: &str, place: Place) -> Bytes {
    let position = Position { cursor: place.to_string() };
    let data = serde_json::to_string(&position).expect("a text serialises");
    Bytes::from(format!("{head}id: {place}\ndata: {data}\n\n"))
}

/// A frame that says nothing but that the stream lives, and how far it is.
pub fn heartbeat_frame(place: Place) -> Bytes {
    Bytes::from(format!(": here\nid: {place}\n\n"))
}

#[cfg(test)]
mod tests {
    use larkspur_model::task::FailureKind;

    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_in_a_frame() {
        let event = TaskEvent {
            place: "0-1f".parse().unwrap_or_default(),
            task: 7_350_001_234_567_890_123,
            tenant: "t".to_owned(),
            app: "cli_1".to_owned(),
            creator: "app:cli_1".to_owned(),
            family: "drive.import".to_owned(),
            title: "two\nlines".to_owned(),
            change: Change::Failed,
            attempt: 2,
            at_ms: 1_795_244_000_250,
            failure: Some(Failure::new(FailureKind::Damaged, "broken")),
        };
        let json: serde_json::Value = serde_json::from_slice(&json(&event)).unwrap_or_default();
        assert_eq!(json["type"], "task.failed");
        assert_eq!(json["timestamp"], "2026-11-21T06:53:20.25Z");
        assert_eq!(json["data"]["task_id"], "7350001234567890123");
        assert_eq!(json["data"]["failure"]["kind"], "damaged");
        let frame = frame(&event);
        let text = std::str::from_utf8(&frame).unwrap_or_default();
        assert!(text.starts_with("id: 0-1f\ndata: {") && text.ends_with("}\n\n"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }
}
