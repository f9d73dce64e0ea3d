//! The numbers of bases (contract, `x-errors` of bitable/v1). Four pages in five answer HTTP 200 with
//! them; `batch_get` alone has statuses of its own.

use larkspur_platform::Layer;

use crate::ErrorCode;

/// The body is no JSON.
pub(super) const JSON: ErrorCode = ErrorCode::new(200, 1_254_000, "WrongRequestJson");
/// The body is not what it should be.
pub(super) const BODY: ErrorCode = ErrorCode::new(200, 1_254_001, "WrongRequestBody");
/// The token is not a base's.
pub(super) const WRONG_BASE: ErrorCode = ErrorCode::new(200, 1_254_003, "WrongBaseToken");
/// The id is not a table's.
pub(super) const WRONG_TABLE: ErrorCode = ErrorCode::new(200, 1_254_004, "WrongTableId");
/// The id is not a view's.
pub(super) const WRONG_VIEW: ErrorCode = ErrorCode::new(200, 1_254_005, "WrongViewId");
/// The id is not a record's.
pub(super) const WRONG_RECORD: ErrorCode = ErrorCode::new(200, 1_254_006, "WrongRecordId");
/// There are no or too small pages.
pub(super) const PAGE_SIZE: ErrorCode =
    ErrorCode::new(400, 1_254_011, "Page size must greater than 0.");
/// The field or view cannot be made.
pub(super) const UNSUPPORTED: ErrorCode = ErrorCode::new(200, 1_254_012, "NotSupportFieldOrView");
/// The base has a table of this name.
pub(super) const TABLE_NAME: ErrorCode =
    ErrorCode::new(200, 1_254_013, "TableNameDuplicated").at(Layer::State);
/// The table has a field of this name.
pub(super) const FIELD_NAME: ErrorCode =
    ErrorCode::new(200, 1_254_014, "FieldNameDuplicated").at(Layer::State);
/// Type and how it is used do not fit.
pub(super) const TYPE_MISMATCH: ErrorCode =
    ErrorCode::new(200, 1_254_015, "FieldTypeValueNotMatch");
/// A value of a field that takes none.
pub(super) const VALUE_MISMATCH: ErrorCode =
    ErrorCode::new(400, 1_254_015, "Field types do not match.");
/// The order cannot be read.
pub(super) const SORT: ErrorCode = ErrorCode::new(200, 1_254_016, "InvalidSort");
/// The filter cannot be read.
pub(super) const FILTER: ErrorCode = ErrorCode::new(200, 1_254_018, "InvalidFilter");
/// The view has no name.
pub(super) const EMPTY_VIEW_NAME: ErrorCode = ErrorCode::new(400, 1_254_021, "EmptyViewName");
/// The view's name cannot be one.
pub(super) const VIEW_NAME: ErrorCode = ErrorCode::new(400, 1_254_022, "InvalidViewName");
/// The list of fields cannot be read.
pub(super) const FIELD_NAMES: ErrorCode = ErrorCode::new(200, 1_254_024, "InvalidFieldNames");
/// An option has no name.
pub(super) const EMPTY_OPTION: ErrorCode = ErrorCode::new(200, 1_254_026, "EmptyOptionName");
/// A field has no name.
pub(super) const EMPTY_FIELD_NAME: ErrorCode = ErrorCode::new(400, 1_254_028, "EmptyFieldName");
/// A field's name cannot be one.
pub(super) const INVALID_FIELD_NAME: ErrorCode = ErrorCode::new(400, 1_254_029, "InvalidFieldName");
/// The base's name cannot be one.
pub(super) const APP_NAME: ErrorCode = ErrorCode::new(400, 1_254_031, "InvalidAppName");
/// The token of the request is none.
pub(super) const CLIENT_TOKEN: ErrorCode = ErrorCode::new(
    400,
    1_254_037,
    "Invalid client token, make sure that it complies with the specification.",
);
/// There is no such base.
pub(super) const BASE: ErrorCode =
    ErrorCode::new(200, 1_254_040, "BaseTokenNotFound").at(Layer::State);
/// There is no such table.
pub(super) const TABLE: ErrorCode =
    ErrorCode::new(200, 1_254_041, "TableIdNotFound").at(Layer::State);
/// There is no such view.
pub(super) const VIEW: ErrorCode =
    ErrorCode::new(200, 1_254_042, "ViewIdNotFound").at(Layer::State);
/// There is no such record.
pub(super) const RECORD: ErrorCode =
    ErrorCode::new(200, 1_254_043, "RecordIdNotFound").at(Layer::State);
/// There is no field of this name.
pub(super) const FIELD: ErrorCode =
    ErrorCode::new(200, 1_254_045, "FieldNameNotFound").at(Layer::State);
/// A text that is none.
pub(super) const TEXT: ErrorCode = ErrorCode::new(200, 1_254_060, "TextFieldConvFail");
/// A number that is none.
pub(super) const NUMBER: ErrorCode = ErrorCode::new(200, 1_254_061, "NumberFieldConvFail");
/// An option that is none.
pub(super) const SINGLE: ErrorCode = ErrorCode::new(200, 1_254_062, "SingleSelectFieldConvFail");
/// Options that are none.
pub(super) const MULTI: ErrorCode = ErrorCode::new(200, 1_254_063, "MultiSelectFieldConvFail");
/// A date that is none.
pub(super) const DATE: ErrorCode = ErrorCode::new(200, 1_254_064, "DatetimeFieldConvFail");
/// A truth value that is none.
pub(super) const CHECKBOX: ErrorCode = ErrorCode::new(200, 1_254_065, "CheckboxFieldConvFail");
/// Persons that are none.
pub(super) const USER: ErrorCode = ErrorCode::new(200, 1_254_066, "UserFieldConvFail");
/// Records that are none.
pub(super) const LINK: ErrorCode = ErrorCode::new(200, 1_254_067, "LinkFieldConvFail");
/// A link that is none.
pub(super) const URL: ErrorCode = ErrorCode::new(200, 1_254_068, "URLFieldConvFail");
/// Files that are none.
pub(super) const ATTACHMENT: ErrorCode = ErrorCode::new(200, 1_254_069, "AttachFieldConvFail");
/// A telephone number that is none.
pub(super) const PHONE: ErrorCode = ErrorCode::new(
    200,
    1_254_072,
    "Failed to convert phone field, please make sure it is correct.",
);
/// What is set about a number field does not fit it.
pub(super) const NUMBER_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_081, "NumberFieldPropertyError");
/// What is set about a single select does not fit it.
pub(super) const SINGLE_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_082, "SingleSelectFieldPropertyError");
/// What is set about a multiple select does not fit it.
pub(super) const MULTI_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_083, "MultiSelectFieldPropertyError");
/// What is set about a date does not fit it.
pub(super) const DATE_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_084, "DateFieldPropertyError");
/// What is set about a relation does not fit it.
pub(super) const LINK_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_089, "LinkFieldPropertyError");
/// This server computes no formulas.
pub(super) const FORMULA_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_091, "FormulaFieldPropertyError");
/// This server keeps no relations of two sides.
pub(super) const DUPLEX_PROPERTY: ErrorCode =
    ErrorCode::new(400, 1_254_092, "DuplexLinkFieldPropertyError");
/// The base has as many tables as it may.
pub(super) const TABLES: ErrorCode =
    ErrorCode::new(200, 1_254_100, "TableExceedLimit").at(Layer::State);
/// The table has as many records as it may.
pub(super) const RECORDS: ErrorCode =
    ErrorCode::new(200, 1_254_103, "RecordExceedLimit").at(Layer::State);
/// Too many records at once.
pub(super) const BATCH: ErrorCode = ErrorCode::new(200, 1_254_104, "RecordAddOnceExceedLimit");
/// The table has as many fields as it may.
pub(super) const FIELDS: ErrorCode =
    ErrorCode::new(200, 1_254_105, "ColumnExceedLimit").at(Layer::State);
/// Too many files in a cell.
pub(super) const FILES: ErrorCode = ErrorCode::new(200, 1_254_106, "AttachExceedLimit");
/// The filter is too long.
pub(super) const LONG_FILTER: ErrorCode = ErrorCode::new(200, 1_254_107, "FilterLengthExceedLimit");
/// The order is too long.
pub(super) const LONG_SORT: ErrorCode = ErrorCode::new(200, 1_254_108, "SortLengthExceedLimit");
/// A cell would hold too much.
pub(super) const CELL: ErrorCode = ErrorCode::new(200, 1_254_130, "TooLargeCell");
/// Somebody else wrote at the same time.
pub(super) const CONFLICT: ErrorCode =
    ErrorCode::new(200, 1_254_291, "Write conflict").at(Layer::State);
/// The caller may not do that; the pages differ on status and text.
pub(super) const FORBIDDEN: ErrorCode = ErrorCode::new(403, 1_254_302, "Permission denied.");
/// The same, of pages that answer 200.
pub(super) const FORBIDDEN_200: ErrorCode =
    ErrorCode::new(200, 1_254_302, "Permission denied.").at(Layer::Right);
/// The same, of the list of tables.
pub(super) const FORBIDDEN_ROLE: ErrorCode =
    ErrorCode::new(403, 1_254_302, "The role has no permissions.");
/// A file that hangs on something else.
pub(super) const FOREIGN_FILE: ErrorCode =
    ErrorCode::new(200, 1_254_303, "The attachment does not belong to this bitable.")
        .at(Layer::Right);
/// The same, in the words of another page.
pub(super) const FOREIGN_FILES: ErrorCode =
    ErrorCode::new(200, 1_254_303, "AttachPermNotAllow").at(Layer::Right);
/// The folder is somebody else's.
pub(super) const FOLDER_FORBIDDEN: ErrorCode =
    ErrorCode::new(403, 1_254_701, "DriveNodePermNotAllow");
/// There is no such folder.
pub(super) const FOLDER: ErrorCode = ErrorCode::new(404, 1_254_702, "DriveNodeNotExist");
/// A parameter does not fit.
pub(super) const PARAMETER: ErrorCode = ErrorCode::new(400, 1_254_800, "InvalidParameter");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode =
    ErrorCode::new(200, 1_255_001, "InternalError").at(Layer::Server);
/// The token was another request's.
pub(super) const TOKEN_CONFLICT: ErrorCode = ErrorCode::new(
    400,
    1_255_006,
    "Client token conflict, please generate a new client token and try again.",
);

/// What finding a base or a table of it may answer, page by page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding {
    pub(super) wrong_base: ErrorCode,
    pub(super) wrong_table: ErrorCode,
    pub(super) base: ErrorCode,
    pub(super) table: ErrorCode,
    pub(super) forbidden: ErrorCode,
    pub(super) internal: ErrorCode,
}

/// The usual numbers; the text of a missing right is the page's.
pub(super) const fn finding(forbidden: ErrorCode) -> Finding {
    Finding {
        wrong_base: WRONG_BASE,
        wrong_table: WRONG_TABLE,
        base: BASE,
        table: TABLE,
        forbidden,
        internal: INTERNAL,
    }
}

/// The numbers of `batch_get`.
pub(super) mod batch_get {
    use larkspur_platform::Layer;

    use super::Finding;
    use crate::ErrorCode;

    pub(in crate::bitable) const JSON: ErrorCode =
        ErrorCode::new(400, 1_254_000, "WrongRequestJson");
    pub(in crate::bitable) const INTERNAL: ErrorCode =
        ErrorCode::new(500, 1_255_001, "InternalError");
    pub(in crate::bitable) const FINDING: Finding = Finding {
        wrong_base: ErrorCode::new(400, 1_254_003, "WrongBaseToken"),
        wrong_table: ErrorCode::new(400, 1_254_004, "WrongTableId"),
        base: ErrorCode::new(404, 1_254_040, "BaseTokenNotFound"),
        table: ErrorCode::new(404, 1_254_041, "TableIdNotFound"),
        forbidden: ErrorCode::new(400, 1_254_302, "RolePermNotAllow").at(Layer::Right),
        internal: INTERNAL,
    };
    pub(in crate::bitable) const ALL: &[ErrorCode] = &[
        JSON,
        FINDING.wrong_base,
        FINDING.wrong_table,
        FINDING.base,
        FINDING.table,
        FINDING.forbidden,
        INTERNAL,
    ];
}

/// What every page but one shares.
macro_rules! errors {
    ($forbidden:expr $(, $more:expr)* $(,)?) => {
        &[WRONG_BASE, BASE, INTERNAL, $forbidden $(, $more)*]
    };
}

pub(super) const APP_GET: &[ErrorCode] = errors!(FORBIDDEN);
pub(super) const APP_CREATE: &[ErrorCode] =
    &[JSON, APP_NAME, FOLDER_FORBIDDEN, FOLDER, PARAMETER, INTERNAL];
pub(super) const TABLE_LIST: &[ErrorCode] = errors!(FORBIDDEN_ROLE, PAGE_SIZE);
pub(super) const TABLE_CREATE: &[ErrorCode] = &[
    WRONG_BASE,
    BASE,
    INTERNAL,
    FORBIDDEN,
    JSON,
    BODY,
    ErrorCode::new(400, 1_254_012, "NotSupportFieldOrView"),
    TABLE_NAME,
    ErrorCode::new(400, 1_254_014, "FieldNameDuplicated"),
    EMPTY_VIEW_NAME,
    VIEW_NAME,
    INVALID_FIELD_NAME,
    TABLES,
    CONFLICT,
];
pub(super) const FIELD_LIST: &[ErrorCode] =
    errors!(FORBIDDEN, WRONG_TABLE, TABLE, WRONG_VIEW, VIEW);
pub(super) const FIELD_CREATE: &[ErrorCode] = errors!(
    FORBIDDEN,
    WRONG_TABLE,
    TABLE,
    JSON,
    UNSUPPORTED,
    FIELD_NAME,
    TYPE_MISMATCH,
    EMPTY_OPTION,
    EMPTY_FIELD_NAME,
    INVALID_FIELD_NAME,
    CLIENT_TOKEN,
    NUMBER_PROPERTY,
    SINGLE_PROPERTY,
    MULTI_PROPERTY,
    DATE_PROPERTY,
    LINK_PROPERTY,
    FORMULA_PROPERTY,
    DUPLEX_PROPERTY,
    FIELDS,
    CONFLICT,
    TOKEN_CONFLICT,
);
pub(super) const RECORD_LIST: &[ErrorCode] = errors!(
    FORBIDDEN_200,
    WRONG_TABLE,
    TABLE,
    WRONG_VIEW,
    VIEW,
    PAGE_SIZE,
    SORT,
    FILTER,
    FIELD_NAMES,
    FIELD,
);
pub(super) const RECORD_SEARCH: &[ErrorCode] = errors!(
    FORBIDDEN_200,
    WRONG_TABLE,
    TABLE,
    WRONG_VIEW,
    VIEW,
    JSON,
    PAGE_SIZE,
    SORT,
    FILTER,
    FIELD,
    LONG_FILTER,
    LONG_SORT,
);
pub(super) const RECORD_GET: &[ErrorCode] =
    errors!(FORBIDDEN_200, WRONG_TABLE, TABLE, WRONG_RECORD, RECORD);
pub(super) const VIEW_LIST: &[ErrorCode] = errors!(FORBIDDEN, WRONG_TABLE, TABLE);

macro_rules! writing {
    ($foreign:expr) => {
        errors!(
            FORBIDDEN,
            WRONG_TABLE,
            TABLE,
            JSON,
            BODY,
            VALUE_MISMATCH,
            CLIENT_TOKEN,
            FIELD,
            TEXT,
            NUMBER,
            SINGLE,
            MULTI,
            DATE,
            CHECKBOX,
            USER,
            LINK,
            URL,
            ATTACHMENT,
            PHONE,
            RECORDS,
            BATCH,
            FILES,
            CELL,
            CONFLICT,
            $foreign,
            TOKEN_CONFLICT,
        )
    };
}
pub(super) const RECORD_CREATE: &[ErrorCode] = writing!(FOREIGN_FILE);
pub(super) const RECORD_BATCH_CREATE: &[ErrorCode] = writing!(FOREIGN_FILES);
