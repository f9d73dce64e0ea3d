//! Bytes of tokens, which may end anywhere.

use crate::xls::code_page::CodePage;
use crate::xls::records::Biff;

/// Tokens yet to be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::xls) struct Tokens<'t> {
    left: &'t [u8],
}

impl<'t> Tokens<'t> {
    pub(super) const fn new(left: &'t [u8]) -> Self {
        Self { left }
    }

    fn take<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        let (taken, left) = self.left.split_first_chunk::<COUNT>()?;
        self.left = left;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes).filter(|number| number.is_finite())
    }

    /// Passes over `count` bytes.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.bytes(count).map(|_| ())
    }

    fn bytes(&mut self, count: usize) -> Option<&'t [u8]> {
        let (taken, left) = self.left.split_at_checked(count)?;
        self.left = left;
        Some(taken)
    }

    /// Appends a text of `length` characters as its generation writes it.
    pub(super) fn text(
        &mut self,
        biff: Biff,
        length: usize,
        page: &CodePage,
        out: &mut String,
    ) -> Option<()> {
        if biff != Biff::V8 {
            page.decode_into(self.bytes(length)?, out);
            return Some(());
        }
        if self.u8()? & 1 == 0 {
            out.extend(self.bytes(length)?.iter().map(|&byte| char::from(byte)));
        } else {
            let (units, _) = self.bytes(length * 2)?.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            out.extend(
                char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
            );
        }
        Some(())
    }
}
