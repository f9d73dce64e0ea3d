//! Creates that carry a `client_token`: the same request under the same token makes nothing twice.

use larkspur_platform::Caller;
use larkspur_store::contacts::{self, Repeated};
use larkspur_store::sql::Transaction;
use sha2::{Digest as _, Sha256};

use crate::{ApiError, ErrorCode, Request, Services};

/// A create and the token it came with, if any.
pub(crate) struct Once {
    token: Option<String>,
    digest: String,
}

impl Once {
    /// Reads the token; what is asked for is `what` and the body.
    pub(crate) fn read(request: &Request, what: &str, body: &impl serde::Serialize) -> Self {
        let mut hash = Sha256::new();
        hash.update(what);
        // The bodies are plain values, which all have a JSON.
        hash.update(serde_json::to_vec(body).unwrap_or_default());
        let digest =
            hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        Self { token: request.query.text("client_token"), digest }
    }

    /// The id of what the same request has made before; `another` where the token was another
    /// request's.
    pub(crate) async fn made(
        &self,
        services: &Services,
        caller: &Caller,
        another: ErrorCode,
    ) -> Result<Option<String>, ApiError> {
        let Some(token) = &self.token else { return Ok(None) };
        let found = contacts::request(&services.store.db, &caller.tenant, &caller.app, token).await;
        match found.map_err(|error| crate::codes::INTERNAL.caused_by(error))? {
            None => Ok(None),
            Some(before) if before.digest == self.digest => Ok(Some(before.made)),
            Some(_) => Err(another.because("client_token was used with another request")),
        }
    }

    /// Notes what the request makes, in the transaction that makes it.
    pub(crate) fn note(
        &self,
        transaction: &mut Transaction,
        caller: &Caller,
        made: &str,
        now_ms: i64,
    ) {
        if let Some(token) = &self.token {
            let made = Repeated { digest: self.digest.clone(), made: made.to_owned() };
            let who = (&caller.tenant, &caller.app);
            contacts::note_request(transaction, who, token, &made, now_ms);
        }
    }
}
