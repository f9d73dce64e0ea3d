//! A workbook as JSON, row by row: its styles, its names if it has any, then each sheet with its rows, then what is known
//! about the sheet.

use std::io::Write;

use larkspur_formats::{Error, WorkbookSink};
use larkspur_model::workbook::{CellStyle, DefinedName, Row, Sheet, Value};
use serde::Serialize;

/// Writes what it is given as one JSON object.
#[derive(Debug)]
pub(crate) struct JsonWriter<W> {
    output: W,
    sheets: usize,
    rows: usize,
}

#[derive(Serialize)]
struct JsonCell<'a> {
    column: u32,
    #[serde(skip_serializing_if = "is_default_style")]
    style: u32,
    value: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<&'a str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_default_style(style: &u32) -> bool {
    *style == 0
}

impl<W: Write> JsonWriter<W> {
    /// A writer to `output`.
    pub(crate) const fn new(output: W) -> Self {
        Self { output, sheets: 0, rows: 0 }
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.output, value).map_err(std::io::Error::from)?;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        Ok(self.output.write_all(text.as_bytes())?)
    }
}

impl<W: Write> WorkbookSink for JsonWriter<W> {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.text("{\"styles\":")?;
        self.json(&styles)?;
        self.text(",\n")
    }

    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        self.text("\"names\":")?;
        self.json(&names)?;
        self.text(",\n")
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.text(if self.sheets == 0 { "\"sheets\":[\n{\"name\":" } else { ",\n{\"name\":" })?;
        self.json(&sheet.name)?;
        self.text(",\"rows\":[")?;
        self.sheets += 1;
        self.rows = 0;
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.text(if self.rows == 0 { "\n{\"row\":" } else { ",\n{\"row\":" })?;
        self.json(&row.index())?;
        self.text(",\"cells\":")?;
        let cells: Vec<JsonCell<'_>> = row
            .cells()
            .map(|cell| JsonCell {
                column: cell.column,
                style: cell.style,
                value: match cell.value {
                    Value::Empty => serde_json::Value::Null,
                    Value::Number(number) => number.into(),
                    Value::Text(text) => text.into(),
                    Value::Rich(rich) => serde_json::json!({ "rich": rich.parts() }),
                    Value::Bool(value) => value.into(),
                    Value::Error(error) => serde_json::json!({ "error": error.text() }),
                },
                formula: cell.formula,
            })
            .collect();
        self.json(&cells)?;
        self.rows += 1;
        self.text("}")
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.text("],\n\"sheet\":")?;
        self.json(sheet)?;
        self.text("}")
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.text(if self.sheets == 0 { "\"sheets\":[]}\n" } else { "]}\n" })?;
        Ok(self.output.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use larkspur_model::workbook::{Cell, CellError};

    #[test]
    fn what_is_written_is_json() {
        let mut row = Row::new();
        row.start(3);
        let cell = |column, value| Cell { column, style: 0, value, formula: None };
        row.push(cell(0, Value::Text("甲\"")));
        row.push(cell(1, Value::Error(CellError::Name)));
        row.push(Cell { formula: Some("A1*2"), style: 2, ..cell(4, Value::Number(2.5)) });
        let sheet = Sheet { name: "一".into(), ..Sheet::default() };
        let mut written = Vec::new();
        let mut sink = JsonWriter::new(&mut written);
        let write = |sink: &mut JsonWriter<&mut Vec<u8>>| -> Result<(), Error> {
            sink.begin(&[CellStyle::default()], &["一".into()])?;
            for _ in 0..2 {
                sink.begin_sheet(&sheet)?;
                sink.row(&row)?;
                sink.row(&row)?;
                sink.end_sheet(&sheet)?;
            }
            sink.finish()
        };
        write(&mut sink).expect("memory can be written");
        let json: serde_json::Value = serde_json::from_slice(&written).expect("it is JSON");
        assert_eq!(json["sheets"][1]["rows"][1]["cells"][0]["value"], "甲\"");
        assert_eq!(json["sheets"][0]["rows"][0]["cells"][2]["formula"], "A1*2");
        assert_eq!(json["sheets"][0]["rows"][0]["row"], 3);
    }
}
