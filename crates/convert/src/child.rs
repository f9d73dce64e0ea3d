//! The child's side: read one request, put limits on oneself, do the work, say how it ended. Runs
//! in the re-executed binary before anything else of it has started.

use std::io::{BufRead, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use larkspur_formats::{Context, Error as FormatError, Monitor, Options};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_model::time::{Clock, SystemClock};

use crate::status::OwnStatus;
use crate::wire::{Answer, Request};
use crate::work::Work;
use crate::{failure, perform, sandbox};

/// The argument that makes the binary a child; not for people.
pub const CHILD_ARGUMENT: &str = "--convert-child";

/// Between two reports of progress, milliseconds.
const PROGRESS_EVERY_MS: i64 = 100;

/// Does the work of a request and says how many assets lie in the folder.
pub type Perform = fn(&Work, &Path, &mut Context<'_>) -> Result<usize, FormatError>;

/// Serves one request on standard input and output. The whole program of a child.
pub fn child() -> ExitCode {
    child_performing(perform::perform)
}

/// As [`child`], with somebody else doing the work: for tests of the limits.
pub fn child_performing(perform: Perform) -> ExitCode {
    let Some(request) = read_request() else {
        eprintln!("this argument is for larkspur itself: it reads a request on standard input");
        return ExitCode::from(2);
    };
    let mut status = OwnStatus::open();
    let sandbox = sandbox::enter(&request);
    leave_with_parent();
    say(&Answer::Started { sandbox });

    let options = Options {
        title: match &request.work {
            Work::ReadDocument { title, .. } | Work::ReadBase { title, .. } => title.clone(),
            _ => String::new(),
        },
        sheet: match &request.work {
            Work::WriteWorkbook { sheet, .. } => *sheet,
            Work::WriteBase { table, .. } => *table,
            _ => None,
        },
        byte_order_mark: request.byte_order_mark,
        font_directories: request.font_directories.clone(),
        watermark: match &request.work {
            Work::WriteDocument { watermark, .. } => watermark.clone(),
            _ => String::new(),
        },
        pictures_as_addresses: matches!(
            request.work,
            Work::ReadDocument { pictures_as_addresses: true, .. }
        ),
    };
    let mut reporter = Reporter { next_ms: 0, stage: "" };
    let mut context = Context::new(&request.limits, &options, &mut reporter);
    let ended = perform(&request.work, &request.out, &mut context);
    let losses = std::mem::take(&mut context.losses);
    let peak_memory_bytes = status.peak_memory_bytes();
    say(&match ended {
        Ok(assets) => Answer::Done { losses, assets, peak_memory_bytes },
        Err(error) => Answer::Failed {
            failure: failure::failure_of(&error, &request.work),
            peak_memory_bytes,
        },
    });
    ExitCode::SUCCESS
}

fn read_request() -> Option<Request> {
    let mut line = Vec::new();
    std::io::stdin().lock().read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// Ends the process when its standard input does: the parent has cancelled, or is gone.
fn leave_with_parent() {
    let watching =
        std::thread::Builder::new().name("parent".into()).stack_size(64 << 10).spawn(|| {
            let mut byte = [0];
            let mut input = std::io::stdin().lock();
            while matches!(input.read(&mut byte), Ok(1)) {}
            std::process::exit(0);
        });
    if watching.is_err() {
        eprintln!("no thread to watch the parent; a cancelled conversion is killed instead");
    }
}

/// Writes one line. A parent that does not listen is noticed by [`leave_with_parent`].
fn say(answer: &Answer) {
    let Ok(mut line) = serde_json::to_vec(answer) else { return };
    line.push(b'\n');
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(&line).and_then(|()| output.flush());
}

/// Tells the parent the progress, each new stage at once and otherwise a few times a second.
struct Reporter {
    next_ms: i64,
    stage: &'static str,
}

impl Monitor for Reporter {
    fn progress(&mut self, stage: &'static str, done: u64, total: u64) -> Result<(), FormatError> {
        let now_ms = SystemClock.now_ms();
        if stage != self.stage || now_ms >= self.next_ms {
            self.stage = stage;
            self.next_ms = now_ms + PROGRESS_EVERY_MS;
            say(&Answer::Progress(Progress { stage: stage.to_owned(), done, total }));
        }
        Ok(())
    }
}

/// The failure of a child that broke off in a way it could not report itself.
pub(crate) fn crashed(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Crashed, message)
}
