//! What a file would become: all that is to be seen of an import before anything is made.

use larkspur_convert::Made;
use larkspur_engine::Stop;
use larkspur_model::base::{Field, ImportedBase, Property};
use larkspur_model::document::Document;
use larkspur_model::workbook::Sheet;
use serde::{Deserialize, Serialize};

use super::scratch;

/// What a file would become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// A document.
    Document {
        /// Blocks it would have.
        blocks: usize,
        /// Pictures and files in it.
        pictures: usize,
    },
    /// A spreadsheet of these sheets.
    Sheets(Vec<PreviewSheet>),
    /// A base.
    Base {
        /// Its tables.
        tables: Vec<PreviewTable>,
        /// Pictures that would become attachments.
        pictures: usize,
    },
}

/// A sheet that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewSheet {
    /// Its name.
    pub name: String,
    /// Rows up to the last one in use.
    pub rows: u32,
    /// Columns up to the last one in use.
    pub columns: u32,
}

/// A table that would be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewTable {
    /// Its name.
    pub name: String,
    /// Records it would have.
    pub records: u32,
    /// The fields found.
    pub fields: Vec<PreviewField>,
}

/// A field that would be made, as the operations on fields show one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewField {
    /// Its name.
    pub field_name: String,
    /// Number of its type.
    #[serde(rename = "type")]
    pub kind: i64,
    /// Name of its type.
    pub ui_type: String,
    /// What is set about it: options, forms of numbers and dates.
    pub property: Property,
}

impl Preview {
    /// Of a document.
    pub fn of_document(document: &Document) -> Self {
        Self::Document { blocks: document.block_count(), pictures: document.assets.len() }
    }

    /// Of a workbook's sheets.
    pub fn of_sheets<'a>(sheets: impl IntoIterator<Item = &'a Sheet>) -> Self {
        let show = |sheet: &Sheet| PreviewSheet {
            name: sheet.name.clone(),
            rows: sheet.row_count,
            columns: sheet.column_count,
        };
        Self::Sheets(sheets.into_iter().map(show).collect())
    }

    /// Of a base.
    pub fn of_base(base: ImportedBase) -> Self {
        let field = |field: Field| PreviewField {
            kind: field.ui.number(),
            ui_type: field.ui.name().to_owned(),
            field_name: field.name,
            property: field.property,
        };
        let tables = base.tables.into_iter().map(|table| PreviewTable {
            name: table.name,
            records: table.records,
            fields: table.fields.into_iter().map(field).collect(),
        });
        Self::Base { tables: tables.collect(), pictures: base.pictures.len() }
    }

    /// Of what a conversion made.
    pub(super) async fn of(made: &Made) -> Result<Option<Self>, Stop> {
        Ok(Some(match made {
            Made::Document { document, .. } => {
                Self::of_document(&scratch::json::<Document>(document).await?)
            }
            Made::Workbook { manifest, .. } => {
                Self::of_sheets(&scratch::manifest(manifest).await?.workbook.sheets)
            }
            Made::Base { base, .. } => Self::of_base(scratch::json(base).await?),
            Made::File { .. } => return Ok(None),
        }))
    }
}
