//! What would have been sent to people. It stays here, to be looked at; nobody receives it.

use larkspur_model::id::{AppId, TenantId, first_number};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A message to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// A number of [`Ids::number`](larkspur_model::id::Ids::number): later messages exceed it.
    pub id: i64,
    /// The tenant.
    pub tenant: TenantId,
    /// The app that caused it.
    pub app: AppId,
    /// `sms` or `email`.
    pub kind: String,
    /// Whom it is for, by id.
    pub user: String,
    /// Telephone number or mail address.
    pub recipient: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_ms: Millis,
}

/// Puts a message into the outbox.
pub fn send(transaction: &mut Transaction, message: &Message) {
    transaction.run(
        "INSERT INTO outbox (id, tenant, app, kind, user_id, recipient, text, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            message.id,
            message.tenant.as_str(),
            message.app.as_str(),
            &message.kind,
            &message.user,
            &message.recipient,
            &message.text,
            message.created_ms
        ],
    );
}

/// Forgets messages written before `before_ms`, by their numbers.
pub(crate) fn forget(transaction: &mut Transaction, before_ms: Millis) {
    transaction.run("DELETE FROM outbox WHERE id < $1", params![first_number(before_ms)]);
}

/// At most `most` messages of a tenant before the number `before`, the latest first.
pub async fn outbox(
    db: &Db,
    tenant: &TenantId,
    before: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    let sql = "SELECT id, tenant, app, kind, user_id, recipient, text, created_ms FROM outbox \
               WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = db.query(sql, params![tenant.as_str(), before, most]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Message {
                id: row.int(0)?,
                tenant: TenantId(row.take_text(1)?),
                app: AppId(row.take_text(2)?),
                kind: row.take_text(3)?,
                user: row.take_text(4)?,
                recipient: row.take_text(5)?,
                text: row.take_text(6)?,
                created_ms: row.int(7)?,
            })
        })
        .collect()
}
