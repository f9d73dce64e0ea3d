//! Apps: made, changed, given new secrets, installed in tenants. How they call is `authenticate`'s
//! and `access_token`'s.

use larkspur_model::id::{AppId, TenantId};
use larkspur_store::apps::{self, App, AppKind};
use larkspur_store::installations::{self, Installation};
use larkspur_store::sql::Transaction;

use crate::secret::{hashed_app_secret, is_app_secret, new_app_secret};
use crate::{Error, Platform, Secret, naming};

/// An app that is to be made.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Its id; one is made where there is none.
    pub id: Option<String>,
    /// Its secret; one is made where there is none.
    pub secret: Option<Secret>,
    /// Name for people.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Custom or store.
    pub kind: AppKind,
    /// Scopes separated by spaces, or `*` for all.
    pub scopes: String,
    /// Addresses a user's sign-in may come back to.
    pub redirect_uris: Vec<String>,
}

impl Default for NewApp {
    /// A custom app that may do everything.
    fn default() -> Self {
        Self {
            id: None,
            secret: None,
            name: "App".to_owned(),
            description: String::new(),
            kind: AppKind::Custom,
            scopes: "*".to_owned(),
            redirect_uris: Vec::new(),
        }
    }
}

/// What is to change about an app; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AppChange {
    /// Name for people.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Scopes separated by spaces, or `*` for all.
    pub scopes: Option<String>,
    /// Addresses a user's sign-in may come back to.
    pub redirect_uris: Option<Vec<String>>,
    /// Whether it may call.
    pub enabled: Option<bool>,
}

impl Platform {
    /// Makes an app in `tenant`. Its secret is seen this once: it is kept as a hash.
    ///
    /// # Errors
    /// [`Error::NoSuchTenant`], [`Error::Malformed`], [`Error::Taken`], [`Error::Store`].
    pub async fn create_app(
        &self,
        tenant: &TenantId,
        new: &NewApp,
    ) -> Result<(App, Secret), Error> {
        self.tenant(tenant).await?;
        let (app, secret) = self.new_app(tenant, new)?;
        let mut transaction = Transaction::new();
        apps::insert(&mut transaction, &app);
        self.commit_new(transaction, "app", app.id.as_str()).await?;
        Ok((app, secret))
    }

    pub(crate) fn new_app(&self, tenant: &TenantId, new: &NewApp) -> Result<(App, Secret), Error> {
        naming::name("name", &new.name)?;
        naming::redirect_uris(&new.redirect_uris)?;
        let (secret, hashed) = match &new.secret {
            Some(secret) => {
                naming::app_secret(secret)?;
                (secret.clone(), hashed_app_secret(&self.ids, secret))
            }
            None => new_app_secret(&self.ids),
        };
        let app = App {
            id: naming::app(new.id.as_deref(), &self.ids)?,
            tenant: tenant.clone(),
            name: new.name.clone(),
            description: new.description.clone(),
            kind: new.kind,
            secret_salt: hashed.salt,
            secret_hash: hashed.hash,
            scopes: naming::scopes(&new.scopes)?,
            redirect_uris: new.redirect_uris.clone(),
            enabled: true,
            created_ms: self.clock.now_ms(),
        };
        Ok((app, secret))
    }

    /// The app `id`.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Store`].
    pub async fn app(&self, id: &AppId) -> Result<App, Error> {
        apps::get(&self.db, id).await?.ok_or_else(|| Error::NoSuchApp(id.0.clone()))
    }

    /// Changes the app and gives it back as it then is. Takes effect at once here, and within ten
    /// seconds on other nodes.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Malformed`], [`Error::Store`].
    pub async fn update_app(&self, id: &AppId, change: &AppChange) -> Result<App, Error> {
        let app = self.app(id).await?;
        let name = change.name.as_ref().unwrap_or(&app.name);
        let description = change.description.as_ref().unwrap_or(&app.description);
        naming::name("name", name)?;
        naming::redirect_uris(change.redirect_uris.as_deref().unwrap_or_default())?;
        let scopes = change.scopes.as_deref().map(naming::scopes).transpose()?;
        self.change_app(id, |transaction| {
            apps::describe(transaction, id, name, description);
            if let Some(scopes) = &scopes {
                apps::set_scopes(transaction, id, scopes);
            }
            if let Some(uris) = &change.redirect_uris {
                apps::set_redirect_uris(transaction, id, uris);
            }
            if let Some(enabled) = change.enabled {
                apps::set_enabled(transaction, id, enabled);
            }
        })
        .await?;
        self.app(id).await
    }

    /// Gives the app a new secret; the old one no longer works. Tokens it has stay good until they
    /// expire.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Store`].
    pub async fn reset_secret(&self, app: &AppId) -> Result<Secret, Error> {
        let (secret, hashed) = new_app_secret(&self.ids);
        self.change_app(app, |transaction| {
            apps::set_secret(transaction, app, &hashed.salt, &hashed.hash);
        })
        .await?;
        Ok(secret)
    }

    /// Gives the app this secret, unless it has it already.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Malformed`], [`Error::Store`].
    pub async fn set_secret(&self, id: &AppId, secret: &Secret) -> Result<(), Error> {
        naming::app_secret(secret)?;
        let app = self.app(id).await?;
        if is_app_secret(secret.expose(), &app.secret_salt, &app.secret_hash) {
            return Ok(());
        }
        let hashed = hashed_app_secret(&self.ids, secret);
        self.change_app(id, |transaction| {
            apps::set_secret(transaction, id, &hashed.salt, &hashed.hash);
        })
        .await
    }

    /// Installs a store app in a tenant, or lets it act there no longer.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::NoSuchTenant`], [`Error::Malformed`] for a custom app, which
    /// is at home in its own tenant and nowhere else; [`Error::Store`].
    pub async fn install(
        &self,
        app: &AppId,
        tenant: &TenantId,
        enabled: bool,
    ) -> Result<Installation, Error> {
        if self.app(app).await?.kind == AppKind::Custom {
            return Err(Error::Malformed {
                field: "app_id",
                value: app.0.clone(),
                rule: "a store app: a custom app acts in its own tenant and nowhere else",
            });
        }
        self.tenant(tenant).await?;
        let installation = Installation {
            app: app.clone(),
            tenant: tenant.clone(),
            enabled,
            created_ms: self.clock.now_ms(),
        };
        self.change_app(app, |transaction| installations::put(transaction, &installation)).await?;
        let kept = installations::get(&self.db, app, tenant).await?;
        Ok(kept.unwrap_or(installation))
    }
}
