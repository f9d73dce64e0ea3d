//! Exports of meeting data exactly as the API spells them. Times are seconds in texts; some clients
//! send numbers.

use serde::{Deserialize, Serialize};

use crate::vc::asked::Loose;

/// Body of `vcExportMeetingList`.
#[derive(Debug, Deserialize)]
pub(super) struct MeetingsBody {
    pub(super) start_time: Option<Loose>,
    pub(super) end_time: Option<Loose>,
    pub(super) meeting_status: Option<Loose>,
    pub(super) meeting_no: Option<Loose>,
    pub(super) user_id: Option<Loose>,
    pub(super) room_id: Option<Loose>,
    pub(super) meeting_type: Option<Loose>,
}

/// Body of `vcExportParticipantList` and `vcExportParticipantQualityList`; the latter has `join_time`
/// and no `meeting_status`.
#[derive(Debug, Deserialize)]
pub(super) struct MeetingBody {
    pub(super) meeting_start_time: Option<Loose>,
    pub(super) meeting_end_time: Option<Loose>,
    pub(super) meeting_status: Option<Loose>,
    pub(super) meeting_no: Option<Loose>,
    pub(super) join_time: Option<Loose>,
    pub(super) user_id: Option<Loose>,
    pub(super) room_id: Option<Loose>,
}

/// Body of `vcExportResourceReservationList`.
#[derive(Debug, Deserialize)]
pub(super) struct ReservationsBody {
    pub(super) room_level_id: Option<Loose>,
    pub(super) need_topic: Option<bool>,
    pub(super) start_time: Option<Loose>,
    pub(super) end_time: Option<Loose>,
    pub(super) room_ids: Option<Vec<String>>,
    pub(super) is_exclude: Option<bool>,
}

/// Data of the creates.
#[derive(Serialize)]
pub(super) struct CreateData {
    pub(super) task_id: String,
}

/// Data of `vcExportGet`. Address and token stand together with `status` 3, `fail_msg` with 2.
#[derive(Serialize)]
pub(super) struct GetData<'a> {
    pub(super) status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fail_msg: Option<&'a str>,
}
