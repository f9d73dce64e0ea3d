//! Requests and answers about tenants.

use larkspur_store::tenants;
use serde::{Deserialize, Serialize};

/// Body of `larkspurTenantCreate`; everything may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    pub(super) tenant_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) app: Option<FirstApp>,
    pub(super) admin: Option<FirstUser>,
}

/// The app the tenant begins with.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstApp {
    pub(super) app_id: Option<String>,
    pub(super) app_secret: Option<String>,
    pub(super) name: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) redirect_uris: Option<Vec<String>>,
}

/// The administrator the tenant begins with.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstUser {
    pub(super) user_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) password: Option<String>,
}

/// Body of `larkspurTenantRename`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameBody {
    pub(super) name: String,
}

/// Data of `larkspurTenantCreate`.
#[derive(Serialize)]
pub(super) struct CreateData<'a> {
    pub(super) tenant: Created<'a>,
}

/// A tenant that was made, and all a test needs to speak to it. The secret is seen this once.
#[derive(Serialize)]
pub(super) struct Created<'a> {
    pub(super) tenant_id: &'a str,
    pub(super) name: &'a str,
    pub(super) app_id: &'a str,
    pub(super) app_secret: &'a str,
    pub(super) admin_user_id: &'a str,
    pub(super) admin_open_id: String,
    pub(super) admin_union_id: String,
    pub(super) root_folder_token: &'a str,
}

/// Data of a look at one tenant.
#[derive(Serialize)]
pub(super) struct TenantData<'a> {
    pub(super) tenant: Tenant<'a>,
}

/// A tenant; `tenant_id` is what the platform calls `tenant_key`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct Tenant<'a> {
    tenant_id: &'a str,
    name: &'a str,
    node_count: i64,
    created_ms: i64,
}

impl<'a> Tenant<'a> {
    pub(super) fn of(tenant: &'a tenants::Tenant) -> Self {
        Self {
            tenant_id: tenant.id.as_str(),
            name: &tenant.name,
            node_count: tenant.node_count,
            created_ms: tenant.created_ms,
        }
    }
}
