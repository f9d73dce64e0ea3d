//! Packs blocks on a pool of threads. Each block is deflated on its own and flushed to a whole byte,
//! so that the packed blocks of an entry, one after another, are one stream.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope};

use flate2::{Compress, Compression, FlushCompress, Status};

/// Faster levels give larger files, slower ones gain little on cells.
const LEVEL: u32 = 3;
const MOST_THREADS: usize = 4;

/// What an entry's last block ends with: an empty final block.
pub(super) const STREAM_END: [u8; 2] = [0x03, 0x00];

/// A block, packed.
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    /// Checksum of the plain block; knows its length as well.
    pub(super) crc: crc32fast::Hasher,
    /// The plain block's memory, to be used again.
    pub(super) plain: Vec<u8>,
}

struct Job {
    plain: Vec<u8>,
    reply: SyncSender<io::Result<Packed>>,
}

/// The threads.
pub(in crate::xlsx) struct Pool {
    jobs: Option<Sender<Job>>,
    pub(super) threads: usize,
}

impl Pool {
    /// Starts as many threads as the machine runs at once; none where it refuses.
    pub(in crate::xlsx) fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> Self {
        let wanted = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..wanted)
            .filter(|_| {
                let queue = Arc::clone(&queue);
                Builder::new().spawn_scoped(scope, move || work(&queue)).is_ok()
            })
            .count();
        Self { jobs: (threads > 0).then_some(jobs), threads }
    }

    /// Packs a block; the answer comes through the receiver.
    pub(super) fn pack(&self, plain: Vec<u8>) -> Receiver<io::Result<Packed>> {
        let (reply, answer) = sync_channel(1);
        let job = Job { plain, reply };
        let left = match &self.jobs {
            Some(jobs) => jobs.send(job).err().map(|refused| refused.0),
            None => Some(job),
        };
        if let Some(job) = left {
            let mut compress = Compress::new(Compression::new(LEVEL), false);
            // The receiver is at hand, so the answer arrives.
            let _ = job.reply.send(deflate(&mut compress, job.plain));
        }
        answer
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    let mut compress = Compress::new(Compression::new(LEVEL), false);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // Nobody waits for the answer once the writing has failed.
        let _ = job.reply.send(deflate(&mut compress, job.plain));
    }
}

fn deflate(compress: &mut Compress, plain: Vec<u8>) -> io::Result<Packed> {
    compress.reset();
    let mut crc = crc32fast::Hasher::new();
    crc.update(&plain);
    let mut bytes = Vec::with_capacity(plain.len() / 3 + 1_024);
    loop {
        let taken = compress.total_in() as usize;
        let status = compress.compress_vec(&plain[taken..], &mut bytes, FlushCompress::Sync)?;
        let finished =
            compress.total_in() as usize == plain.len() && bytes.len() < bytes.capacity();
        if finished && status != Status::StreamEnd {
            return Ok(Packed { bytes, crc, plain });
        }
        bytes.reserve(bytes.capacity().max(1_024));
    }
}
