//! The log on standard error. Lines of a busy server are gathered for a moment and written together;
//! warnings and errors are written at once, with everything before them. Nothing is lost at the end.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered.
const PAUSE: Duration = Duration::from_millis(10);
/// Gathered bytes after which whoever adds a line writes them.
const MOST_BYTES: usize = 256 << 10;

/// Where lines go. Cheap to clone.
#[derive(Clone)]
pub(super) struct Log(Arc<Inner>);

#[derive(Default)]
struct Inner {
    gathered: Mutex<Gathered>,
    changed: Condvar,
    /// Held while writing, so that lines keep their order.
    written: Mutex<()>,
}

#[derive(Default)]
struct Gathered {
    lines: Vec<u8>,
    over: bool,
}

/// Writes what is left when dropped.
pub(super) struct LastLines {
    log: Log,
    writer: Option<JoinHandle<()>>,
}

impl Log {
    /// A log, and what must live as long as the program has something to say.
    pub(super) fn start() -> io::Result<(Self, LastLines)> {
        let log = Self(Arc::default());
        let writing = log.clone();
        let writer = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writing.write_until_over())?;
        Ok((log.clone(), LastLines { log, writer: Some(writer) }))
    }

    fn write_until_over(&self) {
        loop {
            let mut gathered = self.0.gathered.lock();
            while gathered.lines.is_empty() && !gathered.over {
                self.0.changed.wait(&mut gathered);
            }
            if gathered.over {
                return;
            }
            // The end of the program does not wait for more lines.
            self.0.changed.wait_for(&mut gathered, PAUSE);
            drop(gathered);
            self.write_out();
        }
    }

    fn write_out(&self) {
        let _order = self.0.written.lock();
        let lines = std::mem::take(&mut self.0.gathered.lock().lines);
        // Where standard error is closed there is nobody to tell.
        let _ = io::stderr().lock().write_all(&lines);
    }
}

impl Drop for LastLines {
    fn drop(&mut self) {
        self.log.0.gathered.lock().over = true;
        self.log.0.changed.notify_one();
        if let Some(writer) = self.writer.take() {
            // It writes nothing any more: what is left is written below.
            let _ = writer.join();
        }
        self.log.write_out();
    }
}

/// Takes one line.
pub(super) struct Line<'a> {
    log: &'a Log,
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (first, many) = {
            let mut gathered = self.log.0.gathered.lock();
            let first = gathered.lines.is_empty();
            gathered.lines.extend_from_slice(bytes);
            (first, gathered.lines.len() > MOST_BYTES || gathered.over)
        };
        if many || self.urgent {
            self.log.write_out();
        } else if first {
            self.log.0.changed.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.log.write_out();
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { log: self, urgent: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        Line { log: self, urgent: *about.level() <= Level::WARN }
    }
}
