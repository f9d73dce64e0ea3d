//! The operator's own token, for Larkspur's API beside the platform's: one for a server, kept as a
//! hash, good until it is replaced. It is no access token of the platform and opens nothing there.

use larkspur_store::sql::Transaction;
use larkspur_store::{console, settings};
use subtle::ConstantTimeEq as _;

use crate::secret::{hash_token, hex};
use crate::{Error, Platform, Secret};

const SETTING: &str = "admin_token";
const PREFIX: &str = "adm-";
/// Characters behind the prefix: 238 random bits.
const LENGTH: usize = 40;

impl Platform {
    /// Whether this `Authorization` header carries the operator's token. What does not look like
    /// one costs nothing.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_admin(&self, authorization: Option<&str>) -> Result<bool, Error> {
        let (scheme, token) =
            authorization.and_then(|header| header.trim().split_once(' ')).unwrap_or_default();
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || !token.starts_with(PREFIX) {
            return Ok(false);
        }
        let Some(kept) = settings::get(&self.db, SETTING).await? else { return Ok(false) };
        Ok(hex(&hash_token(token)).as_bytes().ct_eq(kept.as_bytes()).into())
    }

    /// The operator's token where this call made it: at the first start. Later it is kept as a hash
    /// alone; a lost one is replaced by [`Platform::reset_admin_token`].
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn first_admin_token(&self) -> Result<Option<Secret>, Error> {
        if settings::get(&self.db, SETTING).await?.is_some() {
            return Ok(None);
        }
        let (token, hash) = self.new_admin_token();
        let mut transaction = Transaction::new();
        settings::keep(&mut transaction, SETTING, &hash);
        self.db.commit(transaction).await?;
        // Another node may have been first: its token stands.
        let stands = settings::get(&self.db, SETTING).await?.is_some_and(|kept| kept == hash);
        Ok(stands.then_some(token))
    }

    /// Gives the server a new operator's token; the old one no longer works.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn reset_admin_token(&self) -> Result<Secret, Error> {
        let (token, hash) = self.new_admin_token();
        let mut transaction = Transaction::new();
        settings::set(&mut transaction, SETTING, &hash);
        // Whoever is signed in to the console came with the old one.
        console::remove_all(&mut transaction);
        self.db.commit(transaction).await?;
        Ok(token)
    }

    fn new_admin_token(&self) -> (Secret, String) {
        let token = format!("{PREFIX}{}", self.ids.alphanumeric(LENGTH));
        let hash = hex(&hash_token(&token));
        (Secret::new(token), hash)
    }
}
