//! Signatures under addresses: whoever was given one may follow it, nobody can make one up. What is
//! signed, and until when it is good, is decided above.

use subtle::ConstantTimeEq as _;

use crate::Platform;

/// Characters of a signature: 256 bits.
const LENGTH: usize = 43;

impl Platform {
    /// The signature under `parts`, of `[A-Za-z0-9]`.
    pub fn sign(&self, parts: &[&str]) -> String {
        let mut all = vec!["signature"];
        all.extend_from_slice(parts);
        self.secret.text(&all, LENGTH)
    }

    /// Whether `signature` is the one under `parts`, in a time that does not tell how much of it is
    /// right.
    pub fn is_signed(&self, parts: &[&str], signature: &str) -> bool {
        self.sign(parts).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}
