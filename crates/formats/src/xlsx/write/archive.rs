//! The zip archive around the parts, written front to back: sizes follow each entry (data
//! descriptors), 64-bit records only where a size needs them.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::Receiver;

use super::deflate::{Packed, Pool, STREAM_END};
use crate::Error;

/// Bytes of XML that are packed at a time.
const BLOCK_BYTES: usize = 1 << 20;
/// What the sizes in 32 bits say where they stand in 64.
const IN_64_BITS: u32 = u32::MAX;
/// Sizes follow the data; the name is UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
const DEFLATED: u16 = 8;
/// 1980-01-01, the first day a zip archive knows: the same workbook gives the same bytes.
const DATE: u16 = 1 << 5 | 1;

struct Entry {
    name: String,
    offset: u64,
    packed: u64,
    plain: u64,
    crc: u32,
}

/// Writes an archive.
pub(in crate::xlsx) struct Archive<'a> {
    output: &'a mut (dyn Write + Send),
    pool: Pool,
    offset: u64,
    entries: Vec<Entry>,
    spare: Vec<Vec<u8>>,
}

impl<'a> Archive<'a> {
    pub(in crate::xlsx) fn new(output: &'a mut (dyn Write + Send), pool: Pool) -> Self {
        Self { output, pool, offset: 0, entries: Vec::new(), spare: Vec::new() }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Writes a whole entry.
    pub(in crate::xlsx) fn whole(&mut self, name: &str, content: &str) -> Result<(), Error> {
        self.bytes(name, content.as_bytes())
    }

    /// Writes a whole entry of any bytes.
    pub(in crate::xlsx) fn bytes(&mut self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut entry = self.start(name)?;
        for block in content.chunks(BLOCK_BYTES) {
            entry.buffer.extend_from_slice(block);
            entry.flush_full()?;
        }
        entry.end()
    }

    /// Starts an entry; it must be ended before the next one starts.
    pub(in crate::xlsx) fn start<'b>(
        &'b mut self,
        name: &str,
    ) -> Result<EntryWriter<'a, 'b>, Error> {
        let mut header = Vec::with_capacity(64);
        push(&mut header, &[0x0403_4b50]);
        push_short(&mut header, &[20, FLAGS, DEFLATED, 0, DATE]);
        push(&mut header, &[0, 0, 0]);
        push_short(&mut header, &[name.len() as u16, 0]);
        header.extend_from_slice(name.as_bytes());
        let offset = self.offset;
        self.write(&header)?;
        self.entries.push(Entry { name: name.to_owned(), offset, packed: 0, plain: 0, crc: 0 });
        let buffer = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES + 65_536));
        Ok(EntryWriter {
            archive: self,
            buffer,
            pending: VecDeque::new(),
            crc: crc32fast::Hasher::new(),
            plain: 0,
            packed: 0,
        })
    }

    /// Writes the directory.
    pub(in crate::xlsx) fn finish(mut self) -> Result<(), Error> {
        let start = self.offset;
        for index in 0..self.entries.len() {
            let record = central_record(&self.entries[index]);
            self.write(&record)?;
        }
        let size = self.offset - start;
        let count = self.entries.len() as u64;
        let mut end = Vec::with_capacity(128);
        if start >= u64::from(IN_64_BITS) || size >= u64::from(IN_64_BITS) || count >= 0xffff {
            push(&mut end, &[0x0606_4b50]);
            push_long(&mut end, &[44]);
            push_short(&mut end, &[45, 45]);
            push(&mut end, &[0, 0]);
            push_long(&mut end, &[count, count, size, start]);
            push(&mut end, &[0x0706_4b50, 0]);
            push_long(&mut end, &[self.offset]);
            push(&mut end, &[1]);
        }
        let short_count = count.min(0xffff) as u16;
        push(&mut end, &[0x0605_4b50]);
        push_short(&mut end, &[0, 0, short_count, short_count]);
        push(&mut end, &[clamp(size), clamp(start)]);
        push_short(&mut end, &[0]);
        self.write(&end)?;
        Ok(self.output.flush()?)
    }
}

fn clamp(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(IN_64_BITS)
}

fn push_short(bytes: &mut Vec<u8>, numbers: &[u16]) {
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
}

fn push(bytes: &mut Vec<u8>, numbers: &[u32]) {
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
}

fn push_long(bytes: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
}

fn central_record(entry: &Entry) -> Vec<u8> {
    let mut long = Vec::new();
    for number in [entry.plain, entry.packed, entry.offset] {
        if number >= u64::from(IN_64_BITS) {
            push_long(&mut long, &[number]);
        }
    }
    let version = if long.is_empty() { 20 } else { 45 };
    let mut record = Vec::with_capacity(96);
    push(&mut record, &[0x0201_4b50]);
    push_short(&mut record, &[version, version, FLAGS, DEFLATED, 0, DATE]);
    push(&mut record, &[entry.crc, clamp(entry.packed), clamp(entry.plain)]);
    let extra = if long.is_empty() { 0 } else { long.len() as u16 + 4 };
    push_short(&mut record, &[entry.name.len() as u16, extra, 0, 0, 0]);
    push(&mut record, &[0, clamp(entry.offset)]);
    record.extend_from_slice(entry.name.as_bytes());
    if extra > 0 {
        push_short(&mut record, &[1, long.len() as u16]);
        record.extend_from_slice(&long);
    }
    record
}

/// Writes one entry.
pub(in crate::xlsx) struct EntryWriter<'a, 'b> {
    archive: &'b mut Archive<'a>,
    /// What was written and not yet packed; to be appended to, then see [`Self::flush_full`].
    pub(super) buffer: Vec<u8>,
    pending: VecDeque<Receiver<io::Result<Packed>>>,
    crc: crc32fast::Hasher,
    plain: u64,
    packed: u64,
}

impl EntryWriter<'_, '_> {
    /// Sends a full buffer to be packed.
    pub(super) fn flush_full(&mut self) -> Result<(), Error> {
        if self.buffer.len() >= BLOCK_BYTES { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Error> {
        while self.pending.len() > self.archive.pool.threads {
            self.receive()?;
        }
        let next =
            self.archive.spare.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES + 65_536));
        let block = std::mem::replace(&mut self.buffer, next);
        self.pending.push_back(self.archive.pool.pack(block));
        Ok(())
    }

    /// Writes the oldest block that is being packed.
    fn receive(&mut self) -> Result<(), Error> {
        let Some(answer) = self.pending.pop_front() else { return Ok(()) };
        let packed = answer
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("a thread that packs has ended")))?;
        self.crc.combine(&packed.crc);
        self.plain += packed.plain.len() as u64;
        self.packed += packed.bytes.len() as u64;
        self.archive.write(&packed.bytes)?;
        let mut plain = packed.plain;
        plain.clear();
        self.archive.spare.push(plain);
        Ok(())
    }

    /// Writes what is left of the entry, and its sizes.
    pub(super) fn end(mut self) -> Result<(), Error> {
        if !self.buffer.is_empty() {
            self.send()?;
        }
        while !self.pending.is_empty() {
            self.receive()?;
        }
        self.archive.write(&STREAM_END)?;
        let packed = self.packed + STREAM_END.len() as u64;
        let crc = self.crc.finalize();
        let mut descriptor = Vec::with_capacity(24);
        push(&mut descriptor, &[0x0807_4b50, crc]);
        match (u32::try_from(packed), u32::try_from(self.plain)) {
            (Ok(packed), Ok(plain)) => push(&mut descriptor, &[packed, plain]),
            _ => push_long(&mut descriptor, &[packed, self.plain]),
        }
        self.archive.write(&descriptor)?;
        if let Some(entry) = self.archive.entries.last_mut() {
            (entry.packed, entry.plain, entry.crc) = (packed, self.plain, crc);
        }
        self.archive.spare.push(self.buffer);
        Ok(())
    }
}
