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
/// v3: the body does not fit.
pub(super) const BODY: ErrorCode = ErrorCode::new(400, 1_310_204, "Wrong Request Body");
/// v3: a folder or the drive is full.
pub(super) const EXCESS: ErrorCode =
    ErrorCode::new(400, 1_310_226, "Excess Limit").at(Layer::State);
/// What v3 operations on a spreadsheet may answer.
pub(super) const V3: &[ErrorCode] = &[INVALID_PARAMETER, PERMISSION, DELETED, NOT_FOUND, SERVER];
/// What making a spreadsheet may answer.
pub(super) const V3_CREATE: &[ErrorCode] = &[BODY, PERMISSION, EXCESS, SERVER];

/// v2: the body is not JSON.
pub(super) const V2_NO_JSON: ErrorCode = ErrorCode::new(400, 90_201, "WrongRequestJson");
/// v2: the range cannot be read.
pub(super) const V2_RANGE: ErrorCode = ErrorCode::new(400, 90_202, "validate RangeVal fail");
/// v2: something broke on our side.
pub(super) const V2_FAIL: ErrorCode = ErrorCode::new(500, 90_203, "Fail");
/// v2: the body does not fit.
pub(super) const V2_BODY: ErrorCode = ErrorCode::new(400, 90_204, "WrongRequestBody");
/// v2: nobody is called so.
pub(super) const V2_USERS: ErrorCode = ErrorCode::new(400, 90_205, "InvalidUsers");
/// v2: the range names no sheet.
pub(super) const V2_NO_SHEET_ID: ErrorCode = ErrorCode::new(400, 90_206, "EmptySheetId");
/// v2: no sheet can have that id.
pub(super) const V2_SHEET_ID: ErrorCode = ErrorCode::new(400, 90_211, "WrongSheetId");
/// v2: no sheet can have that row or column.
pub(super) const V2_ROW_OR_COLUMN: ErrorCode = ErrorCode::new(400, 90_212, "WrongRowOrCol");
/// v2: the caller may not read, or not edit, the spreadsheet.
pub(super) const V2_PERMISSION: ErrorCode =
    ErrorCode::new(400, 90_213, "PermissionFail").at(Layer::Right);
/// v2: there is no such spreadsheet.
pub(super) const V2_NOT_FOUND: ErrorCode =
    ErrorCode::new(400, 90_214, "SpreadSheetNotFound").at(Layer::State);
/// v2: there is no such sheet.
pub(super) const V2_SHEET_NOT_FOUND: ErrorCode =
    ErrorCode::new(400, 90_215, "SheetIdNotFound").at(Layer::State);
/// v2: there is nothing to write.
pub(super) const V2_EMPTY: ErrorCode = ErrorCode::new(400, 90_216, "EmptyValue");
/// v2: too many calls.
pub(super) const V2_TOO_MANY: ErrorCode =
    ErrorCode::new(400, 90_217, "TooManyRequest").at(Layer::Rate);
/// v2: the sheet would have more cells than it may.
pub(super) const V2_CELLS: ErrorCode = ErrorCode::new(400, 90_219, "CellExcess").at(Layer::State);
/// v2: the answer would be over 10 MB.
pub(super) const V2_TOO_LARGE: ErrorCode = ErrorCode::new(400, 90_221, "TooLargeResponse");
/// v2: the text of a cell is too long.
pub(super) const V2_TOO_LARGE_CELL: ErrorCode = ErrorCode::new(400, 90_222, "TooLargeCell");
/// v2: more rows, columns or mentions than a call may bring.
pub(super) const V2_EXCESS: ErrorCode = ErrorCode::new(400, 90_226, "ExcessLimit");
/// v2: a parameter of the address does not fit.
pub(super) const V2_PARAMETER: ErrorCode = ErrorCode::new(400, 90_229, "WrongURLParam");
/// v2: others were writing all the time.
pub(super) const V2_RETRY: ErrorCode = ErrorCode::new(400, 90_235, "Retry later").at(Layer::State);

/// What `sheetsV2Metainfo` may answer.
pub(super) const V2_INFO: &[ErrorCode] = &[V2_FAIL, V2_PERMISSION, V2_NOT_FOUND, V2_PARAMETER];
/// What reads of values may answer.
pub(super) const V2_READ: &[ErrorCode] = &[
    V2_RANGE,
    V2_FAIL,
    V2_NO_SHEET_ID,
    V2_SHEET_ID,
    V2_ROW_OR_COLUMN,
    V2_PERMISSION,
    V2_NOT_FOUND,
    V2_SHEET_NOT_FOUND,
    V2_TOO_LARGE,
    V2_PARAMETER,
];
/// What putting values below a table may answer; of the first only this is a cause.
pub(super) const V2_APPEND: &[ErrorCode] = &[
    V2_PARAMETER,
    V2_NO_JSON,
    V2_RANGE,
    V2_FAIL,
    V2_BODY,
    V2_USERS,
    V2_NO_SHEET_ID,
    V2_SHEET_ID,
    V2_ROW_OR_COLUMN,
    V2_PERMISSION,
    V2_NOT_FOUND,
    V2_SHEET_NOT_FOUND,
    V2_EMPTY,
    V2_TOO_MANY,
    V2_CELLS,
    V2_TOO_LARGE_CELL,
    V2_EXCESS,
    V2_RETRY,
];
/// What the other writes of values may answer.
pub(super) const V2_WRITE: &[ErrorCode] = V2_APPEND.split_at(1).1;
