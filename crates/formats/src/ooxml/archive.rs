//! The directory of a zip archive, read with suspicion: where each entry lies, how it is packed,
//! and that entries neither overlap nor leave the file. Inflating is next door.

use std::io::{ErrorKind, SeekFrom};

use crate::{Error, Input, Limits};

/// Bytes of the longest end record with its comment.
const END_SPAN: u64 = 22 + 65_535;
/// Most bytes of a directory, whatever it says about itself.
const DIRECTORY_BYTES: u64 = 64 << 20;

/// One entry of the archive.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Name in the form of [`normal_name`].
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Bytes as packed.
    pub(super) packed: u64,
    /// Bytes once inflated, by the directory's word.
    pub(super) size: u64,
    pub(super) encrypted: bool,
    header: u64,
}

/// The comparable form of a part's name: lower case, forward slashes, no leading slash, no `.` or
/// `..` steps, percent escapes resolved. Producers disagree about all of these.
pub(super) fn normal_name(name: &str) -> String {
    let plain = percent_decoded(name);
    let mut steps: Vec<&str> = Vec::new();
    for step in plain.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    steps.join("/").to_lowercase()
}

fn percent_decoded(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let bytes = name.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = bytes
            .get(at + 1..at + 3)
            .filter(|_| byte == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escape.unwrap_or(byte));
        at += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Reads the directory. The file is known to start like a zip.
pub(super) fn read_directory(input: &mut dyn Input, limits: &Limits) -> Result<Vec<Entry>, Error> {
    let length = input.seek(SeekFrom::End(0))?;
    let end = find_end(input, length)?;
    if end.size > DIRECTORY_BYTES || end.entries > limits.container_entries as u64 {
        return Err(Error::TooLarge(format!("the container lists {} entries", end.entries)));
    }
    // Something may stand before the archive proper: offsets then count from its start.
    let base = end
        .position
        .checked_sub(end.size)
        .and_then(|start| start.checked_sub(end.offset))
        .ok_or_else(|| Error::damaged("the container's directory lies outside the file"))?;
    let mut directory = vec![0; end.size as usize];
    input.seek(SeekFrom::Start(base + end.offset))?;
    read_all(input, &mut directory)?;
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(header) = directory.get(at..at + 46) {
        if !header.starts_with(b"PK\x01\x02") {
            break;
        }
        if entries.len() >= limits.container_entries {
            return Err(Error::TooLarge("too many entries in the container".into()));
        }
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(short(header, field)));
        let tail = directory
            .get(at + 46..at + 46 + name + extra)
            .ok_or_else(|| Error::damaged("the container's directory is cut off"))?;
        entries.push(read_entry(header, &tail[..name], &tail[name..], base)?);
        at += 46 + name + extra + comment;
    }
    if (entries.len() as u64) < end.entries {
        return Err(Error::damaged("the container's directory is cut off"));
    }
    check(&entries, length, limits)?;
    Ok(entries)
}

/// Where an entry's packed bytes start.
pub(super) fn data_start(input: &mut dyn Input, entry: &Entry) -> Result<u64, Error> {
    let mut header = [0; 30];
    input.seek(SeekFrom::Start(entry.header))?;
    read_all(input, &mut header)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(Error::damaged("an entry of the container is not where it should be"));
    }
    Ok(entry.header + 30 + u64::from(short(&header, 26)) + u64::from(short(&header, 28)))
}

struct End {
    /// Where the end record (or its 64-bit form) itself lies.
    position: u64,
    entries: u64,
    size: u64,
    offset: u64,
}

fn find_end(input: &mut dyn Input, length: u64) -> Result<End, Error> {
    let from = length.saturating_sub(END_SPAN);
    let mut tail = vec![0; (length - from) as usize];
    input.seek(SeekFrom::Start(from))?;
    read_all(input, &mut tail)?;
    let at = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06")
        .find(|&at| {
            tail.get(at..at + 22)
                .is_some_and(|end| at + 22 + usize::from(short(end, 20)) <= tail.len())
        })
        .ok_or_else(|| Error::damaged("the container has no directory; the file is cut off"))?;
    let end = &tail[at..];
    let plain = End {
        position: from + at as u64,
        entries: u64::from(short(end, 10)),
        size: u64::from(long(end, 12)),
        offset: u64::from(long(end, 16)),
    };
    let locator = at.checked_sub(20).and_then(|start| tail.get(start..at));
    match locator {
        Some(locator) if locator.starts_with(b"PK\x06\x07") => {
            read_large_end(input, plain.position, longer(locator, 8))
        }
        _ => Ok(plain),
    }
}

fn read_large_end(input: &mut dyn Input, before: u64, offset: u64) -> Result<End, Error> {
    let mut record = [0; 56];
    // With something before the archive the stated offset is wrong; then it stands right before
    // its locator.
    for position in [offset, before.saturating_sub(20 + 56)] {
        if position.checked_add(56).is_none_or(|end| end > before) {
            continue;
        }
        input.seek(SeekFrom::Start(position))?;
        read_all(input, &mut record)?;
        if record.starts_with(b"PK\x06\x06") {
            return Ok(End {
                position,
                entries: longer(&record, 32),
                size: longer(&record, 40),
                offset: longer(&record, 48),
            });
        }
    }
    Err(Error::damaged("the container's directory is not where it should be"))
}

fn read_entry(header: &[u8], name: &[u8], extra: &[u8], base: u64) -> Result<Entry, Error> {
    let mut size = u64::from(long(header, 24));
    let mut packed = u64::from(long(header, 20));
    let mut offset = u64::from(long(header, 42));
    let mut wide = extra_field(extra, 1).unwrap_or_default();
    for field in [&mut size, &mut packed, &mut offset] {
        if *field == u64::from(u32::MAX)
            && let Some((value, rest)) = wide.split_first_chunk::<8>()
        {
            *field = u64::from_le_bytes(*value);
            wide = rest;
        }
    }
    Ok(Entry {
        name: normal_name(&String::from_utf8_lossy(name)),
        method: short(header, 10),
        crc: long(header, 16),
        packed,
        size,
        encrypted: short(header, 8) & 1 != 0,
        header: base
            .checked_add(offset)
            .ok_or_else(|| Error::damaged("an entry of the container lies outside the file"))?,
    })
}

fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (id, length) = (short(extra, 0), usize::from(short(extra, 2)));
        let field = extra.get(4..4 + length)?;
        if id == wanted {
            return Some(field);
        }
        extra = &extra[4 + length..];
    }
    None
}

/// Entries that share packed bytes let a small file inflate without bound.
fn check(entries: &[Entry], length: u64, limits: &Limits) -> Result<(), Error> {
    let mut spans: Vec<(u64, u64)> = Vec::with_capacity(entries.len());
    let mut total = 0_u64;
    for entry in entries {
        let end = entry
            .header
            .checked_add(30)
            .and_then(|start| start.checked_add(entry.packed))
            .filter(|&end| end <= length)
            .ok_or_else(|| Error::damaged("an entry of the container lies outside the file"))?;
        spans.push((entry.header, end));
        total = total.saturating_add(entry.size);
    }
    if total > limits.container_bytes {
        return Err(Error::TooLarge(format!("the container would inflate to {total} bytes")));
    }
    spans.sort_unstable();
    if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(Error::damaged("entries of the container overlap"));
    }
    Ok(())
}

fn read_all(input: &mut dyn Input, into: &mut [u8]) -> Result<(), Error> {
    input.read_exact(into).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Error::damaged("the file is cut off"),
        _ => Error::Io(error),
    })
}

// Callers hand in slices whose length they have checked; a short one reads as 0.

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn longer(bytes: &[u8], at: usize) -> u64 {
    u64::from(long(bytes, at)) | u64::from(long(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_however_they_are_spelled() {
        for name in
            ["xl/workbook.xml", "/XL/Workbook.xml", "xl\\workbook.xml", "./xl/a/../workbook.xml"]
        {
            assert_eq!(normal_name(name), "xl/workbook.xml");
        }
        assert_eq!(normal_name("../../xt"), "xt");
        assert_eq!(normal_name("xl/%E8%A1%A8%.xml"), "xl/表%.xml");
    }
}
