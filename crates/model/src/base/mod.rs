//! The base: tables of records, whose fields say what their values are (contract, "Bitable"). Where
//! records are kept, and how files become tables, is not here.

mod field;
mod record_id;
mod value;

use serde::{Deserialize, Serialize};

pub use self::field::{
    AutoSerial, AutoSerialOption, EditModes, Field, Location, Property, Rating, SelectOption,
    UiType,
};
pub use self::record_id::RecordIds;
pub use self::value::{Attachment, Value};

/// Fields a table may have.
pub const FIELDS: usize = 300;
/// Tables a base may have.
pub const TABLES: usize = 100;
/// Records one call may add.
pub const BATCH: usize = 1_000;
/// Characters a cell may have.
pub const CELL_CHARACTERS: usize = 100_000;
/// Options a field may have.
pub const OPTIONS: usize = 20_000;
/// Options, and persons, of one cell.
pub const CELL_OPTIONS: usize = 1_000;
/// Attachments of one cell.
pub const CELL_FILES: usize = 100;
/// Related records of one cell.
pub const CELL_LINKS: usize = 500;
/// Groups of one cell.
pub const CELL_CHATS: usize = 10;

/// How a table looks: its fields, in order, and its views.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// The fields; the first is the primary one.
    pub fields: Vec<Field>,
    /// The views.
    pub views: Vec<View>,
}

/// A view of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// `vew` and seven characters.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `grid`, `kanban`, ...
    pub kind: String,
}

impl Design {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A table that a file became, before it has any id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedTable {
    /// Its name.
    pub name: String,
    /// Which sheet of the stored cells holds its records.
    pub sheet: u32,
    /// How many records it has.
    pub records: u32,
    /// Its fields, without ids.
    pub fields: Vec<Field>,
}

/// A picture of a file, and the record it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedPicture {
    /// Which table, by its place.
    pub table: u32,
    /// Which record, by its place.
    pub record: u32,
    /// Which field, by its place.
    pub field: u32,
    /// The picture's file name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
}

/// Everything a file became but its cells and the bytes of its pictures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedBase {
    /// The tables.
    pub tables: Vec<ImportedTable>,
    /// The pictures, in the order their bytes are kept in.
    pub pictures: Vec<ImportedPicture>,
}
