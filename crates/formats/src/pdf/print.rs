//! A document's way to paper: its blocks as pieces, fonts for its characters, the pages' feet, and
//! what had to be left out.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::Write;

use larkspur_model::document::{Document, Text};
use larkspur_model::loss::LossKind;
use larkspur_typeset::{Fonts, Piece, Work, fonts};

use super::pictures::Shown;
use super::source::{is_chinese, is_mostly_chinese, literal};
use crate::anchors::linked_headings;
use crate::{AssetSource, Context, Error};

/// A4, points.
pub(super) const PAGE_WIDTH_PT: f64 = 595.28;
const PAGE_HEIGHT_PT: f64 = 841.89;
const SIDE_PT: f64 = 68.0;
const TOP_PT: f64 = 70.0;
const BOTTOM_PT: f64 = 72.0;
/// Width of the text, points.
pub(super) const TEXT_WIDTH_PT: f64 = PAGE_WIDTH_PT - 2.0 * SIDE_PT;
/// Height of the text, points.
pub(super) const TEXT_HEIGHT_PT: f64 = PAGE_HEIGHT_PT - TOP_PT - BOTTOM_PT;
/// Size of the text, points.
pub(super) const TEXT_SIZE_PT: f64 = 10.5;
/// One step a list is set in, points; `step` in the prelude.
pub(super) const STEP_PT: f64 = 1.65 * TEXT_SIZE_PT;

/// What one run of the typesetter takes: some forty pages of text, two thousand cells.
const RUN_WEIGHT: usize = 120_000;
/// Above this weight the print does not describe its own structure: that costs memory with every
/// cell and paragraph.
const MOST_TAGGED_WEIGHT: usize = 3_000_000;
/// Weight between two words to the monitor.
const BLOCKS_PER_WORD: usize = 256;

/// The headings that links within the document lead to.
#[derive(Default)]
pub(super) struct Anchors {
    /// Their anchors, by where the heading's text lies: a document does not move while it is printed.
    headings: HashMap<*const Text, String>,
    known: HashSet<String>,
}

impl Anchors {
    fn of(document: &Document) -> Self {
        let mut anchors = Self::default();
        linked_headings(document, &mut |text, anchor| {
            if let Some(anchor) = anchor {
                anchors.known.insert(anchor.clone());
                anchors.headings.insert(std::ptr::from_ref(text), anchor);
            }
        });
        anchors
    }

    /// The anchor of a heading that is linked to.
    pub(super) fn of_heading(&self, text: &Text) -> Option<&str> {
        self.headings.get(&std::ptr::from_ref(text)).map(String::as_str)
    }

    /// The anchor that a link leads to, if a heading has it.
    pub(super) fn of_link(&self, link: &str) -> Option<String> {
        crate::anchors::anchor_of(link).filter(|anchor| self.known.contains(anchor))
    }
}

/// Turns blocks into pieces.
pub(super) struct Setter<'a, 'c> {
    pub(super) document: &'a Document,
    pub(super) anchors: &'a Anchors,
    pub(super) context: &'a mut Context<'c>,
    /// The pictures that can be shown, by asset; the others with what is wrong with them.
    pub(super) shown: &'a [Option<Result<Shown, String>>],
    /// Whether the text around is Chinese.
    pub(super) chinese: bool,
    /// Leaves out all that the typesetter might refuse.
    pub(super) plain: bool,
    /// Notes no losses; they were noted the first time.
    quiet: bool,
    /// Whether what was set last lies within a list.
    pub(super) listed: bool,
    /// Where the print stands, for losses: the number of the block on the first level.
    pub(super) block: usize,
    characters: BTreeSet<char>,
}

impl Setter<'_, '_> {
    /// Notes a loss in the present block.
    pub(super) fn lose(&mut self, kind: LossKind, detail: &str) {
        if !self.quiet {
            self.context.lose(kind, format!("block {}", self.block + 1), detail);
        }
    }

    /// Remembers the characters that need a font.
    pub(super) fn see(&mut self, text: &str) {
        if text.is_ascii() {
            return;
        }
        for character in text.chars() {
            if !character.is_ascii() {
                self.characters.insert(character);
            }
        }
    }
}

/// Prints a document.
pub(super) fn write(
    document: &Document,
    assets: &mut dyn AssetSource,
    out: &mut dyn Write,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let shown = super::pictures::load(document, assets, context)?;
    let chinese = is_chinese_document(document);
    let anchors = Anchors::of(document);
    let (pieces, characters) = compose(document, &anchors, &shown, chinese, context)?;
    let fonts = Fonts::choose(&characters, &context.options.font_directories);
    note_missing(&fonts, context);
    let title = title_of(document, context);
    let prelude = prelude(&title, chinese, &context.options.watermark, &fonts);
    let plain: OnceCell<Vec<Piece>> = OnceCell::new();
    let plain_piece = |index: usize| {
        plain.get_or_init(|| compose_plain(document, &anchors, &shown, chinese)).get(index).cloned()
    };
    let weight = pieces.iter().map(weight_of).sum::<usize>();
    let mut pictures: Vec<&Shown> = shown.iter().flatten().flatten().collect();
    pictures.sort_by_key(|shown| shown.number);
    let pictures = pictures.into_iter().map(|shown| shown.bytes.clone()).collect();
    let work = Work {
        prelude: &prelude,
        pieces: &pieces,
        plain: &plain_piece,
        pictures,
        overlay: &|pages| feet(pages, &fonts),
        top_pt: TOP_PT,
        run_weight: RUN_WEIGHT,
        tagged: weight <= MOST_TAGGED_WEIGHT,
        creator: "Larkspur",
        fonts: &fonts,
    };
    let mut stopped = None;
    let printed = larkspur_typeset::print(work, &mut |stage, done, total| match context
        .progress(stage, done, total)
    {
        Ok(()) => true,
        Err(error) => {
            stopped = Some(error);
            false
        }
    });
    let printed = printed.map_err(|fault| stopped.unwrap_or_else(|| error_of(fault)))?;
    for (_, why) in &printed.refused {
        context.lose(
            LossKind::FeatureDropped,
            "",
            format!("equations and pictures of a block are shown as text: {why}"),
        );
    }
    out.write_all(&printed.pdf)?;
    Ok(())
}

fn error_of(fault: larkspur_typeset::Error) -> Error {
    match fault {
        larkspur_typeset::Error::Cancelled => Error::Cancelled,
        larkspur_typeset::Error::TooLarge(what) => Error::TooLarge(what),
        refused @ larkspur_typeset::Error::Refused(_) => Error::Unsupported(refused.to_string()),
    }
}

fn weight_of(piece: &Piece) -> usize {
    match piece {
        Piece::Block { weight, .. } => *weight,
        Piece::Rows(rows) => rows.rows.iter().map(|(_, weight)| weight).sum(),
    }
}

type Composed = (Vec<Piece>, BTreeSet<char>);

fn compose(
    document: &Document,
    anchors: &Anchors,
    shown: &[Option<Result<Shown, String>>],
    chinese: bool,
    context: &mut Context<'_>,
) -> Result<Composed, Error> {
    let title = title_of(document, context);
    let total = document.blocks.len() as u64;
    let mut setter = Setter {
        document,
        anchors,
        context,
        shown,
        chinese,
        plain: false,
        quiet: false,
        listed: false,
        block: 0,
        characters: BTreeSet::new(),
    };
    setter.see(&title);
    let mut pieces = Vec::new();
    setter.title(&title, &mut pieces);
    setter.top_level(&mut pieces, &mut |setter, done| {
        if done % BLOCKS_PER_WORD == 0 {
            return setter.context.progress("composing", done as u64, total);
        }
        Ok(())
    })?;
    let watermark = setter.context.options.watermark.clone();
    setter.see(&watermark);
    Ok((pieces, setter.characters))
}

/// The same pieces without anything the typesetter might refuse.
fn compose_plain(
    document: &Document,
    anchors: &Anchors,
    shown: &[Option<Result<Shown, String>>],
    chinese: bool,
) -> Vec<Piece> {
    let (limits, options) = (crate::Limits::unlimited(), crate::Options::default());
    let mut unwatched = crate::Unwatched;
    let mut context = Context::new(&limits, &options, &mut unwatched);
    let title = title_of(document, &context);
    let mut setter = Setter {
        document,
        anchors,
        context: &mut context,
        shown,
        chinese,
        plain: true,
        quiet: true,
        listed: false,
        block: 0,
        characters: BTreeSet::new(),
    };
    let mut pieces = Vec::new();
    setter.title(&title, &mut pieces);
    setter
        .top_level(&mut pieces, &mut |_, _| Ok(()))
        .expect("nobody stops an unwatched composition");
    pieces
}

fn title_of(document: &Document, context: &Context<'_>) -> String {
    let own = document.title.to_plain();
    let title = if own.trim().is_empty() { context.options.title.clone() } else { own };
    title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether the document is set as Chinese is.
fn is_chinese_document(document: &Document) -> bool {
    let mut texts = vec![document.title.to_plain()];
    document.walk(&mut |block, _| texts.extend(block.content.text().map(Text::to_plain)));
    is_mostly_chinese(texts.iter().map(String::as_str))
}

fn note_missing(fonts: &Fonts, context: &mut Context<'_>) {
    let mut scripts: BTreeMap<&'static str, String> = BTreeMap::new();
    for character in &fonts.missing {
        let examples = scripts.entry(fonts::script_of(*character)).or_default();
        if examples.chars().count() < 8 {
            examples.push(*character);
        }
    }
    for (script, examples) in scripts {
        let advice = match script {
            "private use" => "these are signs of a font that the source does not carry".to_owned(),
            _ => format!(
                "install a font for {script} (for example the package fonts-noto-core, \
                 fonts-noto-cjk or fonts-noto-extra) or name its folder in font_directories"
            ),
        };
        context.lose(
            LossKind::FontMissing,
            "",
            format!(
                "no font has the {script} characters {examples}; boxes stand for them; {advice}"
            ),
        );
    }
}

/// Families in the order they are tried.
fn families(chinese: bool, fonts: &Fonts) -> String {
    let latin = if chinese {
        format!("(name: {}, covers: \"latin-in-cjk\")", literal(fonts::LATIN))
    } else {
        literal(fonts::LATIN)
    };
    let mut names =
        vec![latin, literal(fonts::CHINESE), literal(fonts::EMOJI), literal(fonts::SIGNS)];
    names.extend(fonts.system_families().iter().map(|family| literal(family)));
    format!("({},)", names.join(", "))
}

fn prelude(title: &str, chinese: bool, watermark: &str, fonts: &Fonts) -> String {
    let mut out = String::new();
    let (lang, region) = if chinese { ("zh", "cn") } else { ("en", "us") };
    let background = if watermark.trim().is_empty() {
        "none".to_owned()
    } else {
        // Small enough that the whole line stays on the page's diagonal.
        let letters = watermark.chars().map(|c| if is_chinese(c) { 2.0 } else { 1.1 }).sum::<f64>();
        let size = (620.0 / (letters * 0.5).max(1.0)).clamp(9.0, 64.0);
        format!(
            "rotate(-38deg, reflow: true, text(size: {size:.1}pt, fill: luma(0%).transparentize(92%), {}))",
            literal(watermark.trim())
        )
    };
    let _ = writeln!(
        out,
        "#set document(title: {}, date: none)\n\
         #set text(font: {}, size: {TEXT_SIZE_PT}pt, lang: \"{lang}\", region: \"{region}\")\n\
         #set page(width: {PAGE_WIDTH_PT}pt, height: {PAGE_HEIGHT_PT}pt, background: {background}, \
         margin: (x: {SIDE_PT}pt, top: {TOP_PT}pt, bottom: {BOTTOM_PT}pt))\n\
         #let lat(body) = {{ set text(font: {}, lang: \"en\", region: \"us\"); body }}\n\
         #let han(body) = {{ set text(font: {}, lang: \"zh\", region: \"cn\"); body }}",
        literal(if title.is_empty() { "Untitled" } else { title }),
        families(chinese, fonts),
        families(false, fonts),
        families(true, fonts),
    );
    out.push_str(include_str!("prelude.typ"));
    out
}

/// The feet of all pages, each on a page of its own.
fn feet(pages: usize, fonts: &Fonts) -> String {
    format!(
        "#set page(width: {PAGE_WIDTH_PT}pt, height: {PAGE_HEIGHT_PT}pt, margin: 0pt)\n\
         #set text(font: {}, size: 8.4pt, fill: rgb(\"#8f959e\"), number-width: \"tabular\")\n\
         #for number in range(1, {}) {{\n\
           if number > 1 {{ pagebreak() }}\n\
           place(top + center, dy: {}pt, pdf.artifact(kind: \"footer\", [#number / {pages}]))\n\
         }}\n",
        families(false, fonts),
        pages + 1,
        PAGE_HEIGHT_PT - BOTTOM_PT * 0.6,
    )
}
