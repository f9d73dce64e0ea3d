//! The manifest: what is known about a workbook, and where its chunks lie.

use larkspur_model::workbook::{DefinedName, Sheet, TableColumn, Workbook};
use serde::{Deserialize, Serialize};

use super::chunk::UNPACKED_LIMIT;
use super::shifts::Shifts;
use crate::Error;

/// [`ChunkEntry::file`] of a chunk that lies in the manifest itself.
pub(super) const INLINE: u32 = u32::MAX;

/// Where one chunk of a sheet lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChunkEntry {
    /// Index of the sheet.
    pub sheet: u32,
    /// Its first row.
    pub first_row: u32,
    /// Its last row, inclusive. The next chunk may go on in the same row, where that is wide.
    pub last_row: u32,
    /// Which file of chunks it lies in: 0 is the first, n the n-th of [`Manifest::later`], the largest
    /// number the manifest itself.
    pub file: u32,
    /// Bytes before it in that file.
    pub offset: u64,
    /// Its bytes.
    pub length: u32,
    /// Its bytes once unpacked.
    pub unpacked: u32,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// Its cells; 0 where nobody counted them.
    pub cells: u32,
    /// Of the first 64 columns, a bit for each that has something in every row of it; none where
    /// nobody looked.
    pub full: u64,
    /// Whether it may hold formulas.
    pub formulas: bool,
    /// How many shifts its formulas have been through.
    pub shifts_seen: u32,
}

/// A file of chunks beside the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterFile {
    /// What its keeper knows it by.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// A workbook without its cells, and the index of its chunks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// Everything but the cells.
    pub workbook: Workbook,
    /// The chunks, by sheet and row.
    pub chunks: Vec<ChunkEntry>,
    /// Size of the first file of chunks.
    pub base_bytes: u64,
    /// The other files of chunks, which edits have made.
    pub later: Vec<LaterFile>,
    /// Chunks of the last edits, too few for a file.
    pub(super) inline: Vec<u8>,
    /// Rows that were put in, as far as formulas have not all been through it.
    pub(super) shifts: Shifts,
}

/// What stands behind the chunks, as JSON, so that books stored before a field existed still load.
#[derive(Serialize)]
struct TailOut<'a> {
    workbook: &'a Workbook,
    base_bytes: u64,
    later: &'a [LaterFile],
    shifts: &'a Shifts,
}

#[derive(Deserialize)]
struct Tail {
    workbook: Workbook,
    base_bytes: u64,
    later: Vec<LaterFile>,
    #[serde(default)]
    shifts: Shifts,
}

const MAGIC: &[u8; 4] = b"LKWB";
const VERSION: u8 = 2;
/// The version before there were edits: one file, and a workbook alone behind the chunks.
const UNEDITED: u8 = 1;
/// Magic, version, CRC-32 of the rest, unpacked bytes of the rest.
const HEADER: usize = 4 + 1 + 4 + 4;
const ENTRY: usize = 56;
const UNEDITED_ENTRY: usize = 32;

impl Manifest {
    /// A workbook whose sheets are empty.
    pub fn without_cells(workbook: Workbook) -> Self {
        Self { workbook, ..Self::default() }
    }

    /// About how many bytes of memory it takes.
    pub fn size_bytes(&self) -> usize {
        let of_sheet = |sheet: &Sheet| {
            let links: usize = sheet.links.iter().map(|link| link.target.len()).sum();
            let columns: usize = sheet.tables.iter().map(|table| table.columns.len()).sum();
            links
                + columns * size_of::<TableColumn>()
                + size_of_val(sheet.pictures.as_slice())
                + size_of_val(sheet.links.as_slice())
                + size_of_val(sheet.merges.as_slice())
                + size_of_val(sheet.rows.as_slice())
                + size_of_val(sheet.columns.as_slice())
                + size_of::<Sheet>()
        };
        let of_name = |name: &DefinedName| name.formula.len() + size_of::<DefinedName>();
        self.workbook.sheets.iter().map(of_sheet).sum::<usize>()
            + self.workbook.names.iter().map(of_name).sum::<usize>()
            + size_of_val(self.workbook.styles.as_slice())
            + size_of_val(self.chunks.as_slice())
            + self.inline.len()
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut plain = Vec::with_capacity(self.chunks.len() * ENTRY + self.inline.len() + 4_096);
        plain.extend_from_slice(&(self.chunks.len() as u32).to_le_bytes());
        for chunk in &self.chunks {
            write_entry(chunk, &mut plain);
        }
        plain.extend_from_slice(&(self.inline.len() as u32).to_le_bytes());
        plain.extend_from_slice(&self.inline);
        let Self { workbook, base_bytes, later, shifts, .. } = self;
        let tail = TailOut { workbook, base_bytes: *base_bytes, later, shifts };
        serde_json::to_writer(&mut plain, &tail).map_err(std::io::Error::from)?;
        let packed = zstd::bulk::compress(&plain, 3)?;
        let unpacked = u32::try_from(plain.len())
            .map_err(|_| Error::TooLarge("the workbook has too many parts".to_owned()))?;
        let mut bytes = Vec::with_capacity(HEADER + packed.len());
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&crc32fast::hash(&packed).to_le_bytes());
        bytes.extend_from_slice(&unpacked.to_le_bytes());
        bytes.extend_from_slice(&packed);
        Ok(bytes)
    }

    /// Reads stored bytes back.
    ///
    /// # Errors
    /// [`Error::Damaged`] for anything [`Self::to_bytes`] did not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::parse(bytes).ok_or_else(|| Error::damaged("the manifest of a stored workbook"))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, packed) = bytes.split_at_checked(HEADER)?;
        let word = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?))
        };
        let unpacked = word(9)? as usize;
        if header.get(..4)? != MAGIC
            || word(5)? != crc32fast::hash(packed)
            || unpacked > UNPACKED_LIMIT
        {
            return None;
        }
        let plain = zstd::bulk::decompress(packed, unpacked).ok()?;
        if plain.len() != unpacked {
            return None;
        }
        let manifest = match *header.get(4)? {
            UNEDITED => Self::parse_unedited(&plain)?,
            VERSION => Self::parse_plain(&plain)?,
            _ => return None,
        };
        manifest.is_sound().then_some(manifest)
    }

    fn parse_plain(plain: &[u8]) -> Option<Self> {
        let (count, rest) = plain.split_first_chunk::<4>()?;
        let size = (u32::from_le_bytes(*count) as usize).checked_mul(ENTRY)?;
        let (entries, rest) = rest.split_at_checked(size)?;
        let (inline, rest) = rest.split_first_chunk::<4>()?;
        let (inline, tail) = rest.split_at_checked(u32::from_le_bytes(*inline) as usize)?;
        let Tail { workbook, base_bytes, later, shifts } = serde_json::from_slice(tail).ok()?;
        let (entries, _) = entries.as_chunks::<ENTRY>();
        let chunks = entries.iter().map(parse_entry).collect();
        Some(Self { workbook, chunks, base_bytes, later, inline: inline.to_vec(), shifts })
    }

    fn parse_unedited(plain: &[u8]) -> Option<Self> {
        let (count, rest) = plain.split_first_chunk::<4>()?;
        let size = (u32::from_le_bytes(*count) as usize).checked_mul(UNEDITED_ENTRY)?;
        let (entries, book) = rest.split_at_checked(size)?;
        let workbook: Workbook = serde_json::from_slice(book).ok()?;
        let (entries, _) = entries.as_chunks::<UNEDITED_ENTRY>();
        let chunks: Vec<ChunkEntry> = entries.iter().map(parse_unedited_entry).collect();
        let end = |chunk: &ChunkEntry| chunk.offset.saturating_add(u64::from(chunk.length));
        let base_bytes = chunks.iter().map(end).max().unwrap_or(0);
        Some(Self { workbook, chunks, base_bytes, ..Self::default() })
    }

    fn is_sound(&self) -> bool {
        let file_bytes = |file: u32| match file {
            0 => Some(self.base_bytes),
            INLINE => Some(self.inline.len() as u64),
            later => self.later.get(later as usize - 1).map(|file| file.bytes),
        };
        let sound = self.chunks.iter().all(|chunk| {
            chunk.first_row <= chunk.last_row
                && (chunk.sheet as usize) < self.workbook.sheets.len()
                && chunk.unpacked as usize <= UNPACKED_LIMIT
                && chunk.shifts_seen <= self.shifts.total()
                && chunk
                    .offset
                    .checked_add(u64::from(chunk.length))
                    .is_some_and(|end| file_bytes(chunk.file).is_some_and(|bytes| end <= bytes))
        });
        let ordered = self.chunks.is_sorted_by_key(|chunk| (chunk.sheet, chunk.first_row))
            && self.chunks.windows(2).all(|pair| {
                pair[0].sheet != pair[1].sheet || pair[0].last_row <= pair[1].first_row
            });
        sound && ordered
    }

    /// The chunks of a sheet that hold any of the rows from `first` up to, not including, `end`.
    pub fn chunks_of(&self, sheet: u32, first: u32, end: u32) -> &[ChunkEntry] {
        let from =
            self.chunks.partition_point(|chunk| (chunk.sheet, chunk.last_row) < (sheet, first));
        let to = self.chunks.partition_point(|chunk| (chunk.sheet, chunk.first_row) < (sheet, end));
        self.chunks.get(from..to).unwrap_or(&[])
    }

    /// The manifest of the same workbook once its files of chunks have been put together, one behind
    /// the other, as a single one.
    #[must_use]
    pub fn joined(mut self) -> Self {
        let mut starts = vec![0, self.base_bytes];
        let mut end = self.base_bytes;
        for file in &self.later {
            end = end.saturating_add(file.bytes);
            starts.push(end);
        }
        for chunk in self.chunks.iter_mut().filter(|chunk| chunk.file != INLINE) {
            chunk.offset += starts.get(chunk.file as usize).copied().unwrap_or(0);
            chunk.file = 0;
        }
        Self { base_bytes: end, later: Vec::new(), ..self }
    }
}

fn write_entry(chunk: &ChunkEntry, out: &mut Vec<u8>) {
    for number in [
        chunk.sheet,
        chunk.first_row,
        chunk.last_row,
        chunk.file,
        chunk.length,
        chunk.unpacked,
        chunk.crc,
        chunk.cells,
        chunk.shifts_seen,
        u32::from(chunk.formulas),
    ] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&chunk.offset.to_le_bytes());
    out.extend_from_slice(&chunk.full.to_le_bytes());
}

/// The number at a place of an entry, whose size is known.
fn word(entry: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]])
}

fn long(entry: &[u8], at: usize) -> u64 {
    u64::from(word(entry, at)) | u64::from(word(entry, at + 4)) << 32
}

fn parse_entry(entry: &[u8; ENTRY]) -> ChunkEntry {
    ChunkEntry {
        sheet: word(entry, 0),
        first_row: word(entry, 4),
        last_row: word(entry, 8),
        file: word(entry, 12),
        length: word(entry, 16),
        unpacked: word(entry, 20),
        crc: word(entry, 24),
        cells: word(entry, 28),
        shifts_seen: word(entry, 32),
        formulas: word(entry, 36) != 0,
        offset: long(entry, 40),
        full: long(entry, 48),
    }
}

fn parse_unedited_entry(entry: &[u8; UNEDITED_ENTRY]) -> ChunkEntry {
    ChunkEntry {
        sheet: word(entry, 0),
        first_row: word(entry, 4),
        last_row: word(entry, 8),
        length: word(entry, 12),
        unpacked: word(entry, 16),
        crc: word(entry, 20),
        offset: long(entry, 24),
        formulas: true,
        ..ChunkEntry::default()
    }
}
