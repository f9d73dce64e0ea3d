//! Task record -> wire answer, and the two ways to the file: its token, and a signed address.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use larkspur_engine::Watched;
use larkspur_model::task::State;
use larkspur_model::time::{HOUR_MS, Millis};
use larkspur_store::tasks::{self, TaskRecord};

use super::codes;
use super::job::{FAMILY, Output};
use super::wire::GetData;
use crate::{Answer, ApiError, Request, Services, address};

/// How long an address stays good; each look at the task gives a fresh one.
const LINK_LIFE_MS: Millis = HOUR_MS;
/// Characters of an object's token, and of the signature that makes it a `file_token`.
const TOKEN: usize = 27;
const TOKEN_SIGNATURE: usize = 25;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// `vcExportGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let unknown = || codes::NOT_EXIST.because("there is no export task of this number");
    let id: i64 = request.path_value("task_id").parse().map_err(|_| unknown())?;
    let record = find(&services, id).await.map_err(internal)?;
    let record =
        record.filter(|record| record.tenant == caller.tenant.as_str()).ok_or_else(unknown)?;
    if record.creator != caller.creator() {
        return Err(codes::NO_PERMISSION.because("only who created the task may ask for it"));
    }
    let watched = services.engine.watch(record).await.map_err(internal)?;
    Answer::data(&show(&services, &request, &watched)?)
}

/// The task of this family with this number.
pub(super) async fn find(
    services: &Services,
    id: i64,
) -> Result<Option<TaskRecord>, larkspur_store::Error> {
    let record = tasks::view(&services.store.db, id).await?;
    Ok(record.filter(|record| record.family == FAMILY))
}

/// What the task made, if it did and that is still known.
pub(super) fn output(record: &TaskRecord) -> Option<Output> {
    serde_json::from_slice(record.output.as_deref()?).ok()
}

fn show<'a>(
    services: &Services,
    request: &Request,
    watched: &'a Watched,
) -> Result<GetData<'a>, ApiError> {
    let Watched { record, early, pending_status } = watched;
    let answer = |status, fail_msg| GetData { status, url: None, file_token: None, fail_msg };
    Ok(match record.state {
        State::Queued | State::Running => answer(pending_status.unwrap_or(codes::PENDING), None),
        State::Cancelled => answer(codes::FAILED, Some("the task was cancelled")),
        State::Failed => {
            let failure = record.failure.as_ref().ok_or_else(|| internal("failure missing"))?;
            answer(codes::FAILED, Some(codes::fail_msg(failure)))
        }
        State::Succeeded if *early => answer(codes::DONE, None),
        State::Succeeded => {
            // What a task made is forgotten some time after its end, as its file is.
            let output = output(record)
                .ok_or_else(|| codes::NOT_EXIST.because("the report has expired; export again"))?;
            GetData {
                url: Some(link(services, request, record.id)),
                file_token: Some(file_token(services, output.token.as_str())),
                ..answer(codes::DONE, None)
            }
        }
    })
}

fn expires_parts<'a>(task: &'a str, expires_s: &'a str) -> [&'a str; 3] {
    ["vc export", task, expires_s]
}

/// The address of a report, good for an hour for whoever has it. What makes it good stands in the
/// query, which is not logged.
fn link(services: &Services, request: &Request, task: i64) -> String {
    let expires_s = ((services.clock.now_ms() + LINK_LIFE_MS) / 1_000).to_string();
    let task = task.to_string();
    let signature = services.platform.sign(&expires_parts(&task, &expires_s));
    let base = address::base(services, request);
    format!("{base}/larkspur/v1/vc/exports/{task}/file?expires={expires_s}&signature={signature}")
}

/// Whether an address was given by [`link`] and its hour is not over.
pub(super) fn is_good_link(services: &Services, task: &str, request: &Request) -> bool {
    let expires = request.query.text("expires").unwrap_or_default();
    let signature = request.query.text("signature").unwrap_or_default();
    services.platform.is_signed(&expires_parts(task, &expires), &signature)
        && expires.parse().is_ok_and(|expires_s: i64| services.clock.now_ms() / 1_000 < expires_s)
}

/// The `file_token` of a report: its object's token, signed, as the platform's look (contract,
/// "Identifier formats").
fn file_token(services: &Services, token: &str) -> String {
    let signature = services.platform.sign(&["vc file", token]);
    let signature = signature.get(..TOKEN_SIGNATURE).unwrap_or_default();
    BASE64.encode(format!("{token}{signature}"))
}

/// The object's token in a `file_token`, if this server gave it.
pub(super) fn token_of(services: &Services, text: &str) -> Option<String> {
    let bytes = BASE64.decode(text).ok()?;
    let plain = String::from_utf8(bytes).ok()?;
    let token = plain.get(..TOKEN)?.to_owned();
    (file_token(services, &token) == text).then_some(token)
}
