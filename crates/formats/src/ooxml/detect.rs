//! What a file really is, by its first bytes and, for compound files, by the streams within. Only
//! enough to tell a caller why a file is not what its name says.

use std::io::{Read, SeekFrom};

use crate::{Error, Input};

/// Kinds of container a file may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A zip archive.
    Zip,
    /// An encrypted package in a compound file.
    Encrypted,
    /// Something else, in words.
    Other(String),
}

const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Looks at the file's first bytes; leaves the position anywhere.
pub(crate) fn detect(input: &mut dyn Input) -> Result<Found, Error> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.take(4096).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Found::Zip);
    }
    if head.starts_with(COMPOUND) {
        return detect_compound(input, &head);
    }
    Ok(Found::Other(describe(&head).into()))
}

/// The error for content that is not the format named.
pub(crate) fn mismatch(expected: &'static str, found: impl Into<String>) -> Error {
    Error::Mismatch { expected, found: found.into() }
}

fn describe(head: &[u8]) -> &'static str {
    let magic: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF document"),
        (b"{\\rtf", "a rich text document"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"\x1f\x8b", "gzip data"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"\x09\x08\x10\x00", "an old Excel workbook"),
        (b"\x09\x04\x06\x00", "an old Excel workbook"),
        (b"\x09\x02\x06\x00", "an old Excel workbook"),
        (b"ID;P", "a SYLK table"),
    ];
    if head.is_empty() {
        return "an empty file";
    }
    if let Some((_, name)) = magic.iter().find(|(start, _)| head.starts_with(start)) {
        return name;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = text[..text.len().min(1024)].to_ascii_lowercase();
    let holds = |needle: &[u8]| memchr::memmem::find(&lower, needle).is_some();
    if lower.starts_with(b"<") {
        if holds(b"<html") || holds(b"<!doctype html") || holds(b"<table") {
            return "an HTML page";
        }
        if holds(b"urn:schemas-microsoft-com:office:spreadsheet") {
            return "an Excel 2003 XML workbook";
        }
        if holds(b"schemas.microsoft.com/office/word/2003/wordml") {
            return "a Word 2003 XML document";
        }
        if lower.starts_with(b"<?xml") {
            return "an XML file";
        }
    }
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if wide || !head.contains(&0) { "plain text" } else { "of no known kind" }
}

fn detect_compound(input: &mut dyn Input, head: &[u8]) -> Result<Found, Error> {
    let mut other = "a compound file of no known kind";
    for name in stream_names(input, head)? {
        // Names are the same in capitals and small letters ([MS-CFB] 2.6.4).
        match name.to_ascii_lowercase().as_str() {
            "encryptedpackage" | "encryptioninfo" => return Ok(Found::Encrypted),
            "workbook" | "book" => other = "an Excel 97-2003 workbook (xls)",
            "worddocument" => other = "a Word 97-2003 document (doc)",
            "powerpoint document" => other = "a PowerPoint 97-2003 presentation (ppt)",
            _ => {}
        }
    }
    Ok(Found::Other(other.into()))
}

/// Names in the directory of a compound file ([MS-CFB] 2.2, 2.6), as far as its chain of sectors can
/// be followed through the first allocation sectors; those cover some 7 MB, and directories stand
/// early.
fn stream_names(input: &mut dyn Input, head: &[u8]) -> Result<Vec<String>, Error> {
    let number = |at: usize| {
        head.get(at..at + 4)
            .map_or(0, |bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes were taken")))
    };
    let shift = if number(30) & 0xffff == 12 { 12 } else { 9 };
    let sector_bytes = 1_usize << shift;
    let mut read_sector = |sector: u32| -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        input.seek(SeekFrom::Start((u64::from(sector) + 1) << shift))?;
        (&mut *input).take(sector_bytes as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let per_sector = sector_bytes as u32 / 4;
    let mut names = Vec::new();
    let mut sector = number(0x30);
    for _ in 0..1_000 {
        let bytes = read_sector(sector)?;
        if bytes.is_empty() {
            break;
        }
        names.extend(bytes.chunks_exact(128).filter_map(entry_name));
        let table = sector / per_sector;
        if table >= 109 {
            break;
        }
        let table = read_sector(number(0x4c + table as usize * 4))?;
        let at = (sector % per_sector) as usize * 4;
        let Some(next) = table.get(at..at + 4) else { break };
        sector = u32::from_le_bytes(next.try_into().expect("four bytes were taken"));
        // From here on numbers mark ends and free sectors.
        if sector >= 0xffff_fffa {
            break;
        }
    }
    Ok(names)
}

fn entry_name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
    let units = entry.get(..length.checked_sub(2)?.min(62))?;
    let units: Vec<u16> =
        units.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    String::from_utf16(&units).ok()
}
