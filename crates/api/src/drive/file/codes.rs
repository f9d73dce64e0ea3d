//! The numbers of lists and folders, where they differ from the uploads' (contract, `x-errors`).

use super::super::codes::{
    DELETED, DRIVE_FULL, FOLDER_FULL, FORBIDDEN, INTERNAL, NOT_FOUND, PARAMS, TOO_DEEP,
};
use crate::ErrorCode;

/// A page may hold 1 to 200 things.
pub(super) const PAGE_SIZE: ErrorCode = ErrorCode::new(400, 1_064_001, "page size out of limit.");
/// What making folders answers to too many calls.
pub(super) const CONTENDED: ErrorCode =
    ErrorCode::new(400, 1_061_045, "resource contention occurred, please retry.");

/// What making a folder may answer; depth and total as the uploads number them.
pub(super) const CREATE_FOLDER: &[ErrorCode] =
    &[INTERNAL, PARAMS, NOT_FOUND, FORBIDDEN, DELETED, FOLDER_FULL, DRIVE_FULL, TOO_DEEP];
/// What listing a folder may answer.
pub(super) const LIST: &[ErrorCode] = &[INTERNAL, PARAMS, NOT_FOUND, FORBIDDEN, DELETED, PAGE_SIZE];
