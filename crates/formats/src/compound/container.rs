//! The compound file: which streams there are, and bytes out of them by place. Nothing is read that is
//! not asked for, and no claimed length is believed.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use cfb::CompoundFile;

use super::bytes::u32_at;
use crate::{Error, Input};

/// The first bytes of every compound file.
pub(crate) const COMPOUND_MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Bytes read at once from a stream.
const BLOCK_BYTES: u64 = 64 << 10;
/// Blocks of a stream kept in memory.
const MOST_BLOCKS: usize = 256;
/// Bytes of the header of a compound file.
const HEADER_BYTES: usize = 512;
/// Allocation sectors the header itself names.
const HEADER_SECTORS: u64 = 109;
/// Allocation sectors beyond those the size of the file asks for.
const SPARE_SECTORS: u64 = 16;

/// A compound file.
pub(crate) struct Container<'i> {
    file: CompoundFile<Padded<'i>>,
}

/// A stream of the file.
pub(crate) struct Stream<'i> {
    inner: Inner<'i>,
    length: u64,
    blocks: HashMap<u64, Vec<u8>>,
    /// A stream can be read only as long as there is its file.
    file: Option<Container<'i>>,
}

enum Inner<'i> {
    Compound(cfb::Stream<Padded<'i>>),
    /// The whole file.
    Plain(&'i mut dyn Input),
}

impl<'i> Container<'i> {
    /// Opens `input`, a compound file.
    pub(crate) fn open(input: &'i mut dyn Input) -> Result<Self, Error> {
        let file = CompoundFile::open(Padded::new(input)?)
            .map_err(|error| Error::damaged(format!("the compound file is broken: {error}")))?;
        Ok(Self { file })
    }

    /// Whether there is a stream at `path`.
    pub(crate) fn has_stream(&self, path: &str) -> bool {
        self.file.is_stream(path)
    }

    /// Whether there is a folder at `path`.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        self.file.is_storage(path)
    }

    /// Opens a stream by its path, if it is there.
    pub(crate) fn stream(&mut self, path: &str) -> Option<Stream<'i>> {
        if !self.has_stream(path) {
            return None;
        }
        let inner = self.file.open_stream(path).ok()?;
        let length = inner.len();
        Some(Stream { inner: Inner::Compound(inner), length, blocks: HashMap::new(), file: None })
    }

    /// Opens a stream by its path, if it is there, as the only one that is wanted of the file.
    pub(crate) fn into_stream(mut self, path: &str) -> Option<Stream<'i>> {
        let mut stream = self.stream(path)?;
        stream.file = Some(self);
        Some(stream)
    }
}

/// The file, followed by zeros up to where its allocation sectors end: many a file ends before its last
/// sector does, which Word does not mind and the crate does.
struct Padded<'i> {
    input: &'i mut dyn Input,
    length: u64,
    /// With the zeros.
    end: u64,
    position: u64,
}

impl<'i> Padded<'i> {
    /// Refuses headers whose list of allocation sectors is longer than the file can need: the list may
    /// name the same sector over and over, and each naming would cost memory.
    fn new(input: &'i mut dyn Input) -> Result<Self, Error> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut header = Vec::new();
        (&mut *input).take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        let number = |at: usize| u32_at(&header, at).unwrap_or(u32::MAX);
        let sector_bytes: u64 = if number(30) & 0xFFFF == 12 { 4096 } else { 512 };
        let numbers = sector_bytes / 4;
        let most_tables = (length / sector_bytes).div_ceil(numbers) + SPARE_SECTORS;
        let mut left = most_tables.saturating_sub(HEADER_SECTORS).div_ceil(numbers - 1) + 1;
        let mut sector = number(0x44);
        while sector < 0xFFFF_FFFA {
            let Some(less) = left.checked_sub(1) else {
                return Err(Error::damaged("the compound file names too many allocation sectors"));
            };
            left = less;
            let mut last = [0; 4];
            input.seek(SeekFrom::Start((u64::from(sector) + 2) * sector_bytes - 4))?;
            if input.read_exact(&mut last).is_err() {
                break;
            }
            sector = u32::from_le_bytes(last);
        }
        let tables = u64::from(number(0x2C)).min(most_tables);
        let end = length.max((1 + tables * numbers) * sector_bytes);
        Ok(Self { input, length, end, position: 0 })
    }
}

impl Read for Padded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.position < self.length {
            self.input.seek(SeekFrom::Start(self.position))?;
            let count = self.input.read(buffer)?;
            self.position += count as u64;
            return Ok(count);
        }
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        buffer[..count].fill(0);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Padded<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(distance) => self.end.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = place.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl<'i> Stream<'i> {
    /// All of a file as a stream.
    pub(crate) fn plain(input: &'i mut dyn Input) -> Result<Self, Error> {
        let length = input.seek(SeekFrom::End(0))?;
        Ok(Self { inner: Inner::Plain(input), length, blocks: HashMap::new(), file: None })
    }

    pub(crate) const fn len(&self) -> u64 {
        self.length
    }

    /// Up to `count` bytes from `at` on: fewer where the stream ends or cannot be read further.
    pub(crate) fn read(&mut self, at: u64, count: usize) -> Vec<u8> {
        let end = at.saturating_add(count as u64).min(self.len());
        let mut taken = Vec::new();
        let mut place = at;
        while place < end {
            let number = place / BLOCK_BYTES;
            let block = self.block(number);
            let from = (place - number * BLOCK_BYTES) as usize;
            let until = ((end - number * BLOCK_BYTES) as usize).min(block.len());
            let Some(part) = block.get(from..until).filter(|part| !part.is_empty()) else { break };
            taken.extend_from_slice(part);
            place += part.len() as u64;
        }
        taken
    }

    /// All of the stream, up to `most` bytes.
    pub(crate) fn read_all(&mut self, most: usize) -> Vec<u8> {
        let count = self.len().min(most as u64) as usize;
        self.read(0, count)
    }

    fn block(&mut self, number: u64) -> &[u8] {
        if self.blocks.len() >= MOST_BLOCKS && !self.blocks.contains_key(&number) {
            self.blocks.clear();
        }
        let inner = &mut self.inner;
        self.blocks.entry(number).or_insert_with(|| {
            let at = number * BLOCK_BYTES;
            match inner {
                Inner::Compound(stream) => read_block(stream, at),
                Inner::Plain(input) => read_block(input, at),
            }
        })
    }
}

/// A block at `at`. What was read before a failure is kept, the rest is missing.
fn read_block(mut inner: impl Read + Seek, at: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if inner.seek(SeekFrom::Start(at)).is_ok() {
        let _ = inner.take(BLOCK_BYTES).read_to_end(&mut bytes);
    }
    bytes
}
