//! How users prove who they are: a password, kept as an Argon2 hash, with a bound on wrong guesses.

use std::collections::HashMap;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::{MINUTE_MS, Millis};
use larkspur_store::sql::Transaction;
use larkspur_store::users::{self, User};
use parking_lot::Mutex;

use crate::{Error, Platform, Secret};

const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
/// So many wrong guesses about one user are allowed ...
const GUESSES: u32 = 10;
/// ... within this time, by the machine's clock.
const WINDOW_MS: Millis = 10 * MINUTE_MS;
/// Users whose wrong guesses are remembered at most.
const REMEMBERED: usize = 10_000;

/// What a user's password was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// Theirs.
    Right,
    /// Not theirs, or they have none.
    Wrong,
    /// Not looked at: too many were wrong lately.
    TooMany,
}

/// Wrong guesses of each user: since when, and how many.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<HashMap<(TenantId, UserId), (Millis, u32)>>);

impl Guesses {
    /// Counts a guess before it is looked at; `false` where there were too many.
    fn allow(&self, who: &(TenantId, UserId), now_ms: Millis) -> bool {
        let mut guesses = self.0.lock();
        if guesses.len() >= REMEMBERED {
            guesses.retain(|_, (since_ms, _)| (0..WINDOW_MS).contains(&(now_ms - *since_ms)));
        }
        let (since_ms, count) = guesses.entry(who.clone()).or_insert((now_ms, 0));
        if !(0..WINDOW_MS).contains(&(now_ms - *since_ms)) {
            (*since_ms, *count) = (now_ms, 0);
        }
        *count += 1;
        *count <= GUESSES
    }

    fn forgive(&self, who: &(TenantId, UserId)) {
        self.0.lock().remove(who);
    }
}

impl Platform {
    /// Adds the statement that gives `user` this password.
    pub(crate) fn set_password_in(
        &self,
        transaction: &mut Transaction,
        user: &User,
        password: &Secret,
    ) -> Result<(), Error> {
        let text = password.expose();
        if !LENGTH.contains(&text.chars().count()) {
            let (field, value) = ("password", String::new());
            return Err(Error::Malformed { field, value, rule: "8 to 128 characters" });
        }
        let salt = self.ids.alphanumeric(22);
        let hash = Argon2::default()
            .hash_password_with_salt(text.as_bytes(), salt.as_bytes())
            .expect("the default parameters and a salt of 22 characters are in their bounds");
        let hash = hash.to_string();
        users::set_password_hash(transaction, &user.tenant, &user.id, Some(&hash));
        Ok(())
    }

    /// Whether `password` is the user's. Takes some ten milliseconds on purpose.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sign_in(
        &self,
        tenant: &TenantId,
        user: &UserId,
        password: &Secret,
    ) -> Result<SignIn, Error> {
        // Only users with a password are counted, so that names made up by somebody fill no memory.
        let Some(hash) = users::password_hash(&self.db, tenant, user).await? else {
            return Ok(SignIn::Wrong);
        };
        let who = (tenant.clone(), user.clone());
        if !self.guesses.allow(&who, self.real_clock.now_ms()) {
            return Ok(SignIn::TooMany);
        }
        let password = password.clone();
        let right = tokio::task::spawn_blocking(move || {
            Argon2::default().verify_password(password.expose().as_bytes(), hash.as_str()).is_ok()
        });
        if right.await.unwrap_or(false) {
            self.guesses.forgive(&who);
            return Ok(SignIn::Right);
        }
        Ok(SignIn::Wrong)
    }
}
