//! Reads workbooks: first what holds for the whole book, then sheet by sheet, each looked at before its
//! cells go out row by row. Nothing outside the file is ever opened, and no macro is looked at.

use std::io::{Read as _, SeekFrom};

use larkspur_model::loss::{LossKind, Losses};

use super::cells::CellReader;
use super::globals::{Globals, SheetPlace};
use super::records::{Biff, Kind, Records, beginning};
use super::styles::{CellFormats, StyleParts};
use super::survey::Survey;
use crate::compound::{COMPOUND_MAGIC, Container, Stream};
use crate::ooxml::{Found, detect, mismatch};
use crate::sheet_flow::cells::Cells;
use crate::sheet_flow::names::Names;
use crate::sheet_flow::style_list::StyleList;
use crate::{Context, Error, Input, WorkbookSink};

/// A sheet to be read, and which part of the book says what holds for it.
struct Source {
    place: SheetPlace,
    part: usize,
}

/// A book without its cells. Only in a workspace of Excel 4 does each sheet have a part of its own.
struct Book {
    parts: Vec<(Globals, CellFormats)>,
    sheets: Vec<Source>,
    styles: StyleList,
    names: Names,
}

/// Reads the workbook in `input` into `sink`.
pub(super) fn read(
    input: &mut dyn Input,
    sink: &mut dyn WorkbookSink,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    context.progress("open", 0, 0)?;
    let mut losses = Losses::new();
    let mut records = Records::new(open(input, &mut losses)?);
    let book = read_book(&mut records, context, &mut losses)?;
    context.losses.extend(losses);
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.place.name.clone()).collect();
    sink.begin(&book.styles.list, &names)?;
    if !book.names.list.is_empty() {
        sink.names(&book.names.list)?;
    }
    for source in &book.sheets {
        let (globals, formats) = &book.parts[source.part];
        let mut survey = Survey::of(&source.place, globals, &mut records, formats, context)?;
        sink.begin_sheet(&survey.sheet)?;
        let mut reader = CellReader {
            globals,
            formats,
            styles: &book.styles.list,
            cells: Cells::new(&book.styles.kinds, context.limits, globals.from_1904),
            expanded_formula_bytes: 0,
        };
        if sink.wants_rows() {
            reader.read(&source.place, &mut survey, &mut records, sink, context)?;
        }
        survey.sheet.row_count = reader.cells.rows;
        survey.sheet.column_count = reader.cells.columns;
        let place = format!("sheet \"{}\"", survey.sheet.name);
        reader.cells.counts.report(&place, &mut context.losses);
        survey.features.report(&place, &mut context.losses);
        sink.end_sheet(&survey.sheet)?;
    }
    sink.finish()?;
    context.progress("read", records.size_bytes(), records.size_bytes())
}

/// The stream of the records: of the newest generation, where a file holds several.
fn open<'i>(input: &'i mut dyn Input, losses: &mut Losses) -> Result<Stream<'i>, Error> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    (&mut *input).take(8).read_to_end(&mut head)?;
    // Before compound files, the records were the file.
    if matches!(head.as_slice(), [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04..=0x14, 0x00, ..]) {
        return Stream::plain(input);
    }
    if !head.starts_with(COMPOUND_MAGIC) {
        return Err(match detect(input)? {
            Found::Encrypted => Error::Encrypted,
            Found::Zip => mismatch("xls", "a zip archive, perhaps an xlsx"),
            Found::Other(found) => mismatch("xls", found),
        });
    }
    let container = Container::open(input)?;
    if container.has_folder("/_VBA_PROJECT_CUR") || container.has_folder("/_VBA_PROJECT") {
        losses.add(LossKind::FeatureDropped, "", "macros");
    }
    for path in ["/Workbook", "/Book"] {
        if container.has_stream(path) {
            let missing = || Error::damaged("the stream of the workbook cannot be opened");
            return container.into_stream(path).ok_or_else(missing);
        }
    }
    if container.has_stream("/EncryptedPackage") {
        return Err(Error::Encrypted);
    }
    Err(mismatch(
        "xls",
        if container.has_stream("/WordDocument") {
            "a Word 97-2003 document (doc)"
        } else if container.has_stream("/PowerPoint Document") {
            "a PowerPoint 97-2003 presentation (ppt)"
        } else {
            "a compound file without a workbook"
        },
    ))
}

fn read_book(
    records: &mut Records<'_>,
    context: &Context<'_>,
    losses: &mut Losses,
) -> Result<Book, Error> {
    let limits = context.limits;
    let mut globals = Globals::read(records, 0, limits)?;
    let mut book = Book {
        parts: Vec::new(),
        sheets: Vec::new(),
        styles: StyleList::default(),
        names: Names::default(),
    };
    let listed = match globals.kind {
        Kind::Globals | Kind::Workspace => std::mem::take(&mut globals.sheets),
        // The file is a sheet.
        _ => vec![SheetPlace { name: "Sheet1".to_owned(), hidden: false, at: 0 }],
    };
    if listed.is_empty() {
        return Err(Error::damaged("the workbook has no sheets"));
    }
    let is_workspace = globals.kind == Kind::Workspace;
    add_part(globals, &mut book, losses);
    // Of each sheet of the book its number among those that are kept.
    let mut numbers = Vec::with_capacity(listed.len());
    for place in listed {
        numbers.push(None);
        records.seek(place.at);
        let kind = records.next().and_then(|number| beginning(number, records.body()));
        let name = format!("sheet \"{}\"", place.name);
        let other = match kind {
            Some((_, Kind::Worksheet)) => None,
            Some((_, Kind::Chart)) => Some((LossKind::FeatureDropped, "chart sheet")),
            Some((_, Kind::Macros)) => Some((LossKind::FeatureDropped, "macro sheet")),
            Some(_) => Some((LossKind::FeatureDropped, "a sheet of no known kind")),
            None => Some((LossKind::PartDamaged, "the file does not contain this sheet")),
        };
        if let Some((kind, other)) = other {
            losses.add(kind, name, other);
            book.names.lost_sheets.insert(place.name.to_lowercase());
        } else if book.sheets.len() >= limits.sheets {
            losses.add(LossKind::SheetsCut, "", "worksheets beyond the limit");
            book.names.lost_sheets.insert(place.name.to_lowercase());
        } else {
            if is_workspace {
                let own = Globals::read(records, place.at, limits)?;
                add_part(own, &mut book, losses);
            }
            let part = book.parts.len() - 1;
            let number = book.sheets.len() as u32;
            if let Some(last) = numbers.last_mut() {
                *last = Some(number);
            }
            book.sheets.push(Source { place, part });
            if is_workspace && let Some((own, _)) = book.parts.last_mut() {
                own.add_names(&mut book.names, &|_| None, Some(number));
            }
        }
    }
    if let Some((globals, _)) = book.parts.first_mut() {
        let kept =
            |number: u16| numbers.get(usize::from(number).checked_sub(1)?).copied().flatten();
        globals.add_names(&mut book.names, &kept, None);
    }
    book.names.report(losses);
    Ok(book)
}

fn add_part(mut globals: Globals, book: &mut Book, losses: &mut Losses) {
    let styles = std::mem::replace(&mut globals.styles, StyleParts::new(Biff::V8));
    let formats = styles.finish(&mut book.styles, losses);
    globals.report(losses);
    book.parts.push((globals, formats));
}
