//! Nodes with all that is below them: how much that is, whether there is room for it, and moving
//! it, whole or not at all. Nothing here looks at more than a subtree that may be moved.

use larkspur_model::id::{ObjectToken, SpaceId, TenantId};

use super::nodes::Node;
use super::{CHILDREN, DEPTH, MOVED_NODES, SPACE_NODES};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A node with everything below it, as `down (link, level)`; who asks stops after one node more
/// than may be moved. `$1` is the node, `$2` its space.
///
/// The join is a `CROSS JOIN` because SQLite keeps to the order of one: left to choose, it walks
/// over the whole space once for each node found.
macro_rules! down {
    ($($rest:literal),+) => {
        concat!(
            "WITH RECURSIVE down (link, level) AS (\
             SELECT token, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $1 AND space = $2 \
             UNION ALL SELECT n.token, d.level + 1 FROM down d CROSS JOIN wiki_nodes n \
             WHERE n.parent = d.link AND n.space = $2 AND d.level < 64) ",
            $($rest),+
        )
    };
}

/// How much would move with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    /// Nodes, the first included; one more than may be moved stands for any larger number.
    pub nodes: i64,
    /// Levels, 1 for a node without others below it.
    pub height: i64,
}

/// What a node has below it, looked at as far as it could be moved.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn subtree(db: &Db, node: &Node) -> Result<Subtree, Error> {
    let sql = down!(
        "SELECT COUNT(*), COALESCE(MAX(level), 0) FROM (SELECT level FROM down LIMIT $3) few"
    );
    let params = params![node.token.as_str(), node.space.as_str(), MOVED_NODES + 1];
    let row = db.query_one(sql, params).await?;
    row.map_or(Ok(Subtree { nodes: 0, height: 0 }), |row| {
        Ok(Subtree { nodes: row.int(0)?, height: row.int(1)? })
    })
}

/// How much a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Nodes in the space.
    pub nodes: i64,
    /// Nodes at the very place.
    pub children: i64,
    /// Levels down to the place: 0 for the first level of a space.
    pub level: i64,
}

/// How much the place under `parent`, or the first level of `space`, holds; `None` where there is
/// no such place, such as under a shortcut.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn room(
    db: &Db,
    tenant: &TenantId,
    space: &SpaceId,
    parent: Option<&ObjectToken>,
) -> Result<Option<Room>, Error> {
    let row = match parent {
        None => {
            let sql = "SELECT node_count, child_count, CAST(0 AS BIGINT) FROM wiki_spaces \
                       WHERE id = $1 AND tenant = $2";
            db.query_one(sql, params![space.as_str(), tenant.as_str()]).await?
        }
        Some(parent) => {
            let sql = "WITH RECURSIVE up (link, next, level) AS (\
                       SELECT token, parent, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $3 \
                       UNION ALL SELECT n.token, n.parent, u.level + 1 FROM wiki_nodes n \
                       JOIN up u ON n.token = u.next WHERE u.level < 64) \
                       SELECT s.node_count, n.child_count, (SELECT MAX(level) FROM up) \
                       FROM wiki_nodes n JOIN wiki_spaces s ON s.id = n.space \
                       WHERE n.token = $3 AND s.id = $1 AND s.tenant = $2 AND n.origin IS NULL";
            let params = params![space.as_str(), tenant.as_str(), parent.as_str()];
            db.query_one(sql, params).await?
        }
    };
    let read = |row: crate::sql::Row| {
        Ok(Room { nodes: row.int(0)?, children: row.int(1)?, level: row.int(2)? })
    };
    row.map(read).transpose()
}

/// What stands in the way of more nodes at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// More would be moved at once than may be.
    Moved,
    /// The space would hold more than it may.
    Space,
    /// The place would.
    Children,
    /// Nodes would lie deeper than they may.
    Depth,
}

/// What stands in the way of `subtree` at a place that holds `there`; `None` for nothing.
/// `from_elsewhere` where the nodes are new to the space.
pub const fn obstacle(there: Room, subtree: Subtree, from_elsewhere: bool) -> Option<Obstacle> {
    if subtree.nodes > MOVED_NODES {
        Some(Obstacle::Moved)
    } else if from_elsewhere && there.nodes + subtree.nodes > SPACE_NODES {
        Some(Obstacle::Space)
    } else if there.children >= CHILDREN {
        Some(Obstacle::Children)
    } else if there.level + subtree.height > DEPTH {
        Some(Obstacle::Depth)
    } else {
        None
    }
}

/// Waits for whoever changes the trees of these spaces at the moment: the smaller id first, so
/// that two moves in opposite directions wait for one another in turn.
fn wait(transaction: &mut Transaction, spaces: [&SpaceId; 2]) {
    let [first, second] = if spaces[0] <= spaces[1] { spaces } else { [spaces[1], spaces[0]] };
    let sql = "UPDATE wiki_spaces SET node_count = node_count WHERE id = $1";
    transaction.require("space", 1, sql, params![first.as_str()]);
    if first != second {
        transaction.require("space", 1, sql, params![second.as_str()]);
    }
}

/// Moves `node`, with everything below it, to the place `position` under `parent`, or to the first
/// level, of the space `to`.
///
/// The commit fails with [`Error::Conflict`]: `node` where the node is elsewhere by now; `cycle`
/// where the place lies below the node; `moved`, `depth`, `full` and `children` where [`obstacle`]
/// would say so, `children` also where there is no such place any more.
pub fn move_node(
    transaction: &mut Transaction,
    node: &Node,
    to: &SpaceId,
    parent: Option<&ObjectToken>,
    position: i64,
) {
    wait(transaction, [&node.space, to]);
    let (token, from) = (node.token.as_str(), node.space.as_str());
    let old_parent = node.parent.as_ref().map_or("", ObjectToken::as_str);
    let new_parent = parent.map_or("", ObjectToken::as_str);
    check(transaction, (token, from, old_parent), new_parent);
    enter(transaction, to.as_str(), new_parent);
    if node.space != *to {
        change_space(transaction, (token, from), to.as_str());
    }
    transaction.require(
        "node",
        1,
        "UPDATE wiki_nodes SET parent = $2, position = $3 WHERE token = $1",
        params![token, new_parent, position],
    );
    if node.parent.is_some() {
        transaction.run(
            "UPDATE wiki_nodes SET child_count = child_count - 1 WHERE token = $1",
            params![old_parent],
        );
    } else {
        transaction.run(
            "UPDATE wiki_spaces SET child_count = child_count - 1 WHERE id = $1",
            params![from],
        );
    }
}

/// The node is where it was, small enough to move, not above the new place, and not too high for
/// it.
fn check(
    transaction: &mut Transaction,
    (token, from, old_parent): (&str, &str, &str),
    new_parent: &str,
) {
    transaction.require(
        "node",
        1,
        "UPDATE wiki_nodes SET position = position WHERE token = $1 AND space = $2 \
         AND parent = $3",
        params![token, from, old_parent],
    );
    transaction.require(
        "moved",
        1,
        down!(
            "UPDATE wiki_nodes SET position = position WHERE token = $1 AND \
             (SELECT COUNT(*) FROM (SELECT link FROM down LIMIT $3) few) < $3"
        ),
        params![token, from, MOVED_NODES + 1],
    );
    transaction.require(
        "cycle",
        1,
        "WITH RECURSIVE up (link, next, level) AS (\
         SELECT token, parent, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $2 \
         UNION ALL SELECT n.token, n.parent, u.level + 1 FROM wiki_nodes n \
         JOIN up u ON n.token = u.next WHERE u.level < 64) \
         UPDATE wiki_nodes SET position = position WHERE token = $1 \
         AND NOT EXISTS (SELECT 1 FROM up WHERE link = $1)",
        params![token, new_parent],
    );
    transaction.require(
        "depth",
        1,
        "WITH RECURSIVE down (link, level) AS (\
         SELECT token, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $1 AND space = $2 \
         UNION ALL SELECT n.token, d.level + 1 FROM down d CROSS JOIN wiki_nodes n \
         WHERE n.parent = d.link AND n.space = $2 AND d.level < 64), \
         up (link, next, level) AS (\
         SELECT token, parent, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $3 \
         UNION ALL SELECT n.token, n.parent, u.level + 1 FROM wiki_nodes n \
         JOIN up u ON n.token = u.next WHERE u.level < 64) \
         UPDATE wiki_nodes SET position = position WHERE token = $1 \
         AND (SELECT MAX(level) FROM down) + COALESCE((SELECT MAX(level) FROM up), 0) <= $4",
        params![token, from, new_parent, DEPTH],
    );
}

/// Counts one more at the new place, if it is there and has room.
fn enter(transaction: &mut Transaction, to: &str, new_parent: &str) {
    if new_parent.is_empty() {
        transaction.require(
            "children",
            1,
            "UPDATE wiki_spaces SET child_count = child_count + 1 WHERE id = $1 \
             AND child_count < $2",
            params![to, CHILDREN],
        );
    } else {
        transaction.require(
            "children",
            1,
            "UPDATE wiki_nodes SET child_count = child_count + 1 WHERE token = $1 AND space = $2 \
             AND origin IS NULL AND child_count < $3",
            params![new_parent, to, CHILDREN],
        );
    }
}

/// Takes all of it from one space to the other.
fn change_space(transaction: &mut Transaction, (token, from): (&str, &str), to: &str) {
    transaction.require(
        "full",
        1,
        down!(
            "UPDATE wiki_spaces SET node_count = node_count + (SELECT COUNT(*) FROM down) \
             WHERE id = $3 AND node_count + (SELECT COUNT(*) FROM down) <= $4"
        ),
        params![token, from, to, SPACE_NODES],
    );
    transaction.run(
        down!(
            "UPDATE wiki_spaces SET node_count = node_count - (SELECT COUNT(*) FROM down) \
             WHERE id = $2"
        ),
        params![token, from],
    );
    transaction.run(
        down!("UPDATE wiki_nodes SET space = $3 WHERE token IN (SELECT link FROM down)"),
        params![token, from, to],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn below_a_node_children_are_found_through_the_index() {
        let db = Db::open_temporary().await.unwrap();
        let sql = concat!("EXPLAIN QUERY PLAN ", down!("SELECT COUNT(*) FROM down"));
        let rows = db.query(sql, params!["node", "1"]).await.unwrap();
        let plan: Vec<_> = rows.iter().map(|row| row.text(3).unwrap().to_owned()).collect();
        let wanted = "SEARCH n USING INDEX wiki_nodes_children (space=? AND parent=?)";
        assert!(plan.iter().any(|step| step == wanted), "{plan:?}");
        assert!(!plan.iter().any(|step| step == "SCAN n"), "{plan:?}");
    }
}
