//! Spreadsheets exactly as the API spells them (contract, "Sheets").

use larkspur_model::workbook::{CellRange, Sheet};
use larkspur_store::spreadsheets::SheetRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Body of `sheetsSpreadsheetCreate`.
#[derive(Deserialize)]
pub(super) struct CreateBody {
    pub(super) title: Option<String>,
    pub(super) folder_token: Option<String>,
}

/// Data of `sheetsSpreadsheetCreate`.
#[derive(Serialize)]
pub(super) struct CreateData<'a> {
    pub(super) spreadsheet: CreatedSpreadsheet<'a>,
}

/// `spreadsheet` of that answer.
#[derive(Serialize)]
pub(super) struct CreatedSpreadsheet<'a> {
    pub(super) title: &'a str,
    pub(super) folder_token: &'a str,
    pub(super) url: &'a str,
    pub(super) spreadsheet_token: &'a str,
}

/// Body of the three writes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValuesBody {
    pub(super) value_range: Option<ValueRangeBody>,
}

/// `valueRange` of that body.
#[derive(Deserialize)]
pub(super) struct ValueRangeBody {
    pub(super) range: Option<String>,
    pub(super) values: Option<Vec<Vec<Value>>>,
}

/// Data of `sheetsV2ValuesPut`, and `updates` of the other two writes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updates<'a> {
    pub(super) revision: i64,
    pub(super) spreadsheet_token: &'a str,
    pub(super) updated_cells: usize,
    pub(super) updated_columns: usize,
    pub(super) updated_range: &'a str,
    pub(super) updated_rows: usize,
}

/// Data of `sheetsV2ValuesAppend` and `sheetsV2ValuesPrepend`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutInData<'a> {
    pub(super) spreadsheet_token: &'a str,
    pub(super) table_range: &'a str,
    pub(super) revision: i64,
    pub(super) updates: Updates<'a>,
}

/// Data of `sheetsSpreadsheetGet`.
#[derive(Serialize)]
pub(super) struct SpreadsheetData<'a> {
    pub(super) spreadsheet: SpreadsheetInfo<'a>,
}

/// `spreadsheet` of that answer.
#[derive(Serialize)]
pub(super) struct SpreadsheetInfo<'a> {
    pub(super) title: &'a str,
    pub(super) owner_id: &'a str,
    pub(super) token: &'a str,
    pub(super) url: &'a str,
}

/// Data of `sheetsSpreadsheetSheetQuery`.
#[derive(Serialize)]
pub(super) struct SheetsData<'a> {
    pub(super) sheets: Vec<WireSheet<'a>>,
}

/// Data of `sheetsSpreadsheetSheetGet`.
#[derive(Serialize)]
pub(super) struct SheetData<'a> {
    pub(super) sheet: WireSheet<'a>,
}

/// One worksheet; without merges there is no `merges`.
#[derive(Serialize)]
pub(super) struct WireSheet<'a> {
    sheet_id: &'a str,
    title: &'a str,
    index: i64,
    hidden: bool,
    grid_properties: GridProperties,
    resource_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merges: Vec<MergeRange>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
struct GridProperties {
    frozen_row_count: u32,
    frozen_column_count: u32,
    row_count: i64,
    column_count: i64,
}

/// A merged area; all ends inclusive.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
struct MergeRange {
    start_row_index: u32,
    end_row_index: u32,
    start_column_index: u32,
    end_column_index: u32,
}

impl<'a> WireSheet<'a> {
    pub(super) fn new(record: &'a SheetRecord, sheet: &Sheet) -> Self {
        let merge = |merge: &CellRange| MergeRange {
            start_row_index: merge.first_row,
            end_row_index: merge.last_row,
            start_column_index: merge.first_column,
            end_column_index: merge.last_column,
        };
        Self {
            sheet_id: record.id.as_str(),
            title: &record.name,
            index: record.position,
            hidden: record.hidden,
            grid_properties: GridProperties {
                frozen_row_count: sheet.frozen_rows,
                frozen_column_count: sheet.frozen_columns,
                row_count: record.row_count,
                column_count: record.column_count,
            },
            resource_type: "sheet",
            merges: sheet.merges.iter().map(merge).collect(),
        }
    }
}

/// Data of `sheetsV2Metainfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetainfoData<'a> {
    pub(super) spreadsheet_token: &'a str,
    pub(super) properties: MetainfoProperties<'a>,
    pub(super) sheets: Vec<MetainfoSheet<'a>>,
}

/// The owner stands as a number without a `user_id_type`, as an id with one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetainfoProperties<'a> {
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner_user: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "ownerUserID")]
    pub(super) owner_user_id: Option<String>,
    pub(super) sheet_count: usize,
    pub(super) revision: i64,
}

/// One worksheet of that answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetainfoSheet<'a> {
    sheet_id: &'a str,
    title: &'a str,
    index: i64,
    row_count: i64,
    column_count: i64,
    frozen_row_count: u32,
    frozen_col_count: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merges: Vec<MetainfoMerge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected_range: Option<[ProtectedRange; 0]>,
}

/// A range that is protected. There is none: nothing served here protects one.
#[derive(Serialize)]
struct ProtectedRange;

/// A merged area by its start and its extent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetainfoMerge {
    start_row_index: u32,
    start_column_index: u32,
    row_count: u32,
    column_count: u32,
}

impl<'a> MetainfoSheet<'a> {
    /// `protected`: whether protected ranges were asked for.
    pub(super) fn new(record: &'a SheetRecord, sheet: &Sheet, protected: bool) -> Self {
        let merge = |merge: &CellRange| MetainfoMerge {
            start_row_index: merge.first_row,
            start_column_index: merge.first_column,
            row_count: merge.last_row - merge.first_row + 1,
            column_count: merge.last_column - merge.first_column + 1,
        };
        Self {
            sheet_id: record.id.as_str(),
            title: &record.name,
            index: record.position,
            row_count: record.row_count,
            column_count: record.column_count,
            frozen_row_count: sheet.frozen_rows,
            frozen_col_count: sheet.frozen_columns,
            merges: sheet.merges.iter().map(merge).collect(),
            protected_range: protected.then_some([]),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sheet_looks_as_in_the_contracts_samples() {
        let record = SheetRecord {
            id: "sxj5ws".into(),
            position: 0,
            name: "title".into(),
            hidden: false,
            row_count: 200,
            column_count: 20,
        };
        let merge = CellRange { first_row: 1, first_column: 2, last_row: 3, last_column: 2 };
        let sheet = Sheet { merges: vec![merge], ..Sheet::default() };
        assert_eq!(
            serde_json::to_value(WireSheet::new(&record, &sheet)).unwrap(),
            json!({
                "sheet_id": "sxj5ws", "title": "title", "index": 0, "hidden": false,
                "grid_properties": {"frozen_row_count": 0, "frozen_column_count": 0, "row_count": 200, "column_count": 20},
                "resource_type": "sheet",
                "merges": [{"start_row_index": 1, "end_row_index": 3, "start_column_index": 2, "end_column_index": 2}]
            })
        );
        assert_eq!(
            serde_json::to_value(MetainfoSheet::new(&record, &sheet, false)).unwrap(),
            json!({
                "sheetId": "sxj5ws", "title": "title", "index": 0, "rowCount": 200, "columnCount": 20,
                "frozenRowCount": 0, "frozenColCount": 0,
                "merges": [{"startRowIndex": 1, "startColumnIndex": 2, "rowCount": 3, "columnCount": 1}]
            })
        );
    }
}
