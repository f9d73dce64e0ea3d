//! Users and departments of a tenant: made and changed. How users sign in is `sign_in`'s.

use larkspur_model::id::{TenantId, UserId};
use larkspur_store::contacts;
use larkspur_store::departments::{self, Department};
use larkspur_store::sql::Transaction;
use larkspur_store::users::{self, Profile, User};

use crate::{Error, Platform, Secret, naming};

/// What another user may have already.
const USER: &str = "user with the id, mobile, mail address or employee number of";
/// What another department may have already.
const DEPARTMENT: &str = "department with the id, or the name and parent, of";
/// Departments stand at most this deep.
const DEPTH: usize = 1_000;

/// A user who is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// Their id in the tenant (`user_id`); one is made where there is none.
    pub id: Option<String>,
    /// Name for people.
    pub name: String,
    /// What else is known about them.
    pub profile: Profile,
    /// Whether they administer the tenant.
    pub admin: bool,
    /// Departments they belong to; the root where there are none.
    pub departments: Vec<String>,
    /// What they sign in with, if they can.
    pub password: Option<Secret>,
}

/// What is to change about a user; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Name for people.
    pub name: Option<String>,
    /// Name in Latin letters.
    pub en_name: Option<String>,
    /// Address of their mail.
    pub email: Option<String>,
    /// Telephone number.
    pub mobile: Option<String>,
    /// Number the employer gave them.
    pub employee_no: Option<String>,
    /// Address of their picture.
    pub avatar_url: Option<String>,
    /// Whether they administer the tenant.
    pub admin: Option<bool>,
    /// Whether they may call and sign in.
    pub enabled: Option<bool>,
    /// Departments they belong to.
    pub departments: Option<Vec<String>>,
    /// What they sign in with.
    pub password: Option<Secret>,
}

/// A department that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewDepartment {
    /// Its id in the tenant (`department_id`); one is made where there is none.
    pub id: Option<String>,
    /// Name for people.
    pub name: String,
    /// The department above; the root where there is none.
    pub parent: Option<String>,
    /// Where it stands among its sisters.
    pub order: i64,
}

impl Platform {
    /// Makes a user in `tenant`.
    ///
    /// # Errors
    /// [`Error::NoSuchTenant`], [`Error::NoSuchDepartment`], [`Error::Malformed`],
    /// [`Error::Taken`], [`Error::Store`].
    pub async fn create_user(&self, tenant: &TenantId, new: &NewUser) -> Result<User, Error> {
        self.tenant(tenant).await?;
        self.departments_exist(tenant, &new.departments).await?;
        let user = self.new_user(tenant, new)?;
        let mut transaction = Transaction::new();
        contacts::touch(&mut transaction, tenant);
        users::insert(&mut transaction, &user);
        departments::set_of_user(&mut transaction, tenant, &user.id, &new.departments);
        if let Some(password) = &new.password {
            self.set_password_in(&mut transaction, &user, password)?;
        }
        self.commit_new(transaction, USER, user.id.as_str()).await?;
        Ok(user)
    }

    pub(crate) fn new_user(&self, tenant: &TenantId, new: &NewUser) -> Result<User, Error> {
        naming::name("name", &new.name)?;
        let now_ms = self.clock.now_ms();
        Ok(User {
            tenant: tenant.clone(),
            id: naming::user(new.id.as_deref(), &self.ids)?,
            number: self.ids.number(now_ms),
            name: new.name.clone(),
            profile: new.profile.clone(),
            admin: new.admin,
            enabled: true,
            created_ms: now_ms,
        })
    }

    /// The user `id` of `tenant`.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], [`Error::Store`].
    pub async fn user(&self, tenant: &TenantId, id: &UserId) -> Result<User, Error> {
        let found = users::get(&self.db, tenant, id).await?;
        found.ok_or_else(|| Error::NoSuchUser(id.0.clone()))
    }

    /// Changes the user and gives them back as they then are. Takes effect at once here, and within
    /// ten seconds on other nodes.
    ///
    /// # Errors
    /// As [`Platform::create_user`].
    pub async fn update_user(
        &self,
        tenant: &TenantId,
        id: &UserId,
        change: UserChange,
    ) -> Result<User, Error> {
        let mut user = self.user(tenant, id).await?;
        set(&mut user.name, change.name);
        set(&mut user.profile.en_name, change.en_name);
        set(&mut user.profile.email, change.email);
        set(&mut user.profile.mobile, change.mobile);
        set(&mut user.profile.employee_no, change.employee_no);
        set(&mut user.profile.avatar_url, change.avatar_url);
        set(&mut user.admin, change.admin);
        set(&mut user.enabled, change.enabled);
        naming::name("name", &user.name)?;
        let mut transaction = Transaction::new();
        contacts::touch(&mut transaction, tenant);
        users::update(&mut transaction, &user);
        if let Some(departments) = &change.departments {
            self.departments_exist(tenant, departments).await?;
            departments::set_of_user(&mut transaction, tenant, id, departments);
        }
        if let Some(password) = &change.password {
            self.set_password_in(&mut transaction, &user, password)?;
        }
        self.commit_new(transaction, USER, user.id.as_str()).await?;
        self.known.forget_all();
        Ok(user)
    }

    /// Makes a department in `tenant`.
    ///
    /// # Errors
    /// As [`Platform::create_user`].
    pub async fn create_department(
        &self,
        tenant: &TenantId,
        new: &NewDepartment,
    ) -> Result<Department, Error> {
        self.tenant(tenant).await?;
        naming::name("name", &new.name)?;
        let parent = new.parent.clone().unwrap_or_else(|| departments::ROOT.to_owned());
        self.departments_exist(tenant, std::slice::from_ref(&parent)).await?;
        let now_ms = self.clock.now_ms();
        let department = Department {
            tenant: tenant.clone(),
            id: naming::department(new.id.as_deref(), &self.ids)?,
            number: self.ids.number(now_ms),
            name: new.name.clone(),
            parent,
            order: new.order,
            created_ms: now_ms,
        };
        let mut transaction = Transaction::new();
        contacts::touch(&mut transaction, tenant);
        departments::insert(&mut transaction, &department);
        self.commit_new(transaction, DEPARTMENT, &department.id).await?;
        Ok(department)
    }

    /// The department `id` of `tenant`.
    ///
    /// # Errors
    /// [`Error::NoSuchDepartment`], [`Error::Store`].
    pub async fn department(&self, tenant: &TenantId, id: &str) -> Result<Department, Error> {
        let found = departments::get(&self.db, tenant, id).await?;
        found.ok_or_else(|| Error::NoSuchDepartment(id.to_owned()))
    }

    /// Writes name, parent and order of a department that [`Platform::department`] gave.
    ///
    /// # Errors
    /// [`Error::NoSuchDepartment`] for its parent, [`Error::Malformed`] where it would stand below
    /// itself, [`Error::Store`].
    pub async fn update_department(&self, changed: &Department) -> Result<(), Error> {
        naming::name("name", &changed.name)?;
        let mut above = changed.parent.clone();
        for _ in 0..DEPTH {
            if above == departments::ROOT {
                let mut transaction = Transaction::new();
                contacts::touch(&mut transaction, &changed.tenant);
                departments::update(&mut transaction, changed);
                return self.commit_new(transaction, DEPARTMENT, &changed.id).await;
            }
            if above == changed.id {
                break;
            }
            above = self.department(&changed.tenant, &above).await?.parent;
        }
        Err(Error::Malformed {
            field: "parent_department_id",
            value: changed.parent.clone(),
            rule: "a department that does not stand below this one",
        })
    }

    async fn departments_exist(&self, tenant: &TenantId, ids: &[String]) -> Result<(), Error> {
        for id in ids.iter().filter(|id| *id != departments::ROOT) {
            self.department(tenant, id).await?;
        }
        Ok(())
    }
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}
