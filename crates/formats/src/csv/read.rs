//! Reads comma-separated values, in constant memory.

use std::io::{Read, SeekFrom};

use larkspur_model::loss::LossKind;
use larkspur_model::workbook::{Cell, Row, Sheet, Value};

use super::delimiter::{self, SAMPLE_BYTES};
use super::split::Splitter;
use super::value::{Recognizer, styles};
use crate::text_encoding::{DETECTION_BYTES, Utf8Reader, detect};
use crate::{Context, Error, Input, WorkbookSink};

const BUFFER_BYTES: usize = 256 * 1024;
/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 4 << 20;

/// Reads a text of comma-separated values as a workbook of one sheet.
///
/// Encoding and delimiter are found out. A field becomes a number, date or truth value only where
/// the cell then shows the very characters of the text; a formula stays text. Fields, columns and
/// cells beyond the limits are cut and noted.
pub fn read(
    input: &mut dyn Input,
    sink: &mut dyn WorkbookSink,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let total = input.seek(SeekFrom::End(0))?;
    input.rewind()?;
    let mut prefix = Vec::new();
    input.take(DETECTION_BYTES as u64).read_to_end(&mut prefix)?;
    input.rewind()?;
    let detected = detect(&prefix, prefix.len() as u64 == total);
    drop(prefix);
    let mut text = Utf8Reader::new(&mut *input, detected);

    let mut buffer = vec![0; BUFFER_BYTES];
    let mut filled = fill(&mut text, &mut buffer)?;
    let sample = sample(&buffer[..filled]);
    let found = delimiter::find(sample, filled < SAMPLE_BYTES);
    let mut table = Table::new(found.delimiter, sink, context)?;
    let mut at = found.skip;
    let mut done = 0_u64;
    let mut reported = 0_u64;
    let mut full = false;
    while filled > 0 && !full {
        while !full && table.splitter.next_record(&buffer[..filled], &mut at) {
            full = !table.record(sink)?;
        }
        done += filled as u64;
        if done - reported >= PROGRESS_BYTES {
            reported = done;
            context.progress("read", done.min(total), total)?;
        }
        filled = fill(&mut text, &mut buffer)?;
        at = 0;
    }
    if !full {
        if table.splitter.is_in_quotes() {
            let place = format!("row {}", table.next_row + 1);
            let detail = "a quote that opens a field is never closed; the rest is in that field";
            context.lose(LossKind::PartDamaged, place, detail);
        }
        if table.splitter.finish() {
            full = !table.record(sink)?;
        }
    }
    let replaced = text.replaced();
    if replaced > 0 {
        let detail = format!("bytes that are no {} text", detected.encoding.name());
        context.losses.add_many(LossKind::TextReplaced, "", detail, replaced);
    }
    table.finish(full, sink, context)?;
    context.progress("read", total, total)
}

/// The beginning of a text, up to the end of a character.
fn sample(text: &[u8]) -> &[u8] {
    let mut end = text.len().min(SAMPLE_BYTES);
    while text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    &text[..end]
}

/// Fills the buffer as far as the text reaches.
fn fill(text: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut filled = 0;
    while filled < buffer.len() {
        match text.read(&mut buffer[filled..])? {
            0 => break,
            more => filled += more,
        }
    }
    Ok(filled)
}

/// Rows as they come out of the records.
struct Table {
    splitter: Splitter,
    recognizer: Recognizer,
    row: Row,
    next_row: u32,
    sheet: Sheet,
    cells_limit: u64,
    characters_limit: usize,
    cut_texts: u64,
    first_cut_text: Option<(u32, u32)>,
    first_cut_columns: Option<u32>,
}

impl Table {
    fn new(
        delimiter: u8,
        sink: &mut dyn WorkbookSink,
        context: &Context<'_>,
    ) -> Result<Self, Error> {
        let limits = context.limits;
        let name = match context.options.title.as_str() {
            "" => "Sheet1",
            title => title,
        };
        let sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
        sink.begin(&styles(), std::slice::from_ref(&sheet.name))?;
        sink.begin_sheet(&sheet)?;
        Ok(Self {
            splitter: Splitter::new(
                delimiter,
                limits.cell_characters.saturating_mul(4),
                limits.sheet_columns as usize,
            ),
            recognizer: Recognizer::new(delimiter),
            row: Row::new(),
            next_row: 0,
            sheet,
            cells_limit: limits.sheet_cells,
            characters_limit: limits.cell_characters,
            cut_texts: 0,
            first_cut_text: None,
            first_cut_columns: None,
        })
    }

    /// Takes over the record the splitter holds; says whether there is room for more.
    fn record(&mut self, sink: &mut dyn WorkbookSink) -> Result<bool, Error> {
        let (text, ends) = self.splitter.record();
        let index = self.next_row;
        self.row.start(index);
        let mut start = 0;
        for (column, &end) in ends.iter().enumerate() {
            let mut field = &text[start..end];
            start = end;
            if field.is_empty() {
                continue;
            }
            let column = column as u32;
            if field.len() > self.characters_limit
                && let Some((cut, _)) = field.char_indices().nth(self.characters_limit)
            {
                field = &field[..cut];
                self.cut_texts += 1;
                self.first_cut_text.get_or_insert((index, column));
            }
            let (value, style) = if field.len() <= 40 {
                self.recognizer.recognize(field)
            } else {
                (Value::Text(field), 0)
            };
            self.row.push(Cell { column, style, value, formula: None });
        }
        if self.splitter.cut_columns > 0 {
            self.first_cut_columns.get_or_insert(index);
        }
        let Some(next) = index.checked_add(1) else { return Ok(false) };
        if let Some(last) = self.row.cells().last() {
            let columns = self.sheet.column_count.max(last.column + 1);
            if u64::from(next) * u64::from(columns) > self.cells_limit {
                return Ok(false);
            }
            self.sheet.column_count = columns;
            self.sheet.row_count = next;
            sink.row(&self.row)?;
        }
        self.next_row = next;
        Ok(true)
    }

    fn finish(
        self,
        full: bool,
        sink: &mut dyn WorkbookSink,
        context: &mut Context<'_>,
    ) -> Result<(), Error> {
        let cut_texts = self.cut_texts.max(self.splitter.cut_fields);
        if cut_texts > 0 {
            let place = self.first_cut_text.map_or_else(String::new, |(row, column)| {
                let letters = larkspur_model::workbook::column_name(column);
                format!("cell {letters}{}, the first of them", row + 1)
            });
            let detail = format!("text beyond {} characters", self.characters_limit);
            context.losses.add_many(LossKind::CellTextCut, place, detail, cut_texts);
        }
        if let Some(row) = self.first_cut_columns {
            let place = format!("row {}, the first of them", row + 1);
            let detail = format!("values beyond {} columns", context.limits.sheet_columns);
            context.losses.add_many(LossKind::ColumnsCut, place, detail, self.splitter.cut_columns);
        }
        if full {
            let place = format!("from row {} on", self.next_row + 1);
            let detail = format!("rows beyond {} cells of a sheet", self.cells_limit);
            context.lose(LossKind::CellsCut, place, detail);
        }
        sink.end_sheet(&self.sheet)?;
        sink.finish()
    }
}
