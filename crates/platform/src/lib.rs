//! Who calls, and what they may: tenants, apps, access tokens, scopes, rights on objects. What an
//! operation does, and how an answer looks on the wire, live above.

mod access_token;
mod admin_token;
mod apps;
mod authenticate;
mod authorize;
mod bootstrap;
mod caller;
mod console;
mod denied;
mod identity;
mod layer;
mod link;
mod naming;
mod numbers;
mod people;
mod rate;
mod requirements;
mod rights;
mod secret;
mod sign_in;
mod signature;
mod store_app;
mod tenants;
mod user_token;

use std::sync::Arc;

use larkspur_model::id::{Ids, ObjectToken};
use larkspur_model::time::Clock;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{Db, Error as StoreError};

pub use self::access_token::{Issued, TokenError};
pub use self::apps::{AppChange, NewApp};
pub use self::authorize::{Authorization, AuthorizationQuery, AuthorizeError};
pub use self::bootstrap::Bootstrap;
pub use self::caller::{Caller, Scopes};
pub use self::denied::{Denied, Violation};
pub use self::layer::Layer;
pub use self::people::{NewDepartment, NewUser, UserChange};
pub use self::rate::{Bucket, Ceiling, Ceilings, Limited, Limiter, Pass};
pub use self::requirements::Requirements;
pub use self::rights::{
    Access, SpaceRole, access, may, may_hold, may_hold_first_level, may_take, owns, space_role,
};
pub use self::secret::Secret;
pub use self::sign_in::SignIn;
pub use self::store_app::AppTicket;
pub use self::tenants::{FreshTenant, NewTenant};
pub use self::user_token::{Redeeming, UserTokenError, UserTokens};
pub use larkspur_store::apps::{App, AppKind};
pub use larkspur_store::authorizations::Version as TokenVersion;
pub use larkspur_store::tokens::TokenKind;

use self::authenticate::Known;
use self::secret::ServerSecret;
use self::sign_in::Guesses;

/// What goes wrong on this floor beside a refusal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such app.
    #[error("there is no app {0}")]
    NoSuchApp(String),
    /// There is no such tenant.
    #[error("there is no tenant {0}")]
    NoSuchTenant(String),
    /// There is no such user in the tenant.
    #[error("there is no user {0} in this tenant")]
    NoSuchUser(String),
    /// There is no such department in the tenant.
    #[error("there is no department {0} in this tenant")]
    NoSuchDepartment(String),
    /// An id that was chosen belongs to another one already.
    #[error("there is a {what} {id} already")]
    Taken {
        /// What has it.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// Something that was chosen has not the form it must have.
    #[error("{field} must be: {rule}")]
    Malformed {
        /// Name of the field on the wire.
        field: &'static str,
        /// What was given; empty for secrets.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
}

/// What a [`Platform`] is made of.
pub struct PlatformParts {
    /// The database.
    pub db: Db,
    /// The clock tokens live by; it may be virtual.
    pub clock: Arc<dyn Clock>,
    /// The machine's clock, by which remembered tokens are looked up again now and then.
    pub real_clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub ids: Arc<Ids>,
}

/// The gate every call passes.
pub struct Platform {
    db: Db,
    clock: Arc<dyn Clock>,
    real_clock: Arc<dyn Clock>,
    ids: Arc<Ids>,
    secret: ServerSecret,
    known: Known,
    guesses: Guesses,
    limiter: Limiter,
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    /// Opens the platform over `parts`; the first one over a database makes the server's secret.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn open(parts: PlatformParts) -> Result<Self, Error> {
        let PlatformParts { db, clock, real_clock, ids } = parts;
        let secret = ServerSecret::load(&db, &ids).await?;
        let limiter = Limiter::new(&db, &ids, Arc::clone(&real_clock));
        Ok(Self {
            db,
            clock,
            real_clock,
            ids,
            secret,
            known: Known::default(),
            guesses: Guesses::default(),
            limiter,
        })
    }

    /// What counts calls against ceilings.
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Forgets what is remembered of a state that is gone: all tokens, which are looked up again, and
    /// the calls that were counted for `tenant`, or for everybody.
    pub fn forget(&self, tenant: Option<&str>) {
        self.known.forget_all();
        self.limiter.forget(tenant);
    }

    /// The root folder of the caller's own drive, made at its first use. An app has its own, and so
    /// has each user.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn root_folder(&self, caller: &Caller) -> Result<Object, Error> {
        let owner = caller.creator();
        if let Some(root) = objects::root(&self.db, &caller.tenant, &owner).await? {
            return Ok(root);
        }
        let mut root = self.new_root(&owner);
        root.tenant = caller.tenant.clone();
        root.creator_app = caller.app.clone();
        let mut transaction = Transaction::new();
        objects::insert(&mut transaction, &root);
        match self.db.commit(transaction).await {
            Ok(_) => Ok(root),
            // Another call was first.
            Err(StoreError::Duplicate(source)) => {
                let first = objects::root(&self.db, &caller.tenant, &owner).await?;
                Ok(first.ok_or(StoreError::Duplicate(source))?)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn new_root(&self, owner: &str) -> Object {
        let now_ms = self.clock.now_ms();
        Object {
            token: ObjectToken(self.ids.token()),
            tenant: String::new().into(),
            kind: ObjectKind::Folder,
            name: "Root".to_owned(),
            parent: None,
            route: None,
            owner: owner.to_owned(),
            creator_app: String::new().into(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        }
    }
}
