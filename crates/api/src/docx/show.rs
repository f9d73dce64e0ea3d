//! Blocks exactly as the API spells them (contract, "docx"), borrowed from a document.

use larkspur_model::document::{Asset, AssetId, Content, Embed, Image, Node, PAGE, Table, Tree};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::people::People;
use super::show_text::{KindText, Title, align, encoded};

/// A document as answers show it.
pub(super) struct Shown<'a> {
    pub(super) tree: &'a Tree,
    /// The id of its page; empty where the blocks belong to no document yet, which then name no
    /// parents (contract, the sample of `docxDocumentConvert`).
    pub(super) page: &'a str,
    pub(super) people: &'a People,
}

/// One block: its place in the tree and one key with its data, named after its kind.
pub(super) struct Block<'a> {
    pub(super) shown: &'a Shown<'a>,
    /// Its id within the tree.
    pub(super) id: &'a str,
}

impl<'a> Shown<'a> {
    /// Blocks by their ids within the tree.
    pub(super) fn blocks(
        &'a self,
        ids: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>,
    ) -> Vec<Block<'a>> {
        ids.into_iter().map(|id| Block { shown: self, id: id.as_ref() }).collect()
    }

    fn id<'s>(&'s self, id: &'s str) -> &'s str {
        if id == PAGE { self.page } else { id }
    }
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { shown, id } = self;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("block_id", shown.id(id))?;
        let node = shown.tree.get(id);
        let parent = match node {
            Some(node) if !shown.page.is_empty() => shown.id(&node.parent),
            _ => "",
        };
        map.serialize_entry("parent_id", parent)?;
        let children = shown.tree.children(id);
        if !children.is_empty() {
            map.serialize_entry("children", children)?;
        }
        let Some(node) = node else {
            map.serialize_entry("block_type", &1)?;
            let title = Title { text: shown.tree.title(), people: shown.people };
            map.serialize_entry("page", &title)?;
            return map.end();
        };
        let (number, key) = kind(&node.content);
        map.serialize_entry("block_type", &number)?;
        map.serialize_entry(key, &Data { shown, node })?;
        if !node.comment_ids.is_empty() {
            map.serialize_entry("comment_ids", &node.comment_ids)?;
        }
        map.end()
    }
}

/// Number and key of a block's kind (contract, `docx_block_types`).
pub(super) fn kind(content: &Content) -> (u8, &'static str) {
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
        Content::View { .. } => (33, "view"),
        Content::QuoteContainer => (34, "quote_container"),
        Content::Embed(embed) => match embed {
            Embed::Bitable { .. } => (18, "bitable"),
            Embed::ChatCard { .. } => (20, "chat_card"),
            Embed::Isv { .. } => (28, "isv"),
            Embed::Sheet { .. } => (30, "sheet"),
            Embed::Okr { .. } => (36, "okr"),
            Embed::AddOns { .. } => (40, "add_ons"),
            Embed::WikiCatalog { .. } => (42, "wiki_catalog"),
            Embed::Board { .. } => (43, "board"),
            Embed::LinkPreview { .. } => (48, "link_preview"),
            Embed::SubPageList { .. } => (51, "sub_page_list"),
        },
    }
}

struct Data<'a> {
    shown: &'a Shown<'a>,
    node: &'a Node,
}

impl Data<'_> {
    fn asset(&self, asset: AssetId) -> Option<&Asset> {
        self.shown.tree.assets().get(asset.0 as usize)
    }

    /// How the frame around a file shows it; a card where there is none.
    fn view_type(&self) -> u8 {
        match self.shown.tree.get(&self.node.parent).map(|parent| &parent.content) {
            Some(Content::View { kind }) => *kind,
            _ => 1,
        }
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let content = &self.node.content;
        if let Some(text) = content.text() {
            return KindText { text, content, people: self.shown.people }.serialize(out);
        }
        match content {
            Content::Image(image) => image_data(image, self.asset(image.asset), out),
            Content::File { asset } => {
                let asset = self.asset(*asset);
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("token", asset.map_or("", |asset| &asset.token))?;
                map.serialize_entry("name", asset.map_or("", |asset| &asset.name))?;
                map.serialize_entry("view_type", &self.view_type())?;
                map.end()
            }
            Content::Table(table) => table_data(table, &self.node.children, out),
            Content::Grid => {
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("column_size", &self.node.children.len())?;
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
            Content::View { kind } => {
                let mut map = out.serialize_map(Some(1))?;
                map.serialize_entry("view_type", kind)?;
                map.end()
            }
            Content::Embed(embed) => embed_data(embed).serialize(out),
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

fn image_data<S: Serializer>(
    image: &Image,
    asset: Option<&Asset>,
    out: S,
) -> Result<S::Ok, S::Error> {
    let token = asset.map_or("", |asset| &asset.token);
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

fn table_data<S: Serializer>(table: &Table, cells: &[String], out: S) -> Result<S::Ok, S::Error> {
    let mut merge_info = vec![MergeInfo { row_span: 1, col_span: 1 }; cells.len()];
    for merge in &table.merges {
        let at = merge.row as usize * table.columns as usize + merge.column as usize;
        if let Some(info) = merge_info.get_mut(at) {
            *info = MergeInfo { row_span: merge.row_span, col_span: merge.column_span };
        }
    }
    let mut map = out.serialize_map(None)?;
    map.serialize_entry("cells", cells)?;
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

/// Data of what lives elsewhere (contract, "Other data objects").
fn embed_data(embed: &Embed) -> Value {
    match embed {
        Embed::Bitable { token, view_type } => json!({"token": token, "view_type": view_type}),
        Embed::Sheet { token, rows, columns } => {
            json!({"token": token, "row_size": rows, "column_size": columns})
        }
        Embed::ChatCard { chat, align: side } => json!({"chat_id": chat, "align": align(*side)}),
        Embed::Isv { component, component_type } => {
            json!({"component_id": component, "component_type_id": component_type})
        }
        Embed::AddOns { component, component_type, record } => json!({
            "component_id": component,
            "component_type_id": component_type,
            "record": record,
        }),
        Embed::Okr { okr, objectives } => {
            let objectives: Vec<Value> = objectives
                .iter()
                .map(|it| json!({"objective_id": it.id, "kr_ids": it.key_results}))
                .collect();
            json!({"okr_id": okr, "objectives": objectives})
        }
        Embed::WikiCatalog { wiki } | Embed::SubPageList { wiki } => json!({"wiki_token": wiki}),
        Embed::Board { token, align: side, width_px, height_px } => {
            let mut data = json!({"token": token, "align": align(*side)});
            for (key, side) in [("width", width_px), ("height", height_px)] {
                if let Some(side) = side {
                    data[key] = json!(side);
                }
            }
            data
        }
        // The address is written and never read (contract, "Other data objects").
        Embed::LinkPreview { kind, .. } => json!({"url_type": kind}),
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::document::{self, Align, Document, Inline, InlineStyle, Merge, Text};
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
                ..Asset::default()
            }],
        };
        document.assign_ids(&Ids::from_seed(1));
        let tree = Tree::from_document(document);
        let people = People::default();
        let shown = Shown { tree: &tree, page: "DOC", people: &people };
        let ids = std::iter::once(PAGE).chain(tree.order_under(PAGE));
        ids.map(|id| serde_json::to_value(Block { shown: &shown, id }).unwrap()).collect()
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
