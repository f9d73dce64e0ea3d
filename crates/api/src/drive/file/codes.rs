//! The numbers of lists and folders, where they differ from the uploads' (contract, `x-errors`).

use super::super::codes::{
    CONTENDED as CAN_RETRY, DELETED, DRIVE_FULL, FOLDER_FULL, FORBIDDEN, INTERNAL, NOT_FOUND,
    PARAMS, TOO_DEEP,
};
use crate::ErrorCode;

/// A page may hold 1 to 200 things.
pub(super) const PAGE_SIZE: ErrorCode = ErrorCode::new(400, 1_064_001, "page size out of limit.");
/// What making folders answers to too many calls.
pub(super) const CONTENDED: ErrorCode =
    ErrorCode::new(400, 1_061_045, "resource contention occurred, please retry.");

/// Copy: the token is nobody's; the gateway says so first.
const AUTH: ErrorCode = ErrorCode::new(401, 1_061_005, "auth failed.");
/// Copy: from one tenant into another; here nothing of another tenant is found at all.
const CROSS_TENANT: ErrorCode =
    ErrorCode::new(403, 1_064_510, "cross tenant and unit not support.");
/// Copy: from one brand of the platform into the other; a server is of one brand.
const CROSS_BRAND: ErrorCode = ErrorCode::new(403, 1_064_511, "cross brand not support.");

/// What copying may answer; the total as the uploads number it.
pub(super) const COPY: &[ErrorCode] = &[
    INTERNAL,
    PARAMS,
    NOT_FOUND,
    FORBIDDEN,
    AUTH,
    DELETED,
    CAN_RETRY,
    FOLDER_FULL,
    DRIVE_FULL,
    CROSS_TENANT,
    CROSS_BRAND,
];
/// What making a folder may answer; depth and total as the uploads number them.
pub(super) const CREATE_FOLDER: &[ErrorCode] =
    &[INTERNAL, PARAMS, NOT_FOUND, FORBIDDEN, DELETED, FOLDER_FULL, DRIVE_FULL, TOO_DEEP];
/// What listing a folder may answer.
pub(super) const LIST: &[ErrorCode] = &[INTERNAL, PARAMS, NOT_FOUND, FORBIDDEN, DELETED, PAGE_SIZE];
