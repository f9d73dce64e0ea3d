//! The text of a part as it comes: elements into paragraphs, tables and what lies between. No recursion:
//! what is open stands on stacks of its own.

mod fields;
mod text;

use std::collections::HashMap;

use larkspur_model::loss::LossKind;

use super::drawing::Drawing;
use super::math;
use super::properties::{attribute, read_paragraph, read_run};
use super::styles::StyleSheet;
use super::table::Tables;
use crate::Error;
use crate::document_builder::{DocumentBuilder, ParagraphKind};
use crate::html_flow::HtmlFlow;
use crate::ooxml::{Event, Part, Relationship, Scanner};
use crate::word_flow::fields::Field;
use crate::word_flow::flow::{Flow, Standing, Step};
use crate::word_flow::media::Media;
use crate::word_flow::numbering::Numbering;
use crate::word_flow::paragraph::{Look, Paragraph, Piece};
use crate::word_flow::properties::RunProperties;
use crate::word_flow::role::Role;

/// Events between two words to the monitor.
const EVENTS_PER_REPORT: usize = 16_384;
/// Text boxes within each other.
const MOST_BOXES: usize = 16;

/// The reader of the text.
pub(super) struct Body<'r, 'a, 'c> {
    pub(super) styles: &'r StyleSheet,
    pub(super) numbering: Numbering,
    /// Relationships of the part that is read.
    pub(super) relations: HashMap<String, Relationship>,
    /// Parts that hold pictures, by name.
    pub(super) parts: &'r HashMap<String, Part>,
    /// Foreign text to be put in, by relationship.
    pub(super) chunks: HashMap<String, Chunk>,
    pub(super) media: Media<Part>,
    pub(super) paragraph: Option<Paragraph>,
    /// Bytes of text a paragraph keeps.
    pub(super) most_bytes: usize,
    run: RunProperties,
    look: Option<(Look, bool)>,
    open_links: Vec<u32>,
    fields: Vec<Field>,
    drawings: Vec<Drawing>,
    /// Paragraphs around text boxes.
    outer: Vec<Outer>,
    /// A paragraph whose mark was deleted: the next one goes on in it.
    carried: Option<Paragraph>,
    ruby: Option<Ruby>,
    math_paragraphs: usize,
    text: String,
    pub(super) tables: Tables,
    pub(super) flow: Flow<'a, 'c>,
    /// Steps that wait for the paragraph around a text box.
    later: Vec<Told>,
}

/// What happens next in the text.
enum Told {
    Paragraph(Box<Paragraph>),
    Step(Step),
    /// Text of another format, by relationship.
    Chunk(String),
}

/// Text of another format within the document.
pub(super) enum Chunk {
    Html(String),
    Plain(String),
    Missing,
}

/// What was open around a text box.
struct Outer {
    paragraph: Option<Paragraph>,
    run: RunProperties,
    links: Vec<u32>,
    fields: Vec<Field>,
    carried: Option<Paragraph>,
    tables: Tables,
    ruby: Option<Ruby>,
}

/// A reading above its base text.
#[derive(Default)]
struct Ruby {
    /// Pieces before the reading.
    from: usize,
    reading: String,
    before: Vec<Piece>,
}

impl<'r, 'a, 'c> Body<'r, 'a, 'c> {
    pub(super) fn new(
        builder: DocumentBuilder<'a, 'c>,
        styles: &'r StyleSheet,
        numbering: Numbering,
        parts: &'r HashMap<String, Part>,
    ) -> Self {
        let most_bytes =
            builder.context.limits.paragraph_units.saturating_mul(3).saturating_add(16);
        Self {
            styles,
            numbering,
            relations: HashMap::new(),
            parts,
            chunks: HashMap::new(),
            media: Media::default(),
            paragraph: None,
            most_bytes,
            run: RunProperties::default(),
            look: None,
            open_links: Vec::new(),
            fields: Vec::new(),
            drawings: Vec::new(),
            outer: Vec::new(),
            carried: None,
            ruby: None,
            math_paragraphs: 0,
            text: String::new(),
            tables: Tables::default(),
            flow: Flow::new(builder),
            later: Vec::new(),
        }
    }

    /// Reads a part to its end, or until the document is full.
    pub(super) fn read(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let mut count = 0_usize;
        loop {
            let event = scanner.next()?;
            count += 1;
            if count.is_multiple_of(EVENTS_PER_REPORT) {
                self.flow.builder.context.progress("reading", count as u64, 0)?;
            }
            match event {
                Event::Start if !scanner.name().is_empty() => self.start(scanner)?,
                Event::Start => self.start_foreign(scanner)?,
                Event::End => self.end(scanner),
                Event::Text => {}
                Event::Eof => break,
            }
            if self.flow.builder.is_full() && self.outer.is_empty() {
                break;
            }
        }
        self.finish_paragraph();
        self.flush_carried();
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one line for each element")]
    fn start(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        match scanner.name() {
            b"p" => self.begin_paragraph(),
            b"pPr" => {
                let styles = self.styles;
                let properties =
                    read_paragraph(scanner, &|id| styles.paragraph_index(id), &|id| {
                        styles.character_index(id)
                    })?;
                self.paragraph.get_or_insert_default().properties = properties;
            }
            b"r" => {
                self.run = RunProperties::default();
                self.look = None;
            }
            b"rPr" => {
                let styles = self.styles;
                self.run = read_run(scanner, &|id| styles.character_index(id))?;
                self.look = None;
            }
            b"t" => self.read_text(scanner)?,
            b"instrText" => self.read_code(scanner)?,
            b"tab" | b"ptab" => self.characters("\t"),
            b"br" => {
                let kind = attribute(scanner, b"type");
                if !matches!(kind.as_deref(), Some("page" | "column")) {
                    self.characters("\n");
                }
            }
            b"cr" => self.characters("\n"),
            b"noBreakHyphen" => self.characters("\u{2011}"),
            b"sym" => self.symbol(scanner),
            b"footnoteReference" => self.mention_note('f', scanner),
            b"endnoteReference" => self.mention_note('e', scanner),
            b"hyperlink" => self.open_hyperlink(scanner),
            b"fldSimple" => {
                let code = attribute(scanner, b"instr").unwrap_or_default();
                self.fields.push(Field { code, ..Field::default() });
                self.show_field();
            }
            b"fldChar" => self.field_character(scanner),
            b"checkBox" => {
                if let Some(field) = self.fields.last_mut() {
                    field.tick = Some(false);
                }
            }
            b"checked" | b"default" => {
                let on = super::properties::switch(scanner);
                if let Some(Field { tick: Some(tick), .. }) = self.fields.last_mut() {
                    *tick = on;
                }
            }
            b"ins" | b"moveTo" => self.note_change("an insertion, accepted"),
            b"del" | b"moveFrom" => {
                self.note_change("a deletion, accepted");
                scanner.skip_element()?;
            }
            b"sdtPr" => self.read_control(scanner)?,
            b"ruby" => {
                let from = self.paragraph.get_or_insert_default().pieces.len();
                self.ruby = Some(Ruby { from, ..Ruby::default() });
            }
            b"rt" => {
                if let (Some(ruby), Some(paragraph)) = (&mut self.ruby, &mut self.paragraph) {
                    ruby.before = std::mem::take(&mut paragraph.pieces);
                }
            }
            b"tbl" => {
                self.finish_paragraph();
                self.open_pending_cell();
                self.tables.open();
            }
            b"tblPr" => self.tables.read_properties(scanner, self.styles)?,
            b"tblGrid" => self.tables.read_grid(scanner)?,
            b"tr" => self.tables.open_row(),
            b"trPr" => {
                let deleted = self.tables.read_row(scanner)?;
                if deleted {
                    self.note_change("a deleted row, accepted");
                }
            }
            b"tc" => {
                if self.tables.is_row_deleted() {
                    scanner.skip_element()?;
                } else {
                    self.open_row_and_cell();
                }
            }
            b"tcPr" => self.tables.read_cell(scanner)?,
            b"txbxContent" => {
                if self.outer.len() >= MOST_BOXES {
                    self.flow.builder.context.lose(
                        LossKind::FeatureDropped,
                        "",
                        "text boxes nested too deep",
                    );
                    scanner.skip_element()?;
                } else {
                    self.open_box();
                }
            }
            b"drawing" | b"pict" => self.drawings.push(Drawing::default()),
            b"object" => self.drawings.push(Drawing::object()),
            b"sectPr" => self.read_section(scanner)?,
            b"altChunk" => self.put_chunk(scanner),
            b"bookmarkStart" => {
                if let Some(name) = attribute(scanner, b"name")
                    && let Some(paragraph) = &mut self.paragraph
                    && paragraph.bookmarks.len() < 1_000
                {
                    paragraph.bookmarks.push(name);
                }
            }
            b"footnote" | b"endnote" => self.open_note(scanner)?,
            b"smartTagPr" | b"customXmlPr" | b"delText" | b"delInstrText" | b"tblPrEx"
            | b"rubyPr" | b"sdtEndPr" | b"fonts" | b"background" => scanner.skip_element()?,
            name if name.ends_with(b"PrChange") => scanner.skip_element()?,
            _ => {}
        }
        Ok(())
    }

    fn start_foreign(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        match scanner.local() {
            b"oMathPara" => self.math_paragraphs += 1,
            b"oMath" => {
                let latex = math::read(scanner)?;
                let display = self.math_paragraphs > 0;
                let (look, hidden) = self.look();
                if !hidden && !latex.trim().is_empty() && !self.is_silent() {
                    let look = Look { code: false, ..look };
                    self.piece(Piece::Equation { latex, display, look });
                }
            }
            b"contentPart" => {
                self.flow.builder.context.lose(LossKind::FeatureDropped, "", "handwriting");
            }
            _ => {
                if let Some(drawing) = self.drawings.last_mut() {
                    drawing.element(scanner);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, scanner: &Scanner<'_>) {
        match scanner.name() {
            b"p" => self.finish_paragraph(),
            b"hyperlink" => {
                self.open_links.pop();
                self.look = None;
            }
            b"fldSimple" => self.end_field(),
            b"rt" => {
                if let (Some(ruby), Some(paragraph)) = (&mut self.ruby, &mut self.paragraph) {
                    ruby.reading = paragraph.plain();
                    paragraph.pieces = std::mem::take(&mut ruby.before);
                }
            }
            b"ruby" => self.end_ruby(),
            b"tc" if !self.tables.is_row_deleted() => {
                self.finish_paragraph();
                self.flush_carried();
                self.open_pending_cell();
                self.step(Step::CloseCell);
            }
            b"tr" => {
                let opened = self.tables.close_row();
                if opened {
                    self.step(Step::CloseRow);
                }
            }
            b"tbl" => {
                self.finish_paragraph();
                if self.tables.close() {
                    self.step(Step::CloseTable);
                }
            }
            b"txbxContent" => self.close_box(),
            b"drawing" | b"pict" | b"object" => {
                if let Some(drawing) = self.drawings.pop()
                    && !self.is_silent()
                {
                    self.end_drawing(&drawing);
                }
            }
            b"footnote" | b"endnote" => {
                self.finish_paragraph();
                self.flush_carried();
                self.flow.close_note();
            }
            b"" if scanner.local() == b"oMathPara" => {
                self.math_paragraphs = self.math_paragraphs.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Does what is to be done now, or once the paragraph around the text box is there.
    fn tell(&mut self, told: Told) {
        if self.outer.is_empty() {
            self.take(told);
        } else {
            self.later.push(told);
        }
    }

    pub(super) fn step(&mut self, step: Step) {
        self.tell(Told::Step(step));
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Step(step) => self.flow.take(step),
            Told::Chunk(id) => self.take_chunk(&id),
            Told::Paragraph(paragraph) => {
                let standing = self.standing(&paragraph);
                self.flow.take_paragraph(*paragraph, standing);
            }
        }
    }

    fn standing(&mut self, paragraph: &Paragraph) -> Standing {
        let style = self.styles.paragraph(paragraph.properties.style);
        let mut role = style.map_or(Role::Body, |style| style.role);
        match paragraph.properties.outline {
            Some(level @ 0..=8) if role != Role::Title => role = Role::Heading(level + 1),
            Some(9) if matches!(role, Role::Heading(_)) => role = Role::Body,
            _ => {}
        }
        let own_left = paragraph.properties.left;
        let all = paragraph
            .properties
            .over(style.map(|style| style.paragraph).unwrap_or_default())
            .over(self.styles.paragraph_defaults);
        let item = all.list.filter(|list| *list > 0).and_then(|list| {
            let id = self.styles.id_of(paragraph.properties.style);
            self.numbering.count(list, all.level, id)
        });
        Standing { role, all, own_left, item }
    }

    /// Ends whatever the text left open.
    pub(super) fn end_text(&mut self) {
        self.flow.end_text();
        self.tables = Tables::default();
    }

    fn take_chunk(&mut self, id: &str) {
        let base = self.flow.clear_place();
        match self.chunks.remove(id) {
            Some(Chunk::Html(source)) => {
                let mut html = HtmlFlow::of_page();
                let mark = html.enter();
                html.feed(&source, &mut self.flow.builder);
                html.stop_dropping(&mut self.flow.builder);
                html.close_to(mark, &mut self.flow.builder);
                self.flow.builder.close_to(base);
            }
            Some(Chunk::Plain(text)) => {
                for line in text.lines() {
                    self.flow.builder.begin_paragraph(ParagraphKind::Text);
                    self.flow.builder.text(line);
                }
                self.flow.builder.end_paragraph();
            }
            Some(Chunk::Missing) | None => {
                let what = "an included document of a kind that is not read within others";
                self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
            }
        }
    }

    fn begin_paragraph(&mut self) {
        self.finish_paragraph();
        self.open_pending_cell();
        self.paragraph = Some(Paragraph::default());
    }

    fn finish_paragraph(&mut self) {
        for field in &mut self.fields {
            // A code that does not end with its paragraph is none.
            field.shows = true;
        }
        let Some(mut paragraph) = self.paragraph.take() else { return };
        if let Some(mut before) = self.carried.take() {
            before.pieces.append(&mut paragraph.pieces);
            before.bookmarks.append(&mut paragraph.bookmarks);
            paragraph.pieces = before.pieces;
            paragraph.bookmarks = before.bookmarks;
        }
        if paragraph.properties.mark.deleted {
            self.note_change("a deleted end of a paragraph, accepted");
            self.carried = Some(paragraph);
            return;
        }
        self.emit_paragraph(paragraph);
    }

    fn emit_paragraph(&mut self, paragraph: Paragraph) {
        self.tell(Told::Paragraph(Box::new(paragraph)));
        if self.outer.is_empty() {
            for step in std::mem::take(&mut self.later) {
                self.take(step);
            }
        }
    }

    fn flush_carried(&mut self) {
        if let Some(paragraph) = self.carried.take() {
            self.emit_paragraph(paragraph);
        }
    }

    fn open_box(&mut self) {
        self.outer.push(Outer {
            paragraph: self.paragraph.take(),
            run: self.run,
            links: std::mem::take(&mut self.open_links),
            fields: std::mem::take(&mut self.fields),
            carried: self.carried.take(),
            tables: std::mem::take(&mut self.tables),
            ruby: self.ruby.take(),
        });
        self.look = None;
    }

    fn close_box(&mut self) {
        self.finish_paragraph();
        self.flush_carried();
        let Some(outer) = self.outer.pop() else { return };
        self.paragraph = outer.paragraph;
        self.run = outer.run;
        self.open_links = outer.links;
        self.fields = outer.fields;
        self.carried = outer.carried;
        self.tables = outer.tables;
        self.ruby = outer.ruby;
        self.look = None;
        self.flow.builder.context.lose(
            LossKind::FormattingDropped,
            "",
            "a text box; its text follows its paragraph",
        );
    }

    fn mention_note(&mut self, sort: char, scanner: &Scanner<'_>) {
        if self.is_silent() {
            return;
        }
        if let Some(id) = attribute(scanner, b"id") {
            let (look, _) = self.look();
            self.piece(Piece::Note(format!("{sort}{id}"), look));
        }
    }

    fn note_change(&mut self, what: &str) {
        self.flow.builder.context.lose(LossKind::FeatureDropped, "tracked changes", what);
    }

    fn end_ruby(&mut self) {
        let Some(ruby) = self.ruby.take() else { return };
        let base_is_there =
            self.paragraph.as_ref().is_some_and(|paragraph| paragraph.pieces.len() >= ruby.from);
        if base_is_there && !ruby.reading.trim().is_empty() {
            let reading = format!("({})", ruby.reading.trim());
            self.characters(&reading);
        }
    }

    /// Reads the properties of a content control: boxes become boxes.
    fn read_control(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let inside = scanner.depth();
        let mut tick = None;
        loop {
            match scanner.next()? {
                Event::Start => match scanner.local() {
                    b"checkbox" => tick = Some(false),
                    b"checked" if tick.is_some() => tick = Some(super::properties::switch(scanner)),
                    b"rPr" => scanner.skip_element()?,
                    _ => {}
                },
                Event::End if scanner.depth() < inside => break,
                Event::End | Event::Text => {}
                Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            }
        }
        // Its content is the sign alone; cells and whole paragraphs around it are kept.
        if let Some(tick) = tick
            && self.paragraph.is_some()
        {
            self.look = None;
            self.piece(Piece::Box(tick, Look::default()));
            skip_rest(scanner, inside - 1)?;
        }
        Ok(())
    }

    fn read_section(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let mut edges = false;
        super::properties::each(scanner, |scanner| {
            edges |= matches!(scanner.name(), b"headerReference" | b"footerReference");
        })?;
        if edges {
            let what = "headers and footers of pages";
            self.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
        }
        Ok(())
    }

    fn put_chunk(&mut self, scanner: &Scanner<'_>) {
        if let Some(id) = scanner.prefixed_attribute(b"id") {
            let id = id.into_owned();
            self.finish_paragraph();
            self.open_pending_cell();
            self.tell(Told::Chunk(id));
        }
    }

    fn open_note(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let sort = if scanner.name() == b"footnote" { 'f' } else { 'e' };
        let separates = attribute(scanner, b"type").is_some_and(|kind| kind != "normal");
        let label = format!("{sort}{}", attribute(scanner, b"id").unwrap_or_default());
        if separates || !self.flow.builder.mentions_note(&label) {
            return scanner.skip_element();
        }
        self.flow.begin_note(&label);
        Ok(())
    }
}

/// Passes over what is left of the element at `depth`, its end included.
fn skip_rest(scanner: &mut Scanner<'_>, depth: usize) -> Result<(), Error> {
    loop {
        match scanner.next()? {
            Event::End if scanner.depth() < depth => return Ok(()),
            Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            _ => {}
        }
    }
}
