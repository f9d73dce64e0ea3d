//! Forgetting what has run out: tokens, uploads, import sources, exports, the blobs of all of them,
//! and what contact batches left behind. Old tasks are swept by their own room.

use larkspur_model::time::{HOUR_MS, Millis};

use crate::blobs::{self, Swept};
use crate::error::Error;
use crate::sql::Transaction;
use crate::{
    Store, authorizations, bases, console, contacts, named_requests, objects, rates, tokens,
    uploads, webhooks,
};

const DAY_MS: Millis = 24 * HOUR_MS;
/// So long an expired user's token is told from one nobody issued (99991677, 99991668).
const TOKENS_MS: Millis = 30 * DAY_MS;
/// So long a message that nobody receives can be looked at.
const MESSAGES_MS: Millis = 90 * DAY_MS;
/// So long a repeated request that named itself does nothing twice.
const REQUESTS_MS: Millis = DAY_MS;
/// So long an expired upload is told from one nobody announced (1061021).
const UPLOADS_MS: Millis = DAY_MS;
/// So long an expired import source or export is told from one that never was (1069913).
const OBJECTS_MS: Millis = 7 * DAY_MS;

impl Store {
    /// Sweeps once; meant to be called every few minutes, by any node.
    ///
    /// `now_ms` is the clock that things expire by, which may be virtual; `real_ms` is the
    /// machine's, which stamps files.
    ///
    /// # Errors
    /// The first that comes up; what was swept until then stays swept.
    pub async fn sweep(&self, now_ms: Millis, real_ms: Millis) -> Result<Swept, Error> {
        self.expire(now_ms).await?;
        let mut transaction = Transaction::new();
        console::forget_expired(&mut transaction, real_ms);
        self.db.commit(transaction).await?;
        blobs::sweep(&self.db, &self.blobs, now_ms, real_ms).await
    }

    /// The part of a sweep that the clock alone decides, which is done in a moment: rows that have
    /// run out go, and let go of their blobs.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn expire(&self, now_ms: Millis) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        tokens::forget_expired(&mut transaction, now_ms - TOKENS_MS);
        authorizations::forget_expired(&mut transaction, now_ms - TOKENS_MS);
        uploads::forget_expired(&mut transaction, now_ms - UPLOADS_MS, now_ms);
        objects::release_expired(&mut transaction, now_ms);
        objects::forget_expired(&mut transaction, now_ms - OBJECTS_MS);
        rates::forget_before(&mut transaction, now_ms.div_euclid(DAY_MS) - 1);
        contacts::forget_batches(&mut transaction);
        contacts::forget_messages(&mut transaction, now_ms - MESSAGES_MS);
        contacts::forget_requests(&mut transaction, now_ms - REQUESTS_MS);
        bases::forget_requests(&mut transaction, now_ms - REQUESTS_MS);
        named_requests::forget(&mut transaction, now_ms - REQUESTS_MS);
        webhooks::forget_orphans(&mut transaction);
        self.db.commit(transaction).await.map(|_| ())
    }
}
