//! The family's numbers: refusals, which differ between the three operations, and the one table from a
//! failure to `job_status` (contract, `export_job_status`).

use larkspur_model::task::{Failure, FailureKind};

use crate::ErrorCode;

/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_069_901, "internal error");
/// The caller may not read the document, or did not make the task.
pub(super) const NO_PERMISSION: ErrorCode = ErrorCode::new(403, 1_069_902, "no permission");
/// A parameter does not fit.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(400, 1_069_904, "invalid param");
/// Create: the document was deleted.
pub(super) const CREATE_DELETED: ErrorCode = ErrorCode::new(404, 1_069_906, "docs deleted");
/// Get: the document was deleted since.
pub(super) const GET_DELETED: ErrorCode = ErrorCode::new(410, 1_069_906, "docs deleted");
/// There is no such document.
pub(super) const INVALID_TOKEN: ErrorCode = ErrorCode::new(404, 1_069_914, "invalid file token");
/// Documents of this type have no such format.
pub(super) const MISMATCH: ErrorCode =
    ErrorCode::new(400, 1_069_918, "file extension and type mismatch");
/// Too many calls.
pub(super) const TOO_MANY: ErrorCode = ErrorCode::new(429, 1_069_923, "too many requests");
/// Download: there is no such file, or its ten minutes are over.
pub(super) const INVALID_FILE: ErrorCode = ErrorCode::new(400, 1_060_001, "param is invalid");

/// What creating a task may answer.
pub(super) const CREATE: &[ErrorCode] =
    &[INTERNAL, NO_PERMISSION, INVALID_PARAM, CREATE_DELETED, INVALID_TOKEN, MISMATCH, TOO_MANY];
/// What asking for a task may answer.
pub(super) const GET: &[ErrorCode] = &[INTERNAL, NO_PERMISSION, INVALID_PARAM, GET_DELETED];
/// What a download may answer; the right number for somebody else's file is inferred (contract,
/// "Export").
pub(super) const DOWNLOAD: &[ErrorCode] = &[INVALID_FILE, NO_PERMISSION, INTERNAL];

/// `job_status`: done.
pub(super) const DONE: i64 = 0;
/// `job_status`: waiting for its first worker.
pub(super) const QUEUED: i64 = 1;
/// `job_status`: a worker is or was at it.
pub(super) const RUNNING: i64 = 2;
/// `job_status`: an internal error; a cancelled task too, for which there is no number.
pub(super) const FAILED: i64 = 3;

/// The one table from why a task failed to its `job_status`.
pub(super) fn job_status(failure: &Failure) -> i64 {
    failure.status.unwrap_or_else(|| of_kind(failure.kind))
}

const fn of_kind(kind: FailureKind) -> i64 {
    match kind {
        FailureKind::ResultTooLarge | FailureKind::SourceTooLarge => 107,
        FailureKind::TimedOut => 108,
        FailureKind::PartForbidden => 109,
        FailureKind::Forbidden => 110,
        FailureKind::DocumentDeleted => 111,
        FailureKind::DocumentMissing => 123,
        FailureKind::TooManyImages => 6000,
        // Kinds that only imports know are internal errors here.
        FailureKind::Internal
        | FailureKind::Crashed
        | FailureKind::Encrypted
        | FailureKind::Damaged
        | FailureKind::UnsupportedFormat
        | FailureKind::UnsupportedOfficeFormat
        | FailureKind::ExtensionMismatch
        | FailureKind::TypeMismatch
        | FailureKind::SourceExpired
        | FailureKind::StorageFull
        | FailureKind::FolderFull
        | FailureKind::FolderMissing
        | FailureKind::FolderDeleted
        | FailureKind::FolderForbidden
        | FailureKind::TooManyBlocks
        | FailureKind::TooDeep
        | FailureKind::BlockTooLarge
        | FailureKind::InWiki
        | FailureKind::AdvancedBase => FAILED,
    }
}
