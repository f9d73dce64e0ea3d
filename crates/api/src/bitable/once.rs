//! Writes that carry a `client_token`: the same request under the same token writes nothing twice.

use larkspur_model::id::ObjectToken;
use larkspur_store::bases::{self, Repeated};
use larkspur_store::sql::Transaction;
use sha2::{Digest as _, Sha256};

use super::codes;
use crate::{ApiError, Request, Services};

/// A write and the token it came with, if any.
pub(super) struct Once {
    token: Option<String>,
    digest: String,
}

/// Whether `text` is a UUID of version 4 (contract, NOTES §9).
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let widths = [8, 4, 4, 4, 12];
    parts.len() == widths.len()
        && parts.iter().zip(widths).all(|(part, width)| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
        && parts[2].starts_with('4')
        && parts[3].starts_with(['8', '9', 'a', 'b', 'A', 'B'])
}

impl Once {
    /// Reads the token; `asked` is what is asked for.
    pub(super) fn read(request: &Request, asked: &impl serde::Serialize) -> Result<Self, ApiError> {
        let token = request.query.text("client_token");
        if token.as_deref().is_some_and(|token| !is_uuid(token)) {
            return Err(codes::CLIENT_TOKEN.because("client_token is a UUID of version 4"));
        }
        let mut hash = Sha256::new();
        hash.update(request.operation);
        // What is asked for are plain values, which all have a JSON.
        hash.update(serde_json::to_vec(asked).unwrap_or_default());
        let digest =
            hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        Ok(Self { token, digest })
    }

    /// What the same request has made before.
    pub(super) async fn made(
        &self,
        services: &Services,
        base: &ObjectToken,
    ) -> Result<Option<String>, ApiError> {
        let Some(token) = &self.token else { return Ok(None) };
        let found = bases::request(&services.store.db, base, token).await;
        match found.map_err(|error| codes::INTERNAL.caused_by(error))? {
            None => Ok(None),
            Some(before) if before.digest == self.digest => Ok(Some(before.made)),
            Some(_) => {
                Err(codes::TOKEN_CONFLICT.because("client_token was used with another request"))
            }
        }
    }

    /// Notes what the request makes, in the transaction that makes it.
    pub(super) fn note(
        &self,
        transaction: &mut Transaction,
        base: &ObjectToken,
        made: &str,
        now_ms: i64,
    ) {
        if let Some(token) = &self.token {
            let made = Repeated { digest: self.digest.clone(), made: made.to_owned() };
            bases::note_request(transaction, base, token, &made, now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_random_uuids() {
        assert!(is_uuid("fe599b60-450f-46ff-b2ef-9f6675625b97"));
        for wrong in [
            "",
            "fe599b60450f46ffb2ef9f6675625b97",
            "fe599b60-450f-16ff-b2ef-9f6675625b97",
            "fe599b60-450f-46ff-c2ef-9f6675625b97",
            "fe599b60-450f-46ff-b2ef-9f6675625b9g",
        ] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
