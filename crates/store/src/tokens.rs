//! Issued access tokens, by their hash: the token itself is never kept. Making one from its slot,
//! and what each kind may do, is `platform`'s.

use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// What an access token speaks for (contract, NOTES §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The app within a tenant.
    Tenant,
    /// The app itself.
    App,
    /// A user who lets the app act for them.
    User,
}

impl TokenKind {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Tenant => 0,
            Self::App => 1,
            Self::User => 2,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        match number {
            0 => Ok(Self::Tenant),
            1 => Ok(Self::App),
            2 => Ok(Self::User),
            _ => Err(Error::corrupt("tokens.kind")),
        }
    }
}

/// An issued token without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// SHA-256 of the token, hexadecimal.
    pub hash: String,
    /// What it speaks for.
    pub kind: TokenKind,
    /// The app it was issued to.
    pub app: AppId,
    /// The tenant it holds in.
    pub tenant: TenantId,
    /// The user, for a user's token.
    pub user: Option<UserId>,
    /// What the user granted with it, separated by spaces, for a user's token.
    pub scopes: Option<String>,
    /// Which token it is of those issued to the same app, tenant and kind, from 1.
    pub slot: i64,
    /// When it was issued.
    pub issued_ms: Millis,
    /// From when on it no longer holds.
    pub expires_ms: Millis,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT hash, kind, app, tenant, user_id, slot, issued_ms, expires_ms, \
             scopes FROM tokens ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<TokenRecord, Error> {
    Ok(TokenRecord {
        hash: row.text(0)?.to_owned(),
        kind: TokenKind::from_number(row.int(1)?)?,
        app: row.text(2)?.into(),
        tenant: row.text(3)?.into(),
        user: row.opt_text(4)?.map(UserId::from),
        slot: row.int(5)?,
        issued_ms: row.int(6)?,
        expires_ms: row.int(7)?,
        scopes: row.opt_text(8)?.map(str::to_owned),
    })
}

/// Adds `token`, unless its slot was taken meanwhile: then nothing happens, and the other's stands.
pub fn insert(transaction: &mut Transaction, token: &TokenRecord) {
    transaction.run(
        "INSERT INTO tokens (hash, kind, app, tenant, user_id, slot, issued_ms, expires_ms, \
         scopes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        params![
            token.hash.as_str(),
            token.kind.number(),
            token.app.as_str(),
            token.tenant.as_str(),
            token.user.as_ref().map(UserId::as_str),
            token.slot,
            token.issued_ms,
            token.expires_ms,
            token.scopes.as_deref()
        ],
    );
}

/// The token with this hash, expired or not.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_hash(db: &Db, hash: &str) -> Result<Option<TokenRecord>, Error> {
    db.query(select!("WHERE hash = $1"), params![hash]).await?.first().map(read).transpose()
}

/// The token of this app, tenant and kind (no user's) that was issued last, expired or not.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn newest(
    db: &Db,
    app: &AppId,
    tenant: &TenantId,
    kind: TokenKind,
) -> Result<Option<TokenRecord>, Error> {
    let sql = select!(
        "WHERE app = $1 AND tenant = $2 AND kind = $3 AND user_id IS NULL \
         ORDER BY slot DESC LIMIT 1"
    );
    let rows = db.query(sql, params![app.as_str(), tenant.as_str(), kind.number()]).await?;
    rows.first().map(read).transpose()
}

/// Forgets the tokens that expired before `before_ms`. The newest of a holder may be among them;
/// its next one then starts again at slot 1, with other times and so another token.
pub fn forget_expired(transaction: &mut Transaction, before_ms: Millis) {
    transaction.run("DELETE FROM tokens WHERE expires_ms < $1", params![before_ms]);
}
