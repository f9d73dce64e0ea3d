//! The body of a request: read as the operation declares it, within bounds; or thrown away.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use larkspur_api::{ApiError, BodyKind, codes};

/// Largest JSON body.
const JSON_BYTES: u64 = 16 << 20;
/// What a form may hold beside its file.
const FORM_BYTES: u64 = 1 << 20;
/// What is read and thrown away of a body nobody wants, so that the answer is heard.
const DRAIN_BYTES: u64 = 32 << 20;
/// How long a caller may pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// How long throwing a body away may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// The body as `kind` says.
pub(crate) async fn read<B>(
    kind: BodyKind,
    mut body: B,
    headers: &HeaderMap,
) -> Result<larkspur_api::Body, ApiError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    Ok(match kind {
        BodyKind::None => {
            drain(&mut body).await;
            larkspur_api::Body::None
        }
        BodyKind::Json => larkspur_api::Body::Json(collect(body, headers, JSON_BYTES).await?),
        BodyKind::LongJson { most_bytes } => {
            larkspur_api::Body::Json(collect(body, headers, most_bytes).await?)
        }
        BodyKind::Multipart { most_bytes } => form(body, headers, most_bytes),
        BodyKind::Stream => larkspur_api::Body::stream(Box::pin(chunks(body, u64::MAX))),
    })
}

/// Reads and forgets what is left of a body, within bounds, so that the connection stays usable and
/// the caller hears the answer instead of a reset.
pub(crate) async fn drain<B>(body: &mut B)
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return;
    }
    let read = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let size = frame.data_ref().map_or(0, |data| data.len() as u64);
            if size > left {
                break;
            }
            left -= size;
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, read).await;
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body, within the limit.
async fn collect<B>(mut body: B, headers: &HeaderMap, most_bytes: u64) -> Result<Bytes, ApiError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let announced = announced(headers).unwrap_or(0);
    let mut whole = BytesMut::with_capacity(announced.min(64 << 10) as usize);
    if announced > most_bytes {
        drain(&mut body).await;
        return Err(too_large(most_bytes));
    }
    loop {
        let frame = tokio::time::timeout(BODY_PAUSE, body.frame())
            .await
            .map_err(|_| codes::BODY_TIMED_OUT.because("the body stopped arriving"))?;
        let data = match frame {
            None => return Ok(whole.freeze()),
            Some(Err(_)) => return Err(codes::BAD_REQUEST.because("the body broke off")),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        if whole.len() as u64 + data.len() as u64 > most_bytes {
            drain(&mut body).await;
            return Err(too_large(most_bytes));
        }
        whole.extend_from_slice(&data);
    }
}

fn too_large(most_bytes: u64) -> ApiError {
    codes::BODY_TOO_LARGE.because(format!("a JSON body may have {most_bytes} bytes"))
}

/// The form of a body; none where its content type names no boundary.
fn form<B>(body: B, headers: &HeaderMap, most_bytes: u64) -> larkspur_api::Body
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let boundary = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    match boundary {
        None => larkspur_api::Body::None,
        Some(boundary) => {
            let chunks = chunks(body, most_bytes + FORM_BYTES + DRAIN_BYTES);
            larkspur_api::Body::Multipart(larkspur_api::Form {
                parts: multer::Multipart::new(chunks, boundary),
                arrived: larkspur_api::Arrived::default(),
            })
        }
    }
}

/// A body as a stream that gives up on pauses and on endless bodies.
fn chunks<B>(body: B, most_bytes: u64) -> impl Stream<Item = io::Result<Bytes>> + Send
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    stream::unfold((body, most_bytes), |(mut body, left)| async move {
        let next = match tokio::time::timeout(BODY_PAUSE, body.frame()).await {
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Ok(Some(Ok(frame))) => Ok(frame.into_data().unwrap_or_default()),
        };
        match next {
            Ok(data) if data.len() as u64 <= left => {
                let left = left - data.len() as u64;
                Some((Ok(data), (body, left)))
            }
            Ok(_) => Some((Err(io::Error::from(io::ErrorKind::FileTooLarge)), (body, 0))),
            Err(error) => Some((Err(error), (body, 0))),
        }
    })
    .fuse()
}
