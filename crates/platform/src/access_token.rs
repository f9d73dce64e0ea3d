//! Access tokens of apps: asking again gives the same token while it has half an hour left,
//! and a new one after that (contract, NOTES §2.1). A token is made from its slot and the server's
//! secret, so that it can be given again, after a restart and by another node, and is yet kept only
//! as a hash.

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::time::{HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use larkspur_store::apps::AppKind;
use larkspur_store::sql::Transaction;
use larkspur_store::tokens::{self, TokenKind, TokenRecord};

use crate::secret::{hash_token, hex};
use crate::{Error, Platform, Secret};

/// How long a token holds.
const LIFE_MS: Millis = 2 * HOUR_MS;
/// A token with at least this much left is given again.
const REUSE_MS: Millis = 30 * MINUTE_MS;
/// Characters behind the prefix.
const TOKEN_LENGTH: usize = 40;

/// A token, and what is left of its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token.
    pub token: Secret,
    /// Whole seconds it still holds, at most 7200.
    pub expire_s: i64,
}

/// Why no token was given.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The request is refused; the wire answer has HTTP 200 (contract, NOTES §1.2).
    #[error("{msg}")]
    Refused {
        /// Code in the envelope.
        code: i64,
        /// Message in the envelope.
        msg: &'static str,
    },
    /// It could not be worked out.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<larkspur_store::Error> for TokenError {
    fn from(error: larkspur_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) const fn refused(code: i64, msg: &'static str) -> TokenError {
    TokenError::Refused { code, msg }
}

impl Platform {
    /// The `tenant_access_token` of a custom app.
    ///
    /// # Errors
    /// [`TokenError::Refused`] with 10003 where something is missing, 10014 for an unknown app, a
    /// wrong secret, a disabled app.
    pub async fn tenant_token(&self, app_id: &str, secret: &str) -> Result<Issued, TokenError> {
        let app = self.app_for_token(app_id, secret).await?;
        if app.kind != AppKind::Custom {
            return Err(refused(10_003, "invalid param"));
        }
        Ok(self.issue(&app.id, &app.tenant, TokenKind::Tenant).await?)
    }

    /// The `app_access_token` of a custom app: as the contract's sample shows, the same token that
    /// is its `tenant_access_token`.
    ///
    /// # Errors
    /// As [`Platform::tenant_token`].
    pub async fn app_token(&self, app_id: &str, secret: &str) -> Result<Issued, TokenError> {
        self.tenant_token(app_id, secret).await
    }

    /// A token of `kind`, the app's own or its tenant's: the newest while it has enough left.
    pub(crate) async fn issue(
        &self,
        app: &AppId,
        tenant: &TenantId,
        kind: TokenKind,
    ) -> Result<Issued, Error> {
        loop {
            let now_ms = self.clock.now_ms();
            let newest = tokens::newest(&self.db, app, tenant, kind).await?;
            let last_slot = newest.as_ref().map_or(0, |record| record.slot);
            if let Some(record) = newest.filter(|it| it.expires_ms - now_ms >= REUSE_MS) {
                let token = self.token_of(&record);
                // Another hash means that the server's secret was replaced since.
                if hex(&hash_token(token.expose())) == record.hash {
                    let left_ms = (record.expires_ms - now_ms).min(LIFE_MS);
                    return Ok(Issued { token, expire_s: left_ms / SECOND_MS });
                }
            }
            let slot = last_slot + 1;
            self.fill_slot(TokenRecord {
                hash: String::new(),
                kind,
                app: app.clone(),
                tenant: tenant.clone(),
                user: None,
                scopes: None,
                slot,
                issued_ms: now_ms,
                expires_ms: now_ms + LIFE_MS,
            })
            .await?;
        }
    }

    /// Puts a new token into its slot, unless another call was first: its token then stands.
    async fn fill_slot(&self, mut record: TokenRecord) -> Result<(), Error> {
        record.hash = hex(&hash_token(self.token_of(&record).expose()));
        let mut transaction = Transaction::new();
        tokens::insert(&mut transaction, &record);
        self.db.commit(transaction).await?;
        Ok(())
    }

    fn token_of(&self, record: &TokenRecord) -> Secret {
        let (slot, issued) = (record.slot.to_string(), record.issued_ms.to_string());
        let (purpose, prefix) = match record.kind {
            TokenKind::App => ("app_access_token", "a-"),
            TokenKind::Tenant | TokenKind::User => ("tenant_access_token", "t-"),
        };
        let parts = [purpose, record.app.as_str(), record.tenant.as_str(), &slot, &issued];
        Secret::new(format!("{prefix}{}", self.secret.text(&parts, TOKEN_LENGTH)))
    }
}
