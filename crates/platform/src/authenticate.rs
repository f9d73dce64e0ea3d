//! From an `Authorization` header to a caller. Accepted tokens are remembered, so that polling
//! costs no read of the database.

use std::num::NonZeroUsize;
use std::sync::Arc;

use larkspur_model::id::AppId;
use larkspur_model::time::{Millis, SECOND_MS};
use larkspur_store::apps;
use larkspur_store::sql::Transaction;
use larkspur_store::tokens::{self, TokenKind};
use larkspur_store::users;
use lru::LruCache;
use parking_lot::Mutex;

use crate::secret::{hash_token, hex};
use crate::{Caller, Denied, Error, Platform, Scopes};

/// Tokens remembered at most; each takes about 400 bytes.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");
/// After this long a remembered token is looked up again: what another node changed about its app
/// takes effect then.
const TRUSTED_MS: Millis = 10 * SECOND_MS;

/// Accepted tokens by their SHA-256.
pub(crate) struct Known(Mutex<Memory>);

struct Memory {
    tokens: LruCache<[u8; 32], Remembered>,
    /// Counts how often all was forgotten: what was looked up before that must not be remembered.
    forgotten: u64,
}

struct Remembered {
    caller: Arc<Caller>,
    expires_ms: Millis,
    checked_real_ms: Millis,
}

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(Memory { tokens: LruCache::new(REMEMBERED), forgotten: 0 }))
    }
}

impl Known {
    fn forgotten(&self) -> u64 {
        self.0.lock().forgotten
    }

    pub(crate) fn forget_all(&self) {
        let mut memory = self.0.lock();
        memory.tokens.clear();
        memory.forgotten += 1;
    }

    /// Remembers what was looked up when all had been forgotten `forgotten` times.
    fn remember(&self, hash: [u8; 32], found: Remembered, forgotten: u64) {
        let mut memory = self.0.lock();
        if memory.forgotten == forgotten {
            memory.tokens.put(hash, found);
        }
    }
}

/// The three forms of a bearer token.
#[derive(Clone, Copy)]
enum Form {
    Tenant,
    User,
    App,
}

impl Form {
    fn of(token: &str) -> Option<Self> {
        if token.starts_with("t-") {
            Some(Self::Tenant)
        } else if token.starts_with("u-") || token.starts_with("eyJ") {
            Some(Self::User)
        } else if token.starts_with("a-") {
            Some(Self::App)
        } else {
            None
        }
    }

    const fn kind(self) -> TokenKind {
        match self {
            Self::Tenant => TokenKind::Tenant,
            Self::User => TokenKind::User,
            Self::App => TokenKind::App,
        }
    }

    fn invalid(self, why: &str) -> Denied {
        match self {
            Self::Tenant => Denied::tenant_token(why),
            Self::User => Denied::user_token(why),
            Self::App => Denied::app_token(why),
        }
    }

    fn expired(self) -> Denied {
        match self {
            Self::Tenant => Denied::tenant_token("the tenant_access_token has expired"),
            Self::User => Denied::user_token_expired(),
            Self::App => Denied::app_token("the app_access_token has expired"),
        }
    }
}

impl Platform {
    /// Who calls with this `Authorization` header.
    ///
    /// # Errors
    /// The codes of NOTES §2.2: 99991661 without a bearer token, 99991671 for a prefix no token
    /// has, 99991663, 99991664 and 99991668 for a token nobody issued or that has expired (99991677
    /// for an expired user's), 99991662 for a disabled app.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Arc<Caller>, Denied> {
        let token = bearer(authorization)?;
        let form = Form::of(token).ok_or_else(Denied::wrong_prefix)?;
        let hash = hash_token(token);
        let (now_ms, real_ms) = (self.clock.now_ms(), self.real_clock.now_ms());
        if let Some(caller) = self.recall(&hash, now_ms, real_ms) {
            return Ok(caller);
        }
        let forgotten = self.known.forgotten();
        let (caller, expires_ms) = self.look_up(form, &hash, now_ms).await?;
        let remembered =
            Remembered { caller: Arc::clone(&caller), expires_ms, checked_real_ms: real_ms };
        self.known.remember(hash, remembered, forgotten);
        Ok(caller)
    }

    fn recall(&self, hash: &[u8; 32], now_ms: Millis, real_ms: Millis) -> Option<Arc<Caller>> {
        let mut memory = self.known.0.lock();
        let found = memory.tokens.get(hash)?;
        let age_ms = real_ms - found.checked_real_ms;
        (now_ms < found.expires_ms && (0..TRUSTED_MS).contains(&age_ms))
            .then(|| Arc::clone(&found.caller))
    }

    async fn look_up(
        &self,
        form: Form,
        hash: &[u8; 32],
        now_ms: Millis,
    ) -> Result<(Arc<Caller>, Millis), Denied> {
        let unavailable = |error: larkspur_store::Error| {
            Denied::unavailable(format!("the token could not be looked up: {error}"))
        };
        let record = tokens::by_hash(&self.db, &hex(hash)).await.map_err(unavailable)?;
        let record = record.filter(|record| record.kind == form.kind());
        let record = record.ok_or_else(|| form.invalid("nobody issued this token"))?;
        if record.expires_ms <= now_ms {
            return Err(form.expired().of(&record.app));
        }
        let app = apps::get(&self.db, &record.app).await.map_err(unavailable)?;
        let app = app.filter(|app| app.enabled);
        let app = app.ok_or_else(|| Denied::app_disabled(record.app.as_str()))?;
        let acts = record.kind == TokenKind::App || {
            let acts = self.acts_in(&app, &record.tenant).await;
            acts.map_err(|error| Denied::unavailable(format!("{error}")))?
        };
        if !acts {
            let why = format!("app {} is not installed in this tenant, or not enabled", app.id);
            return Err(Denied::app_kind(why));
        }
        let mut admin = false;
        if let Some(id) = &record.user {
            let user = users::get(&self.db, &record.tenant, id).await.map_err(unavailable)?;
            let user = user.filter(|user| user.enabled);
            admin = user.ok_or_else(|| form.invalid("the user is disabled or was removed"))?.admin;
        }
        let mut scopes = Scopes::parse(&app.scopes);
        if let Some(granted) = &record.scopes {
            let user = Box::new(Scopes::parse(granted));
            scopes = Scopes::Granted { app: Box::new(scopes), user };
        }
        let caller = Caller {
            tenant: record.tenant,
            app: app.id,
            app_kind: app.kind,
            kind: record.kind,
            user: record.user,
            admin,
            scopes: Arc::new(scopes),
        };
        Ok((Arc::new(caller), record.expires_ms))
    }

    /// Lets the app call, or no longer. Takes effect at once here, and within ten seconds on other
    /// nodes.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Store`].
    pub async fn set_enabled(&self, app: &AppId, enabled: bool) -> Result<(), Error> {
        self.change_app(app, |transaction| apps::set_enabled(transaction, app, enabled)).await
    }

    /// Grants the app exactly `scopes` (separated by spaces, `*` for all). Takes effect as
    /// [`Platform::set_enabled`] does.
    ///
    /// # Errors
    /// [`Error::NoSuchApp`], [`Error::Store`].
    pub async fn set_scopes(&self, app: &AppId, scopes: &str) -> Result<(), Error> {
        self.change_app(app, |transaction| apps::set_scopes(transaction, app, scopes)).await
    }

    pub(crate) async fn change_app(
        &self,
        app: &AppId,
        change: impl FnOnce(&mut Transaction),
    ) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        change(&mut transaction);
        match self.db.commit(transaction).await {
            Ok(_) => {
                self.known.forget_all();
                Ok(())
            }
            Err(larkspur_store::Error::Conflict { .. }) => Err(Error::NoSuchApp(app.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// The token of a bearer header.
fn bearer(authorization: Option<&str>) -> Result<&str, Denied> {
    let header = authorization.unwrap_or_default().trim();
    if header.is_empty() {
        return Err(Denied::no_token("the request has no Authorization header, or an empty one"));
    }
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(Denied::no_token("the Authorization header must read: Bearer <access token>"));
    }
    Ok(token.trim())
}
