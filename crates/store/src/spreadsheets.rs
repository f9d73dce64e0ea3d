//! Online spreadsheets: which revision counts, which blobs hold it, and the list of its sheets.
//! Cells are in the blobs; name, owner and place are the object's of the same token.

use larkspur_model::id::{ObjectToken, SheetId, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpreadsheetRecord {
    /// Token of the spreadsheet and its object.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, from 1, one more with each edit.
    pub revision: i64,
    /// Blob with all but the cells.
    pub manifest_key: String,
    /// Blob with the cells in chunks, as the spreadsheet was first made; edits leave further ones
    /// beside it, which the manifest names.
    pub cells_key: String,
}

/// A spreadsheet after an edit of one of its sheets.
#[derive(Debug)]
pub struct EditedSpreadsheet<'a> {
    /// As it was.
    pub before: &'a SpreadsheetRecord,
    /// As it is; the revision is one more.
    pub next: &'a SpreadsheetRecord,
    /// Size of the new manifest, bytes.
    pub manifest_bytes: i64,
    /// The sheet, with its counts of rows and columns.
    pub sheet: &'a SheetRecord,
    /// A new blob of cells with its size; it is the first one where `next` names it so.
    pub added: Option<(&'a str, i64)>,
    /// Blobs of cells that nothing is read from any more.
    pub dropped: &'a [String],
}

/// A sheet of a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRecord {
    /// Its id within the spreadsheet.
    pub id: SheetId,
    /// Its place, from 0.
    pub position: i64,
    /// Name on the tab.
    pub name: String,
    /// Whether the tab is hidden.
    pub hidden: bool,
    /// Rows, the empty ones at the end included.
    pub row_count: i64,
    /// Columns, the empty ones at the end included.
    pub column_count: i64,
}

/// Adds `spreadsheet` with its `sheets`, and claims its blobs; `sizes_bytes` are those of manifest
/// and cells.
pub fn insert(
    transaction: &mut Transaction,
    spreadsheet: &SpreadsheetRecord,
    sheets: &[SheetRecord],
    sizes_bytes: [i64; 2],
    now_ms: Millis,
) {
    blobs::claim(transaction, &spreadsheet.manifest_key, sizes_bytes[0], now_ms);
    blobs::claim(transaction, &spreadsheet.cells_key, sizes_bytes[1], now_ms);
    transaction.run(
        "INSERT INTO spreadsheets (token, tenant, revision, manifest_key, cells_key) \
         VALUES ($1, $2, $3, $4, $5)",
        params![
            spreadsheet.token.as_str(),
            spreadsheet.tenant.as_str(),
            spreadsheet.revision,
            spreadsheet.manifest_key.as_str(),
            spreadsheet.cells_key.as_str()
        ],
    );
    for sheet in sheets {
        insert_sheet(transaction, &spreadsheet.token, sheet);
    }
}

/// Publishes an edit. The commit fails with [`Error::Conflict`]: `object` where the spreadsheet is
/// gone; `revision` where somebody else was first.
pub fn update(transaction: &mut Transaction, edited: &EditedSpreadsheet<'_>, now_ms: Millis) {
    let EditedSpreadsheet { before, next, manifest_bytes, sheet, added, dropped } = edited;
    let token = next.token.as_str();
    transaction.require(
        "object",
        1,
        "UPDATE objects SET edited_ms = $2 WHERE token = $1 AND deleted_ms IS NULL",
        params![token, now_ms],
    );
    transaction.require(
        "revision",
        1,
        "UPDATE spreadsheets SET revision = $2, manifest_key = $3, cells_key = $4 \
         WHERE token = $1 AND revision = $5",
        params![
            token,
            next.revision,
            next.manifest_key.as_str(),
            next.cells_key.as_str(),
            before.revision
        ],
    );
    blobs::claim(transaction, &next.manifest_key, *manifest_bytes, now_ms);
    blobs::release(transaction, &before.manifest_key, now_ms);
    if let Some((key, size_bytes)) = added {
        blobs::claim(transaction, key, *size_bytes, now_ms);
        if *key != next.cells_key {
            transaction.run(
                "INSERT INTO spreadsheet_files (spreadsheet, blob_key) VALUES ($1, $2)",
                params![token, *key],
            );
        }
    }
    for key in *dropped {
        blobs::release(transaction, key, now_ms);
        transaction.run(
            "DELETE FROM spreadsheet_files WHERE spreadsheet = $1 AND blob_key = $2",
            params![token, key.as_str()],
        );
    }
    transaction.run(
        "UPDATE sheets SET row_count = $3, column_count = $4 \
         WHERE spreadsheet = $1 AND sheet_id = $2",
        params![token, sheet.id.as_str(), sheet.row_count, sheet.column_count],
    );
}

fn insert_sheet(transaction: &mut Transaction, spreadsheet: &ObjectToken, sheet: &SheetRecord) {
    transaction.run(
        "INSERT INTO sheets (spreadsheet, sheet_id, position, name, hidden, row_count, \
         column_count) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            spreadsheet.as_str(),
            sheet.id.as_str(),
            sheet.position,
            sheet.name.as_str(),
            sheet.hidden,
            sheet.row_count,
            sheet.column_count
        ],
    );
}

/// The spreadsheet `token` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(
    db: &Db,
    tenant: &TenantId,
    token: &ObjectToken,
) -> Result<Option<SpreadsheetRecord>, Error> {
    let sql = "SELECT token, tenant, revision, manifest_key, cells_key FROM spreadsheets \
               WHERE token = $1 AND tenant = $2";
    let rows = db.query(sql, params![token.as_str(), tenant.as_str()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(SpreadsheetRecord {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        revision: row.int(2)?,
        manifest_key: row.text(3)?.to_owned(),
        cells_key: row.text(4)?.to_owned(),
    }))
}

/// The sheets of `spreadsheet`, in order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn sheets(db: &Db, spreadsheet: &ObjectToken) -> Result<Vec<SheetRecord>, Error> {
    let sql = "SELECT sheet_id, position, name, hidden, row_count, column_count FROM sheets \
               WHERE spreadsheet = $1 ORDER BY position";
    let rows = db.query(sql, params![spreadsheet.as_str()]).await?;
    let read = |row: &Row| {
        Ok(SheetRecord {
            id: row.text(0)?.into(),
            position: row.int(1)?,
            name: row.text(2)?.to_owned(),
            hidden: row.flag(3)?,
            row_count: row.int(4)?,
            column_count: row.int(5)?,
        })
    };
    rows.iter().map(read).collect()
}
