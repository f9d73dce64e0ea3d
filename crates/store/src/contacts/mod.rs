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
pub use batches::{Batch, BatchKind, add_batch, batch, batch_results, checkpoint_batch};
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
/// gets an array, for which it goes through the index; a joined list of unknown length it would
/// rather compare with every row.
macro_rules! among {
    ($start:expr, $end:expr) => {
        $crate::contacts::Among {
            sqlite: concat!($start, " IN (SELECT value FROM json_each($2))", $end),
            postgres: concat!(
                $start,
                " = ANY (ARRAY(SELECT json_array_elements_text(CAST(CAST($2 AS TEXT) AS json))))",
                $end
            ),
        }
    };
}
/// The same over whole numbers.
macro_rules! among_numbers {
    ($start:expr, $end:expr) => {
        $crate::contacts::Among {
            sqlite: concat!($start, " IN (SELECT value FROM json_each($2))", $end),
            postgres: concat!(
                $start,
                " = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(CAST($2 AS TEXT) AS json)) \
                 AS BIGINT)))",
                $end
            ),
        }
    };
}
use {among, among_numbers};

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
