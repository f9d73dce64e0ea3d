//! Meetings in the matrix: one with a room in it, and a report of it.

use anyhow::Result;
use serde_json::json;

use super::cases::Case;
use super::cases::Outcome::{Open, Refused};
use super::things::Things;
use crate::vc::ended;
use crate::world::{World, text};

/// When the meeting began, seconds; it took an hour.
const START: i64 = 1_795_230_000;

/// Takes the right to manage meetings away from an app.
pub(super) async fn confine(world: &World, app: &str) -> Result<()> {
    let right = json!({"kind": "manager", "holder": format!("app:{app}"), "allowed": false});
    world.operator.post_text("/larkspur/v1/vc/load", &right.to_string()).await?.data()?;
    Ok(())
}

/// A meeting with a room in it, and a report of it: its task and its file.
pub(super) async fn make(world: &World) -> Result<(String, String)> {
    let (start, end) = (START, START + 3_600);
    let records = [
        json!({"kind": "room_level", "id": "omb_11111111", "name": "zebra floor"}),
        json!({"kind": "room", "id": "omm_1", "room_level_id": "omb_11111111",
               "name": "zebra room"}),
        json!({"kind": "meeting", "id": "m1", "meeting_no": "123456789",
               "topic": "zebra talk", "start_time": start, "end_time": end}),
        json!({"kind": "participant", "id": "p1", "meeting_id": "m1", "name": "zebra room",
               "room_id": "omm_1", "join_time": start, "leave_time": end}),
        json!({"kind": "quality", "participant_id": "p1", "time": start}),
        json!({"kind": "reservation", "id": "r1", "room_id": "omm_1",
               "room_name": "zebra room", "start_time": start, "end_time": end}),
    ];
    let lines: Vec<String> = records.iter().map(|record| format!("{record}\n")).collect();
    world.operator.post_text("/larkspur/v1/vc/load", &lines.concat()).await?.data()?;
    let client = &world.app.client;
    let body = json!({"start_time": start, "end_time": end});
    let made = client.post("/open-apis/vc/v1/exports/meeting_list", &body).await?;
    let report = text(made.data()?, "task_id")?;
    let file = text(&ended(client, &report).await?, "file_token")?;
    Ok((report, file))
}

/// Meetings are asked for by who manages them: what is another tenant's was never held, and of the
/// tenant's own people one needs the right.
pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    const VC: &str = "/open-apis/vc/v1";
    let (start, end) = (START, START + 3_600);
    let (number, room) = (&things.meeting_no, &things.room);
    let level = format!("omb_{}", things.room_level);
    let none = Refused(403, 121_005);
    let of_none = [Refused(404, 121_004), none, none];
    let meeting = json!({"meeting_start_time": start, "meeting_end_time": end,
                         "meeting_no": number});
    let mut stay = meeting.clone();
    stay["join_time"] = json!(start);
    stay["room_id"] = json!(room);
    let one = format!("meeting_start_time={start}&meeting_end_time={end}&meeting_no={number}");
    let span = format!("start_time={start}&end_time={end}");
    let file = things.report_file.replace('=', "%3D");
    Some(match id {
        "vcExportMeetingList" => Case::post(
            format!("{VC}/exports/meeting_list"),
            json!({"start_time": start, "end_time": end}),
            [Open, none, none],
        ),
        "vcExportParticipantList" => {
            Case::post(format!("{VC}/exports/participant_list"), meeting, of_none)
        }
        "vcExportParticipantQualityList" => {
            Case::post(format!("{VC}/exports/participant_quality_list"), stay, of_none)
        }
        "vcExportResourceReservationList" => Case::post(
            format!("{VC}/exports/resource_reservation_list"),
            json!({"room_level_id": level, "start_time": start, "end_time": end}),
            of_none,
        ),
        "vcExportGet" => Case::get(format!("{VC}/exports/{}", things.report), of_none),
        "vcExportDownload" => {
            Case::get(format!("{VC}/exports/download?file_token={file}"), of_none)
        }
        "vcMeetingListGet" => Case::get(format!("{VC}/meeting_list?{span}"), [Open, none, none]),
        "vcParticipantListGet" => {
            Case::get(format!("{VC}/participant_list?{one}"), [Refused(400, 126_009), none, none])
        }
        "vcParticipantQualityListGet" => Case::get(
            format!("{VC}/participant_quality_list?{one}&join_time={start}&room_id={room}"),
            of_none,
        ),
        "vcResourceReservationListGet" => Case::get(
            format!("{VC}/resource_reservation_list?{span}&room_level_id={level}&room_ids={room}"),
            of_none,
        ),
        _ => return None,
    })
}
