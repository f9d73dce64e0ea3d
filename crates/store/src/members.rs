//! Collaborators: who else may do what with a thing, and the grants found on the way from a thing
//! up to its root. What a grant is worth is `platform`'s.

use larkspur_model::id::{ObjectToken, SpaceId, TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::objects::ObjectKind;
use crate::params;
use crate::sql::{Row, Transaction};

/// What a collaborator may do; each includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Perm {
    /// Read.
    View,
    /// Change.
    Edit,
    /// Move, delete, share.
    FullAccess,
}

impl Perm {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::View => 1,
            Self::Edit => 2,
            Self::FullAccess => 3,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        Ok(match number {
            1 => Self::View,
            2 => Self::Edit,
            3 => Self::FullAccess,
            _ => return Err(Error::corrupt("members.perm")),
        })
    }
}

/// How far down it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The thing and what is below it.
    Container,
    /// The thing alone: a page of a wiki without the pages below it.
    SinglePage,
}

impl Reach {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Container => 0,
            Self::SinglePage => 1,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        match number {
            0 => Ok(Self::Container),
            1 => Ok(Self::SinglePage),
            _ => Err(Error::corrupt("members.reach")),
        }
    }
}

/// A collaborator of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The thing.
    pub object: ObjectToken,
    /// The tenant of both.
    pub tenant: TenantId,
    /// `user:…`, `app:cli_…`, `department:…`, `chat:oc_…`, `group:…`.
    pub identity: String,
    /// What they may do.
    pub perm: Perm,
    /// How far down.
    pub reach: Reach,
    /// Who said so: `user:…` or `app:cli_…`.
    pub added_by: String,
    /// When.
    pub added_ms: Millis,
}

/// Makes `member` one, or gives them more than they have. [`Error::Conflict`] `perm` where they
/// have more already.
pub fn put(transaction: &mut Transaction, member: &Member) {
    transaction.require(
        "perm",
        1,
        "INSERT INTO members (object, identity, reach, tenant, perm, added_by, added_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (object, identity, reach) DO UPDATE SET \
         perm = excluded.perm, added_by = excluded.added_by, added_ms = excluded.added_ms \
         WHERE members.perm <= excluded.perm",
        params![
            member.object.as_str(),
            member.identity.as_str(),
            member.reach.number(),
            member.tenant.as_str(),
            member.perm.number(),
            member.added_by.as_str(),
            member.added_ms
        ],
    );
}

/// Makes `member` one, with just what it says, whatever they had before.
pub fn set(transaction: &mut Transaction, member: &Member) {
    transaction.run(
        "DELETE FROM members WHERE object = $1 AND identity = $2 AND reach = $3",
        params![member.object.as_str(), member.identity.as_str(), member.reach.number()],
    );
    put(transaction, member);
}

macro_rules! columns {
    () => {
        "object, tenant, identity, perm, reach, added_by, added_ms"
    };
}

fn read(row: &Row) -> Result<Member, Error> {
    Ok(Member {
        object: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        identity: row.text(2)?.to_owned(),
        perm: Perm::from_number(row.int(3)?)?,
        reach: Reach::from_number(row.int(4)?)?,
        added_by: row.text(5)?.to_owned(),
        added_ms: row.int(6)?,
    })
}

/// The collaborators of `object` itself, those of the folders above it not among them, in the order
/// in which they came.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of(db: &Db, tenant: &TenantId, object: &ObjectToken) -> Result<Vec<Member>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM members WHERE object = $1 AND tenant = $2 ORDER BY added_ms, identity, reach"
    );
    let rows = db.query(sql, params![object.as_str(), tenant.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// Something that opens a thing to somebody, on the thing itself or on what it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// How many steps above the thing it stands: 0 on the thing.
    pub step: i64,
    /// What it stands on; `None` for a space of a wiki.
    pub kind: Option<ObjectKind>,
    /// Whom it names: the caller, one of their departments, a chat they are in. Empty for what a
    /// space opens to all.
    pub identity: String,
    /// What it allows.
    pub perm: Perm,
    /// How far down it goes.
    pub reach: Reach,
    /// Whether it is no collaborator's but the owner's.
    pub owner: bool,
}

/// Everything that names somebody, as `names (name)`: themselves, chats they are in, departments
/// they belong to. `$2` is the tenant, `$3` who it is, `$4` the user's id or empty.
macro_rules! names {
    ($before:literal) => {
        concat!(
            $before,
            "department (id, step) AS (\
             SELECT department, CAST(0 AS BIGINT) FROM user_departments \
             WHERE tenant = $2 AND user_id = $4 \
             UNION ALL SELECT d.parent, b.step + 1 FROM departments d \
             JOIN department b ON d.id = b.id WHERE d.tenant = $2 AND b.step < 64), \
             names (name) AS (SELECT CAST($3 AS TEXT) \
             UNION SELECT gathering FROM gatherings WHERE tenant = $2 AND identity = $3 \
             UNION SELECT 'department:' || id FROM department \
             UNION SELECT 'department:0' FROM users WHERE tenant = $2 AND id = $4)"
        )
    };
}
pub(crate) use names;

/// The statement behind [`grants`], with something before it. 64 steps: a longer chain is damaged. A
/// grant on a page alone is one on the page's media too.
///
/// SQLite keeps to the order of a `CROSS JOIN`: left to choose, it walks over all members and all
/// objects and looks each up in the chain.
macro_rules! grants {
    ($before:literal) => {
        concat!(
            $before,
            "WITH RECURSIVE chain (link, next, step) AS (\
             SELECT o.token, COALESCE(o.parent, o.route, p.object, n.space), CAST(0 AS BIGINT) \
             FROM objects o LEFT JOIN wiki_nodes n ON n.object = o.token AND n.origin IS NULL \
             LEFT JOIN wiki_nodes p ON p.token = n.parent WHERE o.token = $1 AND o.tenant = $2 \
             UNION ALL \
             SELECT o.token, COALESCE(o.parent, o.route, p.object, n.space), c.step + 1 \
             FROM chain c JOIN objects o ON o.token = c.next \
             LEFT JOIN wiki_nodes n ON n.object = o.token AND n.origin IS NULL \
             LEFT JOIN wiki_nodes p ON p.token = n.parent WHERE c.step < 64 AND o.tenant = $2), ",
            names!(""),
            " SELECT c.step, o.kind, m.identity, m.perm, m.reach, CAST(0 AS BIGINT) \
             FROM chain c CROSS JOIN objects o CROSS JOIN members m \
             WHERE o.token = c.link AND m.object = c.link \
             AND m.tenant = $2 AND (m.reach = 0 OR c.step = \
             (SELECT CASE WHEN kind = 2 THEN 1 ELSE 0 END FROM objects WHERE token = $1)) \
             AND m.identity IN (SELECT name FROM names) \
             UNION ALL SELECT c.step, o.kind, o.owner, 3, 0, 1 FROM chain c CROSS JOIN objects o \
             WHERE o.token = c.link AND o.owner = $3 \
             UNION ALL SELECT c.step + 1, -1, m.identity, m.perm, m.reach, 0 \
             FROM chain c CROSS JOIN wiki_spaces s CROSS JOIN members m \
             WHERE s.id = c.next AND m.object = s.id AND s.tenant = $2 \
             AND m.identity IN (SELECT name FROM names) \
             UNION ALL SELECT c.step + 1, -1, '', 1, 0, 0 FROM chain c CROSS JOIN wiki_spaces s \
             WHERE s.id = c.next AND s.tenant = $2 \
             AND (s.open_sharing = 1 OR (s.public = 1 AND $4 <> ''))"
        )
    };
}

/// What opens `object` to `identity` (`user:…` or `app:cli_…`; `user` where it is one): on the way
/// from the thing to its root (folders above a document, a document above its media, pages and the
/// space above a page of a wiki) whatever is owned by them or names them, a department they belong
/// to or a chat they are in; and what a space opens to all.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn grants(
    db: &Db,
    tenant: &TenantId,
    object: &ObjectToken,
    identity: &str,
    user: Option<&UserId>,
) -> Result<Vec<Grant>, Error> {
    let user = user.map_or("", UserId::as_str);
    let params = params![object.as_str(), tenant.as_str(), identity, user];
    let rows = db.query(grants!(""), params).await?;
    let read = |row: &Row| {
        let kind = row.int(1)?;
        Ok(Grant {
            step: row.int(0)?,
            kind: if kind < 0 { None } else { Some(ObjectKind::from_number(kind)?) },
            identity: row.text(2)?.to_owned(),
            perm: Perm::from_number(row.int(3)?)?,
            reach: Reach::from_number(row.int(4)?)?,
            owner: row.flag(5)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The most that members of the space `space` may do among whom `identity` is: full access for an
/// administrator, view for a member, `None` for somebody who is no member.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_space(
    db: &Db,
    tenant: &TenantId,
    space: &SpaceId,
    identity: &str,
    user: Option<&UserId>,
) -> Result<Option<Perm>, Error> {
    let sql = concat!(
        names!("WITH RECURSIVE "),
        " SELECT MAX(perm) FROM members WHERE object = $1 AND tenant = $2 \
         AND identity IN (SELECT name FROM names)"
    );
    let user = user.map_or("", UserId::as_str);
    let row = db.query_one(sql, params![space.as_str(), tenant.as_str(), identity, user]).await?;
    match row {
        Some(row) => row.opt_int(0)?.map(Perm::from_number).transpose(),
        None => Ok(None),
    }
}

/// Up to `limit` collaborators of `object` by identity, those behind `after`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    db: &Db,
    tenant: &TenantId,
    object: &ObjectToken,
    after: &str,
    limit: i64,
) -> Result<Vec<Member>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM members WHERE object = $1 AND tenant = $2 AND identity > $3 \
         ORDER BY identity, reach LIMIT $4"
    );
    let params = params![object.as_str(), tenant.as_str(), after, limit];
    db.query(sql, params).await?.iter().map(read).collect()
}

/// The collaborator `identity` of `object`, for it and what is below it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(
    db: &Db,
    tenant: &TenantId,
    object: &ObjectToken,
    identity: &str,
) -> Result<Option<Member>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM members WHERE object = $1 AND tenant = $2 AND identity = $3 AND reach = 0"
    );
    let row = db.query_one(sql, params![object.as_str(), tenant.as_str(), identity]).await?;
    row.as_ref().map(read).transpose()
}

/// How many collaborators `object` has.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(db: &Db, tenant: &TenantId, object: &ObjectToken) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM members WHERE object = $1 AND tenant = $2";
    let row = db.query_one(sql, params![object.as_str(), tenant.as_str()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Takes from `member` what they may do; [`Error::Conflict`] `member` where they may do just that
/// no more.
pub fn remove(transaction: &mut Transaction, member: &Member) {
    transaction.require(
        "member",
        1,
        "DELETE FROM members WHERE object = $1 AND identity = $2 AND reach = $3 AND perm = $4",
        params![
            member.object.as_str(),
            member.identity.as_str(),
            member.reach.number(),
            member.perm.number()
        ],
    );
}

/// Says who is in the chat or group `gathering`, in place of who was.
pub fn set_gathering(
    transaction: &mut Transaction,
    tenant: &TenantId,
    gathering: &str,
    identities: &[String],
) {
    transaction.run(
        "DELETE FROM gatherings WHERE tenant = $1 AND gathering = $2",
        params![tenant.as_str(), gathering],
    );
    for identity in identities {
        transaction.run(
            "INSERT INTO gatherings (tenant, gathering, identity) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
            params![tenant.as_str(), gathering, identity.as_str()],
        );
    }
}

/// Who is in the chat or group `gathering`; empty for one that is not.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn gathering(db: &Db, tenant: &TenantId, gathering: &str) -> Result<Vec<String>, Error> {
    let sql = "SELECT identity FROM gatherings WHERE tenant = $1 AND gathering = $2 \
               ORDER BY identity";
    let rows = db.query(sql, params![tenant.as_str(), gathering]).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn grants_are_found_from_the_chain_upwards() {
        let db = Db::open_temporary().await.unwrap();
        let params = params!["token", "tenant", "user:a", "a"];
        let rows = db.query(grants!("EXPLAIN QUERY PLAN "), params).await.unwrap();
        let plan: Vec<_> = rows.iter().map(|row| row.text(3).unwrap().to_owned()).collect();
        for table in ["SCAN o", "SCAN m", "SCAN n", "SCAN s"] {
            let walked = |step: &String| step == table || step.starts_with(&format!("{table} "));
            assert!(!plan.iter().any(walked), "{table}: {plan:?}");
        }
    }
}
