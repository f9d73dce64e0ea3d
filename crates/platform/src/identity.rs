//! The ids a user has beside the tenant's own: `open_id`, another one in each app, and `union_id`;
//! and a department's `open_department_id` (contract, NOTES §3). Each is a number under a cipher keyed
//! by the server's secret, so they need no table, can be read back, and a made-up one is recognised.

use larkspur_model::id::{AppId, TenantId};
use larkspur_store::apps;
use larkspur_store::departments::{self, Department};
use larkspur_store::users::{self, User};

use crate::secret::ServerSecret;
use crate::{Error, Platform};

/// Rounds of the cipher; four make it hard to tell from a random permutation.
const ROUNDS: u8 = 4;

impl Platform {
    /// The `open_id` of `user` in `app`.
    pub fn open_id(&self, app: &AppId, user: &User) -> String {
        format!("ou_{:032x}", encipher(&self.secret, &purpose_of_app(app), user.number))
    }

    /// The `union_id` of `user`, the same in all apps of the tenant.
    pub fn union_id(&self, user: &User) -> String {
        format!("on_{:032x}", encipher(&self.secret, &purpose_of_tenant(&user.tenant), user.number))
    }

    /// The user of `tenant` with this `open_id` in `app`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn user_of_open_id(
        &self,
        tenant: &TenantId,
        app: &AppId,
        open_id: &str,
    ) -> Result<Option<User>, Error> {
        let number = open_id.strip_prefix("ou_").and_then(parse);
        let number = number.and_then(|id| decipher(&self.secret, &purpose_of_app(app), id));
        self.user_of_number(tenant, number).await
    }

    /// The user of `tenant` with this `union_id`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn user_of_union_id(
        &self,
        tenant: &TenantId,
        union_id: &str,
    ) -> Result<Option<User>, Error> {
        let number = union_id.strip_prefix("on_").and_then(parse);
        let number = number.and_then(|id| decipher(&self.secret, &purpose_of_tenant(tenant), id));
        self.user_of_number(tenant, number).await
    }

    /// The `open_department_id` of `department`, the same in all apps of the tenant.
    pub fn open_department_id(&self, department: &Department) -> String {
        let purpose = purpose_of_departments(&department.tenant);
        format!("od-{:032x}", encipher(&self.secret, &purpose, department.number))
    }

    /// The department of `tenant` with this `open_department_id`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn department_of_open_id(
        &self,
        tenant: &TenantId,
        open_department_id: &str,
    ) -> Result<Option<Department>, Error> {
        let number = open_department_id.strip_prefix("od-").and_then(parse);
        let purpose = purpose_of_departments(tenant);
        let number = number.and_then(|id| decipher(&self.secret, &purpose, id));
        let Some(number) = number else { return Ok(None) };
        let found = departments::by_number(&self.db, number).await?;
        Ok(found.filter(|department| department.tenant == *tenant))
    }

    /// The `open_id` of the app `app` as the app `viewer` sees it: as an owner or a collaborator an
    /// app is named the way a user is.
    pub fn open_id_of_app(&self, viewer: &AppId, app: &AppId) -> String {
        let purpose = format!("open_id_of_app/{viewer}/{app}");
        let half = |round| self.secret.mix(&purpose, round, 0);
        format!("ou_{:016x}{:016x}", half(0), half(1))
    }

    /// The app that `viewer` sees under this `open_id`, of those the tenant has.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn app_of_open_id(
        &self,
        tenant: &TenantId,
        viewer: &AppId,
        open_id: &str,
    ) -> Result<Option<AppId>, Error> {
        if self.open_id_of_app(viewer, viewer) == open_id {
            return Ok(Some(viewer.clone()));
        }
        let apps = apps::of_tenant(&self.db, tenant).await?;
        let mut ids = apps.into_iter().map(|app| app.id);
        Ok(ids.find(|app| self.open_id_of_app(viewer, app) == open_id))
    }

    async fn user_of_number(
        &self,
        tenant: &TenantId,
        number: Option<i64>,
    ) -> Result<Option<User>, Error> {
        let Some(number) = number else { return Ok(None) };
        let user = users::by_number(&self.db, number).await?;
        Ok(user.filter(|user| user.tenant == *tenant))
    }
}

pub(crate) fn purpose_of_app(app: &AppId) -> String {
    format!("open_id/{app}")
}

pub(crate) fn purpose_of_tenant(tenant: &TenantId) -> String {
    format!("union_id/{tenant}")
}

pub(crate) fn purpose_of_departments(tenant: &TenantId) -> String {
    format!("open_department_id/{tenant}")
}

pub(crate) fn parse(digits: &str) -> Option<u128> {
    let proper =
        digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if proper { u128::from_str_radix(digits, 16).ok() } else { None }
}

/// A balanced Feistel network over 128 bits; the upper half of its input is zero.
pub(crate) fn encipher(secret: &ServerSecret, purpose: &str, number: i64) -> u128 {
    let (mut left, mut right) = (0_u64, number as u64);
    for round in 0..ROUNDS {
        (left, right) = (right, left ^ secret.mix(purpose, round, right));
    }
    u128::from(left) << 64 | u128::from(right)
}

pub(crate) fn decipher(secret: &ServerSecret, purpose: &str, id: u128) -> Option<i64> {
    let (mut left, mut right) = ((id >> 64) as u64, id as u64);
    for round in (0..ROUNDS).rev() {
        (left, right) = (right ^ secret.mix(purpose, round, left), left);
    }
    (left == 0).then_some(right as i64)
}
