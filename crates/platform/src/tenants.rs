//! Tenants with what each has from its beginning: an app, an administrator, the app's root folder.

use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_store::apps::App;
use larkspur_store::objects;
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::users::User;

use crate::{Error, NewApp, NewUser, Platform, Secret, naming};

/// A tenant that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewTenant {
    /// Its id (`tenant_key` on the wire); one is made where there is none.
    pub id: Option<String>,
    /// Name for people.
    pub name: String,
}

/// A tenant that was made with all it needs.
#[derive(Debug, Clone)]
pub struct FreshTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// Its app.
    pub app: App,
    /// The app's secret: it is kept as a hash, so this is the only time it is seen.
    pub app_secret: Secret,
    /// Its administrator.
    pub admin: User,
    /// The app's root folder.
    pub root_folder: ObjectToken,
}

impl Platform {
    /// Makes a tenant that nobody else is in, with an app and an administrator of its own.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::Taken`] for ids that were chosen, [`Error::Store`].
    pub async fn create_tenant_with_app(
        &self,
        tenant: &NewTenant,
        app: &NewApp,
        admin: &NewUser,
    ) -> Result<FreshTenant, Error> {
        let (mut transaction, fresh) = self.fresh_tenant(tenant, app, admin)?;
        self.must_be_free(&fresh.tenant.id, &fresh.app.id).await?;
        if let Some(password) = &admin.password {
            self.set_password_in(&mut transaction, &fresh.admin, password)?;
        }
        self.commit_new(transaction, "tenant", fresh.tenant.id.as_str()).await?;
        Ok(fresh)
    }

    /// Makes a tenant without anybody in it.
    ///
    /// # Errors
    /// As [`Platform::create_tenant_with_app`].
    pub async fn create_tenant(&self, new: &NewTenant) -> Result<Tenant, Error> {
        let tenant = self.new_tenant(new)?;
        let mut transaction = Transaction::new();
        tenants::insert_new(&mut transaction, &tenant);
        self.commit_new(transaction, "tenant", tenant.id.as_str()).await?;
        Ok(tenant)
    }

    /// The tenant `id`.
    ///
    /// # Errors
    /// [`Error::NoSuchTenant`], [`Error::Store`].
    pub async fn tenant(&self, id: &TenantId) -> Result<Tenant, Error> {
        let found = tenants::get(&self.db, id).await?;
        found.ok_or_else(|| Error::NoSuchTenant(id.0.clone()))
    }

    /// Renames the tenant.
    ///
    /// # Errors
    /// [`Error::NoSuchTenant`], [`Error::Malformed`], [`Error::Store`].
    pub async fn rename_tenant(&self, id: &TenantId, name: &str) -> Result<(), Error> {
        naming::name("name", name)?;
        self.tenant(id).await?;
        let mut transaction = Transaction::new();
        tenants::rename(&mut transaction, id, name);
        self.db.commit(transaction).await?;
        Ok(())
    }

    /// The statements that make a tenant with an app, an administrator and a root folder.
    pub(crate) fn fresh_tenant(
        &self,
        tenant: &NewTenant,
        app: &NewApp,
        admin: &NewUser,
    ) -> Result<(Transaction, FreshTenant), Error> {
        let tenant = self.new_tenant(tenant)?;
        let (app, app_secret) = self.new_app(&tenant.id, app)?;
        let admin = self.new_user(&tenant.id, admin)?;
        let mut root = self.new_root(&format!("app:{}", app.id));
        root.tenant = tenant.id.clone();
        root.creator_app = app.id.clone();
        let mut transaction = Transaction::new();
        tenants::insert_new(&mut transaction, &tenant);
        larkspur_store::apps::insert(&mut transaction, &app);
        larkspur_store::users::insert(&mut transaction, &admin);
        objects::insert(&mut transaction, &root);
        let root_folder = root.token;
        Ok((transaction, FreshTenant { tenant, app, app_secret, admin, root_folder }))
    }

    fn new_tenant(&self, new: &NewTenant) -> Result<Tenant, Error> {
        naming::name("name", &new.name)?;
        Ok(Tenant {
            id: naming::tenant(new.id.as_deref(), &self.ids)?,
            name: new.name.clone(),
            node_count: 0,
            created_ms: self.clock.now_ms(),
        })
    }

    async fn must_be_free(&self, tenant: &TenantId, app: &AppId) -> Result<(), Error> {
        if tenants::get(&self.db, tenant).await?.is_some() {
            return Err(Error::Taken { what: "tenant", id: tenant.0.clone() });
        }
        if larkspur_store::apps::get(&self.db, app).await?.is_some() {
            return Err(Error::Taken { what: "app", id: app.0.clone() });
        }
        Ok(())
    }

    /// Commits what makes a new thing: a key that exists already becomes [`Error::Taken`].
    pub(crate) async fn commit_new(
        &self,
        transaction: Transaction,
        what: &'static str,
        id: &str,
    ) -> Result<(), Error> {
        match self.db.commit(transaction).await {
            Ok(_) => Ok(()),
            Err(larkspur_store::Error::Duplicate(_)) => {
                Err(Error::Taken { what, id: id.to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }
}
