//! Storing what a base was made of: cells and pictures become blobs, tables and their ids rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use larkspur_engine::Stop;
use larkspur_model::base::{
    Attachment, Design, Field, ImportedBase, ImportedPicture, ImportedTable, Value, View,
};
use larkspur_model::id::ObjectToken;
use larkspur_store::bases::{self, BaseRecord, CellBlobs, Pack, TableRecord};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

use super::super::content::VIEW_NAME;
use super::super::sources::MediaExtra;
use super::job::Making;
use super::scratch;
use crate::zone;

impl Making<'_> {
    /// Stores cells and pictures, and says how the base becomes visible.
    pub(super) async fn base(
        &self,
        json: &Path,
        [manifest, cells]: [&Path; 2],
        pictures: &[PathBuf],
    ) -> Result<(ObjectToken, Transaction), Stop> {
        let base: ImportedBase = scratch::json(json).await?;
        let blobs = &self.parts.store.blobs;
        let keys = [self.attempt.blob_key("manifest"), self.attempt.blob_key("cells")];
        let manifest_bytes = blobs.put_file(&keys[0], manifest).await.map_err(Stop::retry)?;
        let cells_bytes = blobs.put_file(&keys[1], cells).await.map_err(Stop::retry)?;
        let object = self.result(ObjectKind::Bitable, &self.payload.title);
        let [manifest_key, cells_key] = keys;
        let record = BaseRecord {
            token: object.token.clone(),
            tenant: object.tenant.clone(),
            revision: 1,
            time_zone: zone::USUAL.to_owned(),
            cells: Some(CellBlobs { manifest_key, cells_key }),
        };
        let mut publish = Transaction::new();
        objects::insert(&mut publish, &object);
        let sizes = [manifest_bytes as i64, cells_bytes as i64];
        bases::insert(&mut publish, &record, sizes, object.created_ms);
        let mut tables = Vec::with_capacity(base.tables.len());
        for (position, table) in (0..).zip(base.tables) {
            let table = self.table(&object, position, table);
            bases::insert_table(&mut publish, &table);
            tables.push(table);
        }
        self.hang(&object, &tables, (&base.pictures, pictures), &mut publish).await?;
        Ok((object.token, publish))
    }

    /// A table with ids for it and all that is in it.
    fn table(&self, base: &Object, position: i64, table: ImportedTable) -> TableRecord {
        let ids = &self.parts.ids;
        let named = |mut field: Field| {
            field.id = ids.field();
            for option in field.property.options.iter_mut().flatten() {
                option.id = ids.select_option();
            }
            field
        };
        let view = View { id: ids.view(), name: VIEW_NAME.to_owned(), kind: "grid".to_owned() };
        let fields = table.fields.into_iter().map(named).collect();
        TableRecord {
            base: base.token.clone(),
            id: ids.table(),
            position,
            name: table.name,
            revision: 1,
            design: Design { fields, views: vec![view] },
            record_key: ids.random(),
            sheet: table.sheet.into(),
            imported: table.records.into(),
            creator: base.owner.clone(),
            created_ms: base.created_ms,
            record_count: table.records.into(),
        }
    }

    /// Stores the pictures and attaches them to their records.
    async fn hang(
        &self,
        base: &Object,
        tables: &[TableRecord],
        (pictures, files): (&[ImportedPicture], &[PathBuf]),
        publish: &mut Transaction,
    ) -> Result<(), Stop> {
        let mut beside: BTreeMap<(u32, u32), BTreeMap<String, Value>> = BTreeMap::new();
        for (index, (picture, path)) in pictures.iter().zip(files).enumerate() {
            let field = tables
                .get(picture.table as usize)
                .and_then(|table| table.design.fields.get(picture.field as usize));
            let Some(field) = field else { continue };
            let key = self.attempt.blob_key(&format!("picture-{index}"));
            let size = self.parts.store.blobs.put_file(&key, path).await.map_err(Stop::retry)?;
            let media = Object {
                parent: None,
                route: Some(base.token.clone()),
                size_bytes: size as i64,
                blob_key: Some(key),
                media_type: picture.media_type.clone(),
                extra: MediaExtra {
                    parent_type: "bitable_image".to_owned(),
                    parent_node: base.token.0.clone(),
                    drive_route_token: base.token.0.clone(),
                    import: None,
                }
                .write(),
                ..self.object(ObjectKind::Media, &picture.name)
            };
            let file = Attachment {
                token: media.token.0.clone(),
                name: picture.name.clone(),
                media_type: picture.media_type.clone(),
                size_bytes: media.size_bytes,
            };
            objects::insert(publish, &media);
            let values = beside.entry((picture.table, picture.record)).or_default();
            match values.entry(field.id.clone()).or_insert_with(|| Value::Files(Vec::new())) {
                Value::Files(files) => files.push(file),
                other => *other = Value::Files(vec![file]),
            }
        }
        for ((table, record), values) in beside {
            let Some(table) = tables.get(table as usize) else { continue };
            let pack = Pack {
                first: record.into(),
                records: vec![values],
                creator: base.owner.clone(),
                created_ms: base.created_ms,
            };
            bases::insert_pack(publish, &base.token, &table.id, &pack);
        }
        Ok(())
    }
}
