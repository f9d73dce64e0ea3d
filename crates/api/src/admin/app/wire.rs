//! Requests and answers about apps.

use larkspur_platform::AppKind;
use larkspur_store::{apps, installations};
use serde::{Deserialize, Serialize};

/// Kinds of app.
#[derive(Deserialize, Serialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Custom,
    Store,
}

/// Body of `larkspurAppCreate`; everything may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    pub(super) tenant_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) app_secret: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) kind: Option<Kind>,
    /// Keys, or `*` alone for all, which is the default.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) redirect_uris: Option<Vec<String>>,
}

/// Body of `larkspurAppUpdate`; what is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateBody {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) redirect_uris: Option<Vec<String>>,
    pub(super) enabled: Option<bool>,
}

/// Body of `larkspurAppInstall`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstallBody {
    pub(super) tenant_id: String,
    pub(super) enabled: Option<bool>,
}

/// Data of an answer about one app. The secret stands in it when the app is made, and never again.
#[derive(Serialize)]
pub(super) struct AppData<'a> {
    pub(super) app: App<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_secret: Option<&'a str>,
}

/// An app.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]
pub(super) struct App<'a> {
    app_id: &'a str,
    tenant_id: &'a str,
    name: &'a str,
    description: &'a str,
    kind: Kind,
    scopes: Vec<&'a str>,
    redirect_uris: &'a [String],
    enabled: bool,
    created_ms: i64,
}

impl<'a> App<'a> {
    pub(super) fn of(app: &'a apps::App) -> Self {
        Self {
            app_id: app.id.as_str(),
            tenant_id: app.tenant.as_str(),
            name: &app.name,
            description: &app.description,
            kind: match app.kind {
                AppKind::Custom => Kind::Custom,
                AppKind::Store => Kind::Store,
            },
            scopes: app.scopes.split_whitespace().collect(),
            redirect_uris: &app.redirect_uris,
            enabled: app.enabled,
            created_ms: app.created_ms,
        }
    }
}

/// Data of `larkspurAppResetSecret`.
#[derive(Serialize)]
pub(super) struct SecretData<'a> {
    pub(super) app_id: &'a str,
    pub(super) app_secret: &'a str,
}

/// Data of `larkspurAppTicket`.
#[derive(Serialize)]
pub(super) struct TicketData<'a> {
    pub(super) app_id: &'a str,
    pub(super) app_ticket: &'a str,
    /// When the next one takes its place; this one is still taken for an hour after that.
    pub(super) next_ms: i64,
}

/// Data of `larkspurAppInstall`.
#[derive(Serialize)]
pub(super) struct InstallationData<'a> {
    pub(super) installation: Installation<'a>,
}

/// Where a store app is installed.
#[derive(Serialize)]
pub(super) struct Installation<'a> {
    app_id: &'a str,
    tenant_id: &'a str,
    enabled: bool,
    created_ms: i64,
}

impl<'a> Installation<'a> {
    pub(super) fn of(installation: &'a installations::Installation) -> Self {
        Self {
            app_id: installation.app.as_str(),
            tenant_id: installation.tenant.as_str(),
            enabled: installation.enabled,
            created_ms: installation.created_ms,
        }
    }
}
