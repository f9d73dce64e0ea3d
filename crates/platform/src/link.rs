//! Codes of temporary links: whoever holds one may fetch one thing for a while, without a token.
//! A code names the thing and its end and is signed, so nothing is kept and none can be guessed.

use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;
use subtle::ConstantTimeEq as _;

use crate::{Platform, Secret};

/// Characters of the signature: 256 random bits.
const SIGNATURE_LENGTH: usize = 43;

impl Platform {
    /// The code that opens `object` until `expires_ms`.
    pub fn link_code(&self, object: &ObjectToken, expires_ms: Millis) -> Secret {
        let signature = self.link_signature(object.as_str(), expires_ms);
        Secret::new(format!("{object}_{expires_ms}_{signature}"))
    }

    /// What a code opens now; `None` for one that is over, or that this server did not make.
    pub fn linked(&self, code: &str) -> Option<ObjectToken> {
        let (named, signature) = code.rsplit_once('_')?;
        let (token, expires) = named.rsplit_once('_')?;
        let expires_ms: Millis = expires.parse().ok()?;
        let expected = self.link_signature(token, expires_ms);
        let signed: bool = expected.as_bytes().ct_eq(signature.as_bytes()).into();
        (signed && self.clock.now_ms() < expires_ms).then(|| ObjectToken::from(token))
    }

    fn link_signature(&self, token: &str, expires_ms: Millis) -> String {
        let expires = expires_ms.to_string();
        self.secret.text(&["temporary_link", token, &expires], SIGNATURE_LENGTH)
    }
}
