//! `larkspur convert`: the server's conversions without a server, in this process.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use larkspur_formats::csv::CsvWriter;
use larkspur_formats::{
    AssetSink, AssetSource, Context, Error as FormatError, FORMATS, Format, Input, Limits, Monitor,
    Options, ReadDocument, ReadWorkbook, WorkbookSink, by_extension, cells, pipelined,
};
use larkspur_model::document::{AssetId, Document};
use larkspur_model::loss::Losses;
use larkspur_model::workbook::{CellStyle, Row, Sheet};

use super::import::extension_of;
use crate::terminal::{Meter, table};
use crate::trouble::{Attempt, Trouble};
use crate::workbook_json::JsonWriter;

/// Convert a file without a server
///
/// The formats follow from the names' extensions. Documents can also become json (the online
/// model), md and txt; workbooks can become json. What could not be carried over is listed on
/// standard error.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur convert handbook.md handbook.pdf
  larkspur convert orders.xlsx orders.csv --sheet 明细
  curl -s https://example.com/a.csv | larkspur convert - - --from csv --to xlsx > a.xlsx")]
pub(super) struct Convert {
    /// File to read; - is standard input
    input: PathBuf,
    /// File to write; - is standard output
    output: PathBuf,
    /// Format of the input [default: its extension]
    #[arg(long, value_name = "EXTENSION")]
    from: Option<String>,
    /// Format of the output [default: its extension]
    #[arg(long, value_name = "EXTENSION")]
    to: Option<String>,
    /// Sheet to write, for csv: its name, or its number from 1 [default: the first]
    #[arg(long, value_name = "NAME|NUMBER")]
    sheet: Option<String>,
    /// Limits on blocks, cells and columns: those the platform documents, or none
    #[arg(long, value_enum, default_value_t = LimitChoice::Off, value_name = "WHICH")]
    limits: LimitChoice,
    /// Folder with further fonts, for pdf
    #[arg(long, value_name = "DIR")]
    font_dir: Vec<PathBuf>,
    /// Text laid faintly over every page of a pdf
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    watermark: String,
    /// Begin a csv with a byte order mark, for programs that need one to see UTF-8
    #[arg(long)]
    bom: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LimitChoice {
    /// What the platform documents: 20,000 blocks, 5,000,000 cells of a sheet, ...
    Documented,
    /// None but those that keep the program alive.
    Off,
}

/// How one format becomes another.
enum Route {
    Document(ReadDocument, &'static Format),
    DocumentJson(ReadDocument),
    Workbook(ReadWorkbook, &'static Format),
    WorkbookCsv(ReadWorkbook),
    WorkbookJson(ReadWorkbook),
}

impl Convert {
    pub(super) fn run(self) -> Attempt {
        let from = format_name(self.from.as_deref(), &self.input, "--from")?;
        let to = format_name(self.to.as_deref(), &self.output, "--to")?;
        let route = route(&from, &to)?;
        if self.sheet.is_some() && !matches!(route, Route::WorkbookCsv(_)) {
            return Err(Trouble::new(
                "--sheet is for csv alone: the other formats hold all sheets",
            ));
        }
        let mut input = open(&self.input)?;
        let limits = match self.limits {
            LimitChoice::Documented => Limits::default(),
            LimitChoice::Off => Limits::unlimited(),
        };
        let options = Options {
            title: self.input.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            byte_order_mark: self.bom,
            font_directories: self.font_dir.clone(),
            watermark: self.watermark.clone(),
            ..Options::default()
        };
        let label = self.input.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let quiet = self.quiet || !io::IsTerminal::is_terminal(&io::stderr());
        let mut watcher = Watcher(Meter::new(label, quiet));
        let between = tempfile::tempdir()
            .map_err(|cause| Trouble::caused("cannot keep pictures in a folder", &cause))?;
        let (mut taken, mut given) = (Pictures(between.path()), Pictures(between.path()));
        let mut context = Context::new(&limits, &options, &mut watcher);
        if matches!(route, Route::Workbook(..)) {
            context.assets = Some(&mut taken);
            context.asset_source = Some(&mut given);
        }
        let target = Target::create(&self.output)?;
        let done = self.convert(&route, &mut input, target.file()?, &mut context);
        let losses = std::mem::take(&mut context.losses);
        watcher.0.clear();
        done.map_err(|error| self.explain(&error))?;
        target.keep()?;
        if !self.quiet {
            show_losses(&losses);
        }
        Ok(())
    }

    fn convert(
        &self,
        route: &Route,
        input: &mut dyn Input,
        output: File,
        context: &mut Context<'_>,
    ) -> Result<(), FormatError> {
        match route {
            Route::Document(read, format) => {
                let mut assets: Vec<Vec<u8>> = Vec::new();
                let document = read(input, &mut assets, context)?;
                let write = format.write_document.ok_or_else(|| no_writer(format))?;
                let mut output = BufWriter::new(output);
                write(&document, &mut assets, &mut output, context)?;
                Ok(output.flush()?)
            }
            Route::DocumentJson(read) => {
                let document = read(input, &mut larkspur_formats::NoAssets, context)?;
                write_json(&document, output)
            }
            // Straight from the reader into the lines: nothing in between.
            Route::WorkbookCsv(read) => {
                let mut sink = OneSheet::new(output, self.sheet.clone(), self.bom);
                pipelined(&mut sink, |sink| read(input, sink, context))
            }
            Route::WorkbookJson(read) => {
                let mut sink = JsonWriter::new(BufWriter::new(output));
                pipelined(&mut sink, |sink| read(input, sink, context))
            }
            Route::Workbook(read, format) => {
                let write = format.write_workbook.ok_or_else(|| no_writer(format))?;
                let mut output = BufWriter::with_capacity(256 << 10, output);
                let between = tempfile::tempfile()?;
                cells::convert((*read, input), between, (write, &mut output), context)?;
                Ok(output.flush()?)
            }
        }
    }

    fn explain(&self, error: &FormatError) -> Trouble {
        let what = format!("{} cannot be converted", self.input.display());
        let trouble = Trouble::caused(what, error);
        match error {
            FormatError::Encrypted => trouble.hint("remove the password and try again"),
            FormatError::Mismatch { .. } => {
                trouble.hint("--from names the format where the file's name does not")
            }
            FormatError::TooLarge(_) if self.limits == LimitChoice::Documented => {
                trouble.hint("--limits off lifts the platform's limits")
            }
            _ => trouble,
        }
    }
}

fn no_writer(format: &Format) -> FormatError {
    FormatError::Unsupported(format!("writing {}", format.name))
}

/// The format's extension: named, or taken from the path.
fn format_name(named: Option<&str>, path: &Path, flag: &str) -> Attempt<String> {
    match named {
        Some(name) => Ok(name.trim_start_matches('.').to_ascii_lowercase()),
        None if path == Path::new("-") => {
            Err(Trouble::new(format!("`-` has no extension; {flag} names the format")))
        }
        None => extension_of(path),
    }
}

fn route(from: &str, to: &str) -> Attempt<Route> {
    let reader = by_extension(from)
        .filter(|format| format.read_document.is_some() || format.read_workbook.is_some())
        .ok_or_else(|| {
            let names =
                names_of(|format| format.read_document.is_some() || format.read_workbook.is_some());
            Trouble::new(format!("nothing here reads .{from}")).hint(format!("it reads {names}"))
        })?;
    if to == "json" {
        return match (reader.read_document, reader.read_workbook) {
            (Some(read), _) => Ok(Route::DocumentJson(read)),
            (None, Some(read)) => Ok(Route::WorkbookJson(read)),
            (None, None) => Err(Trouble::new(format!("nothing here reads .{from}"))),
        };
    }
    let writer = by_extension(to);
    if let Some(writer) = writer {
        if let (Some(read), Some(_)) = (reader.read_document, writer.write_document) {
            return Ok(Route::Document(read, writer));
        }
        if let (Some(read), Some(_)) = (reader.read_workbook, writer.write_workbook) {
            return Ok(match writer.name {
                "csv" => Route::WorkbookCsv(read),
                _ => Route::Workbook(read, writer),
            });
        }
    }
    let possible = if reader.read_document.is_some() {
        names_of(|format| format.write_document.is_some())
    } else {
        names_of(|format| format.write_workbook.is_some())
    };
    Err(Trouble::new(format!("nothing here makes .{to} of .{from}"))
        .hint(format!(".{from} can become {possible}, json")))
}

fn names_of(wanted: impl Fn(&Format) -> bool) -> String {
    let names: Vec<&str> =
        FORMATS.iter().filter(|format| wanted(format)).map(|format| format.name).collect();
    names.join(", ")
}

fn open(path: &Path) -> Attempt<Box<dyn Input>> {
    if path == Path::new("-") {
        // Readers jump about in their input; a pipe does not.
        let spooled = tempfile::tempfile().and_then(|mut file| {
            io::copy(&mut io::stdin().lock(), &mut file)?;
            file.seek(SeekFrom::Start(0))?;
            Ok(file)
        });
        let file = spooled
            .map_err(|cause| Trouble::caused("cannot keep standard input in a file", &cause))?;
        return Ok(Box::new(BufReader::with_capacity(256 << 10, file)));
    }
    let file = File::open(path)
        .map_err(|cause| Trouble::caused(format!("cannot read {}", path.display()), &cause))?;
    Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
}

/// Where the result goes: a file beside the target that takes its place when it is whole, or a
/// temporary one that is copied to standard output.
struct Target<'a> {
    path: &'a Path,
    /// The file beside the target, as long as it is there.
    partial: Option<PathBuf>,
    file: File,
}

impl<'a> Target<'a> {
    fn create(path: &'a Path) -> Attempt<Self> {
        let created = if path == Path::new("-") {
            tempfile::tempfile().map(|file| (None, file))
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let partial = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
            File::create(&partial).map(|file| (Some(partial), file))
        };
        let (partial, file) = created.map_err(|cause| cannot_write(path, &cause))?;
        Ok(Self { path, partial, file })
    }

    fn file(&self) -> Attempt<File> {
        self.file.try_clone().map_err(|cause| cannot_write(self.path, &cause))
    }

    fn keep(mut self) -> Attempt {
        let kept = match self.partial.take() {
            Some(partial) => std::fs::rename(partial, self.path),
            None => self.file.seek(SeekFrom::Start(0)).and_then(|_| {
                let mut output = io::stdout().lock();
                io::copy(&mut self.file, &mut output)?;
                output.flush()
            }),
        };
        kept.map_err(|cause| cannot_write(self.path, &cause))
    }
}

impl Drop for Target<'_> {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // What is left of a conversion that failed is of no use; that it stays is no harm.
            let _ = std::fs::remove_file(partial);
        }
    }
}

fn cannot_write(path: &Path, cause: &io::Error) -> Trouble {
    Trouble::caused(format!("cannot write {}", path.display()), cause)
}

fn write_json(document: &Document, output: File) -> Result<(), FormatError> {
    let mut output = BufWriter::new(output);
    serde_json::to_writer_pretty(&mut output, document).map_err(io::Error::from)?;
    output.write_all(b"\n")?;
    Ok(output.flush()?)
}

/// Shows the progress on a terminal.
pub(super) struct Watcher(pub(super) Meter);

impl Monitor for Watcher {
    fn progress(&mut self, stage: &'static str, done: u64, total: u64) -> Result<(), FormatError> {
        match (done.min(total) * 100).checked_div(total) {
            Some(percent) => self.0.say(&format!("{stage} {percent}%")),
            None => self.0.say(stage),
        }
        Ok(())
    }
}

/// The pictures of a workbook, on their way through a folder.
struct Pictures<'a>(&'a Path);

impl AssetSink for Pictures<'_> {
    fn put(&mut self, id: AssetId, bytes: &mut dyn io::Read) -> io::Result<u64> {
        io::copy(bytes, &mut File::create(self.0.join(id.0.to_string()))?)
    }
}

impl AssetSource for Pictures<'_> {
    fn open(&mut self, id: AssetId) -> io::Result<Box<dyn io::Read>> {
        Ok(Box::new(File::open(self.0.join(id.0.to_string()))?))
    }
}

/// Picks the sheet that was asked for and writes it as csv.
struct OneSheet {
    output: Option<File>,
    wanted: Option<String>,
    byte_order_mark: bool,
    writer: Option<CsvWriter<File>>,
}

impl OneSheet {
    const fn new(output: File, wanted: Option<String>, byte_order_mark: bool) -> Self {
        Self { output: Some(output), wanted, byte_order_mark, writer: None }
    }

    fn writer(&mut self) -> Result<&mut CsvWriter<File>, FormatError> {
        self.writer.as_mut().ok_or_else(|| FormatError::damaged("the workbook never begins"))
    }

    fn index(&self, names: &[String]) -> Result<usize, FormatError> {
        let Some(wanted) = &self.wanted else { return Ok(0) };
        let by_name = names.iter().position(|name| name == wanted);
        let by_number = || wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        by_name.or_else(by_number).filter(|index| *index < names.len()).ok_or_else(|| {
            FormatError::Unsupported(format!(
                "there is no sheet `{wanted}`; there are {}",
                names.join(", ")
            ))
        })
    }
}

impl WorkbookSink for OneSheet {
    fn begin(&mut self, styles: &[CellStyle], names: &[String]) -> Result<(), FormatError> {
        let index = self.index(names)?;
        if let Some(output) = self.output.take() {
            let writer = CsvWriter::new(output, styles, self.byte_order_mark).with_sheet(index);
            self.writer = Some(writer);
        }
        self.writer()?.begin(styles, names)
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), FormatError> {
        self.writer()?.begin_sheet(sheet)
    }

    fn row(&mut self, row: &Row) -> Result<(), FormatError> {
        self.writer()?.row(row)
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), FormatError> {
        self.writer()?.end_sheet(sheet)
    }

    fn finish(&mut self) -> Result<(), FormatError> {
        self.writer()?.finish()
    }

    fn wants_rows(&self) -> bool {
        self.writer.as_ref().is_none_or(CsvWriter::wants_rows)
    }
}

pub(super) fn show_losses(losses: &Losses) {
    if losses.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = losses
        .iter()
        .map(|loss| {
            let kind = serde_json::to_value(loss.kind).ok();
            let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
            vec![
                kind.replace('_', " "),
                loss.count.to_string(),
                loss.place.clone(),
                loss.detail.clone(),
            ]
        })
        .collect();
    eprintln!("not carried over:");
    eprint!("{}", table(&["what", "times", "where", "detail"], &rows));
}
