//! Streams of what becomes of tasks: where they begin, what they carry, when they end. A listener's
//! cursor is a place in the log, so that nothing is missed between two connections.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use larkspur_engine::{Batch, Following, Interest};
use larkspur_store::events::{Change, Place};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Answer, ApiError, ErrorCode, FieldViolation, Request, Services, codes};

/// A listener's place is no longer in the log, or never was.
pub(super) const CUT_OFF: ErrorCode =
    ErrorCode::new(410, 88_070_410, "the log of events does not hold this cursor");

/// How long a stream says nothing at most.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Where a piece of a stream ends at the latest, bytes: all that a listener who does not read costs.
const PIECE: usize = 16 * 1024;
/// The cursor of who wants everything that is kept.
const START: &str = "start";

/// What somebody listens to.
pub(super) struct Listening {
    /// Which transitions.
    pub(super) interest: Interest,
    /// Whether the stream ends with the end of a task.
    pub(super) until_ended: bool,
}

/// Narrows an interest to what the caller may see: an app its own tasks, a user those they submitted, an
/// administrator those of the tenant, the operator all.
pub(super) fn confine(request: &Request, interest: &mut Interest) -> Result<(), ApiError> {
    if request.admin {
        return Ok(());
    }
    let caller = request.caller()?;
    interest.tenant = Some(caller.tenant.as_str().to_owned());
    if caller.user.is_none() {
        interest.app = Some(caller.app.as_str().to_owned());
    } else if !caller.admin {
        interest.creator = Some(caller.creator());
    }
    Ok(())
}

/// Transitions by their words.
pub(super) fn changes<'a>(
    field: &str,
    words: impl Iterator<Item = &'a str>,
) -> Result<Vec<Change>, ApiError> {
    let known = || Change::ALL.map(Change::word).join(", ");
    words
        .map(|word| {
            let found = Change::ALL.into_iter().find(|change| change.word() == word);
            found.ok_or_else(|| misfit(field, word, &format!("one of {}", known())))
        })
        .collect()
}

/// A field that does not fit.
pub(super) fn misfit(field: &str, value: &str, description: &str) -> ApiError {
    ApiError::fields(vec![FieldViolation {
        field: field.to_owned(),
        value: value.to_owned(),
        description: description.to_owned(),
    }])
}

/// A place in the log as callers write it: the cursor of an event, or `start`.
pub(super) fn place(field: &str, text: &str) -> Result<Place, ApiError> {
    if text == START {
        return Ok(Place::START);
    }
    let wanted = "the cursor of an event, or `start` for all that are kept";
    text.parse().map_err(|_| misfit(field, text, wanted))
}

/// Such a place, behind which the log holds everything.
pub(super) async fn held(services: &Services, field: &str, text: &str) -> Result<Place, ApiError> {
    let place = place(field, text)?;
    let held = services.engine.holds(place).await;
    if held.map_err(|error| codes::INTERNAL.caused_by(error))? {
        return Ok(place);
    }
    Err(CUT_OFF.because(
        "events behind it are gone: look at /larkspur/v1/tasks, then go on with after=start",
    ))
}

/// Where the listener left off: `Last-Event-ID`, else `after`.
async fn left_off(services: &Services, request: &Request) -> Result<Option<Place>, ApiError> {
    let (field, text) = match request.header("last-event-id") {
        "" => ("after", request.query.text("after").unwrap_or_default()),
        id => ("Last-Event-ID", id.to_owned()),
    };
    if text.is_empty() {
        return Ok(None);
    }
    held(services, field, &text).await.map(Some)
}

/// The stream itself.
pub(super) async fn listen(
    services: &Services,
    request: &Request,
    listening: Listening,
) -> Result<Answer, ApiError> {
    let internal = |error| codes::INTERNAL.caused_by(error);
    let place = left_off(services, request).await?;
    let following = services.engine.follow(place).await.map_err(internal)?;
    let mut pieces = VecDeque::from([larkspur_push::ready_frame(following.place())]);
    let mut over = false;
    if let (None, Some(task)) = (place, listening.interest.task)
        && listening.until_ended
        && let Some(record) = services.engine.view(task).await.map_err(internal)?
    {
        // Read behind the place: what comes in between is told twice rather than never.
        over = record.state.is_final();
        pieces.push_back(larkspur_push::standing_frame(following.place(), &record));
    }
    let stream = Stream {
        following,
        listening,
        stopping: services.stopping.clone(),
        pieces,
        over,
        heartbeat: Instant::now() + HEARTBEAT,
    };
    let chunks = stream::unfold(stream, |mut stream| async move {
        let piece = stream.next().await?;
        Some((io::Result::Ok(piece), stream))
    });
    Ok(Answer::Events(Box::pin(chunks)))
}

struct Stream {
    following: Following,
    listening: Listening,
    stopping: CancellationToken,
    /// What is ready to leave.
    pieces: VecDeque<Bytes>,
    /// Whether nothing comes behind that.
    over: bool,
    heartbeat: Instant,
}

impl Stream {
    /// What leaves next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                self.heartbeat = Instant::now() + HEARTBEAT;
                return Some(piece);
            }
            if self.over {
                return None;
            }
            let next = tokio::select! {
                () = self.stopping.cancelled() => return None,
                next = tokio::time::timeout_at(self.heartbeat, self.following.next()) => next,
            };
            match next {
                Err(_) => {
                    self.pieces.push_back(larkspur_push::heartbeat_frame(self.following.place()));
                }
                Ok(Ok(Ok(batch))) => self.tell(&batch),
                Ok(Ok(Err(larkspur_engine::CutOff))) => {
                    self.pieces.push_back(larkspur_push::cut_off_frame(self.following.place()));
                    self.over = true;
                }
                Ok(Err(error)) => {
                    // The listener comes back with its cursor.
                    tracing::warn!(%error, "a stream of events breaks off");
                    return None;
                }
            }
        }
    }

    fn tell(&mut self, batch: &Batch) {
        let mut piece = BytesMut::new();
        for told in batch.events() {
            if self.over || !self.listening.interest.covers(&told.event) {
                continue;
            }
            piece.extend_from_slice(told.text(larkspur_push::frame));
            let change = told.event.change;
            self.over =
                self.listening.until_ended && (change.is_final() || change == Change::Deleted);
            if piece.len() >= PIECE {
                self.pieces.push_back(piece.split().freeze());
            }
        }
        if !piece.is_empty() {
            self.pieces.push_back(piece.freeze());
        }
    }
}
