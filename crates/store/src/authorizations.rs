//! What users allowed apps to do for them: codes that a sign-in ended with, what has been granted so
//! far, and the tokens that renew. Codes and tokens are kept by their hashes.

use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// Who allowed whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The app that acts.
    pub app: AppId,
    /// The tenant it acts in.
    pub tenant: TenantId,
    /// The user it acts for.
    pub user: UserId,
}

/// How the one who redeems a code proves to be the one who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Not at all.
    None,
    /// By the same text.
    Plain(String),
    /// By a text with this SHA-256, base64url without padding.
    S256(String),
}

/// A code, without the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRecord {
    /// SHA-256 of the code, hexadecimal.
    pub hash: String,
    /// Who allowed whom.
    pub holder: Holder,
    /// Where the code was sent to.
    pub redirect_uri: String,
    /// What may be done, separated by spaces.
    pub scopes: String,
    /// What the redeemer must prove.
    pub challenge: Challenge,
    /// When it was issued, which is when the user consented.
    pub issued_ms: Millis,
    /// From when on it no longer holds.
    pub expires_ms: Millis,
    /// When it was redeemed.
    pub used_ms: Option<Millis>,
}

/// Which operations issued a refresh token, and take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `authen/v1/oidc`.
    V1,
    /// `authen/v2/oauth`.
    V2,
}

/// A refresh token, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRecord {
    /// SHA-256 of the token, hexadecimal.
    pub hash: String,
    /// Who allowed whom.
    pub holder: Holder,
    /// What may be done, separated by spaces.
    pub scopes: String,
    /// Which operations it belongs to.
    pub version: Version,
    /// When the user consented.
    pub authorized_ms: Millis,
    /// When it was issued.
    pub issued_ms: Millis,
    /// From when on it no longer holds.
    pub expires_ms: Millis,
    /// When it was used, which it may be once.
    pub used_ms: Option<Millis>,
    /// When the user or the operator took it back.
    pub revoked_ms: Option<Millis>,
}

/// Adds a code.
pub fn insert_code(transaction: &mut Transaction, code: &CodeRecord) {
    let (method, challenge) = match &code.challenge {
        Challenge::None => (0, ""),
        Challenge::Plain(text) => (1, text.as_str()),
        Challenge::S256(text) => (2, text.as_str()),
    };
    transaction.run(
        "INSERT INTO authorization_codes (hash, app, tenant, user_id, redirect_uri, scopes, \
         challenge, challenge_method, issued_ms, expires_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            code.hash.as_str(),
            code.holder.app.as_str(),
            code.holder.tenant.as_str(),
            code.holder.user.as_str(),
            code.redirect_uri.as_str(),
            code.scopes.as_str(),
            challenge,
            method,
            code.issued_ms,
            code.expires_ms
        ],
    );
}

/// Marks a code as redeemed; [`Error::Conflict`] `code` where it was already.
pub fn use_code(transaction: &mut Transaction, hash: &str, now_ms: Millis) {
    transaction.require(
        "code",
        1,
        "UPDATE authorization_codes SET used_ms = $2 WHERE hash = $1 AND used_ms IS NULL",
        params![hash, now_ms],
    );
}

fn holder(row: &Row) -> Result<Holder, Error> {
    Ok(Holder { app: row.text(1)?.into(), tenant: row.text(2)?.into(), user: row.text(3)?.into() })
}

/// The code with this hash, expired and used ones too.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn code(db: &Db, hash: &str) -> Result<Option<CodeRecord>, Error> {
    let sql = "SELECT hash, app, tenant, user_id, redirect_uri, scopes, challenge, \
               challenge_method, issued_ms, expires_ms, used_ms \
               FROM authorization_codes WHERE hash = $1";
    let rows = db.query(sql, params![hash]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let challenge = row.text(6)?.to_owned();
    Ok(Some(CodeRecord {
        hash: row.text(0)?.to_owned(),
        holder: holder(row)?,
        redirect_uri: row.text(4)?.to_owned(),
        scopes: row.text(5)?.to_owned(),
        challenge: match row.int(7)? {
            0 => Challenge::None,
            1 => Challenge::Plain(challenge),
            2 => Challenge::S256(challenge),
            _ => return Err(Error::corrupt("authorization_codes.challenge_method")),
        },
        issued_ms: row.int(8)?,
        expires_ms: row.int(9)?,
        used_ms: row.opt_int(10)?,
    }))
}

/// Says what the holder's user has granted its app by now.
pub fn set_grant(transaction: &mut Transaction, holder: &Holder, scopes: &str, now_ms: Millis) {
    transaction.run(
        "INSERT INTO grants (app, tenant, user_id, scopes, granted_ms) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app, tenant, user_id) \
         DO UPDATE SET scopes = excluded.scopes, granted_ms = excluded.granted_ms",
        params![holder.app.as_str(), holder.tenant.as_str(), holder.user.as_str(), scopes, now_ms],
    );
}

/// What the holder's user has granted its app, separated by spaces; empty for nothing.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn grant(db: &Db, holder: &Holder) -> Result<String, Error> {
    let sql = "SELECT scopes FROM grants WHERE app = $1 AND tenant = $2 AND user_id = $3";
    let Holder { app, tenant, user } = holder;
    let rows = db.query(sql, params![app.as_str(), tenant.as_str(), user.as_str()]).await?;
    rows.first().map_or(Ok(String::new()), |row| row.text(0).map(str::to_owned))
}

/// Takes back everything the holder's user granted its app: grant, codes, tokens.
pub fn withdraw(transaction: &mut Transaction, holder: &Holder, now_ms: Millis) {
    let Holder { app, tenant, user } = holder;
    let key = || params![app.as_str(), tenant.as_str(), user.as_str()];
    transaction.run("DELETE FROM grants WHERE app = $1 AND tenant = $2 AND user_id = $3", key());
    transaction.run(
        "DELETE FROM authorization_codes WHERE app = $1 AND tenant = $2 AND user_id = $3",
        key(),
    );
    transaction.run("DELETE FROM tokens WHERE app = $1 AND tenant = $2 AND user_id = $3", key());
    transaction.run(
        "UPDATE refresh_tokens SET revoked_ms = $4 \
         WHERE app = $1 AND tenant = $2 AND user_id = $3 AND revoked_ms IS NULL",
        params![app.as_str(), tenant.as_str(), user.as_str(), now_ms],
    );
}

/// Adds a refresh token.
pub fn insert_refresh(transaction: &mut Transaction, token: &RefreshRecord) {
    let version = match token.version {
        Version::V1 => 1,
        Version::V2 => 2,
    };
    transaction.run(
        "INSERT INTO refresh_tokens (hash, app, tenant, user_id, scopes, version, authorized_ms, \
         issued_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            token.hash.as_str(),
            token.holder.app.as_str(),
            token.holder.tenant.as_str(),
            token.holder.user.as_str(),
            token.scopes.as_str(),
            version,
            token.authorized_ms,
            token.issued_ms,
            token.expires_ms
        ],
    );
}

/// Marks a refresh token as used; [`Error::Conflict`] `refresh` where it was, or was taken back.
pub fn use_refresh(transaction: &mut Transaction, hash: &str, now_ms: Millis) {
    transaction.require(
        "refresh",
        1,
        "UPDATE refresh_tokens SET used_ms = $2 \
         WHERE hash = $1 AND used_ms IS NULL AND revoked_ms IS NULL",
        params![hash, now_ms],
    );
}

/// The refresh token with this hash, whatever became of it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn refresh(db: &Db, hash: &str) -> Result<Option<RefreshRecord>, Error> {
    let sql = "SELECT hash, app, tenant, user_id, scopes, version, authorized_ms, issued_ms, \
               expires_ms, used_ms, revoked_ms FROM refresh_tokens WHERE hash = $1";
    let rows = db.query(sql, params![hash]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(RefreshRecord {
        hash: row.text(0)?.to_owned(),
        holder: holder(row)?,
        scopes: row.text(4)?.to_owned(),
        version: match row.int(5)? {
            1 => Version::V1,
            2 => Version::V2,
            _ => return Err(Error::corrupt("refresh_tokens.version")),
        },
        authorized_ms: row.int(6)?,
        issued_ms: row.int(7)?,
        expires_ms: row.int(8)?,
        used_ms: row.opt_int(9)?,
        revoked_ms: row.opt_int(10)?,
    }))
}

/// Forgets codes and refresh tokens that expired before `before_ms`.
pub fn forget_expired(transaction: &mut Transaction, before_ms: Millis) {
    transaction
        .run("DELETE FROM authorization_codes WHERE expires_ms < $1", params![before_ms])
        .run("DELETE FROM refresh_tokens WHERE expires_ms < $1", params![before_ms]);
}
