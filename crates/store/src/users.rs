//! Users of a tenant. Their `open_id` and `union_id` are made from `number` by `platform`, which also
//! makes and compares the hashes of passwords.

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The tenant.
    pub tenant: TenantId,
    /// Id within the tenant.
    pub id: UserId,
    /// A number no other user of the server has; the ids that differ by app are made from it.
    pub number: i64,
    /// Name for people.
    pub name: String,
    /// What else is known about them.
    pub profile: Profile,
    /// Whether the user administers the tenant.
    pub admin: bool,
    /// Whether the user may call.
    pub enabled: bool,
    /// When the user came to be.
    pub created_ms: Millis,
}

/// What is known about a user beside the name. Empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Name in Latin letters.
    pub en_name: String,
    /// Address of their mail.
    pub email: String,
    /// Telephone number.
    pub mobile: String,
    /// Number the employer gave them.
    pub employee_no: String,
    /// Address of their picture.
    pub avatar_url: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, id, number, name, admin, enabled, created_ms, en_name, email, mobile, \
             employee_no, avatar_url FROM users ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<User, Error> {
    Ok(User {
        tenant: row.text(0)?.into(),
        id: row.text(1)?.into(),
        number: row.int(2)?,
        name: row.text(3)?.to_owned(),
        admin: row.flag(4)?,
        enabled: row.flag(5)?,
        created_ms: row.int(6)?,
        profile: Profile {
            en_name: row.text(7)?.to_owned(),
            email: row.text(8)?.to_owned(),
            mobile: row.text(9)?.to_owned(),
            employee_no: row.text(10)?.to_owned(),
            avatar_url: row.text(11)?.to_owned(),
        },
    })
}

/// Adds `user`; [`Error::Duplicate`] at the commit where the id or the number is taken.
pub fn insert(transaction: &mut Transaction, user: &User) {
    let User { tenant, id, number, name, profile, admin, enabled, created_ms } = user;
    transaction.run(
        "INSERT INTO users (tenant, id, number, name, admin, enabled, created_ms, en_name, email, \
         mobile, employee_no, avatar_url) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            tenant.as_str(),
            id.as_str(),
            *number,
            name.as_str(),
            *admin,
            *enabled,
            *created_ms,
            profile.en_name.as_str(),
            profile.email.as_str(),
            profile.mobile.as_str(),
            profile.employee_no.as_str(),
            profile.avatar_url.as_str()
        ],
    );
}

/// Writes everything of `user` that may change (not the number, nor when they came to be);
/// [`Error::Conflict`] `user` where there is none of that tenant and id.
pub fn update(transaction: &mut Transaction, user: &User) {
    let User { tenant, id, name, profile, admin, enabled, .. } = user;
    transaction.require(
        "user",
        1,
        "UPDATE users SET name = $3, admin = $4, enabled = $5, en_name = $6, email = $7, \
         mobile = $8, employee_no = $9, avatar_url = $10 WHERE tenant = $1 AND id = $2",
        params![
            tenant.as_str(),
            id.as_str(),
            name.as_str(),
            *admin,
            *enabled,
            profile.en_name.as_str(),
            profile.email.as_str(),
            profile.mobile.as_str(),
            profile.employee_no.as_str(),
            profile.avatar_url.as_str()
        ],
    );
}

/// Sets the hash of the user's password, or takes it away; [`Error::Conflict`] `user` where there is
/// no such user.
pub fn set_password_hash(
    transaction: &mut Transaction,
    tenant: &TenantId,
    id: &UserId,
    hash: Option<&str>,
) {
    transaction.require(
        "user",
        1,
        "UPDATE users SET password_hash = $3 WHERE tenant = $1 AND id = $2",
        params![tenant.as_str(), id.as_str(), hash],
    );
}

/// The hash of the user's password; `None` without a user or a password.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn password_hash(
    db: &Db,
    tenant: &TenantId,
    id: &UserId,
) -> Result<Option<String>, Error> {
    let sql = "SELECT password_hash FROM users WHERE tenant = $1 AND id = $2";
    let mut rows = db.query(sql, params![tenant.as_str(), id.as_str()]).await?;
    rows.first_mut().map_or(Ok(None), |row| row.take_opt_text(0))
}

/// The user `id` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, tenant: &TenantId, id: &UserId) -> Result<Option<User>, Error> {
    let sql = select!("WHERE tenant = $1 AND id = $2");
    db.query(sql, params![tenant.as_str(), id.as_str()]).await?.first().map(read).transpose()
}

/// The user of `tenant` with this mail address, in whatever case; the first by id where several have
/// it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_email(db: &Db, tenant: &TenantId, email: &str) -> Result<Option<User>, Error> {
    let sql = select!(
        "WHERE tenant = $1 AND email <> '' AND LOWER(email) = LOWER($2) ORDER BY id LIMIT 1"
    );
    db.query(sql, params![tenant.as_str(), email]).await?.first().map(read).transpose()
}

/// The user with this number, in whatever tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_number(db: &Db, number: i64) -> Result<Option<User>, Error> {
    db.query(select!("WHERE number = $1"), params![number]).await?.first().map(read).transpose()
}

/// At most `limit` users of `tenant` behind the id `after`, by id; from the first where it is empty.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(db: &Db, tenant: &TenantId, after: &str, limit: i64) -> Result<Vec<User>, Error> {
    let sql = select!("WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3");
    db.query(sql, params![tenant.as_str(), after, limit]).await?.iter().map(read).collect()
}
