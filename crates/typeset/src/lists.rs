//! Lists in the structure of a print. Their items are set as blocks of their own, so that depth costs
//! nothing and pages break anywhere; the typesetter knows of no list. What the source says of items
//! by invisible marks becomes the structure's lists once all pages are there.

use typst::foundations::{Content, NativeElement as _, Value};
use typst::introspection::{Location, Tag, TagFlags};
use typst::layout::{Frame, FrameItem, Point};
use typst::model::{EnumElem, ListElem, TableCell};
use typst::pdf::PdfMarkerTag;
use typst_layout::Page;

use crate::marks;

const TAGGED: TagFlags = TagFlags { introspectable: false, tagged: true };

/// Turns the marks on the pages into lists.
pub(crate) fn tag(pages: &mut [Page]) {
    let mut lists = Lists::default();
    for page in &mut *pages {
        lists.follow(&mut page.frame);
    }
    if let Some(last) = pages.last_mut() {
        lists.close_to(0);
        lists.tell_at_end_of(&mut last.frame);
    }
}

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

impl Mark {
    fn of(content: &Content) -> Option<Self> {
        let (name, value) = marks::read(content)?;
        let depth = || match value {
            Value::Int(depth) => usize::try_from(*depth).ok(),
            _ => None,
        };
        Some(match name.as_str() {
            "larkspur-within" => Self::Within(depth()?),
            "larkspur-bullet" => Self::Item { depth: depth()?, ordered: false },
            "larkspur-number" => Self::Item { depth: depth()?, ordered: true },
            "larkspur-label" => Self::Label,
            "larkspur-body" => Self::Body,
            _ => return None,
        })
    }
}

struct OpenList {
    at: Location,
    depth: usize,
    ordered: bool,
    /// The label or body that is open.
    part: Option<Location>,
}

#[derive(Default)]
struct Lists {
    open: Vec<OpenList>,
    /// Cells around, and how many lists were open where they began: these cannot end in them.
    floors: Vec<(Option<Location>, usize)>,
    /// What is still to be told at the place that was reached. Tags have an order, but no position.
    told: Vec<Tag>,
}

impl Lists {
    /// Replaces the marks in a frame by what they mean.
    fn follow(&mut self, frame: &mut Frame) {
        let mut tags = Vec::new();
        let mut kept = 0;
        frame.retain(|item| {
            let is_mark = self.pass(item);
            tags.extend(self.told.drain(..).map(|tag| (kept, tag)));
            kept += usize::from(!is_mark);
            !is_mark
        });
        for (layer, tag) in tags.into_iter().rev() {
            frame.insert(layer, Point::zero(), FrameItem::Tag(tag));
        }
    }

    /// Tells what comes before an item of a frame; whether it is a mark.
    fn pass(&mut self, item: &mut FrameItem) -> bool {
        match item {
            FrameItem::Group(group) if group.parent.is_some() => {
                // A part of a cell that goes on over pages: other cells' content comes between.
                let floor = self.open.len();
                self.floors.push((None, floor));
                self.follow(&mut group.frame);
                self.close_to(floor);
                self.tell_at_end_of(&mut group.frame);
                self.floors.pop();
            }
            FrameItem::Group(group) => self.follow(&mut group.frame),
            FrameItem::Tag(Tag::Start(content, _)) => {
                if content.is::<TableCell>() {
                    self.floors.push((content.location(), self.open.len()));
                } else if let (Some(mark), Some(at)) = (Mark::of(content), content.location()) {
                    self.take(&mark, at);
                    return true;
                }
            }
            FrameItem::Tag(Tag::End(at, ..)) => {
                if let Some(cell) = self.floors.iter().rposition(|(cell, _)| *cell == Some(*at)) {
                    self.close_to(self.floors[cell].1);
                    self.floors.truncate(cell);
                }
            }
            _ => {}
        }
        false
    }

    fn tell_at_end_of(&mut self, frame: &mut Frame) {
        frame.push_multiple(self.told.drain(..).map(|tag| (Point::zero(), FrameItem::Tag(tag))));
    }

    fn take(&mut self, mark: &Mark, at: Location) {
        match *mark {
            Mark::Within(depth) => self.close_deeper(depth),
            Mark::Item { depth, ordered } => {
                self.close_deeper(depth + 1);
                if self.top().is_some_and(|top| top.depth == depth && top.ordered != ordered) {
                    self.close_deeper(depth);
                }
                if self.top().is_none_or(|top| top.depth < depth) {
                    self.open_list(at.variant(0), depth, ordered);
                }
                self.close_part();
            }
            Mark::Label => self.open_part(PdfMarkerTag::ListItemLabel, at.variant(1)),
            Mark::Body => self.open_part(PdfMarkerTag::ListItemBody, at.variant(1)),
        }
    }

    fn floor(&self) -> usize {
        self.floors.last().map_or(0, |(_, floor)| *floor)
    }

    /// The innermost list that may be changed here.
    fn top(&mut self) -> Option<&mut OpenList> {
        let floor = self.floor();
        self.open.get_mut(floor..)?.last_mut()
    }

    fn open_list(&mut self, at: Location, depth: usize, ordered: bool) {
        let list = if ordered {
            EnumElem::new(Vec::new()).pack()
        } else {
            ListElem::new(Vec::new()).pack()
        };
        self.told.push(Tag::Start(list.located(at), TAGGED));
        self.open.push(OpenList { at, depth, ordered, part: None });
    }

    fn open_part(&mut self, part: fn(Content) -> Content, at: Location) {
        self.close_part();
        if let Some(top) = self.top() {
            top.part = Some(at);
            self.told.push(Tag::Start(part(Content::empty()).located(at), TAGGED));
        }
    }

    fn close_part(&mut self) {
        if let Some(part) = self.top().and_then(|top| top.part.take()) {
            self.told.push(Tag::End(part, 0, TAGGED));
        }
    }

    /// Ends the lists within `depth` others and deeper ones, as far as they may end here.
    fn close_deeper(&mut self, depth: usize) {
        let floor = self.floor();
        let kept = self.open.iter().skip(floor).take_while(|list| list.depth < depth).count();
        self.close_to(floor + kept);
    }

    /// Ends lists until `kept` are left.
    fn close_to(&mut self, kept: usize) {
        for list in self.open.drain(kept.min(self.open.len())..).rev() {
            let ends = list.part.into_iter().chain([list.at]);
            self.told.extend(ends.map(|end| Tag::End(end, 0, TAGGED)));
        }
    }
}
