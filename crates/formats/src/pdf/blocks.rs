//! Blocks as pieces of source. Lists are not nested in the source: each item is a block of its own,
//! set in as deep as it lies, so that depth costs nothing and pages break anywhere.

use std::fmt::Write as _;

use larkspur_model::document::{Align, Asset, Block, Callout, Content, Image, Inline, Text};
use larkspur_model::loss::LossKind;
use larkspur_typeset::Piece;

use super::emoji;
use super::pictures::{name_of, size_on_paper};
use super::print::{STEP_PT, Setter, TEXT_SIZE_PT, TEXT_WIDTH_PT};
use super::source::{literal, points};
use crate::Error;

/// Boxes (quotes, callouts, columns, cells) within each other; deeper ones lose their frame.
const MOST_BOXES: usize = 6;
/// Blocks within each other that are followed; deeper ones become plain paragraphs.
const MOST_DEPTH: usize = 80;
/// Steps a block is set in, at most, so that some width is left.
const MOST_STEPS: usize = 10;
/// Bytes of code that is coloured by its language.
const MOST_COLOURED_BYTES: usize = 40_000;
/// Weight of a block beside its characters.
const BLOCK_WEIGHT: usize = 60;

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// Steps it is set in.
    steps: usize,
    /// Lists around it in the same box, for the look of its sign.
    lists: usize,
    /// Lists around it, those around its boxes too, for the print's structure.
    nested: usize,
    /// Blocks around it.
    depth: usize,
    /// Boxes around it.
    boxes: usize,
    /// Width there is, points.
    width_pt: f64,
    /// Size of the text, points.
    size_pt: f64,
}

impl Flow {
    const PAGE: Self = Self {
        steps: 0,
        lists: 0,
        nested: 0,
        depth: 0,
        boxes: 0,
        width_pt: TEXT_WIDTH_PT,
        size_pt: TEXT_SIZE_PT,
    };

    /// Steps the block is set in.
    pub(super) const fn steps(self) -> usize {
        self.steps
    }

    /// With text of another size.
    pub(super) fn sized(self, size_pt: f64) -> Self {
        Self { size_pt, ..self }
    }

    /// Inside a box that leaves `width_pt`.
    pub(super) fn boxed(self, width_pt: f64) -> Self {
        Self {
            steps: 0,
            lists: 0,
            depth: self.depth + 1,
            boxes: self.boxes + 1,
            width_pt: width_pt.max(12.0),
            ..self
        }
    }

    /// Among what hangs on a block.
    fn stepped(self) -> Self {
        let deeper = self.steps < MOST_STEPS && self.width_pt > 4.0 * STEP_PT;
        Self { steps: self.steps + usize::from(deeper), depth: self.depth + 1, ..self }
    }

    /// Among what an item of a list holds.
    fn in_item(self) -> Self {
        Self { nested: self.nested + 1, ..self.stepped() }
    }

    /// The same, where the depth changes the look of signs and numbers.
    fn in_marked_item(self) -> Self {
        Self { lists: self.lists + 1, ..self.in_item() }
    }

    /// Width left beside the steps.
    pub(super) fn inner_pt(self) -> f64 {
        (self.width_pt - self.steps as f64 * STEP_PT).max(12.0)
    }

    /// Letters that fit on a line, narrow ones counted.
    pub(super) fn letters(self) -> usize {
        (self.inner_pt() / (self.size_pt * 0.62)) as usize
    }
}

impl Setter<'_, '_> {
    pub(super) fn title(&mut self, title: &str, out: &mut Vec<Piece>) {
        if !title.is_empty() {
            let text = literal(&self.clean(title, Flow::PAGE.letters() / 2));
            out.push(Piece::Block { source: format!("title({text})"), weight: title.len() });
        }
    }

    /// All blocks of the document.
    pub(super) fn top_level(
        &mut self,
        out: &mut Vec<Piece>,
        word: &mut dyn FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let document = self.document;
        let mut number = None;
        for (index, block) in document.blocks.iter().enumerate() {
            self.block = index;
            word(self, index)?;
            self.block(block, Flow::PAGE, &mut number, out);
        }
        Ok(())
    }

    /// Blocks one after the other.
    pub(super) fn blocks(&mut self, blocks: &[Block], flow: Flow, out: &mut Vec<Piece>) {
        let mut number = None;
        for block in blocks {
            self.block(block, flow, &mut number, out);
        }
    }

    /// Blocks inside a box, as one expression.
    pub(super) fn boxed(&mut self, blocks: &[Block], flow: Flow) -> String {
        let mut pieces = Vec::new();
        let around = std::mem::take(&mut self.listed);
        self.blocks(blocks, flow, &mut pieces);
        if std::mem::replace(&mut self.listed, around) {
            push(&mut pieces, format!("larkspur-within({})", flow.nested));
        }
        let mut out = String::from("{");
        for piece in pieces {
            match piece {
                Piece::Block { source, .. } => out.push_str(&source),
                Piece::Rows(rows) => {
                    let unmarked =
                        |text: &str| text.replace(larkspur_typeset::Rows::mark(), "none");
                    out.push_str(&unmarked(&rows.open));
                    for (row, _) in &rows.rows {
                        out.push_str(&unmarked(row));
                    }
                    out.push_str(&rows.close);
                }
            }
            out.push('\n');
        }
        out.push('}');
        if out == "{}" { "[]".to_owned() } else { out }
    }

    fn block(&mut self, block: &Block, flow: Flow, number: &mut Option<u32>, out: &mut Vec<Piece>) {
        if flow.depth > MOST_DEPTH {
            self.flatten(block, flow, out);
            return;
        }
        if !matches!(block.content, Content::Ordered(_)) {
            *number = None;
        }
        self.place_among_lists(&block.content, flow, out);
        let (steps, nested) = (flow.steps, flow.nested);
        match &block.content {
            Content::Text(text) => {
                let source = self.paragraph(text, flow);
                push(out, source);
                self.blocks(&block.children, flow.stepped(), out);
            }
            Content::Heading { level, text } => {
                let body = self.line(text, flow.letters() * 2 / 3);
                let level = (*level).clamp(1, 9);
                let side = side(text.style.align);
                let body = match self.anchors.of_heading(text) {
                    Some(anchor) => format!("{{larkspur-target({}); {body}}}", literal(anchor)),
                    None => body,
                };
                push(out, format!("hd({level}, {steps}, {side}, {body})"));
                self.blocks(&block.children, Flow { depth: flow.depth + 1, ..flow }, out);
            }
            Content::Bullet(text) => {
                let body = self.line(text, flow.letters());
                push(out, format!("bullet({nested}, {steps}, {}, {body})", flow.lists % 3));
                self.blocks(&block.children, flow.in_marked_item(), out);
            }
            Content::Ordered(text) => {
                let value = text
                    .style
                    .sequence
                    .unwrap_or_else(|| number.map_or(1, |n: u32| n.saturating_add(1)));
                *number = Some(value);
                let body = self.line(text, flow.letters());
                let label = literal(&format!("{}.", ordinal(value, flow.lists)));
                push(out, format!("numbered({nested}, {steps}, {label}, {body})"));
                self.blocks(&block.children, flow.in_marked_item(), out);
            }
            Content::Todo(text) => {
                let body = self.line(text, flow.letters());
                push(out, format!("todo({nested}, {steps}, {}, {body})", text.style.done));
                self.blocks(&block.children, flow.in_item(), out);
            }
            Content::Code(text) => self.code(text, flow, out),
            Content::Quote(text) => {
                let inner = flow.boxed(flow.inner_pt() - 12.0);
                let body = self.paragraph(text, inner);
                let rest = self.boxed(&block.children, inner);
                push(out, format!("bar({steps}, {{{body}\n{rest}}})"));
            }
            Content::QuoteContainer => {
                self.container(block, flow, 12.0, out, |body| format!("bar({steps}, {body})"));
            }
            Content::Callout(callout) => {
                let head = self.callout_head(callout);
                self.container(block, flow, 44.0, out, |body| {
                    format!("callout({steps}, {head}, {body})")
                });
            }
            Content::Divider => push(out, format!("rule({steps})")),
            Content::Image(image) => self.picture(image, flow, out),
            Content::File { asset } => {
                let asset = self.document.assets.get(asset.0 as usize);
                let source = self.file_card(asset, steps);
                push(out, source);
            }
            Content::Iframe { url, kind } => {
                let shown = literal(&self.clean(url, flow.letters()));
                let body = self.linked(shown, url);
                push(out, format!("card({steps}, {}, {body})", literal(frame_kind(*kind))));
            }
            Content::Grid => self.grid(block, flow, out),
            Content::Table(table) => self.table(block, table, flow, out),
            Content::GridColumn { .. } | Content::TableCell | Content::View { .. } => {
                self.blocks(&block.children, Flow { depth: flow.depth + 1, ..flow }, out);
            }
            Content::Embed(embed) => {
                let what = format!("{}; its name stands for it", embed.name());
                self.lose(LossKind::FeatureDropped, &what);
                let body = self.line(&embed.stand_in(), flow.letters());
                push(out, format!("card({steps}, {}, {body})", literal(embed.name())));
            }
        }
    }

    /// Says of what is no item within how many lists it lies, wherever that is not plain.
    fn place_among_lists(&mut self, content: &Content, flow: Flow, out: &mut Vec<Piece>) {
        let is_item =
            matches!(content, Content::Bullet(_) | Content::Ordered(_) | Content::Todo(_));
        if self.listed && !is_item {
            push(out, format!("larkspur-within({})", flow.nested));
        }
        self.listed = is_item || (self.listed && flow.nested > 0);
    }

    /// A block too deep to follow: its texts as paragraphs.
    fn flatten(&mut self, block: &Block, flow: Flow, out: &mut Vec<Piece>) {
        self.lose(LossKind::FormattingDropped, "blocks nested too deep became plain paragraphs");
        let mut pending = vec![block];
        while let Some(next) = pending.pop() {
            if let Some(text) = next.content.text() {
                let source = self.paragraph(text, flow);
                push(out, source);
            }
            pending.extend(next.children.iter().rev());
        }
    }

    fn paragraph(&mut self, text: &Text, flow: Flow) -> String {
        let steps = flow.steps;
        let mut seen = text.elements.iter().filter(
            |element| !matches!(element, Inline::Run { content, .. } if content.trim().is_empty()),
        );
        if let (Some(Inline::Equation { content, .. }), None) = (seen.next(), seen.next()) {
            let body = self.equation(content, true);
            return format!("formula({steps}, {body})");
        }
        let body = if text.is_empty() { "br".to_owned() } else { self.line(text, flow.letters()) };
        let source = if text.style.indented {
            format!("indented({steps}, {body})")
        } else {
            format!("p({steps}, {}, {body})", side(text.style.align))
        };
        match background(&text.style.background) {
            Some(fill) => format!("tinted(0, \"{fill}\", {source})"),
            None => source,
        }
    }

    fn code(&mut self, text: &Text, flow: Flow, out: &mut Vec<Piece>) {
        let letters = (flow.inner_pt() / 5.4) as usize;
        let source: String = text
            .to_plain()
            .split('\n')
            .map(|line| {
                let line = line.replace('\t', "    ");
                self.clean(&line, letters.max(8))
            })
            .collect::<Vec<_>>()
            .join("\n");
        let language = text.style.language.filter(|language| language.0 > 1);
        let name = language.map_or("", |language| language.name());
        let lang = match language {
            Some(language) if !self.plain && source.len() <= MOST_COLOURED_BYTES => {
                literal(&language.to_fence())
            }
            _ => "none".to_owned(),
        };
        push(out, format!("code({}, {}, {lang}, {})", flow.steps, literal(name), literal(&source)));
    }

    /// A box around the children, as long as boxes are not too deep.
    fn container(
        &mut self,
        block: &Block,
        flow: Flow,
        margin_pt: f64,
        out: &mut Vec<Piece>,
        wrap: impl FnOnce(String) -> String,
    ) {
        if flow.boxes >= MOST_BOXES {
            self.lose(LossKind::FormattingDropped, "frames nested too deep were left out");
            self.blocks(&block.children, Flow { depth: flow.depth + 1, ..flow }, out);
            return;
        }
        let body = self.boxed(&block.children, flow.boxed(flow.inner_pt() - margin_pt));
        push(out, wrap(body));
    }

    fn callout_head(&mut self, callout: &Callout) -> String {
        let within =
            |color: Option<u8>, most: u8| color.filter(|c| (1..=most).contains(c)).unwrap_or(0);
        let name = if callout.emoji.is_empty() { "gift" } else { &callout.emoji };
        let picture = emoji::character(name).unwrap_or_else(|| {
            self.lose(
                LossKind::FormattingDropped,
                "the picture in a callout's corner is not known",
            );
            ""
        });
        self.see(picture);
        format!(
            "{}, {}, {}, {}",
            within(callout.background_color, 15),
            within(callout.border_color, 7),
            within(callout.text_color, 7),
            literal(picture)
        )
    }

    fn picture(&mut self, image: &Image, flow: Flow, out: &mut Vec<Piece>) {
        let steps = flow.steps;
        let name = name_of(self.document, image);
        let caption = if image.caption.is_empty() {
            "none".to_owned()
        } else {
            literal(&self.clean(&image.caption, flow.letters()))
        };
        let side = side(image.align);
        let shown = self.shown.get(image.asset.0 as usize).and_then(Option::as_ref);
        match shown {
            Some(Ok(shown)) if !self.plain => {
                let own = (shown.width_px, shown.height_px);
                let (wide, high) = size_on_paper(image, own, flow.inner_pt());
                let (number, wide, high) = (shown.number, points(wide), points(high));
                let said = literal(if image.caption.is_empty() { &name } else { &image.caption });
                let source = format!(
                    "picture({steps}, {side}, \"/picture-{number}\", {wide}, {high}, {caption}, {said})"
                );
                out.push(Piece::Block { source, weight: 2_000 });
            }
            _ => {
                let (wide, _) = size_on_paper(image, (0, 0), flow.inner_pt());
                let label = literal(&self.clean(&name, 20));
                let wide = points(wide.max(flow.inner_pt().min(220.0)));
                let body = format!("{{{label}; br; {caption}}}");
                push(out, format!("frame({steps}, {side}, {wide}, 64pt, {body})"));
            }
        }
    }

    fn file_card(&mut self, asset: Option<&Asset>, steps: usize) -> String {
        let name = asset.map_or("", |asset| asset.name.as_str());
        let name = literal(&self.clean(if name.is_empty() { "file" } else { name }, 60));
        let size = asset.map(|asset| size_in_words(asset.size_bytes)).unwrap_or_default();
        self.see("📎");
        format!("card({steps}, {}, {{\"📎 \"; b({name})}})", literal(&size))
    }

    fn grid(&mut self, block: &Block, flow: Flow, out: &mut Vec<Piece>) {
        let columns: Vec<(&Block, f64)> = block
            .children
            .iter()
            .map(|column| match column.content {
                Content::GridColumn { width_ratio } => {
                    (column, f64::from(width_ratio.clamp(1, 99)))
                }
                _ => (column, 1.0),
            })
            .collect();
        let total: f64 = columns.iter().map(|(_, share)| share).sum();
        let width = flow.inner_pt() - 16.0 * (columns.len().max(1) - 1) as f64;
        if columns.is_empty() || flow.boxes >= MOST_BOXES || width / columns.len() as f64 <= 40.0 {
            if !columns.is_empty() {
                self.lose(
                    LossKind::FormattingDropped,
                    "columns too narrow for the page stand below each other",
                );
            }
            self.blocks(&block.children, Flow { depth: flow.depth + 1, ..flow }, out);
            return;
        }
        let mut shares = String::new();
        let mut cells = String::new();
        for (column, share) in columns {
            let inner = flow.boxed(width * share / total);
            let _ = write!(shares, "{share}fr, ");
            let children = match column.content {
                Content::GridColumn { .. } => column.children.as_slice(),
                _ => std::slice::from_ref(column),
            };
            cells.push_str(", ");
            cells.push_str(&self.boxed(children, inner));
        }
        push(out, format!("columns-of({}, ({shares}){cells})", flow.steps));
    }
}

fn push(out: &mut Vec<Piece>, source: String) {
    let weight = BLOCK_WEIGHT + source.len();
    out.push(Piece::Block { source, weight });
}

pub(super) fn side(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    }
}

/// The label of an ordered item: numbers, then letters, then Roman numerals.
fn ordinal(value: u32, depth: usize) -> String {
    match depth % 3 {
        1 if value > 0 => {
            let mut letters = Vec::new();
            let mut rest = value;
            while rest > 0 {
                letters.push(char::from(b'a' + ((rest - 1) % 26) as u8));
                rest = (rest - 1) / 26;
            }
            letters.iter().rev().collect()
        }
        2 if (1..4_000).contains(&value) => {
            const ROMAN: [(u32, &str); 13] = [
                (1000, "m"),
                (900, "cm"),
                (500, "d"),
                (400, "cd"),
                (100, "c"),
                (90, "xc"),
                (50, "l"),
                (40, "xl"),
                (10, "x"),
                (9, "ix"),
                (5, "v"),
                (4, "iv"),
                (1, "i"),
            ];
            let mut rest = value;
            let mut out = String::new();
            for (worth, letters) in ROMAN {
                while rest >= worth {
                    out.push_str(letters);
                    rest -= worth;
                }
            }
            out
        }
        _ => value.to_string(),
    }
}

/// Colour of a paragraph's background by the platform's name.
fn background(name: &str) -> Option<&'static str> {
    Some(match name.strip_suffix("Background")? {
        "LightGray" | "PaleGray" => "#f2f3f5",
        "LightRed" => "#fde2e2",
        "LightOrange" => "#feead2",
        "LightYellow" => "#fff9c4",
        "LightGreen" => "#d9f5d6",
        "LightBlue" => "#e1eaff",
        "LightPurple" => "#ece2fe",
        "DarkGray" => "#dee0e3",
        "DarkRed" => "#f8a8a3",
        "DarkOrange" => "#fcc48a",
        "DarkYellow" => "#fbe05f",
        "DarkGreen" => "#95e599",
        "DarkBlue" => "#a6c1fb",
        "DarkPurple" => "#c5abf7",
        _ => return None,
    })
}

/// What an embedded page is (contract, `docx_enums.iframe_type`).
fn frame_kind(kind: u8) -> &'static str {
    match kind {
        1 => "Bilibili",
        2 => "Xigua Video",
        3 => "Youku",
        4 => "Airtable",
        5 => "Baidu Map",
        6 => "AMap",
        8 => "Figma",
        9 => "Modao",
        10 => "Canva",
        11 => "CodePen",
        12 => "Feishu Survey",
        13 => "Jinshuju",
        _ => "Link",
    }
}

fn size_in_words(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..=1023 => format!("{bytes} B"),
        1024..=1_048_575 => format!("{:.1} KB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_items_are_labelled_by_depth() {
        assert_eq!(ordinal(28, 0), "28");
        assert_eq!((ordinal(1, 1), ordinal(28, 1)), ("a".to_owned(), "ab".to_owned()));
        assert_eq!(ordinal(1994, 2), "mcmxciv");
        assert_eq!(ordinal(0, 2), "0");
    }
}
