//! Blocks of requests -> contents of the model, each piece checked against what the contract says of
//! it. Whether what they name is there is `resolve`'s.

use larkspur_model::document::{Align, AssetId, Callout, Content, Embed, Image, Objective, Table};

use super::codes;
use super::input::{
    BlockInput, BoardInput, CalloutInput, ChatCardInput, ComponentInput, GridInput, IframeInput,
    ImageInput, OkrInput, SheetInput, TableInput, TextInput,
};
use super::parse_text::{address, text};
use crate::{ApiError, ErrorCode};

/// Columns a new grid may have, and one that is changed (contract, "Other data objects").
pub(super) const NEW_GRID_COLUMNS: std::ops::RangeInclusive<i64> = 2..=5;
/// Columns of a grid after an edit.
pub(super) const GRID_COLUMNS: std::ops::RangeInclusive<usize> = 2..=10;
/// Width of a column of a table that names none, pixels (contract, the samples).
pub(super) const COLUMN_WIDTH_PX: u32 = 100;
/// The narrowest column of a table, pixels (contract, `update_table_property`).
pub(super) const LEAST_COLUMN_WIDTH_PX: i64 = 50;
/// Sides of an empty picture, pixels (contract, "Other data objects").
const PICTURE_SIDE_PX: u32 = 100;

/// Where something stands in a request, for people: `children[2].table`.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) path: &'a str,
    /// What a block without the data of its type is answered.
    pub(super) schema: ErrorCode,
}

impl At<'_> {
    /// A piece that does not fit.
    pub(super) fn wrong(&self, what: &str) -> ApiError {
        codes::INVALID_PARAM.because(format!("{}: {what}", self.path))
    }

    /// The data that blocks of this type have.
    fn data<'i, T>(&self, key: &str, data: Option<&'i T>) -> Result<&'i T, ApiError> {
        data.ok_or_else(|| {
            let why = format!("{}: a block of this block_type has its data in {key}", self.path);
            self.schema.because(why)
        })
    }

    fn text(
        &self,
        key: &str,
        data: Option<&TextInput>,
    ) -> Result<larkspur_model::document::Text, ApiError> {
        let path = format!("{}.{key}", self.path);
        text(self.data(key, data)?, At { path: &path, ..*self })
    }
}

/// What a new block is. How many cells and columns a table or grid has stands apart, since the
/// model counts them.
pub(super) struct Parsed {
    pub(super) content: Content,
    /// Columns asked for, of a grid.
    pub(super) columns: usize,
    /// How a file is shown.
    pub(super) view: u8,
}

/// Reads one new block.
pub(super) fn content(input: &BlockInput, at: At<'_>) -> Result<Parsed, ApiError> {
    let plain = |content| Ok(Parsed { content, columns: 0, view: 1 });
    let Some(number) = input.block_type else {
        return Err(at.wrong("block_type is required"));
    };
    plain(match number {
        2 => Content::Text(at.text("text", input.text.as_ref())?),
        3..=11 => {
            let level = number as u8 - 2;
            let (key, data) = heading(input, level);
            Content::Heading { level, text: at.text(key, data)? }
        }
        12 => Content::Bullet(at.text("bullet", input.bullet.as_ref())?),
        13 => Content::Ordered(at.text("ordered", input.ordered.as_ref())?),
        14 => Content::Code(at.text("code", input.code.as_ref())?),
        15 => Content::Quote(at.text("quote", input.quote.as_ref())?),
        17 => Content::Todo(at.text("todo", input.todo.as_ref())?),
        19 => Content::Callout(callout(input.callout.as_ref(), at)?),
        22 => Content::Divider,
        23 => {
            let asked = input.file.as_ref().and_then(|file| file.view_type).unwrap_or(1);
            let view = in_range(asked, 1, 2, "file.view_type", at)? as u8;
            return Ok(Parsed {
                content: Content::File { asset: AssetId::NONE },
                columns: 0,
                view,
            });
        }
        24 => {
            let columns = grid(at.data("grid", input.grid.as_ref())?, at)?;
            return Ok(Parsed { content: Content::Grid, columns, view: 1 });
        }
        25 => {
            let ratio = input.grid_column.as_ref().and_then(|column| column.width_ratio);
            let ratio = ratio
                .map_or(Ok(0), |ratio| in_range(ratio, 1, 99, "grid_column.width_ratio", at))?;
            Content::GridColumn { width_ratio: ratio as u32 }
        }
        26 => iframe(at.data("iframe", input.iframe.as_ref())?, at)?,
        27 => image(input.image.as_ref(), at)?,
        31 => Content::Table(table(at.data("table", input.table.as_ref())?, at)?),
        32 => Content::TableCell,
        34 => Content::QuoteContainer,
        18 | 20 | 28 | 30 | 36 | 40 | 42 | 43 | 48 | 51 => {
            Content::Embed(embed(number, input, at)?)
        }
        1 | 21 | 29 | 33 | 35 | 37..=39 | 41 | 44..=47 | 49 | 50 | 52 | 999 => {
            let why = format!("{}: blocks of block_type {number} cannot be made", at.path);
            return Err(codes::NOT_CREATABLE.because(why));
        }
        _ => return Err(at.wrong("there is no such block_type")),
    })
}

fn heading(input: &BlockInput, level: u8) -> (&'static str, Option<&TextInput>) {
    match level {
        1 => ("heading1", input.heading1.as_ref()),
        2 => ("heading2", input.heading2.as_ref()),
        3 => ("heading3", input.heading3.as_ref()),
        4 => ("heading4", input.heading4.as_ref()),
        5 => ("heading5", input.heading5.as_ref()),
        6 => ("heading6", input.heading6.as_ref()),
        7 => ("heading7", input.heading7.as_ref()),
        8 => ("heading8", input.heading8.as_ref()),
        _ => ("heading9", input.heading9.as_ref()),
    }
}

/// What is shown of other systems.
fn embed(number: i64, input: &BlockInput, at: At<'_>) -> Result<Embed, ApiError> {
    Ok(match number {
        18 => {
            let asked = input.bitable.as_ref().and_then(|bitable| bitable.view_type).unwrap_or(1);
            let view_type = in_range(asked, 1, 2, "bitable.view_type", at)? as u8;
            Embed::Bitable { token: String::new(), view_type }
        }
        20 => chat_card(at.data("chat_card", input.chat_card.as_ref())?, at)?,
        28 => {
            let ComponentInput { component_id, component_type_id, .. } =
                at.data("isv", input.isv.as_ref())?;
            Embed::Isv {
                component: component_id.clone().unwrap_or_default(),
                component_type: component_type_id.clone().unwrap_or_default(),
            }
        }
        30 => sheet(input.sheet.as_ref(), at)?,
        36 => okr(at.data("okr", input.okr.as_ref())?),
        40 => add_ons(at.data("add_ons", input.add_ons.as_ref())?, at)?,
        42 => {
            let wiki = input.wiki_catalog.as_ref().and_then(|wiki| wiki.wiki_token.clone());
            Embed::WikiCatalog { wiki: wiki.unwrap_or_default() }
        }
        43 => board(input.board.as_ref(), at)?,
        48 => {
            let data = at.data("link_preview", input.link_preview.as_ref())?;
            let url = data.url.as_deref().filter(|url| !url.is_empty());
            let url = url.ok_or_else(|| at.wrong("link_preview.url is required"))?;
            let kind = match data.url_type.as_deref() {
                Some(kind @ ("MessageLink" | "Undefined")) => kind.to_owned(),
                _ => return Err(at.wrong("link_preview.url_type is MessageLink or Undefined")),
            };
            Embed::LinkPreview { url: address(url), kind }
        }
        _ => {
            let data = at.data("sub_page_list", input.sub_page_list.as_ref())?;
            let wiki = data.wiki_token.clone().unwrap_or_default();
            if wiki.len() != 27 {
                return Err(at.wrong("sub_page_list.wiki_token has 27 characters"));
            }
            Embed::SubPageList { wiki }
        }
    })
}

/// A number that must lie between two others.
pub(super) fn in_range(
    number: i64,
    least: i64,
    most: i64,
    what: &str,
    at: At<'_>,
) -> Result<i64, ApiError> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(at.wrong(&format!("{what} is {least} to {most}, not {number}")))
    }
}

/// A place on the line.
pub(super) fn align(number: Option<i64>, usual: Align, at: At<'_>) -> Result<Align, ApiError> {
    Ok(match number {
        None => usual,
        Some(1) => Align::Left,
        Some(2) => Align::Center,
        Some(3) => Align::Right,
        Some(_) => return Err(at.wrong("align is 1, 2 or 3")),
    })
}

fn callout(input: Option<&CalloutInput>, at: At<'_>) -> Result<Callout, ApiError> {
    let Some(input) = input else { return Ok(Callout::default()) };
    let colour = |number: Option<i64>, most, what| {
        number.map(|number| in_range(number, 1, most, what, at).map(|n| n as u8)).transpose()
    };
    Ok(Callout {
        background_color: colour(input.background_color, 15, "callout.background_color")?,
        border_color: colour(input.border_color, 7, "callout.border_color")?,
        text_color: colour(input.text_color, 7, "callout.text_color")?,
        emoji: input.emoji_id.clone().unwrap_or_default(),
    })
}

fn chat_card(input: &ChatCardInput, at: At<'_>) -> Result<Embed, ApiError> {
    let chat = input.chat_id.clone().filter(|chat| !chat.is_empty());
    let chat = chat.ok_or_else(|| at.wrong("chat_card.chat_id is required"))?;
    Ok(Embed::ChatCard { chat, align: align(input.align, Align::Left, at)? })
}

fn grid(input: &GridInput, at: At<'_>) -> Result<usize, ApiError> {
    let asked = input.column_size.ok_or_else(|| at.wrong("grid.column_size is required"))?;
    if asked > *NEW_GRID_COLUMNS.end() {
        let why = format!("{}: a new grid has at most 5 columns, not {asked}", at.path);
        return Err(codes::GRID_COLUMNS.because(why));
    }
    in_range(asked, 2, 5, "grid.column_size", at).map(|columns| columns as usize)
}

fn iframe(input: &IframeInput, at: At<'_>) -> Result<Content, ApiError> {
    let component = input.component.as_ref();
    let component = component.ok_or_else(|| at.wrong("iframe.component is required"))?;
    let url = component.url.as_deref().filter(|url| !url.is_empty());
    let url = url.ok_or_else(|| at.wrong("iframe.component.url is required"))?;
    let kind = match component.iframe_type {
        None => 99,
        Some(kind @ (1..=15 | 99)) => kind as u8,
        Some(_) => return Err(at.wrong("iframe.component.iframe_type is 1 to 15, or 99")),
    };
    Ok(Content::Iframe { url: address(url), kind })
}

fn image(input: Option<&ImageInput>, at: At<'_>) -> Result<Content, ApiError> {
    let side = align(input.and_then(|image| image.align), Align::Center, at)?;
    let caption = input.and_then(|image| image.caption.as_ref());
    Ok(Content::Image(Image {
        asset: AssetId::NONE,
        width_px: PICTURE_SIDE_PX,
        height_px: PICTURE_SIDE_PX,
        align: side,
        caption: caption.and_then(|caption| caption.content.clone()).unwrap_or_default(),
    }))
}

fn sheet(input: Option<&SheetInput>, at: At<'_>) -> Result<Embed, ApiError> {
    /// What a sheet has that names nothing.
    const USUAL: i64 = 3;
    let side = |asked: Option<i64>, what| in_range(asked.unwrap_or(USUAL), 1, 9, what, at);
    let rows = side(input.and_then(|sheet| sheet.row_size), "sheet.row_size")? as u32;
    let columns = side(input.and_then(|sheet| sheet.column_size), "sheet.column_size")? as u32;
    Ok(Embed::Sheet { token: String::new(), rows, columns })
}

fn okr(input: &OkrInput) -> Embed {
    let objectives = input.objectives.iter().flatten().map(|objective| Objective {
        id: objective.objective_id.clone().unwrap_or_default(),
        key_results: objective.kr_ids.clone().unwrap_or_default(),
    });
    Embed::Okr { okr: input.okr_id.clone().unwrap_or_default(), objectives: objectives.collect() }
}

fn add_ons(input: &ComponentInput, at: At<'_>) -> Result<Embed, ApiError> {
    let component_type = input.component_type_id.clone().filter(|kind| !kind.is_empty());
    let record = input.record.clone().unwrap_or_default();
    if !record.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(&record).is_err() {
        return Err(at.wrong("add_ons.record is JSON in a string"));
    }
    Ok(Embed::AddOns {
        component: input.component_id.clone().unwrap_or_default(),
        component_type: component_type
            .ok_or_else(|| at.wrong("add_ons.component_type_id is required"))?,
        record,
    })
}

fn board(input: Option<&BoardInput>, at: At<'_>) -> Result<Embed, ApiError> {
    let side = |asked: Option<i64>, what| {
        asked.map(|side| in_range(side, 90, 100_000, what, at).map(|n| n as u32)).transpose()
    };
    Ok(Embed::Board {
        token: String::new(),
        align: align(input.and_then(|board| board.align), Align::Left, at)?,
        width_px: side(input.and_then(|board| board.width), "board.width")?,
        height_px: side(input.and_then(|board| board.height), "board.height")?,
    })
}

fn table(input: &TableInput, at: At<'_>) -> Result<Table, ApiError> {
    let property = input.property.as_ref();
    let property = property.ok_or_else(|| at.wrong("table.property is required"))?;
    if property.merge_info.is_some() {
        return Err(at.wrong(
            "table.property.merge_info is read only: make the table without it, then merge cells",
        ));
    }
    let side = |asked: Option<i64>, what: &str| match asked {
        Some(side) => in_range(side, 1, 100_000, what, at).map(|side| side as u32),
        None => Err(at.wrong(&format!("{what} is required"))),
    };
    let rows = side(property.row_size, "table.property.row_size")?;
    let columns = side(property.column_size, "table.property.column_size")?;
    let widths = match &property.column_width {
        Some(widths) if !widths.is_empty() => {
            if widths.len() != columns as usize {
                return Err(at.wrong("table.property.column_width has a width for each column"));
            }
            let checked = widths.iter().map(|width| {
                in_range(*width, LEAST_COLUMN_WIDTH_PX, 100_000, "table.property.column_width", at)
            });
            checked.map(|width| width.map(|width| width as u32)).collect::<Result<_, _>>()?
        }
        // Columns beyond what any table has are refused where that is known.
        _ => vec![COLUMN_WIDTH_PX; columns.min(1_000) as usize],
    };
    Ok(Table {
        rows,
        columns,
        column_widths_px: widths,
        header_row: property.header_row.unwrap_or(false),
        header_column: property.header_column.unwrap_or(false),
        merges: Vec::new(),
    })
}
