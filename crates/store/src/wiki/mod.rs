//! The wiki: spaces, the trees of nodes in them, requests to move documents there. Members of a
//! space stand among the members, under its id; who may do what is `platform`'s.

mod nodes;
mod requests;
mod spaces;
mod tree;

pub use self::nodes::{
    NewNode, Node, insert_node, node, node_of_document, nodes, set_shortcut_title,
};
pub use self::requests::{
    Decision, MoveRequest, RequestState, Wanting, allow, decide, file_request, request, requests,
};
pub use self::spaces::{
    Space, SpaceKind, SpaceSettings, insert_space, library, remove_member, set_public,
    set_settings, space, space_of, spaces_visible_to,
};
pub use self::tree::{Obstacle, Room, Subtree, move_node, obstacle, room, subtree};

/// Nodes a space may hold (contract, NOTES §10).
pub const SPACE_NODES: i64 = 400_000;
/// Levels of nodes in a space.
pub const DEPTH: i64 = 50;
/// Nodes a node, or the first level of a space, may hold.
pub const CHILDREN: i64 = 2_000;
/// Nodes that may be moved at once.
pub const MOVED_NODES: i64 = 2_000;
