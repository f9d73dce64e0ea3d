//! `larkspur import --dry-run`: what a file would become, shown before anything is made. It reads the
//! whole file as the server would and keeps nothing of it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use larkspur_formats::base::spool_base;
use larkspur_formats::{
    Context, Error as FormatError, Format, Limits, NoAssets, Options, WorkbookSink, by_extension,
};
use larkspur_model::base::{Field, ImportedBase};
use larkspur_model::loss::Losses;
use larkspur_model::workbook::{CellStyle, Row, Sheet};
use serde_json::{Value, json};

use super::convert::{Watcher, show_losses};
use crate::client::{ImportTarget, meaning_of_extra};
use crate::terminal::{Meter, table};
use crate::trouble::{Attempt, Trouble};

/// Options of a field that are shown.
const SHOWN_OPTIONS: usize = 5;

/// What a file would become.
enum Preview {
    /// A document of so many blocks and pictures.
    Document { blocks: usize, pictures: usize },
    /// A spreadsheet of these sheets.
    Workbook(Vec<Sheet>),
    /// A base.
    Base(ImportedBase),
}

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
        println!("{}", to_json(&label, target, &preview, &losses, &extra));
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
            Preview::Document { blocks: document.block_count(), pictures: document.assets.len() }
        }
        ImportTarget::Sheet => {
            let read = format.read_workbook.ok_or_else(no_reader)?;
            let mut sheets = Sheets::default();
            read(input, &mut sheets, context)?;
            Preview::Workbook(sheets.0)
        }
        ImportTarget::Bitable => {
            let (_, _, base) = spool_base(format, input, io::sink(), &mut NoAssets, context)?;
            Preview::Base(base)
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
fn about(field: &Field) -> String {
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
        Preview::Workbook(sheets) => {
            let row = |sheet: &Sheet| {
                vec![
                    sheet.name.clone(),
                    sheet.row_count.to_string(),
                    sheet.column_count.to_string(),
                ]
            };
            let rows: Vec<Vec<String>> = sheets.iter().map(row).collect();
            print!("{}", table(&["sheet", "rows", "columns"], &rows));
        }
        Preview::Base(base) => {
            for one in &base.tables {
                println!("table {}: {} records", one.name, one.records);
                let row = |field: &Field| {
                    vec![field.name.clone(), field.ui.name().to_owned(), about(field)]
                };
                let rows: Vec<Vec<String>> = one.fields.iter().map(row).collect();
                print!("{}", table(&["field", "type", "form or options"], &rows));
            }
            if !base.pictures.is_empty() {
                println!("{} pictures become attachments", base.pictures.len());
            }
        }
    }
}

fn to_json(
    label: &str,
    target: ImportTarget,
    preview: &Preview,
    losses: &Losses,
    extra: &[&str],
) -> Value {
    let mut shown = json!({"file": label, "type": target.name(), "losses": losses, "extra": extra});
    match preview {
        Preview::Document { blocks, pictures } => {
            shown["document"] = json!({"blocks": blocks, "pictures": pictures});
        }
        Preview::Workbook(sheets) => {
            shown["sheets"] = sheets
                .iter()
                .map(|sheet| {
                    json!({"name": sheet.name, "rows": sheet.row_count,
                           "columns": sheet.column_count})
                })
                .collect();
        }
        Preview::Base(base) => {
            shown["tables"] = base
                .tables
                .iter()
                .map(|one| {
                    let field = |field: &Field| {
                        json!({"field_name": field.name, "type": field.ui.number(),
                               "ui_type": field.ui.name(), "property": field.property})
                    };
                    json!({"name": one.name, "records": one.records,
                           "fields": one.fields.iter().map(field).collect::<Vec<_>>()})
                })
                .collect();
            shown["pictures"] = json!(base.pictures.len());
        }
    }
    shown
}
