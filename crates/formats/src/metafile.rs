//! Drawings of Windows, EMF and WMF, known by their first bytes. No browser shows them, Office does.

/// What the first bytes of a metafile say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metafile {
    /// As Office names it in its packages.
    pub(crate) media_type: &'static str,
    /// File name ending, without the dot.
    pub(crate) extension: &'static str,
    /// Width and height, pixels at 96 to the inch.
    pub(crate) size_px: (u32, u32),
}

/// Bytes that are enough for [`Metafile::of`].
pub(crate) const HEAD_BYTES: usize = 512;
/// Longest side, pixels: more is a mistake in the head.
const MOST_SIDE: f64 = 4_096.0;
/// Width of a drawing that only says its shape, pixels.
const SHAPE_WIDTH: f64 = 320.0;
/// The record of a WMF that sets how many units the drawing is wide and high ([MS-WMF] 2.3.5.30).
const SET_WINDOW_EXT: u16 = 0x020C;
/// Bytes of the head of a WMF without a frame ([MS-WMF] 2.3.2.2).
const HEAD: usize = 18;

impl Metafile {
    /// The metafile that begins so, if it is one.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let (media_type, extension) = ("image/x-wmf", "wmf");
        if head.starts_with(&[1, 0, 0, 0]) && head.get(40..44) == Some(b" EMF") {
            let size_px = enhanced_size(head);
            return Some(Self { media_type: "image/x-emf", extension: "emf", size_px });
        }
        if head.starts_with(&[0xD7, 0xCD, 0xC6, 0x9A]) {
            return Some(Self { media_type, extension, size_px: placeable_size(head) });
        }
        let plain = head.starts_with(&[1, 0, 9, 0, 0, 3]) || head.starts_with(&[2, 0, 9, 0, 0, 3]);
        plain.then(|| Self { media_type, extension, size_px: shape(head) })
    }
}

/// The frame of an EMF, hundredths of a millimetre ([MS-EMF] 2.3.4.2).
fn enhanced_size(head: &[u8]) -> (u32, u32) {
    let side = |at: usize| {
        let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        f64::from(bytes.map_or(0, i32::from_le_bytes))
    };
    let pixels = |hundredths: f64| hundredths / 2_540.0 * 96.0;
    sized(pixels(side(32) - side(24)), pixels(side(36) - side(28)))
}

/// The frame of a WMF that has one, in units of which so many make an inch.
fn placeable_size(head: &[u8]) -> (u32, u32) {
    let per_inch = f64::from(short(head, 14).max(1));
    let pixels = |units: i32| f64::from(units) / per_inch * 96.0;
    let side = |from: usize, to: usize| i32::from(short(head, to)) - i32::from(short(head, from));
    sized(pixels(side(6, 10)), pixels(side(8, 12)))
}

/// A WMF without a frame is as wide as any other; its shape is told by its first records.
fn shape(head: &[u8]) -> (u32, u32) {
    let mut at = HEAD;
    while let Some(&[a, b, c, d, low, high]) = head.get(at..).and_then(<[u8]>::first_chunk) {
        if u16::from_le_bytes([low, high]) == SET_WINDOW_EXT {
            let (down, across) = (f64::from(short(head, at + 6)), f64::from(short(head, at + 8)));
            return sized(SHAPE_WIDTH, SHAPE_WIDTH * down.abs() / across.abs().max(1.0));
        }
        // A record counts itself, in words of two bytes; its own head is three of them.
        let words = u32::from_le_bytes([a, b, c, d]).max(3) as usize;
        at = at.saturating_add(words.saturating_mul(2));
    }
    sized(SHAPE_WIDTH, SHAPE_WIDTH * 0.75)
}

fn short(head: &[u8], at: usize) -> i16 {
    let bytes = head.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, i16::from_le_bytes)
}

fn sized(width: f64, height: f64) -> (u32, u32) {
    let side = |value: f64| value.abs().round().clamp(1.0, MOST_SIDE) as u32;
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[i16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn metafiles_tell_their_size() {
        let mut emf = vec![0; 64];
        emf[0] = 1;
        emf[32..36].copy_from_slice(&2_540_i32.to_le_bytes());
        emf[36..40].copy_from_slice(&5_080_i32.to_le_bytes());
        emf[40..44].copy_from_slice(b" EMF");
        let known = |head: &[u8]| Metafile::of(head).map(|found| (found.extension, found.size_px));
        assert_eq!(known(&emf), Some(("emf", (96, 192))));

        let mut placeable = vec![0xD7, 0xCD, 0xC6, 0x9A];
        placeable.extend(words(&[0, -100, -100, 1_340, 620, 1_440, 0, 0]));
        assert_eq!(known(&placeable), Some(("wmf", (96, 48))));

        let mut plain = words(&[1, 9, 0x300]);
        plain.resize(HEAD, 0);
        assert_eq!(known(&plain), Some(("wmf", (320, 240))));
        plain.extend(words(&[4, 0, 0x0103, 8, 5, 0, 0x020C, 500, 1_000]));
        assert_eq!(known(&plain), Some(("wmf", (320, 160))));
    }

    #[test]
    fn a_broken_head_is_no_trouble() {
        assert_eq!(Metafile::of(b""), None);
        assert_eq!(Metafile::of(b"\x89PNG"), None);
        for head in [&[0xD7, 0xCD, 0xC6, 0x9A][..], &[1, 0, 9, 0, 0, 3], &[2, 0, 9, 0, 0, 3, 9]] {
            assert!(Metafile::of(head).is_some_and(|found| found.size_px.0 > 0));
        }
        let endless = [&words(&[1, 9, 0x300])[..], &[0xFF; 100]].concat();
        assert!(Metafile::of(&endless).is_some());
    }
}
