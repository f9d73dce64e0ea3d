//! The numbers of online documents (contract, `x-errors` of the docx operations).

use larkspur_platform::Layer;

use crate::ErrorCode;

const fn state(http: u16, code: i64, msg: &'static str) -> ErrorCode {
    ErrorCode::new(http, code, msg).at(Layer::State)
}

/// A parameter does not fit.
pub(super) const INVALID_PARAM: ErrorCode = ErrorCode::new(400, 1_770_001, "invalid param");
/// There is no such document or block.
pub(super) const NOT_FOUND: ErrorCode = ErrorCode::new(404, 1_770_002, "not found");
/// The document is deleted.
pub(super) const DELETED: ErrorCode = state(400, 1_770_003, "resource deleted");
/// The document would hold more blocks than it may.
pub(super) const TOO_MANY_BLOCKS: ErrorCode = state(400, 1_770_004, "too many blocks in document");
/// Blocks would lie deeper within each other than they may.
pub(super) const TOO_DEEP: ErrorCode = state(400, 1_770_005, "too deep level in document");
/// The data of a block is not that of its type.
pub(super) const SCHEMA: ErrorCode = ErrorCode::new(400, 1_770_006, "schema mismatch");
/// A table would have more columns than it may.
pub(super) const TABLE_COLUMNS: ErrorCode = ErrorCode::new(400, 1_770_010, "too many table column");
/// A table would have more cells than it may.
pub(super) const TABLE_CELLS: ErrorCode = ErrorCode::new(400, 1_770_011, "too many table cell");
/// Columns side by side would be more than they may.
pub(super) const GRID_COLUMNS: ErrorCode = ErrorCode::new(400, 1_770_012, "too many grid column");
/// A picture or file was uploaded for another block.
pub(super) const RELATION: ErrorCode = ErrorCode::new(400, 1_770_013, "relation mismatch");
/// New blocks name children that are not there, or are another's.
pub(super) const FAMILY: ErrorCode =
    ErrorCode::new(400, 1_770_014, "parent children relation mismatch");
/// Two blocks of one request have the same id.
pub(super) const REPEATED: ErrorCode =
    ErrorCode::new(400, 1_770_019, "repeated blockID in document");
/// The revision is too old to be read or edited.
pub(super) const TOO_OLD: ErrorCode = state(400, 1_770_021, "too old document");
/// The page token is not one this server gave.
pub(super) const PAGE_TOKEN: ErrorCode = ErrorCode::new(400, 1_770_022, "invalid page token");
/// The operation cannot be done to the block as it is.
pub(super) const OPERATION: ErrorCode = ErrorCode::new(400, 1_770_024, "invalid operation");
/// The operation is for blocks of another type.
pub(super) const OTHER_BLOCK: ErrorCode =
    ErrorCode::new(400, 1_770_025, "operation and block not match");
/// There is no such row.
pub(super) const ROW_RANGE: ErrorCode = ErrorCode::new(400, 1_770_026, "row operation over range");
/// There is no such column.
pub(super) const COLUMN_RANGE: ErrorCode =
    ErrorCode::new(400, 1_770_027, "column operation over range");
/// Blocks of this type hold no others.
pub(super) const NO_CHILDREN: ErrorCode =
    ErrorCode::new(400, 1_770_028, "block not support create children");
/// Blocks of this type cannot be made.
pub(super) const NOT_CREATABLE: ErrorCode =
    ErrorCode::new(400, 1_770_029, "block not support to create");
/// The parent takes no children of this type.
pub(super) const NOT_ITS_CHILD: ErrorCode =
    ErrorCode::new(400, 1_770_030, "invalid parent children relation");
/// The children of this block stay.
pub(super) const NO_DELETING: ErrorCode =
    ErrorCode::new(400, 1_770_031, "block not support to delete children");
/// The caller may not do this with the document.
pub(super) const FORBIDDEN: ErrorCode = ErrorCode::new(403, 1_770_032, "forbidden");
/// The plain text is longer than the answer may be.
pub(super) const RAW_CONTENT_TOO_LARGE: ErrorCode =
    ErrorCode::new(400, 1_770_033, "raw content size exceed limited");
/// A text is longer than it may be.
pub(super) const CONTENT_TOO_LARGE: ErrorCode =
    ErrorCode::new(400, 1_770_033, "content size exceed limit");
/// One request touches more cells than it may.
pub(super) const TOO_MANY_CELLS_TOUCHED: ErrorCode =
    ErrorCode::new(400, 1_770_034, "operation count exceed limited");
/// One request holds more pictures, files, cards or mentions than it may.
pub(super) const TOO_MANY_RESOURCES: ErrorCode =
    ErrorCode::new(400, 1_770_035, "resource count exceed limit");
/// The folder holds as many things as it may.
pub(super) const FOLDER_FULL: ErrorCode = state(400, 1_770_037, "folder size exceeded limit");
/// What a block is to show is not there.
pub(super) const NO_RESOURCE: ErrorCode = state(400, 1_770_038, "resource not found");
/// There is no such folder.
pub(super) const NO_FOLDER: ErrorCode = state(400, 1_770_039, "folder not found");
/// The caller may not put documents into the folder.
pub(super) const FOLDER_FORBIDDEN: ErrorCode =
    ErrorCode::new(403, 1_770_040, "no folder permission");
/// A new block misses what every block of its type has.
pub(super) const OPEN_SCHEMA: ErrorCode = ErrorCode::new(400, 1_770_041, "open schema mismatch");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 1_771_001, "server internal error");
/// What was named as a folder is a page of a wiki.
pub(super) const MOUNT: ErrorCode =
    ErrorCode::new(500, 1_771_006, "mount folder failed").at(Layer::Request);

/// What making a document may answer.
pub(super) const CREATE: &[ErrorCode] =
    &[INVALID_PARAM, FOLDER_FULL, NO_FOLDER, FOLDER_FORBIDDEN, INTERNAL, MOUNT];
/// What reading a document may answer.
pub(super) const READ: &[ErrorCode] =
    &[INVALID_PARAM, NOT_FOUND, DELETED, TOO_OLD, PAGE_TOKEN, FORBIDDEN, INTERNAL];
/// What reading its plain text may answer.
pub(super) const READ_PLAIN: &[ErrorCode] =
    &[INVALID_PARAM, NOT_FOUND, DELETED, FORBIDDEN, RAW_CONTENT_TOO_LARGE, INTERNAL];
/// What making blocks in a block may answer.
pub(super) const CREATE_CHILDREN: &[ErrorCode] = &[
    INVALID_PARAM,
    NOT_FOUND,
    DELETED,
    TOO_MANY_BLOCKS,
    TOO_DEEP,
    SCHEMA,
    GRID_COLUMNS,
    TOO_OLD,
    OPERATION,
    NO_CHILDREN,
    NOT_CREATABLE,
    NOT_ITS_CHILD,
    FORBIDDEN,
    CONTENT_TOO_LARGE,
    TOO_MANY_RESOURCES,
    NO_RESOURCE,
    INTERNAL,
];
/// What making blocks with others inside them may answer.
pub(super) const CREATE_DESCENDANTS: &[ErrorCode] = &[
    INVALID_PARAM,
    NOT_FOUND,
    DELETED,
    TOO_MANY_BLOCKS,
    TOO_DEEP,
    SCHEMA,
    TABLE_COLUMNS,
    TABLE_CELLS,
    GRID_COLUMNS,
    FAMILY,
    REPEATED,
    TOO_OLD,
    OPERATION,
    NO_CHILDREN,
    NOT_CREATABLE,
    NOT_ITS_CHILD,
    FORBIDDEN,
    CONTENT_TOO_LARGE,
    TOO_MANY_RESOURCES,
    // The page of the other operation that makes blocks has it.
    NO_RESOURCE,
    OPEN_SCHEMA,
    INTERNAL,
];
/// What changing blocks may answer.
pub(super) const UPDATE: &[ErrorCode] = &[
    INVALID_PARAM,
    NOT_FOUND,
    DELETED,
    TOO_MANY_BLOCKS,
    TABLE_COLUMNS,
    TABLE_CELLS,
    RELATION,
    REPEATED,
    TOO_OLD,
    OPERATION,
    OTHER_BLOCK,
    ROW_RANGE,
    COLUMN_RANGE,
    FORBIDDEN,
    CONTENT_TOO_LARGE,
    TOO_MANY_CELLS_TOUCHED,
    TOO_MANY_RESOURCES,
    NO_RESOURCE,
    INTERNAL,
];
/// What deleting blocks may answer.
pub(super) const DELETE: &[ErrorCode] =
    &[INVALID_PARAM, NOT_FOUND, DELETED, TOO_OLD, NO_DELETING, FORBIDDEN, INTERNAL];
/// What turning a text into blocks may answer.
pub(super) const CONVERT: &[ErrorCode] = &[CONTENT_TOO_LARGE, INTERNAL];
