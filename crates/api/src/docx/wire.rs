//! Blocks exactly as the API spells them (contract, "docx"), borrowed from a loaded document.

use std::collections::HashMap;

use larkspur_model::document::{Align, Asset, Content, Image, Inline, InlineStyle, Table, Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::load::{Loaded, LoadedBlock};

/// What a percent-encoded address keeps, the unreserved characters of `encodeURIComponent`.
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

fn encoded(address: &str) -> String {
    utf8_percent_encode(address, ADDRESS).to_string()
}

/// Data of `docxDocumentGet`.
#[derive(serde::Serialize)]
pub(crate) struct DocumentData<'a> {
    pub(crate) document: DocumentInfo<'a>,
}

/// `document` of that answer.
#[derive(serde::Serialize)]
pub(crate) struct DocumentInfo<'a> {
    pub(crate) document_id: &'a str,
    pub(crate) revision_id: i64,
    pub(crate) title: &'a str,
    pub(crate) display_setting: DisplaySetting,
}

/// What the page shows beside its text.
#[derive(serde::Serialize)]
pub(crate) struct DisplaySetting {
    pub(crate) show_authors: bool,
    pub(crate) show_create_time: bool,
    pub(crate) show_pv: bool,
    pub(crate) show_uv: bool,
    pub(crate) show_like_count: bool,
    pub(crate) show_comment_count: bool,
    pub(crate) show_related_matters: bool,
}

/// Data of `docxDocumentRawContent`.
#[derive(serde::Serialize)]
pub(crate) struct RawContentData<'a> {
    pub(crate) content: &'a str,
}

/// Data of `docxDocumentBlockList`.
#[derive(serde::Serialize)]
pub(crate) struct BlockListData<'a> {
    pub(crate) items: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page_token: Option<String>,
    pub(crate) has_more: bool,
}

/// Data of `docxDocumentBlockGet`.
#[derive(serde::Serialize)]
pub(crate) struct BlockData<'a> {
    pub(crate) block: Block<'a>,
}

/// One block: its place in the tree and one key with its data, named after its kind.
pub(crate) struct Block<'a> {
    pub(crate) document: &'a Loaded,
    pub(crate) block: &'a LoadedBlock,
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("block_id", &self.block.id)?;
        map.serialize_entry("parent_id", self.document.parent_id(self.block))?;
        if !self.block.children.is_empty() {
            map.serialize_entry("children", &self.document.child_ids(self.block))?;
        }
        let Some(content) = &self.block.content else {
            map.serialize_entry("block_type", &1)?;
            map.serialize_entry("page", &WireText(&self.document.title))?;
            return map.end();
        };
        let (number, key) = kind(content);
        map.serialize_entry("block_type", &number)?;
        map.serialize_entry(key, &Data { content, block: self.block, document: self.document })?;
        map.end()
    }
}

/// Number and key of a block's kind (contract, `docx_block_types`).
fn kind(content: &Content) -> (u8, &'static str) {
    const HEADINGS: [&str; 9] = [
        "heading1", "heading2", "heading3", "heading4", "heading5", "heading6", "heading7",
        "heading8", "heading9",
    ];
    match content {
        Content::Text(_) => (2, "text"),
        Content::Heading { level, .. } => {
            let level = (*level).clamp(1, 9);
            (2 + level, HEADINGS[usize::from(level) - 1])
        }
        Content::Bullet(_) => (12, "bullet"),
        Content::Ordered(_) => (13, "ordered"),
        Content::Code(_) => (14, "code"),
        Content::Quote(_) => (15, "quote"),
        Content::Todo(_) => (17, "todo"),
        Content::Callout(_) => (19, "callout"),
        Content::Divider => (22, "divider"),
        Content::File { .. } => (23, "file"),
        Content::Grid => (24, "grid"),
        Content::GridColumn { .. } => (25, "grid_column"),
        Content::Iframe { .. } => (26, "iframe"),
        Content::Image(_) => (27, "image"),
        Content::Table(_) => (31, "table"),
        Content::TableCell => (32, "table_cell"),
        Content::QuoteContainer => (34, "quote_container"),
    }
}

struct Data<'a> {
    content: &'a Content,
    block: &'a LoadedBlock,
    document: &'a Loaded,
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.content.text() {
            return WireKindText { text, content: self.content }.serialize(out);
        }
        match self.content {
            Content::Image(image) => image_data(image, self.document, out),
            Content::File { asset } => {
                let asset = self.document.assets.get(asset.0 as usize);
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("token", asset.map_or("", |asset| &asset.token))?;
                map.serialize_entry("name", asset.map_or("", |asset| &asset.name))?;
                map.serialize_entry("view_type", &1)?;
                map.end()
            }
            Content::Table(table) => table_data(table, self.block, self.document, out),
            Content::Grid => {
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("column_size", &self.block.children.len())?;
                map.end()
            }
            Content::GridColumn { width_ratio } => {
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("width_ratio", width_ratio)?;
                map.end()
            }
            Content::Callout(callout) => {
                let mut map = out.serialize_map(None)?;
                for (key, value) in [
                    ("background_color", callout.background_color),
                    ("border_color", callout.border_color),
                    ("text_color", callout.text_color),
                ] {
                    if let Some(value) = value {
                        map.serialize_entry(key, &value)?;
                    }
                }
                let emoji = if callout.emoji.is_empty() { "gift" } else { &callout.emoji };
                map.serialize_entry("emoji_id", emoji)?;
                map.end()
            }
            Content::Iframe { url, kind } => {
                let mut map = out.serialize_map(None)?;
                let component = IframeComponent { iframe_type: *kind, url: encoded(url) };
                map.serialize_entry("component", &component)?;
                map.end()
            }
            _ => out.serialize_map(Some(0))?.end(),
        }
    }
}

#[derive(serde::Serialize)]
struct IframeComponent {
    iframe_type: u8,
    url: String,
}

#[derive(serde::Serialize)]
struct Caption<'a> {
    content: &'a str,
}

fn image_data<S: Serializer>(image: &Image, document: &Loaded, out: S) -> Result<S::Ok, S::Error> {
    let token =
        document.assets.get(image.asset.0 as usize).map_or("", |asset: &Asset| &asset.token);
    let mut map = out.serialize_map(None)?;
    map.serialize_entry("token", token)?;
    map.serialize_entry("width", &image.width_px)?;
    map.serialize_entry("height", &image.height_px)?;
    map.serialize_entry("align", &align(image.align))?;
    if !image.caption.is_empty() {
        map.serialize_entry("caption", &Caption { content: &image.caption })?;
    }
    map.end()
}

#[derive(serde::Serialize)]
struct TableProperty<'a> {
    row_size: u32,
    column_size: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    column_width: &'a [u32],
    merge_info: Vec<MergeInfo>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    header_row: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    header_column: bool,
}

#[derive(serde::Serialize, Clone, Copy)]
struct MergeInfo {
    row_span: u32,
    col_span: u32,
}

fn table_data<S: Serializer>(
    table: &Table,
    block: &LoadedBlock,
    document: &Loaded,
    out: S,
) -> Result<S::Ok, S::Error> {
    let mut merge_info = vec![MergeInfo { row_span: 1, col_span: 1 }; block.children.len()];
    for merge in &table.merges {
        let at = merge.row as usize * table.columns as usize + merge.column as usize;
        if let Some(info) = merge_info.get_mut(at) {
            *info = MergeInfo { row_span: merge.row_span, col_span: merge.column_span };
        }
    }
    let mut map = out.serialize_map(None)?;
    map.serialize_entry("cells", &document.child_ids(block))?;
    map.serialize_entry(
        "property",
        &TableProperty {
            row_size: table.rows,
            column_size: table.columns,
            column_width: &table.column_widths_px,
            merge_info,
            header_row: table.header_row,
            header_column: table.header_column,
        },
    )?;
    map.end()
}

const fn align(align: Align) -> u8 {
    match align {
        Align::Left => 1,
        Align::Center => 2,
        Align::Right => 3,
    }
}

/// The title: a text without a kind of its own.
struct WireText<'a>(&'a Text);

impl Serialize for WireText<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("style", &HashMap::<&str, &str>::new())?;
        map.serialize_entry("elements", &elements(self.0))?;
        map.end()
    }
}

struct WireKindText<'a> {
    text: &'a Text,
    content: &'a Content,
}

impl Serialize for WireKindText<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("style", &Style { text: self.text, content: self.content })?;
        map.serialize_entry("elements", &elements(self.text))?;
        map.end()
    }
}

/// Every text has an element, if only an empty run (contract: `elements` is required).
fn elements(text: &Text) -> Vec<Element<'_>> {
    if text.elements.is_empty() {
        return vec![Element::Empty];
    }
    text.elements.iter().map(Element::Inline).collect()
}

struct Style<'a> {
    text: &'a Text,
    content: &'a Content,
}

impl Serialize for Style<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let style = &self.text.style;
        let mut map = out.serialize_map(None)?;
        if style.align != Align::Left {
            map.serialize_entry("align", &align(style.align))?;
        }
        if matches!(self.content, Content::Todo(_)) {
            map.serialize_entry("done", &style.done)?;
        }
        if style.folded {
            map.serialize_entry("folded", &true)?;
        }
        if matches!(self.content, Content::Code(_)) {
            map.serialize_entry("language", &style.language.map_or(1, |language| language.0))?;
            map.serialize_entry("wrap", &style.wrap)?;
        }
        if !style.background.is_empty() {
            map.serialize_entry("background_color", &style.background)?;
        }
        if style.indented {
            map.serialize_entry("indentation_level", "OneLevelIndent")?;
        }
        if matches!(self.content, Content::Ordered(_)) {
            match style.sequence {
                Some(number) => map.serialize_entry("sequence", &number.to_string())?,
                None => map.serialize_entry("sequence", "auto")?,
            }
        }
        map.end()
    }
}

enum Element<'a> {
    Empty,
    Inline(&'a Inline),
}

#[derive(serde::Serialize)]
struct Run<'a> {
    content: &'a str,
    text_element_style: ElementStyle<'a>,
}

#[derive(serde::Serialize)]
struct MentionUser<'a> {
    user_id: &'a str,
    text_element_style: ElementStyle<'a>,
}

#[derive(serde::Serialize)]
struct MentionDocument<'a> {
    token: &'a str,
    obj_type: u8,
    url: String,
    title: &'a str,
    text_element_style: ElementStyle<'a>,
}

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        const PLAIN: &InlineStyle = &InlineStyle {
            bold: false,
            italic: false,
            strikethrough: false,
            underline: false,
            inline_code: false,
            text_color: None,
            background_color: None,
            link: None,
        };
        let mut map = out.serialize_map(Some(1))?;
        match self {
            Self::Empty => {
                let run = Run { content: "", text_element_style: ElementStyle(PLAIN) };
                map.serialize_entry("text_run", &run)?;
            }
            Self::Inline(Inline::Run { content, style }) => {
                let run = Run { content, text_element_style: ElementStyle(style) };
                map.serialize_entry("text_run", &run)?;
            }
            Self::Inline(Inline::Equation { content, style }) => {
                let run = Run { content, text_element_style: ElementStyle(style) };
                map.serialize_entry("equation", &run)?;
            }
            Self::Inline(Inline::MentionUser { user, style }) => {
                let mention =
                    MentionUser { user_id: user, text_element_style: ElementStyle(style) };
                map.serialize_entry("mention_user", &mention)?;
            }
            Self::Inline(Inline::MentionDocument { token, kind, url, title, style }) => {
                let mention = MentionDocument {
                    token,
                    obj_type: *kind,
                    url: encoded(url),
                    title,
                    text_element_style: ElementStyle(style),
                };
                map.serialize_entry("mention_doc", &mention)?;
            }
        }
        map.end()
    }
}

struct ElementStyle<'a>(&'a InlineStyle);

#[derive(serde::Serialize)]
struct Link {
    url: String,
}

impl Serialize for ElementStyle<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let style = self.0;
        let mut map = out.serialize_map(None)?;
        for (key, set) in [
            ("bold", style.bold),
            ("italic", style.italic),
            ("strikethrough", style.strikethrough),
            ("underline", style.underline),
            ("inline_code", style.inline_code),
        ] {
            if set {
                map.serialize_entry(key, &true)?;
            }
        }
        if let Some(color) = style.text_color {
            map.serialize_entry("text_color", &color)?;
        }
        if let Some(color) = style.background_color {
            map.serialize_entry("background_color", &color)?;
        }
        if let Some(link) = &style.link {
            map.serialize_entry("link", &Link { url: encoded(link) })?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::document::{self, AssetId, Document, Merge};
    use larkspur_model::id::Ids;
    use serde_json::{Value, json};

    use super::*;

    fn wire(blocks: Vec<document::Block>) -> Vec<Value> {
        let mut document = Document {
            title: Text::plain("云文档"),
            blocks,
            assets: vec![Asset {
                name: "a.png".into(),
                media_type: "image/png".into(),
                size_bytes: 3,
                token: "boxTOKEN".into(),
            }],
        };
        document.assign_ids(&Ids::from_seed(1));
        let loaded = Loaded::new("DOC", 1, document);
        loaded
            .blocks
            .iter()
            .map(|block| serde_json::to_value(Block { document: &loaded, block }).unwrap())
            .collect()
    }

    #[test]
    fn the_page_stands_first_and_its_id_is_the_documents() {
        let blocks = wire(vec![document::Block::paragraph("多人")]);
        assert_eq!(blocks[0]["block_id"], "DOC");
        assert_eq!(blocks[0]["parent_id"], "");
        assert_eq!(blocks[0]["block_type"], 1);
        assert_eq!(blocks[0]["children"], json!([blocks[1]["block_id"]]));
        assert_eq!(
            blocks[0]["page"],
            json!({"style": {}, "elements": [{"text_run": {"content": "云文档", "text_element_style": {}}}]})
        );
        assert_eq!(blocks[1]["parent_id"], "DOC");
        assert_eq!(blocks[1].get("children"), None);
    }

    #[test]
    fn links_are_percent_encoded_as_in_the_contracts_sample() {
        let style = InlineStyle {
            bold: true,
            text_color: Some(5),
            link: Some("https://bytedance.feishu.cn/drive/home/".into()),
            ..InlineStyle::default()
        };
        let text = Text { elements: vec![Inline::styled("x", style)], ..Text::default() };
        let blocks = wire(vec![document::Block::new(Content::Text(text))]);
        assert_eq!(
            blocks[1]["text"]["elements"][0]["text_run"]["text_element_style"],
            json!({
                "bold": true,
                "text_color": 5,
                "link": {"url": "https%3A%2F%2Fbytedance.feishu.cn%2Fdrive%2Fhome%2F"}
            })
        );
    }

    #[test]
    fn a_table_lists_its_cells_and_one_merge_info_for_each() {
        let cell = || {
            document::Block::with_children(
                Content::TableCell,
                vec![document::Block::paragraph("c")],
            )
        };
        let table = Table {
            rows: 1,
            columns: 2,
            column_widths_px: vec![100, 120],
            header_row: true,
            header_column: false,
            merges: vec![Merge { row: 0, column: 0, row_span: 1, column_span: 2 }],
        };
        let blocks =
            wire(vec![document::Block::with_children(Content::Table(table), vec![cell(), cell()])]);
        assert_eq!(blocks[1]["block_type"], 31);
        assert_eq!(blocks[1]["table"]["cells"], blocks[1]["children"]);
        assert_eq!(
            blocks[1]["table"]["property"],
            json!({
                "row_size": 1, "column_size": 2, "column_width": [100, 120],
                "merge_info": [{"row_span": 1, "col_span": 2}, {"row_span": 1, "col_span": 1}],
                "header_row": true
            })
        );
        // Pre-order: the first cell's paragraph stands before the second cell.
        let kinds: Vec<_> =
            blocks.iter().map(|block| block["block_type"].as_u64().unwrap()).collect();
        assert_eq!(kinds, [1, 31, 32, 2, 32, 2]);
        assert_eq!(blocks[2]["table_cell"], json!({}));
    }

    #[test]
    fn other_kinds_have_their_documented_keys() {
        let image = Image {
            asset: AssetId(0),
            width_px: 10,
            height_px: 20,
            align: Align::Center,
            caption: "cap".into(),
        };
        let heading = Content::Heading { level: 9, text: Text::plain("h") };
        let blocks = wire(vec![
            document::Block::new(Content::Image(image)),
            document::Block::new(heading),
            document::Block::new(Content::Code(Text::default())),
            document::Block::new(Content::Todo(Text::default())),
            document::Block::new(Content::Divider),
        ]);
        assert_eq!(
            blocks[1]["image"],
            json!({"token": "boxTOKEN", "width": 10, "height": 20, "align": 2, "caption": {"content": "cap"}})
        );
        assert_eq!(
            (&blocks[2]["block_type"], blocks[2].get("heading9").is_some()),
            (&json!(11), true)
        );
        assert_eq!(blocks[3]["code"]["style"], json!({"language": 1, "wrap": false}));
        assert_eq!(blocks[4]["todo"]["style"], json!({"done": false}));
        assert_eq!(blocks[5]["divider"], json!({}));
        let empty = json!([{"text_run": {"content": "", "text_element_style": {}}}]);
        assert_eq!(blocks[4]["todo"]["elements"], empty);
    }
}
