//! Refusals of the API of faults. Own numbers begin with 88, which the platform does not use.

use crate::ErrorCode;

pub(super) use crate::rehearse::FAULT_REFUSED;

/// There is no rule of this name.
pub(super) const NO_FAULT: ErrorCode = ErrorCode::new(404, 88_060_404, "no such fault");

/// All of them.
pub(super) const ALL: &[ErrorCode] = &[FAULT_REFUSED, NO_FAULT];
