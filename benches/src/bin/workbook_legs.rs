//! One leg of a workbook's way at a time: into nothing, into csv, into the chunks a server keeps, and
//! from those back into files. Says how long it took, on how much processor time and memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use larkspur_formats::cells::{ChunkReader, Manifest, spool};
use larkspur_formats::csv::CsvWriter;
use larkspur_formats::{
    Context, Error, Limits, Options, ReadWorkbook, Unwatched, WorkbookSink, by_extension, pipelined,
};
use larkspur_model::workbook::{CellStyle, Row, Sheet};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: workbook_legs BOOK.{xlsx,csv} null
       workbook_legs BOOK.{xlsx,csv} SHEET.csv
       workbook_legs BOOK.{xlsx,csv} CELLS.chunks
       workbook_legs CELLS.chunks OUT.{xlsx,csv}";

/// Takes rows and forgets them.
struct Nothing;

impl WorkbookSink for Nothing {
    fn begin(&mut self, _: &[CellStyle], _: &[String]) -> Result<(), Error> {
        Ok(())
    }
    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }
    fn row(&mut self, _: &Row) -> Result<(), Error> {
        Ok(())
    }
    fn end_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn ending(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn read_from(path: &str, output: &str, context: &mut Context<'_>) -> Result<(), Failure> {
    let read: ReadWorkbook = by_extension(ending(path))
        .and_then(|format| format.read_workbook)
        .ok_or("no reader of such files")?;
    let mut input = File::open(path)?;
    match ending(output) {
        "null" => read(&mut input, &mut Nothing, context)?,
        "csv" => {
            let mut writer = CsvWriter::new(File::create(output)?, &[], false);
            pipelined(&mut writer, |sink| read(&mut input, sink, context))?;
        }
        "chunks" => {
            let file = BufWriter::with_capacity(1 << 20, File::create(output)?);
            let (_, manifest) = spool(read, &mut input, file, context)?;
            std::fs::write(format!("{output}.manifest"), manifest.to_bytes()?)?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn write_to(chunks: &str, output: &str, context: &mut Context<'_>) -> Result<(), Failure> {
    let write = by_extension(ending(output))
        .and_then(|format| format.write_workbook)
        .ok_or("no writer of such files")?;
    let manifest = Manifest::from_bytes(&std::fs::read(format!("{chunks}.manifest"))?)?;
    let mut reader = ChunkReader::new(manifest, File::open(chunks)?);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(output)?);
    write(&mut reader, &mut file, context)?;
    Ok(file.flush()?)
}

/// A line of `/proc/self/status`, without its unit.
fn status(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Seconds of processor time in user and kernel mode, of all threads.
fn processor_seconds() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? / 100.0, ticks()? / 100.0))
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err(USAGE.into());
    };
    let (limits, options, mut watch) = (Limits::unlimited(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut watch);
    #[expect(clippy::disallowed_methods, reason = "a measurement wants real time")]
    let start = Instant::now();
    if ending(&from) == "chunks" {
        write_to(&from, &to, &mut context)?;
    } else {
        read_from(&from, &to, &mut context)?;
    }
    let wall = start.elapsed().as_secs_f64();
    let (user, system) = processor_seconds().unwrap_or_default();
    let peak = status("VmHWM").unwrap_or_default() / 1_024;
    println!("wall {wall:.2} s, user {user:.2} s, system {system:.2} s, peak {peak} MiB");
    for loss in &context.losses {
        println!("{} x {:?}: {} {}", loss.count, loss.kind, loss.place, loss.detail);
    }
    Ok(())
}
