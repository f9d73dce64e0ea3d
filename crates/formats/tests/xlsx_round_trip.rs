//! Workbooks that others made, written again: what is read from the copy is what was read before.

use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use larkspur_formats::{
    Context, Error, Limits, Options, Unwatched, WorkbookSource, by_extension, cells,
};
use larkspur_model::workbook::{CellStyle, RichPart, Value, Workbook};

type Stored = cells::ChunkReader<Cursor<Vec<u8>>>;

/// Workbooks beside the workspace, where there are any.
fn workbooks() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../../../shared/corpus/xlsx", "../../../../shared/corpus/xlsx"]
        .map(|place| crates.join(place))
        .into_iter()
        .find_map(|folder| fs::read_dir(folder).ok());
    let Some(entries) = found else {
        println!("the corpus is not here: no workbook was written again");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

fn read(input: &mut dyn larkspur_formats::Input) -> Result<Stored, Error> {
    // What a platform cuts is no matter here; what keeps the test short is.
    let limits = Limits { sheet_cells: 2_000_000_000, ..Limits::unlimited() };
    let (options, mut monitor) = (Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let read = by_extension("xlsx").and_then(|format| format.read_workbook).expect("is read");
    let (bytes, manifest) = cells::spool(read, input, Vec::new(), &mut context)?;
    Ok(cells::ChunkReader::new(manifest, Cursor::new(bytes)))
}

fn write(source: &mut Stored) -> Vec<u8> {
    let (limits, options, mut monitor) = (Limits::unlimited(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let write = by_extension("xlsx").and_then(|format| format.write_workbook).expect("is written");
    let mut output = Vec::new();
    write(source, &mut output, &mut context).expect("is written");
    output
}

/// A style as the copy must have it: what stands for the default is spelled out there.
fn comparable(style: &CellStyle) -> CellStyle {
    let mut style = style.clone();
    if style.font.name.is_empty() {
        "Calibri".clone_into(&mut style.font.name);
    }
    if style.font.size_pt <= 0.0 {
        style.font.size_pt = 11.0;
    }
    style
}

/// A value as the copy must have it.
fn comparable_value(value: Value<'_>) -> String {
    let Value::Rich(rich) = value else { return format!("{value:?}") };
    let looks = rich.parts().into_iter().map(|part| match part {
        RichPart::Text { text, look: Some(font) } => {
            let style = comparable(&CellStyle { font, ..CellStyle::default() });
            RichPart::Text { text, look: Some(style.font) }
        }
        other => other,
    });
    format!("{:?}", looks.collect::<Vec<_>>())
}

/// Every cell as a line.
fn cells_of(source: &mut Stored, sheet: usize) -> Vec<String> {
    let book: Workbook = source.workbook().clone();
    let styles: Vec<String> =
        book.styles.iter().map(|style| format!("{:?}", comparable(style))).collect();
    let mut lines = Vec::new();
    source
        .rows(sheet, &mut |row| {
            for cell in row.cells() {
                let style = styles.get(cell.style as usize).map_or("", String::as_str);
                let place = (row.index(), cell.column);
                let value = comparable_value(cell.value);
                // What names another workbook by its number would mean nothing in the copy.
                let formula = cell.formula.filter(|formula| !formula.contains("[1]"));
                lines.push(format!("{place:?} {value} {formula:?} {style}"));
            }
            Ok(())
        })
        .expect("is read");
    lines
}

#[test]
fn a_copy_reads_as_the_original() {
    let (mut books, mut cells, mut wrong) = (0, 0, Vec::new());
    for path in workbooks() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut original = match read(&mut File::open(&path).expect("is there")) {
            Ok(original) => original,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        let mut copy = match read(&mut Cursor::new(write(&mut original))) {
            Ok(copy) => copy,
            Err(error) => {
                wrong.push(format!("{name}: the copy is not read: {error}"));
                continue;
            }
        };
        books += 1;
        let (before, after) = (original.workbook().clone(), copy.workbook().clone());
        assert_eq!(before.sheets.len(), after.sheets.len(), "{name}");
        if before.names != after.names {
            wrong.push(format!("{name}: {:?}\n  became {:?}", before.names, after.names));
        }
        for (index, (old, new)) in before.sheets.iter().zip(&after.sheets).enumerate() {
            let shape = |sheet: &larkspur_model::workbook::Sheet| {
                let name = (sheet.name.clone(), sheet.hidden, sheet.merges.clone());
                let frozen = (sheet.frozen_rows, sheet.frozen_columns, sheet.links.clone());
                let more = (sheet.arrays.clone(), sheet.dropdowns.clone(), sheet.tables.clone());
                (name, frozen, sheet.columns.clone(), sheet.rows.clone(), more)
            };
            if shape(old) != shape(new) {
                wrong.push(format!("{name}: {:?}\n  became {:?}", shape(old), shape(new)));
            }
            let (expected, found) = (cells_of(&mut original, index), cells_of(&mut copy, index));
            cells += expected.len();
            if expected.len() != found.len() {
                wrong.push(format!("{name}: {} cells of {}", found.len(), expected.len()));
            }
            let different = expected.iter().zip(&found).filter(|(old, new)| old != new);
            wrong.extend(
                different.take(3).map(|(old, new)| format!("{name}: {old}\n  became {new}")),
            );
        }
    }
    println!("{books} workbooks written again, {cells} cells");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
