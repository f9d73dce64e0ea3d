//! Reads workbooks row by row. The archive is inflated on one thread while the bytes are read on
//! another, and neither a sheet nor a part of it is ever held as a whole but the shared strings.

mod cells;
mod colors;
mod formula;
mod number;
mod pictures;
mod progress;
mod quick;
mod rich_text;
mod sheet;
mod strings;
mod styles;
mod tables;
mod values;
mod workbook;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::Sheet;

use self::cells::SheetCells;
use self::colors::Colors;
use self::pictures::Pictures;
pub(super) use self::pictures::{ids_of, part_of};
use self::progress::{Progress, Watched};
use self::sheet::{Beside, SheetReader};
use self::strings::SharedStrings;
use self::styles::Styles;
use self::tables::Tables;
use self::workbook::{Book, read_book};
use crate::ooxml::{Decoded, Package, Part};
use crate::sheet_flow::cells::text_bytes;
use crate::{Context, Error, Input, Limits, WorkbookSink};

/// Reads the workbook in `input` into `sink`.
pub(super) fn read(
    input: &mut dyn Input,
    sink: &mut dyn WorkbookSink,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let limits = context.limits;
    context.progress("open", 0, 0)?;
    let mut package = Package::open(input, limits, "xlsx")?;
    let mut losses = Losses::new();
    let book = read_book(&mut package, limits, &mut losses)?;
    let (styles, colors) = read_styles(&mut package, &book, context, &mut losses)?;
    context.losses.extend(losses);
    let parts = book.sheets.iter().map(|sheet| sheet.part).chain(book.shared_strings);
    let total = parts.map(|part| package.size_bytes(part)).fold(0, u64::saturating_add);
    let mut progress = Progress { done: 0, total };
    let mut strings = read_strings(&mut package, &book, &colors, context, &mut progress)?;

    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    sink.begin(&styles.list.list, &names)?;
    if !book.names.is_empty() {
        sink.names(&book.names)?;
    }
    let of_book = book.names.iter().filter(|name| name.sheet.is_none());
    let mut tables = Tables::beside(of_book.map(|name| name.name.as_str()));
    let mut pictures = Pictures::read(&mut package, &book, context)?;
    for (number, source) in book.sheets.iter().enumerate() {
        let mut sheet =
            Sheet { name: source.name.clone(), hidden: source.hidden, ..Sheet::default() };
        let relationships = package.relationships_of(source.part)?;
        let (depth, losses) = (limits.markup_depth, &mut context.losses);
        tables.read(&relationships, &mut package, depth, &mut sheet, losses)?;
        sheet.pictures = pictures.take_floating(number);
        let leaves_drawing = pictures.leaves_something(number);
        let cells = SheetCells::new(&mut strings, &styles, limits, book.from_1904);
        let beside = Beside { relationships, pictures: &pictures, leaves_drawing };
        let mut reader = SheetReader::new(sheet, cells, (&styles, &colors), limits, beside);
        let done = progress.done.saturating_add(package.size_bytes(source.part));
        package.stream(source.part, |feed| {
            let mut watched = Watched { feed, context, progress: &mut progress };
            reader.read(&mut Decoded::new(&mut watched), sink)
        })?;
        progress.done = done;
        context.losses.extend(reader.losses);
    }
    sink.finish()?;
    context.progress("read", total, total)
}

/// The parts of the worksheets, in the order [`read`] goes through them.
pub(super) fn sheet_parts(package: &mut Package<'_>, limits: &Limits) -> Result<Vec<Part>, Error> {
    // Whoever asks has read the book before, and told what of it was lost.
    let book = read_book(package, limits, &mut Losses::new())?;
    Ok(book.sheets.iter().map(|sheet| sheet.part).collect())
}

fn read_styles(
    package: &mut Package<'_>,
    book: &Book,
    context: &Context<'_>,
    losses: &mut Losses,
) -> Result<(Styles, Colors), Error> {
    let depth = context.limits.markup_depth;
    let mut colors = Colors::default();
    if let Some(theme) = book.theme {
        package.stream(theme, |feed| colors.read_theme(&mut Decoded::new(feed), depth))?;
    }
    let styles = match book.styles {
        Some(part) => Styles::read(package.read_xml(part)?, depth, &mut colors, losses)?,
        None => Styles::default(),
    };
    Ok((styles, colors))
}

fn read_strings(
    package: &mut Package<'_>,
    book: &Book,
    colors: &Colors,
    context: &mut Context<'_>,
    progress: &mut Progress,
) -> Result<SharedStrings, Error> {
    let Some(part) = book.shared_strings else { return Ok(SharedStrings::default()) };
    let limits = context.limits;
    let strings = package.stream(part, |feed| {
        let mut watched = Watched { feed, context, progress };
        let mut feed = Decoded::new(&mut watched);
        SharedStrings::read(
            &mut feed,
            limits.markup_depth,
            text_bytes(limits),
            limits.shared_string_bytes,
            colors,
        )
    })?;
    let place = "shared strings";
    for (what, count) in [
        ("formatting within a cell's text", strings.unformatted),
        ("raised and lowered text within a cell", strings.raised),
    ] {
        if count > 0 {
            context.losses.add_many(LossKind::FormattingDropped, place, what, count);
        }
    }
    if strings.replaced {
        context.lose(LossKind::TextReplaced, place, "bytes that are no UTF-8");
    }
    Ok(strings)
}
