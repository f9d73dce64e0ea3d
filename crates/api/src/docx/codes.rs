//! The numbers of online documents (contract, `x-errors` of the docx operations).

use larkspur_platform::Layer;

use crate::ErrorCode;

/// A parameter does not fit.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(400, 1_770_001, "invalid param");
/// There is no such document or block.
pub(super) const NOT_FOUND: ErrorCode = ErrorCode::new(404, 1_770_002, "not found");
/// The document is deleted.
pub(super) const DELETED: ErrorCode =
    ErrorCode::new(400, 1_770_003, "resource deleted").at(Layer::State);
/// The revision is too old to be read.
pub(super) const TOO_OLD: ErrorCode =
    ErrorCode::new(400, 1_770_021, "too old document").at(Layer::State);
/// The page token is not one this server gave.
pub(super) const PAGE_TOKEN: ErrorCode = ErrorCode::new(400, 1_770_022, "invalid page token");
/// The caller may not read the document.
pub(super) const FORBIDDEN: ErrorCode = ErrorCode::new(403, 1_770_032, "forbidden");
/// The plain text is longer than the answer may be.
pub(super) const RAW_CONTENT_TOO_LARGE: ErrorCode =
    ErrorCode::new(400, 1_770_033, "raw content size exceed limited");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_771_001, "server internal error");

/// What reading a document may answer.
pub(super) const READ: &[ErrorCode] =
    &[INVALID_PARAM, NOT_FOUND, DELETED, TOO_OLD, PAGE_TOKEN, FORBIDDEN, INTERNAL];
/// What reading its plain text may answer.
pub(super) const READ_PLAIN: &[ErrorCode] =
    &[INVALID_PARAM, NOT_FOUND, DELETED, FORBIDDEN, RAW_CONTENT_TOO_LARGE, INTERNAL];
