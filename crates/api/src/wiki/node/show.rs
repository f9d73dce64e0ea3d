//! One node, by its own token or its document's; and what lies at a place, page by page.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_store::wiki;

use super::super::codes::{self, broken, denied, missing, told};
use super::super::page::Page;
use super::super::place::{self, Place};
use super::super::view::{self, Viewer};
use super::wire::ListData;
use crate::drive::rights::kind_name;
use crate::{Answer, ApiError, Request, Services, Violations};

/// Longest page (contract, `wikiSpaceNodeList`).
const MOST: i64 = 50;
/// Longest token (contract, `wikiSpaceGetNode`).
const TOKEN_CHARACTERS: usize = 999;
/// Kinds of document a token may be of, beside a node's own (contract, `obj_type`).
const KINDS: &[&str] = &["doc", "docx", "sheet", "mindnote", "bitable", "file", "slides"];

/// `wikiSpaceGetNode`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut violations = Violations::new();
    let token = violations.required("token", request.query.text("token"));
    if token.chars().count() > TOKEN_CHARACTERS {
        violations.add("token", "", "the max len is 999");
    }
    violations.check()?;
    let kind = request.query.text("obj_type").unwrap_or_else(|| "wiki".to_owned());
    let (caller, db) = (request.caller()?, &services.store.db);
    let node = if kind == "wiki" {
        place::node(db, caller, &token).await?
    } else if KINDS.contains(&kind.as_str()) {
        let found = wiki::node_of_document(db, &caller.tenant, &ObjectToken::from(&*token)).await;
        let found = found.map_err(broken)?.filter(|node| kind_name(node.kind) == Some(&kind));
        found.ok_or_else(|| {
            let why = format!("no {kind} of this token lies in a wiki of the caller's tenant");
            told(codes::NOT_FOUND, missing::DOCUMENT, why)
        })?
    } else {
        let why = format!("obj_type is wiki, or one of {}", KINDS.join(", "));
        return Err(codes::PARAM.because(why));
    };
    place::check_seen(db, caller, &node).await?;
    view::answer(&services, caller, node).await
}

/// `wikiSpaceNodeList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request, MOST)?;
    let after = page.after_number()?;
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let parent = request.query.text("parent_node_token");
    let place = Place::find(db, caller, found, parent.as_deref()).await?;
    if !place.may_see(db, caller).await.map_err(broken)? {
        let phrase = if place.parent.is_some() { denied::NODE } else { denied::SPACE };
        let why = "it takes the right to read the page above, or the space";
        return Err(told(codes::PERMISSION, phrase, why));
    }
    let (tenant, space) = (&caller.tenant, &place.space.id);
    let nodes = wiki::nodes(db, tenant, space, place.parent_token(), after, page.limit()).await;
    let mut nodes = nodes.map_err(broken)?;
    let page_token = page.cut(&mut nodes, |node| node.position.to_string());
    let mut viewer = Viewer::new(&services, caller);
    let mut items = Vec::with_capacity(nodes.len());
    for node in nodes {
        items.push(viewer.show(node).await?);
    }
    Answer::data(&ListData { items, has_more: page_token.is_some(), page_token })
}
