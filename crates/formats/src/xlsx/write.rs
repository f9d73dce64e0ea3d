//! Writes workbooks, row by row: the XML of a sheet is packed block by block on several threads and
//! never held as a whole.

mod archive;
mod deflate;
mod drawings;
mod dropdowns;
mod formulas;
mod links;
mod names;
pub(super) mod parts;
mod rich;
mod sheet;
mod styles;
mod tables;
#[cfg(test)]
mod tests;
mod xml;

use std::io::{Read as _, Write};

use larkspur_model::document::AssetId;
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::PictureAsset;

pub(super) use self::archive::Archive;
pub(super) use self::deflate::Pool;
use self::names::{defined_names, sheet_names};
pub(super) use self::sheet::SheetWriter;
use self::sheet::units;
pub(super) use self::styles::StyleTable;
pub(super) use self::tables::Tables;
use crate::{Context, Error, WorkbookSource};

/// Rows of a sheet (Excel's specification).
pub(super) const ROWS: u32 = 1_048_576;
/// Columns of a sheet (Excel's specification).
const COLUMNS: u32 = 16_384;
/// UTF-16 units of a cell's text (Excel's specification).
const TEXT_UNITS: usize = 32_767;
/// Rows between two reports of progress.
const PROGRESS_ROWS: u32 = 10_000;

/// Writes all of `source` as one workbook.
///
/// Text is written into the cells themselves (`inlineStr`), not into a shared table: a table of all
/// texts would have to stay in memory until the last sheet is done. The same workbook always gives
/// the same bytes.
pub(super) fn write(
    source: &mut dyn WorkbookSource,
    output: &mut (dyn Write + Send),
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let book = source.workbook().clone();
    let mut losses = Losses::new();
    let names = sheet_names(&book.sheets, &mut losses);
    let visible = parts::first_visible(&book.sheets, &mut losses);
    let total: u64 = book.sheets.iter().map(|sheet| u64::from(sheet.row_count)).sum();
    let tables = Tables::of(&book, &names, &mut losses);
    let mut styles = StyleTable::new(&book.styles);
    let (mut done, mut uncomputed) = (0, false);
    std::thread::scope(|scope| {
        let mut archive = Archive::new(output, Pool::start(scope));
        // Whether a sheet has a drawing shows in its cells, which may hold pictures.
        if book.assets.is_empty() {
            let types = parts::content_types(names.len(), tables.count(), "");
            archive.whole("[Content_Types].xml", &types)?;
        }
        let mut with_drawing = Vec::new();
        archive.whole("_rels/.rels", parts::PACKAGE_RELATIONSHIPS)?;
        archive.whole("xl/_rels/workbook.xml.rels", &parts::relationships(names.len()))?;
        for (index, name) in names.iter().enumerate() {
            let sheet = book.sheets.get(index).cloned().unwrap_or_default();
            let row_count = sheet.row_count;
            let entry = archive.start(&format!("xl/worksheets/sheet{}.xml", index + 1))?;
            let selected = index == visible;
            let beside = (&tables, index);
            let mut writer =
                SheetWriter::new(entry, &sheet, name, selected, beside, &mut styles, &mut losses)?;
            let mut next_report = PROGRESS_ROWS;
            source.rows(index, &mut |row| {
                if row.index() >= next_report {
                    next_report = row.index().saturating_add(PROGRESS_ROWS);
                    context.progress("write", done + u64::from(row.index()), total)?;
                }
                writer.row(row)
            })?;
            let written = writer.finish(&sheet)?;
            uncomputed |= written.uncomputed;
            if !written.relationships.is_empty() {
                let path = format!("xl/worksheets/_rels/sheet{}.xml.rels", index + 1);
                archive.whole(&path, &parts::relationships_of_sheet(&written.relationships))?;
            }
            for (number, table) in tables.of_sheet(index) {
                let path = format!("xl/tables/table{number}.xml");
                archive.whole(&path, &tables::part(*number, table, &tables))?;
            }
            if !written.pictures.is_empty() {
                let (drawing, related) = drawings::part(&written.pictures, &book.assets);
                let name = format!("drawing{}.xml", index + 1);
                archive.whole(&format!("xl/drawings/{name}"), &drawing)?;
                archive.whole(&format!("xl/drawings/_rels/{name}.rels"), &related)?;
                with_drawing.push(index + 1);
            }
            done += u64::from(row_count);
        }
        let defined = defined_names(&book.names, names.len(), &tables, &mut losses);
        let beside = (defined.as_str(), uncomputed);
        let workbook = parts::workbook(&names, &book.sheets, visible, beside);
        archive.whole("xl/workbook.xml", &workbook)?;
        archive.whole("xl/styles.xml", &styles.to_xml(&mut losses))?;
        if !book.assets.is_empty() {
            write_media(&book.assets, &mut archive, context, &mut losses)?;
            let drawn = drawings::content_types(&book.assets, &with_drawing);
            let types = parts::content_types(names.len(), tables.count(), &drawn);
            archive.whole("[Content_Types].xml", &types)?;
        }
        archive.finish()
    })?;
    context.losses.extend(losses);
    context.progress("write", total, total)
}

/// Writes the bytes of the pictures. One that nobody gives is an empty part, and told.
fn write_media(
    assets: &[PictureAsset],
    archive: &mut Archive<'_>,
    context: &mut Context<'_>,
    losses: &mut Losses,
) -> Result<(), Error> {
    for (number, asset) in (0..).zip(assets) {
        let Some(name) = drawings::media(number, asset) else {
            let kind = format!("pictures of a kind that Excel does not show: {}", asset.media_type);
            losses.add(LossKind::ImageFailed, "", kind);
            continue;
        };
        let bytes = context.asset_source.as_deref_mut().map(|source| {
            let mut bytes = Vec::new();
            source.open(AssetId(number))?.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(bytes)
        });
        let bytes = match bytes {
            Some(Ok(bytes)) if !bytes.is_empty() => bytes,
            _ => {
                losses.add(LossKind::ImageFailed, "", "pictures whose bytes are not there");
                Vec::new()
            }
        };
        archive.bytes(&format!("xl/{name}"), &bytes)?;
    }
    Ok(())
}

/// Notes what a sheet cannot hold.
fn note(losses: &mut Losses, kind: LossKind, sheet: &str, detail: &str, count: u64) {
    if count > 0 {
        losses.add_many(kind, format!("sheet \"{sheet}\""), detail, count);
    }
}
