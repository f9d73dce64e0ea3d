//! Uploads in parts (contract, NOTES §4): what was announced, and which parts have arrived.

use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// Which family of endpoints an upload belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UploadKind {
    /// `drive/v1/medias/…`
    Media,
    /// `drive/v1/files/…`
    File,
}

impl UploadKind {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Media => 0,
            Self::File => 1,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        match number {
            0 => Ok(Self::Media),
            1 => Ok(Self::File),
            _ => Err(Error::corrupt("uploads.kind")),
        }
    }
}

/// An announced upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// A decimal number of 19 digits.
    pub id: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The app that announced it.
    pub app: AppId,
    /// The identity that announced it, which alone may go on (1062007): `app:…` or `user:…`.
    pub creator: String,
    /// Media or file.
    pub kind: UploadKind,
    /// Name of the file.
    pub name: String,
    /// `parent_type` as sent.
    pub parent_type: String,
    /// `parent_node` as sent; empty where none was.
    pub parent: String,
    /// Announced size of the whole.
    pub size_bytes: i64,
    /// Size of each part but the last.
    pub block_bytes: i64,
    /// `extra` as sent; empty where none was.
    pub extra: String,
    /// When it was announced.
    pub created_ms: Millis,
    /// From when on it is gone (1061021).
    pub expires_ms: Millis,
    /// The object it became, once finished.
    pub finished_token: Option<ObjectToken>,
}

impl Upload {
    /// How many parts the whole has.
    pub const fn block_count(&self) -> i64 {
        if self.block_bytes <= 0 {
            return 0;
        }
        self.size_bytes / self.block_bytes + (self.size_bytes % self.block_bytes != 0) as i64
    }

    /// Size the part `seq` (from 0) must have; `None` where the upload has no such part.
    pub const fn part_bytes(&self, seq: i64) -> Option<i64> {
        let count = self.block_count();
        if seq < 0 || seq >= count {
            None
        } else if seq + 1 < count {
            Some(self.block_bytes)
        } else {
            Some(self.size_bytes - seq * self.block_bytes)
        }
    }
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadPart {
    /// Its number, from 0.
    pub seq: i64,
    /// Bytes.
    pub size_bytes: i64,
    /// Adler-32 of the part.
    pub adler32: i64,
    /// Its blob; a part that is sent again has a new one.
    pub blob_key: String,
}

fn read(row: &Row) -> Result<Upload, Error> {
    Ok(Upload {
        id: row.text(0)?.to_owned(),
        tenant: row.text(1)?.into(),
        app: row.text(2)?.into(),
        creator: row.text(3)?.to_owned(),
        kind: UploadKind::from_number(row.int(4)?)?,
        name: row.text(5)?.to_owned(),
        parent_type: row.text(6)?.to_owned(),
        parent: row.text(7)?.to_owned(),
        size_bytes: row.int(8)?,
        block_bytes: row.int(9)?,
        extra: row.text(10)?.to_owned(),
        created_ms: row.int(11)?,
        expires_ms: row.int(12)?,
        finished_token: row.opt_text(13)?.map(ObjectToken::from),
    })
}

/// Adds `upload`.
pub fn insert(transaction: &mut Transaction, upload: &Upload) {
    transaction.run(
        "INSERT INTO uploads (id, tenant, app, creator, kind, name, parent_type, parent, \
         size_bytes, block_bytes, extra, created_ms, expires_ms, finished_token) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            upload.id.as_str(),
            upload.tenant.as_str(),
            upload.app.as_str(),
            upload.creator.as_str(),
            upload.kind.number(),
            upload.name.as_str(),
            upload.parent_type.as_str(),
            upload.parent.as_str(),
            upload.size_bytes,
            upload.block_bytes,
            upload.extra.as_str(),
            upload.created_ms,
            upload.expires_ms,
            upload.finished_token.as_ref().map(ObjectToken::as_str)
        ],
    );
}

/// The upload `id` of `tenant`, expired or not.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, tenant: &TenantId, id: &str) -> Result<Option<Upload>, Error> {
    let sql = "SELECT id, tenant, app, creator, kind, name, parent_type, parent, size_bytes, \
               block_bytes, extra, created_ms, expires_ms, finished_token FROM uploads \
               WHERE id = $1 AND tenant = $2";
    db.query(sql, params![id, tenant.as_str()]).await?.first().map(read).transpose()
}

/// Notes that `part` of the upload `id` has arrived, and claims its blob; an earlier one with its
/// number is replaced. [`Error::Conflict`] `upload` where the upload is finished or gone.
pub fn put_part(transaction: &mut Transaction, id: &str, part: &UploadPart, now_ms: Millis) {
    transaction.require(
        "upload",
        1,
        "UPDATE uploads SET finished_token = NULL WHERE id = $1 AND finished_token IS NULL",
        params![id],
    );
    blobs::claim(transaction, &part.blob_key, part.size_bytes, now_ms);
    transaction.run(
        "UPDATE blobs SET released_ms = $3 WHERE key IN \
         (SELECT blob_key FROM upload_parts WHERE upload = $1 AND seq = $2)",
        params![id, part.seq, now_ms],
    );
    transaction.run(
        "INSERT INTO upload_parts (upload, seq, size_bytes, adler32, blob_key) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (upload, seq) DO UPDATE SET \
         size_bytes = excluded.size_bytes, adler32 = excluded.adler32, blob_key = excluded.blob_key",
        params![id, part.seq, part.size_bytes, part.adler32, part.blob_key.as_str()],
    );
}

/// The parts of the upload `id` that have arrived, in order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn parts(db: &Db, id: &str) -> Result<Vec<UploadPart>, Error> {
    let sql = "SELECT seq, size_bytes, adler32, blob_key FROM upload_parts WHERE upload = $1 \
               ORDER BY seq";
    let rows = db.query(sql, params![id]).await?;
    let read = |row: &Row| {
        Ok(UploadPart {
            seq: row.int(0)?,
            size_bytes: row.int(1)?,
            adler32: row.int(2)?,
            blob_key: row.text(3)?.to_owned(),
        })
    };
    rows.iter().map(read).collect()
}

/// Ends the upload `id` as the object `token`, and lets go of its parts. The row stays until it
/// expires, so that a repeated call learns the same token. [`Error::Conflict`] `upload` where
/// somebody else ended it.
pub fn finish(transaction: &mut Transaction, id: &str, token: &ObjectToken, now_ms: Millis) {
    transaction.require(
        "upload",
        1,
        "UPDATE uploads SET finished_token = $2 WHERE id = $1 AND finished_token IS NULL",
        params![id, token.as_str()],
    );
    transaction.run(
        "UPDATE blobs SET released_ms = $2 WHERE key IN \
         (SELECT blob_key FROM upload_parts WHERE upload = $1)",
        params![id, now_ms],
    );
    transaction.run("DELETE FROM upload_parts WHERE upload = $1", params![id]);
}

/// Forgets the uploads that expired before `before_ms` and lets go of their parts.
pub fn forget_expired(transaction: &mut Transaction, before_ms: Millis, now_ms: Millis) {
    transaction.run(
        "UPDATE blobs SET released_ms = $2 WHERE key IN (SELECT blob_key FROM upload_parts \
         WHERE upload IN (SELECT id FROM uploads WHERE expires_ms < $1))",
        params![before_ms, now_ms],
    );
    transaction.run(
        "DELETE FROM upload_parts WHERE upload IN (SELECT id FROM uploads WHERE expires_ms < $1)",
        params![before_ms],
    );
    transaction.run("DELETE FROM uploads WHERE expires_ms < $1", params![before_ms]);
}
