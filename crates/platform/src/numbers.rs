//! The same ids as `identity` makes, for those who work with many users or departments at once: from
//! a number and back, without looking anybody up.

use larkspur_model::id::{AppId, TenantId};

use crate::Platform;
use crate::identity::{
    decipher, encipher, parse, purpose_of_app, purpose_of_departments, purpose_of_tenant,
};

impl Platform {
    /// The `open_id` in `app` of the user with this number.
    pub fn open_id_of_number(&self, app: &AppId, number: i64) -> String {
        format!("ou_{:032x}", encipher(&self.secret, &purpose_of_app(app), number))
    }

    /// The number in an `open_id` of `app`; none in one of another app, or that was made up.
    pub fn number_of_open_id(&self, app: &AppId, open_id: &str) -> Option<i64> {
        let id = open_id.strip_prefix("ou_").and_then(parse)?;
        decipher(&self.secret, &purpose_of_app(app), id)
    }

    /// The `union_id` in `tenant` of the user with this number.
    pub fn union_id_of_number(&self, tenant: &TenantId, number: i64) -> String {
        format!("on_{:032x}", encipher(&self.secret, &purpose_of_tenant(tenant), number))
    }

    /// The number in a `union_id` of `tenant`; none in one of another tenant, or that was made up.
    pub fn number_of_union_id(&self, tenant: &TenantId, union_id: &str) -> Option<i64> {
        let id = union_id.strip_prefix("on_").and_then(parse)?;
        decipher(&self.secret, &purpose_of_tenant(tenant), id)
    }

    /// The `open_department_id` in `tenant` of the department with this number.
    pub fn open_department_id_of_number(&self, tenant: &TenantId, number: i64) -> String {
        format!("od-{:032x}", encipher(&self.secret, &purpose_of_departments(tenant), number))
    }

    /// The number in an `open_department_id` of `tenant`; none in one of another tenant, or that was
    /// made up.
    pub fn number_of_open_department_id(&self, tenant: &TenantId, id: &str) -> Option<i64> {
        let id = id.strip_prefix("od-").and_then(parse)?;
        decipher(&self.secret, &purpose_of_departments(tenant), id)
    }
}
