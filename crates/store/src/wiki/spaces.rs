//! Spaces: what they are called, what their settings say, how much they hold.

use larkspur_model::id::{ObjectToken, SpaceId, TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::members::{self, Member, Perm, names};
use crate::params;
use crate::sql::{Row, Transaction};

/// Whose a space is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceKind {
    /// Many people's.
    Team,
    /// One person's, of the kind that is made no more.
    Person,
    /// One person's library.
    Library,
}

impl SpaceKind {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Team => 0,
            Self::Person => 1,
            Self::Library => 2,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        Ok(match number {
            0 => Self::Team,
            1 => Self::Person,
            2 => Self::Library,
            _ => return Err(Error::corrupt("wiki_spaces.kind")),
        })
    }

    /// Whether it is one person's, who stays its only administrator.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Person | Self::Library)
    }
}

/// What the administrators of a space have settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceSettings {
    /// Members may make pages of the first level, not administrators alone.
    pub members_create: bool,
    /// Who may only read may copy, print and export nevertheless.
    pub readers_copy: bool,
    /// Who may only read may comment.
    pub readers_comment: bool,
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// 19 digits.
    pub id: SpaceId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose it is.
    pub kind: SpaceKind,
    /// Name for people.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Who made it: `user:…`.
    pub owner: String,
    /// Whether every user of the tenant is a member.
    pub public: bool,
    /// Whether it is published: open to read for everybody.
    pub open_sharing: bool,
    /// What its administrators have settled.
    pub settings: SpaceSettings,
    /// Nodes it holds.
    pub node_count: i64,
    /// Those of the first level.
    pub child_count: i64,
    /// When it was made.
    pub created_ms: Millis,
}

macro_rules! columns {
    () => {
        "s.id, s.tenant, s.kind, s.name, s.description, s.owner, s.public, s.open_sharing, \
         s.members_create, s.readers_copy, s.readers_comment, s.node_count, s.child_count, \
         s.created_ms"
    };
}

fn read(row: &Row) -> Result<Space, Error> {
    Ok(Space {
        id: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        kind: SpaceKind::from_number(row.int(2)?)?,
        name: row.text(3)?.to_owned(),
        description: row.text(4)?.to_owned(),
        owner: row.text(5)?.to_owned(),
        public: row.flag(6)?,
        open_sharing: row.flag(7)?,
        settings: SpaceSettings {
            members_create: row.flag(8)?,
            readers_copy: row.flag(9)?,
            readers_comment: row.flag(10)?,
        },
        node_count: row.int(11)?,
        child_count: row.int(12)?,
        created_ms: row.int(13)?,
    })
}

/// Adds `space`. The commit fails with [`Error::Duplicate`] for a second library of one user.
pub fn insert_space(transaction: &mut Transaction, space: &Space) {
    transaction.run(
        "INSERT INTO wiki_spaces (id, tenant, kind, name, description, owner, public, \
         open_sharing, members_create, readers_copy, readers_comment, node_count, child_count, \
         created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            space.id.as_str(),
            space.tenant.as_str(),
            space.kind.number(),
            space.name.as_str(),
            space.description.as_str(),
            space.owner.as_str(),
            space.public,
            space.open_sharing,
            space.settings.members_create,
            space.settings.readers_copy,
            space.settings.readers_comment,
            space.node_count,
            space.child_count,
            space.created_ms
        ],
    );
}

/// The space `id` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn space(db: &Db, tenant: &TenantId, id: &SpaceId) -> Result<Option<Space>, Error> {
    let sql =
        concat!("SELECT ", columns!(), " FROM wiki_spaces s WHERE s.id = $1 AND s.tenant = $2");
    db.query_one(sql, params![id.as_str(), tenant.as_str()]).await?.as_ref().map(read).transpose()
}

/// The library of `owner` (`user:…`).
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn library(db: &Db, tenant: &TenantId, owner: &str) -> Result<Option<Space>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM wiki_spaces s WHERE s.tenant = $1 AND s.owner = $2 AND s.kind = 2"
    );
    db.query_one(sql, params![tenant.as_str(), owner]).await?.as_ref().map(read).transpose()
}

/// The space that the document `object`, or the one its media hang on, lies in.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn space_of(
    db: &Db,
    tenant: &TenantId,
    object: &ObjectToken,
) -> Result<Option<Space>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM objects o JOIN wiki_nodes n ON n.object = COALESCE(o.route, o.token) \
         AND n.origin IS NULL JOIN wiki_spaces s ON s.id = n.space \
         WHERE o.token = $1 AND o.tenant = $2"
    );
    let row = db.query_one(sql, params![object.as_str(), tenant.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

/// Up to `limit` spaces that `identity` (`user:…` or `app:cli_…`; `user` where it is one) is a
/// member of, or all for an administrator of the tenant (`all`); libraries are in no list. By id,
/// those behind `after`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn spaces_visible_to(
    db: &Db,
    tenant: &TenantId,
    identity: &str,
    user: Option<&UserId>,
    all: bool,
    after: &str,
    limit: i64,
) -> Result<Vec<Space>, Error> {
    let sql = concat!(
        names!("WITH RECURSIVE "),
        " SELECT ",
        columns!(),
        " FROM wiki_spaces s WHERE s.tenant = $2 AND s.id > $1 AND s.kind <> 2 \
         AND (CAST($5 AS BIGINT) = 1 \
         OR (s.public = 1 AND $4 <> '') OR EXISTS (SELECT 1 FROM members m \
         WHERE m.object = s.id AND m.identity IN (SELECT name FROM names))) \
         ORDER BY s.id LIMIT $6"
    );
    let user = user.map_or("", UserId::as_str);
    let params = params![after, tenant.as_str(), identity, user, all, limit];
    db.query(sql, params).await?.iter().map(read).collect()
}

/// Takes from `member` of the space `id` that they are one. [`Error::Conflict`] `member` where they
/// are none of that kind any more, `last` where they are its last administrator.
pub fn remove_member(transaction: &mut Transaction, id: &SpaceId, member: &Member) {
    // Two who take each other's last administrator wait for one another here.
    transaction.require(
        "space",
        1,
        "UPDATE wiki_spaces SET node_count = node_count WHERE id = $1",
        params![id.as_str()],
    );
    transaction.require(
        "last",
        1,
        "UPDATE wiki_spaces SET node_count = node_count WHERE id = $1 AND (CAST($3 AS BIGINT) <> CAST($4 AS BIGINT) OR EXISTS \
         (SELECT 1 FROM members m WHERE m.object = $1 AND m.perm = $4 AND m.identity <> $2))",
        params![
            id.as_str(),
            member.identity.as_str(),
            member.perm.number(),
            Perm::FullAccess.number()
        ],
    );
    members::remove(transaction, member);
}

/// Gives a space other settings; [`Error::Conflict`] `space` where it is gone.
pub fn set_settings(transaction: &mut Transaction, id: &SpaceId, settings: SpaceSettings) {
    transaction.require(
        "space",
        1,
        "UPDATE wiki_spaces SET members_create = $2, readers_copy = $3, readers_comment = $4 \
         WHERE id = $1",
        params![
            id.as_str(),
            settings.members_create,
            settings.readers_copy,
            settings.readers_comment
        ],
    );
}

/// Opens a team's space to every user of its tenant, or closes it; [`Error::Conflict`] `space`
/// where there is none.
pub fn set_public(transaction: &mut Transaction, id: &SpaceId, public: bool) {
    transaction.require(
        "space",
        1,
        "UPDATE wiki_spaces SET public = $2 WHERE id = $1 AND kind = 0",
        params![id.as_str(), public],
    );
}
