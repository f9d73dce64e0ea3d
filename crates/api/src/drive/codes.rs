//! The numbers that uploads, downloads and folders share (contract, `x-errors` of medias and files).

use larkspur_platform::{Ceilings, Layer};

use crate::ErrorCode;
use crate::operation::Rate;

/// Something broke on our side; uploads answer it with HTTP 200.
pub(super) const UPLOAD_INTERNAL: ErrorCode =
    ErrorCode::new(200, 1_061_001, "internal error.").at(Layer::Server);
/// Something broke on our side, elsewhere.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_061_001, "internal error.");
/// A parameter does not fit.
pub(super) const PARAMS: ErrorCode = ErrorCode::new(400, 1_061_002, "params error.");
/// There is no such thing.
pub(super) const NOT_FOUND: ErrorCode = ErrorCode::new(404, 1_061_003, "not found.");
/// The caller may not do that.
pub(super) const FORBIDDEN: ErrorCode = ErrorCode::new(403, 1_061_004, "forbidden.");
/// The thing was deleted.
pub(super) const DELETED: ErrorCode = ErrorCode::new(404, 1_061_007, "file has been delete.");
/// The name is empty or too long.
pub(super) const FILE_NAME: ErrorCode = ErrorCode::new(400, 1_061_008, "invalid file name.");
/// The upload's 24 hours are over, or it is finished.
pub(super) const UPLOAD_EXPIRED: ErrorCode =
    ErrorCode::new(400, 1_061_021, "upload id expire.").at(Layer::State);
/// The folder was deleted.
pub(super) const PARENT_DELETED: ErrorCode =
    ErrorCode::new(400, 1_061_041, "parent node has been deleted.").at(Layer::State);
/// The file is larger than it may be.
pub(super) const TOO_LARGE: ErrorCode = ErrorCode::new(400, 1_061_043, "file size beyond limit.");
/// The folder does not exist.
pub(super) const PARENT_MISSING: ErrorCode =
    ErrorCode::new(400, 1_061_044, "parent node not exist.").at(Layer::State);
/// Another identity began the upload.
pub(super) const OTHER_UPLOADER: ErrorCode =
    ErrorCode::new(400, 1_062_007, "upload user not match.").at(Layer::Right);
/// The checksum is none, or another one.
pub(super) const CHECKSUM: ErrorCode = ErrorCode::new(400, 1_062_008, "checksum param Invalid.");
/// More or fewer bytes came than were announced.
pub(super) const SIZE: ErrorCode = ErrorCode::new(
    400,
    1_062_009,
    "the actual size is inconsistent with the parameter declaration size.",
);
/// Parts are missing.
pub(super) const PARTS_MISSING: ErrorCode =
    ErrorCode::new(400, 1_062_010, "block missing, please upload all blocks.");
/// A part has a number the upload does not have.
pub(super) const PART_NUMBER: ErrorCode =
    ErrorCode::new(400, 1_062_011, "block num out of bounds.");
/// The caller went away within the body.
pub(super) const DISCONNECTED: ErrorCode = ErrorCode::new(400, 1_062_051, "client connect close.");
/// The drive holds as many things as it may.
pub(super) const DRIVE_FULL: ErrorCode =
    ErrorCode::new(400, 1_062_505, "parent node out of size.").at(Layer::State);
/// The folder lies as deep as folders may.
pub(super) const TOO_DEEP: ErrorCode =
    ErrorCode::new(400, 1_062_506, "parent node out of depth.").at(Layer::State);
/// The folder holds as many things as it may.
pub(super) const FOLDER_FULL: ErrorCode =
    ErrorCode::new(400, 1_062_507, "parent node out of sibling num.").at(Layer::State);

/// What uploads answer to too many calls.
const LIMITED: ErrorCode = ErrorCode::new(200, 1_061_045, "can retry.");

/// What the operations on media answer.
pub(super) const MEDIA_UPLOAD: &[ErrorCode] = &[
    UPLOAD_INTERNAL,
    PARAMS,
    NOT_FOUND,
    FORBIDDEN,
    FILE_NAME,
    UPLOAD_EXPIRED,
    PARENT_DELETED,
    TOO_LARGE,
    PARENT_MISSING,
    OTHER_UPLOADER,
    CHECKSUM,
    SIZE,
    PARTS_MISSING,
    PART_NUMBER,
    DISCONNECTED,
];
/// What the operations on files answer.
pub(super) const FILE_UPLOAD: &[ErrorCode] = &[
    UPLOAD_INTERNAL,
    PARAMS,
    NOT_FOUND,
    FORBIDDEN,
    UPLOAD_EXPIRED,
    PARENT_DELETED,
    TOO_LARGE,
    PARENT_MISSING,
    OTHER_UPLOADER,
    CHECKSUM,
    SIZE,
    PARTS_MISSING,
    PART_NUMBER,
    DRIVE_FULL,
    FOLDER_FULL,
];
/// What downloads answer; their pages have no table, the uploads' numbers fit (contract,
/// "Conflicts").
pub(super) const DOWNLOAD: &[ErrorCode] = &[INTERNAL, PARAMS, NOT_FOUND, FORBIDDEN, DELETED];

/// Five calls a second and 10,000 a day, none at the same time (contract, "Uploads").
pub(super) const UPLOAD_RATE: Rate =
    Rate::of(Ceilings { per_second: 5, per_day: 10_000, no_concurrency: true, ..Ceilings::NONE })
        .answered(LIMITED);
/// What changes of the drive answer to too many calls, or to another change at the same moment.
pub(super) const CONTENDED: ErrorCode = ErrorCode::new(400, 1_061_045, "can retry.");

/// Five calls a second and 10,000 a day, none at the same time, for copies, moves and deletions.
pub(super) const CHANGE_RATE: Rate = UPLOAD_RATE.answered(CONTENDED);
/// Five calls a second and 10,000 a day.
pub(super) const DOWNLOAD_RATE: Rate =
    Rate::of(Ceilings { per_second: 5, per_day: 10_000, ..Ceilings::NONE });
