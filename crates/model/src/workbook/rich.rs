//! Text of a cell that is more than letters: looks of its own, links, mentions, pictures. A row
//! carries it packed, so that streaming cells allocates nothing for those who only pass it on.

use serde::{Deserialize, Serialize};

use super::Font;

/// A piece of a cell's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RichPart {
    /// Plain text, or text with a look of its own.
    Text {
        /// The text.
        text: String,
        /// How it looks where that is not how the cell does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look: Option<Font>,
    },
    /// Text that leads somewhere.
    Link {
        /// The text.
        text: String,
        /// Where it leads: an address or `mailto:...`.
        target: String,
        /// How it looks where that is not how the cell does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look: Option<Font>,
    },
    /// A person.
    Person {
        /// What the cell shows.
        text: String,
        /// The user's number.
        number: i64,
        /// The kind of id that was written: `email`, `openId`, `unionId`.
        named_by: String,
        /// The id that was written.
        named: String,
    },
    /// A document.
    Document {
        /// Its token.
        token: String,
        /// What the cell shows.
        text: String,
        /// Its kind: `sheet`, `doc`, `slide`, `bitable`, `mindnote`.
        object_type: String,
    },
    /// A picture that fills the cell.
    Image {
        /// Token of the picture, or in a cell what stands for it: [`super::asset_token`].
        token: String,
        /// Width, pixels.
        width_px: u32,
        /// Height, pixels.
        height_px: u32,
    },
    /// An attached file.
    File {
        /// Token of the file.
        token: String,
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
    },
}

impl RichPart {
    /// What of it is text.
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text, .. }
            | Self::Link { text, .. }
            | Self::Person { text, .. }
            | Self::Document { text, .. } => text,
            Self::File { name, .. } => name,
            Self::Image { .. } => "",
        }
    }
}

/// Parts as a row and a chunk carry them, as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rich<'a>(&'a str);

impl<'a> Rich<'a> {
    /// What [`Rich::pack`] made, read from where it was kept.
    pub const fn from_packed(packed: &'a str) -> Self {
        Self(packed)
    }

    /// The form that is kept.
    pub const fn packed(self) -> &'a str {
        self.0
    }

    /// Packs parts.
    pub fn pack(parts: &[RichPart]) -> String {
        // Strings and numbers always serialise.
        serde_json::to_string(parts).unwrap_or_default()
    }

    /// The parts; none where what was kept is damaged.
    pub fn parts(self) -> Vec<RichPart> {
        serde_json::from_str(self.0).unwrap_or_default()
    }

    /// The text alone.
    pub fn text(self) -> String {
        self.parts().iter().map(RichPart::text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_and_give_their_text() {
        let bold = Font { bold: true, ..Font::default() };
        let parts = vec![
            RichPart::Text { text: "a ".into(), look: Some(bold) },
            RichPart::Link { text: "b".into(), target: "https://x.org/".into(), look: None },
            RichPart::Image { token: "box".into(), width_px: 2, height_px: 3 },
        ];
        let packed = Rich::pack(&parts);
        let rich = Rich::from_packed(&packed);
        assert_eq!((rich.parts(), rich.text().as_str()), (parts, "a b"));
        assert_eq!(Rich::from_packed("[").text(), "");
    }
}
