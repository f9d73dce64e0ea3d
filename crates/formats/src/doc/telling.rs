//! From what was gathered of a paragraph to a paragraph as the flow takes it: fields run, looks resolved,
//! pictures and notes at their places.

use larkspur_model::loss::LossKind;

use super::character::Character;
use super::form;
use super::paragraph::Format;
use super::picture::{Blip, Inline, read_inline};
use super::styles::StyleSheet;
use super::walk::Walker;
use crate::word_flow::fields::{self, Field, Kind};
use crate::word_flow::flow::{Standing, Step};
use crate::word_flow::fonts::{Face, sign};
use crate::word_flow::look::Formatting;
use crate::word_flow::media::{is_meaningful, picture};
use crate::word_flow::numbering::{Item, Marker};
use crate::word_flow::paragraph::{Look, Paragraph, Piece};
use crate::word_flow::properties::RunProperties;
use crate::word_flow::role::Role;

/// Twentieths of a point in a pixel at 96 to the inch.
const TWIPS_PER_PIXEL: u32 = 15;

/// What happens next in the text.
pub(super) enum Told {
    Paragraph(Box<(Paragraph, Standing)>),
    Step(Step),
}

/// A part of a paragraph before anything is decided about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(String),
    FieldBegin,
    FieldSeparator,
    FieldEnd,
    /// A sign of a font, by their numbers.
    Sign(u16, u16),
    Note(String),
    /// A picture, by its place in the stream of data.
    Picture(u32),
    /// Data of a form's field, by its place in the stream of data.
    Form(u32),
    /// Something that floats is anchored here.
    Anchor(u32),
}

/// A paragraph before its end is known.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    pub(super) parts: Vec<(Part, Character)>,
    pub(super) bookmarks: Vec<String>,
    bytes: usize,
    open: bool,
}

impl Gathering {
    /// Adds text of one formatting; `same` if that is the one of the text before.
    pub(super) fn push_text(&mut self, text: &str, character: &Character, same: bool, most: usize) {
        if self.bytes > most {
            return;
        }
        self.bytes += text.len();
        if let Some((Part::Text(last), _)) = self.parts.last_mut()
            && same
            && self.open
        {
            last.push_str(text);
        } else {
            self.push(Part::Text(text.to_owned()), character);
            self.open = true;
        }
    }

    pub(super) fn push(&mut self, part: Part, character: &Character) {
        self.open = false;
        self.parts.push((part, *character));
    }

    /// What comes next is of another formatting than what was there before.
    pub(super) fn close_run(&mut self) {
        self.open = false;
    }
}

impl Walker<'_, '_, '_> {
    /// The paragraph that was gathered, and what it is. Boxes it anchors wait in `self.boxes`.
    pub(super) fn paragraph(&mut self, format: &Format) -> (Paragraph, Standing) {
        let gathered = std::mem::take(&mut self.state.gathering);
        let standing = self.standing(format);
        let mut paragraph = Paragraph::default();
        paragraph.bookmarks = gathered.bookmarks;
        let style = self.styles.get(format.style);
        let under = style.map(|style| style.run.run).unwrap_or_default();
        // Paragraphs in the usual style are what the style of plain text says they are.
        let role = style.map_or(Role::Body, |style| style.role);
        for (part, character) in gathered.parts {
            let (look, hidden) = self.look(&character, role, under);
            self.tell_part(part, &character, look, hidden, &mut paragraph);
        }
        for field in &mut self.state.fields {
            // A code that does not end with its paragraph is none.
            field.shows = true;
        }
        (paragraph, standing)
    }

    fn standing(&mut self, format: &Format) -> Standing {
        let style = self.styles.get(format.style);
        let mut role = style.map_or(Role::Body, |style| style.role);
        match format.properties.outline {
            Some(level @ 0..=8) if role != Role::Title => role = Role::Heading(level + 1),
            Some(9) if matches!(role, Role::Heading(_)) => role = Role::Body,
            _ => {}
        }
        let own_left = format.properties.left;
        let all = format.properties.over(style.map(|style| style.paragraph).unwrap_or_default());
        let item = all
            .list
            .filter(|list| *list > 0)
            .and_then(|list| self.numbering.count(list, Some(all.level.unwrap_or_default()), ""))
            .or_else(|| self.old_item(format, all.left));
        Standing { role, all, own_left, item }
    }

    /// The item a paragraph is as Word 6 numbers it: 11 is a bullet, 10 a number.
    fn old_item(&mut self, format: &Format, left: Option<i32>) -> Option<Item> {
        let (marker, number) = match format.old_number {
            11 => (Marker::Bullet, 0),
            10 => (Marker::Number, self.old_number.saturating_add(1)),
            _ => {
                self.old_number = 0;
                return None;
            }
        };
        self.old_number = number;
        Some(Item { marker, number, level: 0, left: left.unwrap_or(360) })
    }

    fn look(&self, character: &Character, role: Role, under: RunProperties) -> (Look, bool) {
        let link = self
            .state
            .fields
            .iter()
            .rev()
            .find_map(|field| match field.kind {
                Kind::Link(link) => Some(link),
                Kind::Other => None,
            })
            .unwrap_or_default();
        let styles: &StyleSheet = &self.styles;
        let style = styles.character(character.run.style);
        let mut direct = character.run;
        let above = style.unwrap_or_default().run;
        let opposite = |one: Option<bool>, other: Option<bool>| {
            Some(!(one.unwrap_or(false) ^ other.unwrap_or(false)))
        };
        let [bold, italic, strike, hidden] = character.opposite;
        if role == Role::Body {
            direct.bold = if bold { opposite(above.bold, under.bold) } else { direct.bold };
            direct.italic =
                if italic { opposite(above.italic, under.italic) } else { direct.italic };
            direct.strike =
                if strike { opposite(above.strike, under.strike) } else { direct.strike };
        }
        if hidden {
            direct.hidden = opposite(above.hidden, under.hidden);
        }
        let defaults = styles.defaults();
        Formatting { direct, character: style, role, paragraph: under, defaults }.look(link)
    }

    fn tell_part(
        &mut self,
        part: Part,
        character: &Character,
        look: Look,
        hidden: bool,
        into: &mut Paragraph,
    ) {
        match part {
            Part::FieldBegin if self.state.fields.len() < fields::MOST_OPEN => {
                self.state.fields.push(Field::default());
            }
            Part::FieldBegin => {}
            Part::FieldSeparator => self.show_field(look, into),
            Part::FieldEnd => {
                if self.state.fields.last().is_some_and(|field| !field.shows) {
                    self.show_field(look, into);
                }
                self.end_field(look, into);
            }
            Part::Form(place) => {
                let tick = self
                    .data
                    .as_mut()
                    .and_then(|data| form::tick(&data.read(u64::from(place), form::FORM_BYTES)));
                if let Some(field) = self.state.fields.last_mut()
                    && tick.is_some()
                {
                    field.tick = tick;
                }
            }
            Part::Text(text) => {
                if let Some(field) = self.state.fields.iter_mut().rev().find(|field| !field.shows) {
                    if field.code.len() < fields::MOST_CODE {
                        field.code.push_str(&text);
                    }
                } else if !self.is_silent() {
                    self.text(&text, character, look, hidden, into);
                }
            }
            _ if self.is_silent() => {}
            Part::Picture(_) | Part::Anchor(_) if hidden => {
                let what = "a hidden picture was left out";
                self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
            }
            Part::Sign(font, code) => self.sign(self.fonts.face(font), code, look, into),
            Part::Note(label) => into.pieces.push(Piece::Note(label, look)),
            Part::Picture(place) => self.inline(place, into),
            Part::Anchor(position) => self.anchored(position, into),
        }
    }

    /// Whether what comes is not shown: the code of a field.
    fn is_silent(&self) -> bool {
        self.state.fields.iter().any(|field| !field.shows)
    }

    fn text(
        &mut self,
        text: &str,
        character: &Character,
        look: Look,
        hidden: bool,
        into: &mut Paragraph,
    ) {
        if hidden {
            if !text.trim().is_empty() {
                let what = "hidden text was left out";
                self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
            }
            return;
        }
        let most = self.most_bytes;
        let Some(Face::Signs(font)) = character.run.face else {
            into.push(text, look, most);
            return;
        };
        let shown: String = text
            .chars()
            .map(|c| match u32::from(c) {
                code @ (0x21..=0xFF | 0xF000..=0xF0FF) => sign(font, code).unwrap_or(c),
                _ => c,
            })
            .collect();
        into.push(&shown, look, most);
    }

    fn sign(&mut self, face: Face, code: u16, look: Look, into: &mut Paragraph) {
        let code = u32::from(code);
        let found = match face {
            Face::Signs(font) => sign(font, code),
            _ if (0xE000..0xF900).contains(&code) => None,
            _ => char::from_u32(code),
        };
        if let Some(found) = found {
            into.push(found.encode_utf8(&mut [0; 4]), look, self.most_bytes);
        } else {
            let what = "a sign of a font that no character means";
            self.flow.builder.context.lose(LossKind::TextReplaced, "", what);
        }
    }

    /// The code of the innermost field is over.
    fn show_field(&mut self, look: Look, into: &mut Paragraph) {
        let Some(field) = self.state.fields.last_mut() else { return };
        field.shows = true;
        let code = std::mem::take(&mut field.code);
        if let Some(address) = fields::link(&code) {
            let link = self.flow.link(&address);
            if let Some(field) = self.state.fields.last_mut() {
                field.kind = Kind::Link(link);
            }
        } else if let Some((code, font)) = fields::symbol(&code) {
            let face = crate::word_flow::fonts::face_of(&font);
            self.sign(face, u16::try_from(code).unwrap_or_default(), look, into);
        } else if let Some((base, reading)) = fields::ruby(&code) {
            into.push(&base, look, self.most_bytes);
            into.push(&format!("({reading})"), look, self.most_bytes);
        } else if fields::is_equation(&code) {
            let shown: String = code.trim().chars().take(100).collect();
            let what = format!("a formula spelled as a field: {shown}");
            self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
        } else if let Some(program) = embedded(&code) {
            let what =
                format!("an embedded object ({program}); its picture is there if it has one");
            self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
            field_of_object(self.state.fields.last_mut());
        }
    }

    fn end_field(&mut self, look: Look, into: &mut Paragraph) {
        if let Some(field) = self.state.fields.pop()
            && let Some(tick) = field.tick
            && !self.is_silent()
        {
            into.pieces.push(Piece::Box(tick, look));
        }
    }

    fn inline(&mut self, place: u32, into: &mut Paragraph) {
        if self.media.is_full(self.flow.builder.context.limits.images) {
            self.note_images_cut();
            return;
        }
        let Some(found) = self.data.as_mut().and_then(|data| read_inline(data, place)) else {
            let what = "a picture that is not in the file";
            self.flow.builder.context.lose(LossKind::ImageFailed, "", what);
            return;
        };
        let Inline { blips, shape, size, cropped } = found;
        if !shape.lettering.is_empty() {
            into.push(&shape.lettering, Look::default(), self.most_bytes);
        }
        if cropped && !blips.is_empty() {
            self.note_crop();
        }
        for blip in blips {
            self.show(blip, size, &shape.words, into);
        }
    }

    fn note_images_cut(&mut self) {
        let most = self.flow.builder.context.limits.images;
        let what = format!("pictures after the first {most}");
        self.flow.builder.context.lose(LossKind::ImagesCut, "", what);
    }

    fn note_crop(&mut self) {
        let what = "a cropped picture is shown whole";
        self.flow.builder.context.lose(LossKind::FormattingDropped, "", what);
    }

    fn anchored(&mut self, position: u32, into: &mut Paragraph) {
        let Some(anchor) = self.drawings.anchor(position) else { return };
        let shapes = self.drawings.take_shapes(anchor.shape);
        let alone = shapes.iter().filter(|shape| shape.picture > 0).count() == 1;
        if shapes.is_empty() {
            self.boxes.push(anchor.shape);
        }
        for shape in shapes {
            self.boxes.push(shape.id);
            if !shape.lettering.is_empty() {
                into.push(&shape.lettering, Look::default(), self.most_bytes);
            }
            if shape.picture == 0 {
                continue;
            }
            let size = if alone { anchor.size } else { (0, 0) };
            if let Some(blip) = self.drawings.picture(shape.picture) {
                self.show(blip, size, &shape.words, into);
            } else {
                let what = "a picture that is not in the file";
                self.flow.builder.context.lose(LossKind::ImageFailed, "", what);
            }
        }
    }

    fn show(&mut self, blip: Blip, size: (u32, u32), words: &str, into: &mut Paragraph) {
        let is_object = self.state.fields.iter().any(is_object);
        if is_object && blip.kind.is_drawing() {
            return;
        }
        let caption = if is_meaningful(words) { words.trim() } else { "" };
        let most = self.flow.builder.context.limits.images;
        let Some(asset) = self.media.mention(blip, most) else {
            self.note_images_cut();
            into.push(caption, Look::default(), self.most_bytes);
            return;
        };
        let pixels = |side: u32| (side / TWIPS_PER_PIXEL).min(100_000);
        let size = (pixels(size.0), pixels(size.1));
        into.pieces.push(Piece::Placed(picture(asset, size, caption.to_owned())));
    }
}

/// The program an embedded object is of, if this is the code of one.
fn embedded(code: &str) -> Option<String> {
    let mut words = code.split_whitespace();
    let is_object = words.next()?.eq_ignore_ascii_case("EMBED");
    is_object.then(|| words.next().unwrap_or_default().chars().take(60).collect())
}

/// What the code of a field of an object is replaced by.
const OBJECT: &str = "EMBED";

fn field_of_object(field: Option<&mut Field>) {
    if let Some(field) = field {
        OBJECT.clone_into(&mut field.code);
    }
}

fn is_object(field: &Field) -> bool {
    field.code == OBJECT
}
