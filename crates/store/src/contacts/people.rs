//! Users as the contact book knows them, found by ids and addresses, many at a time.

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;

use super::{Among, among, among_numbers, list};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A user with everything the book knows; texts are empty where nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The tenant.
    pub tenant: TenantId,
    /// Id within the tenant (`user_id`).
    pub id: UserId,
    /// A number no other user of the server has.
    pub number: i64,
    /// Name for people.
    pub name: String,
    /// Name in Latin letters.
    pub en_name: String,
    /// What they are called.
    pub nickname: String,
    /// Address of their mail.
    pub email: String,
    /// Telephone number, E.164.
    pub mobile: String,
    /// Whether others see the number.
    pub mobile_visible: bool,
    /// `gender` of the contract.
    pub gender: i64,
    /// `employee_type` of the contract.
    pub employee_type: i64,
    /// Number the employer gave them.
    pub employee_no: String,
    /// When they joined, seconds since the epoch.
    pub join_time: Option<i64>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// City.
    pub city: String,
    /// Where they sit.
    pub work_station: String,
    /// What they do.
    pub job_title: String,
    /// Address of their picture.
    pub avatar_url: String,
    /// Id of the user who leads them.
    pub leader: Option<UserId>,
    /// Ids of their dotted-line leaders.
    pub dotted_leaders: Vec<String>,
    /// JSON of their custom attributes.
    pub custom_attrs: String,
    /// Whether they administer the tenant.
    pub admin: bool,
    /// Whether they may call.
    pub enabled: bool,
    /// When they came to be.
    pub created_ms: Millis,
}

/// A user's place in one department; the first is the primary one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Id of the department.
    pub department: String,
    /// The user's order among the members.
    pub user_order: i64,
    /// The department's order among those of the user.
    pub department_order: i64,
}

/// Whose place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Id of the user.
    pub user: String,
    /// The place.
    pub place: Place,
}

macro_rules! columns {
    () => {
        "SELECT users.tenant, users.id, number, name, en_name, nickname, email, mobile, \
         mobile_visible, gender, employee_type, employee_no, join_time, country, city, \
         work_station, job_title, avatar_url, leader, dotted_leaders, custom_attrs, admin, \
         enabled, created_ms FROM users "
    };
}

fn read(row: &mut Row) -> Result<Person, Error> {
    Ok(Person {
        tenant: TenantId(row.take_text(0)?),
        id: UserId(row.take_text(1)?),
        number: row.int(2)?,
        name: row.take_text(3)?,
        en_name: row.take_text(4)?,
        nickname: row.take_text(5)?,
        email: row.take_text(6)?,
        mobile: row.take_text(7)?,
        mobile_visible: row.flag(8)?,
        gender: row.int(9)?,
        employee_type: row.int(10)?,
        employee_no: row.take_text(11)?,
        join_time: row.opt_int(12)?,
        country: row.take_text(13)?,
        city: row.take_text(14)?,
        work_station: row.take_text(15)?,
        job_title: row.take_text(16)?,
        avatar_url: row.take_text(17)?,
        leader: row.take_opt_text(18)?.map(UserId),
        dotted_leaders: row.text(19)?.lines().map(str::to_owned).collect(),
        custom_attrs: row.take_text(20)?,
        admin: row.flag(21)?,
        enabled: row.flag(22)?,
        created_ms: row.int(23)?,
    })
}

fn read_all(rows: Vec<Row>) -> Result<Vec<Person>, Error> {
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Adds `person`; [`Error::Duplicate`] at the commit where id, number, mobile, address or employee
/// number is taken.
pub fn insert_person(transaction: &mut Transaction, person: &Person) {
    transaction.run(
        "INSERT INTO users (tenant, id, number, name, en_name, nickname, email, mobile, \
         mobile_visible, gender, employee_type, employee_no, join_time, country, city, \
         work_station, job_title, avatar_url, leader, dotted_leaders, custom_attrs, admin, \
         enabled, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
         $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
        params![
            person.tenant.as_str(),
            person.id.as_str(),
            person.number,
            &person.name,
            &person.en_name,
            &person.nickname,
            &person.email,
            &person.mobile,
            person.mobile_visible,
            person.gender,
            person.employee_type,
            &person.employee_no,
            person.join_time,
            &person.country,
            &person.city,
            &person.work_station,
            &person.job_title,
            &person.avatar_url,
            person.leader.as_ref().map(UserId::as_str),
            person.dotted_leaders.join("\n"),
            &person.custom_attrs,
            person.admin,
            person.enabled,
            person.created_ms
        ],
    );
}

/// Writes what the book knows about `person`, not whether they may call;
/// [`Error::Conflict`] `person` where there is none of that tenant and id.
pub fn update_person(transaction: &mut Transaction, person: &Person) {
    transaction.require(
        "person",
        1,
        "UPDATE users SET name = $3, en_name = $4, nickname = $5, email = $6, mobile = $7, \
         mobile_visible = $8, gender = $9, employee_type = $10, employee_no = $11, \
         join_time = $12, country = $13, city = $14, work_station = $15, job_title = $16, \
         leader = $17, dotted_leaders = $18, custom_attrs = $19 WHERE tenant = $1 AND id = $2",
        params![
            person.tenant.as_str(),
            person.id.as_str(),
            &person.name,
            &person.en_name,
            &person.nickname,
            &person.email,
            &person.mobile,
            person.mobile_visible,
            person.gender,
            person.employee_type,
            &person.employee_no,
            person.join_time,
            &person.country,
            &person.city,
            &person.work_station,
            &person.job_title,
            person.leader.as_ref().map(UserId::as_str),
            person.dotted_leaders.join("\n"),
            &person.custom_attrs
        ],
    );
}

/// Puts a user into exactly these departments. `fresh`: they are in none yet.
pub fn place_person(transaction: &mut Transaction, person: &Person, places: &[Place], fresh: bool) {
    let (tenant, user) = (person.tenant.as_str(), person.id.as_str());
    if !fresh {
        transaction.run(
            "DELETE FROM user_departments WHERE tenant = $1 AND user_id = $2",
            params![tenant, user],
        );
    }
    for (position, place) in places.iter().enumerate() {
        transaction.run(
            "INSERT INTO user_departments (tenant, user_id, department, position, user_order, \
             department_order) VALUES ($1, $2, $3, $4, $5, $6)",
            params![
                tenant,
                user,
                &place.department,
                position as i64,
                place.user_order,
                place.department_order
            ],
        );
    }
}

const BY_ID: Among = among!(concat!(columns!(), "WHERE tenant = $1 AND lower(id)"), "");
const BY_MOBILE: Among =
    among!(concat!(columns!(), "WHERE tenant = $1 AND mobile <> '' AND mobile"), "");
const BY_EMAIL: Among =
    among!(concat!(columns!(), "WHERE tenant = $1 AND email <> '' AND lower(email)"), "");
const BY_EMPLOYEE_NO: Among =
    among!(concat!(columns!(), "WHERE tenant = $1 AND employee_no <> '' AND employee_no"), "");
const BY_NUMBER: Among = among_numbers!(concat!(columns!(), "WHERE number"));

async fn find(
    db: &Db,
    statement: Among,
    tenant: &TenantId,
    keys: &[impl serde::Serialize],
) -> Result<Vec<Person>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let params = params![tenant.as_str(), list(keys)?];
    let sql = statement.text(db);
    // A few are read where they are asked for, many on a thread of their own.
    let rows = if keys.len() > 64 {
        db.query_large(sql, params).await?
    } else {
        db.query(sql, params).await?
    };
    read_all(rows)
}

/// Those of `tenant` with one of these ids, given [`fold`](super::fold)ed.
pub async fn people_by_id(
    db: &Db,
    tenant: &TenantId,
    ids: &[String],
) -> Result<Vec<Person>, Error> {
    find(db, BY_ID, tenant, ids).await
}

/// Those of `tenant` with one of these numbers.
pub async fn people_by_number(
    db: &Db,
    tenant: &TenantId,
    numbers: &[i64],
) -> Result<Vec<Person>, Error> {
    find(db, BY_NUMBER, tenant, numbers).await
}

/// Those of `tenant` with one of these mobiles (E.164), mail addresses
/// ([`fold`](super::fold)ed) or employee numbers; somebody found twice stands there twice.
pub async fn people_by_address(
    db: &Db,
    tenant: &TenantId,
    mobiles: &[String],
    emails: &[String],
    employee_nos: &[String],
) -> Result<Vec<Person>, Error> {
    let mut found = find(db, BY_MOBILE, tenant, mobiles).await?;
    found.extend(find(db, BY_EMAIL, tenant, emails).await?);
    found.extend(find(db, BY_EMPLOYEE_NO, tenant, employee_nos).await?);
    Ok(found)
}

const MEMBERSHIPS: Among = among!(
    "SELECT user_id, department, user_order, department_order, position FROM user_departments \
     WHERE tenant = $1 AND user_id",
    " ORDER BY user_id, position, department"
);

/// The places of these users (exact ids), each user's in their order; nobody's who is in the root
/// alone and was never put there.
pub async fn memberships(
    db: &Db,
    tenant: &TenantId,
    users: &[&str],
) -> Result<Vec<Membership>, Error> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db.query(MEMBERSHIPS.text(db), params![tenant.as_str(), list(users)?]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Membership {
                user: row.take_text(0)?,
                place: Place {
                    department: row.take_text(1)?,
                    user_order: row.int(2)?,
                    department_order: row.int(3)?,
                },
            })
        })
        .collect()
}

/// The statements over lists, and whether they look for numbers.
#[cfg(test)]
pub(super) const LISTS: &[(Among, bool)] = &[
    (BY_ID, false),
    (BY_MOBILE, false),
    (BY_EMAIL, false),
    (BY_EMPLOYEE_NO, false),
    (BY_NUMBER, true),
    (MEMBERSHIPS, false),
];

const IN: &str = concat!(
    columns!(),
    "JOIN user_departments ON user_departments.tenant = users.tenant \
     AND user_departments.user_id = users.id \
     WHERE user_departments.tenant = $1 AND user_departments.department = $2 \
     AND user_departments.user_id > $3 ORDER BY user_departments.user_id LIMIT $4"
);

/// At most `most` direct members of `department` behind the user id `after`, by id.
pub async fn people_in(
    db: &Db,
    tenant: &TenantId,
    department: &str,
    after: &str,
    most: i64,
) -> Result<Vec<Person>, Error> {
    read_all(db.query(IN, params![tenant.as_str(), department, after, most]).await?)
}

const IN_ROOT: &str = concat!(
    columns!(),
    "WHERE tenant = $1 AND id > $2 AND NOT EXISTS (SELECT 1 FROM user_departments \
     WHERE user_departments.tenant = users.tenant AND user_departments.user_id = users.id \
     AND department <> '0') ORDER BY id LIMIT $3"
);

/// At most `most` users behind the id `after` who are in the root department alone, by id.
pub async fn people_in_root(
    db: &Db,
    tenant: &TenantId,
    after: &str,
    most: i64,
) -> Result<Vec<Person>, Error> {
    read_all(db.query_large(IN_ROOT, params![tenant.as_str(), after, most]).await?)
}
