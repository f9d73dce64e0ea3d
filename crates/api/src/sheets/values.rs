//! Cells -> `values` of the v2 API, written straight into the answer's bytes (contract, "Reading").

use std::cell::OnceCell;
use std::sync::Arc;

use larkspur_formats::cells::Manifest;
use larkspur_formats::formulas::later_functions;
use larkspur_model::workbook::{
    Cell, CellLink, CellRange, NumberFormat, Rich, RichPart, Row, Value, Workbook, asset_of,
};

use super::rich::{self, PersonId};

/// Bytes a read may answer (contract: 10 MB, 90221).
pub(crate) const MOST_BYTES: usize = 10 << 20;

/// How values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Render {
    /// Not said: formulas as their text, everything else raw.
    Raw,
    /// Computed; text as strings, numbers stay numbers.
    ToString,
    /// Formulas as their text.
    Formula,
    /// Computed and formatted.
    Formatted,
    /// Computed, not formatted.
    Unformatted,
}

impl Render {
    /// The `valueRenderOption` of a query.
    pub(crate) fn parse(option: Option<&str>) -> Option<Self> {
        Some(match option {
            None => Self::Raw,
            Some("ToString") => Self::ToString,
            Some("Formula") => Self::Formula,
            Some("FormattedValue") => Self::Formatted,
            Some("UnformattedValue") => Self::Unformatted,
            Some(_) => return None,
        })
    }
}

/// How cells are shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Values and formulas.
    pub(crate) render: Render,
    /// Whether dates are text.
    pub(crate) dates_as_text: bool,
    /// How people are named.
    pub(crate) people: PersonId,
}

/// Writes rows of ranges as JSON arrays of arrays, gaps as `null`.
pub(crate) struct ValuesWriter {
    manifest: Arc<Manifest>,
    formats: Vec<OnceCell<NumberFormat>>,
    links: Vec<CellLink>,
    range: CellRange,
    shown: Shown,
    next_row: u32,
    out: Vec<u8>,
}

/// The answer would be over [`MOST_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl ValuesWriter {
    /// A writer whose JSON follows what is in `out`.
    pub(crate) fn new(manifest: Arc<Manifest>, shown: Shown, out: Vec<u8>) -> Self {
        let formats = vec![OnceCell::new(); manifest.workbook.styles.len()];
        let range = CellRange { first_row: 0, first_column: 0, last_row: 0, last_column: 0 };
        Self { manifest, formats, links: Vec::new(), range, shown, next_row: 0, out }
    }

    fn book(&self) -> &Workbook {
        &self.manifest.workbook
    }

    /// What is written, to write between ranges.
    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Whether the empty cells of a range alone would be too much.
    pub(crate) fn check_size(range: &CellRange) -> Result<(), TooLarge> {
        let rows = u64::from(range.last_row - range.first_row) + 1;
        let columns = u64::from(range.last_column - range.first_column) + 1;
        if rows.saturating_mul(columns).saturating_mul(5) > MOST_BYTES as u64 {
            return Err(TooLarge);
        }
        Ok(())
    }

    /// Begins a range of a sheet.
    pub(crate) fn begin(&mut self, sheet: usize, range: CellRange) {
        let meets = |link: &&CellLink| {
            let linked = link.range;
            linked.first_row <= range.last_row
                && linked.last_row >= range.first_row
                && linked.first_column <= range.last_column
                && linked.last_column >= range.first_column
        };
        let links = self.book().sheets.get(sheet).map_or(&[][..], |sheet| &sheet.links);
        self.links = links.iter().filter(meets).cloned().collect();
        self.next_row = range.first_row;
        self.range = range;
        self.out.push(b'[');
    }

    /// Writes the next row that has any cell; rows outside the range are passed over.
    pub(crate) fn row(&mut self, row: &Row) -> Result<(), TooLarge> {
        if row.index() < self.next_row || row.index() > self.range.last_row {
            return Ok(());
        }
        self.empty_rows(row.index())?;
        self.open_row();
        let mut column = self.range.first_column;
        let (first, last) = (self.range.first_column, self.range.last_column);
        let inside = |cell: &Cell<'_>| cell.column >= first && cell.column <= last;
        for cell in row.cells().filter(inside) {
            self.nulls(cell.column - column, column == first);
            if cell.column != first {
                self.out.push(b',');
            }
            self.cell(row.index(), &cell);
            column = cell.column + 1;
        }
        self.nulls(last + 1 - column, column == first);
        self.out.push(b']');
        self.next_row = row.index() + 1;
        self.check()
    }

    /// Writes what is left of the range.
    pub(crate) fn end(&mut self) -> Result<(), TooLarge> {
        self.empty_rows(self.range.last_row + 1)?;
        self.out.push(b']');
        self.check()
    }

    /// The bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn check(&self) -> Result<(), TooLarge> {
        if self.out.len() > MOST_BYTES { Err(TooLarge) } else { Ok(()) }
    }

    fn empty_rows(&mut self, before: u32) -> Result<(), TooLarge> {
        let columns = self.range.last_column + 1 - self.range.first_column;
        while self.next_row < before {
            self.open_row();
            self.nulls(columns, true);
            self.out.push(b']');
            self.next_row += 1;
            self.check()?;
        }
        Ok(())
    }

    fn open_row(&mut self) {
        let comma = if self.next_row_is_first() { "[" } else { ",[" };
        self.out.extend_from_slice(comma.as_bytes());
    }

    fn next_row_is_first(&self) -> bool {
        self.out.last() == Some(&b'[')
    }

    /// `count` empty cells, the first of them at the row's beginning or not.
    fn nulls(&mut self, count: u32, at_start: bool) {
        for index in 0..count {
            if index > 0 || !at_start {
                self.out.push(b',');
            }
            self.out.extend_from_slice(b"null");
        }
    }

    fn cell(&mut self, row: u32, cell: &Cell<'_>) {
        let formula = matches!(self.shown.render, Render::Raw | Render::Formula);
        if let Some(text) = cell.formula.filter(|_| formula) {
            self.string(&format!("={}", later_functions::shown(text)));
            return;
        }
        if matches!(self.shown.render, Render::Raw | Render::Formula | Render::Unformatted)
            && let Some(target) = self.link(row, cell.column)
        {
            let text = self.text_of(cell);
            self.out.extend_from_slice(br#"[{"cellPosition":null,"link":"#);
            self.string(&target);
            self.out.extend_from_slice(br#","text":"#);
            self.string(&text);
            self.out.extend_from_slice(br#","type":"url"}]"#);
            return;
        }
        match cell.value {
            Value::Empty => self.out.extend_from_slice(b"null"),
            Value::Text(_) if self.shown.render == Render::Formatted => {
                let text = self.text_of(cell);
                self.string(&text);
            }
            Value::Text(text) => self.string(text),
            Value::Rich(rich) => self.rich(rich),
            Value::Error(error) => self.string(error.text()),
            Value::Bool(_) if matches!(self.shown.render, Render::ToString | Render::Formatted) => {
                let text = self.text_of(cell);
                self.string(&text);
            }
            Value::Bool(value) => {
                self.out.extend_from_slice(if value { b"true" } else { b"false" });
            }
            Value::Number(number) => self.number(number, cell),
        }
    }

    fn number(&mut self, number: f64, cell: &Cell<'_>) {
        let date = self.format(cell).is_some_and(|format| format.shows_date(number));
        let general = self.format(cell).is_none_or(NumberFormat::is_general);
        if (date && self.shown.dates_as_text)
            || (self.shown.render == Render::Formatted && !general)
        {
            let text = self.text_of(cell);
            self.string(&text);
            return;
        }
        if number.fract() == 0.0 && number.abs() < 1e15 {
            let mut digits = itoa::Buffer::new();
            self.out.extend_from_slice(digits.format(number as i64).as_bytes());
        } else if number.is_finite() {
            let mut digits = ryu::Buffer::new();
            self.out.extend_from_slice(digits.format_finite(number).as_bytes());
        } else {
            self.out.extend_from_slice(b"null");
        }
    }

    fn format(&self, cell: &Cell<'_>) -> Option<&NumberFormat> {
        let slot = self.formats.get(cell.style as usize)?;
        let style = self.book().style(cell.style);
        Some(slot.get_or_init(|| NumberFormat::parse(&style.number_format)))
    }

    fn rich(&mut self, rich: Rich<'_>) {
        let mut parts = rich.parts();
        for part in &mut parts {
            // The cell says which of the workbook's pictures it is, and the workbook by what token.
            if let RichPart::Image { token, .. } = part
                && let Some(asset) = asset_of(token)
            {
                let asset = self.book().assets.get(asset as usize);
                *token = asset.map(|asset| asset.token.clone()).unwrap_or_default();
            }
        }
        let picture = parts.iter().any(|part| matches!(part, RichPart::Image { .. }));
        let shown = match self.shown.render {
            Render::ToString if picture => rich::pictures(&parts),
            Render::ToString => return self.string(&rich.text()),
            Render::Formatted if !picture => return self.string(&rich.text()),
            _ => rich::shown(&parts, &self.shown.people),
        };
        // Writing into memory cannot fail, and JSON always serialises.
        serde_json::to_writer(&mut self.out, &shown).expect("JSON serialises into memory");
    }

    /// What a spreadsheet shows in the cell.
    fn text_of(&self, cell: &Cell<'_>) -> String {
        match (cell.value, self.format(cell)) {
            (Value::Empty, _) => String::new(),
            (Value::Text(text), Some(format)) => format.format_text(text),
            (Value::Text(text), None) => text.to_owned(),
            (Value::Rich(rich), _) => rich.text(),
            (Value::Error(error), _) => error.text().to_owned(),
            (Value::Bool(value), _) => if value { "TRUE" } else { "FALSE" }.to_owned(),
            (Value::Number(number), Some(format)) => format.format_number(number),
            (Value::Number(number), None) => NumberFormat::default().format_number(number),
        }
    }

    fn link(&self, row: u32, column: u32) -> Option<String> {
        let covers = |range: &CellRange| {
            (range.first_row..=range.last_row).contains(&row)
                && (range.first_column..=range.last_column).contains(&column)
        };
        let link = self.links.iter().find(|link| covers(&link.range))?;
        // Places within the workbook have no address that would lead there from outside.
        (!link.target.starts_with('#')).then(|| link.target.clone())
    }

    fn string(&mut self, text: &str) {
        // Writing into memory cannot fail, and text always serialises.
        serde_json::to_writer(&mut self.out, text).expect("text serialises into memory");
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::workbook::{CellError, CellStyle, Sheet};
    use serde_json::{Value as Json, json};

    use super::*;

    fn book() -> Workbook {
        let style = |code: &str| CellStyle { number_format: code.into(), ..CellStyle::default() };
        Workbook {
            styles: vec![style(""), style("yyyy-mm-dd"), style("0.00")],
            ..Workbook::default()
        }
    }

    fn writer(render: Render, dates_as_text: bool, links: Vec<CellLink>) -> ValuesWriter {
        let mut workbook = book();
        workbook.sheets = vec![Sheet { links, ..Sheet::default() }];
        let manifest = Arc::new(Manifest::without_cells(workbook));
        let shown = Shown { render, dates_as_text, people: PersonId::AsWritten };
        ValuesWriter::new(manifest, shown, Vec::new())
    }

    fn cell(column: u32, style: u32, value: Value<'_>) -> Cell<'_> {
        Cell { column, style, value, formula: None }
    }

    fn write(render: Render, dates: bool, range: CellRange, rows: &[Row]) -> Json {
        let links = vec![CellLink {
            range: CellRange { first_row: 3, first_column: 0, last_row: 3, last_column: 0 },
            target: "https://x.org/".into(),
        }];
        let mut writer = writer(render, dates, links);
        writer.begin(0, range);
        for row in rows {
            writer.row(row).unwrap();
        }
        writer.end().unwrap();
        serde_json::from_slice(&writer.into_bytes()).unwrap()
    }

    fn rows() -> Vec<Row> {
        let mut first = Row::new();
        first.start(1);
        first.push(cell(0, 0, Value::Text("a\"b")));
        first.push(cell(2, 1, Value::Number(46_347.5)));
        first.push(cell(3, 2, Value::Number(1234.5)));
        first.push(Cell {
            column: 4,
            style: 0,
            value: Value::Number(7.0),
            formula: Some("_xlfn.IFS(A1,1)"),
        });
        let mut second = Row::new();
        second.start(3);
        second.push(cell(0, 0, Value::Text("link")));
        second.push(cell(1, 0, Value::Bool(true)));
        second.push(cell(2, 0, Value::Error(CellError::NotAvailable)));
        vec![first, second]
    }

    const ALL: CellRange = CellRange { first_row: 0, first_column: 0, last_row: 4, last_column: 4 };

    #[test]
    fn gaps_are_null_and_formulas_their_text() {
        assert_eq!(
            write(Render::Raw, false, ALL, &rows()),
            json!([
                [null, null, null, null, null],
                ["a\"b", null, 46347.5, 1234.5, "=IFS(A1,1)"],
                [null, null, null, null, null],
                [[{"type": "url", "text": "link", "link": "https://x.org/", "cellPosition": null}],
                 true, "#N/A", null, null],
                [null, null, null, null, null],
            ])
        );
    }

    #[test]
    fn formatted_values_are_what_a_spreadsheet_shows() {
        let value = write(Render::Formatted, false, ALL, &rows());
        assert_eq!(value[1], json!(["a\"b", null, "2026-11-21", "1234.50", 7]));
        assert_eq!(value[3], json!(["link", "TRUE", "#N/A", null, null]));
        let value = write(Render::Unformatted, true, ALL, &rows());
        assert_eq!(value[1], json!(["a\"b", null, "2026-11-21", 1234.5, 7]));
    }

    #[test]
    fn a_part_of_the_sheet_starts_where_it_was_asked_to() {
        let range = CellRange { first_row: 1, first_column: 2, last_row: 1, last_column: 3 };
        assert_eq!(write(Render::ToString, false, range, &rows()), json!([[46347.5, 1234.5]]));
    }

    #[test]
    fn an_answer_over_ten_megabytes_is_refused() {
        let huge = CellRange { last_row: 4_999_999, last_column: 99, ..ALL };
        assert_eq!(ValuesWriter::check_size(&huge), Err(TooLarge));
        assert_eq!(ValuesWriter::check_size(&ALL), Ok(()));
        let long = "x".repeat(1 << 20);
        let mut writer = writer(Render::Raw, false, Vec::new());
        writer.begin(0, ALL);
        let mut row = Row::new();
        let mut outcome = Ok(());
        for index in 0..4 {
            row.start(index);
            for column in 0..4 {
                row.push(cell(column, 0, Value::Text(&long)));
            }
            outcome = outcome.and_then(|()| writer.row(&row));
        }
        assert_eq!(outcome, Err(TooLarge));
    }
}
