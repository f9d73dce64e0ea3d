//! The ways to read a workbook of the format at hand.

use larkspur_formats::{Error, Limits, Monitor, Unwatched};

pub(crate) use crate::kept::{Kept, KeptBook, read_as};

/// Reads with given limits and a monitor.
pub(crate) fn read_watched(
    bytes: &[u8],
    limits: &Limits,
    monitor: &mut dyn Monitor,
) -> Result<KeptBook, Error> {
    read_as("xlsx", bytes, limits, monitor)
}

/// Reads with given limits.
pub(crate) fn read_limited(bytes: &[u8], limits: &Limits) -> Result<KeptBook, Error> {
    read_watched(bytes, limits, &mut Unwatched)
}

/// Reads with the documented limits.
pub(crate) fn read(bytes: &[u8]) -> Result<KeptBook, Error> {
    read_limited(bytes, &Limits::default())
}
