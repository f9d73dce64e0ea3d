//! Numbers and texts out of bytes that may end anywhere.

/// The byte at `at`.
pub(crate) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The number of two bytes at `at`, the least first.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let taken = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(taken.try_into().ok()?))
}

/// The number of two bytes at `at`, which may be negative.
pub(crate) fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    u16_at(bytes, at).map(|number| number as i16)
}

/// The number of four bytes at `at`, the least first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let taken = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(taken.try_into().ok()?))
}

/// The number of four bytes at `at`, which may be negative.
pub(crate) fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    u32_at(bytes, at).map(|number| number as i32)
}

/// `count` characters of two bytes from `at` on, as far as they are there.
pub(crate) fn utf16_at(bytes: &[u8], at: usize, count: usize) -> String {
    let rest = bytes.get(at..).unwrap_or_default();
    let (units, _) = rest.as_chunks::<2>();
    let units = units.iter().take(count).map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A table of positions and what stands between them ([MS-DOC] 2.2.2): `n + 1` positions, then `n`
/// entries of `entry` bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plc<'b> {
    bytes: &'b [u8],
    entry: usize,
    count: usize,
}

impl<'b> Plc<'b> {
    pub(crate) fn new(bytes: &'b [u8], entry: usize) -> Self {
        let count = bytes.len().saturating_sub(4) / (entry + 4);
        Self { bytes, entry, count }
    }

    /// Entries there are; one less than positions.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// The position before entry `index`, or the last one for `len`.
    pub(crate) fn position(&self, index: usize) -> Option<u32> {
        (index <= self.count).then(|| u32_at(self.bytes, index * 4)).flatten()
    }

    /// Entry `index`.
    pub(crate) fn entry(&self, index: usize) -> &'b [u8] {
        let at = (self.count + 1) * 4 + index * self.entry;
        self.bytes.get(at..at + self.entry).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_with_the_bytes() {
        let bytes = [1, 2, 3, 0xFF];
        assert_eq!(u16_at(&bytes, 1), Some(0x0302));
        assert_eq!(i16_at(&bytes, 2), Some(-253));
        assert_eq!([u32_at(&bytes, 0), u32_at(&bytes, 1)], [Some(0xFF03_0201), None]);
        assert_eq!([u16_at(&bytes, usize::MAX), u16_at(&bytes, 3)], [None, None]);
        assert_eq!(utf16_at(b"a\0b\0c", 0, 9), "ab");
    }

    #[test]
    fn positions_stand_before_entries() {
        let numbers = [0_u32, 10, 20];
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend([7, 7, 8, 8]);
        let plc = Plc::new(&bytes, 2);
        assert_eq!((plc.len(), plc.entry(1)), (2, &[8, 8][..]));
        assert_eq!([plc.position(2), plc.position(3)], [Some(20), None]);
    }
}
