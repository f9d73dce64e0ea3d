//! Refusals of snapshots. Own numbers begin with 88, which the platform does not use.

use crate::{ErrorCode, codes};

/// There is no snapshot of this name.
pub(super) const NO_SNAPSHOT: ErrorCode = ErrorCode::new(404, 88_070_404, "no such snapshot");
/// There is a snapshot of this name.
pub(super) const TAKEN: ErrorCode = ErrorCode::new(409, 88_070_409, "the snapshot exists");
/// An id of the tenant belongs to another one by now.
pub(super) const IN_THE_WAY: ErrorCode =
    ErrorCode::new(409, 88_071_409, "what is there now is in the way");
/// There is no state to go back to.
pub(super) const NO_BASE: ErrorCode = ErrorCode::new(409, 88_072_409, "nothing to reset to");

/// All of them.
pub(super) const ALL: &[ErrorCode] = &[
    NO_SNAPSHOT,
    TAKEN,
    IN_THE_WAY,
    NO_BASE,
    super::super::directory::NO_TENANT,
    codes::FIELD_VALIDATION,
    codes::BAD_REQUEST,
    codes::ADMIN_ONLY,
    codes::INTERNAL,
];
