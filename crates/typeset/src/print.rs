//! A whole print: pieces of source become runs of pages, the pages become one PDF. Memory is bounded
//! by the run, not the print: what a run needs besides its pages is forgotten after it.

use typst::diag::SourceDiagnostic;
use typst::ecow::{EcoString, EcoVec};
use typst::foundations::{Bytes, Smart};
use typst::layout::{Frame, Point};
use typst::model::DocumentInfo;
use typst_layout::{Page, PagedDocument};
use typst_pdf::PdfOptions;

use crate::lists;
use crate::run::{self, Marks, Place};
use crate::world::{Desk, Forget, MOST_PICTURES, MOST_RUNS};
use crate::{Error, Fonts};

/// In a row's or head's source, where the typesetter may set its own invisible mark; a control
/// character, so that no string literal can hold it.
pub(crate) const MARK: char = '\u{1}';

/// A part of the print that stands for itself, as a Typst code expression without the `#`.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Any block.
    Block {
        /// The expression.
        source: String,
        /// Cost, in characters or so.
        weight: usize,
    },
    /// A table that may be cut between its rows.
    Rows(Rows),
}

/// A table as its parts: `open`, any of the rows, `close` make an expression.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The call up to the first row, with the repeated head. Has [`Rows::mark`] within the head's
    /// first cell, if there is a head.
    pub open: String,
    /// Rows, or groups of rows that merged cells hold together; each has [`Rows::mark`] within its
    /// first cell, and what it weighs.
    pub rows: Vec<(String, usize)>,
    /// The end of the call.
    pub close: String,
    /// Distance from a cell's upper edge to its content, points.
    pub inset_pt: f64,
}

impl Rows {
    /// Stands where the typesetter may set its own mark.
    pub const fn mark() -> char {
        MARK
    }
}

/// What to print.
pub struct Work<'a> {
    /// Definitions and settings in Typst markup, the same for every run; sets the page. It and the
    /// pieces may call `larkspur-bullet(depth)` and `larkspur-number(depth)` before an item of a list
    /// that lies within so many others, `larkspur-label(body)` and `larkspur-body(body)` in the item,
    /// and `larkspur-within(depth)` before what is no item of its own but lies within so many lists.
    pub prelude: &'a str,
    /// The pieces, in order. In them, `larkspur-target("name")` marks a place that links to `"#name"`
    /// lead to, whatever run it is in.
    pub pieces: &'a [Piece],
    /// What to set for a piece that the typesetter refuses, by its index; beyond doubt, and with as
    /// many rows.
    pub plain: &'a dyn Fn(usize) -> Option<Piece>,
    /// Pictures, known to the source as `/picture-0`, `/picture-1`, ...
    pub pictures: Vec<Vec<u8>>,
    /// Source in Typst markup of a document with one page for each page of the print, made when
    /// their number is known; laid over the print's pages.
    pub overlay: &'a dyn Fn(usize) -> String,
    /// Distance from the page's upper edge to its text, points.
    pub top_pt: f64,
    /// Weight of a run. Prints lighter than this are made in one.
    pub run_weight: usize,
    /// Whether the PDF describes its own structure (headings, tables, reading order).
    pub tagged: bool,
    /// Named as the maker of the file.
    pub creator: &'a str,
    /// The fonts.
    pub fonts: &'a Fonts,
}

/// What came out.
#[derive(Debug)]
pub struct Print {
    /// The file.
    pub pdf: Vec<u8>,
    /// Its pages.
    pub pages: usize,
    /// Pieces that were set plainly instead, by index, and why.
    pub refused: Vec<(usize, String)>,
}

/// A piece set plainly instead: its index, why, and what stands for it.
pub(crate) struct Refused {
    pub(crate) piece: usize,
    pub(crate) why: String,
    pub(crate) plain: Piece,
}

/// Hears the progress: stage, done, total; answers whether to go on.
pub type Watch<'a> = dyn FnMut(&'static str, u64, u64) -> bool + 'a;

/// Prints. The same work gives the same bytes.
pub fn print(work: Work<'_>, watch: &mut Watch<'_>) -> Result<Print, Error> {
    let _forget = Forget;
    if work.pictures.len() > MOST_PICTURES {
        return Err(Error::TooLarge("pictures".to_owned()));
    }
    let mut work = work;
    let pictures: Vec<Bytes> =
        std::mem::take(&mut work.pictures).into_iter().map(Bytes::new).collect();
    let mut press = Press {
        work: &work,
        pictures,
        run: 0,
        pages: EcoVec::new(),
        info: None,
        refused: Vec::new(),
    };
    press.set_all(watch)?;
    press.finish(watch)
}

struct Press<'a> {
    work: &'a Work<'a>,
    pictures: Vec<Bytes>,
    run: usize,
    pages: EcoVec<Page>,
    info: Option<DocumentInfo>,
    refused: Vec<Refused>,
}

impl Press<'_> {
    fn set_all(&mut self, watch: &mut Watch<'_>) -> Result<(), Error> {
        let total = self.work.pieces.len() as u64;
        let mut place = Place::default();
        loop {
            if !watch("typesetting", place.piece as u64, total) {
                return Err(Error::Cancelled);
            }
            let end = run::end_of_run(self.work.pieces, place, self.work.run_weight);
            let whole = end.piece >= self.work.pieces.len();
            let marked = !whole;
            let (document, marks) = self.set(place, end, marked)?;
            self.info.get_or_insert_with(|| info_of(&document));
            // The last page is not full: set it again at the head of the next run, from the last
            // page that starts with a piece or row of its own.
            let cut = if whole { None } else { marks.last_clean_page(&document, self.work.top_pt) };
            let (kept, next) = cut.unwrap_or((document.pages().len(), end));
            let start = self.pages.len();
            self.pages.extend(document.pages().iter().take(kept).cloned());
            drop(document);
            let new = self.pages.make_mut().get_mut(start..).unwrap_or_default();
            if self.work.tagged {
                run::close_tags(new);
            } else {
                run::drop_tags(new);
            }
            if whole {
                return Ok(());
            }
            place = next;
        }
    }

    /// Lays out the pieces between two places; pieces that the typesetter refuses are replaced.
    fn set(
        &mut self,
        from: Place,
        to: Place,
        marked: bool,
    ) -> Result<(PagedDocument, Marks), Error> {
        loop {
            let (text, marks) = run::source(self.work, from, to, marked, &self.refused);
            match self.compile(text) {
                Ok(document) => return Ok((document, marks)),
                Err(fault) => {
                    let piece = fault
                        .offset
                        .and_then(|offset| marks.piece_at(offset))
                        .filter(|piece| self.refused.iter().all(|known| known.piece != *piece));
                    match piece.and_then(|piece| Some((piece, (self.work.plain)(piece)?))) {
                        Some((piece, plain)) => {
                            self.refused.push(Refused { piece, why: fault.message, plain });
                        }
                        None => return Err(Error::Refused(fault.message)),
                    }
                }
            }
        }
    }

    fn compile(&mut self, text: String) -> Result<PagedDocument, Fault> {
        let _forget = Forget;
        if self.run >= MOST_RUNS {
            return Err(Fault { message: "too many runs".to_owned(), offset: None });
        }
        let desk = Desk::new(self.work.fonts, &self.pictures, self.run, text);
        self.run += 1;
        typst::compile::<PagedDocument>(&desk).output.map_err(|errors| fault_of(&desk, &errors))
    }

    fn finish(mut self, watch: &mut Watch<'_>) -> Result<Print, Error> {
        let count = self.pages.len();
        if !watch("numbering pages", 0, count as u64) {
            return Err(Error::Cancelled);
        }
        let overlay = self
            .compile((self.work.overlay)(count))
            .map_err(|fault| Error::Refused(fault.message))?;
        let over: Vec<Frame> = overlay.pages().iter().map(|page| page.frame.clone()).collect();
        let pages = self.pages.make_mut();
        run::lead_links(pages);
        if self.work.tagged {
            lists::tag(pages);
        }
        for (page, frame) in pages.iter_mut().zip(over) {
            page.frame.push_frame(Point::zero(), frame);
        }
        if !watch("writing", 0, count as u64) {
            return Err(Error::Cancelled);
        }
        let info = self.info.take().unwrap_or_default();
        let document = PagedDocument::new(self.pages, info);
        let write = |tagged: bool| {
            let options = PdfOptions {
                creator: Smart::Custom(Some(self.work.creator.to_owned())),
                tagged,
                ..PdfOptions::default()
            };
            typst_pdf::pdf(&document, &options)
        };
        // A file that does not describe its structure is better than none.
        let pdf = match write(self.work.tagged) {
            Err(_) if self.work.tagged => write(false),
            done => done,
        };
        let pdf = pdf.map_err(|errors| Error::Refused(message_of(&errors)))?;
        let refused = self.refused.into_iter().map(|refused| (refused.piece, refused.why));
        Ok(Print { pdf, pages: count, refused: refused.collect() })
    }
}

fn info_of(document: &PagedDocument) -> DocumentInfo {
    use typst::model::Document as _;
    document.info().clone()
}

/// Why a run failed, and at which byte of its source.
struct Fault {
    message: String,
    offset: Option<usize>,
}

fn fault_of(desk: &Desk<'_>, errors: &EcoVec<SourceDiagnostic>) -> Fault {
    use typst::WorldExt as _;
    let offset = errors.iter().find_map(|error| {
        let outermost = error.trace.last().map(|trace| trace.span);
        outermost
            .and_then(|span| desk.range(span))
            .or_else(|| desk.range(error.span))
            .map(|range| range.start)
    });
    Fault { message: message_of(errors), offset }
}

fn message_of(errors: &EcoVec<SourceDiagnostic>) -> String {
    errors.first().map_or_else(
        || "no reason given".to_owned(),
        |error| EcoString::as_str(&error.message).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print_headings(tagged: bool, run_weight: usize) -> Print {
        let pieces: Vec<Piece> = (0..60)
            .map(|number| Piece::Block {
                source: format!("{{heading(\"{number}\"); par(lorem(90))}}"),
                weight: 100,
            })
            .collect();
        let fonts = Fonts::built_in();
        let work = Work {
            prelude: "#set page(width: 300pt, height: 400pt, margin: 50pt)\n#set text(font: \"Noto Sans\")",
            pieces: &pieces,
            plain: &|_| None,
            pictures: Vec::new(),
            overlay: &|pages| format!("#for _ in range({}) {{ pagebreak() }}", pages - 1),
            top_pt: 50.0,
            run_weight,
            tagged,
            creator: "test",
            fonts: &fonts,
        };
        print(work, &mut |_, _, _| true).expect("prints")
    }

    fn count(bytes: &[u8], word: &[u8]) -> usize {
        bytes.windows(word.len()).filter(|window| *window == word).count()
    }

    #[test]
    fn runs_leave_no_seam_and_keep_the_bookmarks() {
        let whole = print_headings(true, usize::MAX);
        for (tagged, run_weight) in [(true, 1_500), (false, 1_500)] {
            let cut = print_headings(tagged, run_weight);
            assert_eq!(cut.pages, whole.pages);
            assert_eq!(count(&cut.pdf, b"/StructTreeRoot") > 0, tagged);
            assert_eq!(count(&cut.pdf, b"/Dest"), count(&whole.pdf, b"/Dest"));
        }
        assert!(count(&whole.pdf, b"/Dest") >= 60);
    }

    #[test]
    fn a_refused_piece_is_set_plainly() {
        let pieces = [
            Piece::Block { source: "par(\"a\")".to_owned(), weight: 1 },
            Piece::Block { source: "panic(\"b\")".to_owned(), weight: 1 },
        ];
        let fonts = Fonts::built_in();
        let plain = Piece::Block { source: "par(\"plain\")".to_owned(), weight: 1 };
        let work = Work {
            prelude: "",
            pieces: &pieces,
            plain: &|_| Some(plain.clone()),
            pictures: Vec::new(),
            overlay: &|_| String::new(),
            top_pt: 0.0,
            run_weight: 100,
            tagged: true,
            creator: "test",
            fonts: &fonts,
        };
        let print = print(work, &mut |_, _, _| true).expect("prints");
        assert_eq!(print.refused.iter().map(|(piece, _)| *piece).collect::<Vec<_>>(), [1]);
    }
}
