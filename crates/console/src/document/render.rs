//! Blocks, as `docx/v1` tells them, as HTML.

use std::collections::HashMap;

use serde_json::Value;

use super::text::{self, elements, push, put};

/// How deep blocks are followed; the platform's own documents end long before.
const DEEPEST: usize = 60;

struct Blocks<'a>(HashMap<&'a str, &'a Value>);

/// The blocks below the page, which is the first one.
pub(super) fn document(blocks: &[Value]) -> String {
    let by_id = blocks.iter().filter_map(|block| Some((block["block_id"].as_str()?, block)));
    let known = Blocks(by_id.collect());
    let mut out = String::new();
    if let Some(page) = blocks.first() {
        known.children(&mut out, page, 0);
    }
    out
}

/// What lists a block may belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    Bullet,
    Ordered,
    Todo,
}

impl ListKind {
    fn of(block: &Value) -> Option<Self> {
        match block["block_type"].as_u64()? {
            12 => Some(Self::Bullet),
            13 => Some(Self::Ordered),
            17 => Some(Self::Todo),
            _ => None,
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Ordered => "ol",
            Self::Bullet | Self::Todo => "ul",
        }
    }
}

impl Blocks<'_> {
    /// The children of a block; neighbours of one kind of list stand in one list.
    fn children(&self, out: &mut String, block: &Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let ids = block["children"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut open: Option<ListKind> = None;
        for child in ids.filter_map(|id| self.0.get(id)) {
            let kind = ListKind::of(child);
            let begins = kind == Some(ListKind::Ordered)
                && child["ordered"]["style"]["sequence"]
                    .as_str()
                    .is_some_and(|text| text != "auto");
            if open != kind || begins {
                close(out, open);
                open = kind;
                begin(out, kind, child);
            }
            match kind {
                Some(kind) => self.item(out, kind, child, depth),
                None => self.block(out, child, depth),
            }
        }
        close(out, open);
    }

    fn item(&self, out: &mut String, kind: ListKind, block: &Value, depth: usize) {
        let key = match kind {
            ListKind::Bullet => "bullet",
            ListKind::Ordered => "ordered",
            ListKind::Todo => "todo",
        };
        let text = &block[key];
        out.push_str("<li>");
        if kind == ListKind::Todo {
            let done = text["style"]["done"].as_bool() == Some(true);
            let mark = if done {
                "<span role=\"img\" aria-label=\"done\">☑</span> "
            } else {
                "<span role=\"img\" aria-label=\"open\">☐</span> "
            };
            out.push_str(mark);
        }
        elements(out, text);
        self.children(out, block, depth + 1);
        out.push_str("</li>");
    }

    fn block(&self, out: &mut String, block: &Value, depth: usize) {
        match block["block_type"].as_u64().unwrap_or_default() {
            2 => {
                paragraph(out, "p", &block["text"]);
                self.indented(out, block, depth);
            }
            heading @ 3..=11 => {
                let level = heading - 2;
                // The document's own title is the page's first heading.
                let tag = format!("h{}", (level + 1).min(6));
                paragraph(out, &tag, &block[format!("heading{level}")]);
                self.indented(out, block, depth);
            }
            14 => {
                out.push_str("<pre tabindex=\"0\"><code>");
                elements(out, &block["code"]);
                out.push_str("</code></pre>");
            }
            15 => {
                out.push_str("<blockquote>");
                paragraph(out, "p", &block["quote"]);
                self.children(out, block, depth + 1);
                out.push_str("</blockquote>");
            }
            34 => self.inside(out, block, depth, "<blockquote>", "</blockquote>"),
            19 => {
                let colour = block["callout"]["background_color"].as_u64().unwrap_or(15);
                let begin = format!("<aside class=\"callout b{colour}\">");
                self.inside(out, block, depth, &begin, "</aside>");
            }
            22 => out.push_str("<hr>"),
            23 => file(out, &block["file"]),
            24 => self.inside(out, block, depth, "<div class=\"columns\">", "</div>"),
            25 => self.inside(out, block, depth, "<div>", "</div>"),
            26 => {
                let url = block["iframe"]["component"]["url"].as_str().unwrap_or_default();
                let shown = text::followed(url).unwrap_or_default();
                out.push_str("<p>");
                text::link(out, url, |out| push(out, &shown));
                out.push_str("</p>");
            }
            27 => image(out, &block["image"]),
            31 => self.table(out, &block["table"], depth),
            18 => embedded(out, "bases", block["bitable"]["token"].as_str()),
            30 => embedded(out, "sheets", block["sheet"]["token"].as_str()),
            // Blocks that stand around others, such as synced ones and agendas, show those.
            _ => self.children(out, block, depth + 1),
        }
    }

    /// Children that a paragraph has are shown below and right of it.
    fn indented(&self, out: &mut String, block: &Value, depth: usize) {
        if block["children"].as_array().is_some_and(|children| !children.is_empty()) {
            self.inside(out, block, depth, "<div class=\"indented\">", "</div>");
        }
    }

    fn inside(&self, out: &mut String, block: &Value, depth: usize, begin: &str, end: &str) {
        out.push_str(begin);
        self.children(out, block, depth + 1);
        out.push_str(end);
    }

    fn table(&self, out: &mut String, table: &Value, depth: usize) {
        let property = &table["property"];
        let columns = property["column_size"].as_u64().unwrap_or(1).max(1) as usize;
        let header = property["header_row"].as_bool() == Some(true);
        let merges = property["merge_info"].as_array();
        let mut covered: Vec<bool> = Vec::new();
        let cells: Vec<&str> =
            table["cells"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        covered.resize(cells.len(), false);
        out.push_str("<div class=\"scroll\" tabindex=\"0\"><table>");
        for (row, ids) in cells.chunks(columns).enumerate() {
            out.push_str("<tr>");
            for (column, id) in ids.iter().enumerate() {
                let at = row * columns + column;
                if covered[at] {
                    continue;
                }
                let merge = merges.and_then(|merges| merges.get(at));
                let span = |name: &str| {
                    merge.and_then(|merge| merge[name].as_u64()).unwrap_or(1).clamp(1, 10_000)
                        as usize
                };
                let (rows, wide) = (span("row_span"), span("col_span"));
                for below in row..row + rows {
                    for right in column..(column + wide).min(columns) {
                        if let Some(cell) = covered.get_mut(below * columns + right) {
                            *cell = true;
                        }
                    }
                }
                let tag = if header && row == 0 { "th" } else { "td" };
                put(out, format_args!("<{tag} rowspan=\"{rows}\" colspan=\"{wide}\">"));
                if let Some(cell) = self.0.get(id) {
                    self.children(out, cell, depth + 1);
                }
                put(out, format_args!("</{tag}>"));
            }
            out.push_str("</tr>");
        }
        out.push_str("</table></div>");
    }
}

fn begin(out: &mut String, kind: Option<ListKind>, first: &Value) {
    let Some(kind) = kind else { return };
    let number =
        first["ordered"]["style"]["sequence"].as_str().and_then(|text| text.parse::<u32>().ok());
    let class = if kind == ListKind::Todo { " class=\"todo\"" } else { "" };
    match number {
        Some(number) => put(out, format_args!("<ol start=\"{number}\">")),
        None => put(out, format_args!("<{}{class}>", kind.tag())),
    }
}

fn close(out: &mut String, open: Option<ListKind>) {
    if let Some(kind) = open {
        put(out, format_args!("</{}>", kind.tag()));
    }
}

fn paragraph(out: &mut String, tag: &str, text: &Value) {
    let class = match text["style"]["align"].as_u64() {
        Some(2) => " class=\"centre\"",
        Some(3) => " class=\"right\"",
        _ => "",
    };
    put(out, format_args!("<{tag}{class}>"));
    elements(out, text);
    put(out, format_args!("</{tag}>"));
}

fn image(out: &mut String, image: &Value) {
    let token = image["token"].as_str().unwrap_or_default();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return;
    }
    let side = |name: &str| image[name].as_u64().unwrap_or_default();
    put(
        out,
        format_args!(
            "<figure><img src=\"/console/files/{token}/content\" alt=\"\" loading=\"lazy\" width=\"{}\" height=\"{}\">",
            side("width"),
            side("height")
        ),
    );
    if let Some(caption) = image["caption"]["content"].as_str().filter(|text| !text.is_empty()) {
        out.push_str("<figcaption>");
        push(out, caption);
        out.push_str("</figcaption>");
    }
    out.push_str("</figure>");
}

fn file(out: &mut String, file: &Value) {
    let token = file["token"].as_str().unwrap_or_default();
    out.push_str("<p class=\"file\">");
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        push(out, file["name"].as_str().unwrap_or_default());
    } else {
        put(out, format_args!("<a href=\"/console/files/{token}/content\">"));
        push(out, file["name"].as_str().unwrap_or(token));
        out.push_str("</a>");
    }
    out.push_str("</p>");
}

fn embedded(out: &mut String, room: &str, token: Option<&str>) {
    let token = token.and_then(|token| token.split('_').next()).unwrap_or_default();
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        put(out, format_args!("<p><a href=\"/console/{room}/{token}\">{token}</a></p>"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_tables_and_nesting_become_what_they_are() {
        let run = |text: &str| json!({"elements": [{"text_run": {"content": text}}]});
        let blocks = [
            json!({"block_id": "page", "block_type": 1, "children": ["a", "b", "c", "t"]}),
            json!({"block_id": "a", "block_type": 12, "bullet": run("one"), "children": ["a1"]}),
            json!({"block_id": "a1", "block_type": 13, "ordered": run("inner")}),
            json!({"block_id": "b", "block_type": 12, "bullet": run("two")}),
            json!({"block_id": "c", "block_type": 3, "heading1": run("Head")}),
            json!({"block_id": "t", "block_type": 31, "table": {
                "cells": ["x", "y", "z", "w"],
                "property": {"column_size": 2, "row_size": 2, "header_row": true, "merge_info": [
                    {"row_span": 1, "col_span": 2}, {"row_span": 1, "col_span": 1},
                    {"row_span": 1, "col_span": 1}, {"row_span": 1, "col_span": 1}]}}}),
            json!({"block_id": "x", "block_type": 32, "children": ["x1"]}),
            json!({"block_id": "x1", "block_type": 2, "text": run("cell")}),
        ];
        assert_eq!(
            document(&blocks),
            "<ul><li>one<ol><li>inner</li></ol></li><li>two</li></ul><h2>Head</h2>\
             <div class=\"scroll\" tabindex=\"0\"><table><tr><th rowspan=\"1\" colspan=\"2\"><p>cell</p></th></tr>\
             <tr><td rowspan=\"1\" colspan=\"1\"></td><td rowspan=\"1\" colspan=\"1\"></td></tr></table></div>"
        );
    }

    #[test]
    fn blocks_that_hold_each_other_end() {
        let blocks = [
            json!({"block_id": "p", "block_type": 1, "children": ["q"]}),
            json!({"block_id": "q", "block_type": 34, "children": ["q"]}),
        ];
        assert!(document(&blocks).len() < 10_000);
    }
}
