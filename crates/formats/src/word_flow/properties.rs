//! Formatting of characters and paragraphs as far as a document has a use for it.

use super::fonts::Face;

/// A colour that is named, or said to be none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint<T>(pub(crate) Option<T>);

/// Formatting of characters; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunProperties {
    pub(crate) bold: Option<bool>,
    pub(crate) italic: Option<bool>,
    pub(crate) strike: Option<bool>,
    pub(crate) underline: Option<bool>,
    pub(crate) hidden: Option<bool>,
    /// Number in the palette.
    pub(crate) color: Option<Paint<u8>>,
    /// The colour is one that links have.
    pub(crate) link_blue: bool,
    pub(crate) highlight: Option<Paint<u8>>,
    pub(crate) shading: Option<Paint<u8>>,
    pub(crate) face: Option<Face>,
    /// Above or below the line.
    pub(crate) raised: Option<bool>,
    /// Index of the character style.
    pub(crate) style: Option<u32>,
    /// For the mark of a paragraph: a tracked deletion.
    pub(crate) deleted: bool,
    pub(crate) changed: bool,
}

impl RunProperties {
    /// What is said here, and for the rest what `base` says.
    pub(crate) fn over(self, base: Self) -> Self {
        Self {
            bold: self.bold.or(base.bold),
            italic: self.italic.or(base.italic),
            strike: self.strike.or(base.strike),
            underline: self.underline.or(base.underline),
            hidden: self.hidden.or(base.hidden),
            color: self.color.or(base.color),
            link_blue: if self.color.is_some() { self.link_blue } else { base.link_blue },
            highlight: self.highlight.or(base.highlight),
            shading: self.shading.or(base.shading),
            face: self.face.or(base.face),
            raised: self.raised.or(base.raised),
            style: self.style.or(base.style),
            deleted: self.deleted,
            changed: self.changed,
        }
    }
}

/// How a paragraph stands, in the words of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Justification {
    /// At the side reading starts from.
    Start,
    Center,
    /// At the side reading ends.
    End,
}

/// Formatting of a paragraph; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ParagraphProperties {
    /// Index of the paragraph style.
    pub(crate) style: Option<u32>,
    /// 0 to 8 for headings, 9 for text.
    pub(crate) outline: Option<u8>,
    pub(crate) list: Option<u32>,
    pub(crate) level: Option<u8>,
    pub(crate) justification: Option<Justification>,
    pub(crate) right_to_left: Option<bool>,
    /// Twentieths of a point.
    pub(crate) left: Option<i32>,
    /// Twentieths of a point or hundredths of a character: only the sign counts.
    pub(crate) first_line: Option<i32>,
    /// A line above or below.
    pub(crate) ruled: Option<bool>,
    /// Lines all around, or at least at the side.
    pub(crate) boxed: Option<bool>,
    /// Red, green, blue.
    pub(crate) fill: Option<Paint<[u8; 3]>>,
    pub(crate) mark: RunProperties,
}

impl ParagraphProperties {
    /// What is said here, and for the rest what `base` says.
    pub(crate) fn over(self, base: Self) -> Self {
        Self {
            style: self.style.or(base.style),
            outline: self.outline.or(base.outline),
            list: self.list.or(base.list),
            level: self.level.or(base.level),
            justification: self.justification.or(base.justification),
            right_to_left: self.right_to_left.or(base.right_to_left),
            left: self.left.or(base.left),
            first_line: self.first_line.or(base.first_line),
            ruled: self.ruled.or(base.ruled),
            boxed: self.boxed.or(base.boxed),
            fill: self.fill.or(base.fill),
            mark: self.mark,
        }
    }
}
