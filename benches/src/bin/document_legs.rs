//! One leg of a document's way at a time: a file into blocks, or blocks into a file. Says how long the
//! first time took and the others, on how much memory.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use larkspur_formats::{
    AssetSink, AssetSource, Context, Limits, Options, ReadDocument, Unwatched, WriteDocument,
    by_extension,
};
use larkspur_model::document::{AssetId, Document};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: document_legs IN.{docx,doc,html,md,txt,json} null [TIMES]
       document_legs IN.{docx,doc,html,md,txt,json} OUT.{docx,pdf,md,txt,json} [TIMES]";

/// Keeps pictures in a folder, as a server does.
struct Pictures(tempfile::TempDir);

impl Pictures {
    fn path(&self, id: AssetId) -> std::path::PathBuf {
        self.0.path().join(id.0.to_string())
    }
}

impl AssetSink for Pictures {
    fn put(&mut self, id: AssetId, bytes: &mut dyn Read) -> io::Result<u64> {
        io::copy(bytes, &mut File::create(self.path(id))?)
    }
}

impl AssetSource for Pictures {
    fn open(&mut self, id: AssetId) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.path(id))?))
    }
}

fn ending(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn read(path: &str, reader: ReadDocument, pictures: &mut Pictures) -> Result<Document, Failure> {
    let title = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (limits, options) = (Limits::unlimited(), Options { title, ..Options::default() });
    let mut watch = Unwatched;
    let mut context = Context::new(&limits, &options, &mut watch);
    Ok(reader(&mut File::open(path)?, pictures, &mut context)?)
}

fn write(
    document: &Document,
    path: &str,
    writer: WriteDocument,
    pictures: &mut Pictures,
) -> Result<(), Failure> {
    let (limits, options) = (Limits::unlimited(), Options::default());
    let mut watch = Unwatched;
    let mut context = Context::new(&limits, &options, &mut watch);
    let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
    writer(document, pictures, &mut file, &mut context)?;
    Ok(file.flush()?)
}

/// Runs as often as asked; the times.
fn timed(
    times: usize,
    mut run: impl FnMut() -> Result<(), Failure>,
) -> Result<Vec<Duration>, Failure> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        #[expect(clippy::disallowed_methods, reason = "a measurement wants real time")]
        let start = Instant::now();
        run()?;
        taken.push(start.elapsed());
    }
    Ok(taken)
}

/// Most memory there was, MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rest @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let times = rest.first().map_or(Ok(1), |times| times.parse())?;
    let reader = by_extension(ending(from))
        .and_then(|format| format.read_document)
        .ok_or("no reader of such files")?;
    let mut pictures = Pictures(tempfile::tempdir()?);
    let mut taken = if to == "null" {
        timed(times, || read(from, reader, &mut pictures).map(drop))?
    } else {
        let writer = by_extension(ending(to))
            .and_then(|format| format.write_document)
            .ok_or("no writer of such files")?;
        let document = read(from, reader, &mut pictures)?;
        timed(times, || write(&document, to, writer, &mut pictures))?
    };
    let first = taken.remove(0);
    taken.sort();
    // What a busy machine does to a run it does to most, hardly to the quickest of many.
    let median = taken.get(taken.len() / 2).copied().unwrap_or(first);
    let best = taken.first().copied().unwrap_or(first);
    println!(
        "{{\"first\": {:.6}, \"median\": {:.6}, \"best\": {:.6}, \"peak_mib\": {}}}",
        first.as_secs_f64(),
        median.as_secs_f64(),
        best.as_secs_f64(),
        peak_mib()
    );
    Ok(())
}
