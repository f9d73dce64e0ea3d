//! Buffers of bytes on their way from the inflater to whoever reads them, here or on the next core.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::inflate::Inflater;
use crate::Error;

/// Bytes left free at the front of each buffer, for the unfinished end of the one before it.
pub(crate) const HEADROOM: usize = 32 << 10;
/// Inflated bytes a buffer holds.
const CHUNK_BYTES: usize = 512 << 10;
/// Packed size from which an entry is worth a thread of its own.
const THREAD_BYTES: u64 = 64 << 10;

/// A buffer of bytes; what counts stands between `start` and `end`.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// The whole buffer.
    pub(crate) bytes: Vec<u8>,
    /// Where the data starts.
    pub(crate) start: usize,
    /// Where the data ends.
    pub(crate) end: usize,
}

/// Gives buffers one after the other.
pub(crate) trait Feed {
    /// The next buffer; `None` at the end. `spent` is one that was given earlier, to be used again.
    fn next(&mut self, spent: Vec<u8>) -> Result<Option<Chunk>, Error>;

    /// Called now and then while a buffer takes long; an error stops the work.
    fn tick(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// All bytes at once.
#[derive(Debug, Default)]
pub(crate) struct Whole(Option<Vec<u8>>);

impl Whole {
    /// A feed of just these bytes.
    pub(crate) const fn new(bytes: Vec<u8>) -> Self {
        Self(Some(bytes))
    }
}

impl Feed for Whole {
    fn next(&mut self, _: Vec<u8>) -> Result<Option<Chunk>, Error> {
        Ok(self.0.take().map(|bytes| Chunk { start: 0, end: bytes.len(), bytes }))
    }
}

/// Inflates on the calling thread.
struct Here<'a>(Inflater<'a>);

impl Feed for Here<'_> {
    fn next(&mut self, mut spent: Vec<u8>) -> Result<Option<Chunk>, Error> {
        spent.resize(HEADROOM + CHUNK_BYTES, 0);
        let filled = self.0.fill(&mut spent[HEADROOM..])?;
        Ok((filled > 0).then_some(Chunk { bytes: spent, start: HEADROOM, end: HEADROOM + filled }))
    }
}

/// Receives what another thread inflates.
struct There {
    full: Receiver<Result<Chunk, Error>>,
    free: Sender<Vec<u8>>,
}

impl Feed for There {
    fn next(&mut self, spent: Vec<u8>) -> Result<Option<Chunk>, Error> {
        if spent.len() == HEADROOM + CHUNK_BYTES {
            // The other side may have finished already.
            let _ = self.free.send(spent);
        }
        self.full.recv().ok().transpose()
    }
}

fn produce(
    mut inflater: Inflater<'_>,
    full: &SyncSender<Result<Chunk, Error>>,
    free: &Receiver<Vec<u8>>,
) {
    loop {
        let mut bytes = free.try_recv().unwrap_or_else(|_| vec![0; HEADROOM + CHUNK_BYTES]);
        let chunk = match inflater.fill(&mut bytes[HEADROOM..]) {
            Ok(0) => return,
            Ok(filled) => Ok(Chunk { bytes, start: HEADROOM, end: HEADROOM + filled }),
            Err(error) => Err(error),
        };
        let last = chunk.is_err();
        if full.send(chunk).is_err() || last {
            return;
        }
    }
}

/// Hands the bytes of `inflater` to `consume`; a large entry is inflated on another thread while
/// `consume` works. `consume` may stop early.
pub(super) fn stream<T>(
    inflater: Inflater<'_>,
    packed: u64,
    consume: impl FnOnce(&mut dyn Feed) -> Result<T, Error>,
) -> Result<T, Error> {
    if packed < THREAD_BYTES {
        return consume(&mut Here(inflater));
    }
    thread::scope(|scope| {
        let (send_full, full) = sync_channel(2);
        let (free, receive_free) = channel();
        thread::Builder::new()
            .name("inflate".into())
            .spawn_scoped(scope, move || produce(inflater, &send_full, &receive_free))?;
        consume(&mut There { full, free })
    })
}
