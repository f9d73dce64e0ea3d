//! The file information block at the start of the text's stream: which version, how long each story is,
//! where the tables lie ([MS-DOC] 2.5).

use crate::Error;
use crate::compound::bytes::{u16_at, u32_at};

/// Bytes of the block that are looked at.
pub(super) const FIB_BYTES: usize = 0x400;

/// First version with characters of two bytes and tables in a stream of their own.
const WORD_97: u16 = 0x00C0;
/// First version within compound files.
const WORD_6: u16 = 100;

/// Generations of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Generation {
    /// Word for Windows 1 and 2, no compound file.
    Word2,
    /// Word 6 and 95.
    Word6,
    /// Word 97 to 2007.
    Word97,
}

/// A place in the stream of tables.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) at: u32,
    pub(super) bytes: u32,
}

/// Tables a reader wants.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    Styles,
    FootnoteReferences,
    FootnoteTexts,
    CommentReferences,
    CommentTexts,
    Headers,
    CharacterPages,
    ParagraphPages,
    Fonts,
    BookmarkNames,
    BookmarkStarts,
    Pieces,
    CommentAuthors,
    Shapes,
    EndnoteReferences,
    EndnoteTexts,
    Drawings,
    Boxes,
    Lists,
    ListInstances,
}

impl Table {
    /// Index of the table in the block of Word 97; offset in that of Word 6, where it has it.
    const fn spots(self) -> (usize, Option<usize>) {
        match self {
            Self::Styles => (1, Some(0x60)),
            Self::FootnoteReferences => (2, Some(0x68)),
            Self::FootnoteTexts => (3, Some(0x70)),
            Self::CommentReferences => (4, Some(0x78)),
            Self::CommentTexts => (5, Some(0x80)),
            Self::Headers => (11, Some(0xB0)),
            Self::CharacterPages => (12, Some(0xB8)),
            Self::ParagraphPages => (13, Some(0xC0)),
            Self::Fonts => (15, Some(0xD0)),
            Self::BookmarkNames => (21, None),
            Self::BookmarkStarts => (22, None),
            Self::Pieces => (33, Some(0x160)),
            Self::CommentAuthors => (36, None),
            Self::Shapes => (40, None),
            Self::EndnoteReferences => (46, Some(0x1D2)),
            Self::EndnoteTexts => (47, Some(0x1DA)),
            Self::Drawings => (50, None),
            Self::Boxes => (56, None),
            Self::Lists => (73, None),
            Self::ListInstances => (74, None),
        }
    }
}

/// Lengths of the stories in characters, in the order they stand in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    pub(super) text: u32,
    pub(super) footnotes: u32,
    pub(super) headers: u32,
    pub(super) macros: u32,
    pub(super) comments: u32,
    pub(super) endnotes: u32,
    pub(super) boxes: u32,
    pub(super) header_boxes: u32,
}

impl Lengths {
    /// All stories together.
    pub(super) fn total(&self) -> u64 {
        [
            self.text,
            self.footnotes,
            self.headers,
            self.macros,
            self.comments,
            self.endnotes,
            self.boxes,
            self.header_boxes,
        ]
        .into_iter()
        .map(u64::from)
        .sum()
    }
}

/// What the block says.
#[derive(Debug, Clone)]
pub(super) struct Fib {
    pub(super) generation: Generation,
    /// Language of the program that wrote the file.
    pub(super) language: u16,
    /// The text lies in pieces even in the old versions.
    pub(super) complex: bool,
    /// Written on a Macintosh, in its encoding.
    pub(super) mac: bool,
    /// Characters take two bytes, in old versions for East Asia.
    pub(super) wide: bool,
    /// Name of the stream of tables.
    pub(super) tables: &'static str,
    /// Where the text starts and ends, where it is not in pieces.
    pub(super) text_start: u32,
    pub(super) text_end: u32,
    pub(super) lengths: Lengths,
    bytes: Vec<u8>,
}

impl Fib {
    /// Reads the block; files that need a password are refused here.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        let short = || Error::damaged("the head of the text is cut off");
        let number = |at: usize| u16_at(&bytes, at).ok_or_else(short);
        let magic = number(0)?;
        let version = number(2)?;
        let generation = match (magic, version) {
            (0xA5EC, WORD_97..) => Generation::Word97,
            (0xA5DC | 0xA5EC | 0xA697..=0xA699, WORD_6..) => Generation::Word6,
            (0xA5DB | 0xA59B | 0xA59C | 0xA5DC, _) => Generation::Word2,
            _ => return Err(Error::damaged("the head of the text is not one of Word")),
        };
        let flags = number(0x0A)?;
        if flags & 0x0100 != 0 {
            return Err(Error::Encrypted);
        }
        let long = |at: usize| u32_at(&bytes, at).ok_or_else(short);
        let first = if generation == Generation::Word97 { 0x4C } else { 0x34 };
        let length = |index: usize| u32_at(&bytes, first + 4 * index).unwrap_or_default();
        let lengths = if generation == Generation::Word2 {
            Lengths { text: length(0), footnotes: length(1), ..Lengths::default() }
        } else {
            Lengths {
                text: length(0),
                footnotes: length(1),
                headers: length(2),
                macros: length(3),
                comments: length(4),
                endnotes: length(5),
                boxes: length(6),
                header_boxes: length(7),
            }
        };
        let tables = match (generation, flags & 0x0200 != 0) {
            (Generation::Word97, true) => "/1Table",
            (Generation::Word97, false) => "/0Table",
            _ => "/WordDocument",
        };
        Ok(Self {
            generation,
            language: number(6)?,
            complex: flags & 0x0004 != 0,
            mac: number(0x14)? == 256,
            wide: generation == Generation::Word6 && flags & 0x1000 != 0,
            tables,
            text_start: long(0x18)?,
            text_end: long(0x1C)?,
            lengths,
            bytes,
        })
    }

    /// Where a table lies; of no bytes where the file has none.
    pub(super) fn place(&self, table: Table) -> Place {
        let (index, old) = table.spots();
        let at = match self.generation {
            Generation::Word97 => {
                let count = u16_at(&self.bytes, 0x98).map_or(0, usize::from);
                (index < count).then_some(0x9A + 8 * index)
            }
            Generation::Word6 => old,
            Generation::Word2 => None,
        };
        let Some(at) = at else { return Place::default() };
        Place {
            at: u32_at(&self.bytes, at).unwrap_or_default(),
            bytes: u32_at(&self.bytes, at + 4).unwrap_or_default(),
        }
    }

    /// Whether formatting is spelled with sprms of one byte, texts with characters of one byte.
    pub(super) fn is_old(&self) -> bool {
        self.generation != Generation::Word97
    }
}
