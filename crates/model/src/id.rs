//! Identifiers in the platform's forms (contract, "Identifier formats"), and the one source of
//! randomness they are made from.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::time::Millis;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Makes identifiers and secrets. Seeded from the system for a server, from a number for tests.
#[derive(Debug)]
pub struct Ids {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: StdRng,
    last_number: i64,
}

impl Ids {
    /// Identifiers nobody can guess: seeded from the operating system.
    pub fn from_system() -> Self {
        Self::new(rand::make_rng())
    }

    /// The same identifiers in the same order for the same `seed`. For tests only.
    pub fn from_seed(seed: u64) -> Self {
        Self::new(StdRng::seed_from_u64(seed))
    }

    fn new(random: StdRng) -> Self {
        Self { state: Mutex::new(State { random, last_number: 0 }) }
    }

    fn with<T>(&self, make: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        make(&mut state)
    }

    fn pick(&self, alphabet: &[u8], length: usize) -> String {
        self.with(|state| {
            (0..length)
                .map(|_| char::from(alphabet[state.random.random_range(0..alphabet.len())]))
                .collect()
        })
    }

    /// `length` characters of `[A-Za-z0-9]`.
    pub fn alphanumeric(&self, length: usize) -> String {
        self.pick(ALPHANUMERIC, length)
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.pick(HEX, length)
    }

    /// Token of a file, folder, document, spreadsheet, base, wiki node or document block:
    /// 27 characters `[A-Za-z0-9]`.
    pub fn token(&self) -> String {
        self.alphanumeric(27)
    }

    /// Id of a sheet: 6 characters `[A-Za-z0-9]`.
    pub fn sheet(&self) -> String {
        self.alphanumeric(6)
    }

    /// Id of a table of a base (contract, NOTES §3, as the next three).
    pub fn table(&self) -> String {
        format!("tbl{}", self.alphanumeric(13))
    }

    /// Id of a view of a table.
    pub fn view(&self) -> String {
        format!("vew{}", self.alphanumeric(7))
    }

    /// Id of a field of a table.
    pub fn field(&self) -> String {
        format!("fld{}", self.alphanumeric(7))
    }

    /// Id of an option of a field.
    pub fn select_option(&self) -> String {
        format!("opt{}", self.alphanumeric(7))
    }

    /// A positive 19-digit number for tickets, uploads and other numbered things; each is larger
    /// than the one before it. Seconds since the epoch stand in the upper 32 bits (as in the
    /// platform's own tickets), then 10 bits of the millisecond, then 22 random bits, so that two
    /// nodes practically never meet. Good until the year 2038.
    pub fn number(&self, now_ms: Millis) -> i64 {
        self.with(|state| {
            let fresh = first_number(now_ms) | state.random.random_range(0..1 << 22);
            state.last_number = fresh.max(state.last_number + 1);
            state.last_number
        })
    }

    /// 64 random bits, for fences and seeds.
    pub fn random(&self) -> u64 {
        self.with(|state| state.random.random())
    }
}

/// The smallest number that [`Ids::number`] makes at `now_ms`.
pub const fn first_number(now_ms: Millis) -> i64 {
    (now_ms.div_euclid(1_000) << 32) | (now_ms.rem_euclid(1_000) << 22)
}

/// Declares string identifiers that cannot be mixed up.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default,
                 serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

identifiers! {
    /// A tenant: 16 hexadecimal digits.
    TenantId;
    /// An app: `cli_` and 16 hexadecimal digits.
    AppId;
    /// A user's id within the tenant: 8 hexadecimal digits or custom.
    UserId;
    /// Token of a file, folder, document, spreadsheet or base: 27 characters.
    ObjectToken;
    /// A document block: 27 characters; the page block's id is the document's token.
    BlockId;
    /// A sheet of a spreadsheet: 6 characters.
    SheetId;
    /// A space of a wiki: 16 to 19 digits.
    SpaceId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_have_nineteen_digits() {
        let ids = Ids::from_seed(1);
        let now = 1_795_244_000_123;
        let first = ids.number(now);
        let second = ids.number(now);
        let earlier_clock = ids.number(now - 5_000);
        assert!(first < second && second < earlier_clock);
        assert_eq!(first.to_string().len(), 19);
    }

    #[test]
    fn tokens_have_the_documented_form() {
        let ids = Ids::from_seed(1);
        assert!(ids.token().len() == 27 && ids.token().chars().all(|c| c.is_ascii_alphanumeric()));
        assert_eq!(Ids::from_seed(7).token(), Ids::from_seed(7).token());
        assert_ne!(ids.token(), ids.token());
    }
}
