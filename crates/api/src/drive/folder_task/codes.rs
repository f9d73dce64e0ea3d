//! The family's numbers: refusals, and the one table from where a task stands to its `status`
//! (contract, `drive_task_check_status`).

use larkspur_model::task::State;

use super::super::codes::{
    CONTENDED, DELETED, FOLDER_FULL, FORBIDDEN, INTERNAL, NOT_FOUND, PARAMS,
};
use crate::ErrorCode;

/// Delete: something broke on our side; this page alone answers it with HTTP 400.
pub(super) const DELETE_INTERNAL: ErrorCode = ErrorCode::new(400, 1_061_001, "internal error.");
/// Move: the folder it lies in is not the caller's to change.
pub(super) const SOURCE_PARENT: ErrorCode =
    ErrorCode::new(403, 1_062_524, "source parent no permission.");
/// Move: the folder it is to lie in is not the caller's to change.
pub(super) const DESTINATION_PARENT: ErrorCode =
    ErrorCode::new(403, 1_062_535, "destination parent no permission.");
/// Move: folders would lie deeper than they may; numbered with the uploads.
pub(super) const TOO_DEEP: ErrorCode = super::super::codes::TOO_DEEP;
/// Delete: the caller may see it but not delete it.
pub(super) const NODE: ErrorCode = ErrorCode::new(403, 1_062_501, "operate node no permission.");
/// Delete: the caller may not delete something in it.
pub(super) const SUB_NODE: ErrorCode =
    ErrorCode::new(403, 1_062_502, "operate sub node no permission.");
/// Delete: the record is gone.
pub(super) const SOURCE_NODE: ErrorCode = ErrorCode::new(404, 1_065_200, "source node not found.");
/// Delete: the token is nobody's; the gateway says so first.
pub(super) const AUTH: ErrorCode = ErrorCode::new(401, 1_061_005, "auth failed.");

/// What moving may answer.
pub(super) const MOVE: &[ErrorCode] = &[
    INTERNAL,
    PARAMS,
    NOT_FOUND,
    FORBIDDEN,
    DELETED,
    SOURCE_PARENT,
    DESTINATION_PARENT,
    FOLDER_FULL,
    TOO_DEEP,
    CONTENDED,
];
/// What deleting may answer.
pub(super) const DELETE: &[ErrorCode] = &[
    DELETE_INTERNAL,
    PARAMS,
    NOT_FOUND,
    FORBIDDEN,
    AUTH,
    DELETED,
    NODE,
    SUB_NODE,
    SOURCE_NODE,
    CONTENDED,
];
/// What asking for a task may answer.
pub(super) const CHECK: &[ErrorCode] = &[INTERNAL, PARAMS, NOT_FOUND];

/// The one table from where a task stands to its `status`.
pub(super) const fn status(state: State) -> &'static str {
    match state {
        State::Queued | State::Running => "process",
        State::Succeeded => "success",
        State::Failed | State::Cancelled => "fail",
    }
}
