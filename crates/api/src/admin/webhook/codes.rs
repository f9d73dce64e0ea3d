//! Refusals of webhooks. Own numbers begin with 88, which the platform does not use.

use super::super::listening;
use crate::ErrorCode;

/// There is no such webhook.
pub(super) const NO_WEBHOOK: ErrorCode = ErrorCode::new(404, 88_080_404, "no such webhook");
/// There is no event of this cursor, or none any more.
pub(super) const NO_EVENT: ErrorCode = ErrorCode::new(404, 88_080_405, "no such event");

/// All of them.
pub(super) const ALL: &[ErrorCode] = &[
    NO_WEBHOOK,
    NO_EVENT,
    listening::CUT_OFF,
    crate::codes::FIELD_VALIDATION,
    crate::codes::BAD_REQUEST,
    crate::codes::ADMIN_ONLY,
    crate::codes::INTERNAL,
];
