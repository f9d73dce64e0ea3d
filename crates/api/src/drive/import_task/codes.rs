//! The family's numbers: refusals, the one table from a failure to `job_status`, and the one from
//! losses to `extra` (contract, `import_job_status`, `import_extra`).

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::task::{Failure, FailureKind};

use super::super::sources::Target;
use larkspur_platform::Layer;

use crate::ErrorCode;

/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_069_901, "internal error");
/// The caller may not read the file, or did not make the task.
pub(super) const NO_PERMISSION: ErrorCode = ErrorCode::new(403, 1_069_902, "no permission");
/// A parameter does not fit.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(400, 1_069_904, "invalid param");
/// The file was deleted.
pub(super) const DOCS_DELETED: ErrorCode =
    ErrorCode::new(403, 1_069_906, "docs deleted").at(Layer::State);
/// There is no such file.
pub(super) const FILE_NOT_FOUND: ErrorCode = ErrorCode::new(404, 1_069_907, "file token not found");
/// The folder is somebody else's, or no folder.
pub(super) const MOUNT_POINT: ErrorCode =
    ErrorCode::new(403, 1_069_908, "mount point not found or no permission");
/// The file is larger than files of its kind may be.
pub(super) const FILE_SIZE: ErrorCode =
    ErrorCode::new(400, 1_069_909, "import file size over limit");
/// File name, upload and task name different extensions.
pub(super) const EXTENSION: ErrorCode =
    ErrorCode::new(400, 1_069_910, "import file extension not match");
/// Upload and task name different targets.
pub(super) const FILE_TYPE: ErrorCode =
    ErrorCode::new(400, 1_069_911, "import file type not match");
/// The folder does not exist.
pub(super) const FOLDER: ErrorCode =
    ErrorCode::new(400, 1_069_912, "folder not exist").at(Layer::State);
/// The five minutes of the file are over.
pub(super) const EXPIRED: ErrorCode =
    ErrorCode::new(400, 1_069_913, "import file token expired").at(Layer::State);
/// The token is not one of an uploaded file.
pub(super) const INVALID_TOKEN: ErrorCode =
    ErrorCode::new(400, 1_069_914, "invalid file token").at(Layer::Request);
/// Too many calls.
pub(super) const TOO_MANY: ErrorCode = ErrorCode::new(429, 1_069_923, "too many requests");

/// What creating a task may answer.
pub(super) const CREATE: &[ErrorCode] = &[
    INTERNAL,
    NO_PERMISSION,
    INVALID_PARAM,
    DOCS_DELETED,
    FILE_NOT_FOUND,
    MOUNT_POINT,
    FILE_SIZE,
    EXTENSION,
    FILE_TYPE,
    FOLDER,
    EXPIRED,
    INVALID_TOKEN,
    TOO_MANY,
];
/// What asking for a task may answer.
pub(super) const GET: &[ErrorCode] = &[INTERNAL, NO_PERMISSION, INVALID_PARAM];

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
        // Kinds that only other families know are internal errors here.
        // A conversion that died is one too: the platform has no number for it.
        FailureKind::Internal
        | FailureKind::Crashed
        | FailureKind::DocumentMissing
        | FailureKind::DocumentDeleted
        | FailureKind::TooManyImages
        | FailureKind::PartForbidden
        | FailureKind::InWiki
        | FailureKind::AdvancedBase => FAILED,
        FailureKind::Encrypted => 100,
        FailureKind::StorageFull => 104,
        FailureKind::FolderFull => 105,
        FailureKind::TimedOut => 108,
        FailureKind::Forbidden => 110,
        FailureKind::UnsupportedFormat => 112,
        FailureKind::UnsupportedOfficeFormat => 113,
        FailureKind::SourceTooLarge | FailureKind::ResultTooLarge => 115,
        FailureKind::FolderForbidden => 116,
        FailureKind::FolderDeleted => 117,
        FailureKind::ExtensionMismatch => 118,
        FailureKind::FolderMissing => 119,
        FailureKind::TypeMismatch => 120,
        FailureKind::SourceExpired => 121,
        FailureKind::Damaged => 129,
        FailureKind::TooManyBlocks => 7000,
        FailureKind::TooDeep => 7001,
        FailureKind::BlockTooLarge => 7002,
    }
}

/// The one table from what was lost to a number of `extra`, for a target that has one.
const fn extra_number(kind: LossKind, target: Target) -> Option<&'static str> {
    Some(match (target, kind) {
        (Target::Docx, LossKind::BlocksCut) => "1000",
        (Target::Docx, LossKind::TableCellsCut) => "1001",
        (Target::Docx, LossKind::TableColumnsCut) => "1002",
        (Target::Docx, LossKind::ParagraphCut) => "1003",
        (Target::Docx, LossKind::ImageFailed | LossKind::ImageNotFetched | LossKind::ImagesCut) => {
            "1005"
        }
        (Target::Sheet, LossKind::ColumnsCut) => "2000",
        (Target::Sheet, LossKind::CellsCut) => "2001",
        (Target::Sheet, LossKind::ImagesCut) => "2002",
        (Target::Sheet, LossKind::StorageFull) => "2003",
        (Target::Sheet, LossKind::ImageFailed | LossKind::ImageNotFetched) => "2004",
        (Target::Sheet, LossKind::CellTextCut) => "2005",
        (Target::Bitable, LossKind::ImageBelowData) => "3000",
        (Target::Bitable, LossKind::ImageRightOfData) => "3001",
        (Target::Bitable, LossKind::ColumnsCut) => "3003",
        (Target::Bitable, LossKind::CellsCut) => "3004",
        (Target::Bitable, LossKind::ImagesCut) => "3005",
        (Target::Bitable, LossKind::ImageFailed | LossKind::ImageNotFetched) => "3006",
        _ => return None,
    })
}

/// The `extra` of a finished task, with the numbers that are rehearsed: each number once, ascending.
pub(super) fn extra<'a>(
    losses: &Losses,
    target: Target,
    rehearsed: impl Iterator<Item = &'a str>,
) -> Vec<&'a str> {
    let mut numbers: Vec<_> =
        losses.iter().filter_map(|loss| extra_number(loss.kind, target)).chain(rehearsed).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The `extra` of an import with these losses to a wire `type`; nothing for one there is not.
pub fn extra_of(losses: &Losses, kind: &str) -> Vec<&'static str> {
    Target::parse(kind).map_or_else(Vec::new, |target| extra(losses, target, std::iter::empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_become_numbers_of_their_target_alone() {
        let mut losses = Losses::new();
        losses.add(LossKind::CellsCut, "", "");
        losses.add(LossKind::ColumnsCut, "", "");
        losses.add(LossKind::ColumnsCut, "elsewhere", "");
        losses.add(LossKind::FormattingDropped, "", "");
        let extra = |target, more: &[&'static str]| extra(&losses, target, more.iter().copied());
        assert_eq!(extra(Target::Sheet, &[]), ["2000", "2001"]);
        assert_eq!(extra(Target::Sheet, &["2001", "2005"]), ["2000", "2001", "2005"]);
        assert_eq!(extra(Target::Bitable, &[]), ["3003", "3004"]);
        assert!(extra(Target::Docx, &[]).is_empty());
    }
}
