//! The table of fonts, as far as fonts mean something: what their letters stand for, and in old files the
//! encoding of the text in them.

use encoding_rs::Encoding;

use crate::compound::bytes::{u8_at, u16_at, utf16_at};
use crate::word_flow::fonts::{Face, face_of};

/// Characters of a font's name.
const MOST_NAME: usize = 64;

/// What each font means, by its number.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    faces: Vec<Face>,
    encodings: Vec<Option<&'static Encoding>>,
}

impl Fonts {
    /// Reads the table ([MS-DOC] 2.9.289); that of Word 6 has names of one byte a character.
    pub(super) fn read(bytes: &[u8], old: Option<&'static Encoding>) -> Self {
        let (mut faces, mut encodings) = (Vec::new(), Vec::new());
        let mut at = if old.is_some() { 2 } else { 4 };
        let count =
            if old.is_some() { usize::MAX } else { u16_at(bytes, 0).map_or(0, usize::from) };
        while let Some(length) = u8_at(bytes, at).map(usize::from).filter(|_| faces.len() < count) {
            let entry = bytes.get(at + 1..at + 1 + length).unwrap_or_default();
            let name = match old {
                Some(encoding) => {
                    let name = entry.get(5..).unwrap_or_default();
                    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
                    encoding.decode_without_bom_handling(&name[..end]).0.into_owned()
                }
                None => utf16_at(entry, 39, MOST_NAME),
            };
            let name = name.split('\0').next().unwrap_or_default();
            faces.push(face_of(name));
            encodings.push(u8_at(entry, 3).and_then(encoding_of_set));
            at += 1 + length;
        }
        Self { faces, encodings }
    }

    /// What the font of this number means.
    pub(super) fn face(&self, number: u16) -> Face {
        self.faces.get(usize::from(number)).copied().unwrap_or(Face::Plain)
    }

    /// The encoding of text in the font of this number; none where any may be meant.
    pub(super) fn encoding(&self, number: u16) -> Option<&'static Encoding> {
        *self.encodings.get(usize::from(number))?
    }
}

/// The encoding of a set of characters of Windows ([MS-WMF] 2.1.1.5).
fn encoding_of_set(number: u8) -> Option<&'static Encoding> {
    Some(match number {
        77 => encoding_rs::MACINTOSH,
        128 => encoding_rs::SHIFT_JIS,
        129 | 130 => encoding_rs::EUC_KR,
        134 => encoding_rs::GB18030,
        136 => encoding_rs::BIG5,
        161 => encoding_rs::WINDOWS_1253,
        162 => encoding_rs::WINDOWS_1254,
        163 => encoding_rs::WINDOWS_1258,
        177 => encoding_rs::WINDOWS_1255,
        178 => encoding_rs::WINDOWS_1256,
        186 => encoding_rs::WINDOWS_1257,
        204 => encoding_rs::WINDOWS_1251,
        222 => encoding_rs::WINDOWS_874,
        238 => encoding_rs::WINDOWS_1250,
        _ => return None,
    })
}
