//! Drawings: which pictures they show, how large, and what else is in them. Text boxes inside are read
//! by the body.

use larkspur_model::loss::LossKind;

use super::body::Body;
use super::properties::attribute;
use crate::ooxml::Scanner;
use crate::word_flow::media::{is_meaningful, picture};
use crate::word_flow::paragraph::{Look, Piece};

/// English metric units in a pixel at 96 to the inch.
const EMU_PER_PIXEL: u64 = 9_525;
/// Pictures of one drawing.
const MOST_PICTURES: usize = 1_000;

/// A picture of a drawing.
#[derive(Debug, Clone, Default)]
struct Shown {
    relation: String,
    linked: bool,
    size: Option<(u64, u64)>,
    words: String,
}

/// A drawing that is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawing {
    extent: Option<(u64, u64)>,
    words: String,
    pictures: Vec<Shown>,
    cropped: bool,
    /// It stands for an object of another program, of this kind.
    object: Option<String>,
    missing: Option<&'static str>,
    rule: bool,
    /// Words drawn as a picture.
    lettering: String,
}

impl Drawing {
    pub(super) fn object() -> Self {
        Self { object: Some(String::new()), ..Self::default() }
    }

    /// Takes note of an element of the drawing that just started.
    pub(super) fn element(&mut self, scanner: &Scanner<'_>) {
        match scanner.local() {
            b"extent" => self.extent = sides(scanner),
            b"docPr" | b"cNvPr" => {
                let words = attribute(scanner, b"descr")
                    .filter(|words| !words.trim().is_empty())
                    .or_else(|| attribute(scanner, b"title"))
                    .unwrap_or_default();
                if self.words.is_empty() {
                    self.words = words;
                }
            }
            b"blip" => {
                let embedded = attribute(scanner, b"embed").filter(|id| !id.is_empty());
                let linked = embedded.is_none();
                if let Some(relation) = embedded.or_else(|| attribute(scanner, b"link")) {
                    self.add(Shown { relation, linked, ..Shown::default() });
                }
            }
            b"srcRect" => {
                let cuts = [&b"l"[..], b"t", b"r", b"b"];
                self.cropped |= cuts.iter().any(|side| {
                    scanner.attribute(side).is_some_and(|cut| !matches!(&*cut, "0" | "0%"))
                });
            }
            b"ext" => {
                if let (Some(last), Some(size)) = (self.pictures.last_mut(), sides(scanner)) {
                    last.size.get_or_insert(size);
                }
            }
            b"chart" => self.missing = Some("a chart"),
            b"relIds" => self.missing = Some("a diagram"),
            b"imagedata" => {
                let relation = attribute(scanner, b"id").or_else(|| attribute(scanner, b"pict"));
                let words = attribute(scanner, b"title").unwrap_or_default();
                if let Some(relation) = relation {
                    let size = self.extent;
                    self.add(Shown { relation, linked: false, size, words });
                }
            }
            b"shape" | b"rect" | b"roundrect" | b"oval" | b"line" => self.shape(scanner),
            b"textpath" => {
                self.lettering = attribute(scanner, b"string").unwrap_or_default();
            }
            b"OLEObject" => {
                self.object = Some(attribute(scanner, b"ProgID").unwrap_or_default());
            }
            _ => {}
        }
    }

    fn shape(&mut self, scanner: &Scanner<'_>) {
        let on = |name: &[u8]| {
            scanner
                .prefixed_attribute(name)
                .is_some_and(|value| matches!(&*value, "t" | "true" | "1"))
        };
        self.rule |= on(b"hr");
        if let Some(words) = scanner.attribute(b"alt")
            && self.words.is_empty()
        {
            self.words = words.into_owned();
        }
        if let Some(style) = scanner.attribute(b"style") {
            let side = |name: &str| {
                style.split(';').find_map(|part| {
                    let (key, value) = part.split_once(':')?;
                    (key.trim() == name).then(|| length(value)).flatten()
                })
            };
            self.extent = side("width").zip(side("height"));
        }
    }

    fn add(&mut self, shown: Shown) {
        if self.pictures.len() < MOST_PICTURES {
            self.pictures.push(shown);
        }
    }
}

fn sides(scanner: &Scanner<'_>) -> Option<(u64, u64)> {
    let side = |name: &[u8]| scanner.attribute(name)?.trim().parse::<u64>().ok();
    side(b"cx").zip(side(b"cy"))
}

/// A length of a style in English metric units.
fn length(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "pt" => 12_700.0,
        "in" => 914_400.0,
        "cm" => 360_000.0,
        "mm" => 36_000.0,
        _ => 9_525.0,
    };
    let number: f64 = digits.trim().parse().ok()?;
    (0.0..100_000.0).contains(&number).then_some((number * unit) as u64)
}

fn pixels((across, down): (u64, u64)) -> (u32, u32) {
    let side = |emu: u64| (emu / EMU_PER_PIXEL).min(100_000) as u32;
    (side(across), side(down))
}

impl Body<'_, '_, '_> {
    /// What a drawing that ended leaves in its paragraph.
    pub(super) fn end_drawing(&mut self, drawing: &Drawing) {
        if drawing.rule {
            self.piece(Piece::Rule);
            return;
        }
        if !drawing.lettering.is_empty() {
            self.plain_text(&drawing.lettering);
        }
        if let Some(what) = drawing.missing {
            self.flow.builder.context.lose(
                LossKind::FeatureDropped,
                "",
                format!("{what}, not shown"),
            );
        }
        if let Some(program) = &drawing.object {
            let what =
                format!("an embedded object ({program}); its picture is there if it has one");
            self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
        }
        if drawing.cropped && !drawing.pictures.is_empty() {
            let what = "a cropped picture is shown whole";
            self.flow.builder.context.lose(LossKind::FormattingDropped, "", what);
        }
        let alone = drawing.pictures.len() == 1;
        for shown in &drawing.pictures {
            self.show(drawing, shown, alone);
        }
    }

    fn show(&mut self, drawing: &Drawing, shown: &Shown, alone: bool) {
        let words = if drawing.words.trim().is_empty() { &shown.words } else { &drawing.words };
        let caption = if alone && is_meaningful(words) { words.trim() } else { "" };
        let Some(relation) = self.relations.get(&shown.relation) else {
            self.flow.builder.context.lose(
                LossKind::ImageFailed,
                "",
                "a picture that is not in the file",
            );
            return;
        };
        if relation.external || shown.linked && !self.parts.contains_key(&relation.target) {
            let address = relation.target.clone();
            self.piece(Piece::Linked { address, words: caption.to_owned() });
            return;
        }
        let Some(part) = self.parts.get(&relation.target).copied() else {
            self.flow.builder.context.lose(
                LossKind::ImageFailed,
                "",
                "a picture that is not in the file",
            );
            return;
        };
        let target = relation.target.to_ascii_lowercase();
        let vector = [".emf", ".wmf", ".emz", ".wmz"].iter().any(|end| target.ends_with(end));
        if vector && drawing.object.is_some() {
            return;
        }
        let most = self.flow.builder.context.limits.images;
        let Some(asset) = self.media.mention(part, most) else {
            let what = format!("pictures after the first {most}");
            self.flow.builder.context.lose(LossKind::ImagesCut, "", what);
            self.plain_text(caption);
            return;
        };
        let size = if alone { drawing.extent.or(shown.size) } else { shown.size };
        let size = size.map(pixels).unwrap_or_default();
        self.piece(Piece::Placed(picture(asset, size, caption.to_owned())));
    }

    /// Text in no particular look.
    pub(super) fn plain_text(&mut self, text: &str) {
        let most = self.most_bytes;
        self.paragraph.get_or_insert_default().push(text, Look::default(), most);
    }
}
