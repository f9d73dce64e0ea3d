//! `larkspur import --dry-run`: what a file would become, shown before anything is made. It reads the
//! whole file as the server would and keeps nothing of it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use larkspur_api::{Preview, PreviewField, PreviewSheet};
use larkspur_formats::base::spool_base;
use larkspur_formats::{
    Context, Error as FormatError, Format, Limits, NoAssets, Options, WorkbookSink, by_extension,
};
use larkspur_model::workbook::{CellStyle, Row, Sheet};
use serde_json::json;

use super::convert::{Watcher, show_losses};
use crate::client::{ImportTarget, meaning_of_extra};
use crate::terminal::{Meter, table};
use crate::trouble::{Attempt, Trouble};

/// Options of a field that are shown.
const SHOWN_OPTIONS: usize = 5;

/// Shows what importing the file would make.
pub(super) fn run(path: &Path, extension: &str, target: ImportTarget, as_json: bool) -> Attempt {
    let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let possible = larkspur_api::can_become(extension, target.name());
    if !possible {
        let what = format!("{label}: a {extension} file cannot become a {}", target.name());
        return Err(Trouble::new(what));
    }
    let format = by_extension(extension)
        .ok_or_else(|| Trouble::new(format!("{label}: nothing reads .{extension}")))?;
    let file = File::open(path).map_err(|error| Trouble::new(format!("{label}: {error}")))?;
    let limits = match target {
        ImportTarget::Bitable => Limits::default().of_base(),
        ImportTarget::Docx | ImportTarget::Sheet => Limits::default(),
    };
    let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let options = Options { title, ..Options::default() };
    let quiet = as_json || !io::IsTerminal::is_terminal(&io::stderr());
    let mut watcher = Watcher(Meter::new(label.clone(), quiet));
    let mut context = Context::new(&limits, &options, &mut watcher);
    let read = read(format, target, &mut BufReader::new(file), &mut context);
    let losses = std::mem::take(&mut context.losses);
    watcher.0.clear();
    let preview = read.map_err(|error| Trouble::new(format!("{label}: {error}")))?;
    let extra = larkspur_api::extra_of(&losses, target.name());
    if as_json {
        let shown = json!({"file": label, "type": target.name(), "preview": preview,
                           "losses": losses, "extra": extra});
        println!("{shown}");
        return Ok(());
    }
    println!("{label} would become a {}", target.name());
    show(&preview);
    for number in &extra {
        println!("warning {number}: {}", meaning_of_extra(number));
    }
    show_losses(&losses);
    Ok(())
}

fn read(
    format: &Format,
    target: ImportTarget,
    input: &mut BufReader<File>,
    context: &mut Context<'_>,
) -> Result<Preview, FormatError> {
    let no_reader = || FormatError::Unsupported(format!("reading {} files", format.name));
    Ok(match target {
        ImportTarget::Docx => {
            let read = format.read_document.ok_or_else(no_reader)?;
            let document = read(input, &mut NoAssets, context)?;
            Preview::of_document(&document)
        }
        ImportTarget::Sheet => {
            let read = format.read_workbook.ok_or_else(no_reader)?;
            let mut sheets = Sheets::default();
            read(input, &mut sheets, context)?;
            Preview::of_sheets(&sheets.0)
        }
        ImportTarget::Bitable => {
            let (_, _, base) = spool_base(format, input, io::sink(), &mut NoAssets, context)?;
            Preview::of_base(base)
        }
    })
}

/// Keeps what is known about sheets, and none of their cells.
#[derive(Default)]
struct Sheets(Vec<Sheet>);

impl WorkbookSink for Sheets {
    fn begin(&mut self, _: &[CellStyle], _: &[String]) -> Result<(), FormatError> {
        Ok(())
    }

    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), FormatError> {
        Ok(())
    }

    fn row(&mut self, _: &Row) -> Result<(), FormatError> {
        Ok(())
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), FormatError> {
        self.0.push(sheet.clone());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), FormatError> {
        Ok(())
    }
}

/// What is set about a field, in a few words.
fn about(field: &PreviewField) -> String {
    let property = &field.property;
    if let Some(options) = &property.options {
        let names = options.iter().take(SHOWN_OPTIONS).map(|option| option.name.as_str());
        let mut text = names.collect::<Vec<_>>().join(", ");
        if options.len() > SHOWN_OPTIONS {
            let _ = write!(text, ", … ({} in all)", options.len());
        }
        return text;
    }
    let form = property.formatter.as_deref().or(property.date_formatter.as_deref());
    let currency = property.currency_code.as_deref().unwrap_or_default();
    format!("{} {currency}", form.unwrap_or_default()).trim().to_owned()
}

fn show(preview: &Preview) {
    match preview {
        Preview::Document { blocks, pictures } => {
            println!("{blocks} blocks, {pictures} pictures and files");
        }
        Preview::Sheets(sheets) => {
            let row = |sheet: &PreviewSheet| {
                vec![sheet.name.clone(), sheet.rows.to_string(), sheet.columns.to_string()]
            };
            let rows: Vec<Vec<String>> = sheets.iter().map(row).collect();
            print!("{}", table(&["sheet", "rows", "columns"], &rows));
        }
        Preview::Base { tables, pictures } => {
            for one in tables {
                println!("table {}: {} records", one.name, one.records);
                let row = |field: &PreviewField| {
                    vec![field.field_name.clone(), field.ui_type.clone(), about(field)]
                };
                let rows: Vec<Vec<String>> = one.fields.iter().map(row).collect();
                print!("{}", table(&["field", "type", "form or options"], &rows));
            }
            if *pictures > 0 {
                println!("{pictures} pictures become attachments");
            }
        }
    }
}
