//! Things with all that is below them: moved or deleted whole, or not at all. Statements run one
//! behind the other behind the tenant's row, so nothing enters the tree while it goes.

use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;

use super::{FOLDER_CHILDREN, FOLDER_LEVELS, Object};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// The thing `$1` with everything below it that is not deleted, media that hang on documents
/// included, as `tree (link)`. SQLite keeps to the order of a `CROSS JOIN`, and takes an index of things
/// not deleted only where each side of the `OR` says so: else it walks over all objects once for each
/// thing found.
macro_rules! tree {
    ($($rest:literal),+) => {
        concat!(
            "WITH RECURSIVE tree (link) AS (SELECT token FROM objects WHERE token = $1 \
             UNION SELECT o.token FROM tree t CROSS JOIN objects o \
             WHERE (o.parent = t.link AND o.deleted_ms IS NULL) \
             OR (o.route = t.link AND o.deleted_ms IS NULL)) ",
            $($rest),+
        )
    };
}

/// Waits for whoever changes the tree of the tenant at the moment.
fn wait(transaction: &mut Transaction, object: &Object) {
    transaction.require(
        "tenant",
        1,
        "UPDATE tenants SET node_count = node_count WHERE id = $1",
        params![object.tenant.as_str()],
    );
}

/// Marks `object` and everything below it as deleted: blobs are let go of, the rows of documents go,
/// folder and tenant count again. Collaborators stay: they are told that it was deleted.
///
/// The commit fails with [`Error::Conflict`] `object` where it is gone, or elsewhere by now.
pub fn delete_tree(transaction: &mut Transaction, object: &Object, now_ms: Millis) {
    wait(transaction, object);
    let token = object.token.as_str();
    transaction.require(
        "object",
        1,
        "UPDATE objects SET edited_ms = $2 WHERE token = $1 AND deleted_ms IS NULL \
         AND parent IS NOT DISTINCT FROM $3",
        params![token, now_ms, object.parent.as_ref().map(ObjectToken::as_str)],
    );
    if let Some(parent) = &object.parent {
        transaction.run(
            "UPDATE objects SET child_count = child_count - 1 WHERE token = $1",
            params![parent.as_str()],
        );
    }
    transaction.run(
        tree!(
            "UPDATE tenants SET node_count = node_count - (SELECT COUNT(*) FROM objects \
             WHERE parent IS NOT NULL AND token IN (SELECT link FROM tree)) WHERE id = $2"
        ),
        params![token, object.tenant.as_str()],
    );
    // Who edits one of them right now is either done, and its new blobs are seen, or too late.
    transaction.run(
        tree!(
            "UPDATE spreadsheets SET revision = revision + 1 WHERE token IN (SELECT link FROM tree)"
        ),
        params![token],
    );
    transaction.run(
        tree!(
            "UPDATE blobs SET released_ms = $2 WHERE released_ms IS NULL AND key IN (\
             SELECT blob_key FROM objects WHERE token IN (SELECT link FROM tree) \
             UNION ALL SELECT blob_key FROM documents WHERE token IN (SELECT link FROM tree) \
             UNION ALL SELECT manifest_key FROM spreadsheets WHERE token IN (SELECT link FROM tree) \
             UNION ALL SELECT cells_key FROM spreadsheets WHERE token IN (SELECT link FROM tree) \
             UNION ALL SELECT blob_key FROM spreadsheet_files \
             WHERE spreadsheet IN (SELECT link FROM tree) \
             UNION ALL SELECT manifest_key FROM bases WHERE token IN (SELECT link FROM tree) \
             UNION ALL SELECT cells_key FROM bases WHERE token IN (SELECT link FROM tree))"
        ),
        params![token, now_ms],
    );
    for statement in [
        tree!("DELETE FROM documents WHERE token IN (SELECT link FROM tree)"),
        tree!("DELETE FROM document_assets WHERE document IN (SELECT link FROM tree)"),
        tree!("DELETE FROM document_changes WHERE document IN (SELECT link FROM tree)"),
        tree!("DELETE FROM spreadsheets WHERE token IN (SELECT link FROM tree)"),
        tree!("DELETE FROM sheets WHERE spreadsheet IN (SELECT link FROM tree)"),
        tree!("DELETE FROM spreadsheet_files WHERE spreadsheet IN (SELECT link FROM tree)"),
        tree!("DELETE FROM base_packs WHERE base IN (SELECT link FROM tree)"),
        tree!("DELETE FROM base_requests WHERE base IN (SELECT link FROM tree)"),
        tree!("DELETE FROM base_tables WHERE base IN (SELECT link FROM tree)"),
        tree!("DELETE FROM bases WHERE token IN (SELECT link FROM tree)"),
    ] {
        transaction.run(statement, params![token]);
    }
    transaction.run(
        tree!(
            "UPDATE objects SET deleted_ms = $2, blob_key = NULL, child_count = 0 \
             WHERE token IN (SELECT link FROM tree)"
        ),
        params![token, now_ms],
    );
}

/// Moves `object`, with everything below it, into the folder `to`.
///
/// The commit fails with [`Error::Conflict`]: `object` where it is gone or elsewhere by now;
/// `folder` where `to` is no folder of the tenant, was deleted, or is full; `depth` where folders
/// would lie deeper than they may; `cycle` where `to` lies in `object`.
pub fn move_to(transaction: &mut Transaction, object: &Object, to: &ObjectToken, now_ms: Millis) {
    wait(transaction, object);
    let token = object.token.as_str();
    transaction.require(
        "folder",
        1,
        "UPDATE objects SET child_count = child_count + 1 WHERE token = $1 AND tenant = $2 \
         AND kind = 0 AND deleted_ms IS NULL AND child_count < $3",
        params![to.as_str(), object.tenant.as_str(), FOLDER_CHILDREN],
    );
    transaction.require(
        "cycle",
        1,
        "WITH RECURSIVE up (link, next, step) AS (\
         SELECT token, parent, CAST(0 AS BIGINT) FROM objects WHERE token = $2 \
         UNION ALL SELECT o.token, o.parent, u.step + 1 FROM objects o \
         JOIN up u ON o.token = u.next WHERE u.step < 64) \
         UPDATE objects SET edited_ms = edited_ms WHERE token = $1 \
         AND NOT EXISTS (SELECT 1 FROM up WHERE link = $1)",
        params![token, to.as_str()],
    );
    transaction.require(
        "depth",
        1,
        "WITH RECURSIVE up (link, next, step) AS (\
         SELECT token, parent, CAST(0 AS BIGINT) FROM objects WHERE token = $2 \
         UNION ALL SELECT o.token, o.parent, u.step + 1 FROM objects o \
         JOIN up u ON o.token = u.next WHERE u.step < 64), \
         down (link, level) AS (\
         SELECT token, CAST(0 AS BIGINT) FROM objects WHERE token = $1 \
         UNION ALL SELECT o.token, d.level + 1 FROM objects o JOIN down d ON o.parent = d.link \
         WHERE o.kind = 0 AND o.deleted_ms IS NULL AND d.level < 64) \
         UPDATE objects SET edited_ms = edited_ms WHERE token = $1 \
         AND (kind <> 0 OR (SELECT MAX(step) FROM up) + 1 + (SELECT MAX(level) FROM down) <= $3)",
        params![token, to.as_str(), FOLDER_LEVELS as i64],
    );
    transaction.require(
        "object",
        1,
        "UPDATE objects SET parent = $2, edited_ms = $4 WHERE token = $1 AND parent = $3 \
         AND deleted_ms IS NULL",
        params![token, to.as_str(), object.parent.as_ref().map(ObjectToken::as_str), now_ms],
    );
    if let Some(parent) = &object.parent {
        transaction.run(
            "UPDATE objects SET child_count = child_count - 1 WHERE token = $1",
            params![parent.as_str()],
        );
    }
}

/// How many levels of folders the folder `token` has below it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn height(db: &Db, token: &ObjectToken) -> Result<usize, Error> {
    let sql = "WITH RECURSIVE down (link, level) AS (\
               SELECT token, CAST(0 AS BIGINT) FROM objects WHERE token = $1 \
               UNION ALL SELECT o.token, d.level + 1 FROM objects o JOIN down d \
               ON o.parent = d.link WHERE o.kind = 0 AND o.deleted_ms IS NULL AND d.level < 64) \
               SELECT COALESCE(MAX(level), 0) FROM down";
    let row = db.query_one(sql, params![token.as_str()]).await?;
    row.map_or(Ok(0), |row| Ok(row.int(0)?.max(0) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_below_a_thing_is_found_through_indices() {
        let db = Db::open_temporary().await.unwrap();
        let sql = concat!("EXPLAIN QUERY PLAN ", tree!("SELECT link FROM tree"));
        let rows = db.query(sql, params!["token"]).await.unwrap();
        let plan: Vec<_> = rows.iter().map(|row| row.text(3).unwrap().to_owned()).collect();
        for wanted in ["(parent=?)", "objects_route (route=?)"] {
            assert!(plan.iter().any(|step| step.contains(wanted)), "{wanted}: {plan:?}");
        }
        assert!(!plan.iter().any(|step| step.starts_with("SCAN o")), "{plan:?}");
    }
}
