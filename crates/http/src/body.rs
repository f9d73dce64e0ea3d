//! The body of an answer: bytes at hand, a file that streams and must be exactly as long as it was
//! announced, or a stream without a known end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use larkspur_api::Chunks;

/// The body of an answer.
pub struct Body(Kind);

enum Kind {
    Whole(Option<Bytes>),
    Stream { chunks: Chunks, left: u64 },
    Endless(Chunks),
}

impl Body {
    /// A body that is at hand.
    pub const fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes)))
    }

    /// The bytes of a body that is at hand.
    pub(crate) const fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => bytes.as_ref(),
            Kind::Stream { .. } | Kind::Endless(_) => None,
        }
    }

    /// A body that streams until its chunks end.
    pub fn endless(chunks: Chunks) -> Self {
        Self(Kind::Endless(chunks))
    }

    /// A body of exactly `size_bytes` that streams.
    pub fn stream(chunks: Chunks, size_bytes: u64) -> Self {
        Self(Kind::Stream { chunks, left: size_bytes })
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.get_mut().0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Stream { left: 0, .. } => Poll::Ready(None),
            Kind::Endless(chunks) => chunks
                .as_mut()
                .poll_next(context)
                .map(|next| next.map(|chunk| chunk.map(Frame::data))),
            Kind::Stream { chunks, left } => {
                let next = match chunks.as_mut().poll_next(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(next) => next,
                };
                Poll::Ready(Some(match next {
                    Some(Ok(chunk)) if chunk.len() as u64 <= *left => {
                        *left -= chunk.len() as u64;
                        Ok(Frame::data(chunk))
                    }
                    Some(Ok(_)) => Err(io::Error::other("the file is longer than announced")),
                    Some(Err(error)) => Err(error),
                    None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                }))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None) | Kind::Stream { left: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Kind::Stream { left, .. } => SizeHint::with_exact(*left),
            Kind::Endless(_) => SizeHint::default(),
        }
    }
}
