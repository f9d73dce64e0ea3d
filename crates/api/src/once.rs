//! Creates of tasks that name themselves with `X-Larkspur-Idempotency-Key`: the same request under the same
//! key makes nothing twice and gets the same answer, for a day and across a restart. The answer is kept in
//! the transaction that makes the task.

use bytes::Bytes;
use larkspur_engine::{Error as EngineError, Submission};
use larkspur_store::Error as StoreError;
use larkspur_store::named_requests::{self, Answered, RequestName};
use sha2::{Digest as _, Sha256};

use crate::{Answer, ApiError, Body, ErrorCode, FieldViolation, Request, Services, codes};

/// The header.
const HEADER: &str = "x-larkspur-idempotency-key";
/// Longest key.
const LONGEST: usize = 255;
/// How often another number is tried where one is taken.
const TRIES: usize = 8;

/// The key was another request's.
pub(crate) const ANOTHER: ErrorCode =
    ErrorCode::new(409, 88_090_409, "the idempotency key was used with another request");

/// A request that has a name.
pub(crate) struct Named {
    name: RequestName,
    digest: String,
}

/// Why a task was not made.
pub(crate) enum Unmade {
    /// The engine could not take it.
    Engine(EngineError),
    /// The key was another request's, or the answer cannot be made.
    Refused(ApiError),
}

impl Unmade {
    /// The refusal; `of` makes that of what the engine says.
    pub(crate) fn or(self, of: impl FnOnce(EngineError) -> ApiError) -> ApiError {
        match self {
            Self::Engine(error) => of(error),
            Self::Refused(refusal) => refusal,
        }
    }
}

impl Named {
    /// The name of a request; `None` where it has none, as nearly all.
    fn of(request: &Request) -> Result<Option<Self>, ApiError> {
        if !request.headers.contains_key(HEADER) {
            return Ok(None);
        }
        let key = request.header(HEADER);
        if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ApiError::fields(vec![FieldViolation {
                field: "X-Larkspur-Idempotency-Key".to_owned(),
                value: key.to_owned(),
                description: "1 to 255 visible ASCII characters".to_owned(),
            }]));
        }
        let Some(caller) = request.caller.as_deref() else { return Ok(None) };
        let name = RequestName {
            tenant: caller.tenant.as_str().to_owned(),
            app: caller.app.as_str().to_owned(),
            creator: caller.creator(),
            key: key.to_owned(),
        };
        Ok(Some(Self { name, digest: digest(request) }))
    }

    /// The answer to the same request before; refuses what is another one under this key.
    async fn before(&self, services: &Services) -> Result<Option<Answer>, ApiError> {
        let found = named_requests::find(&services.store.db, &self.name).await;
        match found.map_err(|error| codes::INTERNAL.caused_by(error))? {
            None => Ok(None),
            Some(found) if found.digest == self.digest => {
                Ok(Some(Answer::Json(Bytes::from(found.answer))))
            }
            Some(_) => Err(ANOTHER.because("another request takes another key")),
        }
    }
}

/// What a request asks for: the operation, its path, its query and its body.
fn digest(request: &Request) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(request.operation.as_bytes());
    for (_, value) in &request.path {
        part(value.as_bytes());
    }
    part(request.query.raw().as_bytes());
    if let Body::Json(bytes) = &request.body {
        part(bytes);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Services {
    /// The answer to a request that was made before under its key.
    ///
    /// # Errors
    /// The key was another request's, or is none.
    pub async fn answered_before(&self, request: &Request) -> Result<Option<Answer>, ApiError> {
        match Named::of(request)? {
            Some(named) => named.before(self).await,
            None => Ok(None),
        }
    }

    /// Makes a task as `request` asks for it, as [`submit`](Self::submit) does, and answers with what
    /// `answer` makes of its number. Of two requests with the same key that come at once, one makes a task.
    pub(crate) async fn create(
        &self,
        request: &Request,
        submission: Submission,
        file: &str,
        answer: impl Fn(i64) -> Result<Answer, ApiError>,
    ) -> Result<Answer, Unmade> {
        let Some(named) = Named::of(request).map_err(Unmade::Refused)? else {
            let id = self.submit(request, submission, file).await.map_err(Unmade::Engine)?;
            return answer(id).map_err(Unmade::Refused);
        };
        let mut tries = 0;
        loop {
            let id = self.engine.number();
            let made = answer(id).map_err(Unmade::Refused)?;
            let mut submission = submission.clone();
            if let Answer::Json(bytes) | Answer::Noted(bytes, _) = &made {
                let answered = Answered { digest: named.digest.clone(), answer: bytes.to_vec() };
                let now_ms = self.clock.now_ms();
                named_requests::note(&mut submission.also, &named.name, answered, now_ms);
            }
            let Err(error) = self.submit_as(request, submission, file, Some(id)).await else {
                return Ok(made);
            };
            // Whoever was first has taken the key, and perhaps what the task is about.
            if let Some(before) = named.before(self).await.map_err(Unmade::Refused)? {
                return Ok(before);
            }
            tries += 1;
            let taken = matches!(error, EngineError::Store(StoreError::Duplicate(_)));
            if !taken || tries == TRIES {
                return Err(Unmade::Engine(error));
            }
        }
    }
}
