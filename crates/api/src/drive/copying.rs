//! Copies: a file with its bytes, an online document with its content and pictures. The copy is its
//! maker's; collaborators do not come along.

use std::collections::HashMap;
use std::sync::Arc;

use larkspur_model::base::Value;
use larkspur_model::document::{Content, Document, Embed, Text};
use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::bases::{self, BaseRecord, CellBlobs};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SpreadsheetRecord};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, Store};

use super::sources::MediaExtra;
use crate::{Services, document, stored};

/// A copy while it is made: its blobs lie there, nothing is visible yet.
pub(crate) struct Copying<'a> {
    pub(crate) services: &'a Services,
    /// Whose the copy is.
    pub(crate) caller: &'a Caller,
    /// What is copied; no folder.
    pub(crate) source: &'a Object,
    /// Where the copy lies; `None` where it is to become a page of a wiki.
    pub(crate) folder: Option<ObjectToken>,
    /// What the copy is called.
    pub(crate) name: String,
}

impl Copying<'_> {
    /// Copies the bytes; gives the copy, and what makes it visible.
    pub(crate) async fn run(&self) -> Result<(Object, Transaction), StoreError> {
        let mut publish = Transaction::new();
        let mut copy = self.copy_of(self.source);
        copy.parent.clone_from(&self.folder);
        copy.name.clone_from(&self.name);
        match self.source.kind {
            ObjectKind::Docx => self.document(&copy, &mut publish).await?,
            ObjectKind::Sheet => self.spreadsheet(self.source, &copy, &mut publish).await?,
            ObjectKind::Bitable => self.base(&copy, &mut publish).await?,
            _ => {
                copy.blob_key = self.blob(self.source.blob_key.as_deref(), &copy.token).await?;
                objects::insert(&mut publish, &copy);
            }
        }
        Ok((copy, publish))
    }

    /// An object like `object`, the caller's and in no folder yet.
    fn copy_of(&self, object: &Object) -> Object {
        let now_ms = self.services.clock.now_ms();
        Object {
            token: ObjectToken(self.services.ids.token()),
            parent: None,
            owner: self.caller.creator(),
            creator_app: self.caller.app.clone(),
            blob_key: None,
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: None,
            ..object.clone()
        }
    }

    /// The blob of the new thing `token`, a copy of `key`'s.
    async fn blob(
        &self,
        key: Option<&str>,
        token: &ObjectToken,
    ) -> Result<Option<String>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        let copy = format!("copies/{token}");
        self.services.store.blobs.concatenate(&copy, &[key.to_owned()]).await?;
        Ok(Some(copy))
    }

    async fn document(&self, copy: &Object, publish: &mut Transaction) -> Result<(), StoreError> {
        let Store { db, blobs } = &self.services.store;
        let source = documents::get(db, &self.source.tenant, &self.source.token).await?;
        let source = source.ok_or_else(|| StoreError::corrupt("an object without its document"))?;
        let (tree, _) = document::tree(&self.services.store, &source).await?;
        let mut document = stored::blocking(move || Ok(tree.to_document())).await?;
        document.forget_unnamed_assets();
        document.title = Text::plain(&*self.name);
        objects::insert(publish, copy);
        self.media(copy, &mut document, publish).await?;
        self.embedded(copy, &mut document, publish).await?;
        let key = format!("copies/{}", copy.token);
        let packed = stored::blocking(move || document::pack(&document)).await?;
        let kept = blobs.put(&key, packed).await?;
        let record = DocumentRecord::first(copy.token.clone(), copy.tenant.clone(), key);
        documents::insert(publish, &record, kept.size_bytes as i64, copy.created_ms);
        Ok(())
    }

    /// Copies the pictures and files of a document, and names the copies in it.
    async fn media(
        &self,
        copy: &Object,
        document: &mut Document,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let db = &self.services.store.db;
        for (asset, token) in documents::assets(db, &self.source.token).await? {
            // What a picture was before it was replaced stays with the original's past.
            if document.assets.get(asset.0 as usize).is_none_or(|named| named.token.is_empty()) {
                continue;
            }
            let Some(media) = objects::get(db, &self.source.tenant, &token).await? else {
                continue;
            };
            let mut twin = self.copy_of(&media);
            twin.route = Some(copy.token.clone());
            twin.blob_key = self.blob(media.blob_key.as_deref(), &twin.token).await?;
            let mut extra = MediaExtra::read(&media.extra);
            if extra.parent_node == extra.drive_route_token {
                extra.parent_node.clone_from(&copy.token.0);
            }
            extra.drive_route_token.clone_from(&copy.token.0);
            twin.extra = extra.write();
            if let Some(named) = document.assets.get_mut(asset.0 as usize) {
                named.token.clone_from(&twin.token.0);
            }
            objects::insert(publish, &twin);
            documents::put_asset(publish, &copy.token, asset, &twin.token);
        }
        Ok(())
    }

    /// Copies the spreadsheets that live in a document, and names the copies in it.
    async fn embedded(
        &self,
        copy: &Object,
        document: &mut Document,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let mut twins = HashMap::new();
        document.change_all(&mut |content| {
            if let Content::Embed(Embed::Sheet { token, .. }) = content
                && let Some((book, _)) = token.split_once('_')
            {
                twins.insert(book.to_owned(), None);
            }
        });
        for (book, twin) in &mut twins {
            let token = ObjectToken::from(book.as_str());
            let found = objects::get(&self.services.store.db, &self.source.tenant, &token).await?;
            // What only stands in the document, and lives elsewhere, stays the one it is.
            let inside = |book: &Object| {
                book.route.as_ref() == Some(&self.source.token) && book.deleted_ms.is_none()
            };
            if let Some(found) = found.filter(inside) {
                let mut made = self.copy_of(&found);
                made.route = Some(copy.token.clone());
                self.spreadsheet(&found, &made, publish).await?;
                *twin = Some(made.token.0);
            }
        }
        document.change_all(&mut |content| {
            if let Content::Embed(Embed::Sheet { token, .. }) = content
                && let Some((book, sheet)) = token.split_once('_')
                && let Some(Some(twin)) = twins.get(book)
            {
                *token = format!("{twin}_{sheet}");
            }
        });
        Ok(())
    }

    async fn spreadsheet(
        &self,
        source: &Object,
        copy: &Object,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let Store { db, blobs } = &self.services.store;
        let sheets = spreadsheets::sheets(db, &source.token).await?;
        let source = spreadsheets::get(db, &source.tenant, &source.token).await?;
        let source =
            source.ok_or_else(|| StoreError::corrupt("an object without its spreadsheet"))?;
        let keys = ["manifest", "cells"].map(|part| format!("copies/{}/{part}", copy.token));
        let manifest = stored::manifest(&self.services.store, &source.manifest_key).await?;
        let files = stored::cell_keys(&source.cells_key, &manifest);
        let cells = blobs.concatenate(&keys[1], &files).await?;
        let mut joined = Arc::unwrap_or_clone(manifest).joined();
        objects::insert(publish, copy);
        for asset in &mut joined.workbook.assets {
            self.picture(copy, &mut asset.token, publish).await?;
        }
        let joined = stored::blocking(move || joined.to_bytes().map_err(std::io::Error::other));
        let manifest = blobs.put(&keys[0], joined.await?).await?;
        let [manifest_key, cells_key] = keys;
        let record = SpreadsheetRecord {
            token: copy.token.clone(),
            tenant: copy.tenant.clone(),
            revision: 1,
            manifest_key,
            cells_key,
        };
        let sizes = [manifest.size_bytes as i64, cells.size_bytes as i64];
        spreadsheets::insert(publish, &record, &sheets, sizes, copy.created_ms);
        Ok(())
    }

    async fn base(&self, copy: &Object, publish: &mut Transaction) -> Result<(), StoreError> {
        let Store { db, blobs } = &self.services.store;
        let source = bases::get(db, &self.source.tenant, &self.source.token).await?;
        let source = source.ok_or_else(|| StoreError::corrupt("an object without its base"))?;
        let mut sizes = [0, 0];
        let cells = match source.cells {
            None => None,
            Some(cells) => {
                let keys =
                    ["manifest", "cells"].map(|part| format!("copies/{}/{part}", copy.token));
                let manifest = blobs.concatenate(&keys[0], &[cells.manifest_key]).await?;
                let chunks = blobs.concatenate(&keys[1], &[cells.cells_key]).await?;
                sizes = [manifest.size_bytes as i64, chunks.size_bytes as i64];
                let [manifest_key, cells_key] = keys;
                Some(CellBlobs { manifest_key, cells_key })
            }
        };
        objects::insert(publish, copy);
        let token = copy.token.clone();
        let record = BaseRecord { token, revision: 1, cells, ..source };
        bases::insert(publish, &record, sizes, copy.created_ms);
        // One statement copies the packs as they are when it runs; tables that grew meanwhile say so.
        for table in bases::tables(db, &self.source.token).await? {
            bases::hold_table(publish, &table);
            for mut pack in bases::packs_with_files(db, &table).await? {
                for value in pack.records.iter_mut().flat_map(|record| record.values_mut()) {
                    self.files(copy, value, publish).await?;
                }
                bases::insert_pack(publish, &copy.token, &table.id, &pack);
            }
            let table = bases::TableRecord { base: copy.token.clone(), ..table };
            bases::insert_table(publish, &table);
        }
        bases::copy_packs(publish, &self.source.token, &copy.token);
        Ok(())
    }

    /// Copies the files of a value, and names the copies in it.
    async fn files(
        &self,
        copy: &Object,
        value: &mut Value,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let Value::Files(files) = value else { return Ok(()) };
        for file in files {
            self.picture(copy, &mut file.token, publish).await?;
        }
        Ok(())
    }

    /// Copies the picture or file that `token` names in the original, and names the copy in its place.
    async fn picture(
        &self,
        copy: &Object,
        token: &mut String,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let original = ObjectToken::from(token.as_str());
        let media = objects::get(&self.services.store.db, &self.source.tenant, &original).await?;
        let Some(media) = media else { return Ok(()) };
        let mut twin = self.copy_of(&media);
        twin.route = Some(copy.token.clone());
        twin.blob_key = self.blob(media.blob_key.as_deref(), &twin.token).await?;
        let mut extra = MediaExtra::read(&media.extra);
        extra.parent_node.clone_from(&copy.token.0);
        extra.drive_route_token.clone_from(&copy.token.0);
        twin.extra = extra.write();
        token.clone_from(&twin.token.0);
        objects::insert(publish, &twin);
        Ok(())
    }
}
