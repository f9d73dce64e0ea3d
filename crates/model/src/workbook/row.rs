//! One row of cells, reused from row to row: cells are small and all text stands in one string, so
//! that streaming millions of cells allocates nothing.

use super::Rich;

/// A row of cells in ascending column order, with gaps where cells are empty.
#[derive(Debug, Default, PartialEq)]
pub struct Row {
    index: u32,
    cells: Vec<PackedCell>,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct PackedCell {
    column: u32,
    style: u32,
    value: PackedValue,
    formula: TextSpan,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum PackedValue {
    Empty,
    Number(f64),
    Text(TextSpan),
    Rich(TextSpan),
    Bool(bool),
    Error(CellError),
}

/// A piece of a row's text, by byte offsets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextSpan {
    start: u32,
    end: u32,
}

/// A cell as it is read from a [`Row`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell<'a> {
    /// Column, from 0.
    pub column: u32,
    /// Index into the workbook's styles.
    pub style: u32,
    /// The value; for a formula its last computed value.
    pub value: Value<'a>,
    /// The formula, without the leading `=`.
    pub formula: Option<&'a str>,
}

/// What a cell holds. Dates are numbers (days since 1899-12-30, whatever epoch the source used)
/// with a date format as their style.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing but a style or a formula.
    Empty,
    /// A number, date or time.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// Text with looks, links, mentions or pictures of its own.
    Rich(Rich<'a>),
    /// True or false.
    Bool(bool),
    /// An error.
    Error(CellError),
}

/// The error values of spreadsheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellError {
    /// `#NULL!`
    Null,
    /// `#DIV/0!`
    DivisionByZero,
    /// `#VALUE!`
    Value,
    /// `#REF!`
    Reference,
    /// `#NAME?`
    Name,
    /// `#NUM!`
    Number,
    /// `#N/A`
    NotAvailable,
    /// `#GETTING_DATA`
    GettingData,
    /// `#SPILL!`
    Spill,
    /// `#CALC!`
    Calculation,
}

impl CellError {
    /// Every error.
    pub const ALL: [Self; 10] = [
        Self::Null,
        Self::DivisionByZero,
        Self::Value,
        Self::Reference,
        Self::Name,
        Self::Number,
        Self::NotAvailable,
        Self::GettingData,
        Self::Spill,
        Self::Calculation,
    ];

    /// The text a spreadsheet shows.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Null => "#NULL!",
            Self::DivisionByZero => "#DIV/0!",
            Self::Value => "#VALUE!",
            Self::Reference => "#REF!",
            Self::Name => "#NAME?",
            Self::Number => "#NUM!",
            Self::NotAvailable => "#N/A",
            Self::GettingData => "#GETTING_DATA",
            Self::Spill => "#SPILL!",
            Self::Calculation => "#CALC!",
        }
    }

    /// The error of a text, if it is one.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.text() == text)
    }
}

impl Clone for Row {
    fn clone(&self) -> Self {
        Self { index: self.index, cells: self.cells.clone(), text: self.text.clone() }
    }

    /// Copies into the memory there is.
    fn clone_from(&mut self, source: &Self) {
        self.index = source.index;
        self.cells.clone_from(&source.cells);
        self.text.clone_from(&source.text);
    }
}

impl Row {
    /// An empty row 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties the row, keeping its memory, and gives it another index (from 0).
    pub fn start(&mut self, index: u32) {
        self.index = index;
        self.cells.clear();
        self.text.clear();
    }

    /// Which row this is, from 0.
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// Adds a cell to the right of all others.
    pub fn push(&mut self, cell: Cell<'_>) {
        let value = match cell.value {
            Value::Empty => PackedValue::Empty,
            Value::Number(number) => PackedValue::Number(number),
            Value::Text(text) => PackedValue::Text(self.keep(text)),
            Value::Rich(rich) => PackedValue::Rich(self.keep(rich.packed())),
            Value::Bool(value) => PackedValue::Bool(value),
            Value::Error(error) => PackedValue::Error(error),
        };
        let formula = cell.formula.map_or(TextSpan::default(), |formula| self.keep(formula));
        self.cells.push(PackedCell { column: cell.column, style: cell.style, value, formula });
    }

    fn keep(&mut self, text: &str) -> TextSpan {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        TextSpan { start, end: self.text.len() as u32 }
    }

    fn span(&self, span: TextSpan) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// Cells in the row.
    pub const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell at all.
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Bytes of text in the row, a measure of its memory.
    pub const fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Bytes of memory the row's content takes.
    pub const fn size_bytes(&self) -> usize {
        self.text.len() + self.cells.len() * size_of::<PackedCell>()
    }

    /// The cells, left to right.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'_>> + Clone {
        self.cells.iter().map(|cell| Cell {
            column: cell.column,
            style: cell.style,
            value: match cell.value {
                PackedValue::Empty => Value::Empty,
                PackedValue::Number(number) => Value::Number(number),
                PackedValue::Text(span) => Value::Text(self.span(span)),
                PackedValue::Rich(span) => Value::Rich(Rich::from_packed(self.span(span))),
                PackedValue::Bool(value) => Value::Bool(value),
                PackedValue::Error(error) => Value::Error(error),
            },
            formula: (cell.formula != TextSpan::default()).then(|| self.span(cell.formula)),
        })
    }

    /// Drops the cells from `column` on and says how many those were.
    pub fn cut_columns(&mut self, column: u32) -> usize {
        let keep = self.cells.partition_point(|cell| cell.column < column);
        let dropped = self.cells.len() - keep;
        self.cells.truncate(keep);
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were_pushed() {
        let mut row = Row::new();
        row.start(4);
        let cells = [
            Cell { column: 0, style: 1, value: Value::Text("客户"), formula: None },
            Cell { column: 2, style: 0, value: Value::Number(1.5), formula: Some("A1+1") },
            Cell { column: 3, style: 0, value: Value::Bool(true), formula: None },
            Cell {
                column: 9,
                style: 0,
                value: Value::Error(CellError::Name),
                formula: Some("X()"),
            },
            Cell { column: 10, style: 7, value: Value::Empty, formula: None },
            Cell {
                column: 11,
                style: 7,
                value: Value::Rich(Rich::from_packed("[]")),
                formula: None,
            },
        ];
        for cell in cells {
            row.push(cell);
        }
        assert_eq!(row.cells().collect::<Vec<_>>(), cells);
        assert_eq!(row.cut_columns(9), 3);
        assert_eq!((row.index(), row.len()), (4, 3));
    }
}
