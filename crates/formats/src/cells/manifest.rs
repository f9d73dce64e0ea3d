//! The manifest: what is known about a workbook, and where its chunks lie.

use larkspur_model::workbook::Workbook;

use super::chunk::UNPACKED_LIMIT;
use crate::Error;

/// Where one chunk of a sheet lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkEntry {
    /// Index of the sheet.
    pub sheet: u32,
    /// Its first row.
    pub first_row: u32,
    /// Its last row, inclusive. The next chunk may go on in the same row, where that is wide.
    pub last_row: u32,
    /// Bytes before it in the file of chunks.
    pub offset: u64,
    /// Its bytes.
    pub length: u32,
    /// Its bytes once unpacked.
    pub unpacked: u32,
    /// CRC-32 of its bytes.
    pub crc: u32,
}

/// A workbook without its cells, and the index of its chunks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// Everything but the cells.
    pub workbook: Workbook,
    /// The chunks, by sheet and row.
    pub chunks: Vec<ChunkEntry>,
}

const MAGIC: &[u8; 4] = b"LKWB";
const VERSION: u8 = 1;
/// Magic, version, CRC-32 of the rest, unpacked bytes of the rest.
const HEADER: usize = 4 + 1 + 4 + 4;
const ENTRY: usize = 32;

impl Manifest {
    /// The bytes to store.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut plain = Vec::with_capacity(self.chunks.len() * ENTRY + 4_096);
        plain.extend_from_slice(&(self.chunks.len() as u32).to_le_bytes());
        for chunk in &self.chunks {
            for number in [
                chunk.sheet,
                chunk.first_row,
                chunk.last_row,
                chunk.length,
                chunk.unpacked,
                chunk.crc,
            ] {
                plain.extend_from_slice(&number.to_le_bytes());
            }
            plain.extend_from_slice(&chunk.offset.to_le_bytes());
        }
        // JSON, so that books stored before a field existed still load.
        serde_json::to_writer(&mut plain, &self.workbook).map_err(std::io::Error::from)?;
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
            || header.get(4) != Some(&VERSION)
            || word(5)? != crc32fast::hash(packed)
            || unpacked > UNPACKED_LIMIT
        {
            return None;
        }
        let plain = zstd::bulk::decompress(packed, unpacked).ok()?;
        if plain.len() != unpacked {
            return None;
        }
        let (count, rest) = plain.split_first_chunk::<4>()?;
        let size = (u32::from_le_bytes(*count) as usize).checked_mul(ENTRY)?;
        let (entries, book) = rest.split_at_checked(size)?;
        let workbook: Workbook = serde_json::from_slice(book).ok()?;
        let (entries, _) = entries.as_chunks::<ENTRY>();
        let chunks: Vec<ChunkEntry> = entries.iter().map(parse_entry).collect();
        let sound = chunks.iter().all(|chunk| {
            chunk.first_row <= chunk.last_row
                && (chunk.sheet as usize) < workbook.sheets.len()
                && chunk.unpacked as usize <= UNPACKED_LIMIT
                && chunk.offset.checked_add(u64::from(chunk.length)).is_some()
        });
        let ordered = chunks.is_sorted_by_key(|chunk| (chunk.sheet, chunk.first_row))
            && chunks.windows(2).all(|pair| {
                pair[0].sheet != pair[1].sheet || pair[0].last_row <= pair[1].first_row
            });
        (sound && ordered).then_some(Self { workbook, chunks })
    }

    /// The chunks of a sheet that hold any of the rows from `first` up to, not including, `end`.
    pub fn chunks_of(&self, sheet: u32, first: u32, end: u32) -> &[ChunkEntry] {
        let from =
            self.chunks.partition_point(|chunk| (chunk.sheet, chunk.last_row) < (sheet, first));
        let to = self.chunks.partition_point(|chunk| (chunk.sheet, chunk.first_row) < (sheet, end));
        self.chunks.get(from..to).unwrap_or(&[])
    }
}

fn parse_entry(entry: &[u8; ENTRY]) -> ChunkEntry {
    let word =
        |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
    ChunkEntry {
        sheet: word(0),
        first_row: word(4),
        last_row: word(8),
        length: word(12),
        unpacked: word(16),
        crc: word(20),
        offset: u64::from(word(24)) | u64::from(word(28)) << 32,
    }
}
