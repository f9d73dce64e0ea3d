//! Who may see the console: the operator, by the token or by a link that opens it once. A browser then
//! holds a session, which forms prove they know of.

use larkspur_model::time::{HOUR_MS, Millis};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, console};
use subtle::ConstantTimeEq as _;

use crate::secret::{hash_token, hex};
use crate::{Error, Platform, Secret};

/// Characters of links and sessions: 190 random bits.
const LENGTH: usize = 32;
/// How long a session holds.
const SESSION_MS: Millis = 12 * HOUR_MS;
/// How long a link waits to be opened.
const LINK_MS: Millis = 24 * HOUR_MS;

impl Platform {
    /// A text that opens the console once, within a day; it takes the place of the one before.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn console_link(&self) -> Result<Secret, Error> {
        let link = self.ids.alphanumeric(LENGTH);
        let mut transaction = Transaction::new();
        console::remove_links(&mut transaction);
        let until_ms = self.real_clock.now_ms() + LINK_MS;
        console::add(&mut transaction, console::Pass::Link, &hashed(&link), until_ms);
        self.db.commit(transaction).await?;
        Ok(Secret::new(link))
    }

    /// A session for whoever opens a link that was not opened before.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn open_console(&self, link: &Secret) -> Result<Option<Secret>, Error> {
        let mut transaction = Transaction::new();
        console::use_up(&mut transaction, &hashed(link.expose()), self.real_clock.now_ms());
        match self.begin_session(transaction).await {
            Ok(session) => Ok(Some(session)),
            Err(Error::Store(StoreError::Conflict { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A session for whoever knows the operator's token.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sign_in_operator(&self, token: &Secret) -> Result<Option<Secret>, Error> {
        let header = format!("Bearer {}", token.expose());
        if !self.is_admin(Some(&header)).await? {
            return Ok(None);
        }
        self.begin_session(Transaction::new()).await.map(Some)
    }

    async fn begin_session(&self, mut transaction: Transaction) -> Result<Secret, Error> {
        let session = self.ids.alphanumeric(LENGTH);
        let until_ms = self.real_clock.now_ms() + SESSION_MS;
        console::add(&mut transaction, console::Pass::Session, &hashed(&session), until_ms);
        self.db.commit(transaction).await?;
        Ok(Secret::new(session))
    }

    /// Whether this is a session that holds.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_session(&self, session: &str) -> Result<bool, Error> {
        if session.len() != LENGTH {
            return Ok(false);
        }
        Ok(console::is_session(&self.db, &hashed(session), self.real_clock.now_ms()).await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn end_session(&self, session: &str) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        console::remove(&mut transaction, &hashed(session));
        self.db.commit(transaction).await?;
        Ok(())
    }

    /// What forms of the console's pages carry, and nobody can know who has not seen one.
    pub fn session_proof(&self, session: &str) -> Secret {
        Secret::new(self.secret.text(&["console form", session], 40))
    }

    /// Whether `proof` is that of `session`.
    pub fn is_session_proof(&self, session: &str, proof: &str) -> bool {
        let right = self.session_proof(session);
        !session.is_empty() && bool::from(right.expose().as_bytes().ct_eq(proof.as_bytes()))
    }
}

fn hashed(text: &str) -> String {
    hex(&hash_token(text))
}
