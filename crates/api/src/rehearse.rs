//! What is rehearsed meets what is documented: which rules may be written, how an effect reads on the
//! wire, what a task's plan is when it is submitted, and where rules outlive a restart.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use larkspur_engine::{Error as EngineError, Submission};
use larkspur_model::time::Millis;
use larkspur_platform::Caller;
use larkspur_rehearsal::faults::{
    Catalogue, End, Hit, KnownStatus, OwnFault, Refused, RequestEffect, RequestSubject, Rule,
    StatusKind, TaskEffect, TaskSubject,
};
use larkspur_rehearsal::stepping::Stepping;
use larkspur_store::settings;
use larkspur_store::sql::Transaction;
use serde::de::DeserializeOwned;

use crate::documented::{self, Outcome};
use crate::operation::{TOO_MANY, is_own_path};
use crate::{
    ApiError, Details, ErrorCode, FieldViolation, Operation, PermissionViolation, Request,
    Services, codes, operations,
};

/// The header with which a request brings its own fault.
pub const FAULT_HEADER: &str = "x-larkspur-fault";

/// A fault that cannot be meant.
pub(crate) const FAULT_REFUSED: ErrorCode =
    ErrorCode::new(400, 88_060_400, "this fault cannot be rehearsed");

/// Where the rules are kept.
const FAULTS: &str = "rehearsal.faults";
/// Where the stepping is kept.
const STEPPING: &str = "rehearsal.stepping";

/// What is to happen to a request before and after its handler runs.
#[derive(Debug, Default)]
pub struct Rehearsed {
    /// So much later.
    pub latency: Duration,
    /// Instead of the answer.
    pub ending: Option<Ending>,
    /// A file that is answered ends after so many bytes.
    pub truncate: Option<u64>,
    /// What happens to the task it creates, if the request says so itself.
    pub task: Option<TaskEffect>,
}

/// What comes instead of an answer.
#[derive(Debug)]
pub enum Ending {
    /// This refusal.
    Refusal(Box<ApiError>),
    /// The connection closes; nothing was done.
    DropBefore,
    /// The work is done, then the connection closes.
    DropAfter,
}

/// The contract, as far as rules are checked against it, and what this server serves of it.
#[derive(Debug, Clone, Copy)]
pub struct Contract;

impl Catalogue for Contract {
    fn operations(&self) -> Vec<&'static str> {
        operations().into_iter().filter(is_theirs).map(|one| one.id).collect()
    }

    fn refusals(&self, operation: &str) -> Vec<(i64, &'static str)> {
        let documented = documented::operation(operation).map_or(&[][..], |one| &one.errors);
        let declared = served(operation).map_or(&[][..], |one| one.errors);
        let mut all: Vec<_> =
            documented.iter().chain(declared).map(|error| (error.code, error.msg)).collect();
        all.sort_unstable();
        all.dedup_by_key(|(code, _)| *code);
        all
    }

    fn is_common(&self, code: i64) -> bool {
        documented::platform().iter().any(|error| error.code == code)
    }

    fn is_download(&self, operation: &str) -> bool {
        served(operation).is_some_and(|one| one.download)
    }

    fn names_file(&self, operation: &str) -> bool {
        ["driveImportTaskCreate", "driveMediaUploadPrepare", "driveFileUploadPrepare"]
            .contains(&operation)
    }

    fn families(&self) -> Vec<&'static str> {
        documented::families().iter().map(|family| family.name).collect()
    }

    fn creates(&self, family: &str) -> Vec<&'static str> {
        documented::family(family).map_or_else(Vec::new, |family| family.creates.clone())
    }

    fn operations_of(&self, family: &str) -> Vec<&'static str> {
        let Some(family) = documented::family(family) else { return Vec::new() };
        self.operations().into_iter().filter(|operation| family.has(operation)).collect()
    }

    fn statuses(&self, family: &str) -> Vec<KnownStatus> {
        let statuses = documented::family(family).map_or(&[][..], |family| &family.statuses);
        let known = |status: &documented::Status| KnownStatus {
            number: status.number,
            kind: match status.outcome {
                Outcome::Pending => StatusKind::Pending,
                Outcome::Success => StatusKind::Success,
                Outcome::Failed => StatusKind::Failed,
            },
            text: status.text,
            meaning: status.meaning,
        };
        statuses.iter().map(known).collect()
    }

    fn extras(&self, family: &str) -> Vec<&'static str> {
        let extras = documented::family(family).map_or(&[][..], |family| &family.extras);
        extras.iter().map(|extra| extra.number).collect()
    }

    fn items(&self, family: &str) -> Vec<i64> {
        let items = documented::family(family).map_or(&[][..], |family| &family.items);
        items.iter().map(|item| item.code).collect()
    }
}

/// Whether the platform has the operation too. Larkspur's own never fail on purpose: they are the way
/// to make that end.
fn is_theirs(operation: &Operation) -> bool {
    !is_own_path(operation.path)
}

fn served(id: &str) -> Option<Operation> {
    operations().into_iter().find(|operation| operation.id == id)
}

/// A refused rule as a refusal of the request that brought it.
pub(crate) fn refused(refused: Refused) -> ApiError {
    let why = refused.to_string();
    let violation = |problem: larkspur_rehearsal::faults::Problem| FieldViolation {
        field: problem.field,
        value: problem.value,
        description: problem.description,
    };
    let field_violations = refused.0.into_iter().map(violation).collect();
    FAULT_REFUSED.because(why).with(Details { field_violations, ..Details::default() })
}

/// The name of the file that a JSON body is about.
fn file_of(json: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        file_name: Option<String>,
        file_extension: Option<String>,
    }
    let Named { file_name, file_extension } = serde_json::from_slice(json).ok()?;
    let name = file_name?;
    // Imports name the document, and its extension beside it.
    Some(match file_extension.filter(|extension| !name.ends_with(&format!(".{extension}"))) {
        Some(extension) => format!("{name}.{extension}"),
        None => name,
    })
}

/// The documented refusal `code` of `operation`.
fn refusal(operation: &Operation, code: i64) -> ApiError {
    let declared = operation.errors.iter().find(|error| error.code == code).copied();
    let documented = documented::refusal(operation.id, code);
    let error = documented.filter(|error| error.http != 0).or(declared).or(documented);
    let mut error = error.unwrap_or(ErrorCode::new(0, code, ""));
    if error.http == 0 {
        // No page says; most of the platform answers so.
        error.http = 400;
    }
    let mut refusal = error.because("a fault that is rehearsed");
    let mut details = Details::default();
    if error.msg.contains("%v") || error.msg.contains("%s") {
        let msg = error.msg.replace("%v", "[rehearsed]").replace("%s", "rehearsed");
        refusal.msg = Cow::Owned(msg);
    }
    let kind = match code {
        99_991_672 => "action_scope_required",
        99_991_679 => "action_privilege_required",
        _ => "",
    };
    if !kind.is_empty() {
        let scopes = operation.scopes.iter();
        details.permission_violations = scopes
            .map(|scope| PermissionViolation {
                kind: kind.to_owned(),
                subject: (*scope).to_owned(),
                description: String::new(),
            })
            .collect();
    }
    if code == operation.rate.limited.code || code == TOO_MANY.code {
        details.rate = Some((ceiling(operation), 1));
    }
    refusal.with(details)
}

/// The lowest of the operation's ceilings, which a refusal names; 1 where none is documented.
fn ceiling(operation: &Operation) -> u32 {
    let rate = operation.rate;
    let ceilings = rate.ceilings;
    let all = [ceilings.per_second, ceilings.per_minute, ceilings.per_day];
    all.into_iter().find(|calls| *calls > 0).unwrap_or(1)
}

/// A bare HTTP status in the platform's envelope: with the common code of that status, if one has it.
fn bare(http: u16) -> ApiError {
    let common = documented::platform().iter().find(|error| error.http == http);
    let other = if http < 500 { codes::BAD_REQUEST } else { codes::INTERNAL };
    let error = common.copied().unwrap_or(other);
    ErrorCode { http, ..error }.because("a status that is rehearsed")
}

fn ending(operation: &Operation, end: End) -> Ending {
    let refusal = match end {
        End::DropBefore => return Ending::DropBefore,
        End::DropAfter => return Ending::DropAfter,
        End::Error(code) => refusal(operation, code),
        End::Http(http) => bare(http),
        End::Throttle(seconds) => {
            let rate = Some((ceiling(operation), seconds));
            let why = format!("too many calls, as rehearsed; come back in {seconds} s");
            operation.rate.limited.because(why).with(Details { rate, ..Details::default() })
        }
    };
    Ending::Refusal(Box::new(refusal))
}

impl Services {
    /// What is rehearsed for a request that was let in: by its own header, if that is switched on, and
    /// by the rules it meets. `json` is its body, where that is JSON.
    pub fn rehearse(
        &self,
        operation: &Operation,
        caller: Option<&Caller>,
        header: Option<&str>,
        json: Option<&Bytes>,
        (log_id, now_ms): (&str, Millis),
    ) -> Result<Rehearsed, ApiError> {
        if !is_theirs(operation) {
            return Ok(Rehearsed::default());
        }
        let own = match header {
            Some(text) if self.settings.request_faults => {
                Some(OwnFault::read(text, operation.id, &Contract).map_err(refused)?)
            }
            Some(_) => {
                tracing::info!(
                    log_id,
                    "X-Larkspur-Fault is ignored: `larkspur serve --request-faults` heeds it"
                );
                None
            }
            None => None,
        };
        let subject = RequestSubject {
            operation: operation.id,
            app: caller.map(|caller| caller.app.as_str()),
            tenant: caller.map(|caller| caller.tenant.as_str()),
            file: &|| json.and_then(|json| file_of(json)),
            log_id,
            now_ms,
        };
        let ruled = self.rehearsal.faults.request(&subject);
        if own.is_none() && ruled.is_none() {
            return Ok(Rehearsed::default());
        }
        let ruled = ruled.unwrap_or_default();
        let own = own.unwrap_or_default();
        tracing::info!(log_id, operation = operation.id, rules = ?ruled.rules, "a fault is rehearsed");
        let ends = own.request.end.is_some() || own.request.truncate.is_some();
        let RequestEffect { end, truncate, .. } =
            if ends { own.request.clone() } else { ruled.clone() };
        let latency_ms = own.request.latency_ms.saturating_add(ruled.latency_ms);
        Ok(Rehearsed {
            latency: Duration::from_millis(latency_ms),
            ending: end.map(|end| ending(operation, end)),
            truncate,
            task: own.task,
        })
    }

    /// Submits a task the way `request` asks for it, with what is rehearsed for it. `file` is the name
    /// of the file it is about, with its extension.
    pub(crate) async fn submit(
        &self,
        request: &Request,
        submission: Submission,
        file: &str,
    ) -> Result<i64, EngineError> {
        self.submit_as(request, submission, file, None).await
    }

    /// As [`submit`](Self::submit), under a number that was made above.
    pub(crate) async fn submit_as(
        &self,
        request: &Request,
        mut submission: Submission,
        file: &str,
        number: Option<i64>,
    ) -> Result<i64, EngineError> {
        let now_ms = self.clock.now_ms();
        let (app, tenant) = (submission.app.clone(), submission.tenant.clone());
        let family = submission.family;
        debug_assert!(documented::family(family).is_some(), "{family} cannot be rehearsed");
        let subject = TaskSubject {
            family,
            operation: request.operation,
            app: &app,
            tenant: &tenant,
            file,
            log_id: &request.log_id,
            now_ms,
        };
        submission.plan = self.rehearsal.plan(&subject, request.rehearsed.as_deref());
        let rule = submission.plan.as_ref().and_then(|plan| plan.rule.clone());
        let id = match number {
            Some(number) => self.engine.submit_as(number, submission).await?,
            None => self.engine.submit(submission).await?,
        };
        if let Some(rule) = rule {
            let hit = Hit {
                time_ms: now_ms,
                what: family.to_owned(),
                task_id: Some(id.to_string()),
                app_id: Some(app),
                log_id: request.log_id.clone(),
            };
            self.rehearsal.faults.hit(&rule, hit);
        }
        Ok(id)
    }

    /// Puts in force what was kept by [`keep_faults`](Self::keep_faults) and
    /// [`keep_stepping`](Self::keep_stepping), before a restart or in a snapshot, and nothing else. What no longer fits is left out, with
    /// a warning in the log.
    pub async fn load_rehearsal(&self) -> Result<(), larkspur_store::Error> {
        self.rehearsal.faults.clear();
        for rule in self.kept::<Vec<Rule>>(FAULTS).await?.unwrap_or_default() {
            if let Err(refused) = self.rehearsal.faults.add(rule, &Contract) {
                tracing::warn!(%refused, "a fault that was kept is left out");
            }
        }
        let stepping = self.kept::<Stepping>(STEPPING).await?;
        self.rehearsal.stepping.set(stepping.unwrap_or_default());
        Ok(())
    }

    async fn kept<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, larkspur_store::Error> {
        let Some(text) = settings::get(&self.store.db, name).await? else { return Ok(None) };
        let read = serde_json::from_str(&text);
        if let Err(error) = &read {
            tracing::warn!(name, %error, "what was kept of a rehearsal cannot be read");
        }
        Ok(read.ok())
    }

    /// Has the rules in force outlive a restart.
    pub async fn keep_faults(&self) -> Result<(), ApiError> {
        self.keep(FAULTS, &self.rehearsal.faults.rules()).await
    }

    /// Has the stepping in force outlive a restart.
    pub async fn keep_stepping(&self) -> Result<(), ApiError> {
        self.keep(STEPPING, &self.rehearsal.stepping.get()).await
    }

    async fn keep(&self, name: &str, value: &impl serde::Serialize) -> Result<(), ApiError> {
        let text =
            serde_json::to_string(value).map_err(|error| codes::INTERNAL.caused_by(error))?;
        let mut transaction = Transaction::new();
        settings::set(&mut transaction, name, &text);
        let kept = self.store.db.commit(transaction).await;
        kept.map(|_| ()).map_err(|error| codes::INTERNAL.caused_by(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_read_as_documented_for_their_operation() {
        let of = |id: &str, code| refusal(&served(id).unwrap(), code);
        let deleted = of("driveExportTaskGet", 1_069_906);
        assert_eq!((deleted.http, deleted.msg.as_ref()), (410, "docs deleted"));
        let limited = of("driveImportTaskGet", 99_991_400);
        assert_eq!((limited.http, limited.details.unwrap().rate), (429, Some((50, 1))));
        let folder = of("driveExplorerFolderMeta", 91_203);
        assert_eq!(folder.http, 404);
        let scopes = of("driveImportTaskGet", 99_991_672).details.unwrap().permission_violations;
        assert_eq!(scopes.len(), 3);
        assert!(!of("driveFileList", 99_992_351).msg.contains('%'));
    }

    #[test]
    fn a_bare_status_has_the_common_code_of_it() {
        for (http, code) in [(429, 99_991_400), (404, 99_991_201), (503, 2200), (418, 9499)] {
            assert_eq!((bare(http).http, bare(http).code), (http, code));
        }
    }

    #[test]
    fn the_file_of_an_import_has_its_extension() {
        let file = |json: &str| file_of(json.as_bytes());
        assert_eq!(file(r#"{"file_name":"a","file_extension":"md"}"#).as_deref(), Some("a.md"));
        assert_eq!(file(r#"{"file_name":"a.md","file_extension":"md"}"#).as_deref(), Some("a.md"));
        assert_eq!(file(r#"{"file_name":"a.bin","size":3}"#).as_deref(), Some("a.bin"));
        assert_eq!(file("[]"), None);
    }
}
