//! How often: the ceilings in force for each operation, and the refusal of a call that is one too
//! many. Counting is `platform`'s.

use std::collections::BTreeMap;

use larkspur_api::{ApiError, Details, Operation, Query, codes};
use larkspur_platform::{Bucket, Ceilings, Limited, Limiter, Pass};

use crate::call::Call;

/// Which ceilings hold for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RateRule {
    /// None; what would have met the documented ones is told to the linter alone.
    #[default]
    Off,
    /// Those the platform documents.
    Documented,
    /// These.
    Own(Ceilings),
}

/// Which ceilings hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RateRules {
    /// For operations that are not named.
    pub default: RateRule,
    /// For operations by their id.
    pub operations: BTreeMap<String, RateRule>,
}

/// The ceilings of one operation.
pub(crate) struct Limit {
    ceilings: Ceilings,
    enforced: bool,
}

impl Limit {
    /// As `rules` say.
    pub(crate) fn new(operation: &Operation, rules: &RateRules) -> Self {
        let documented = operation.rate.ceilings;
        match rules.operations.get(operation.id).unwrap_or(&rules.default) {
            RateRule::Off => Self { ceilings: documented, enforced: false },
            RateRule::Documented => Self { ceilings: documented, enforced: true },
            RateRule::Own(ceilings) => Self { ceilings: *ceilings, enforced: true },
        }
    }

    /// Counts the call. What it returns is held while the call runs.
    pub(crate) async fn enter(
        &self,
        limiter: &Limiter,
        operation: &Operation,
        path: &[(&'static str, String)],
        query: &Query,
        call: &mut Call<'_>,
    ) -> Result<Pass, ApiError> {
        let Some(caller) = &call.caller else { return Ok(Pass::default()) };
        if self.ceilings == Ceilings::NONE {
            return Ok(Pass::default());
        }
        let document = self.ceilings.of_documents().then(|| document(operation, path, query));
        let bucket = Bucket {
            operation: operation.id,
            app: caller.app.as_str(),
            tenant: caller.tenant.as_str(),
            document: document.as_deref(),
        };
        if self.enforced {
            let entered = limiter.enter(&bucket, &self.ceilings, call.now_ms).await;
            let entered = entered.map_err(|error| codes::INTERNAL.caused_by(error))?;
            return entered.map_err(|met| refused(operation, &met));
        }
        Ok(limiter.enter_here(&bucket, &self.ceilings, call.now_ms).unwrap_or_else(|met| {
            call.unenforced = Some(met);
            Pass::default()
        }))
    }
}

/// The document a call is about.
fn document(operation: &Operation, path: &[(&'static str, String)], query: &Query) -> String {
    let name = operation.rate.document;
    let named = path.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    named.or_else(|| query.text(name)).unwrap_or_default()
}

fn refused(operation: &Operation, limited: &Limited) -> ApiError {
    let rate = Some((limited.calls, limited.reset_s));
    let details = Details { rate, ..Details::default() };
    let rate = &operation.rate;
    let refusal = if limited.document { rate.document_limited } else { rate.limited };
    refusal.because(limited.why()).with(details)
}
