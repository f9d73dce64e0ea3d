//! Counts that several nodes share: a statement for each call, in the store. What runs alone is
//! claimed there, and given back when its call has ended.

use std::fmt::Write as _;
use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, MINUTE_MS, Millis};
use larkspur_store::sql::Transaction;
use larkspur_store::{Db, rates};

use super::windows::{self, Windows};
use super::{Bucket, Ceilings, Limited};
use crate::Error;

/// How long a claim counts that a node did not give back because it died; a call that takes longer
/// lets the next one in.
const CLAIM_MS: Millis = 2 * MINUTE_MS;
/// Characters of a document in the name of a bucket: more than tokens have.
const DOCUMENT_CHARACTERS: usize = 64;

/// Where the nodes count.
pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) ids: Arc<Ids>,
    pub(super) real_clock: Arc<dyn Clock>,
}

/// A bucket in which only this call may run; given back when dropped.
pub(super) struct Claim {
    db: Db,
    bucket: String,
    holder: String,
}

impl Shared {
    /// Counts a call; a claim where it runs alone, and else how the bucket stands.
    pub(super) async fn count(
        &self,
        bucket: &Bucket<'_>,
        document: Option<&str>,
        ceilings: &Ceilings,
        now_ms: Millis,
    ) -> Result<Result<Option<Claim>, (Windows, Limited)>, Error> {
        let mut name = format!("{}/{}/{}", bucket.tenant, bucket.operation, bucket.app);
        if let Some(document) = document {
            // Writing to a string cannot fail.
            let _ = write!(name, "/{document:.DOCUMENT_CHARACTERS$}");
        }
        let real_ms = self.real_clock.now_ms();
        let holder = ceilings.no_concurrency.then(|| self.ids.token());
        let call = rates::Call {
            bucket: &name,
            at: windows::at(now_ms),
            most: windows::calls(ceilings).map(|calls| Some(calls).filter(|calls| *calls > 0)),
            alone: holder.as_deref().map(|holder| (holder, real_ms + CLAIM_MS)),
            real_ms,
        };
        let Some(standing) = rates::count(&self.db, &call).await? else {
            let claim = holder.map(|holder| Claim { db: self.db.clone(), bucket: name, holder });
            return Ok(Ok(claim));
        };
        let windows = Windows::of(standing.windows);
        // A window that was over by the time it was looked at was full a moment before.
        let limited = windows.refusal(ceilings, now_ms).unwrap_or(windows::not_alone());
        Ok(Err((windows, limited)))
    }
}

impl Claim {
    /// Gives the bucket back.
    pub(super) async fn give_back(mut self) {
        let holder = std::mem::take(&mut self.holder);
        release(&self.db, &self.bucket, &holder).await;
    }
}

async fn release(db: &Db, bucket: &str, holder: &str) {
    let mut transaction = Transaction::new();
    rates::release(&mut transaction, bucket, holder);
    // A claim that could not be given back runs out.
    let _lost = db.commit(transaction).await;
}

impl Drop for Claim {
    /// Gives back what a call held that was broken off.
    fn drop(&mut self) {
        let (bucket, holder) = (std::mem::take(&mut self.bucket), std::mem::take(&mut self.holder));
        // Without a runtime the server is gone, and the claim runs out.
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !holder.is_empty()
        {
            let db = self.db.clone();
            runtime.spawn(async move { release(&db, &bucket, &holder).await });
        }
    }
}
