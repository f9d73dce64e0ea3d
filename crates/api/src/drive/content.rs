//! Content that comes from no file: empty documents, spreadsheets and bases, and another title.

use larkspur_formats::cells::Manifest;
use larkspur_model::base::{Design, Field, Property, UiType, View};
use larkspur_model::document::{Document, Edit, Text};
use larkspur_model::id::{Ids, ObjectToken};
use larkspur_model::workbook::{CellStyle, Sheet, Workbook};
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::bases::{self, BaseRecord, TableRecord};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SheetRecord, SpreadsheetRecord};
use larkspur_store::sql::Transaction;

use crate::document::{self, Naming};
use crate::{Services, stored, zone};

/// Name, rows and columns of the one sheet of a new spreadsheet.
const FIRST_SHEET: (&str, u32, u32) = ("Sheet1", 200, 20);

/// What the first table and the first view of a new base are called.
const FIRST_TABLE: &str = "数据表";
pub(crate) const VIEW_NAME: &str = "表格";
/// Fields of the first table of a new base.
const FIRST_FIELDS: [(&str, UiType); 4] = [
    ("文本", UiType::Text),
    ("单选", UiType::SingleSelect),
    ("日期", UiType::DateTime),
    ("附件", UiType::Attachment),
];

/// What a new, empty document is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blank<'a> {
    pub(crate) title: &'a str,
    /// The folder it lies in.
    pub(crate) folder: Option<ObjectToken>,
    /// The document it is a part of: who may read or edit that may do so here.
    pub(crate) route: Option<ObjectToken>,
    /// Rows and columns, of a spreadsheet.
    pub(crate) shape: Option<(u32, u32)>,
}

/// A new, empty document.
pub(crate) struct Made {
    pub(crate) object: Object,
    /// Makes it visible.
    pub(crate) publish: Transaction,
    /// The id of its first sheet or table, where it has any.
    pub(crate) part: String,
}

/// A new document, spreadsheet or base of `caller`; `None` for kinds that cannot be made without a
/// file.
pub(crate) async fn blank(
    services: &Services,
    caller: &Caller,
    kind: ObjectKind,
    blank: Blank<'_>,
) -> Result<Option<Made>, StoreError> {
    let Blank { title, folder, route, shape } = blank;
    if kind == ObjectKind::Bitable {
        let (object, table, publish) = base(services, caller, (folder, route), title, zone::USUAL);
        return Ok(Some(Made { object, publish, part: table.id }));
    }
    let object = object(services, caller, kind, (folder, route), title);
    let mut publish = Transaction::new();
    objects::insert(&mut publish, &object);
    let part = match kind {
        ObjectKind::Docx => {
            text_document(services, &object, &mut publish).await?;
            String::new()
        }
        ObjectKind::Sheet => spreadsheet(services, &object, shape, &mut publish).await?,
        _ => return Ok(None),
    };
    Ok(Some(Made { object, publish, part }))
}

/// An object of `caller` in a folder or in none, perhaps a part of a document.
fn object(
    services: &Services,
    caller: &Caller,
    kind: ObjectKind,
    (parent, route): (Option<ObjectToken>, Option<ObjectToken>),
    title: &str,
) -> Object {
    let now_ms = services.clock.now_ms();
    Object {
        token: ObjectToken(services.ids.token()),
        tenant: caller.tenant.clone(),
        kind,
        name: title.to_owned(),
        parent,
        route,
        owner: caller.creator(),
        creator_app: caller.app.clone(),
        size_bytes: 0,
        blob_key: None,
        extension: String::new(),
        media_type: String::new(),
        created_ms: now_ms,
        edited_ms: now_ms,
        expires_ms: None,
        deleted_ms: None,
        extra: String::new(),
    }
}

/// A new base of `caller` with one table, and what makes it visible.
pub(crate) fn base(
    services: &Services,
    caller: &Caller,
    place: (Option<ObjectToken>, Option<ObjectToken>),
    name: &str,
    time_zone: &str,
) -> (Object, TableRecord, Transaction) {
    let object = object(services, caller, ObjectKind::Bitable, place, name);
    let record = BaseRecord {
        token: object.token.clone(),
        tenant: object.tenant.clone(),
        revision: 1,
        time_zone: time_zone.to_owned(),
        cells: None,
    };
    let mut table = empty_table(services, caller, &object.token, FIRST_TABLE);
    for (name, ui) in FIRST_FIELDS.into_iter().skip(1) {
        let mut field = new_field(&services.ids, name, ui);
        field.property = match ui {
            UiType::SingleSelect => Property { options: Some(Vec::new()), ..Property::default() },
            UiType::DateTime => Property {
                date_formatter: Some("yyyy/MM/dd".to_owned()),
                auto_fill: Some(false),
                ..Property::default()
            },
            _ => Property::default(),
        };
        table.design.fields.push(field);
    }
    let mut publish = Transaction::new();
    objects::insert(&mut publish, &object);
    bases::insert(&mut publish, &record, [0, 0], object.created_ms);
    bases::insert_table(&mut publish, &table);
    (object, table, publish)
}

fn new_field(ids: &Ids, name: &str, ui: UiType) -> Field {
    Field { id: ids.field(), ..Field::new(name, ui) }
}

/// The field of a table that is made with none.
pub(crate) fn first_field(ids: &Ids) -> Field {
    let (name, ui) = FIRST_FIELDS[0];
    new_field(ids, name, ui)
}

/// A table of `base` with one field and one view.
pub(crate) fn empty_table(
    services: &Services,
    caller: &Caller,
    base: &ObjectToken,
    name: &str,
) -> TableRecord {
    let ids = &services.ids;
    let view = View { id: ids.view(), name: VIEW_NAME.to_owned(), kind: "grid".to_owned() };
    TableRecord {
        base: base.clone(),
        id: ids.table(),
        position: 0,
        name: name.to_owned(),
        revision: 1,
        design: Design { fields: vec![first_field(ids)], views: vec![view] },
        record_key: ids.random(),
        sheet: 0,
        imported: 0,
        creator: caller.creator(),
        created_ms: services.clock.now_ms(),
        record_count: 0,
    }
}

async fn text_document(
    services: &Services,
    object: &Object,
    publish: &mut Transaction,
) -> Result<(), StoreError> {
    let document = Document { title: Text::plain(&*object.name), ..Document::default() };
    let packed = stored::blocking(move || document::pack(&document)).await?;
    let blob_key = format!("blank/{}", object.token);
    let kept = services.store.blobs.put(&blob_key, packed).await?;
    let record = DocumentRecord::first(object.token.clone(), object.tenant.clone(), blob_key);
    documents::insert(publish, &record, kept.size_bytes as i64, object.created_ms);
    Ok(())
}

async fn spreadsheet(
    services: &Services,
    object: &Object,
    shape: Option<(u32, u32)>,
    publish: &mut Transaction,
) -> Result<String, StoreError> {
    let (name, rows, columns) = FIRST_SHEET;
    let (row_count, column_count) = shape.unwrap_or((rows, columns));
    let sheet = Sheet { name: name.to_owned(), row_count, column_count, ..Sheet::default() };
    let workbook =
        Workbook { styles: vec![CellStyle::default()], sheets: vec![sheet], ..Workbook::default() };
    let manifest = Manifest::without_cells(workbook);
    let manifest =
        stored::blocking(move || manifest.to_bytes().map_err(std::io::Error::other)).await?;
    let [manifest_key, cells_key] =
        ["manifest", "cells"].map(|part| format!("blank/{}/{part}", object.token));
    let blobs = &services.store.blobs;
    let manifest = blobs.put(&manifest_key, manifest).await?;
    let cells = blobs.put(&cells_key, Vec::new()).await?;
    let record = SpreadsheetRecord {
        token: object.token.clone(),
        tenant: object.tenant.clone(),
        revision: 1,
        manifest_key,
        cells_key,
    };
    let first = SheetRecord {
        id: services.ids.sheet().into(),
        position: 0,
        name: name.to_owned(),
        hidden: false,
        row_count: row_count.into(),
        column_count: column_count.into(),
    };
    let sizes = [manifest.size_bytes as i64, cells.size_bytes as i64];
    let part = first.id.0.clone();
    spreadsheets::insert(publish, &record, &[first], sizes, object.created_ms);
    Ok(part)
}

/// What gives the document `object` another title. The commit fails with `StoreError::Conflict`
/// `revision` where somebody else changed it meanwhile.
pub(crate) async fn retitle(
    services: &Services,
    object: &Object,
    title: &str,
) -> Result<Transaction, StoreError> {
    let record = documents::get(&services.store.db, &object.tenant, &object.token).await?;
    let record = record.ok_or_else(|| StoreError::corrupt("an object without its document"))?;
    let loaded = document::current(services, &record).await?;
    let mut edit = Edit::new(loaded.tree.clone());
    edit.set_title(Text::plain(title));
    let naming = Naming {
        app: object.creator_app.clone(),
        client_token: services.ids.hex(32),
        digest: String::new(),
        made: document::TITLE.to_owned(),
    };
    let (publish, _) = document::change(services, &record, &loaded, edit, naming).await?;
    Ok(publish)
}
