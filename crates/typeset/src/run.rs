//! One run of the typesetter: which pieces go into it, its source text, and where it may be cut so
//! that the next run continues on a fresh page without anybody noticing.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use typst::foundations::{Content, Label, Selector, Value};
use typst::introspection::{Introspector, Location, MetadataElem, PagedPosition, Tag, TagFlags};
use typst::layout::{Frame, FrameItem, Point};
use typst::model::{Destination, HeadingElem};
use typst::utils::PicoStr;
use typst_layout::{Page, PagedDocument};

use crate::marks;
use crate::print::{MARK, Piece, Refused, Work};

/// How far a mark may be off the place where a page's text starts, points.
const TOLERANCE_PT: f64 = 0.75;

/// A place between pieces, or between rows of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) piece: usize,
    pub(crate) row: usize,
}

/// Where the run that starts at `from` ends: after at least one piece or row, and `weight` of them.
pub(crate) fn end_of_run(pieces: &[Piece], from: Place, weight: usize) -> Place {
    let mut place = from;
    let mut sum = 0;
    while let Some(piece) = pieces.get(place.piece) {
        if sum >= weight {
            break;
        }
        match piece {
            Piece::Block { weight, .. } => {
                sum += weight;
                place = Place { piece: place.piece + 1, row: 0 };
            }
            Piece::Rows(rows) => {
                let left = rows.rows.get(place.row..).unwrap_or_default();
                let mut taken = 0;
                for (_, row_weight) in left {
                    if sum >= weight {
                        break;
                    }
                    sum += row_weight;
                    taken += 1;
                }
                place = if taken == left.len() {
                    Place { piece: place.piece + 1, row: 0 }
                } else {
                    Place { piece: place.piece, row: place.row + taken }
                };
            }
        }
    }
    place
}

/// What the marks in a run's source stand for.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Start of each piece's source, rising.
    starts: Vec<(usize, usize)>,
    /// The place of each mark, by its number, and what it marks.
    places: Vec<(Place, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Block,
    Head,
    Row { inset_pt: f64 },
}

/// The source of the pieces between two places.
pub(crate) fn source(
    work: &Work<'_>,
    from: Place,
    to: Place,
    marked: bool,
    refused: &[Refused],
) -> (String, Marks) {
    let mut text = format!("{}{}\n", marks::DEFINITIONS, work.prelude);
    let mut marks = Marks::default();
    let last = if to.row > 0 { to.piece + 1 } else { to.piece };
    for (index, piece) in work.pieces.iter().enumerate().take(last).skip(from.piece) {
        text.push_str("\n\n");
        marks.starts.push((text.len(), index));
        let place = Place { piece: index, row: 0 };
        let plain = refused.iter().find(|known| known.piece == index).map(|known| &known.plain);
        match plain.unwrap_or(piece) {
            Piece::Block { source, .. } => {
                if marked {
                    text.push_str(&marks.call(place, Kind::Block, "#"));
                }
                text.push('#');
                text.push_str(source);
            }
            Piece::Rows(rows) => {
                let first = if index == from.piece { from.row } else { 0 };
                let end = if index == to.piece && to.row > 0 { to.row } else { rows.rows.len() };
                if marked && first == 0 {
                    text.push_str(&marks.call(place, Kind::Block, "#"));
                }
                text.push('#');
                let head = marked.then(|| marks.call(place, Kind::Head, ""));
                push_marked(&mut text, &rows.open, head.as_deref());
                for (row, (source, _)) in rows.rows.iter().enumerate().take(end).skip(first) {
                    let place = Place { piece: index, row };
                    let kind = Kind::Row { inset_pt: rows.inset_pt };
                    let mark = marked.then(|| marks.call(place, kind, ""));
                    push_marked(&mut text, source, mark.as_deref());
                }
                text.push_str(&rows.close);
            }
        }
    }
    (text, marks)
}

fn push_marked(text: &mut String, source: &str, mark: Option<&str>) {
    match source.split_once(MARK) {
        Some((before, after)) => {
            text.push_str(before);
            text.push_str(mark.unwrap_or("none"));
            text.push_str(after);
        }
        None => text.push_str(source),
    }
}

impl Marks {
    fn call(&mut self, place: Place, kind: Kind, hash: &str) -> String {
        self.places.push((place, kind));
        format!("{hash}larkspur-mark({})", self.places.len() - 1)
    }

    /// The piece whose source holds the byte.
    pub(crate) fn piece_at(&self, offset: usize) -> Option<usize> {
        self.starts.iter().rev().find(|(start, _)| *start <= offset).map(|(_, piece)| *piece)
    }

    /// How many pages to keep, and the place the page after them starts with: for the last page,
    /// from the third on, that starts with a piece or row of its own.
    pub(crate) fn last_clean_page(
        &self,
        document: &PagedDocument,
        top_pt: f64,
    ) -> Option<(usize, Place)> {
        let label = Label::new(PicoStr::intern("larkspur-mark"))?;
        let introspector = document.introspector();
        let mut found: Vec<(usize, f64, Place, Kind)> = Vec::new();
        for content in introspector.query(&Selector::Label(label)) {
            let number = content.to_packed::<MetadataElem>().and_then(|data| match data.value {
                Value::Int(number) => usize::try_from(number).ok(),
                _ => None,
            });
            let position = content.location().and_then(|at| introspector.position(at));
            let (Some(number), Some(position)) = (number, position) else { continue };
            let Some((place, kind)) = self.places.get(number) else { continue };
            found.push((position.page.get(), position.point.y.to_pt(), *place, *kind));
        }
        let heads = head_heights(&found);
        let mut pages: Vec<usize> = found.iter().map(|(page, ..)| *page).collect();
        pages.dedup();
        pages.into_iter().rev().filter(|page| *page >= 2).find_map(|page| {
            let first = found
                .iter()
                .filter(|(on, _, _, kind)| *on == page && *kind != Kind::Head)
                .min_by(|a, b| a.1.total_cmp(&b.1))?;
            let expected = match first.3 {
                Kind::Row { inset_pt } => {
                    top_pt + inset_pt + heads.get(&first.2.piece).copied().unwrap_or_default()
                }
                _ => top_pt,
            };
            ((first.1 - expected).abs() < TOLERANCE_PT).then_some((page - 1, first.2))
        })
    }
}

/// Ends what pages begin and do not end, at the foot of the last of them: a table that was cut goes on
/// in the next run as a table of its own.
pub(crate) fn close_tags(pages: &mut [Page]) {
    let mut open = Vec::new();
    for page in &*pages {
        follow_tags(&page.frame, &mut open);
    }
    if let Some(page) = pages.last_mut() {
        for (location, flags) in open.into_iter().rev() {
            let foot = Point::with_y(page.frame.height());
            page.frame.push(foot, FrameItem::Tag(Tag::End(location, 0, flags)));
        }
    }
}

/// Forgets all elements but headings, which become bookmarks: each other one holds its content for as
/// long as its page lives, some kilobytes for every cell.
pub(crate) fn drop_tags(pages: &mut [Page]) {
    for page in pages {
        slim(&mut page.frame, &mut Vec::new());
    }
}

fn slim(frame: &mut Frame, headings: &mut Vec<Location>) {
    frame.retain(|item| match item {
        FrameItem::Group(group) => {
            slim(&mut group.frame, headings);
            true
        }
        FrameItem::Tag(Tag::Start(content, _)) => {
            let kept = content.is::<HeadingElem>() || target_name(content).is_some();
            headings.extend(content.location().filter(|_| kept));
            kept
        }
        FrameItem::Tag(Tag::End(location, ..)) => headings.contains(location),
        _ => true,
    });
}

/// The name under which links lead to this element, if it is a target.
fn target_name(content: &Content) -> Option<&str> {
    match marks::read(content)? {
        (mark, Value::Str(name)) if mark.as_str() == "larkspur-target" => Some(name.as_str()),
        _ => None,
    }
}

/// Lets links to `#name` lead to the target of that name, wherever among the pages it is; those whose
/// target is nowhere are no links any more.
pub(crate) fn lead_links(pages: &mut [Page]) {
    let mut targets = HashMap::new();
    for (number, page) in (1..).zip(&*pages) {
        let Some(number) = NonZeroUsize::new(number) else { continue };
        find_targets(&page.frame, Point::zero(), &mut |name, point| {
            let position = PagedPosition { page: number, point };
            targets.entry(name.to_owned()).or_insert(position);
        });
    }
    if !targets.is_empty() {
        for page in pages {
            relink(&mut page.frame, &targets);
        }
    }
}

fn find_targets(frame: &Frame, at: Point, found: &mut dyn FnMut(&str, Point)) {
    for (place, item) in frame.items() {
        match item {
            FrameItem::Group(group) => find_targets(&group.frame, at + *place, found),
            FrameItem::Tag(Tag::Start(content, _)) => {
                if let Some(name) = target_name(content) {
                    found(name, at + *place);
                }
            }
            _ => {}
        }
    }
}

fn relink(frame: &mut Frame, targets: &HashMap<String, PagedPosition>) {
    frame.retain(|item| match item {
        FrameItem::Group(group) => {
            relink(&mut group.frame, targets);
            true
        }
        FrameItem::Link(destination, _) => {
            let name = match &*destination {
                Destination::Url(url) => url.as_str().strip_prefix('#'),
                _ => None,
            };
            let Some(position) = name.map(|name| targets.get(name)) else { return true };
            if let Some(position) = position {
                *destination = Destination::Position(*position);
            }
            position.is_some()
        }
        _ => true,
    });
}

fn follow_tags(frame: &Frame, open: &mut Vec<(Location, TagFlags)>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => follow_tags(&group.frame, open),
            FrameItem::Tag(Tag::Start(content, flags)) => {
                open.extend(content.location().map(|location| (location, *flags)));
            }
            FrameItem::Tag(Tag::End(location, ..)) => {
                if let Some(at) = open.iter().rposition(|(known, _)| known == location) {
                    open.remove(at);
                }
            }
            _ => {}
        }
    }
}

/// The height of each table's repeated head, where the head and the first row after it share a page.
fn head_heights(found: &[(usize, f64, Place, Kind)]) -> HashMap<usize, f64> {
    let mut heights = HashMap::new();
    for (page, y, place, kind) in found {
        if *kind == Kind::Head {
            let row = found
                .iter()
                .filter(|(on, _, of, kind)| {
                    on == page && of.piece == place.piece && matches!(kind, Kind::Row { .. })
                })
                .map(|(_, y, ..)| *y)
                .min_by(f64::total_cmp);
            if let Some(row) = row {
                heights.insert(place.piece, row - y);
            }
        }
    }
    heights
}
