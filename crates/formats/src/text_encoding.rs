//! Which encoding a text file is in, and its bytes as UTF-8: whole ([`read_text`]) or streamed
//! ([`Utf8Reader`]). What the text means is the reader's business.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use larkspur_model::loss::LossKind;

use crate::{Context, Error, Input};

/// As many bytes as [`detect`] needs to be sure; more than this are not looked at.
pub const DETECTION_BYTES: usize = 256 * 1024;

/// How the code units of a text lie in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// One of the encodings of the WHATWG standard.
    Standard(&'static Encoding),
    /// UTF-32, least byte first.
    Utf32Le,
    /// UTF-32, greatest byte first.
    Utf32Be,
}

impl TextEncoding {
    /// The encoding's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard(encoding) => encoding.name(),
            Self::Utf32Le => "UTF-32LE",
            Self::Utf32Be => "UTF-32BE",
        }
    }
}

/// What [`detect`] found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// The encoding.
    pub encoding: TextEncoding,
    /// Bytes of the byte order mark at the start; 0 without one.
    pub bom_len: usize,
}

impl Detected {
    const fn standard(encoding: &'static Encoding, bom_len: usize) -> Self {
        Self { encoding: TextEncoding::Standard(encoding), bom_len }
    }
}

/// The encoding of a text that starts with `prefix`; `complete` when nothing follows it. A byte
/// order mark decides; then the pattern of zero bytes; then whether the bytes are UTF-8; then the
/// frequencies of the legacy encodings.
pub fn detect(prefix: &[u8], complete: bool) -> Detected {
    let complete = complete && prefix.len() <= DETECTION_BYTES;
    let prefix = prefix.get(..DETECTION_BYTES).unwrap_or(prefix);
    if let Some(marked) = by_mark(prefix) {
        return marked;
    }
    let utf8 = utf8_shape(prefix, complete);
    if memchr::memchr(0, prefix).is_some()
        && let Some(encoding) = by_zeros(prefix, utf8.broken == 0)
    {
        return Detected { encoding, bom_len: 0 };
    }
    // A few broken bytes in a text that is otherwise full of well-formed sequences are damage, not
    // another encoding.
    if utf8.broken == 0 || utf8.multibyte >= 20 * utf8.broken {
        return Detected::standard(UTF_8, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(prefix, complete);
    let guess = detector.guess(None, Utf8Detection::Deny);
    Detected::standard(if guess == GBK { GB18030 } else { guess }, 0)
}

fn by_mark(prefix: &[u8]) -> Option<Detected> {
    let utf32 = |encoding| Some(Detected { encoding, bom_len: 4 });
    match prefix {
        [0xEF, 0xBB, 0xBF, ..] => Some(Detected::standard(UTF_8, 3)),
        [0xFF, 0xFE, 0, 0, ..] => utf32(TextEncoding::Utf32Le),
        [0, 0, 0xFE, 0xFF, ..] => utf32(TextEncoding::Utf32Be),
        [0xFF, 0xFE, ..] => Some(Detected::standard(UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some(Detected::standard(UTF_16BE, 2)),
        // The mark as GB18030 spells it.
        [0x84, 0x31, 0x95, 0x33, ..] => Some(Detected::standard(GB18030, 4)),
        _ => None,
    }
}

struct Utf8Shape {
    multibyte: usize,
    broken: usize,
}

/// Counts well-formed sequences of several bytes, where there are broken ones, and those; a sequence cut by the end of an
/// incomplete prefix is neither.
fn utf8_shape(bytes: &[u8], complete: bool) -> Utf8Shape {
    let mut shape = Utf8Shape { multibyte: 0, broken: 0 };
    // Nobody asks how many sequences there are where none is broken.
    if encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len() {
        return shape;
    }
    for chunk in bytes.utf8_chunks() {
        shape.multibyte += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        shape.broken += usize::from(!chunk.invalid().is_empty());
    }
    if !complete && shape.broken > 0 && std::str::from_utf8(bytes).is_err_and(is_cut_only) {
        shape.broken = 0;
    }
    shape
}

fn is_cut_only(error: std::str::Utf8Error) -> bool {
    error.error_len().is_none()
}

/// UTF-16 or UTF-32 without a mark: zero bytes stand at the same places of most units. Text in other
/// encodings holds none, or a stray one.
fn by_zeros(prefix: &[u8], is_utf8: bool) -> Option<TextEncoding> {
    for (encoding, read) in [
        (TextEncoding::Utf32Le, u32::from_le_bytes as fn([u8; 4]) -> u32),
        (TextEncoding::Utf32Be, u32::from_be_bytes as fn([u8; 4]) -> u32),
    ] {
        let (units, _) = prefix.as_chunks::<4>();
        if units.len() >= 2
            && units.iter().all(|unit| char::from_u32(read(*unit)).is_some_and(|c| c != '\0'))
        {
            return Some(encoding);
        }
    }
    let (pairs, _) = prefix.as_chunks::<2>();
    let first = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let second = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let (encoding, zeros, others) =
        if second >= first { (UTF_16LE, second, first) } else { (UTF_16BE, first, second) };
    let share = if is_utf8 { 4 } else { 200 };
    if zeros * share < pairs.len() || others * 10 > zeros {
        return None;
    }
    let (text, had_errors) = encoding.decode_without_bom_handling(&prefix[..pairs.len() * 2]);
    let controls = text.chars().filter(|c| c.is_control() && !"\t\n\r\u{c}".contains(*c)).count();
    let plausible = is_utf8 || (!had_errors && controls * 50 <= pairs.len());
    plausible.then_some(TextEncoding::Standard(encoding))
}

/// Reads a text as UTF-8 whatever it was encoded in; the byte order mark is not part of it. Bytes
/// that are no text in the source's encoding become U+FFFD and are counted.
#[derive(Debug)]
pub struct Utf8Reader<R> {
    inner: R,
    decoding: Decoding,
    input: Vec<u8>,
    /// Where the unread part of `input` starts.
    taken: usize,
    ended: bool,
    output: Vec<u8>,
    /// Where the unread part of `output` starts.
    given: usize,
    replaced: u64,
}

enum Decoding {
    Standard(Box<encoding_rs::Decoder>),
    Utf32 { read: fn([u8; 4]) -> u32 },
    Finished,
}

impl std::fmt::Debug for Decoding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Standard(decoder) => decoder.encoding().name(),
            Self::Utf32 { .. } => "UTF-32",
            Self::Finished => "finished",
        })
    }
}

const CHUNK_BYTES: usize = 64 * 1024;

impl<R: Read> Utf8Reader<R> {
    /// A reader over `inner`, which stands at the very start of the text: the mark is skipped here.
    pub fn new(inner: R, detected: Detected) -> Self {
        let decoding = match detected.encoding {
            TextEncoding::Standard(encoding) => {
                Decoding::Standard(Box::new(encoding.new_decoder_without_bom_handling()))
            }
            TextEncoding::Utf32Le => Decoding::Utf32 { read: u32::from_le_bytes },
            TextEncoding::Utf32Be => Decoding::Utf32 { read: u32::from_be_bytes },
        };
        let mut reader = Self {
            inner,
            decoding,
            input: Vec::new(),
            taken: 0,
            ended: false,
            output: Vec::new(),
            given: 0,
            replaced: 0,
        };
        reader.taken = detected.bom_len;
        reader
    }

    /// How many malformed sequences were replaced so far.
    pub const fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Reads the next bytes of the source behind those not yet decoded.
    fn fill(&mut self) -> io::Result<()> {
        let skip = self.taken.min(self.input.len());
        self.input.drain(..skip);
        self.taken -= skip;
        let before = self.input.len();
        self.input.resize(before + CHUNK_BYTES, 0);
        let read = loop {
            match self.inner.read(&mut self.input[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.input.truncate(before + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        Ok(())
    }

    /// Decodes what was read; leaves a unit cut by the end of the input for the next time.
    fn decode(&mut self) {
        self.output.clear();
        self.given = 0;
        match &mut self.decoding {
            Decoding::Standard(decoder) => {
                let input = self.input.get(self.taken..).unwrap_or_default();
                let most = decoder.max_utf8_buffer_length(input.len()).unwrap_or(CHUNK_BYTES * 3);
                self.output.resize(most, 0);
                let (mut read, mut written) = (0, 0);
                loop {
                    let (result, taken, given) = decoder.decode_to_utf8_without_replacement(
                        &input[read..],
                        &mut self.output[written..],
                        self.ended,
                    );
                    read += taken;
                    written += given;
                    match result {
                        DecoderResult::InputEmpty => break,
                        DecoderResult::OutputFull => {
                            self.output.resize(self.output.len() * 2 + 16, 0);
                        }
                        DecoderResult::Malformed(..) => {
                            self.output.resize(self.output.len().max(written + 3), 0);
                            self.output[written..written + 3]
                                .copy_from_slice("\u{fffd}".as_bytes());
                            written += 3;
                            self.replaced += 1;
                        }
                    }
                }
                self.output.truncate(written);
                self.taken += read;
            }
            Decoding::Utf32 { read } => {
                let input = self.input.get(self.taken..).unwrap_or_default();
                let (units, rest) = input.as_chunks::<4>();
                let mut buffer = [0; 4];
                for unit in units {
                    let character = char::from_u32(read(*unit)).unwrap_or_else(|| {
                        self.replaced += 1;
                        char::REPLACEMENT_CHARACTER
                    });
                    self.output.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                }
                if self.ended && !rest.is_empty() {
                    self.output.extend_from_slice("\u{fffd}".as_bytes());
                    self.replaced += 1;
                }
                self.taken += units.len() * 4;
            }
            Decoding::Finished => {}
        }
        if self.ended {
            self.decoding = Decoding::Finished;
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if matches!(self.decoding, Decoding::Finished) || into.is_empty() {
                return Ok(0);
            }
            self.fill()?;
            self.decode();
        }
        let ready = &self.output[self.given..];
        let count = ready.len().min(into.len());
        into[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

/// The whole input as text. Replaced bytes are noted as a loss.
///
/// # Errors
/// [`Error::TooLarge`] past the cap for one entry of a container, which no text document reaches.
pub fn read_text(input: &mut dyn Input, context: &mut Context<'_>) -> Result<String, Error> {
    let most = context.limits.entry_bytes.min(1 << 30);
    let mut bytes = Vec::new();
    input.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::TooLarge(format!("a text of more than {most} bytes")));
    }
    let detected = detect(&bytes, true);
    if detected == Detected::standard(UTF_8, 0) {
        match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => bytes = error.into_bytes(),
        }
    }
    let mut reader = Utf8Reader::new(bytes.as_slice(), detected);
    let mut text = String::with_capacity(bytes.len());
    reader.read_to_string(&mut text)?;
    if reader.replaced() > 0 {
        context.losses.add_many(
            LossKind::TextReplaced,
            "",
            format!("bytes that are no {} text", detected.encoding.name()),
            reader.replaced(),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    fn decode(bytes: &[u8]) -> (String, Detected, u64) {
        let detected = detect(bytes, true);
        let mut reader = Utf8Reader::new(bytes, detected);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        (text, detected, reader.replaced())
    }

    fn utf16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn unicode_with_and_without_marks() {
        let text = "id,名前\r\n1,日本語のテキスト 😀\r\n2,plain text\r\n";
        for mark in ["", "\u{feff}"] {
            let marked = format!("{mark}{text}");
            let utf32 = |to: fn(u32) -> [u8; 4]| -> Vec<u8> {
                marked.chars().flat_map(|c| to(u32::from(c))).collect()
            };
            for bytes in [
                marked.clone().into_bytes(),
                utf16(&marked, u16::to_le_bytes),
                utf16(&marked, u16::to_be_bytes),
                utf32(u32::to_le_bytes),
                utf32(u32::to_be_bytes),
            ] {
                let (decoded, detected, replaced) = decode(&bytes);
                assert_eq!((decoded.as_str(), replaced), (text, 0), "{detected:?}");
            }
        }
    }

    #[test]
    fn legacy_encodings_are_told_apart() {
        for (encoding, text) in [
            (GB18030, "简体中文的文字，编码是国标。今天天气很好，我们去公园散步。"),
            (BIG5, "繁體中文的文字，編碼是大五碼。今天天氣很好，我們去公園散步。"),
            (SHIFT_JIS, "これは日本語の文章です。カタカナと漢字が混ざっています。"),
            (WINDOWS_1251, "Это русский текст в старой кодировке, довольно длинный."),
            (WINDOWS_1252, "Le café est fermé à Noël, mais où est passée la crème brûlée ?"),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            let (decoded, detected, _) = decode(&bytes);
            assert_eq!(decoded, text, "{detected:?}");
        }
    }

    #[test]
    fn damage_in_utf8_stays_utf8_and_is_counted() {
        let mut bytes = "好".repeat(200).into_bytes();
        bytes.splice(300..300, [0xFF]);
        let (decoded, detected, replaced) = decode(&bytes);
        assert_eq!(detected, Detected::standard(UTF_8, 0));
        assert_eq!((decoded.chars().filter(|c| *c == '\u{fffd}').count(), replaced), (1, 1));
    }

    #[test]
    fn a_stray_zero_byte_is_not_utf16() {
        let (decoded, ..) = decode(b"a,b\n1,\0\n2,3\n");
        assert_eq!(decoded, "a,b\n1,\0\n2,3\n");
    }

    #[test]
    fn a_prefix_may_end_within_a_character() {
        let text = "汉字".repeat(10);
        assert_eq!(detect(&text.as_bytes()[..31], false), Detected::standard(UTF_8, 0));
    }

    #[test]
    fn streaming_in_small_steps_gives_the_same() {
        struct OneByOne<'a>(&'a [u8]);
        impl Read for OneByOne<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(into.len()).min(1);
                into[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let text = "\u{feff}grüße 世界 😀\n";
        for bytes in [utf16(text, u16::to_le_bytes), text.as_bytes().to_vec()] {
            let mut reader = Utf8Reader::new(OneByOne(&bytes), detect(&bytes, true));
            let mut read = String::new();
            reader.read_to_string(&mut read).unwrap();
            assert_eq!(read, text.trim_start_matches('\u{feff}'));
        }
    }
}
