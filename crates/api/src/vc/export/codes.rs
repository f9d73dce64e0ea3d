//! The family's numbers: refusals, `status` (contract, `vc_export_status`), and the one table from a
//! failure to `fail_msg`.

use larkspur_model::task::{Failure, FailureKind};

use crate::vc::asked::Misfit;
use crate::{ApiError, ErrorCode};

/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 121_001, "internal error");
/// The platform has no such report.
pub(super) const NOT_SUPPORTED: ErrorCode = ErrorCode::new(400, 121_002, "not support");
/// A parameter does not fit.
pub(super) const PARAM: ErrorCode = ErrorCode::new(400, 121_003, "param error");
/// There is no such meeting, person, room, task or file.
pub(super) const NOT_EXIST: ErrorCode = ErrorCode::new(404, 121_004, "data not exist");
/// The caller does not manage meetings, or did not make the task.
pub(super) const NO_PERMISSION: ErrorCode = ErrorCode::new(403, 121_005, "no permission");
/// Own: the signature does not fit, or its time is over.
pub(super) const LINK_OVER: ErrorCode = ErrorCode::new(403, 88_000_403, "link not valid");
/// Own: the report is gone.
pub(super) const LINK_GONE: ErrorCode = ErrorCode::new(404, 88_000_404, "no such file");
/// Own: something broke behind a link.
pub(super) const LINK_INTERNAL: ErrorCode = ErrorCode::new(500, 88_000_500, "internal error");

/// What creating a task may answer.
pub(super) const ALL: &[ErrorCode] = &[INTERNAL, NOT_SUPPORTED, PARAM, NOT_EXIST, NO_PERMISSION];
/// What asking for one, and downloading, may answer.
pub(super) const GET: &[ErrorCode] = &[INTERNAL, PARAM, NOT_EXIST, NO_PERMISSION];
/// What a signed address may answer.
pub(super) const LINK: &[ErrorCode] = &[LINK_OVER, LINK_GONE, LINK_INTERNAL];

/// `status`: waiting or running.
pub(super) const PENDING: i64 = 1;
/// `status`: failed; `fail_msg` says why.
pub(super) const FAILED: i64 = 2;
/// `status`: done.
pub(super) const DONE: i64 = 3;

/// The one table from why a task failed to its `fail_msg`; a rehearsed failure brings its own.
pub(super) fn fail_msg(failure: &Failure) -> &str {
    if failure.status.is_some() {
        return &failure.message;
    }
    match failure.kind {
        FailureKind::Forbidden => NO_PERMISSION.msg,
        FailureKind::DocumentMissing => NOT_EXIST.msg,
        // Kinds that only conversions know are internal errors here.
        _ => INTERNAL.msg,
    }
}

/// The refusal of a request that does not fit: exports have one number for all parameters.
pub(super) fn refusal(misfit: Misfit) -> ApiError {
    match misfit {
        Misfit::Param(why) => PARAM.because(why),
        Misfit::NumberNegative | Misfit::NumberLength => {
            PARAM.because("meeting_no has nine digits")
        }
        Misfit::StartTime => PARAM.because("the start is a time in seconds, at least 0"),
        Misfit::EndTime | Misfit::ScheduleSpan => {
            PARAM.because("the end does not lie before the start")
        }
        Misfit::TwoFilters => PARAM
            .because("at most one of meeting_no, user_id, room_id and meeting_type may be given"),
        Misfit::UserAndRoom => PARAM.because("user_id and room_id exclude each other"),
        Misfit::RoomUnsupported => PARAM.because("room_id is no condition here"),
        Misfit::NoMeeting => NOT_EXIST
            .because("no meeting of this number and status began and ended in these minutes"),
        Misfit::NoDevice => NOT_EXIST.because("nobody like that joined in this minute"),
        Misfit::NotSupported(why) => NOT_SUPPORTED.because(why),
        Misfit::NotExist(why) => NOT_EXIST.because(why),
        Misfit::Internal(error) => INTERNAL.caused_by(error),
    }
}
