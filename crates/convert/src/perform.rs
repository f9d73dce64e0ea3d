//! The conversions themselves, as the child does them: files in, files out, with `formats` doing
//! the reading and writing.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use larkspur_formats::base::{BaseSource, spool_base};
use larkspur_formats::cells::{ChunkFiles, ChunkReader, Manifest, spool};
use larkspur_formats::{AssetSink, AssetSource, Context, Error, Format, by_extension};
use larkspur_model::document::{AssetId, Document};

use crate::work::{Made, Work};

/// Bytes read and written at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Does `work` in this process, leaving files in `out`, and says how many assets those include.
///
/// # Errors
/// Whatever the format's reader or writer gives up on, and failures of reading and writing.
pub fn perform(work: &Work, out: &Path, context: &mut Context<'_>) -> Result<usize, Error> {
    let format = format_of(work)?;
    match work {
        Work::ReadDocument { input, .. } => read_document(format, input, out, context),
        Work::WriteDocument { document, assets, .. } => {
            write_document(format, document, assets, out, context)
        }
        Work::ReadWorkbook { input, .. } => read_workbook(format, input, out, context),
        Work::WriteWorkbook { manifest, cells, pictures, .. } => {
            write_workbook(format, manifest, (cells, pictures), out, context)
        }
        Work::ReadBase { input, .. } => read_base(format, input, out, context),
        Work::WriteBase { tables, imported, added, .. } => {
            write_base(format, tables, (imported.as_ref(), added), out, context)
        }
    }
}

fn format_of(work: &Work) -> Result<&'static Format, Error> {
    let unsupported = || Error::Unsupported(format!("files of kind .{}", work.extension()));
    by_extension(work.extension()).ok_or_else(unsupported)
}

fn no_way(format: &Format, what: &str) -> Error {
    Error::Unsupported(format!("{what} {}", format.name))
}

fn open(path: &Path) -> io::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(CHUNK_BYTES, File::open(path)?))
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(CHUNK_BYTES, File::create(path)?))
}

fn read_document(
    format: &Format,
    input: &Path,
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let read = format.read_document.ok_or_else(|| no_way(format, "reading documents from"))?;
    let mut assets = AssetFolder { out, count: 0 };
    let document = read(&mut open(input)?, &mut assets, context)?;
    let mut file = create(&out.join(Made::DOCUMENT))?;
    serde_json::to_writer(&mut file, &document).map_err(io::Error::from)?;
    file.flush()?;
    Ok(assets.count)
}

fn write_document(
    format: &Format,
    document: &Path,
    assets: &[PathBuf],
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let write = format.write_document.ok_or_else(|| no_way(format, "writing documents as"))?;
    let document: Document = serde_json::from_reader(open(document)?).map_err(io::Error::from)?;
    let mut file = create(&out.join(Made::OUTPUT))?;
    write(&document, &mut AssetFiles(assets), &mut file, context)?;
    file.flush()?;
    Ok(0)
}

/// Keeps each asset as a file of its own.
struct AssetFolder<'a> {
    out: &'a Path,
    count: usize,
}

impl AssetSink for AssetFolder<'_> {
    fn put(&mut self, id: AssetId, bytes: &mut dyn Read) -> io::Result<u64> {
        let index = id.0 as usize;
        let mut file = File::create(Made::asset(self.out, index))?;
        self.count = self.count.max(index + 1);
        io::copy(bytes, &mut file)
    }
}

/// Gives assets from files, by index.
struct AssetFiles<'a>(&'a [PathBuf]);

impl AssetSource for AssetFiles<'_> {
    fn open(&mut self, id: AssetId) -> io::Result<Box<dyn Read>> {
        let path = self.0.get(id.0 as usize).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(open(path)?))
    }
}

fn read_workbook(
    format: &Format,
    input: &Path,
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let read = format.read_workbook.ok_or_else(|| no_way(format, "reading workbooks from"))?;
    let cells = create(&out.join(Made::CELLS))?;
    let mut pictures = AssetFolder { out, count: 0 };
    let mut inner = context.within();
    inner.assets = Some(&mut pictures);
    let spooled = spool(read, &mut open(input)?, cells, &mut inner);
    let losses = inner.losses;
    context.losses.extend(losses);
    let (mut cells, manifest) = spooled?;
    cells.flush()?;
    std::fs::write(out.join(Made::MANIFEST), manifest.to_bytes()?)?;
    Ok(pictures.count)
}

fn write_workbook(
    format: &Format,
    manifest: &Path,
    (cells, pictures): (&[PathBuf], &[PathBuf]),
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let write = format.write_workbook.ok_or_else(|| no_way(format, "writing workbooks as"))?;
    let manifest = Manifest::from_bytes(&std::fs::read(manifest)?)?;
    let mut file = create(&out.join(Made::OUTPUT))?;
    // Chunks are read whole, so a buffer would only copy them once more.
    let cells = cells.iter().map(File::open).collect::<io::Result<_>>()?;
    let mut pictures = AssetFiles(pictures);
    let mut inner = context.within();
    inner.asset_source = Some(&mut pictures);
    let written = write(&mut ChunkReader::new(manifest, ChunkFiles(cells)), &mut file, &mut inner);
    let losses = inner.losses;
    context.losses.extend(losses);
    written?;
    file.flush()?;
    Ok(0)
}

fn read_base(
    format: &Format,
    input: &Path,
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let cells = create(&out.join(Made::CELLS))?;
    let mut pictures = AssetFolder { out, count: 0 };
    let (mut cells, manifest, base) =
        spool_base(format, &mut open(input)?, cells, &mut pictures, context)?;
    cells.flush()?;
    std::fs::write(out.join(Made::MANIFEST), manifest.to_bytes()?)?;
    let mut file = create(&out.join(Made::BASE))?;
    serde_json::to_writer(&mut file, &base).map_err(io::Error::from)?;
    file.flush()?;
    Ok(pictures.count)
}

fn write_base(
    format: &Format,
    tables: &Path,
    (imported, added): (Option<&(PathBuf, PathBuf)>, &(PathBuf, PathBuf)),
    out: &Path,
    context: &mut Context<'_>,
) -> Result<usize, Error> {
    let write = format.write_workbook.ok_or_else(|| no_way(format, "writing bases as"))?;
    let tables = serde_json::from_reader(open(tables)?).map_err(io::Error::from)?;
    let reader = |(manifest, cells): &(PathBuf, PathBuf)| -> Result<ChunkReader<File>, Error> {
        let manifest = Manifest::from_bytes(&std::fs::read(manifest)?)?;
        Ok(ChunkReader::new(manifest, File::open(cells)?))
    };
    let imported = imported.map(reader).transpose()?;
    // A csv has neither dates nor numbers: what the file wrote is what is written.
    let typed = format.name != "csv";
    let mut source = BaseSource::new(tables, imported, reader(added)?, typed)?;
    let mut file = create(&out.join(Made::OUTPUT))?;
    write(&mut source, &mut file, context)?;
    file.flush()?;
    Ok(0)
}
