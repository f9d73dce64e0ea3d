//! Where rehearsed faults strike a request: late, refused, without an answer, with half a file. Which
//! fault it is was decided in `api` and `rehearsal`.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Response};
use larkspur_api::{
    Answer, ApiError, Chunks, Ending, FAULT_HEADER, Layer, Rehearsed, Services, codes,
};
use larkspur_rehearsal::faults::TaskEffect;

use crate::Body;
use crate::call::Call;

/// How long a file that breaks off waits before it does, so that what was sent of it arrives.
const LAST_BYTES: Duration = Duration::from_millis(100);

/// On a response that nobody is to see: the connection closes instead.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection closes without an answer, as rehearsed")]
pub(crate) struct Severed;

/// What is still to happen once the handler has run.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// For the task that the request creates.
    pub(crate) task: Option<Box<TaskEffect>>,
    severed: bool,
    truncate: Option<u64>,
}

/// Lets the faults of a request strike that was let in. `json` is its body, where that is JSON.
pub(crate) async fn strike(
    services: &Services,
    call: &Call<'_>,
    headers: &HeaderMap,
    json: Option<&Bytes>,
) -> Result<After, ApiError> {
    let Some(operation) = call.operation else { return Ok(After::default()) };
    let caller = call.caller.as_deref();
    let header = headers.get(FAULT_HEADER).map(|value| value.to_str().unwrap_or("?"));
    let rehearsed =
        services.rehearse(operation, caller, header, json, (call.log_id, call.now_ms))?;
    let Rehearsed { latency, ending, truncate, task } = rehearsed;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let severed = match ending {
        Some(Ending::Refusal(refusal)) => return Err(ApiError { layer: Layer::Fault, ..*refusal }),
        Some(Ending::DropBefore) => return Err(no_answer()),
        Some(Ending::DropAfter) => true,
        None => false,
    };
    Ok(After { task: task.map(Box::new), severed, truncate })
}

impl After {
    /// What becomes of the answer.
    pub(crate) fn apply(self, result: Result<Answer, ApiError>) -> Result<Answer, ApiError> {
        if self.severed {
            return Err(no_answer());
        }
        match (result, self.truncate) {
            (Ok(Answer::File(mut file)), Some(bytes)) => {
                file.chunks = truncated(file.chunks, bytes);
                Ok(Answer::File(file))
            }
            (result, _) => result,
        }
    }
}

fn no_answer() -> ApiError {
    codes::NO_ANSWER.at(Layer::Fault).because("a dropped connection that is rehearsed")
}

/// Marks the response to a refusal that nobody is to see.
pub(crate) fn mark(response: &mut Response<Body>, refusal: &ApiError) {
    if refusal.code == codes::NO_ANSWER.code {
        response.extensions_mut().insert(Severed);
    }
}

/// The response, unless nobody is to see it.
pub(crate) fn unless_severed(mut response: Response<Body>) -> Result<Response<Body>, Severed> {
    match response.extensions_mut().remove::<Severed>() {
        Some(severed) => Err(severed),
        None => Ok(response),
    }
}

/// The first `bytes` of `chunks`, then a connection that breaks off; all of them, if there are fewer.
fn truncated(chunks: Chunks, bytes: u64) -> Chunks {
    Box::pin(stream::unfold((chunks, Some(bytes)), |(mut chunks, left)| async move {
        let left = left?;
        if left == 0 {
            tokio::time::sleep(LAST_BYTES).await;
            return Some((Err(io::ErrorKind::ConnectionAborted.into()), (chunks, None)));
        }
        let chunk = chunks.next().await?;
        Some(match chunk {
            Ok(mut chunk) => {
                chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - chunk.len() as u64;
                (Ok(chunk), (chunks, Some(left)))
            }
            Err(error) => (Err(error), (chunks, None)),
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_file_breaks_off_after_so_many_bytes() {
        let chunks = || -> Chunks {
            Box::pin(stream::iter(
                ["abc", "def"].map(|text| Ok(Bytes::from_static(text.as_bytes()))),
            ))
        };
        let read = async |bytes| {
            let mut got = Vec::new();
            let mut broken = false;
            for chunk in truncated(chunks(), bytes).collect::<Vec<_>>().await {
                match chunk {
                    Ok(chunk) => got.extend_from_slice(&chunk),
                    Err(_) => broken = true,
                }
            }
            (String::from_utf8(got).unwrap(), broken)
        };
        assert_eq!(read(0).await, (String::new(), true));
        assert_eq!(read(4).await, ("abcd".to_owned(), true));
        assert_eq!(read(9).await, ("abcdef".to_owned(), false));
    }
}
