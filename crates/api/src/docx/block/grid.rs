//! Operations on columns side by side.

use larkspur_model::document::{Content, Edit, Node};
use larkspur_model::id::Ids;

use super::super::codes;
use super::super::edit::Before;
use super::super::grow::NewBlock;
use super::super::parse::{At, GRID_COLUMNS};
use super::create::share;
use super::wire::UpdateInput;
use crate::ApiError;

/// What is to be done to a grid.
#[derive(Debug, Clone)]
pub(super) enum GridOperation {
    /// -1 is behind the last.
    Insert(i64),
    /// -1 is the last.
    Delete(i64),
    Widths(Vec<i64>),
}

impl GridOperation {
    /// The operations on grids that a request asks for.
    pub(super) fn read(input: &UpdateInput, at: At<'_>) -> Result<Vec<Self>, ApiError> {
        let missing = || at.wrong("column_index is required");
        let mut found = Vec::new();
        if let Some(column) = &input.insert_grid_column {
            found.push(Self::Insert(column.column_index.ok_or_else(missing)?));
        }
        if let Some(column) = &input.delete_grid_column {
            found.push(Self::Delete(column.column_index.ok_or_else(missing)?));
        }
        if let Some(ratios) = &input.update_grid_column_width_ratio {
            let ratios = ratios.width_ratios.clone();
            let ratios = ratios.ok_or_else(|| at.wrong("width_ratios is required"))?;
            if ratios.iter().any(|ratio| !(1..=99).contains(ratio)) {
                return Err(at.wrong("width_ratios are 1 to 99, a share of 100 for each column"));
            }
            found.push(Self::Widths(ratios));
        }
        Ok(found)
    }

    /// Does it to the grid `id`.
    pub(super) fn apply(
        &self,
        ids: &Ids,
        before: &Before<'_>,
        edit: &mut Edit,
        id: &str,
    ) -> Result<(), ApiError> {
        let is_grid = edit.tree().get(id).is_some_and(|node| node.content == Content::Grid);
        if !is_grid {
            return Err(codes::OTHER_BLOCK.because("the operation is for grids, and this is none"));
        }
        let mut columns = edit.tree().children(id).to_vec();
        if !before.latest && before.based.children(id) != columns {
            return Err(codes::OPERATION.because(
                "columns of the grid changed since the revision the request is based on; read it \
                 again",
            ));
        }
        let out_of_range = |at: i64| {
            let why = format!("column_index {at}: there are {} columns", columns.len());
            codes::COLUMN_RANGE.because(why)
        };
        let few_or_many =
            || codes::OPERATION.because("a grid keeps 2 to 10 columns (a new one has 2 to 5)");
        match self {
            Self::Insert(at) => {
                let place = match usize::try_from(*at) {
                    Ok(place) if place <= columns.len() => place,
                    _ if *at == -1 => columns.len(),
                    _ => return Err(out_of_range(*at)),
                };
                if columns.len() >= *GRID_COLUMNS.end() {
                    return Err(few_or_many());
                }
                let column = ids.token();
                let content = Content::GridColumn { width_ratio: 1 };
                edit.insert(id, place, vec![(column.clone(), Node::new(content))]);
                let text = Node::new(NewBlock::empty_text().content);
                edit.insert(&column, 0, vec![(ids.token(), text)]);
                columns.insert(place, column);
                widen(edit, &columns, &vec![share(columns.len()); columns.len()]);
            }
            Self::Delete(at) => {
                let place = match usize::try_from(*at) {
                    Ok(place) if place < columns.len() => place,
                    _ if *at == -1 => columns.len().saturating_sub(1),
                    _ => return Err(out_of_range(*at)),
                };
                if columns.len() <= *GRID_COLUMNS.start() {
                    return Err(few_or_many());
                }
                let gone = columns.remove(place);
                edit.remove(id, &[gone]);
                widen(edit, &columns, &vec![share(columns.len()); columns.len()]);
            }
            Self::Widths(ratios) => {
                if ratios.len() != columns.len() {
                    let why = format!("width_ratios has one for each of {} columns", columns.len());
                    return Err(codes::INVALID_PARAM.because(why));
                }
                let ratios: Vec<u32> = ratios.iter().map(|ratio| *ratio as u32).collect();
                widen(edit, &columns, &ratios);
            }
        }
        Ok(())
    }
}

/// Gives columns their shares of the width.
fn widen(edit: &mut Edit, columns: &[String], ratios: &[u32]) {
    for (column, ratio) in columns.iter().zip(ratios) {
        if let Some(node) = edit.change(column) {
            node.content = Content::GridColumn { width_ratio: *ratio };
        }
    }
}
