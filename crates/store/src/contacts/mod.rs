//! The contact book of a tenant: its users and departments with all that is known about them, and
//! what its batch tasks leave behind. Who may call and sign in is the business of `users`.
//!
//! Rules of the book are checked against what was read. A writer therefore commits with
//! [`advance`]: its transaction happens only if nobody has written since it read.

mod attributes;
mod batches;
mod departments;
mod outbox;
mod people;
mod ranges;
mod requests;

use larkspur_model::id::TenantId;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Transaction};

pub use attributes::{Attribute, AttributeKind, attributes, set_attributes};
pub(crate) use batches::forget as forget_batches;
pub use batches::{Batch, BatchKind, add_batch, batch, batch_id, batch_results, checkpoint_batch};
pub use departments::{
    Child, Counts, Department, children, children_page, counts, department_by_number,
    departments_by_id, height, insert_chat, insert_department, size_below, subtree_page,
    update_department,
};
pub(crate) use outbox::forget as forget_messages;
pub use outbox::{Message, outbox, send};
pub use people::{
    Membership, Person, Place, insert_person, memberships, people_by_address, people_by_id,
    people_by_number, people_in, people_in_root, place_person, update_person,
};
pub use ranges::{range, set_range};
pub(crate) use requests::forget as forget_requests;
pub use requests::{Repeated, note_request, request};

/// The id of the root department, which has no row.
pub const ROOT: &str = "0";

/// The label of the conflict of a writer whose view of the book is out of date.
pub const CHANGED: &str = "the contact book has changed";

/// Text in which ids and mail addresses are compared.
pub fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// The state of a tenant's book: read it before anything a change is decided on.
pub async fn revision(db: &Db, tenant: &TenantId) -> Result<i64, Error> {
    let sql = "SELECT revision FROM contact_books WHERE tenant = $1";
    let row = db.query_one(sql, params![tenant.as_str()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Lets `transaction` happen only if the book is still in the state `revision`: else it fails with
/// [`CHANGED`]. Belongs at its beginning.
pub fn advance(transaction: &mut Transaction, tenant: &TenantId, revision: i64) {
    transaction.run(
        "INSERT INTO contact_books (tenant, revision) VALUES ($1, 0) ON CONFLICT DO NOTHING",
        params![tenant.as_str()],
    );
    transaction.require(
        CHANGED,
        1,
        "UPDATE contact_books SET revision = revision + 1 WHERE tenant = $1 AND revision = $2",
        params![tenant.as_str(), revision],
    );
}

/// Tells whoever is comparing with the book that it changes: for changes no rule stands in the way
/// of.
pub fn touch(transaction: &mut Transaction, tenant: &TenantId) {
    transaction.run(
        "INSERT INTO contact_books (tenant, revision) VALUES ($1, 1) \
         ON CONFLICT (tenant) DO UPDATE SET revision = contact_books.revision + 1",
        params![tenant.as_str()],
    );
}

/// A statement over a list, which has two texts: JSON is taken apart in another way in each
/// database. The list is `$2`, and what is looked for in it stands at the end of `start`. PostgreSQL
/// looks each of the list up by itself, behind a fence (`OFFSET 0`): left to plan it as a whole, it
/// compares the list with every row of the tenant until somebody tells it how large the table has
/// become.
macro_rules! among {
    ($start:expr, $end:expr) => {
        $crate::contacts::among_as!($start, "wanted.key", $end, $end)
    };
}
/// The same over numbers no two rows of the server have; of these rows, those of the tenant.
macro_rules! among_numbers {
    ($start:expr) => {
        $crate::contacts::among_as!(
            $start,
            "CAST(wanted.key AS BIGINT)",
            " AND tenant = $1",
            " WHERE tenant = $1"
        )
    };
}
macro_rules! among_as {
    ($start:expr, $key:literal, $sqlite_end:expr, $postgres_end:expr) => {
        $crate::contacts::Among {
            sqlite: concat!($start, " IN (SELECT value FROM json_each($2))", $sqlite_end),
            postgres: concat!(
                "SELECT found.* FROM (SELECT DISTINCT json_array_elements_text(CAST(CAST($2 AS TEXT) \
                 AS json)) AS key) AS wanted CROSS JOIN LATERAL (",
                $start,
                " = ",
                $key,
                " OFFSET 0) AS found",
                $postgres_end
            ),
        }
    };
}
use {among, among_as, among_numbers};

/// The two texts of a statement over a list.
#[derive(Clone, Copy)]
struct Among {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Among {
    const fn text(self, db: &Db) -> &'static str {
        if db.is_postgres() { self.postgres } else { self.sqlite }
    }
}

/// A list as the parameter of such a statement.
fn list(values: &[impl serde::Serialize]) -> Result<Param, Error> {
    let json = serde_json::to_string(values).map_err(|error| Error::corrupt(error.to_string()))?;
    Ok(Param::Text(json))
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::db::Durability;
    use crate::testing::Cluster;

    #[tokio::test]
    async fn postgresql_looks_lists_up_through_an_index_whatever_it_knows_of_the_table() {
        let Some(cluster) = Cluster::start().await else { return };
        let url = cluster.database("lists").await.unwrap();
        let db = Db::open(&url, Durability::Full).await.unwrap();
        let statements = people::LISTS.iter().chain(departments::LISTS);
        for (statement, numbers) in statements {
            let keys = if *numbers { list(&[7]) } else { list(&["a"]) };
            let explain = String::leak(format!("EXPLAIN {}", statement.postgres));
            let rows = db.query(explain, params!["tenant", keys.unwrap()]).await.unwrap();
            let plan: Vec<_> = rows.iter().map(|row| row.text(0).unwrap()).collect();
            let looked_up =
                |step: &&str| step.contains("Index Cond") && step.contains("array_elements");
            assert!(plan.iter().any(looked_up), "{plan:#?}");
        }
    }
}
