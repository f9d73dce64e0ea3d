//! A line -> a checked record. The kinds and their fields are documented in `docs/meetings.md`.

use larkspur_store::meetings::{Meeting, Participant, Reservation, Room, RoomLevel};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fields::Holds::{Choice, Count, Flag, Id, Ids, MeetingNumber, Offset, Text, Time, Word};
use super::fields::{Field, may, must, read};

/// A checked record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    Meeting(Box<Meeting>),
    Participant(Box<Participant>),
    RoomLevel(RoomLevel),
    Room(Room),
    Reservation(Box<Reservation>),
    /// Whether somebody may manage meetings.
    Manager {
        holder: String,
        allowed: bool,
    },
    /// What is said about the tenant itself.
    Tenant {
        utc_offset_minutes: i64,
    },
}

/// The kinds there are.
pub(super) const KINDS: &str =
    "meeting, participant, quality, room_level, room, reservation, manager, tenant";

const MEETING: &[Field] = &[
    must("id", Id),
    must("meeting_no", MeetingNumber),
    may("topic", Text),
    may("organizer", Text),
    may("user_id", Id),
    may("department", Text),
    may("employee_no", Text),
    may("email", Text),
    may("mobile", Text),
    must("start_time", Time),
    may("end_time", Time),
    may("status", Choice(1, 3)),
    may("meeting_type", Choice(2, 3)),
    may("participants", Count),
    may("devices", Count),
    may("audio", Flag),
    may("video", Flag),
    may("sharing", Flag),
    may("recording", Flag),
    may("telephone", Flag),
    may("room_ids", Ids),
    may("has_related_document", Flag),
    may("ai_note", Flag),
    may("is_external", Flag),
    may("meeting_subtype", Choice(0, 10)),
    may("webinar_viewers", Count),
];

const PARTICIPANT: &[Field] = &[
    must("id", Id),
    must("meeting_id", Id),
    must("name", Text),
    may("department", Text),
    may("user_id", Id),
    may("room_id", Id),
    may("employee_no", Text),
    may("phone", Text),
    may("email", Text),
    may("device", Text),
    may("app_version", Text),
    may("public_ip", Text),
    may("internal_ip", Text),
    may("use_rtc_proxy", Flag),
    may("location", Text),
    may("network_type", Text),
    may("protocol", Text),
    may("microphone", Text),
    may("speaker", Text),
    may("camera", Text),
    may("audio", Flag),
    may("video", Flag),
    may("sharing", Flag),
    must("join_time", Time),
    may("leave_time", Time),
    may("leave_reason", Text),
    may("accept_status", Choice(0, 4)),
    may("is_external", Flag),
    may("webinar_user_role", Word(&["0", "3"])),
];

const ROOM_LEVEL: &[Field] = &[must("id", Id), may("parent_id", Id), must("name", Text)];

const ROOM: &[Field] = &[must("id", Id), must("room_level_id", Id), must("name", Text)];

/// Words of the last three columns: the contract's own lists (`vc_export_sheets`).
const RESERVATION: &[Field] = &[
    must("id", Id),
    must("room_id", Id),
    must("room_name", Text),
    may("topic", Text),
    may("reserver", Text),
    may("user_id", Id),
    may("department", Text),
    may("guests", Count),
    may("accepted", Count),
    must("start_time", Time),
    must("end_time", Time),
    may("reservation_status", Word(RESERVATION_STATUS)),
    may("check_in_device", Word(CHECK_IN_DEVICE)),
    may("check_in_status", Word(CHECK_IN_STATUS)),
    may("check_in_time", Time),
    may("releasing_person", Text),
    may("releasing_time", Time),
];

const RESERVATION_STATUS: &[&str] = &[
    "审批中",
    "预定成功",
    "已释放（手动释放）",
    "已释放（会议结束后自动释放）",
    "已释放（未签到被释放）",
    "已释放（传感器自动释放）",
];

const CHECK_IN_DEVICE: &[&str] =
    &["签到板", "签到二维码", "控制器", "触屏板", "设备离线，自动签到"];

const CHECK_IN_STATUS: &[&str] = &[
    "无需签到（即时预定）",
    "无需签到（未开启签到设置）",
    "无需签到",
    "超时未签到",
    "签到时间未结束",
    "无需签到（未安装签到设备）",
    "已签到",
    "待签到",
    "不可签到（会议室被禁用）",
];

const MANAGER: &[Field] = &[must("holder", Id), must("allowed", Flag)];

const TENANT: &[Field] = &[must("utc_offset", Offset)];

fn record<T: DeserializeOwned>(given: Map<String, Value>, fields: &[Field]) -> Result<T, String> {
    let values = read(given, fields)?;
    serde_json::from_value(Value::Object(values)).map_err(|error| error.to_string())
}

fn in_order(earlier: (&str, i64), later: (&str, i64)) -> Result<(), String> {
    if later.1 == 0 || earlier.1 <= later.1 {
        return Ok(());
    }
    Err(format!("{} lies before {}", later.0, earlier.0))
}

/// Reads a line; without a `kind` of its own it is of `usual`.
pub(super) fn parse(line: &[u8], usual: Option<&str>) -> Result<Record, String> {
    let given: Value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Object(given) = given else { return Err("not an object".to_owned()) };
    let kind = given.get("kind").and_then(Value::as_str).or(usual);
    let kind = kind.ok_or_else(|| format!("kind is required: {KINDS}"))?.to_owned();
    match kind.as_str() {
        "meeting" => meeting(given),
        "participant" => participant(given),
        "room_level" => record(given, ROOM_LEVEL).map(Record::RoomLevel),
        "room" => record(given, ROOM).map(Record::Room),
        "reservation" => {
            let one: Reservation = record(given, RESERVATION)?;
            in_order(("start_time", one.start_time), ("end_time", one.end_time))?;
            Ok(Record::Reservation(Box::new(one)))
        }
        "manager" => manager(given),
        "tenant" => {
            let values = read(given, TENANT)?;
            let minutes = values.get("utc_offset").and_then(Value::as_i64).unwrap_or(0);
            Ok(Record::Tenant { utc_offset_minutes: minutes })
        }
        _ => Err(format!("kind is one of {KINDS}, not `{kind}`")),
    }
}

fn meeting(given: Map<String, Value>) -> Result<Record, String> {
    let mut one: Meeting = record(given, MEETING)?;
    in_order(("start_time", one.start_time), ("end_time", one.end_time))?;
    if one.status == 0 {
        one.status = if one.end_time == 0 { 1 } else { 2 };
    }
    if one.status == 2 && one.end_time == 0 {
        return Err("end_time is required of a meeting that has ended".to_owned());
    }
    if one.meeting_type == 0 {
        one.meeting_type = 2;
    }
    Ok(Record::Meeting(Box::new(one)))
}

fn participant(given: Map<String, Value>) -> Result<Record, String> {
    let one: Participant = record(given, PARTICIPANT)?;
    in_order(("join_time", one.join_time), ("leave_time", one.leave_time))?;
    if !one.user_id.is_empty() && !one.room_id.is_empty() {
        return Err("user_id and room_id exclude each other".to_owned());
    }
    Ok(Record::Participant(Box::new(one)))
}

fn manager(given: Map<String, Value>) -> Result<Record, String> {
    let values = read(given, MANAGER)?;
    let holder = values.get("holder").and_then(Value::as_str).unwrap_or_default();
    if !holder.starts_with("app:") && !holder.starts_with("user:") {
        return Err("holder is app:<app_id> or user:<user_id>".to_owned());
    }
    let allowed = values.get("allowed").and_then(Value::as_bool).unwrap_or(false);
    Ok(Record::Manager { holder: holder.to_owned(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Record, String> {
        parse(line.as_bytes(), None)
    }

    #[test]
    fn what_a_meeting_leaves_open_follows_from_the_rest() {
        let line = r#"{"kind":"meeting","id":"m1","meeting_no":"123456789","start_time":"10",
                       "end_time":"20"}"#;
        let Ok(Record::Meeting(meeting)) = parsed(line) else { panic!("{:?}", parsed(line)) };
        assert_eq!((meeting.status, meeting.meeting_type, meeting.end_time), (2, 2, 20));
        let line = r#"{"id":"m1","meeting_no":"123456789","start_time":10}"#;
        let Ok(Record::Meeting(meeting)) = parse(line.as_bytes(), Some("meeting")) else {
            panic!("a running meeting")
        };
        assert_eq!(meeting.status, 1);
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        for (line, message) in [
            ("{", "no JSON"),
            ("[]", "not an object"),
            ("{}", "kind is required"),
            (r#"{"kind":"call"}"#, "not `call`"),
            (r#"{"kind":"room","id":"a","name":"b"}"#, "room_level_id is required"),
            (r#"{"kind":"room","floor":"3"}"#, "unknown field `floor`"),
            (
                r#"{"kind":"meeting","id":"m","meeting_no":"123456789","start_time":9,"end_time":3}"#,
                "end_time lies before start_time",
            ),
            (
                r#"{"kind":"participant","id":"p","meeting_id":"m","name":"n","join_time":1,
                    "user_id":"u","room_id":"r"}"#,
                "exclude each other",
            ),
            (r#"{"kind":"manager","holder":"u","allowed":true}"#, "app:<app_id>"),
        ] {
            let refused = parsed(line).unwrap_err();
            assert!(refused.contains(message), "{line}: {refused}");
        }
    }

    #[test]
    fn words_of_reservations_are_the_contract_s() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("no contract beside the repository: words not compared");
            return;
        };
        let codes: Value = serde_json::from_str(&text).unwrap();
        let columns = codes["vc_export_sheets"]["values"][3]["columns"].as_array().unwrap();
        let lists: Vec<Vec<&str>> = columns
            .iter()
            .filter_map(|column| column["values"].as_array())
            .map(|words| words.iter().map(|word| word.as_str().unwrap()).collect())
            .collect();
        assert_eq!(lists, [RESERVATION_STATUS, CHECK_IN_DEVICE, CHECK_IN_STATUS]);
    }
}
