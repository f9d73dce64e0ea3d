//! Who calls, once a token has been accepted.

use std::collections::BTreeSet;
use std::sync::Arc;

use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_store::apps::AppKind;
use larkspur_store::tokens::TokenKind;

/// What a caller may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scopes {
    /// Every scope there is and will be.
    All,
    /// These.
    Only(BTreeSet<String>),
    /// What a user granted an app, as far as the app has it itself.
    Granted {
        /// The app's.
        app: Box<Scopes>,
        /// The user's grant.
        user: Box<Scopes>,
    },
}

impl Scopes {
    /// Reads what an app's record says: scopes separated by spaces, or `*` for all.
    pub fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            Self::All
        } else {
            Self::Only(text.split_whitespace().map(str::to_owned).collect())
        }
    }

    /// Whether `scope` is among them.
    pub fn hold(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(scope),
            Self::Granted { app, user } => app.hold(scope) && user.hold(scope),
        }
    }
}

/// Whoever a valid token stands for. Cheap to clone where it matters: once a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant whose things are seen.
    pub tenant: TenantId,
    /// The app that calls.
    pub app: AppId,
    /// The app's kind.
    pub app_kind: AppKind,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The user the app acts for, with a user's token.
    pub user: Option<UserId>,
    /// Whether that user administers the tenant.
    pub admin: bool,
    /// What the app was granted, and with a user's token what the user granted the app.
    pub scopes: Arc<Scopes>,
}

impl Caller {
    /// The identity that owns what this caller makes, and may ask for its tasks: the user where
    /// there is one, else the app.
    pub fn creator(&self) -> String {
        match &self.user {
            Some(user) => format!("user:{user}"),
            None => format!("app:{}", self.app),
        }
    }
}
