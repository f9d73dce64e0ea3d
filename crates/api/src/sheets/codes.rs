//! The numbers of online spreadsheets: v3 as its pages state them, v2 from the common list, whose
//! HTTP statuses nobody documents (contract, `sheets_v2_codes`).

use larkspur_platform::Layer;

use crate::ErrorCode;

/// v3: a parameter does not fit.
pub(super) const INVALID_PARAMETER: ErrorCode = ErrorCode::new(400, 1_310_251, "Invalid Parameter");
/// v3: the caller may not read the spreadsheet.
pub(super) const PERMISSION: ErrorCode =
    ErrorCode::new(400, 1_310_213, "Permission Fail").at(Layer::Right);
/// v3: the spreadsheet is deleted.
pub(super) const DELETED: ErrorCode =
    ErrorCode::new(400, 1_310_249, "Spreadsheet Deleted").at(Layer::State);
/// v3: there is no such spreadsheet.
pub(super) const NOT_FOUND: ErrorCode =
    ErrorCode::new(400, 1_310_214, "SpreadSheet Not Found").at(Layer::State);
/// v3: something broke on our side.
pub(super) const SERVER: ErrorCode = ErrorCode::new(500, 1_315_201, "Server Error");
/// What v3 operations may answer.
pub(super) const V3: &[ErrorCode] = &[INVALID_PARAMETER, PERMISSION, DELETED, NOT_FOUND, SERVER];

/// v2: the range cannot be read.
pub(super) const V2_RANGE: ErrorCode = ErrorCode::new(400, 90_202, "validate RangeVal fail");
/// v2: something broke on our side.
pub(super) const V2_FAIL: ErrorCode = ErrorCode::new(500, 90_203, "Fail");
/// v2: the caller may not read the spreadsheet.
pub(super) const V2_PERMISSION: ErrorCode =
    ErrorCode::new(400, 90_213, "PermissionFail").at(Layer::Right);
/// v2: there is no such spreadsheet.
pub(super) const V2_NOT_FOUND: ErrorCode =
    ErrorCode::new(400, 90_214, "SpreadSheetNotFound").at(Layer::State);
/// v2: there is no such sheet.
pub(super) const V2_SHEET_NOT_FOUND: ErrorCode =
    ErrorCode::new(400, 90_215, "SheetIdNotFound").at(Layer::State);
/// v2: the answer would be over 10 MB.
pub(super) const V2_TOO_LARGE: ErrorCode = ErrorCode::new(400, 90_221, "TooLargeResponse");
/// v2: a parameter of the address does not fit.
pub(super) const V2_PARAMETER: ErrorCode = ErrorCode::new(400, 90_229, "WrongURLParam");
/// What v2 operations may answer.
pub(super) const V2: &[ErrorCode] = &[
    V2_RANGE,
    V2_FAIL,
    V2_PERMISSION,
    V2_NOT_FOUND,
    V2_SHEET_NOT_FOUND,
    V2_TOO_LARGE,
    V2_PARAMETER,
];
