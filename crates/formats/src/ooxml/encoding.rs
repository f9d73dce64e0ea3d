//! Which encoding an XML part is in, and its bytes as UTF-8.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::feed::{Chunk, Feed, HEADROOM};
use crate::Error;

/// A feed of UTF-8, whatever encoding the part is in. Parts that are UTF-8 pass through untouched
/// and unchecked.
pub(crate) struct Decoded<'f> {
    feed: &'f mut dyn Feed,
    state: State,
}

enum State {
    Start,
    Plain,
    Decoding(Box<Decoder>),
    Ended,
}

impl<'f> Decoded<'f> {
    /// Wraps `feed`.
    pub(crate) fn new(feed: &'f mut dyn Feed) -> Self {
        Self { feed, state: State::Start }
    }
}

impl Feed for Decoded<'_> {
    fn next(&mut self, spent: Vec<u8>) -> Result<Option<Chunk>, Error> {
        match &mut self.state {
            State::Start => {
                let Some(mut chunk) = self.feed.next(Vec::new())? else { return Ok(None) };
                let (encoding, mark) = sniff(&chunk.bytes[chunk.start..chunk.end]);
                chunk.start += mark;
                if encoding == UTF_8 {
                    self.state = State::Plain;
                    return Ok(Some(chunk));
                }
                let mut decoder = Box::new(encoding.new_decoder_without_bom_handling());
                let text = decode(&mut decoder, &chunk.bytes[chunk.start..chunk.end], false);
                self.state = State::Decoding(decoder);
                Ok(Some(text))
            }
            State::Plain => self.feed.next(spent),
            State::Decoding(decoder) => {
                if let Some(chunk) = self.feed.next(Vec::new())? {
                    let bytes = &chunk.bytes[chunk.start..chunk.end];
                    return Ok(Some(decode(decoder, bytes, false)));
                }
                let rest = decode(decoder, &[], true);
                self.state = State::Ended;
                Ok((rest.end > rest.start).then_some(rest))
            }
            State::Ended => Ok(None),
        }
    }

    fn tick(&mut self) -> Result<(), Error> {
        self.feed.tick()
    }
}

fn decode(decoder: &mut Decoder, bytes: &[u8], last: bool) -> Chunk {
    let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 4 + 16);
    let mut text = vec![0; HEADROOM + room];
    let (result, _, written, _) = decoder.decode_to_utf8(bytes, &mut text[HEADROOM..], last);
    debug_assert_eq!(result, CoderResult::InputEmpty, "the buffer was asked to be large enough");
    Chunk { bytes: text, start: HEADROOM, end: HEADROOM + written }
}

/// The encoding by byte order mark, by the look of `<?`, or by declaration; and the mark's length.
fn sniff(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding, mark);
    }
    match bytes {
        [0, b'<', 0, _, ..] => return (UTF_16BE, 0),
        [b'<', 0, _, 0, ..] => return (UTF_16LE, 0),
        _ => {}
    }
    let declared = declared(bytes).and_then(Encoding::for_label).unwrap_or(UTF_8);
    // Bytes that spell "UTF-16" in single bytes are not UTF-16.
    if declared == UTF_16BE || declared == UTF_16LE { (UTF_8, 0) } else { (declared, 0) }
}

fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = &bytes[..bytes.len().min(256)];
    let head = head.strip_prefix(b"<?xml")?;
    let head = &head[..memchr::memmem::find(head, b"?>")?];
    let value = &head[memchr::memmem::find(head, b"encoding")? + 8..];
    let quote = value.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let value = &value[quote..];
    let length = memchr::memchr(value[0], &value[1..])?;
    Some(&value[1..=length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ooxml::Whole;

    fn decoded(bytes: Vec<u8>) -> String {
        let mut whole = Whole::new(bytes);
        let mut feed = Decoded::new(&mut whole);
        let mut text = Vec::new();
        while let Some(chunk) = feed.next(Vec::new()).unwrap() {
            text.extend_from_slice(&chunk.bytes[chunk.start..chunk.end]);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn encodings_are_recognised() {
        let wide = |text: &str, mark: &[u8], order: fn(u16) -> [u8; 2]| {
            mark.iter().copied().chain(text.encode_utf16().flat_map(order)).collect::<Vec<u8>>()
        };
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>表😀</a>";
        assert_eq!(decoded(wide(text, &[0xfe, 0xff], u16::to_be_bytes)), text);
        assert_eq!(decoded(wide(text, &[0xff, 0xfe], u16::to_le_bytes)), text);
        assert_eq!(decoded(wide(text, &[], u16::to_be_bytes)), text);
        assert_eq!(decoded(wide(text, &[], u16::to_le_bytes)), text);
        assert_eq!(decoded(text.as_bytes().to_vec()), text);
        assert_eq!(decoded(b"\xef\xbb\xbf<a/>".to_vec()), "<a/>");
        let mut chinese = b"<?xml version='1.0' encoding='GBK'?><a>".to_vec();
        chinese.extend_from_slice(&[0xb1, 0xed]);
        assert!(decoded(chinese).ends_with("<a>表"));
    }
}
