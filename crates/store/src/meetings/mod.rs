//! Meetings and who took part, as they were: loaded by id, read page by page in the order of time.
//! Quality, rooms and their reservations stand beside; what callers may see of it is decided above.

mod quality;
mod rooms;
mod settings;

use larkspur_model::id::TenantId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Row, Transaction};

pub use self::quality::{
    METRICS, Metric, REPORTED, Sample, Unit, metric, put_samples, sample_count, samples,
};
pub use self::rooms::{
    Reservation, ReservationFilter, Room, RoomLevel, has_level, put_reservation, put_room,
    put_room_level, reservation_count, reservations, room_name,
};
pub use self::settings::{may_manage, put_manager, put_utc_offset, utc_offset_minutes};

/// Rows up to which a page is read where it is asked for.
const SHORT: i64 = 128;
/// More rows than this are not counted one by one.
pub const MOST_COUNTED: i64 = 100_000;

/// A meeting. Fields are only ever added, with defaults: stored ones must still load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meeting {
    /// Id of this very meeting: at most 64 characters.
    pub id: String,
    /// The number people dial, nine digits; meetings that recur share it.
    pub meeting_no: String,
    /// What it is about.
    pub topic: String,
    /// Name of who organises it.
    pub organizer: String,
    /// The organiser's id in the tenant; empty for none.
    pub user_id: String,
    /// The organiser's department.
    pub department: String,
    /// Number the employer gave the organiser.
    pub employee_no: String,
    /// The organiser's mail.
    pub email: String,
    /// The organiser's telephone.
    pub mobile: String,
    /// When it began, seconds.
    pub start_time: i64,
    /// When it ended, seconds; 0 while it runs.
    pub end_time: i64,
    /// 1 running, 2 ended, 3 upcoming.
    pub status: i64,
    /// 2 video meeting, 3 local sharing.
    pub meeting_type: i64,
    /// People and rooms in it.
    pub participants: i64,
    /// Devices in it.
    pub devices: i64,
    /// Whether anybody spoke.
    pub audio: bool,
    /// Whether anybody was seen.
    pub video: bool,
    /// Whether anybody shared a screen.
    pub sharing: bool,
    /// Whether it was recorded.
    pub recording: bool,
    /// Whether anybody took part by telephone.
    pub telephone: bool,
    /// Ids of the rooms that were reserved for it.
    pub room_ids: Vec<String>,
    /// Whether a document belongs to it.
    pub has_related_document: bool,
    /// Whether notes were taken by machine.
    pub ai_note: bool,
    /// Whether another organisation holds it.
    pub is_external: bool,
    /// The platform's finer kind, 0 to 10.
    pub meeting_subtype: i64,
    /// People who watched a webinar.
    pub webinar_viewers: i64,
}

/// Somebody, or a room, in a meeting, from joining to leaving.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Participant {
    /// Id of this stay: at most 64 characters.
    pub id: String,
    /// Id of the meeting.
    pub meeting_id: String,
    /// Name shown in the meeting.
    pub name: String,
    /// Department.
    pub department: String,
    /// Id in the tenant; empty for a room and for people from elsewhere.
    pub user_id: String,
    /// Id of the room, where it is one.
    pub room_id: String,
    /// Number the employer gave them.
    pub employee_no: String,
    /// Telephone.
    pub phone: String,
    /// Mail.
    pub email: String,
    /// Kind of device: `WINDOWS`, `MAC`, `IOS`, ...
    pub device: String,
    /// Version of the client.
    pub app_version: String,
    /// Address seen from outside.
    pub public_ip: String,
    /// Address within their network.
    pub internal_ip: String,
    /// Whether media went through a relay.
    pub use_rtc_proxy: bool,
    /// Where the address is.
    pub location: String,
    /// `wifi`, `wired`, `4g`, ...
    pub network_type: String,
    /// `udp` or `tcp`.
    pub protocol: String,
    /// Microphone.
    pub microphone: String,
    /// Loudspeaker.
    pub speaker: String,
    /// Camera.
    pub camera: String,
    /// Whether they spoke.
    pub audio: bool,
    /// Whether they were seen.
    pub video: bool,
    /// Whether they shared a screen.
    pub sharing: bool,
    /// When they joined, seconds.
    pub join_time: i64,
    /// When they left, seconds; 0 while they are there.
    pub leave_time: i64,
    /// Why they left.
    pub leave_reason: String,
    /// 1 accepted, 2 declined, 3 tentative, 4 not answered; 0 where nobody asked.
    pub accept_status: i64,
    /// Whether they are of another organisation.
    pub is_external: bool,
    /// Role in a webinar; empty where it is none.
    pub webinar_user_role: String,
}

/// The place of a record in the order of time; pages begin behind one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Seconds since the epoch.
    pub time_s: i64,
    /// The record's id.
    pub id: String,
}

impl Place {
    /// Before everything from `time_s` on.
    pub fn before(time_s: i64) -> Self {
        Self { time_s, id: String::new() }
    }
}

/// Which meetings: those that begin within the bounds, both inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingFilter {
    /// 1 running, 2 ended, 3 upcoming.
    pub status: i64,
    /// Earliest beginning, seconds.
    pub from_s: i64,
    /// Latest beginning, seconds.
    pub to_s: i64,
    /// What else holds for them.
    pub only: MeetingOnly,
}

/// The one further condition on meetings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingOnly {
    /// None.
    All,
    /// This number.
    Number(String),
    /// This user took part.
    User(String),
    /// This room took part.
    Room(String),
    /// 2 video meetings, 3 local sharings.
    Kind(i64),
}

/// Whose stays in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// All.
    All,
    /// Those of this user.
    User(String),
    /// Those of this room.
    Room(String),
}

/// A record of a `body` column.
fn body<T: DeserializeOwned>(row: &Row, at: usize) -> Result<T, Error> {
    serde_json::from_str(row.text(at)?).map_err(|_| Error::corrupt("body of a vc record"))
}

/// A record as it is kept.
fn kept(record: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(record).map_err(|_| Error::corrupt("a vc record that is no JSON"))
}

async fn read<T: DeserializeOwned>(
    db: &Db,
    sql: &'static str,
    params: Vec<Param>,
    limit: i64,
) -> Result<Vec<T>, Error> {
    let rows = if limit > SHORT {
        db.query_large(sql, params).await?
    } else {
        db.query(sql, params).await?
    };
    rows.iter().map(|row| body(row, 0)).collect()
}

/// The number a counting statement answers; such a statement may look at many rows.
async fn counted(db: &Db, sql: &'static str, params: Vec<Param>) -> Result<i64, Error> {
    db.query_large(sql, params).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Adds `meeting`, in place of one with its id.
///
/// # Errors
/// [`Error::Corrupt`] for a record that cannot be kept.
pub fn put_meeting(
    transaction: &mut Transaction,
    tenant: &TenantId,
    meeting: &Meeting,
) -> Result<(), Error> {
    transaction.run(
        "INSERT INTO vc_meetings (tenant, id, meeting_no, status, kind, start_s, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO UPDATE SET \
         meeting_no = excluded.meeting_no, status = excluded.status, kind = excluded.kind, \
         start_s = excluded.start_s, body = excluded.body",
        params![
            tenant.as_str(),
            meeting.id.as_str(),
            meeting.meeting_no.as_str(),
            meeting.status,
            meeting.meeting_type,
            meeting.start_time,
            kept(meeting)?
        ],
    );
    Ok(())
}

/// Adds `participant`, in place of one with its id.
///
/// # Errors
/// [`Error::Corrupt`] for a record that cannot be kept.
pub fn put_participant(
    transaction: &mut Transaction,
    tenant: &TenantId,
    participant: &Participant,
) -> Result<(), Error> {
    transaction.run(
        "INSERT INTO vc_participants (tenant, id, meeting, user_id, room, join_s, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO UPDATE SET \
         meeting = excluded.meeting, user_id = excluded.user_id, room = excluded.room, \
         join_s = excluded.join_s, body = excluded.body",
        params![
            tenant.as_str(),
            participant.id.as_str(),
            participant.meeting_id.as_str(),
            participant.user_id.as_str(),
            participant.room_id.as_str(),
            participant.join_time,
            kept(participant)?
        ],
    );
    Ok(())
}

macro_rules! meetings {
    ($columns:literal, $only:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM vc_meetings WHERE tenant = $1 AND status = $2 AND start_s <= $3 \
             AND (start_s, id) > ($4, $5) ",
            $only,
            $rest
        )
    };
}

/// The statement of each condition, over the same columns and with the same end.
macro_rules! meeting_statement {
    ($only:expr, $columns:literal, $rest:literal) => {
        match $only {
            MeetingOnly::All => meetings!($columns, "", $rest),
            MeetingOnly::Number(_) => meetings!($columns, "AND meeting_no = $7 ", $rest),
            MeetingOnly::User(_) => meetings!(
                $columns,
                "AND id IN (SELECT meeting FROM vc_participants WHERE tenant = $1 \
                 AND user_id = $7 AND user_id <> '') ",
                $rest
            ),
            MeetingOnly::Room(_) => meetings!(
                $columns,
                "AND id IN (SELECT meeting FROM vc_participants WHERE tenant = $1 \
                 AND room = $7 AND room <> '') ",
                $rest
            ),
            MeetingOnly::Kind(_) => meetings!($columns, "AND kind = $7 ", $rest),
        }
    };
}

fn meeting_params(
    tenant: &TenantId,
    filter: &MeetingFilter,
    after: &Place,
    limit: i64,
) -> Vec<Param> {
    let mut params = params![
        tenant.as_str(),
        filter.status,
        filter.to_s,
        after.time_s,
        after.id.as_str(),
        limit
    ];
    match &filter.only {
        MeetingOnly::All => {}
        MeetingOnly::Number(text) | MeetingOnly::User(text) | MeetingOnly::Room(text) => {
            params.push(Param::from(text));
        }
        MeetingOnly::Kind(kind) => params.push(Param::from(*kind)),
    }
    params
}

/// Up to `limit` meetings behind `after`, by beginning and id. The first page is the one behind
/// [`Place::before`] the filter's earliest beginning.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn meetings(
    db: &Db,
    tenant: &TenantId,
    filter: &MeetingFilter,
    after: &Place,
    limit: i64,
) -> Result<Vec<Meeting>, Error> {
    let sql = meeting_statement!(&filter.only, "body", "ORDER BY start_s, id LIMIT $6");
    read(db, sql, meeting_params(tenant, filter, after, limit), limit).await
}

/// How many meetings `filter` finds, [`MOST_COUNTED`] at most.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn meeting_count(
    db: &Db,
    tenant: &TenantId,
    filter: &MeetingFilter,
) -> Result<i64, Error> {
    let after = Place::before(filter.from_s);
    let sql = meeting_statement!(&filter.only, "count(*) FROM (SELECT 1", "LIMIT $6) AS found");
    let params = meeting_params(tenant, filter, &after, MOST_COUNTED);
    counted(db, sql, params).await
}

/// Meetings of a number that began within a minute of `minute_s`, its first second.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn meetings_of_minute(
    db: &Db,
    tenant: &TenantId,
    meeting_no: &str,
    minute_s: i64,
) -> Result<Vec<Meeting>, Error> {
    let sql = "SELECT body FROM vc_meetings WHERE tenant = $1 AND meeting_no = $2 \
               AND start_s >= $3 AND start_s < $4 ORDER BY start_s, id LIMIT 16";
    read(db, sql, params![tenant.as_str(), meeting_no, minute_s, minute_s + 60], 16).await
}

macro_rules! stays {
    ($columns:literal, $who:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM vc_participants WHERE tenant = $1 AND meeting = $2 \
             AND (join_s, id) > ($3, $4) ",
            $who,
            $rest
        )
    };
}

macro_rules! stay_statement {
    ($who:expr, $columns:literal, $rest:literal) => {
        match $who {
            Who::All => stays!($columns, "", $rest),
            Who::User(_) => stays!($columns, "AND user_id = $6 ", $rest),
            Who::Room(_) => stays!($columns, "AND room = $6 ", $rest),
        }
    };
}

fn stay_params(
    tenant: &TenantId,
    meeting: &str,
    who: &Who,
    after: &Place,
    limit: i64,
) -> Vec<Param> {
    let mut params = params![tenant.as_str(), meeting, after.time_s, after.id.as_str(), limit];
    match who {
        Who::All => {}
        Who::User(id) | Who::Room(id) => params.push(Param::from(id)),
    }
    params
}

/// Up to `limit` stays in a meeting behind `after`, by joining and id. The first page is the one
/// behind [`Place::before`] 0.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn participants(
    db: &Db,
    tenant: &TenantId,
    meeting: &str,
    who: &Who,
    after: &Place,
    limit: i64,
) -> Result<Vec<Participant>, Error> {
    let sql = stay_statement!(who, "body", "ORDER BY join_s, id LIMIT $5");
    read(db, sql, stay_params(tenant, meeting, who, after, limit), limit).await
}

/// How many stays in a meeting there are, [`MOST_COUNTED`] at most.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn participant_count(
    db: &Db,
    tenant: &TenantId,
    meeting: &str,
    who: &Who,
) -> Result<i64, Error> {
    let sql = stay_statement!(who, "count(*) FROM (SELECT 1", "LIMIT $5) AS found");
    let params = stay_params(tenant, meeting, who, &Place::before(0), MOST_COUNTED);
    counted(db, sql, params).await
}
