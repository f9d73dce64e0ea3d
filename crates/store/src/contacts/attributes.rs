//! Custom attributes that a tenant has set up for its users.

use larkspur_model::id::TenantId;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Text.
    Text,
    /// A link with a text.
    Link,
}

impl AttributeKind {
    /// The number stored in the database. Never renumber.
    const fn number(self) -> i64 {
        match self {
            Self::Text => 0,
            Self::Link => 1,
        }
    }
}

/// A custom attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its id within the tenant.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it holds.
    pub kind: AttributeKind,
    /// Whether it is in use.
    pub enabled: bool,
}

/// The attributes of a tenant, by id.
pub async fn attributes(db: &Db, tenant: &TenantId) -> Result<Vec<Attribute>, Error> {
    let sql = "SELECT id, name, kind, enabled FROM contact_attributes WHERE tenant = $1 \
               ORDER BY id";
    let rows = db.query(sql, params![tenant.as_str()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Attribute {
                id: row.take_text(0)?,
                name: row.take_text(1)?,
                kind: match row.int(2)? {
                    0 => AttributeKind::Text,
                    1 => AttributeKind::Link,
                    other => return Err(Error::corrupt(format!("attribute kind {other}"))),
                },
                enabled: row.flag(3)?,
            })
        })
        .collect()
}

/// Gives a tenant exactly these attributes; [`Error::Duplicate`] at the commit where two have one
/// id.
pub fn set_attributes(transaction: &mut Transaction, tenant: &TenantId, attributes: &[Attribute]) {
    transaction.run("DELETE FROM contact_attributes WHERE tenant = $1", params![tenant.as_str()]);
    for attribute in attributes {
        transaction.run(
            "INSERT INTO contact_attributes (tenant, id, name, kind, enabled) \
             VALUES ($1, $2, $3, $4, $5)",
            params![
                tenant.as_str(),
                &attribute.id,
                &attribute.name,
                attribute.kind.number(),
                attribute.enabled
            ],
        );
    }
}
