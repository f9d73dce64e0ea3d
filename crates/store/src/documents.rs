//! Online documents: which revision counts and which blob holds it, and the tokens of its pictures.
//! Name, owner and place are the object's of the same token ([`crate::objects`]).

use larkspur_model::document::AssetId;
use larkspur_model::id::{ObjectToken, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Token of the document and its object.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, from 1, one more with each edit.
    pub revision: i64,
    /// Blob with the model (JSON under zstd).
    pub blob_key: String,
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
        "INSERT INTO documents (token, tenant, revision, blob_key) VALUES ($1, $2, $3, $4)",
        params![
            document.token.as_str(),
            document.tenant.as_str(),
            document.revision,
            document.blob_key.as_str()
        ],
    );
}

/// Replaces the content of a document by that of `next`, whose revision is one more than the one it
/// was made from; [`Error::Conflict`] `revision` where somebody else was first.
pub fn update(
    transaction: &mut Transaction,
    next: &DocumentRecord,
    size_bytes: i64,
    now_ms: Millis,
) {
    transaction.run(
        "UPDATE blobs SET released_ms = $2 WHERE key IN \
         (SELECT blob_key FROM documents WHERE token = $1)",
        params![next.token.as_str(), now_ms],
    );
    blobs::claim(transaction, &next.blob_key, size_bytes, now_ms);
    transaction.require(
        "revision",
        1,
        "UPDATE documents SET revision = $2, blob_key = $3 WHERE token = $1 AND revision + 1 = $2",
        params![next.token.as_str(), next.revision, next.blob_key.as_str()],
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
    let sql = "SELECT token, tenant, revision, blob_key FROM documents \
               WHERE token = $1 AND tenant = $2";
    let rows = db.query(sql, params![token.as_str(), tenant.as_str()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(DocumentRecord {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        revision: row.int(2)?,
        blob_key: row.text(3)?.to_owned(),
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
