//! Lists in the structure of a print. Their items are set as blocks of their own, so that depth costs
//! nothing and pages break anywhere; the typesetter knows of no list. What the source says of items
//! by invisible marks becomes the structure's lists once all pages are there.

use typst::foundations::{Content, Label, NativeElement as _, Value};
use typst::introspection::{Location, MetadataElem, Tag, TagFlags};
use typst::layout::{Frame, FrameItem, Point};
use typst::model::{EnumElem, ListElem, TableCell};
use typst::pdf::PdfMarkerTag;
use typst::utils::PicoStr;
use typst_layout::Page;

/// What pieces and preludes may call.
pub(crate) const DEFINITIONS: &str = "\
#let larkspur-within(depth) = [#metadata(depth)<larkspur-within>]\n\
#let larkspur-bullet(depth) = [#metadata(depth)<larkspur-bullet>]\n\
#let larkspur-number(depth) = [#metadata(depth)<larkspur-number>]\n\
#let larkspur-label(body) = { [#metadata(none)<larkspur-label>]; body }\n\
#let larkspur-body(body) = { [#metadata(none)<larkspur-body>]; body }\n";

const TAGGED: TagFlags = TagFlags { introspectable: false, tagged: true };

/// Turns the marks on the pages into lists.
pub(crate) fn tag(pages: &mut [Page]) {
    let names = ["within", "bullet", "number", "label", "body"];
    let labels = names.map(|name| {
        Label::new(PicoStr::intern(&format!("larkspur-{name}")))
            .expect("our own names are not empty")
    });
    let mut lists = Lists { labels, open: Vec::new(), floors: Vec::new() };
    for page in &mut *pages {
        lists.follow(&mut page.frame);
    }
    if let Some(last) = pages.last_mut() {
        let foot = Point::with_y(last.frame.height());
        lists.close_to(0, foot, &mut last.frame);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// What follows lies within so many lists.
    Within(usize),
    /// An item follows, within so many lists besides its own.
    Item { depth: usize, ordered: bool },
    /// The item's sign or number follows.
    Label,
    /// The item's content follows.
    Body,
}

struct OpenList {
    at: Location,
    depth: usize,
    ordered: bool,
    /// The label or body that is open.
    part: Option<Location>,
}

struct Lists {
    /// Of the marks, in the order of `Lists::mark`.
    labels: [Label; 5],
    open: Vec<OpenList>,
    /// Cells around, and how many lists were open where they began: these cannot end in them.
    floors: Vec<(Option<Location>, usize)>,
}

impl Lists {
    fn mark(&self, content: &Content) -> Option<Mark> {
        let label = content.label()?;
        let kind = self.labels.iter().position(|known| *known == label)?;
        let depth = match &content.to_packed::<MetadataElem>()?.value {
            Value::Int(depth) => usize::try_from(*depth).ok()?,
            _ => 0,
        };
        Some(match kind {
            0 => Mark::Within(depth),
            1 | 2 => Mark::Item { depth, ordered: kind == 2 },
            3 => Mark::Label,
            _ => Mark::Body,
        })
    }

    fn follow(&mut self, frame: &mut Frame) {
        let items: Vec<(Point, FrameItem)> = frame.items().cloned().collect();
        // The frame's own hold on the groups goes first, or each would be copied when it is changed.
        frame.clear();
        for (point, mut item) in items {
            match &mut item {
                FrameItem::Group(group) if group.parent.is_some() => {
                    // A part of a cell that goes on over pages: other cells' content comes between.
                    self.floors.push((None, self.open.len()));
                    self.follow(&mut group.frame);
                    let foot = Point::with_y(group.frame.height());
                    self.close_to(self.floor(), foot, &mut group.frame);
                    self.floors.pop();
                }
                FrameItem::Group(group) => self.follow(&mut group.frame),
                FrameItem::Tag(Tag::Start(content, _)) => {
                    if content.is::<TableCell>() {
                        self.floors.push((content.location(), self.open.len()));
                    } else if let (Some(mark), Some(at)) = (self.mark(content), content.location())
                    {
                        self.take(mark, at, point, frame);
                        continue;
                    }
                }
                FrameItem::Tag(Tag::End(at, ..)) => {
                    let known = |(cell, _): &(Option<Location>, usize)| *cell == Some(*at);
                    if let Some(cell) = self.floors.iter().rposition(known) {
                        self.close_to(self.floors[cell].1, point, frame);
                        self.floors.truncate(cell);
                    }
                }
                _ => {}
            }
            frame.push(point, item);
        }
    }

    fn floor(&self) -> usize {
        self.floors.last().map_or(0, |(_, floor)| *floor)
    }

    fn take(&mut self, mark: Mark, at: Location, point: Point, out: &mut Frame) {
        match mark {
            Mark::Within(depth) => self.close_deeper(depth, point, out),
            Mark::Item { depth, ordered } => {
                self.close_deeper(depth + 1, point, out);
                if self.top().is_some_and(|top| top.depth == depth && top.ordered != ordered) {
                    self.close_deeper(depth, point, out);
                }
                if self.top().is_none_or(|top| top.depth < depth) {
                    let list = if ordered {
                        EnumElem::new(Vec::new()).pack()
                    } else {
                        ListElem::new(Vec::new()).pack()
                    };
                    let at = at.variant(0);
                    start(list, at, point, out);
                    self.open.push(OpenList { at, depth, ordered, part: None });
                }
                self.close_part(point, out);
            }
            Mark::Label => self.begin_part(PdfMarkerTag::ListItemLabel, at, point, out),
            Mark::Body => self.begin_part(PdfMarkerTag::ListItemBody, at, point, out),
        }
    }

    /// The innermost list that may be changed here.
    fn top(&mut self) -> Option<&mut OpenList> {
        let floor = self.floor();
        self.open.get_mut(floor..)?.last_mut()
    }

    fn begin_part(
        &mut self,
        part: fn(Content) -> Content,
        at: Location,
        point: Point,
        out: &mut Frame,
    ) {
        self.close_part(point, out);
        if let Some(top) = self.top() {
            let at = at.variant(1);
            top.part = Some(at);
            start(part(Content::empty()), at, point, out);
        }
    }

    fn close_part(&mut self, point: Point, out: &mut Frame) {
        if let Some(part) = self.top().and_then(|top| top.part.take()) {
            out.push(point, FrameItem::Tag(Tag::End(part, 0, TAGGED)));
        }
    }

    fn close_deeper(&mut self, depth: usize, point: Point, out: &mut Frame) {
        let floor = self.floor();
        let kept = self.open.iter().skip(floor).take_while(|list| list.depth < depth).count();
        self.close_to(floor + kept, point, out);
    }

    /// Ends lists until `kept` are left.
    fn close_to(&mut self, kept: usize, point: Point, out: &mut Frame) {
        for list in self.open.drain(kept.min(self.open.len())..).rev() {
            for end in list.part.into_iter().chain([list.at]) {
                out.push(point, FrameItem::Tag(Tag::End(end, 0, TAGGED)));
            }
        }
    }
}

fn start(content: Content, at: Location, point: Point, out: &mut Frame) {
    out.push(point, FrameItem::Tag(Tag::Start(content.located(at), TAGGED)));
}
