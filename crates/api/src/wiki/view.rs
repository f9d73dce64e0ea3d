//! Nodes as all answers give them: people by the calling app's ids, times as seconds in strings.

use std::collections::HashMap;

use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;
use larkspur_platform::Caller;
use larkspur_store::wiki::Node;
use serde::Serialize;

use super::codes::broken;
use crate::drive::rights::kind_name;
use crate::people::{self, UserIdKind};
use crate::{Answer, ApiError, Services};

/// A node exactly as the API spells it.
#[derive(Serialize)]
pub(super) struct WireNode {
    space_id: String,
    node_token: String,
    obj_token: String,
    obj_type: &'static str,
    parent_node_token: String,
    node_type: &'static str,
    origin_node_token: String,
    origin_space_id: String,
    has_child: bool,
    title: String,
    obj_create_time: String,
    obj_edit_time: String,
    node_create_time: String,
    creator: String,
    owner: String,
    node_creator: String,
}

/// Data of the operations that answer one node.
#[derive(Serialize)]
struct NodeData {
    node: WireNode,
}

/// Shows nodes to one caller; who is named often is looked up once.
pub(super) struct Viewer<'a> {
    services: &'a Services,
    caller: &'a Caller,
    names: HashMap<String, String>,
}

impl<'a> Viewer<'a> {
    pub(super) fn new(services: &'a Services, caller: &'a Caller) -> Self {
        Self { services, caller, names: HashMap::new() }
    }

    async fn name(&mut self, identity: &str) -> Result<String, ApiError> {
        if let Some(name) = self.names.get(identity) {
            return Ok(name.clone());
        }
        let name = people::owner(self.services, self.caller, identity, UserIdKind::Open).await;
        let name = name.map_err(broken)?;
        self.names.insert(identity.to_owned(), name.clone());
        Ok(name)
    }

    pub(super) async fn show(&mut self, node: Node) -> Result<WireNode, ApiError> {
        let (origin_node, origin_space) = node.origin.unzip();
        let owner = self.name(&node.owner).await?;
        Ok(WireNode {
            space_id: node.space.0,
            node_token: node.token.0,
            obj_token: node.object.0,
            obj_type: kind_name(node.kind).unwrap_or_default(),
            parent_node_token: node.parent.map_or_else(String::new, |parent| parent.0),
            node_type: if origin_node.is_some() { "shortcut" } else { "origin" },
            origin_node_token: origin_node.map_or_else(String::new, |ObjectToken(token)| token),
            origin_space_id: origin_space.map_or_else(String::new, |space| space.0),
            has_child: node.child_count > 0,
            title: node.title,
            obj_create_time: seconds(node.object_created_ms),
            obj_edit_time: seconds(node.object_edited_ms),
            node_create_time: seconds(node.created_ms),
            creator: owner.clone(),
            owner,
            node_creator: self.name(&node.creator).await?,
        })
    }
}

fn seconds(time_ms: Millis) -> String {
    time_ms.div_euclid(1_000).to_string()
}

/// The answer that is one node.
pub(super) async fn answer(
    services: &Services,
    caller: &Caller,
    node: Node,
) -> Result<Answer, ApiError> {
    let node = Viewer::new(services, caller).show(node).await?;
    Answer::data(&NodeData { node })
}
