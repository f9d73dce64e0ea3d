//! Tells the conversion's owner how far the parts are read, and stops when asked to.

use crate::ooxml::{Chunk, Feed};
use crate::{Context, Error};

/// Bytes of the parts that take time, read and altogether.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) total: u64,
}

/// A feed that reports what passes through it.
pub(super) struct Watched<'f, 'c, 'a> {
    pub(super) feed: &'f mut dyn Feed,
    pub(super) context: &'c mut Context<'a>,
    pub(super) progress: &'c mut Progress,
}

impl Feed for Watched<'_, '_, '_> {
    fn next(&mut self, spent: Vec<u8>) -> Result<Option<Chunk>, Error> {
        self.tick()?;
        let chunk = self.feed.next(spent)?;
        if let Some(chunk) = &chunk {
            self.progress.done += (chunk.end - chunk.start) as u64;
        }
        Ok(chunk)
    }

    fn tick(&mut self) -> Result<(), Error> {
        let Progress { done, total } = *self.progress;
        self.context.progress("read", done.min(total), total)
    }
}
