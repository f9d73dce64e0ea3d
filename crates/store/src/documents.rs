//! Online documents: which revision counts, which blob and which changes hold it, and the tokens of
//! its pictures.
//! Name, owner and place are the object's of the same token ([`crate::objects`]).

use larkspur_model::document::AssetId;
use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// Changes kept of each document: as far back an edit may be based, or a revision be read
/// (contract, NOTES §7, "Edits").
pub const KEPT_CHANGES: i64 = 1_000;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Token of the document and its object.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, from 1, one more with each edit.
    pub revision: i64,
    /// Blob with the model (JSON under zstd), as it was at `blob_revision`.
    pub blob_key: String,
    /// The revision the blob holds; the changes since stand in rows of their own.
    pub blob_revision: i64,
    /// Names this content, and never another one.
    pub version: String,
    /// Bytes of the changes since `blob_revision`.
    pub change_bytes: i64,
}

impl DocumentRecord {
    /// A new document, all of it in one blob.
    pub fn first(token: ObjectToken, tenant: TenantId, blob_key: String) -> Self {
        let version = blob_key.clone();
        Self { token, tenant, revision: 1, blob_key, blob_revision: 1, version, change_bytes: 0 }
    }
}

/// What led to one revision of a document. What `before` and `after` hold is their maker's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// The revision it led to.
    pub revision: i64,
    /// The app that made it.
    pub app: AppId,
    /// The name of the edit within the document and the app; no other edit of theirs has it.
    pub client_token: String,
    /// Digest of the request.
    pub digest: String,
    /// What its answer names.
    pub made: String,
    /// What leads back to the revision before.
    pub before: Vec<u8>,
    /// What leads to this revision.
    pub after: Vec<u8>,
}

/// Adds `document` and claims its blob of `size_bytes`.
pub fn insert(
    transaction: &mut Transaction,
    document: &DocumentRecord,
    size_bytes: i64,
    now_ms: Millis,
) {
    blobs::claim(transaction, &document.blob_key, size_bytes, now_ms);
    transaction.run(
        "INSERT INTO documents (token, tenant, revision, blob_key, blob_revision, version, \
         change_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            document.token.as_str(),
            document.tenant.as_str(),
            document.revision,
            document.blob_key.as_str(),
            document.blob_revision,
            document.version.as_str(),
            document.change_bytes
        ],
    );
}

/// Makes `document` what `change` leads to, `version` the name of that. A `checkpoint`, key and
/// bytes, is a new blob that holds the whole document at the new revision; the old one is let go
/// of.
///
/// The commit fails with [`Error::Conflict`] `revision` where somebody else was first, and with
/// [`Error::Duplicate`] where the app has named an edit of the document so before.
pub fn edit(
    transaction: &mut Transaction,
    document: &DocumentRecord,
    change: &DocumentChange,
    version: &str,
    checkpoint: Option<(&str, i64)>,
    now_ms: Millis,
) {
    let token = document.token.as_str();
    let revision = document.revision + 1;
    let (blob_key, blob_revision, change_bytes) = if let Some((key, size_bytes)) = checkpoint {
        blobs::release(transaction, &document.blob_key, now_ms);
        blobs::claim(transaction, key, size_bytes, now_ms);
        (key, revision, 0)
    } else {
        let bytes = document.change_bytes + change.after.len() as i64;
        (document.blob_key.as_str(), document.blob_revision, bytes)
    };
    transaction.require(
        "revision",
        1,
        "UPDATE documents SET revision = $2, version = $3, blob_key = $4, blob_revision = $5, \
         change_bytes = $6 WHERE token = $1 AND revision + 1 = $2 AND version = $7",
        params![
            token,
            revision,
            version,
            blob_key,
            blob_revision,
            change_bytes,
            document.version.as_str()
        ],
    );
    // Where somebody else was first, it is the statement above that says so.
    transaction.run(
        "INSERT INTO document_changes (document, revision, app, client_token, digest, made, \
         before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (document, revision) DO NOTHING",
        params![
            token,
            revision,
            change.app.as_str(),
            change.client_token.as_str(),
            change.digest.as_str(),
            change.made.as_str(),
            change.before.as_slice(),
            change.after.as_slice()
        ],
    );
    transaction.run(
        "DELETE FROM document_changes WHERE document = $1 AND revision <= $2",
        params![token, revision - KEPT_CHANGES],
    );
}

/// The document `token` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(
    db: &Db,
    tenant: &TenantId,
    token: &ObjectToken,
) -> Result<Option<DocumentRecord>, Error> {
    let sql = "SELECT token, tenant, revision, blob_key, blob_revision, version, change_bytes \
               FROM documents WHERE token = $1 AND tenant = $2";
    let rows = db.query(sql, params![token.as_str(), tenant.as_str()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(DocumentRecord {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        revision: row.int(2)?,
        blob_key: row.text(3)?.to_owned(),
        blob_revision: row.int(4)?,
        version: row.text(5)?.to_owned(),
        change_bytes: row.int(6)?,
    }))
}

/// What leads from the revision `after` to the revision `until`, in that order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn changes_forth(
    db: &Db,
    document: &ObjectToken,
    after: i64,
    until: i64,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let sql = "SELECT revision, after FROM document_changes WHERE document = $1 \
               AND revision > $2 AND revision <= $3 ORDER BY revision";
    steps(db, sql, document, after, until).await
}

/// What leads from the revision `from` back to the revision `until`, in that order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn changes_back(
    db: &Db,
    document: &ObjectToken,
    from: i64,
    until: i64,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let sql = "SELECT revision, before FROM document_changes WHERE document = $1 \
               AND revision > $2 AND revision <= $3 ORDER BY revision DESC";
    steps(db, sql, document, until, from).await
}

async fn steps(
    db: &Db,
    sql: &'static str,
    document: &ObjectToken,
    above: i64,
    until: i64,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let rows = db.query(sql, params![document.as_str(), above, until]).await?;
    rows.into_iter().map(|mut row| Ok((row.int(0)?, row.take_bytes(1)?))).collect()
}

/// The edit that `app` has named `client_token`, without the change itself.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn edit_named(
    db: &Db,
    document: &ObjectToken,
    app: &AppId,
    client_token: &str,
) -> Result<Option<DocumentChange>, Error> {
    let sql = "SELECT revision, digest, made FROM document_changes \
               WHERE document = $1 AND app = $2 AND client_token = $3";
    let rows = db.query(sql, params![document.as_str(), app.as_str(), client_token]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(DocumentChange {
        revision: row.int(0)?,
        app: app.clone(),
        client_token: client_token.to_owned(),
        digest: row.text(1)?.to_owned(),
        made: row.text(2)?.to_owned(),
        before: Vec::new(),
        after: Vec::new(),
    }))
}

/// Says that the media object `media` is the `asset` of `document`.
pub fn put_asset(
    transaction: &mut Transaction,
    document: &ObjectToken,
    asset: AssetId,
    media: &ObjectToken,
) {
    transaction.run(
        "INSERT INTO document_assets (document, asset, media) VALUES ($1, $2, $3) \
         ON CONFLICT (document, asset) DO UPDATE SET media = excluded.media",
        params![document.as_str(), i64::from(asset.0), media.as_str()],
    );
}

/// The media objects of `document`, by asset.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn assets(db: &Db, document: &ObjectToken) -> Result<Vec<(AssetId, ObjectToken)>, Error> {
    let sql = "SELECT asset, media FROM document_assets WHERE document = $1 ORDER BY asset";
    let rows = db.query(sql, params![document.as_str()]).await?;
    rows.iter()
        .map(|row| {
            let asset = u32::try_from(row.int(0)?);
            let asset = asset.map_err(|_| Error::corrupt("document_assets.asset"))?;
            Ok((AssetId(asset), row.text(1)?.into()))
        })
        .collect()
}
