//! Boxes of forms ([MS-DOC] 2.9.78): whether one is ticked.

use crate::compound::bytes::{u16_at, u32_at};

/// Bytes of a field's data that are looked at.
pub(super) const FORM_BYTES: usize = 1_024;

/// Whether the data of a field is that of a box, and whether the box is ticked.
pub(super) fn tick(data: &[u8]) -> Option<bool> {
    let head = usize::from(u16_at(data, 4)?);
    if u32_at(data, head)? != u32::MAX {
        return None;
    }
    let bits = u16_at(data, head + 4)?;
    if bits & 3 != 1 {
        return None;
    }
    let result = bits >> 2 & 0x1F;
    if result != 25 {
        return Some(result == 1);
    }
    // Not said: as it is by default, which stands behind the name.
    let name = usize::from(u16_at(data, head + 10)?);
    let default = u16_at(data, head + 12 + 2 * (name + 1))?;
    Some(default == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_ticked_by_result_or_default() {
        let form = |bits: u16, default: u16| {
            let mut data = vec![0; 68];
            data[4] = 68;
            data.extend(u32::MAX.to_le_bytes());
            data.extend(bits.to_le_bytes());
            data.extend([0, 0, 0, 0, 1, 0, b'a', 0, 0, 0]);
            data.extend(default.to_le_bytes());
            tick(&data)
        };
        assert_eq!([form(1 | 1 << 2, 0), form(1, 1)], [Some(true), Some(false)]);
        assert_eq!([form(1 | 25 << 2, 1), form(0, 1)], [Some(true), None]);
    }
}
