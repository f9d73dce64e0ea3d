//! Secrets: how an app's is hashed and compared, and the server's own, from which access tokens and
//! the ids that differ by app are made. None of them is ever printed.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use larkspur_model::id::Ids;
use larkspur_store::sql::Transaction;
use larkspur_store::{Db, Error as StoreError, settings};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use crate::Error;

const SETTING: &str = "server_secret";
/// 62 to the power of 43 is a little more than 2 to the power of 256.
const SERVER_SECRET_LENGTH: usize = 43;
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A text nobody but its owner may see: `Debug` hides it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be sent to its owner and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// An app's secret as it is kept.
pub(crate) struct HashedSecret {
    pub(crate) salt: String,
    pub(crate) hash: String,
}

/// A new secret of 32 characters, and how it is kept.
pub(crate) fn new_app_secret(ids: &Ids) -> (Secret, HashedSecret) {
    let secret = Secret(ids.alphanumeric(32));
    let hashed = hashed_app_secret(ids, &secret);
    (secret, hashed)
}

/// How this secret is kept.
pub(crate) fn hashed_app_secret(ids: &Ids, secret: &Secret) -> HashedSecret {
    let salt = ids.alphanumeric(22);
    let hash = hash_app_secret(&salt, secret.expose());
    HashedSecret { salt, hash }
}

/// A fast hash is enough here: a secret is 190 random bits unless the operator chose it, for tests.
fn hash_app_secret(salt: &str, secret: &str) -> String {
    hex(&mac256(salt.as_bytes(), secret.as_bytes()))
}

/// Whether `secret` is the one that was kept as `salt` and `hash`, in a time that does not tell how
/// much of it is right.
pub(crate) fn is_app_secret(secret: &str, salt: &str, hash: &str) -> bool {
    hash_app_secret(salt, secret).as_bytes().ct_eq(hash.as_bytes()).into()
}

/// SHA-256 of a token, as it is kept and remembered.
pub(crate) fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// `bytes` as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn mac256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// What everything of this server that must be told from forgeries is made from.
#[derive(Clone)]
pub(crate) struct ServerSecret(String);

impl fmt::Debug for ServerSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ServerSecret(…)")
    }
}

impl ServerSecret {
    /// The secret of this database, made now where it has none. Of several servers that start at
    /// once the first one's stands.
    pub(crate) async fn load(db: &Db, ids: &Ids) -> Result<Self, Error> {
        if let Some(secret) = settings::get(db, SETTING).await? {
            return Ok(Self(secret));
        }
        let mut transaction = Transaction::new();
        settings::keep(&mut transaction, SETTING, &ids.alphanumeric(SERVER_SECRET_LENGTH));
        db.commit(transaction).await?;
        let kept = settings::get(db, SETTING).await?;
        let missing = || Error::Store(StoreError::corrupt("the setting server_secret is gone"));
        kept.map(Self).ok_or_else(missing)
    }

    /// `length` (at most 64) characters of `[A-Za-z0-9]` that follow from `parts` and the secret.
    pub(crate) fn text(&self, parts: &[&str], length: usize) -> String {
        let mut mac = Hmac::<Sha512>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        let bytes = mac.finalize().into_bytes();
        bytes
            .iter()
            .take(length)
            .map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)]))
            .collect()
    }

    /// 64 bits that follow from `purpose`, `round`, `half` and the secret.
    pub(crate) fn mix(&self, purpose: &str, round: u8, half: u64) -> u64 {
        let mut message = purpose.as_bytes().to_vec();
        message.extend([0, round]);
        message.extend(half.to_be_bytes());
        let mixed = mac256(self.0.as_bytes(), &message);
        mixed.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }
}
