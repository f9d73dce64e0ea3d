//! Fields and hyperlinks: their code is read, their result is shown.

use super::Body;
use crate::Error;
use crate::docx::read::properties::attribute;
use crate::ooxml::Scanner;
use crate::word_flow::fields::{self, Field, Kind};
use crate::word_flow::paragraph::Piece;

impl Body<'_, '_, '_> {
    pub(super) fn open_hyperlink(&mut self, scanner: &Scanner<'_>) {
        let anchor = attribute(scanner, b"anchor").filter(|anchor| !anchor.is_empty());
        let target = scanner
            .prefixed_attribute(b"id")
            .and_then(|id| self.relations.get(&*id))
            .map(|relation| relation.target.clone());
        let address = match (target, anchor) {
            (Some(target), Some(anchor)) => Some(format!("{target}#{anchor}")),
            (Some(target), None) => Some(target),
            (None, Some(anchor)) => Some(format!("#{anchor}")),
            (None, None) => None,
        };
        let link = address.map_or(0, |address| self.flow.link(&address));
        self.open_links.push(link);
        self.look = None;
    }

    pub(super) fn read_code(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let mut code = String::new();
        scanner.collect_text(&mut code, fields::MOST_CODE)?;
        if let Some(field) = self.fields.last_mut()
            && !field.shows
            && field.code.len() < fields::MOST_CODE
        {
            field.code.push_str(&code);
        }
        Ok(())
    }

    pub(super) fn field_character(&mut self, scanner: &Scanner<'_>) {
        match attribute(scanner, b"fldCharType").as_deref() {
            Some("begin") if self.fields.len() < fields::MOST_OPEN => {
                self.fields.push(Field::default());
            }
            Some("separate") => self.show_field(),
            Some("end") => {
                if self.fields.last().is_some_and(|field| !field.shows) {
                    self.show_field();
                }
                self.end_field();
            }
            _ => {}
        }
        self.look = None;
    }

    /// The code of the innermost field is over.
    pub(super) fn show_field(&mut self) {
        let Some(field) = self.fields.last_mut() else { return };
        field.shows = true;
        if let Some(address) = fields::link(&field.code) {
            field.kind = Kind::Link(self.flow.link(&address));
        } else if let Some((code, font)) = fields::symbol(&field.code) {
            self.sign(&font, code);
        } else if let Some((base, reading)) = fields::ruby(&field.code) {
            self.characters(&format!("{base}({reading})"));
        }
        self.look = None;
    }

    pub(super) fn end_field(&mut self) {
        if let Some(field) = self.fields.pop()
            && let Some(tick) = field.tick
            && !self.is_silent()
        {
            let (look, _) = self.look();
            self.piece(Piece::Box(tick, look));
        }
        self.look = None;
    }
}
