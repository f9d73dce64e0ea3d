//! What worksheets have and the model has not: noticed, so that it can be reported.

use std::collections::BTreeSet;

use larkspur_model::loss::{LossKind, Losses};

use crate::Error;
use crate::ooxml::{Event, Relationship, Scanner};

/// Features met in one sheet.
#[derive(Debug, Default)]
pub(super) struct Features {
    named: BTreeSet<&'static str>,
    pub(super) styled_columns: bool,
    pub(super) styled_rows: bool,
    /// Values that are more than they show: pictures in cells, linked data.
    pub(super) rich_values: bool,
    pub(super) unformatted_texts: u64,
    pub(super) raised_texts: u64,
    pub(super) data_tables: u64,
    pub(super) long_formulas: u64,
    pub(super) scripted_links: u64,
}

impl Features {
    /// Notes what the sheet is related to, its drawing where some of that is left out.
    pub(super) fn note_relationships(
        &mut self,
        relationships: &[Relationship],
        leaves_drawing: bool,
    ) {
        for relationship in relationships {
            let name = match relationship.kind.as_str() {
                "comments" => "comments",
                "threadedComment" => "threaded comments",
                "drawing" if leaves_drawing => "drawings (pictures, charts, shapes)",
                "pivotTable" => "pivot tables",
                "slicer" => "slicers",
                "timeline" => "timelines",
                "control" | "ctrlProp" => "form controls",
                "oleObject" | "package" => "embedded objects",
                "queryTable" => "queries",
                "image" => "background pictures",
                _ => continue,
            };
            self.named.insert(name);
        }
    }

    /// Notes an element of the sheet that is not read.
    pub(super) fn note_element(&mut self, name: &[u8]) {
        let name = match name {
            b"conditionalFormatting" => "conditional formats",
            b"sheetProtection" | b"protectedRanges" => "protection",
            b"autoFilter" => "filters",
            b"scenarios" => "scenarios",
            b"dataConsolidate" => "consolidations",
            b"picture" => "background pictures",
            b"oleObjects" => "embedded objects",
            b"controls" => "form controls",
            _ => return,
        };
        self.named.insert(name);
    }

    /// Reads the extensions, the element that just started, for what newer programs keep there.
    pub(super) fn read_extensions(
        &mut self,
        scanner: &mut Scanner<'_>,
        validation: &mut dyn FnMut(&mut Scanner<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start if scanner.local() == b"dataValidation" => validation(scanner)?,
                Event::Start => {
                    let name = match scanner.local() {
                        b"conditionalFormatting" => "conditional formats",
                        b"sparkline" => "sparklines",
                        b"slicer" => "slicers",
                        _ => continue,
                    };
                    self.named.insert(name);
                }
                Event::End if scanner.depth() < inside => return Ok(()),
                Event::Eof => return Err(Error::damaged("a sheet is cut off")),
                Event::End | Event::Text => {}
            }
        }
    }

    /// Reports all that was noted.
    pub(super) fn report(&self, place: &str, losses: &mut Losses) {
        for name in &self.named {
            losses.add(LossKind::FeatureDropped, place, *name);
        }
        for (kind, what, count) in [
            (
                LossKind::FormattingDropped,
                "formats of whole columns",
                u64::from(self.styled_columns),
            ),
            (LossKind::FormattingDropped, "formats of whole rows", u64::from(self.styled_rows)),
            (
                LossKind::FormattingDropped,
                "formatting within a cell's text",
                self.unformatted_texts,
            ),
            (
                LossKind::FormattingDropped,
                "raised and lowered text within a cell",
                self.raised_texts,
            ),
            (
                LossKind::FeatureDropped,
                "pictures in cells and linked data types",
                u64::from(self.rich_values),
            ),
            (LossKind::FeatureDropped, "data tables, kept as values", self.data_tables),
            (
                LossKind::FeatureDropped,
                "formulas that are too long, kept as values",
                self.long_formulas,
            ),
            (LossKind::FeatureDropped, "links that would run a script", self.scripted_links),
        ] {
            if count > 0 {
                losses.add_many(kind, place, what, count);
            }
        }
    }
}
