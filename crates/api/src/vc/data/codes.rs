//! Refusals of the queries. Spans differ, so one number has several texts.

use crate::vc::asked::Misfit;
use crate::{ApiError, ErrorCode};

/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 121_001, "internal error");
/// The platform answers no such query.
pub(super) const NOT_SUPPORTED: ErrorCode = ErrorCode::new(400, 121_002, "not support");
/// A parameter does not fit.
pub(super) const PARAM: ErrorCode = ErrorCode::new(400, 121_003, "param error");
/// There is no such person, room or level.
pub(super) const NOT_EXIST: ErrorCode = ErrorCode::new(404, 121_004, "data not exist");
/// The caller does not manage meetings.
pub(super) const NO_PERMISSION: ErrorCode = ErrorCode::new(403, 121_005, "no permission");
/// `meeting_no` is below 0.
const NUMBER_NEGATIVE: ErrorCode =
    ErrorCode::new(400, 126_003, "meeting number invalid (cannot smaller than 0)");
/// `meeting_no` has not nine digits.
const NUMBER_LENGTH: ErrorCode =
    ErrorCode::new(400, 126_004, "meeting number length not correct (supposed to be 9)");
/// The start lies before 1970 or in the future.
const START_TIME: ErrorCode =
    ErrorCode::new(400, 126_005, "start time error (cannot larger than now or smaller than 0)");
/// The end of a query for meetings.
pub(super) const END_IN_A_YEAR: ErrorCode = ErrorCode::new(
    400,
    126_006,
    "end time cannot exceed start time for one year or smaller than start time",
);
/// The end of every other query.
pub(super) const END_IN_A_DAY: ErrorCode = ErrorCode::new(
    400,
    126_006,
    "end time cannot exceed start time for one day or smaller than start time",
);
/// A user and a room.
const USER_AND_ROOM: ErrorCode =
    ErrorCode::new(400, 126_007, "userID and roomID cannot be set concurrently");
/// More than one condition.
const TWO_FILTERS: ErrorCode =
    ErrorCode::new(400, 126_008, "filter condition should be set only one");
/// No meeting is like that.
const NO_MEETING: ErrorCode =
    ErrorCode::new(400, 126_009, "cannot find meeting according to the params you provide");
/// Nobody was in the meeting like that.
const NO_DEVICE: ErrorCode =
    ErrorCode::new(400, 126_010, "cannot find device according to the params you provide");
/// Rooms are no condition on meetings to come.
const NO_ROOM_ID: ErrorCode = ErrorCode::new(400, 126_015, "not support room_id");
/// The end of a query for meetings to come.
const END_IN_A_MONTH: ErrorCode = ErrorCode::new(
    400,
    126_016,
    "end time cannot exceed start time for one month or smaller than start time for future \
     schedule list",
);

/// What a query for meetings may answer.
pub(super) const MEETINGS: &[ErrorCode] = &[
    INTERNAL,
    NOT_SUPPORTED,
    PARAM,
    NUMBER_NEGATIVE,
    NUMBER_LENGTH,
    START_TIME,
    END_IN_A_YEAR,
    TWO_FILTERS,
    NO_ROOM_ID,
    END_IN_A_MONTH,
    NOT_EXIST,
    NO_PERMISSION,
];
/// What a query for participants may answer.
pub(super) const PARTICIPANTS: &[ErrorCode] = &[
    INTERNAL,
    PARAM,
    NUMBER_NEGATIVE,
    NUMBER_LENGTH,
    START_TIME,
    END_IN_A_DAY,
    USER_AND_ROOM,
    NO_MEETING,
    NO_ROOM_ID,
    NOT_EXIST,
    NO_PERMISSION,
];
/// What a query for minutes may answer.
pub(super) const QUALITY: &[ErrorCode] = &[
    INTERNAL,
    NOT_SUPPORTED,
    PARAM,
    NUMBER_NEGATIVE,
    NUMBER_LENGTH,
    START_TIME,
    END_IN_A_DAY,
    USER_AND_ROOM,
    NO_MEETING,
    NO_DEVICE,
    NOT_EXIST,
    NO_PERMISSION,
];
/// What a query for reservations may answer.
pub(super) const RESERVATIONS: &[ErrorCode] =
    &[INTERNAL, PARAM, START_TIME, END_IN_A_DAY, NOT_EXIST, NO_PERMISSION];

/// The refusal of a query that does not fit; `end` is its own number for ends.
pub(super) fn refusal(misfit: Misfit, end: ErrorCode) -> ApiError {
    match misfit {
        Misfit::Param(why) => PARAM.because(why),
        Misfit::NumberNegative => NUMBER_NEGATIVE.into(),
        Misfit::NumberLength => NUMBER_LENGTH.into(),
        Misfit::StartTime => START_TIME.into(),
        Misfit::EndTime => end.into(),
        Misfit::ScheduleSpan => END_IN_A_MONTH.into(),
        Misfit::TwoFilters => TWO_FILTERS.into(),
        Misfit::UserAndRoom => USER_AND_ROOM.into(),
        Misfit::NoMeeting => NO_MEETING.into(),
        Misfit::NoDevice => NO_DEVICE.into(),
        Misfit::RoomUnsupported => NO_ROOM_ID.into(),
        Misfit::NotSupported(why) => NOT_SUPPORTED.because(why),
        Misfit::NotExist(why) => NOT_EXIST.because(why),
        Misfit::Internal(error) => INTERNAL.caused_by(error),
    }
}
