//! What the first start makes: a tenant, an app that holds every scope, an administrator, and the
//! app's root folder. Later starts find them again.

use larkspur_model::id::{AppId, ObjectToken, TenantId, UserId};
use larkspur_store::objects;
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, settings};

use crate::{Error, FreshTenant, NewApp, NewTenant, NewUser, Platform, Secret};

const TENANT: &str = "default_tenant";
const APP: &str = "default_app";
const USER: &str = "default_user";

/// What a server has from its first start on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// The default tenant.
    pub tenant: TenantId,
    /// Its app.
    pub app_id: AppId,
    /// The app's secret, at the very first start only: it is kept as a hash. A lost one is replaced
    /// by [`Platform::reset_secret`].
    pub app_secret: Option<Secret>,
    /// The administrator.
    pub admin: UserId,
    /// The app's root folder.
    pub root_folder: ObjectToken,
}

impl Platform {
    /// Finds the default tenant with all that belongs to it, and makes it at the first start.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn bootstrap(&self) -> Result<Bootstrap, Error> {
        if let Some(found) = self.find_bootstrap().await? {
            return Ok(found);
        }
        let (transaction, made) = self.new_bootstrap()?;
        match self.db.commit(transaction).await {
            Ok(_) => Ok(made),
            // Another node was first: its tenant stands.
            Err(StoreError::Conflict { label }) => {
                let found = self.find_bootstrap().await?;
                Ok(found.ok_or(StoreError::Conflict { label })?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn find_bootstrap(&self) -> Result<Option<Bootstrap>, Error> {
        let Some(tenant) = settings::get(&self.db, TENANT).await? else { return Ok(None) };
        let gone = |name| StoreError::corrupt(format!("the setting {name} is gone"));
        let app = settings::get(&self.db, APP).await?.ok_or_else(|| gone(APP))?;
        let user = settings::get(&self.db, USER).await?.ok_or_else(|| gone(USER))?;
        let tenant = TenantId(tenant);
        let root = objects::root(&self.db, &tenant, &format!("app:{app}")).await?;
        let root = root.ok_or_else(|| StoreError::corrupt("the default app has no root folder"))?;
        Ok(Some(Bootstrap {
            tenant,
            app_id: AppId(app),
            app_secret: None,
            admin: UserId(user),
            root_folder: root.token,
        }))
    }

    fn new_bootstrap(&self) -> Result<(Transaction, Bootstrap), Error> {
        let (rest, fresh) = self.fresh_tenant(
            &NewTenant { id: None, name: "Larkspur".to_owned() },
            &NewApp { name: "Default app".to_owned(), ..NewApp::default() },
            &NewUser { name: "Administrator".to_owned(), admin: true, ..NewUser::default() },
        )?;
        let FreshTenant { tenant, app, app_secret, admin, root_folder } = fresh;
        let mut transaction = Transaction::new();
        settings::claim(&mut transaction, TENANT, tenant.id.as_str());
        settings::claim(&mut transaction, APP, app.id.as_str());
        settings::claim(&mut transaction, USER, admin.id.as_str());
        transaction.append(rest);
        let made = Bootstrap {
            tenant: tenant.id,
            app_id: app.id,
            app_secret: Some(app_secret),
            admin: admin.id,
            root_folder,
        };
        Ok((transaction, made))
    }
}
