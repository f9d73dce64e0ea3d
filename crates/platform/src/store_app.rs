//! Tokens of store apps: a ticket, new every hour, and the secret give an `app_access_token`; that and
//! a tenant's key give a `tenant_access_token` (contract, NOTES §2.1). The ticket follows from the hour
//! and the server's secret, so that it is the same on every node and kept nowhere.

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::time::{HOUR_MS, Millis};
use larkspur_store::apps::{self, App, AppKind};
use larkspur_store::tenants;
use larkspur_store::tokens::{self, TokenKind};
use subtle::ConstantTimeEq as _;

use crate::access_token::{Issued, TokenError, refused};
use crate::secret::{hash_token, hex, is_app_secret};
use crate::{Error, Platform, Secret};

/// Characters of a ticket.
const TICKET_LENGTH: usize = 40;

/// The ticket of a store app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppTicket {
    /// The ticket.
    pub ticket: Secret,
    /// When the next one is pushed; this one is still taken for an hour after that.
    pub next_ms: Millis,
}

impl Platform {
    /// The ticket that was pushed to the store app last; `None` for a custom app, which has none.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Store`].
    pub async fn app_ticket(&self, id: &AppId) -> Result<Option<AppTicket>, Error> {
        let app = self.app(id).await?;
        if app.kind == AppKind::Custom {
            return Ok(None);
        }
        let hour = self.clock.now_ms().div_euclid(HOUR_MS);
        let ticket = self.ticket_of(&app, hour);
        Ok(Some(AppTicket { ticket, next_ms: (hour + 1) * HOUR_MS }))
    }

    /// Whether the credentials may ask for the ticket again.
    ///
    /// # Errors
    /// [`TokenError::Refused`] as [`Platform::tenant_token`], with 10016 for a custom app.
    pub async fn resend_ticket(&self, id: &str, secret: &str) -> Result<(), TokenError> {
        let app = self.app_for_token(id, secret).await?;
        if app.kind == AppKind::Custom {
            return Err(refused(10_016, "app resend fail"));
        }
        Ok(())
    }

    /// The `app_access_token` of a store app.
    ///
    /// # Errors
    /// [`TokenError::Refused`] as [`Platform::tenant_token`], with 10012 for a ticket that is not
    /// the last or the one before.
    pub async fn store_app_token(
        &self,
        id: &str,
        secret: &str,
        ticket: &str,
    ) -> Result<Issued, TokenError> {
        if ticket.is_empty() {
            return Err(refused(10_003, "invalid param"));
        }
        let app = self.app_for_token(id, secret).await?;
        if app.kind == AppKind::Custom {
            return Err(refused(10_003, "invalid param"));
        }
        let hour = self.clock.now_ms().div_euclid(HOUR_MS);
        let known = [hour, hour - 1].map(|hour| {
            let known = self.ticket_of(&app, hour);
            bool::from(known.expose().as_bytes().ct_eq(ticket.as_bytes()))
        });
        if !known.contains(&true) {
            return Err(refused(10_012, "get app access token fail"));
        }
        Ok(self.issue(&app.id, &app.tenant, TokenKind::App).await?)
    }

    /// The `tenant_access_token` of a store app in one of the tenants it is installed in.
    ///
    /// # Errors
    /// [`TokenError::Refused`] with 10003 where something is missing, 10013 for an app token that
    /// does not hold, 10014 for a disabled app, 10005 for an unknown tenant, 11210 where the app is
    /// not installed in it.
    pub async fn store_tenant_token(
        &self,
        app_token: &str,
        tenant_key: &str,
    ) -> Result<Issued, TokenError> {
        if app_token.is_empty() || tenant_key.is_empty() {
            return Err(refused(10_003, "invalid param"));
        }
        let record = tokens::by_hash(&self.db, &hex(&hash_token(app_token))).await?;
        let now_ms = self.clock.now_ms();
        let record = record.filter(|it| it.kind == TokenKind::App && it.expires_ms > now_ms);
        let Some(record) = record else {
            return Err(refused(10_013, "get tenant access token fail"));
        };
        let app = apps::get(&self.db, &record.app).await?.filter(|app| app.enabled);
        let Some(app) = app else { return Err(refused(10_014, "app unauthorized")) };
        let tenant = TenantId::from(tenant_key);
        if tenants::get(&self.db, &tenant).await?.is_none() {
            return Err(refused(10_005, "app id unauthorized"));
        }
        if !self.acts_in(&app, &tenant).await? {
            return Err(refused(11_210, "app usage info not exist"));
        }
        Ok(self.issue(&app.id, &tenant, TokenKind::Tenant).await?)
    }

    /// The app that asks for a token with these credentials.
    pub(crate) async fn app_for_token(&self, id: &str, secret: &str) -> Result<App, TokenError> {
        if id.is_empty() || secret.is_empty() {
            return Err(refused(10_003, "invalid param"));
        }
        let app = apps::get(&self.db, &AppId::from(id)).await?;
        let Some(app) = app else { return Err(refused(10_014, "app id not exists")) };
        if !is_app_secret(secret, &app.secret_salt, &app.secret_hash) {
            return Err(refused(10_014, "app secret invalid"));
        }
        if app.enabled { Ok(app) } else { Err(refused(10_014, "app unauthorized")) }
    }

    fn ticket_of(&self, app: &App, hour: i64) -> Secret {
        let parts = ["app_ticket", app.id.as_str(), &hour.to_string()];
        Secret::new(self.secret.text(&parts, TICKET_LENGTH))
    }
}
