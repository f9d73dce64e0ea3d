//! An edit of one sheet, from the chunks it touches to the transaction that makes it visible.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use larkspur_formats::cells::{Change, Edited, Piece, edit};
use larkspur_store::Error;
use larkspur_store::blobs::Blobs;
use larkspur_store::spreadsheets::{self, EditedSpreadsheet, SheetRecord, SpreadsheetRecord};
use larkspur_store::sql::Transaction;

use super::load::Book;
use super::view::Opened;
use crate::{Services, stored};

/// Does `change` to the sheet `record` of what was opened, and gives the new revision.
///
/// # Errors
/// [`Error::Conflict`]: `revision` where somebody else was first, `object` where the spreadsheet is
/// gone. Nothing was changed then.
pub(super) async fn publish(
    services: &Services,
    opened: &Opened,
    record: &SheetRecord,
    change: Change,
) -> Result<i64, Error> {
    let blobs = &services.store.blobs;
    let book = opened.book(services);
    let keys = stored::cell_keys(&book.cells_key, &book.manifest);
    let file_key = format!("cells/{}", services.ids.hex(32));
    let edited = changed(book, change, file_key.clone()).await?;
    let added = if edited.file.is_empty() {
        None
    } else {
        let info = blobs.put_stream(&file_key, bytes_of(blobs, &keys, edited.file)).await?;
        Some((file_key.as_str(), info.size_bytes as i64))
    };
    let manifest = Arc::new(edited.manifest);
    let packed = {
        let manifest = Arc::clone(&manifest);
        stored::blocking(move || manifest.to_bytes().map_err(io::Error::other)).await?
    };
    let manifest_key = format!("manifests/{}", services.ids.hex(32));
    let kept = blobs.put(&manifest_key, packed).await?;
    let before = &opened.record;
    let next = SpreadsheetRecord {
        revision: before.revision + 1,
        manifest_key,
        cells_key: if edited.is_base { file_key.clone() } else { before.cells_key.clone() },
        ..before.clone()
    };
    let dropped: Vec<String> =
        edited.dropped.iter().filter_map(|file| keys.get(*file as usize).cloned()).collect();
    let mut sheet = record.clone();
    let position = usize::try_from(record.position).unwrap_or(usize::MAX);
    if let Some(grown) = manifest.workbook.sheets.get(position) {
        // A sheet may count rows its cells do not reach.
        sheet.row_count = grown.row_count.into();
        sheet.column_count = grown.column_count.into();
    }
    let mut transaction = Transaction::new();
    spreadsheets::update(
        &mut transaction,
        &EditedSpreadsheet {
            before,
            next: &next,
            manifest_bytes: kept.size_bytes as i64,
            sheet: &sheet,
            added,
            dropped: &dropped,
        },
        services.clock.now_ms(),
    );
    services.store.db.commit(transaction).await?;
    services.caches.manifests.forget(&before.manifest_key);
    services.caches.manifests.keep(&next.manifest_key, &manifest);
    Ok(next.revision)
}

async fn changed(book: Book, change: Change, name: String) -> Result<Edited, Error> {
    let bytes = book.bytes();
    stored::blocking(move || edit(&book.manifest, bytes, &change, &name).map_err(io::Error::other))
        .await
}

/// The bytes of a new file, out of others and out of memory.
fn bytes_of<'a>(
    blobs: &'a Blobs,
    keys: &'a [String],
    pieces: Vec<Piece>,
) -> BoxStream<'a, io::Result<Bytes>> {
    let open = async move |piece: Piece| -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        match piece {
            Piece::Bytes(bytes) => Ok(futures_util::stream::iter([Ok(Bytes::from(bytes))]).boxed()),
            Piece::Of { file, offset, length } => {
                let key = keys.get(file as usize).ok_or(io::ErrorKind::NotFound)?;
                let blob = blobs.get(key, Some(offset..offset + length)).await;
                Ok(blob.map_err(io::Error::other)?.stream)
            }
        }
    };
    futures_util::stream::iter(pieces).then(open).try_flatten().boxed()
}
