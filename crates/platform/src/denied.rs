//! Refusals with their codes, in the words of the contract (`codes.json`, `platform_codes`; which
//! one when: NOTES §2.2). The contract leaves their HTTP status open and reports 400.

use std::borrow::Cow;

use larkspur_model::id::AppId;

use crate::Layer;

/// One entry of `error.permission_violations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// `action_scope_required` and its like.
    pub kind: &'static str,
    /// One scope.
    pub subject: String,
}

/// A call that was not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// HTTP status.
    pub http: u16,
    /// Code in the envelope.
    pub code: i64,
    /// Message in the envelope.
    pub msg: Cow<'static, str>,
    /// What the caller lacks.
    pub violations: Vec<Violation>,
    /// What was wrong and what would help, for the log; it names no secret.
    pub why: String,
    /// Which layer refused.
    pub layer: Layer,
    /// The app, where the token told it.
    pub app: Option<AppId>,
}

impl Denied {
    fn new(layer: Layer, code: i64, msg: &'static str, why: impl Into<String>) -> Self {
        Self {
            http: 400,
            code,
            msg: msg.into(),
            violations: Vec::new(),
            why: why.into(),
            layer,
            app: None,
        }
    }

    /// This refusal of a call of `app`.
    #[must_use]
    pub(crate) fn of(self, app: &AppId) -> Self {
        Self { app: Some(app.clone()), ..self }
    }

    pub(crate) fn no_token(why: &str) -> Self {
        let msg = "Missing access token for authorization. Please make a request with token \
                   attached.";
        Self::new(Layer::Token, 99_991_661, msg, why)
    }

    pub(crate) fn wrong_prefix() -> Self {
        let why = "the bearer token starts neither with t- nor with u-";
        Self::new(Layer::Token, 99_991_671, "Invalid token: must start with t-/u-", why)
    }

    pub(crate) fn tenant_token(why: impl Into<String>) -> Self {
        let msg =
            "Invalid access token for authorization. Please make a request with token attached";
        Self::new(Layer::Token, 99_991_663, msg, why)
    }

    pub(crate) fn app_token(why: impl Into<String>) -> Self {
        Self::new(Layer::Token, 99_991_664, "invalid app token", why)
    }

    pub(crate) fn user_token(why: impl Into<String>) -> Self {
        let msg =
            "Invalid access token for authorization. Please make a request with token attached.";
        Self::new(Layer::Token, 99_991_668, msg, why)
    }

    pub(crate) fn user_token_expired() -> Self {
        let why = "the user_access_token has expired; refresh it";
        Self::new(Layer::Token, 99_991_677, "Authentication token expired", why)
    }

    pub(crate) fn app_disabled(app: &str) -> Self {
        let why = format!("app {app} is disabled or was removed");
        Self::new(Layer::App, 99_991_662, "app not in use", why)
    }

    pub(crate) fn app_kind(why: impl Into<String>) -> Self {
        Self::new(Layer::App, 99_991_673, "unauthorized app", why)
    }

    pub(crate) fn scopes(app: &str, scopes: &[&str]) -> Self {
        let list = scopes.join(", ");
        let violation = |scope: &&str| Violation {
            kind: "action_scope_required",
            subject: (*scope).to_owned(),
        };
        Self {
            http: 400,
            code: 99_991_672,
            msg: format!("Access denied. One of the following scopes is required: [{list}]").into(),
            violations: scopes.iter().map(violation).collect(),
            why: format!("app {app} lacks a scope: grant it one of {list}"),
            layer: Layer::Scope,
            app: None,
        }
    }

    pub(crate) fn not_granted(app: &str, scopes: &[&str]) -> Self {
        let violation = |scope: &&str| Violation {
            kind: "action_privilege_required",
            subject: (*scope).to_owned(),
        };
        let msg = "Unauthorized. You do not have permission to perform the requested operation on \
                   the resource. Please request user re-authorization and try again.";
        let list = scopes.join(", ");
        let why = format!("the user granted app {app} none of the scopes {list}");
        Self {
            violations: scopes.iter().map(violation).collect(),
            ..Self::new(Layer::UserGrant, 99_991_679, msg, why)
        }
    }

    /// Nobody could look the token up.
    pub(crate) fn unavailable(why: String) -> Self {
        Self { http: 500, ..Self::new(Layer::Server, 2_200, "internal error", why) }
    }
}
