//! A document as a page.

mod render;
mod text;

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation};
use serde::Deserialize;
use serde_json::Value;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

/// Blocks that are shown at first.
const FIRST: usize = 2_000;
/// Blocks asked for at a time.
const PAGE: usize = 500;

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Value>,
    page_token: Option<String>,
    has_more: bool,
}

#[derive(Template)]
#[template(path = "document/document.html")]
struct Page {
    f: Frame,
    token: String,
    sub_id: &'static str,
    formats: [&'static str; 2],
    body: String,
    blocks: usize,
    more: bool,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consoleDocument", "/console/documents/{token}", |services, request| {
        Box::pin(enter(services, request, show))
    })]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let token = visit.request.path_value("token").to_owned();
    let (object, acting) = visit.thing(&token).await?;
    let most = if visit.query("all").is_some() { usize::MAX } else { FIRST };
    let mut blocks = Vec::new();
    let mut behind: Option<String> = None;
    let more = loop {
        let query = Asked::default().with("page_size", PAGE).with_some("page_token", behind);
        let call = visit.call("docxDocumentBlockList", &acting);
        let list: List = visit.ask(call.path("document_id", token.clone()).query(query)).await?;
        blocks.extend(list.items);
        behind = list.page_token;
        if !list.has_more || behind.is_none() {
            break false;
        }
        if blocks.len() >= most {
            break true;
        }
    };
    let body = render::document(&blocks);
    let f = visit.frame(Section::Files, object.name).await?;
    let page =
        Page { f, token, sub_id: "", formats: ["docx", "pdf"], body, blocks: blocks.len(), more };
    visit::show(&page)
}
