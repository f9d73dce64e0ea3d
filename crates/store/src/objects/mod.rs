//! The drive: folders, files, online documents, and media that hang on them, each an [`Object`]
//! with a token. Content is in blobs and in the rooms of documents and spreadsheets; who may do
//! what with an object is `platform`'s.

mod list;
mod tree;

use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

pub use self::list::{Cursor, Direction, Order, list};
pub use self::tree::{delete_tree, height, move_to};

/// Things a folder may hold (contract, NOTES §4; 1062507).
pub const FOLDER_CHILDREN: i64 = 1_500;
/// Things a tenant's drive may hold (1062505).
pub const TENANT_NODES: i64 = 400_000;
/// Levels of folders below a root (1062506).
pub const FOLDER_LEVELS: usize = 15;
/// How many folders up from any object a root is looked for: a chain longer than this is damaged.
const LONGEST_CHAIN: i64 = 64;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A folder.
    Folder,
    /// An uploaded file.
    File,
    /// A picture, attachment or import source; in no folder.
    Media,
    /// An online document.
    Docx,
    /// An online spreadsheet.
    Sheet,
    /// A base.
    Bitable,
    /// What an export made; in no folder.
    Export,
}

impl ObjectKind {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Folder => 0,
            Self::File => 1,
            Self::Media => 2,
            Self::Docx => 3,
            Self::Sheet => 4,
            Self::Bitable => 5,
            Self::Export => 6,
        }
    }

    pub(crate) fn from_number(number: i64) -> Result<Self, Error> {
        Ok(match number {
            0 => Self::Folder,
            1 => Self::File,
            2 => Self::Media,
            3 => Self::Docx,
            4 => Self::Sheet,
            5 => Self::Bitable,
            6 => Self::Export,
            _ => return Err(Error::corrupt("objects.kind")),
        })
    }
}

/// A thing with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// 27 characters.
    pub token: ObjectToken,
    /// The tenant; nothing of one is seen from another.
    pub tenant: TenantId,
    /// What it is.
    pub kind: ObjectKind,
    /// Name, without the extension for online documents.
    pub name: String,
    /// The folder it is in; none for a root folder, media and exports.
    pub parent: Option<ObjectToken>,
    /// The document it hangs on, for media: who may read that may read this.
    pub route: Option<ObjectToken>,
    /// `app:cli_…` or `user:…`.
    pub owner: String,
    /// The app it was made through.
    pub creator_app: AppId,
    /// Bytes of its content; 0 for folders and online documents.
    pub size_bytes: i64,
    /// Its content, for files, media and exports.
    pub blob_key: Option<String>,
    /// Extension without the dot, where there is one.
    pub extension: String,
    /// Media type of its content, where it has one.
    pub media_type: String,
    /// When it was made.
    pub created_ms: Millis,
    /// When its name, place or content last changed.
    pub edited_ms: Millis,
    /// From when on it is gone, for import sources and exports.
    pub expires_ms: Option<Millis>,
    /// When it was deleted.
    pub deleted_ms: Option<Millis>,
    /// What only its maker understands: small JSON, or empty.
    pub extra: String,
}

impl Object {
    /// Whether it is neither deleted nor expired.
    pub fn is_live(&self, now_ms: Millis) -> bool {
        self.deleted_ms.is_none() && self.expires_ms.is_none_or(|expires_ms| now_ms < expires_ms)
    }
}

/// The columns that make an object, in the order [`read`] wants them.
macro_rules! columns {
    () => {
        "token, tenant, kind, name, parent, owner, creator_app, size_bytes, blob_key, extension, \
         media_type, created_ms, edited_ms, expires_ms, deleted_ms, extra, route"
    };
}
use columns;

fn read(row: &Row) -> Result<Object, Error> {
    Ok(Object {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        kind: ObjectKind::from_number(row.int(2)?)?,
        name: row.text(3)?.to_owned(),
        parent: row.opt_text(4)?.map(ObjectToken::from),
        owner: row.text(5)?.to_owned(),
        creator_app: row.text(6)?.into(),
        size_bytes: row.int(7)?,
        blob_key: row.opt_text(8)?.map(str::to_owned),
        extension: row.text(9)?.to_owned(),
        media_type: row.text(10)?.to_owned(),
        created_ms: row.int(11)?,
        edited_ms: row.int(12)?,
        expires_ms: row.opt_int(13)?,
        deleted_ms: row.opt_int(14)?,
        extra: row.text(15)?.to_owned(),
        route: row.opt_text(16)?.map(ObjectToken::from),
    })
}

/// Adds `object`, claims its blob, and counts it in its folder and tenant.
///
/// The commit fails with [`Error::Conflict`]: `folder` where the parent is no folder of the tenant,
/// was deleted, or is full (read it again to tell); `tenant_nodes` where the tenant is full; and
/// with [`Error::Duplicate`] for a second root folder of one owner.
pub fn insert(transaction: &mut Transaction, object: &Object) {
    if let Some(parent) = &object.parent {
        // The tenant's row comes first in every transaction that changes the tree, so that they
        // wait for one another there and nowhere else.
        transaction.require(
            "tenant_nodes",
            1,
            "UPDATE tenants SET node_count = node_count + 1 WHERE id = $1 AND node_count < $2",
            params![object.tenant.as_str(), TENANT_NODES],
        );
        transaction.require(
            "folder",
            1,
            "UPDATE objects SET child_count = child_count + 1 WHERE token = $1 AND tenant = $2 \
             AND kind = 0 AND deleted_ms IS NULL AND child_count < $3",
            params![parent.as_str(), object.tenant.as_str(), FOLDER_CHILDREN],
        );
    }
    if let Some(key) = &object.blob_key {
        blobs::claim(transaction, key, object.size_bytes, object.created_ms);
    }
    transaction.run(
        concat!(
            "INSERT INTO objects (",
            columns!(),
            ", child_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
             $15, $16, $17, 0)"
        ),
        params![
            object.token.as_str(),
            object.tenant.as_str(),
            object.kind.number(),
            object.name.as_str(),
            object.parent.as_ref().map(ObjectToken::as_str),
            object.owner.as_str(),
            object.creator_app.as_str(),
            object.size_bytes,
            object.blob_key.as_deref(),
            object.extension.as_str(),
            object.media_type.as_str(),
            object.created_ms,
            object.edited_ms,
            object.expires_ms,
            object.deleted_ms,
            object.extra.as_str(),
            object.route.as_ref().map(ObjectToken::as_str)
        ],
    );
}

/// Gives `object` another name; [`Error::Conflict`] `object` where it is gone.
pub fn rename(transaction: &mut Transaction, object: &ObjectToken, name: &str, now_ms: Millis) {
    transaction.require(
        "object",
        1,
        "UPDATE objects SET name = $2, edited_ms = $3 WHERE token = $1 AND deleted_ms IS NULL",
        params![object.as_str(), name, now_ms],
    );
}

/// Notes that the content of `object` changed; [`Error::Conflict`] `object` where it is gone.
pub fn touch(transaction: &mut Transaction, object: &ObjectToken, now_ms: Millis) {
    transaction.require(
        "object",
        1,
        "UPDATE objects SET edited_ms = $2 WHERE token = $1 AND deleted_ms IS NULL",
        params![object.as_str(), now_ms],
    );
}

/// Lets `object` live until `expires_ms`, or for good: an import holds its source that way until it
/// has been read. [`Error::Conflict`] `object` where it is gone, expired at `now_ms` included.
pub fn set_expiry(
    transaction: &mut Transaction,
    object: &ObjectToken,
    expires_ms: Option<Millis>,
    now_ms: Millis,
) {
    transaction.require(
        "object",
        1,
        "UPDATE objects SET expires_ms = $2 WHERE token = $1 AND deleted_ms IS NULL \
         AND (expires_ms IS NULL OR expires_ms > $3)",
        params![object.as_str(), expires_ms, now_ms],
    );
}

/// Takes the document `object` out of its folder: it lies in a wiki from then on, which the caller
/// sees to in the same transaction. [`Error::Conflict`] `object` where it is gone or elsewhere by
/// now.
pub fn leave_drive(transaction: &mut Transaction, object: &Object) {
    transaction.run(
        "UPDATE tenants SET node_count = node_count - 1 WHERE id = $1",
        params![object.tenant.as_str()],
    );
    let folder = object.parent.as_ref().map(ObjectToken::as_str);
    transaction.require(
        "object",
        1,
        "UPDATE objects SET parent = NULL WHERE token = $1 AND parent = $2 \
         AND deleted_ms IS NULL",
        params![object.token.as_str(), folder],
    );
    transaction
        .run("UPDATE objects SET child_count = child_count - 1 WHERE token = $1", params![folder]);
}

/// Marks the single `object` as deleted, lets go of its blob, and counts it no longer. What a
/// folder holds, or an online document's own rows, are [`delete_tree`]'s.
/// [`Error::Conflict`] `object` where it is gone already.
pub fn delete(transaction: &mut Transaction, object: &Object, now_ms: Millis) {
    if object.parent.is_some() {
        transaction.run(
            "UPDATE tenants SET node_count = node_count - 1 WHERE id = $1",
            params![object.tenant.as_str()],
        );
    }
    transaction.require(
        "object",
        1,
        "UPDATE objects SET deleted_ms = $2, blob_key = NULL WHERE token = $1 \
         AND deleted_ms IS NULL",
        params![object.token.as_str(), now_ms],
    );
    if let Some(parent) = &object.parent {
        transaction.run(
            "UPDATE objects SET child_count = child_count - 1 WHERE token = $1",
            params![parent.as_str()],
        );
    }
    if let Some(key) = &object.blob_key {
        blobs::release(transaction, key, now_ms);
    }
}

/// The object `token` of `tenant`, deleted and expired ones included: callers must tell those
/// apart from ones that never were.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, tenant: &TenantId, token: &ObjectToken) -> Result<Option<Object>, Error> {
    let sql = concat!("SELECT ", columns!(), " FROM objects WHERE token = $1 AND tenant = $2");
    let rows = db.query(sql, params![token.as_str(), tenant.as_str()]).await?;
    rows.first().map(read).transpose()
}

/// The object `token` of whatever tenant: for links that are rights themselves, and name no tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_token(db: &Db, token: &ObjectToken) -> Result<Option<Object>, Error> {
    let sql = concat!("SELECT ", columns!(), " FROM objects WHERE token = $1");
    let rows = db.query(sql, params![token.as_str()]).await?;
    rows.first().map(read).transpose()
}

/// Root folders of `tenant`, up to `most`, by their owners.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn roots(db: &Db, tenant: &TenantId, most: i64) -> Result<Vec<Object>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM objects WHERE tenant = $1 AND parent IS NULL AND kind = 0 ORDER BY owner LIMIT $2"
    );
    let rows = db.query(sql, params![tenant.as_str(), most]).await?;
    rows.iter().map(read).collect()
}

/// The root folder of `owner` (`app:…` or `user:…`).
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn root(db: &Db, tenant: &TenantId, owner: &str) -> Result<Option<Object>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM objects WHERE tenant = $1 AND owner = $2 AND parent IS NULL AND kind = 0"
    );
    let rows = db.query(sql, params![tenant.as_str(), owner]).await?;
    rows.first().map(read).transpose()
}

/// The folder `name` in `parent`; the oldest of several.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn folder_named(
    db: &Db,
    parent: &ObjectToken,
    name: &str,
) -> Result<Option<Object>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM objects WHERE parent = $1 AND name = $2 AND kind = 0 AND deleted_ms IS NULL \
         ORDER BY created_ms, token LIMIT 1"
    );
    db.query_one(sql, params![parent.as_str(), name]).await?.as_ref().map(read).transpose()
}

/// How many things the folder holds now.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn child_count(db: &Db, folder: &ObjectToken) -> Result<i64, Error> {
    let sql = "SELECT child_count FROM objects WHERE token = $1";
    let rows = db.query(sql, params![folder.as_str()]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// The folders above the object `token`, the nearest first, up to the root; empty for a root.
/// The depth of a new folder in it is one more than their number, which may be at most
/// [`FOLDER_LEVELS`].
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn ancestors(db: &Db, token: &ObjectToken) -> Result<Vec<Object>, Error> {
    let sql = concat!(
        "WITH RECURSIVE chain (link, next, step) AS (\
         SELECT token, parent, CAST(0 AS BIGINT) FROM objects WHERE token = $1 \
         UNION ALL SELECT o.token, o.parent, c.step + 1 FROM objects o \
         JOIN chain c ON o.token = c.next WHERE c.step < $2) SELECT ",
        columns!(),
        " FROM objects JOIN chain ON token = link WHERE step > 0 ORDER BY step"
    );
    let rows = db.query(sql, params![token.as_str(), LONGEST_CHAIN]).await?;
    rows.iter().map(read).collect()
}

/// Whether a folder made in `parent` would lie deeper than [`FOLDER_LEVELS`] below its root.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn is_too_deep(db: &Db, parent: &ObjectToken) -> Result<bool, Error> {
    Ok(ancestors(db, parent).await?.len() + 1 > FOLDER_LEVELS)
}

/// Lets go of the blobs of objects that expired before `now_ms`. The rows stay, so that "expired"
/// can be told from "never was", until [`forget_expired`].
pub fn release_expired(transaction: &mut Transaction, now_ms: Millis) {
    transaction.run(
        "UPDATE blobs SET released_ms = $1 WHERE released_ms IS NULL AND key IN \
         (SELECT blob_key FROM objects WHERE expires_ms < $1 AND blob_key IS NOT NULL)",
        params![now_ms],
    );
    transaction.run(
        "UPDATE objects SET blob_key = NULL WHERE expires_ms < $1 AND blob_key IS NOT NULL",
        params![now_ms],
    );
}

/// Forgets objects that expired before `before_ms`; their blobs must have been let go of.
pub fn forget_expired(transaction: &mut Transaction, before_ms: Millis) {
    transaction
        .run("DELETE FROM objects WHERE expires_ms < $1 AND blob_key IS NULL", params![before_ms]);
}
