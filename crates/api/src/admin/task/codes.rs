//! Refusals of Larkspur's own task API. Own numbers begin with 88, which the platform does not use.

use crate::ErrorCode;

/// There is no such task, or none that the caller may see.
pub(super) const NO_TASK: ErrorCode = ErrorCode::new(404, 88_000_404, "no such task");
/// The task has ended already.
pub(super) const TOO_LATE: ErrorCode = ErrorCode::new(409, 88_000_409, "the task has ended");
/// The task has not ended, or has succeeded.
pub(super) const NOT_FAILED: ErrorCode =
    ErrorCode::new(409, 88_000_410, "the task cannot be done again");
/// The task has not ended.
pub(super) const NOT_ENDED: ErrorCode = ErrorCode::new(409, 88_000_411, "the task has not ended");
/// The task waits for no step.
pub(super) const NO_STEP: ErrorCode = ErrorCode::new(409, 88_061_409, "the task waits for no step");

/// All of them.
pub(super) const ALL: &[ErrorCode] = &[
    NO_TASK,
    TOO_LATE,
    NOT_FAILED,
    NOT_ENDED,
    NO_STEP,
    crate::admin::listening::CUT_OFF,
    crate::codes::FIELD_VALIDATION,
    crate::codes::INTERNAL,
];
