//! Departments as the contact book knows them: found by id or number, counted, walked down.

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;

use super::{Among, among, list};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A department with everything the book knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Department {
    /// The tenant.
    pub tenant: TenantId,
    /// Id within the tenant (`department_id`).
    pub id: String,
    /// A number no other department of the server has.
    pub number: i64,
    /// Name for people.
    pub name: String,
    /// Id of the department above; [`ROOT`](super::ROOT) for the first level.
    pub parent: String,
    /// Where it stands among its sisters.
    pub order: i64,
    /// Id of the user who leads it.
    pub leader: Option<UserId>,
    /// Id of its group.
    pub chat: Option<String>,
    /// JSON of what only the newer operations know; empty for nothing.
    pub more: String,
    /// When it came to be.
    pub created_ms: Millis,
}

macro_rules! columns {
    () => {
        "SELECT departments.tenant, departments.id, number, name, departments.parent, position, \
         leader, chat, more, created_ms FROM departments "
    };
}

fn read(row: &mut Row) -> Result<Department, Error> {
    Ok(Department {
        tenant: TenantId(row.take_text(0)?),
        id: row.take_text(1)?,
        number: row.int(2)?,
        name: row.take_text(3)?,
        parent: row.take_text(4)?,
        order: row.int(5)?,
        leader: row.take_opt_text(6)?.map(UserId),
        chat: row.take_opt_text(7)?,
        more: row.take_text(8)?,
        created_ms: row.int(9)?,
    })
}

fn read_all(rows: Vec<Row>) -> Result<Vec<Department>, Error> {
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Adds `department`; [`Error::Duplicate`] at the commit where id or number is taken, or a sister
/// has the name.
pub fn insert_department(transaction: &mut Transaction, department: &Department) {
    transaction.run(
        "INSERT INTO departments (tenant, id, number, name, parent, position, leader, chat, more, \
         created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            department.tenant.as_str(),
            &department.id,
            department.number,
            &department.name,
            &department.parent,
            department.order,
            department.leader.as_ref().map(UserId::as_str),
            department.chat.as_deref(),
            &department.more,
            department.created_ms
        ],
    );
}

/// Writes everything of `department` that may change; [`Error::Conflict`] `department` where there
/// is none of that tenant and id.
pub fn update_department(transaction: &mut Transaction, department: &Department) {
    transaction.require(
        "department",
        1,
        "UPDATE departments SET name = $3, parent = $4, position = $5, leader = $6, chat = $7, \
         more = $8 WHERE tenant = $1 AND id = $2",
        params![
            department.tenant.as_str(),
            &department.id,
            &department.name,
            &department.parent,
            department.order,
            department.leader.as_ref().map(UserId::as_str),
            department.chat.as_deref(),
            &department.more
        ],
    );
}

/// Adds the group of a department, named after it and owned by its leader.
pub fn insert_chat(
    transaction: &mut Transaction,
    chat: &str,
    department: &Department,
    now_ms: Millis,
) {
    transaction.run(
        "INSERT INTO chats (id, tenant, name, department, owner, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            chat,
            department.tenant.as_str(),
            &department.name,
            &department.id,
            department.leader.as_ref().map(UserId::as_str),
            now_ms
        ],
    );
}

const BY_ID: Among = among!(concat!(columns!(), "WHERE tenant = $1 AND lower(id)"), "");

/// Those of `tenant` with one of these ids, given [`fold`](super::fold)ed.
pub async fn departments_by_id(
    db: &Db,
    tenant: &TenantId,
    ids: &[String],
) -> Result<Vec<Department>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    read_all(db.query(BY_ID.text(db), params![tenant.as_str(), list(ids)?]).await?)
}

/// The one of `tenant` with this number.
pub async fn department_by_number(
    db: &Db,
    tenant: &TenantId,
    number: i64,
) -> Result<Option<Department>, Error> {
    let sql = concat!(columns!(), "WHERE number = $2 AND tenant = $1");
    Ok(read_all(db.query(sql, params![tenant.as_str(), number]).await?)?.pop())
}

/// A department directly below another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Id of the one above.
    pub parent: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands among its sisters.
    pub order: i64,
}

const CHILDREN: Among =
    among!("SELECT parent, id, name, position FROM departments WHERE tenant = $1 AND parent", "");

/// The statements over lists, and whether they look for numbers.
#[cfg(test)]
pub(super) const LISTS: &[(Among, bool)] = &[(BY_ID, false), (CHILDREN, false)];

/// What stands directly below these (exact ids).
pub async fn children(db: &Db, tenant: &TenantId, parents: &[&str]) -> Result<Vec<Child>, Error> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let params = params![tenant.as_str(), list(parents)?];
    let rows = db.query_large(CHILDREN.text(db), params).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Child {
                parent: row.take_text(0)?,
                id: row.take_text(1)?,
                name: row.take_text(2)?,
                order: row.int(3)?,
            })
        })
        .collect()
}

const PAGE: &str = concat!(
    columns!(),
    "WHERE tenant = $1 AND parent = $2 AND (position > $3 OR (position = $3 AND id > $4)) \
     ORDER BY position, id LIMIT $5"
);

/// At most `most` departments directly below `parent`, in their order, behind the place `after`
/// (order and id).
pub async fn children_page(
    db: &Db,
    tenant: &TenantId,
    parent: &str,
    after: (i64, &str),
    most: i64,
) -> Result<Vec<Department>, Error> {
    let params = params![tenant.as_str(), parent, after.0, after.1, most];
    read_all(db.query(PAGE, params).await?)
}

/// Everything below a department, itself not included.
macro_rules! below {
    ($rest:expr) => {
        concat!(
            "WITH RECURSIVE below(id, depth) AS ( \
                SELECT id, CAST(1 AS BIGINT) FROM departments WHERE tenant = $1 AND parent = $2 \
                UNION ALL \
                SELECT d.id, below.depth + 1 FROM departments d \
                JOIN below ON d.parent = below.id \
                WHERE d.tenant = $1 AND below.depth < 1000) ",
            $rest
        )
    };
}

const SUBTREE: &str = below!(concat!(
    columns!(),
    "JOIN below ON below.id = departments.id WHERE tenant = $1 AND departments.id > $3 \
     ORDER BY departments.id LIMIT $4"
));

/// At most `most` departments anywhere below `top`, by id, behind the id `after`.
pub async fn subtree_page(
    db: &Db,
    tenant: &TenantId,
    top: &str,
    after: &str,
    most: i64,
) -> Result<Vec<Department>, Error> {
    read_all(db.query_large(SUBTREE, params![tenant.as_str(), top, after, most]).await?)
}

/// How many levels there are below `top`; 0 for one without children.
pub async fn height(db: &Db, tenant: &TenantId, top: &str) -> Result<i64, Error> {
    let sql = below!("SELECT COALESCE(MAX(depth), 0) FROM below");
    let row = db.query_one(sql, params![tenant.as_str(), top]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many departments there are below `top`, counted up to `most`.
pub async fn size_below(db: &Db, tenant: &TenantId, top: &str, most: i64) -> Result<i64, Error> {
    let sql = below!("SELECT COUNT(*) FROM (SELECT id FROM below LIMIT $3) AS counted");
    let row = db.query_one(sql, params![tenant.as_str(), top, most]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many people belong to a department or one below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub members: i64,
    /// Those whose first department it is.
    pub primary: i64,
}

const COUNTS: &str = below!(
    "SELECT COUNT(DISTINCT user_id), \
     COUNT(DISTINCT CASE WHEN position = 0 THEN user_id END) FROM user_departments \
     WHERE tenant = $1 AND (department = $2 OR department IN (SELECT id FROM below))"
);

/// The counts of one department other than the root.
pub async fn counts(db: &Db, tenant: &TenantId, department: &str) -> Result<Counts, Error> {
    let rows = db.query_large(COUNTS, params![tenant.as_str(), department]).await?;
    let row = rows.first().ok_or_else(|| Error::corrupt("a count without a row"))?;
    Ok(Counts { members: row.int(0)?, primary: row.int(1)? })
}
