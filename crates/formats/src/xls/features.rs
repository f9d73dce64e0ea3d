//! What sheets have and the model has not: noticed, so that it can be reported.

use std::collections::BTreeSet;

use larkspur_model::loss::{LossKind, Losses};

use super::records::id;
use crate::compound::bytes::u16_at;

/// Kinds of objects ([MS-XLS] 2.5.143) that come with something else: comments, lists of filters.
const ATTENDING_OBJECTS: [u16; 2] = [0x14, 0x19];

/// Features met in one sheet.
#[derive(Debug, Default)]
pub(super) struct Features {
    named: BTreeSet<&'static str>,
    pub(super) styled_columns: bool,
    pub(super) styled_rows: bool,
    pub(super) unformatted_texts: u64,
    /// Data validations other than lists.
    pub(super) other_validations: u64,
    pub(super) data_tables: u64,
    /// Formulas that no text can be given for.
    pub(super) untold_formulas: u64,
    pub(super) scripted_links: u64,
    pub(super) lost_links: u64,
    pub(super) lost_dropdowns: u64,
    pub(super) overlapping_merges: u64,
    pub(super) lost_cells: u64,
    pub(super) is_cut_off: bool,
}

impl Features {
    /// Notes a chart within the sheet.
    pub(super) fn note_chart(&mut self) {
        self.named.insert("drawings (pictures, charts, shapes)");
    }

    /// Notes a record that is not read.
    pub(super) fn note_record(&mut self, number: u16, body: &[u8]) {
        let name = match number {
            id::NOTE => "comments",
            id::OBJECT => {
                let kind = (u16_at(body, 0) == Some(0x15)).then(|| u16_at(body, 4)).flatten();
                if kind.is_some_and(|kind| ATTENDING_OBJECTS.contains(&kind)) {
                    return;
                }
                "drawings (pictures, charts, shapes)"
            }
            id::AUTO_FILTER => "filters",
            id::SCENARIOS => "scenarios",
            id::PIVOT => "pivot tables",
            id::PROTECT if u16_at(body, 0) == Some(1) => "protection",
            _ if id::CONDITIONS.contains(&number) => "conditional formats",
            _ => return,
        };
        self.named.insert(name);
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
            (LossKind::FeatureDropped, "data tables, kept as values", self.data_tables),
            (
                LossKind::FeatureDropped,
                "formulas that have no notation, kept as values",
                self.untold_formulas,
            ),
            (LossKind::FeatureDropped, "links that would run a script", self.scripted_links),
            (LossKind::FeatureDropped, "data validations other than lists", self.other_validations),
            (LossKind::PartDamaged, "dropdowns that cannot be kept", self.lost_dropdowns),
            (LossKind::PartDamaged, "links that cannot be kept", self.lost_links),
            (LossKind::PartDamaged, "merges that overlap others", self.overlapping_merges),
            (LossKind::PartDamaged, "cells that stand in no order", self.lost_cells),
            (LossKind::PartDamaged, "the sheet ends too early", u64::from(self.is_cut_off)),
        ] {
            if count > 0 {
                losses.add_many(kind, place, what, count);
            }
        }
    }
}
