//! What a conversion could not carry over. A reader or writer returns its result together with a
//! list of these; nothing is dropped in silence.

use serde::{Deserialize, Serialize};

/// Something of the source that is not, or not wholly, in the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// What kind of thing was lost.
    pub kind: LossKind,
    /// Where, in words a person understands: `sheet "Orders", row 12`, `line 40`; may be empty.
    pub place: String,
    /// What exactly, and where useful what to do about it.
    pub detail: String,
    /// How many times this happened (equal losses are merged by [`Losses`]).
    pub count: u64,
}

/// The kinds of loss. The import family maps some of them to the documented `extra` numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// Blocks beyond the document's limit were cut off.
    BlocksCut,
    /// Cells beyond a document table's limit were cut off.
    TableCellsCut,
    /// Columns beyond a document table's limit were cut off.
    TableColumnsCut,
    /// A paragraph beyond the length limit was cut off.
    ParagraphCut,
    /// A picture could not be read or stored.
    ImageFailed,
    /// A picture lies elsewhere and was not fetched.
    ImageNotFetched,
    /// Columns beyond a sheet's (or fields beyond a base's) limit were cut off.
    ColumnsCut,
    /// Cells beyond a sheet's (or records beyond a base's) limit were cut off.
    CellsCut,
    /// Worksheets beyond the limit were left out.
    SheetsCut,
    /// Pictures beyond the limit were left out.
    ImagesCut,
    /// The text of a cell beyond the length limit was cut off.
    CellTextCut,
    /// The tenant had no storage left for a part.
    StorageFull,
    /// A picture below the last data row of a base was left out.
    ImageBelowData,
    /// A picture right of the last data column of a base was left out.
    ImageRightOfData,
    /// Bytes that are no text in the source's encoding were replaced.
    TextReplaced,
    /// Formatting the target cannot express was left out; the text is there.
    FormattingDropped,
    /// A feature the target does not have was left out.
    FeatureDropped,
    /// A value was kept, but as another kind than in the source.
    ValueChanged,
    /// No installed font has some characters of the text.
    FontMissing,
    /// Part of the source was damaged and left out.
    PartDamaged,
}

/// Collects losses, merging equal ones and bounding how many are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Losses(Vec<Loss>);

impl Losses {
    /// Different entries kept; further ones only raise the count of the last entry of their kind.
    const MOST: usize = 500;

    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one loss.
    pub fn add(&mut self, kind: LossKind, place: impl Into<String>, detail: impl Into<String>) {
        self.add_many(kind, place, detail, 1);
    }

    /// Notes `count` equal losses.
    pub fn add_many(
        &mut self,
        kind: LossKind,
        place: impl Into<String>,
        detail: impl Into<String>,
        count: u64,
    ) {
        let (place, detail) = (place.into(), detail.into());
        let full = self.0.len() >= Self::MOST;
        let same = self.0.iter_mut().rev().find(|loss| {
            loss.kind == kind && (full || (loss.place == place && loss.detail == detail))
        });
        match same {
            Some(loss) => loss.count += count,
            None => self.0.push(Loss { kind, place, detail, count }),
        }
    }

    /// Takes over all of `others`.
    pub fn extend(&mut self, others: Self) {
        for loss in others.0 {
            self.add_many(loss.kind, loss.place, loss.detail, loss.count);
        }
    }

    /// The entries, in the order they were first noted.
    pub fn iter(&self) -> std::slice::Iter<'_, Loss> {
        self.0.iter()
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything of this kind was lost.
    pub fn contains(&self, kind: LossKind) -> bool {
        self.0.iter().any(|loss| loss.kind == kind)
    }

    /// How many different entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> IntoIterator for &'a Losses {
    type Item = &'a Loss;
    type IntoIter = std::slice::Iter<'a, Loss>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_losses_merge_and_the_list_stays_bounded() {
        let mut losses = Losses::new();
        for _ in 0..3 {
            losses.add(LossKind::FormattingDropped, "line 1", "highlight");
        }
        assert_eq!((losses.len(), losses.iter().next().map(|loss| loss.count)), (1, Some(3)));
        for line in 0..10_000 {
            losses.add(LossKind::TextReplaced, format!("line {line}"), "");
        }
        assert!(losses.len() <= Losses::MOST);
        assert_eq!(losses.iter().map(|loss| loss.count).sum::<u64>(), 10_003);
    }
}
