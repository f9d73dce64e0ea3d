//! The numbers of collaborators (contract, `x-errors` of the permission members).

use crate::ErrorCode;

/// A parameter does not fit: token and type, member and type, nobody of that id.
pub(super) const PARAMETER: ErrorCode = ErrorCode::new(400, 1_063_001, "Invalid parameter");
/// The caller has no right on the document, or too little.
pub(super) const PERMISSION: ErrorCode = ErrorCode::new(403, 1_063_002, "Permission denied");
/// The parameters fit, but this may not be done.
pub(super) const OPERATION: ErrorCode = ErrorCode::new(400, 1_063_003, "Invalid operation");
/// The caller may read the document, but not share it.
pub(super) const SHARE: ErrorCode = ErrorCode::new(403, 1_063_004, "User has no share permission");
/// The document was deleted.
pub(super) const DELETED: ErrorCode = ErrorCode::new(404, 1_063_005, "Resource is deleted");
/// Too many calls.
pub(super) const TOO_MANY: ErrorCode = ErrorCode::new(429, 1_063_006, "Too many request");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_066_001, "Internal Error");
/// The same, as one page spells it.
const BATCH_INTERNAL: ErrorCode = ErrorCode::new(500, 1_066_001, "Internal error");
/// Somebody changed the same at the same moment; here they wait for one another.
const CONCURRENCY: ErrorCode = ErrorCode::new(500, 1_066_002, "Concurrency error, please retry");

/// What adding one may answer.
pub(super) const CREATE: &[ErrorCode] =
    &[PARAMETER, PERMISSION, OPERATION, SHARE, DELETED, INTERNAL, CONCURRENCY];
/// What adding some may answer.
pub(super) const BATCH_CREATE: &[ErrorCode] =
    &[PARAMETER, PERMISSION, OPERATION, TOO_MANY, BATCH_INTERNAL];
/// What listing them may answer.
pub(super) const LIST: &[ErrorCode] =
    &[PARAMETER, PERMISSION, OPERATION, SHARE, DELETED, TOO_MANY, INTERNAL, CONCURRENCY];
