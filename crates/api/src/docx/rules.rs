//! Which blocks may lie in which, and how many (contract, "Parent and child rules").

use larkspur_model::document::{Content, Embed};

use super::codes;
use super::show::kind;
use crate::ApiError;

/// Columns of a table, and cells.
pub(super) const TABLE_COLUMNS: u32 = 100;
/// Cells of a table.
pub(super) const TABLE_CELLS: u32 = 2_000;

/// Whether a block may be given children, and may lose them; `None` is the page.
pub(super) const fn holds_children(parent: Option<&Content>) -> bool {
    matches!(
        parent,
        None | Some(
            Content::Text(_)
                | Content::Heading { .. }
                | Content::Bullet(_)
                | Content::Ordered(_)
                | Content::Todo(_)
                | Content::TableCell
                | Content::GridColumn { .. }
                | Content::Callout(_)
                | Content::QuoteContainer
        )
    )
}

/// Whether a block always holds something, if only an empty text.
pub(super) const fn is_never_empty(content: &Content) -> bool {
    matches!(content, Content::TableCell | Content::GridColumn { .. } | Content::Callout(_))
}

/// Refuses a child its parent does not take; `None` is the page.
pub(super) fn check(parent: Option<&Content>, child: &Content) -> Result<(), ApiError> {
    let built = match child {
        Content::TableCell => matches!(parent, Some(Content::Table(_))),
        Content::GridColumn { .. } => matches!(parent, Some(Content::Grid)),
        _ => !matches!(parent, Some(Content::Table(_) | Content::Grid)),
    };
    let taken = match parent {
        Some(Content::TableCell) => !matches!(
            child,
            Content::Table(_)
                | Content::Embed(Embed::Sheet { .. } | Embed::Bitable { .. } | Embed::Okr { .. })
        ),
        Some(Content::GridColumn { .. }) => !matches!(
            child,
            Content::Grid | Content::Embed(Embed::Bitable { .. } | Embed::Okr { .. })
        ),
        Some(Content::Callout(_)) => matches!(
            child,
            Content::Text(_)
                | Content::Heading { .. }
                | Content::Ordered(_)
                | Content::Bullet(_)
                | Content::Todo(_)
                | Content::Quote(_)
                | Content::QuoteContainer
        ),
        _ => true,
    };
    if built && taken {
        return Ok(());
    }
    let parent = parent.map_or("page", |parent| kind(parent).1);
    let why = format!("a {parent} block takes no {} block", kind(child).1);
    Err(codes::NOT_ITS_CHILD.because(why))
}

/// Refuses a table of this shape.
pub(super) fn check_table(rows: u32, columns: u32) -> Result<(), ApiError> {
    if columns > TABLE_COLUMNS {
        let why = format!("a table has at most 100 columns, not {columns}");
        return Err(codes::TABLE_COLUMNS.because(why));
    }
    if rows.saturating_mul(columns) > TABLE_CELLS {
        let why = format!("a table has at most 2,000 cells, not {rows} times {columns}");
        return Err(codes::TABLE_CELLS.because(why));
    }
    Ok(())
}
