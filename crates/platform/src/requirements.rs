//! What an operation demands of its caller before it runs, and the check of it.

use larkspur_store::apps::AppKind;
use larkspur_store::tokens::TokenKind;

use crate::{Caller, Denied, Platform, Scopes};

/// What an operation demands (contract: `x-token-types`, `x-app-types`, `x-scopes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirements<'a> {
    /// Kinds of token it takes.
    pub tokens: &'a [TokenKind],
    /// Kinds of app that may call it.
    pub apps: &'a [AppKind],
    /// Any one of these scopes is enough; none is needed where the list is empty.
    pub scopes: &'a [&'a str],
}

impl Platform {
    /// Whether `caller` may call an operation with these requirements.
    ///
    /// # Errors
    /// In this order: 99991663, 99991668 or 99991664 for a token of the wrong kind, 99991673 for an
    /// app of the wrong kind, 99991672 for an app without any of the scopes, 99991679 for a user who
    /// granted the app none of those that it has.
    pub fn allow(&self, caller: &Caller, requirements: &Requirements<'_>) -> Result<(), Denied> {
        let Requirements { tokens, apps, scopes } = requirements;
        // A custom app's two tokens are one and the same, so its tenant token is its app token.
        let stands_for_app = caller.kind == TokenKind::Tenant
            && caller.app_kind == AppKind::Custom
            && tokens.contains(&TokenKind::App);
        if !tokens.contains(&caller.kind) && !stands_for_app {
            return Err(match caller.kind {
                TokenKind::Tenant => {
                    Denied::tenant_token("this operation takes no tenant_access_token")
                }
                TokenKind::User => Denied::user_token("this operation takes no user_access_token"),
                TokenKind::App => Denied::app_token("this operation takes no app_access_token"),
            });
        }
        if !apps.contains(&caller.app_kind) {
            let why = format!("app {} is not of a kind that may call this operation", caller.app);
            return Err(Denied::app_kind(why));
        }
        if scopes.is_empty() || scopes.iter().any(|scope| caller.scopes.hold(scope)) {
            return Ok(());
        }
        if let Scopes::Granted { app, .. } = &*caller.scopes
            && scopes.iter().any(|scope| app.hold(scope))
        {
            return Err(Denied::not_granted(caller.app.as_str(), scopes));
        }
        Err(Denied::scopes(caller.app.as_str(), scopes))
    }
}
