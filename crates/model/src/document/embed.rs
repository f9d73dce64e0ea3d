//! Things that live elsewhere and are shown inside a document: spreadsheets, bases, boards, cards of
//! chats, goals, components of others. What the API writes is kept as it was written.

use serde::{Deserialize, Serialize};

use super::{Align, Inline, InlineStyle, Text};

/// Something shown inside a document (contract, "Other data objects").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Embed {
    /// A table of a base.
    Bitable {
        /// `<base>_<table>`.
        token: String,
        /// 1 a grid, 2 a board of cards.
        view_type: u8,
    },
    /// A worksheet.
    Sheet {
        /// `<spreadsheet>_<sheet>`.
        token: String,
        /// Rows it was made with.
        rows: u32,
        /// Columns it was made with.
        columns: u32,
    },
    /// The card of a chat.
    ChatCard {
        /// The chat's id.
        chat: String,
        /// Place on the line.
        align: Align,
    },
    /// A component of an app.
    Isv {
        /// Its id.
        component: String,
        /// The kind of component.
        component_type: String,
    },
    /// A component of the newer kind.
    AddOns {
        /// Its id.
        component: String,
        /// The kind of component.
        component_type: String,
        /// What it keeps, JSON in a string.
        record: String,
    },
    /// Goals of a person.
    Okr {
        /// Their id.
        okr: String,
        /// The goals that are shown; all where it is empty.
        objectives: Vec<Objective>,
    },
    /// The pages below a page of a wiki, the older kind.
    WikiCatalog {
        /// The page; may be empty.
        wiki: String,
    },
    /// The pages below a page of a wiki.
    SubPageList {
        /// The page.
        wiki: String,
    },
    /// A drawing board.
    Board {
        /// Its token.
        token: String,
        /// Place on the line.
        align: Align,
        /// Shown width, pixels, where one was asked for.
        width_px: Option<u32>,
        /// Shown height, pixels, where one was asked for.
        height_px: Option<u32>,
    },
    /// A card about an address.
    LinkPreview {
        /// The address.
        url: String,
        /// `MessageLink` or `Undefined`.
        kind: String,
    },
}

/// A goal of [`Embed::Okr`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// Its id.
    pub id: String,
    /// The key results that are shown.
    pub key_results: Vec<String>,
}

impl Embed {
    /// What it is, in words for people, and for the list of what a file cannot hold.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bitable { .. } => "embedded base",
            Self::Sheet { .. } => "embedded spreadsheet",
            Self::ChatCard { .. } => "card of a chat",
            Self::Isv { .. } | Self::AddOns { .. } => "component of an app",
            Self::Okr { .. } => "goals",
            Self::WikiCatalog { .. } | Self::SubPageList { .. } => "list of pages",
            Self::Board { .. } => "drawing board",
            Self::LinkPreview { .. } => "card of a link",
        }
    }

    /// The paragraph that stands for it in files: its address as a link, else what it is.
    pub fn stand_in(&self) -> Text {
        let element = match self {
            Self::LinkPreview { url, .. } => {
                let style = InlineStyle { link: Some(url.clone()), ..InlineStyle::default() };
                Inline::styled(url, style)
            }
            _ => Inline::run(format!("[{}]", self.name())),
        };
        Text { elements: vec![element], ..Text::default() }
    }
}
