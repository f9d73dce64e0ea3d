//! Users' tokens: a code becomes an access token, a refresh token another one (contract, NOTES §2.3).
//! The numbers of the two generations of operations are given by those who speak them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use larkspur_model::id::AppId;
use larkspur_model::time::{HOUR_MS, Millis, SECOND_MS};
use larkspur_store::apps::{self, App};
use larkspur_store::authorizations::{self, Challenge, Holder, RefreshRecord, Version};
use larkspur_store::sql::Transaction;
use larkspur_store::tokens::{self, TokenKind, TokenRecord};
use larkspur_store::{Error as StoreError, users};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::authorize::{OFFLINE_ACCESS, is_verifier};
use crate::secret::{hash_token, hex, is_app_secret};
use crate::{Error, Platform, Scopes, Secret};

const DAY_MS: Millis = 24 * HOUR_MS;
const LIFE_MS: Millis = 2 * HOUR_MS;
/// After this the user must be asked again.
const CONSENT_LIFE_MS: Millis = 365 * DAY_MS;

/// How long a refresh token holds.
const fn refresh_life_ms(version: Version) -> Millis {
    match version {
        // As the samples of the two pages show.
        Version::V1 => 30 * DAY_MS,
        Version::V2 => 7 * DAY_MS,
    }
}

/// A user's tokens.
#[derive(Debug, Clone)]
pub struct UserTokens {
    /// The `user_access_token`.
    pub access_token: Secret,
    /// Whole seconds it holds.
    pub expires_in_s: i64,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// The token that renews it, and whole seconds that holds.
    pub refresh: Option<(Secret, i64)>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum UserTokenError {
    /// There is no such app.
    #[error("there is no such app")]
    UnknownApp,
    /// The secret is another one.
    #[error("the app secret is another one")]
    WrongSecret,
    /// The app may not call.
    #[error("the app is disabled")]
    AppDisabled,
    /// The store app is not installed in the user's tenant, or not allowed to act.
    #[error("the app is not installed in the user's tenant")]
    NotInstalled,
    /// Nobody issued this code.
    #[error("nobody issued this code")]
    CodeUnknown,
    /// The code's five minutes are over.
    #[error("the code is older than five minutes")]
    CodeExpired,
    /// The code was redeemed before.
    #[error("the code was redeemed before")]
    CodeUsed,
    /// The code or token was given to another app.
    #[error("the code or token was given to another app")]
    OtherApp,
    /// The address is not the one the code was sent to.
    #[error("redirect_uri is not the one that the code was sent to")]
    RedirectUri,
    /// The verifier does not fit the challenge.
    #[error("code_verifier does not fit the code_challenge of the authorization")]
    Verifier,
    /// A scope stands twice.
    #[error("a scope stands twice in the list")]
    ScopeTwice,
    /// A scope is not among those granted.
    #[error("a scope of the list was not granted")]
    ScopeForbidden,
    /// The user is gone.
    #[error("the user is gone")]
    UserGone,
    /// The user may not call.
    #[error("the user is disabled")]
    UserDisabled,
    /// The text is no refresh token at all.
    #[error("this is no refresh token")]
    RefreshMalformed,
    /// Nobody issued this refresh token.
    #[error("nobody issued this refresh token")]
    RefreshUnknown,
    /// The refresh token's life, or the year since the consent, is over.
    #[error("the refresh token has expired")]
    RefreshExpired,
    /// The refresh token was used before.
    #[error("the refresh token was used before")]
    RefreshUsed,
    /// The refresh token was taken back.
    #[error("the refresh token was taken back")]
    RefreshRevoked,
    /// The app has no longer the scope `offline_access`.
    #[error("the app has not the scope offline_access")]
    RefreshForbidden,
    /// It could not be worked out.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for UserTokenError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What redeems a code.
#[derive(Debug, Clone, Copy)]
pub struct Redeeming<'a> {
    /// The code.
    pub code: &'a str,
    /// The address the code was sent to; the first generation does not say it again.
    pub redirect_uri: Option<&'a str>,
    /// PKCE.
    pub code_verifier: Option<&'a str>,
    /// Only these of the granted scopes.
    pub scope: Option<&'a str>,
}

impl Platform {
    /// The app with these credentials.
    ///
    /// # Errors
    /// [`UserTokenError::UnknownApp`], [`UserTokenError::WrongSecret`],
    /// [`UserTokenError::AppDisabled`].
    pub async fn app_of_credentials(&self, id: &str, secret: &str) -> Result<App, UserTokenError> {
        let app = apps::get(&self.db, &AppId::from(id)).await?;
        let app = app.ok_or(UserTokenError::UnknownApp)?;
        if !is_app_secret(secret, &app.secret_salt, &app.secret_hash) {
            return Err(UserTokenError::WrongSecret);
        }
        if app.enabled { Ok(app) } else { Err(UserTokenError::AppDisabled) }
    }

    /// Tokens for a code. A code is good once, whatever comes of it afterwards.
    ///
    /// # Errors
    /// As [`UserTokenError`] lists them.
    pub async fn redeem(
        &self,
        app: &App,
        redeeming: Redeeming<'_>,
        version: Version,
    ) -> Result<UserTokens, UserTokenError> {
        let now_ms = self.clock.now_ms();
        let hash = hex(&hash_token(redeeming.code));
        let code = authorizations::code(&self.db, &hash).await?;
        let code = code.ok_or(UserTokenError::CodeUnknown)?;
        if code.holder.app != app.id {
            return Err(UserTokenError::OtherApp);
        }
        if code.used_ms.is_some() {
            return Err(UserTokenError::CodeUsed);
        }
        if code.expires_ms <= now_ms {
            return Err(UserTokenError::CodeExpired);
        }
        if redeeming.redirect_uri.is_some_and(|uri| uri != code.redirect_uri) {
            return Err(UserTokenError::RedirectUri);
        }
        if version == Version::V2 && !answers(&code.challenge, redeeming.code_verifier) {
            return Err(UserTokenError::Verifier);
        }
        self.may_hold(app, &code.holder).await?;
        let scopes = narrowed(&code.scopes, redeeming.scope)?;
        let mut transaction = Transaction::new();
        authorizations::use_code(&mut transaction, &hash, now_ms);
        let renews = version == Version::V1 || Scopes::parse(&scopes).hold(OFFLINE_ACCESS);
        let granting =
            Granting { holder: &code.holder, scopes, version, authorized_ms: code.issued_ms };
        let tokens = self.grant_in(&mut transaction, granting, renews, now_ms);
        match self.db.commit(transaction).await {
            Ok(_) => Ok(tokens),
            Err(StoreError::Conflict { .. }) => Err(UserTokenError::CodeUsed),
            Err(error) => Err(error.into()),
        }
    }

    /// Tokens for a refresh token, which is good once. Access tokens it brought before stay good.
    ///
    /// # Errors
    /// As [`UserTokenError`] lists them.
    pub async fn renew(
        &self,
        app: &App,
        refresh_token: &str,
        scope: Option<&str>,
        version: Version,
    ) -> Result<UserTokens, UserTokenError> {
        let now_ms = self.clock.now_ms();
        let proper = match version {
            Version::V1 => refresh_token.starts_with("ur-"),
            Version::V2 => refresh_token.starts_with("eyJ"),
        };
        if !proper {
            return Err(UserTokenError::RefreshMalformed);
        }
        let hash = hex(&hash_token(refresh_token));
        let record = authorizations::refresh(&self.db, &hash).await?;
        let record = record.filter(|record| record.version == version);
        let record = record.ok_or(UserTokenError::RefreshUnknown)?;
        if record.holder.app != app.id {
            return Err(UserTokenError::OtherApp);
        }
        if record.revoked_ms.is_some() {
            return Err(UserTokenError::RefreshRevoked);
        }
        if record.used_ms.is_some() {
            return Err(UserTokenError::RefreshUsed);
        }
        if record.expires_ms <= now_ms || record.authorized_ms + CONSENT_LIFE_MS <= now_ms {
            return Err(UserTokenError::RefreshExpired);
        }
        if version == Version::V2 && !Scopes::parse(&app.scopes).hold(OFFLINE_ACCESS) {
            return Err(UserTokenError::RefreshForbidden);
        }
        self.may_hold(app, &record.holder).await?;
        let scopes = narrowed(&record.scopes, scope)?;
        let mut transaction = Transaction::new();
        authorizations::use_refresh(&mut transaction, &hash, now_ms);
        let granting = Granting {
            holder: &record.holder,
            scopes,
            version,
            authorized_ms: record.authorized_ms,
        };
        let tokens = self.grant_in(&mut transaction, granting, true, now_ms);
        match self.db.commit(transaction).await {
            Ok(_) => Ok(tokens),
            Err(StoreError::Conflict { .. }) => Err(UserTokenError::RefreshUsed),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the app may still act for the user.
    async fn may_hold(&self, app: &App, holder: &Holder) -> Result<(), UserTokenError> {
        if !self.acts_in(app, &holder.tenant).await? {
            return Err(UserTokenError::NotInstalled);
        }
        let user = users::get(&self.db, &holder.tenant, &holder.user).await?;
        let user = user.ok_or(UserTokenError::UserGone)?;
        if user.enabled { Ok(()) } else { Err(UserTokenError::UserDisabled) }
    }

    fn grant_in(
        &self,
        transaction: &mut Transaction,
        granting: Granting<'_>,
        renews: bool,
        now_ms: Millis,
    ) -> UserTokens {
        let Granting { holder, scopes, version, authorized_ms } = granting;
        let expires_ms = now_ms + LIFE_MS;
        let access_token = self.new_text(version, "u-", holder, expires_ms);
        tokens::insert(
            transaction,
            &TokenRecord {
                hash: hex(&hash_token(access_token.expose())),
                kind: TokenKind::User,
                app: holder.app.clone(),
                tenant: holder.tenant.clone(),
                user: Some(holder.user.clone()),
                scopes: Some(scopes.clone()),
                slot: 0,
                issued_ms: now_ms,
                expires_ms,
            },
        );
        let refresh = renews.then(|| {
            let ends_ms = (now_ms + refresh_life_ms(version)).min(authorized_ms + CONSENT_LIFE_MS);
            let token = self.new_text(version, "ur-", holder, ends_ms);
            authorizations::insert_refresh(
                transaction,
                &RefreshRecord {
                    hash: hex(&hash_token(token.expose())),
                    holder: holder.clone(),
                    scopes: scopes.clone(),
                    version,
                    authorized_ms,
                    issued_ms: now_ms,
                    expires_ms: ends_ms,
                    used_ms: None,
                    revoked_ms: None,
                },
            );
            (token, (ends_ms - now_ms) / SECOND_MS)
        });
        UserTokens { access_token, expires_in_s: LIFE_MS / SECOND_MS, scopes, refresh }
    }

    /// A token nobody can guess: a prefix and random text, or what looks like a JWT. Either is known
    /// by its hash alone; nothing is read out of it.
    fn new_text(
        &self,
        version: Version,
        prefix: &str,
        holder: &Holder,
        expires_ms: Millis,
    ) -> Secret {
        let random = self.ids.alphanumeric(43);
        if version == Version::V1 {
            return Secret::new(format!("{prefix}{random}"));
        }
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = format!(
            r#"{{"jti":"{random}","client_id":"{}","exp":{}}}"#,
            holder.app,
            expires_ms / SECOND_MS
        );
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let signature = self.secret.text(&["jwt", &header, &claims], 43);
        Secret::new(format!("{header}.{claims}.{signature}"))
    }
}

/// For whom tokens are made, and what they may do.
struct Granting<'a> {
    holder: &'a Holder,
    scopes: String,
    version: Version,
    authorized_ms: Millis,
}

fn answers(challenge: &Challenge, verifier: Option<&str>) -> bool {
    let verifier = verifier.unwrap_or_default();
    let (wanted, given) = match challenge {
        Challenge::None => return true,
        Challenge::Plain(wanted) => (wanted, verifier.to_owned()),
        Challenge::S256(wanted) => (wanted, URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))),
    };
    is_verifier(verifier) && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
}

/// The granted scopes, or those of them that are asked for.
fn narrowed(granted: &str, asked: Option<&str>) -> Result<String, UserTokenError> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
        return Ok(granted.to_owned());
    };
    let held: Vec<&str> = granted.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::new();
    for scope in asked.split_whitespace() {
        if kept.contains(&scope) {
            return Err(UserTokenError::ScopeTwice);
        }
        if !held.contains(&scope) {
            return Err(UserTokenError::ScopeForbidden);
        }
        kept.push(scope);
    }
    Ok(kept.join(" "))
}
