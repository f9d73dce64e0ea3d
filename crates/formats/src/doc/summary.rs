//! The title among the properties of the file ([MS-OLEPS]).

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use crate::compound::bytes::{u16_at, u32_at};

/// Bytes of the properties that are read.
pub(super) const SUMMARY_BYTES: usize = 256 << 10;
/// Characters of a title (contract, NOTES 7.5).
const MOST_TITLE: usize = 800;
/// Properties of a set.
const MOST_PROPERTIES: u32 = 1_000;

/// The title the properties in `bytes` name; empty where they name none.
pub(super) fn title(bytes: &[u8]) -> String {
    let found = section(bytes).and_then(|section| {
        let page = property(section, 1).and_then(|at| u16_at(section, at + 4)).unwrap_or(1252);
        text(section, property(section, 2)?, page)
    });
    let title = found.unwrap_or_default();
    let title = title.split('\0').next().unwrap_or_default().trim();
    title.chars().filter(|c| !c.is_control()).take(MOST_TITLE).collect()
}

fn section(bytes: &[u8]) -> Option<&[u8]> {
    (u16_at(bytes, 0)? == 0xFFFE).then_some(())?;
    bytes.get(u32_at(bytes, 44)? as usize..)
}

fn property(section: &[u8], wanted: u32) -> Option<usize> {
    let count = u32_at(section, 4)?.min(MOST_PROPERTIES) as usize;
    (0..count)
        .find(|index| u32_at(section, 8 + 8 * index) == Some(wanted))
        .and_then(|index| u32_at(section, 12 + 8 * index))
        .map(|at| at as usize)
}

fn text(section: &[u8], at: usize, page: u16) -> Option<String> {
    let kind = u16_at(section, at)?;
    let length = u32_at(section, at + 4)? as usize;
    let length = length.min(4 * MOST_TITLE);
    let rest = section.get(at + 8..)?;
    let (bytes, encoding) = match kind {
        30 => (rest.get(..length).unwrap_or(rest), encoding_of(page)),
        31 => (rest.get(..2 * length).unwrap_or(rest), UTF_16LE),
        _ => return None,
    };
    Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

/// The encoding of a code page of Windows.
pub(super) fn encoding_of(page: u16) -> &'static Encoding {
    match page {
        65001 => encoding_rs::UTF_8,
        1200 => UTF_16LE,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 | 54936 => encoding_rs::GB18030,
        949 | 1361 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 => encoding_rs::MACINTOSH,
        _ => WINDOWS_1252,
    }
}

/// The code page of files in a language, by its number ([MS-LCID]).
pub(super) fn page_of_language(language: u16) -> u16 {
    match (language & 0x3FF, language) {
        (0x04, 0x0404 | 0x0C04 | 0x1404) => 950,
        (0x04, _) => 936,
        (0x11, _) => 932,
        (0x12, _) => 949,
        (0x1E, _) => 874,
        (0x1A, 0x0C1A | 0x1C1A) | (0x02 | 0x19 | 0x22 | 0x23 | 0x2F, _) => 1251,
        (0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24, _) => 1250,
        (0x08, _) => 1253,
        (0x1F, _) => 1254,
        (0x0D, _) => 1255,
        (0x01 | 0x20 | 0x29, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x2A, _) => 1258,
        _ => 1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_in_their_code_page() {
        let mut set = vec![0xFE, 0xFF];
        set.resize(44, 0);
        set.extend(48_u32.to_le_bytes());
        for number in [0, 2, 1, 24, 2, 32] {
            set.extend(u32::to_le_bytes(number));
        }
        set.extend([2, 0, 0, 0, 0xA8, 3, 0, 0]);
        set.extend([30, 0, 0, 0, 5, 0, 0, 0, 0xB1, 0xEA, 0xCC, 0xE2, 0, 9]);
        assert_eq!(title(&set), "标题");
        for end in 0..set.len() {
            title(&set[..end]);
        }
    }

    #[test]
    fn languages_have_code_pages() {
        assert_eq!([0x0804, 0x0404, 0x0411, 0x0409].map(page_of_language), [936, 950, 932, 1252]);
    }
}
