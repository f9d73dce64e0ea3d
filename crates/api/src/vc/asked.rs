//! Which meetings, people, minutes or rooms a request is about: its parameters, checked and looked up.
//! Exports and queries ask alike and differ in their numbers, so what does not fit is a [`Misfit`] here.

use larkspur_model::id::TenantId;
use larkspur_platform::Caller;
use larkspur_store::meetings::{
    self, Meeting, MeetingFilter, MeetingOnly, Participant, Place, ReservationFilter, Who,
};
use serde::Deserialize;

use crate::Services;
use crate::people::UserIdKind;

const DAY_S: i64 = 86_400;
const MINUTE_S: i64 = 60;
/// The longest span of queries for meetings, and for those to come.
const YEAR_S: i64 = 366 * DAY_S;
const MONTH_S: i64 = 31 * DAY_S;
/// Digits of a meeting's number.
const NUMBER_DIGITS: usize = 9;
/// Stays of one person in one meeting that are looked at.
const MOST_STAYS: i64 = 64;

/// `meeting_status`: running, ended, upcoming.
const RUNNING: i64 = 1;
const ENDED: i64 = 2;
const UPCOMING: i64 = 3;

/// What is wrong with a request.
#[derive(Debug)]
pub(super) enum Misfit {
    /// A parameter is missing or no value of its kind.
    Param(String),
    /// The meeting's number is below 0.
    NumberNegative,
    /// The meeting's number has not nine digits.
    NumberLength,
    /// The start lies before 1970 or in the future.
    StartTime,
    /// The end lies before the start, or too long behind it.
    EndTime,
    /// The same of meetings to come, with their own span.
    ScheduleSpan,
    /// More than one condition.
    TwoFilters,
    /// A user and a room.
    UserAndRoom,
    /// No meeting is like that.
    NoMeeting,
    /// Nobody was in the meeting like that.
    NoDevice,
    /// Rooms are no condition here.
    RoomUnsupported,
    /// The platform has no such thing.
    NotSupported(&'static str),
    /// What is named does not exist.
    NotExist(&'static str),
    /// The store could not answer.
    Internal(larkspur_store::Error),
}

impl From<larkspur_store::Error> for Misfit {
    fn from(error: larkspur_store::Error) -> Self {
        Self::Internal(error)
    }
}

/// A value that some clients send as text and others as a number (clients' notes, 35).
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Loose {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl Loose {
    /// The text of a value that is there and not empty.
    pub(super) fn text(value: Option<Self>) -> Option<String> {
        let text = match value? {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.trim().to_owned(),
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

/// Who asks, and how strictly.
pub(super) struct Asking<'a> {
    pub(super) services: &'a Services,
    pub(super) caller: &'a Caller,
    pub(super) user_ids: UserIdKind,
    /// Queries have limits that exports do not (contract, errors 126005, 126006 and 126016).
    pub(super) query: bool,
}

/// What a request says about meetings; texts as they were sent.
#[derive(Debug, Default)]
pub(super) struct AskedMeetings {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) status: Option<String>,
    pub(super) meeting_no: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) room_id: Option<String>,
    pub(super) meeting_type: Option<String>,
}

/// What a request says about one meeting and somebody in it.
#[derive(Debug, Default)]
pub(super) struct AskedMeeting {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) status: Option<String>,
    pub(super) meeting_no: Option<String>,
    pub(super) join: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) room_id: Option<String>,
}

/// What a request says about reservations.
#[derive(Debug, Default)]
pub(super) struct AskedReservations {
    pub(super) level: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) rooms: Vec<String>,
    pub(super) exclude: bool,
}

fn required(name: &str, value: Option<&String>) -> Result<i64, Misfit> {
    let text = value.ok_or_else(|| Misfit::Param(format!("{name} is required")))?;
    text.parse().map_err(|_| Misfit::Param(format!("{name} is a time in seconds, not `{text}`")))
}

fn choice(name: &str, value: Option<&String>, usual: i64) -> Result<i64, Misfit> {
    let Some(text) = value else { return Ok(usual) };
    let number = text.parse().ok().filter(|number| (1..=3).contains(number));
    number.ok_or_else(|| Misfit::Param(format!("{name} is 1, 2 or 3, not `{text}`")))
}

fn check_number(number: &str) -> Result<(), Misfit> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Misfit::Param(format!("meeting_no has nine digits, `{number}` has not")));
    }
    if number.starts_with('-') {
        return Err(Misfit::NumberNegative);
    }
    if number.len() == NUMBER_DIGITS { Ok(()) } else { Err(Misfit::NumberLength) }
}

impl Asking<'_> {
    fn tenant(&self) -> &TenantId {
        &self.caller.tenant
    }

    /// Checks a span; the start of a query lies in the past.
    fn check_span(&self, start: i64, end: i64, longest_s: i64) -> Result<(), Misfit> {
        let now_s = self.services.clock.now_ms() / 1_000;
        if start < 0 || (self.query && start > now_s) {
            return Err(Misfit::StartTime);
        }
        if end < start || (self.query && end - start > longest_s) {
            return Err(Misfit::EndTime);
        }
        Ok(())
    }

    /// The tenant's own id of a user.
    async fn user(&self, id: &str) -> Result<String, Misfit> {
        let platform = &self.services.platform;
        let (tenant, app) = (self.tenant(), &self.caller.app);
        let user = match self.user_ids {
            // Meetings know people who are not in the directory.
            UserIdKind::User => return Ok(id.to_owned()),
            UserIdKind::Open => platform.user_of_open_id(tenant, app, id).await,
            UserIdKind::Union => platform.user_of_union_id(tenant, id).await,
        };
        let user = user.map_err(|error| match error {
            larkspur_platform::Error::Store(error) => Misfit::Internal(error),
            other => Misfit::Param(other.to_string()),
        })?;
        user.map(|user| user.id.0).ok_or(Misfit::NotExist("there is no such user"))
    }

    async fn check_room(&self, id: &str) -> Result<(), Misfit> {
        let room = meetings::room_name(&self.services.store.db, self.tenant(), id).await?;
        room.map(|_| ()).ok_or(Misfit::NotExist("there is no such room"))
    }

    /// Meetings of a span, with at most one further condition.
    pub(super) async fn meetings(&self, asked: &AskedMeetings) -> Result<MeetingFilter, Misfit> {
        let start = required("start_time", asked.start.as_ref())?;
        let end = required("end_time", asked.end.as_ref())?;
        let status = choice("meeting_status", asked.status.as_ref(), ENDED)?;
        let kind = choice("meeting_type", asked.meeting_type.as_ref(), 1)?;
        let conditions = [&asked.meeting_no, &asked.user_id, &asked.room_id, &asked.meeting_type];
        if conditions.iter().filter(|condition| condition.is_some()).count() > 1 {
            return Err(Misfit::TwoFilters);
        }
        if self.query && status == UPCOMING {
            return Err(if asked.room_id.is_some() {
                Misfit::RoomUnsupported
            } else if end < start || end - start > MONTH_S {
                Misfit::ScheduleSpan
            } else {
                Misfit::NotSupported("queries answer meetings that run or have ended")
            });
        }
        self.check_span(start, end, YEAR_S)?;
        let only = if let Some(number) = &asked.meeting_no {
            check_number(number)?;
            MeetingOnly::Number(number.clone())
        } else if let Some(user) = &asked.user_id {
            MeetingOnly::User(self.user(user).await?)
        } else if let Some(room) = &asked.room_id {
            self.check_room(room).await?;
            MeetingOnly::Room(room.clone())
        } else if kind != 1 {
            MeetingOnly::Kind(kind)
        } else {
            MeetingOnly::All
        };
        Ok(MeetingFilter { status, from_s: start, to_s: end, only })
    }

    /// One meeting and, where they are named, somebody in it.
    pub(super) async fn participants(
        &self,
        asked: &AskedMeeting,
    ) -> Result<(Meeting, Who), Misfit> {
        if asked.user_id.is_some() && asked.room_id.is_some() {
            return Err(Misfit::UserAndRoom);
        }
        let status = choice("meeting_status", asked.status.as_ref(), ENDED)?;
        if self.query && status == UPCOMING && asked.room_id.is_some() {
            return Err(Misfit::RoomUnsupported);
        }
        let meeting = self.meeting(asked, status).await?;
        let who = if let Some(user) = &asked.user_id {
            Who::User(self.user(user).await?)
        } else if let Some(room) = &asked.room_id {
            self.check_room(room).await?;
            Who::Room(room.clone())
        } else {
            Who::All
        };
        Ok((meeting, who))
    }

    /// One stay of one user or room in an ended meeting.
    pub(super) async fn quality(&self, asked: &AskedMeeting) -> Result<Participant, Misfit> {
        let join = required("join_time", asked.join.as_ref())?;
        let who = match (&asked.user_id, &asked.room_id) {
            (Some(_), Some(_)) => return Err(Misfit::UserAndRoom),
            (None, None) => {
                return Err(Misfit::Param("one of user_id and room_id is required".to_owned()));
            }
            (Some(user), None) => Who::User(self.user(user).await?),
            (None, Some(room)) => {
                self.check_room(room).await?;
                Who::Room(room.clone())
            }
        };
        let meeting = match self.meeting(asked, ENDED).await {
            Err(Misfit::NoMeeting) if self.meeting(asked, RUNNING).await.is_ok() => {
                return Err(Misfit::NotSupported("quality is told once a meeting has ended"));
            }
            meeting => meeting?,
        };
        let db = &self.services.store.db;
        let before = Place::before(0);
        let stays =
            meetings::participants(db, self.tenant(), &meeting.id, &who, &before, MOST_STAYS)
                .await?;
        let distance = |stay: &Participant| (stay.join_time - join).abs();
        let nearest = stays.into_iter().min_by_key(distance);
        nearest.filter(|stay| distance(stay) < MINUTE_S).ok_or(Misfit::NoDevice)
    }

    /// The meeting of a number that began and, unless it runs, ended in the minutes that are named.
    async fn meeting(&self, asked: &AskedMeeting, status: i64) -> Result<Meeting, Misfit> {
        let start = required("meeting_start_time", asked.start.as_ref())?;
        let end = required("meeting_end_time", asked.end.as_ref())?;
        let number = asked.meeting_no.as_ref();
        let number = number.ok_or_else(|| Misfit::Param("meeting_no is required".to_owned()))?;
        check_number(number)?;
        // The end of a meeting that runs is 0 (the platform's page).
        let running = status == RUNNING && end == 0;
        self.check_span(start, if running { start } else { end }, DAY_S)?;
        let minute = start.div_euclid(MINUTE_S);
        let db = &self.services.store.db;
        let found =
            meetings::meetings_of_minute(db, self.tenant(), number, minute * MINUTE_S).await?;
        let ends = |meeting: &Meeting| {
            meeting.end_time.div_euclid(MINUTE_S) == end.div_euclid(MINUTE_S) || status == RUNNING
        };
        found
            .into_iter()
            .find(|meeting| meeting.status == status && ends(meeting))
            .ok_or(Misfit::NoMeeting)
    }

    /// Reservations of a span below a level.
    pub(super) async fn reservations(
        &self,
        asked: &AskedReservations,
    ) -> Result<ReservationFilter, Misfit> {
        let level = asked.level.as_ref();
        let level = level.ok_or_else(|| Misfit::Param("room_level_id is required".to_owned()))?;
        let start = required("start_time", asked.start.as_ref())?;
        let end = required("end_time", asked.end.as_ref())?;
        self.check_span(start, end, DAY_S)?;
        if self.query && !asked.exclude && asked.rooms.is_empty() {
            return Err(Misfit::Param("room_ids is required unless is_exclude is true".to_owned()));
        }
        // What is no level's id stands for the whole tenant (the platform's page).
        let level = Some(level).filter(|level| level.starts_with("omb"));
        if let Some(level) = level
            && !meetings::has_level(&self.services.store.db, self.tenant(), level).await?
        {
            return Err(Misfit::NotExist("there is no such level of rooms"));
        }
        // Rooms that are named stand for themselves, wherever they are.
        let named = !asked.exclude && !asked.rooms.is_empty();
        Ok(ReservationFilter {
            from_s: start,
            to_s: end,
            level: level.filter(|_| !named).cloned(),
            rooms: asked.rooms.clone(),
            exclude: asked.exclude,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_meetings_have_nine_digits() {
        assert!(check_number("123456789").is_ok());
        assert!(matches!(check_number("-12345678"), Err(Misfit::NumberNegative)));
        assert!(matches!(check_number("12345678"), Err(Misfit::NumberLength)));
        assert!(matches!(check_number("12345678a"), Err(Misfit::Param(_))));
        assert!(matches!(check_number("-"), Err(Misfit::Param(_))));
    }

    #[test]
    fn times_come_as_numbers_or_texts() {
        let loose = |json: &str| Loose::text(serde_json::from_str(json).unwrap());
        assert_eq!(loose("1655276858").as_deref(), Some("1655276858"));
        assert_eq!(loose("\" 1655276858 \"").as_deref(), Some("1655276858"));
        assert_eq!(loose("\"\""), None);
        assert_eq!(loose("null"), None);
        assert!(required("start_time", Some(&"soon".to_owned())).is_err());
    }
}
