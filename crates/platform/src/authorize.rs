//! The user's side of the code flow: what an app asks for, whether it may ask, and the code that a
//! consent ends with (contract, NOTES §2.3). Pages and proofs of who somebody is live above.

use larkspur_model::id::AppId;
use larkspur_model::time::{MINUTE_MS, Millis};
use larkspur_store::apps::{self, App, AppKind};
use larkspur_store::authorizations::{self, Challenge, CodeRecord, Holder};
use larkspur_store::installations;
use larkspur_store::sql::Transaction;
use larkspur_store::users::{self, User};
use subtle::ConstantTimeEq as _;

use crate::secret::{hash_token, hex};
use crate::{Error, Platform, Scopes, Secret, naming};

/// How long a code holds.
const CODE_LIFE_MS: Millis = 5 * MINUTE_MS;
/// Characters of a code; `[A-Za-z0-9]`, 285 random bits.
const CODE_LENGTH: usize = 48;
/// Scopes a request may name.
const MOST_SCOPES: usize = 50;
const VERIFIER_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// The scope that lets an app have refresh tokens.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// What a browser was sent with.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationQuery {
    /// `client_id`, or `app_id` as an older SDK spells it.
    pub client_id: Option<String>,
    /// Must be `code`; older addresses leave it out.
    pub response_type: Option<String>,
    /// Where to go back to.
    pub redirect_uri: Option<String>,
    /// Scopes separated by spaces.
    pub scope: Option<String>,
    /// PKCE.
    pub code_challenge: Option<String>,
    /// `S256` or `plain`, which is the default.
    pub code_challenge_method: Option<String>,
}

/// What an app asks a user for.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The app.
    pub app: App,
    /// Where to go back to.
    pub redirect_uri: String,
    /// The scopes it names, each once.
    pub scopes: Vec<String>,
    challenge: Challenge,
}

/// Why a user is not even asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// Something is missing or has not its form; which parameter.
    #[error("the parameter {0} is missing or wrong")]
    Parameter(&'static str),
    /// There is no such app.
    #[error("there is no such app")]
    UnknownApp,
    /// The app may not call.
    #[error("the app is disabled")]
    AppDisabled,
    /// The address is not one of the app's.
    #[error("the redirect_uri is not registered with the app")]
    RedirectUri(AppId),
    /// The app has not these scopes itself.
    #[error("the app has not the scopes {0:?}")]
    Scopes(Vec<String>),
    /// It could not be worked out.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<larkspur_store::Error> for AuthorizeError {
    fn from(error: larkspur_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Platform {
    /// Whether an app may ask a user for what `query` says.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing of it may be sent to the address of the query, which
    /// may be anybody's.
    pub async fn check_authorization(
        &self,
        query: &AuthorizationQuery,
    ) -> Result<Authorization, AuthorizeError> {
        let client_id = query.client_id.as_deref().filter(|id| id.len() <= 64);
        let client_id = client_id.ok_or(AuthorizeError::Parameter("client_id"))?;
        let app = apps::get(&self.db, &AppId::from(client_id)).await?;
        let app = app.ok_or(AuthorizeError::UnknownApp)?;
        if !app.enabled {
            return Err(AuthorizeError::AppDisabled);
        }
        let redirect_uri =
            query.redirect_uri.clone().ok_or(AuthorizeError::Parameter("redirect_uri"))?;
        if !app.redirect_uris.contains(&redirect_uri) {
            return Err(AuthorizeError::RedirectUri(app.id));
        }
        if query.response_type.as_deref().is_some_and(|kind| kind != "code") {
            return Err(AuthorizeError::Parameter("response_type"));
        }
        let challenge = challenge_of(query)?;
        let scopes = query.scope.as_deref().unwrap_or_default();
        let mut named: Vec<String> = Vec::new();
        for scope in scopes.split_whitespace() {
            if !named.iter().any(|one| one == scope) {
                named.push(scope.to_owned());
            }
        }
        if named.len() > MOST_SCOPES {
            return Err(AuthorizeError::Parameter("scope"));
        }
        let held = Scopes::parse(&app.scopes);
        let unknown: Vec<String> = named
            .iter()
            .filter(|scope| !naming::is_scope(scope) || !held.hold(scope))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(AuthorizeError::Scopes(unknown));
        }
        Ok(Authorization { app, redirect_uri, scopes: named, challenge })
    }

    /// The user allows what was asked: what they granted before stays granted, and the app gets a
    /// code. `None` where the app does not act in the user's tenant, or the user may not call.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn consent(
        &self,
        asked: &Authorization,
        user: &User,
    ) -> Result<Option<Secret>, Error> {
        if !user.enabled || !self.acts_in(&asked.app, &user.tenant).await? {
            return Ok(None);
        }
        let now_ms = self.clock.now_ms();
        let holder = Holder {
            app: asked.app.id.clone(),
            tenant: user.tenant.clone(),
            user: user.id.clone(),
        };
        let mut granted: Vec<String> = authorizations::grant(&self.db, &holder)
            .await?
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        for scope in &asked.scopes {
            if !granted.contains(scope) {
                granted.push(scope.clone());
            }
        }
        // Tokens that renew are for those who name the scope this time.
        let renewing = asked.scopes.iter().any(|scope| scope == OFFLINE_ACCESS);
        let carried: Vec<&str> = granted
            .iter()
            .map(String::as_str)
            .filter(|scope| *scope != OFFLINE_ACCESS || renewing)
            .collect();
        let code = Secret::new(self.ids.alphanumeric(CODE_LENGTH));
        let record = CodeRecord {
            hash: hex(&hash_token(code.expose())),
            holder: holder.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            scopes: carried.join(" "),
            challenge: asked.challenge.clone(),
            issued_ms: now_ms,
            expires_ms: now_ms + CODE_LIFE_MS,
            used_ms: None,
        };
        let mut transaction = Transaction::new();
        authorizations::set_grant(&mut transaction, &holder, &granted.join(" "), now_ms);
        authorizations::insert_code(&mut transaction, &record);
        self.db.commit(transaction).await?;
        Ok(Some(code))
    }

    /// Takes back what a user granted an app: its tokens for them end at once.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::NoSuchUser`], [`Error::Store`].
    pub async fn withdraw(&self, app: &AppId, user: &User) -> Result<(), Error> {
        self.app(app).await?;
        let holder =
            Holder { app: app.clone(), tenant: user.tenant.clone(), user: user.id.clone() };
        let now_ms = self.clock.now_ms();
        self.change_app(app, |transaction| authorizations::withdraw(transaction, &holder, now_ms))
            .await
    }

    /// Whether the app acts in the tenant: a custom app in its own, a store app where it is
    /// installed and allowed to.
    pub(crate) async fn acts_in(
        &self,
        app: &App,
        tenant: &larkspur_model::id::TenantId,
    ) -> Result<bool, Error> {
        match app.kind {
            AppKind::Custom => Ok(app.tenant == *tenant),
            AppKind::Store => {
                let found = installations::get(&self.db, &app.id, tenant).await?;
                Ok(found.is_some_and(|installation| installation.enabled))
            }
        }
    }

    /// The users who may be asked by `app`: of its tenant, or of all tenants it is installed in; at
    /// most `limit` of each.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn users_of_app(&self, app: &App, limit: i64) -> Result<Vec<User>, Error> {
        let tenants = match app.kind {
            AppKind::Custom => vec![app.tenant.clone()],
            AppKind::Store => installations::of_app(&self.db, &app.id)
                .await?
                .into_iter()
                .filter(|installation| installation.enabled)
                .map(|installation| installation.tenant)
                .collect(),
        };
        let mut found = Vec::new();
        for tenant in tenants {
            let users = users::list(&self.db, &tenant, "", limit).await?;
            found.extend(users.into_iter().filter(|user| user.enabled));
        }
        Ok(found)
    }

    /// A text that stands for the page given to the browser with the cookie `nonce`: who posts it
    /// back has seen the page.
    pub fn page_proof(&self, nonce: &str) -> Secret {
        Secret::new(self.secret.text(&["consent page", nonce], 40))
    }

    /// Whether `proof` is that of `nonce`.
    pub fn is_page_proof(&self, nonce: &str, proof: &str) -> bool {
        let right = self.page_proof(nonce);
        !nonce.is_empty() && bool::from(right.expose().as_bytes().ct_eq(proof.as_bytes()))
    }
}

fn challenge_of(query: &AuthorizationQuery) -> Result<Challenge, AuthorizeError> {
    let method = query.code_challenge_method.as_deref();
    let Some(challenge) = &query.code_challenge else {
        return match method {
            None => Ok(Challenge::None),
            Some(_) => Err(AuthorizeError::Parameter("code_challenge")),
        };
    };
    if !is_verifier(challenge) {
        return Err(AuthorizeError::Parameter("code_challenge"));
    }
    match method {
        None | Some("plain") => Ok(Challenge::Plain(challenge.clone())),
        Some("S256") if challenge.len() == 43 => Ok(Challenge::S256(challenge.clone())),
        Some("S256") => Err(AuthorizeError::Parameter("code_challenge")),
        Some(_) => Err(AuthorizeError::Parameter("code_challenge_method")),
    }
}

/// Whether a text has the form of a verifier, or of a challenge (RFC 7636).
pub(crate) fn is_verifier(text: &str) -> bool {
    VERIFIER_LENGTH.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
