//! Wiki spaces as trees, and the requests for moves that somebody has yet to decide.

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation, codes};
use serde::Deserialize;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::visit::{self, Visit, act, enter, in_address};
use crate::{action, look, page};

/// Nodes in one piece of a tree.
const PIECE: i64 = 50;

#[derive(Deserialize)]
struct Spaces {
    #[serde(default)]
    items: Vec<Space>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
struct Space {
    space_id: String,
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct SpaceData {
    space: Space,
}

#[derive(Deserialize)]
struct Nodes {
    #[serde(default)]
    items: Vec<Node>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    space_id: String,
    node_token: String,
    obj_token: String,
    obj_type: String,
    title: String,
    has_child: bool,
}

#[derive(Deserialize)]
struct Requests {
    #[serde(default)]
    items: Vec<MoveRequest>,
}

#[derive(Deserialize)]
struct MoveRequest {
    request_id: String,
    requester: String,
    obj_token: String,
    obj_type: String,
    title: String,
    space_id: String,
    wanting: Vec<String>,
    state: String,
    decided_by: Option<String>,
    created_ms: i64,
    task_id: Option<String>,
}

#[derive(Template)]
#[template(path = "wiki/spaces.html")]
struct SpacesPage {
    f: Frame,
    spaces: Vec<Space>,
    next: Option<String>,
    requests: Vec<MoveRequest>,
}

impl MoveRequest {
    fn document(&self) -> String {
        look::address(&self.obj_type, &self.obj_token).unwrap_or_default()
    }

    fn waits(&self) -> bool {
        self.state == "waiting"
    }

    fn state(&self, f: &Frame) -> &'static str {
        match self.state.as_str() {
            "waiting" => f.t("waiting", "待处理"),
            "accepted" => f.t("accepted", "已同意"),
            _ => f.t("refused", "已拒绝"),
        }
    }
}

impl Node {
    fn document(&self) -> String {
        look::address(&self.obj_type, &self.obj_token).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "wiki/tree.html")]
struct TreePage {
    f: Frame,
    space: Space,
    nodes: Vec<Node>,
    more: Option<String>,
}

/// What stands below a node, to be put into a page that is open.
#[derive(Template)]
#[template(path = "wiki/nodes.html")]
struct Piece {
    f: Frame,
    nodes: Vec<Node>,
    more: Option<String>,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleWiki", "/console/wiki", |services, request| {
            Box::pin(enter(services, request, show))
        }),
        page("consoleWikiSpace", "/console/wiki/{space_id}", |services, request| {
            Box::pin(enter(services, request, tree))
        }),
        page("consoleWikiNodes", "/console/wiki/{space_id}/nodes", |services, request| {
            Box::pin(enter(services, request, piece))
        }),
        action(
            "consoleWikiDecide",
            "/console/approvals/{request_id}/{decision}",
            |services, request| Box::pin(act(services, request, decide)),
        ),
    ]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let acting = visit.as_administrator().await?;
    let query = Asked::default().with("page_size", 50);
    let query = query.with_some("page_token", visit.query("page_token"));
    let list: Spaces = visit.ask(visit.call("wikiSpaceList", &acting).query(query)).await?;
    let next = list.page_token.filter(|token| !token.is_empty());
    let next = next.map(|token| Asked::default().with("page_token", token).at("/console/wiki"));
    let query = Asked::default().with("page_size", 50).with("tenant_id", visit.tenant().await?);
    let Requests { items } =
        visit.ask(visit.operator("larkspurWikiRequestList").query(query)).await?;
    let f = visit.frame(Section::Wiki, visit.language.pick("Wiki", "知识库")).await?;
    visit::show(&SpacesPage { f, spaces: list.items, next, requests: items })
}

async fn nodes(
    visit: &Visit,
    parent: Option<&str>,
) -> Result<(Vec<Node>, Option<String>), ApiError> {
    let space = visit.request.path_value("space_id").to_owned();
    let acting = visit.as_administrator().await?;
    let query = Asked::default().with("page_size", PIECE).with_some("parent_node_token", parent);
    let query = query.with_some("page_token", visit.query("page_token"));
    let here = format!("/console/wiki/{}/nodes", in_address(&space));
    let more = Asked::default().with_some("parent", parent);
    let call = visit.call("wikiSpaceNodeList", &acting).path("space_id", space).query(query);
    let list: Nodes = visit.ask(call).await?;
    let behind = list.page_token.filter(|token| !token.is_empty());
    Ok((list.items, behind.map(|token| more.with("page_token", token).at(&here))))
}

async fn tree(visit: Visit) -> Result<Answer, ApiError> {
    let acting = visit.as_administrator().await?;
    let space = visit.request.path_value("space_id").to_owned();
    let call = visit.call("wikiSpaceGet", &acting).path("space_id", space);
    let SpaceData { space } = visit.ask(call).await?;
    let (nodes, more) = nodes(&visit, None).await?;
    let f = visit.frame(Section::Wiki, space.name.clone()).await?;
    visit::show(&TreePage { f, space, nodes, more })
}

async fn piece(visit: Visit) -> Result<Answer, ApiError> {
    let parent = visit.query("parent");
    let (nodes, more) = nodes(&visit, parent.as_deref()).await?;
    let f = visit.frame(Section::Wiki, String::new()).await?;
    visit::show(&Piece { f, nodes, more })
}

async fn decide(visit: Visit) -> Result<Answer, ApiError> {
    let operation = match visit.request.path_value("decision") {
        "accept" => "larkspurWikiRequestAccept",
        "refuse" => "larkspurWikiRequestRefuse",
        _ => return Err(codes::UNKNOWN_PATH.because("accept or refuse a request")),
    };
    let id = visit.request.path_value("request_id").to_owned();
    visit.do_it(visit.operator(operation).path("request_id", id)).await?;
    Ok(visit::go("/console/wiki#requests"))
}
