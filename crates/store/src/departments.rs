//! Departments of a tenant and who belongs to them. The root has the id `0` and no row; a user in no
//! department belongs to it. `open_department_id` is made from `number` by `platform`.

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// The id of the root department.
pub const ROOT: &str = "0";

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// The tenant.
    pub tenant: TenantId,
    /// Id within the tenant (`department_id`).
    pub id: String,
    /// A number no other department of the server has.
    pub number: i64,
    /// Name for people.
    pub name: String,
    /// Id of the department above; [`ROOT`] for the first level.
    pub parent: String,
    /// Where it stands among its sisters.
    pub order: i64,
    /// When it came to be.
    pub created_ms: Millis,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, id, number, name, parent, position, created_ms FROM departments ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<Department, Error> {
    Ok(Department {
        tenant: row.text(0)?.into(),
        id: row.text(1)?.to_owned(),
        number: row.int(2)?,
        name: row.text(3)?.to_owned(),
        parent: row.text(4)?.to_owned(),
        order: row.int(5)?,
        created_ms: row.int(6)?,
    })
}

/// Adds `department`; [`Error::Duplicate`] at the commit where the id or the number is taken.
pub fn insert(transaction: &mut Transaction, department: &Department) {
    let Department { tenant, id, number, name, parent, order, created_ms } = department;
    transaction.run(
        "INSERT INTO departments (tenant, id, number, name, parent, position, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            tenant.as_str(),
            id.as_str(),
            *number,
            name.as_str(),
            parent.as_str(),
            *order,
            *created_ms
        ],
    );
}

/// Writes name, parent and order of `department`; [`Error::Conflict`] `department` where there is
/// none of that tenant and id.
pub fn update(transaction: &mut Transaction, department: &Department) {
    let Department { tenant, id, name, parent, order, .. } = department;
    transaction.require(
        "department",
        1,
        "UPDATE departments SET name = $3, parent = $4, position = $5 \
         WHERE tenant = $1 AND id = $2",
        params![tenant.as_str(), id.as_str(), name.as_str(), parent.as_str(), *order],
    );
}

/// Puts the user into exactly these departments, in this order.
pub fn set_of_user(
    transaction: &mut Transaction,
    tenant: &TenantId,
    user: &UserId,
    departments: &[String],
) {
    transaction.run(
        "DELETE FROM user_departments WHERE tenant = $1 AND user_id = $2",
        params![tenant.as_str(), user.as_str()],
    );
    for (position, department) in departments.iter().enumerate() {
        transaction.run(
            "INSERT INTO user_departments (tenant, user_id, department, position) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            params![tenant.as_str(), user.as_str(), department.as_str(), position as i64],
        );
    }
}

/// The department `id` of `tenant`; none for [`ROOT`].
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, tenant: &TenantId, id: &str) -> Result<Option<Department>, Error> {
    let sql = select!("WHERE tenant = $1 AND id = $2");
    db.query(sql, params![tenant.as_str(), id]).await?.first().map(read).transpose()
}

/// The department with this number, in whatever tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_number(db: &Db, number: i64) -> Result<Option<Department>, Error> {
    db.query(select!("WHERE number = $1"), params![number]).await?.first().map(read).transpose()
}

/// At most `limit` departments of `tenant` behind the id `after`, by id; from the first where it is
/// empty.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(
    db: &Db,
    tenant: &TenantId,
    after: &str,
    limit: i64,
) -> Result<Vec<Department>, Error> {
    let sql = select!("WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3");
    db.query(sql, params![tenant.as_str(), after, limit]).await?.iter().map(read).collect()
}

/// The departments directly below `parent`, in their order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn children(db: &Db, tenant: &TenantId, parent: &str) -> Result<Vec<Department>, Error> {
    let sql = select!("WHERE tenant = $1 AND parent = $2 ORDER BY position, id");
    db.query(sql, params![tenant.as_str(), parent]).await?.iter().map(read).collect()
}

/// The ids of the departments of a user, in their order; empty for a user of the root alone.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_user(db: &Db, tenant: &TenantId, user: &UserId) -> Result<Vec<String>, Error> {
    let sql = "SELECT department FROM user_departments WHERE tenant = $1 AND user_id = $2 \
               ORDER BY position, department";
    let rows = db.query(sql, params![tenant.as_str(), user.as_str()]).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}
