//! Nodes: each wraps a document, or points to a node that does. Lists are pages by place, found
//! through an index however many nodes the space holds.

use larkspur_model::id::{ObjectToken, SpaceId, TenantId};
use larkspur_model::time::Millis;

use super::{CHILDREN, DEPTH, SPACE_NODES};
use crate::db::Db;
use crate::error::Error;
use crate::objects::ObjectKind;
use crate::params;
use crate::sql::{Row, Transaction};

/// A node, with what its answers say about its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// 27 characters.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// The space it lies in.
    pub space: SpaceId,
    /// The node it lies under; none on the first level.
    pub parent: Option<ObjectToken>,
    /// Its document; a shortcut's is that of its origin.
    pub object: ObjectToken,
    /// What the document is.
    pub kind: ObjectKind,
    /// The node a shortcut points to, and the space that lies in.
    pub origin: Option<(ObjectToken, SpaceId)>,
    /// The document's name, or the shortcut's own.
    pub title: String,
    /// The document's owner.
    pub owner: String,
    /// Who made the node.
    pub creator: String,
    /// Its place among its sisters.
    pub position: i64,
    /// Nodes below it, one level.
    pub child_count: i64,
    /// When the node was made.
    pub created_ms: Millis,
    /// When the document was made.
    pub object_created_ms: Millis,
    /// When the document last changed.
    pub object_edited_ms: Millis,
}

/// A node that is to be made.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// 27 characters.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// The space it is to lie in.
    pub space: SpaceId,
    /// The node it is to lie under.
    pub parent: Option<ObjectToken>,
    /// Its document.
    pub object: ObjectToken,
    /// The node it points to, for a shortcut.
    pub origin: Option<ObjectToken>,
    /// A shortcut's own title.
    pub title: Option<String>,
    /// Who makes it.
    pub creator: String,
    /// Its place among its sisters: larger than all there are.
    pub position: i64,
    /// Now.
    pub created_ms: Millis,
}

/// The columns of a [`Node`] and where they come from; conditions follow.
macro_rules! node_where {
    ($($rest:literal),+) => {
        concat!(
            "SELECT n.token, n.tenant, n.space, n.parent, n.object, o.kind, n.origin, r.space, \
             COALESCE(n.title, o.name), o.owner, n.creator, n.position, n.child_count, \
             n.created_ms, o.created_ms, o.edited_ms FROM wiki_nodes n \
             JOIN objects o ON o.token = n.object \
             LEFT JOIN wiki_nodes r ON r.token = n.origin WHERE ",
            $($rest),+
        )
    };
}

fn read(row: &Row) -> Result<Node, Error> {
    let parent = row.text(3)?;
    Ok(Node {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        space: row.text(2)?.into(),
        parent: (!parent.is_empty()).then(|| parent.into()),
        object: row.text(4)?.into(),
        kind: ObjectKind::from_number(row.int(5)?)?,
        origin: match (row.opt_text(6)?, row.opt_text(7)?) {
            (Some(node), Some(space)) => Some((node.into(), space.into())),
            (None, _) => None,
            (Some(_), None) => return Err(Error::corrupt("wiki_nodes.origin")),
        },
        title: row.text(8)?.to_owned(),
        owner: row.text(9)?.to_owned(),
        creator: row.text(10)?.to_owned(),
        position: row.int(11)?,
        child_count: row.int(12)?,
        created_ms: row.int(13)?,
        object_created_ms: row.int(14)?,
        object_edited_ms: row.int(15)?,
    })
}

/// Counts one more node in `space`, on its first level or under `parent`, as far as there is room.
/// The row of the space comes first in every transaction that changes its tree, so that they wait
/// for one another there and nowhere else.
fn count(
    transaction: &mut Transaction,
    tenant: &TenantId,
    space: &SpaceId,
    parent: Option<&ObjectToken>,
) {
    let id = space.as_str();
    let Some(parent) = parent else {
        transaction.require(
            "space",
            1,
            "UPDATE wiki_spaces SET node_count = node_count + 1, child_count = child_count + 1 \
             WHERE id = $1 AND tenant = $2 AND node_count < $3 AND child_count < $4",
            params![id, tenant.as_str(), SPACE_NODES, CHILDREN],
        );
        return;
    };
    transaction.require(
        "space",
        1,
        "UPDATE wiki_spaces SET node_count = node_count + 1 WHERE id = $1 AND tenant = $2 \
         AND node_count < $3",
        params![id, tenant.as_str(), SPACE_NODES],
    );
    transaction.require(
        "parent",
        1,
        "WITH RECURSIVE up (link, next, level) AS (\
         SELECT token, parent, CAST(1 AS BIGINT) FROM wiki_nodes WHERE token = $1 \
         UNION ALL SELECT n.token, n.parent, u.level + 1 FROM wiki_nodes n \
         JOIN up u ON n.token = u.next WHERE u.level < 64) \
         UPDATE wiki_nodes SET child_count = child_count + 1 WHERE token = $1 AND space = $2 \
         AND origin IS NULL AND child_count < $3 AND (SELECT MAX(level) FROM up) < $4",
        params![parent.as_str(), id, CHILDREN, DEPTH],
    );
}

/// Adds `node` and counts it.
///
/// The commit fails with [`Error::Conflict`] `space` or `parent` where there is no room, or the
/// parent is not there any more; [`super::obstacle`] tells which. [`Error::Duplicate`] where the
/// document is in a wiki already.
pub fn insert_node(transaction: &mut Transaction, node: &NewNode) {
    count(transaction, &node.tenant, &node.space, node.parent.as_ref());
    transaction.run(
        "INSERT INTO wiki_nodes (token, tenant, space, parent, object, origin, title, creator, \
         position, child_count, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)",
        params![
            node.token.as_str(),
            node.tenant.as_str(),
            node.space.as_str(),
            node.parent.as_ref().map_or("", ObjectToken::as_str),
            node.object.as_str(),
            node.origin.as_ref().map(ObjectToken::as_str),
            node.title.as_deref(),
            node.creator.as_str(),
            node.position,
            node.created_ms
        ],
    );
}

/// The node `token` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn node(db: &Db, tenant: &TenantId, token: &ObjectToken) -> Result<Option<Node>, Error> {
    let sql = node_where!("n.token = $1 AND n.tenant = $2");
    let row = db.query_one(sql, params![token.as_str(), tenant.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

/// The node that wraps the document `object`; shortcuts to it are others.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn node_of_document(
    db: &Db,
    tenant: &TenantId,
    object: &ObjectToken,
) -> Result<Option<Node>, Error> {
    let sql = node_where!("n.object = $1 AND n.tenant = $2 AND n.origin IS NULL");
    let row = db.query_one(sql, params![object.as_str(), tenant.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

const PAGE: &str = node_where!(
    "n.space = $1 AND n.parent = $2 AND n.tenant = $3 AND n.position > $4 \
     ORDER BY n.position LIMIT $5"
);

/// Up to `limit` nodes under `parent`, or of the first level, those behind the place `after`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn nodes(
    db: &Db,
    tenant: &TenantId,
    space: &SpaceId,
    parent: Option<&ObjectToken>,
    after: i64,
    limit: i64,
) -> Result<Vec<Node>, Error> {
    let parent = parent.map_or("", ObjectToken::as_str);
    let params = params![space.as_str(), parent, tenant.as_str(), after, limit];
    db.query(PAGE, params).await?.iter().map(read).collect()
}

/// Gives a shortcut a title of its own; [`Error::Conflict`] `node` where it is none, or gone.
pub fn set_shortcut_title(transaction: &mut Transaction, node: &ObjectToken, title: &str) {
    transaction.require(
        "node",
        1,
        "UPDATE wiki_nodes SET title = $2 WHERE token = $1 AND origin IS NOT NULL",
        params![node.as_str(), title],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_of_nodes_is_found_through_the_index_and_comes_out_in_order() {
        let db = Db::open_temporary().await.unwrap();
        let sql = concat!(
            "EXPLAIN QUERY PLAN ",
            node_where!(
                "n.space = $1 AND n.parent = $2 AND n.tenant = $3 AND n.position > $4 \
                 ORDER BY n.position LIMIT $5"
            )
        );
        assert!(sql.ends_with(PAGE));
        let rows = db.query(sql, params!["1", "", "t", 0, 10]).await.unwrap();
        let plan: Vec<_> = rows.iter().map(|row| row.text(3).unwrap().to_owned()).collect();
        let plan = plan.join("; ");
        assert!(
            plan.starts_with("SEARCH n USING INDEX wiki_nodes_children (space=? AND parent=? AND")
                && !plan.contains("B-TREE")
                && !plan.contains("SCAN"),
            "{plan}"
        );
    }
}
