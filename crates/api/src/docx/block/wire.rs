//! Bodies of the edits exactly as the API spells them; new blocks are `input`'s.

use serde::Deserialize;

use super::super::input::{BlockInput, CaptionInput, ElementInput, StyleInput};

/// Body of `docxDocumentBlockChildrenCreate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChildrenBody {
    pub(super) children: Option<Vec<BlockInput>>,
    pub(super) index: Option<i64>,
}

/// Body of `docxDocumentBlockDescendantCreate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DescendantBody {
    pub(super) children_id: Option<Vec<String>>,
    pub(super) index: Option<i64>,
    pub(super) descendants: Option<Vec<BlockInput>>,
}

/// Body of `docxDocumentBlockChildrenBatchDelete`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeleteBody {
    pub(super) start_index: Option<i64>,
    pub(super) end_index: Option<i64>,
}

/// Body of `docxDocumentBlockBatchUpdate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BatchBody {
    pub(super) requests: Option<Vec<UpdateInput>>,
}

/// Body of `docxDocumentBlockPatch`, and one of many.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UpdateInput {
    pub(super) block_id: Option<String>,
    pub(super) update_text_elements: Option<ElementsInput>,
    pub(super) update_text_style: Option<TextStyleInput>,
    pub(super) update_text: Option<TextUpdateInput>,
    pub(super) update_table_property: Option<TablePropertyInput>,
    pub(super) insert_table_row: Option<RowInput>,
    pub(super) insert_table_column: Option<ColumnInput>,
    pub(super) delete_table_rows: Option<RowsInput>,
    pub(super) delete_table_columns: Option<ColumnsInput>,
    pub(super) merge_table_cells: Option<CellsInput>,
    pub(super) unmerge_table_cells: Option<CellInput>,
    pub(super) insert_grid_column: Option<ColumnInput>,
    pub(super) delete_grid_column: Option<ColumnInput>,
    pub(super) update_grid_column_width_ratio: Option<RatiosInput>,
    pub(super) replace_image: Option<ImageInput>,
    pub(super) replace_file: Option<FileInput>,
    pub(super) update_task: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ElementsInput {
    pub(super) elements: Option<Vec<ElementInput>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TextStyleInput {
    pub(super) style: Option<StyleInput>,
    pub(super) fields: Option<Vec<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TextUpdateInput {
    pub(super) elements: Option<Vec<ElementInput>>,
    pub(super) style: Option<StyleInput>,
    pub(super) fields: Option<Vec<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TablePropertyInput {
    pub(super) column_width: Option<i64>,
    pub(super) column_index: Option<i64>,
    pub(super) header_row: Option<bool>,
    pub(super) header_column: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RowInput {
    pub(super) row_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ColumnInput {
    pub(super) column_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RowsInput {
    pub(super) row_start_index: Option<i64>,
    pub(super) row_end_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ColumnsInput {
    pub(super) column_start_index: Option<i64>,
    pub(super) column_end_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(super) struct CellsInput {
    pub(super) row_start_index: Option<i64>,
    pub(super) row_end_index: Option<i64>,
    pub(super) column_start_index: Option<i64>,
    pub(super) column_end_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CellInput {
    pub(super) row_index: Option<i64>,
    pub(super) column_index: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RatiosInput {
    pub(super) width_ratios: Option<Vec<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ImageInput {
    pub(super) token: Option<String>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) align: Option<i64>,
    pub(super) caption: Option<CaptionInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FileInput {
    pub(super) token: Option<String>,
}
