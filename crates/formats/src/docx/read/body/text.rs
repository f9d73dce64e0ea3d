//! The text of runs, in the look that their properties and styles give it.

use larkspur_model::loss::LossKind;

use super::Body;
use crate::Error;
use crate::docx::read::properties::attribute;
use crate::docx::read::styles::Style;
use crate::ooxml::Scanner;
use crate::word_flow::fields::Kind;
use crate::word_flow::fonts::{Face, face_of, sign};
use crate::word_flow::look::Formatting;
use crate::word_flow::paragraph::{Look, Piece};
use crate::word_flow::role::Role;

impl Body<'_, '_, '_> {
    /// Whether what comes is not shown: the code of a field.
    pub(super) fn is_silent(&self) -> bool {
        self.fields.iter().any(|field| !field.shows)
    }

    pub(in crate::docx::read) fn piece(&mut self, piece: Piece) {
        self.paragraph.get_or_insert_default().pieces.push(piece);
    }

    pub(super) fn read_text(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let keeps = attribute(scanner, b"space").is_some_and(|space| space == "preserve");
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        if scanner.collect_text(&mut text, self.most_bytes)? {
            let what = "bytes that are no text were replaced";
            self.flow.builder.context.lose(LossKind::TextReplaced, "", what);
        }
        let shown = if keeps { text.as_str() } else { text.trim_matches(['\n', '\r', '\t', ' ']) };
        if shown.contains(['\n', '\r']) {
            let one_line = shown.replace(['\n', '\r'], " ");
            self.characters(&one_line);
        } else {
            self.characters(shown);
        }
        self.text = text;
        Ok(())
    }

    /// Text in the look of the run that is open.
    pub(super) fn characters(&mut self, text: &str) {
        if self.is_silent() {
            return;
        }
        let (look, hidden) = self.look();
        if hidden {
            if !text.trim().is_empty() {
                let what = "hidden text was left out";
                self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
            }
            return;
        }
        let most = self.most_bytes;
        let signs = match self.run.face {
            Some(Face::Signs(font)) => Some(font),
            _ => None,
        };
        if let Some(font) = signs {
            let shown: String = text
                .chars()
                .map(|c| match u32::from(c) {
                    code @ (0x21..=0xFF | 0xF000..=0xF0FF) => sign(font, code).unwrap_or(c),
                    _ => c,
                })
                .collect();
            self.paragraph.get_or_insert_default().push(&shown, look, most);
        } else {
            self.paragraph.get_or_insert_default().push(text, look, most);
        }
    }

    /// How text of the run that is open looks, and whether it is hidden.
    pub(super) fn look(&mut self) -> (Look, bool) {
        if let Some(look) = self.look {
            return look;
        }
        let look = self.find_look();
        self.look = Some(look);
        look
    }

    fn find_look(&self) -> (Look, bool) {
        let direct = self.run;
        let link = self
            .open_links
            .last()
            .copied()
            .or_else(|| {
                self.fields.iter().rev().find_map(|field| match field.kind {
                    Kind::Link(link) => Some(link),
                    Kind::Other => None,
                })
            })
            .unwrap_or_default();
        let style = self.paragraph.as_ref().and_then(|paragraph| paragraph.properties.style);
        let paragraph = self.styles.paragraph(style);
        Formatting {
            direct,
            character: self.styles.character(direct.style).map(Style::as_run_style),
            role: paragraph.map_or(Role::Body, |style| style.role),
            paragraph: paragraph.map(|style| style.run).unwrap_or_default(),
            defaults: self.styles.run_defaults,
        }
        .look(link)
    }

    pub(super) fn symbol(&mut self, scanner: &Scanner<'_>) {
        let font = attribute(scanner, b"font").unwrap_or_default();
        let code = attribute(scanner, b"char").and_then(|code| u32::from_str_radix(&code, 16).ok());
        let Some(code) = code else { return };
        self.sign(&font, code);
    }

    pub(super) fn sign(&mut self, font: &str, code: u32) {
        let found = match face_of(font) {
            Face::Signs(font) => sign(font, code),
            _ if (0xE000..0xF900).contains(&code) => None,
            _ => char::from_u32(code),
        };
        if let Some(found) = found {
            self.characters(found.encode_utf8(&mut [0; 4]));
        } else {
            let what = format!("a sign of the font {font} that no character means");
            self.flow.builder.context.lose(LossKind::TextReplaced, "", what);
        }
    }
}
