//! The parent's side: start a child, hear it, stop it in time, bury it, and say how it ended.

use std::io;
use std::path::{Path, PathBuf, absolute};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use larkspur_formats::Limits;
use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, FailureKind, Progress};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::child::{CHILD_ARGUMENT, crashed};
use crate::failure::Error;
use crate::meter::Meter;
use crate::sandbox::Sandbox;
use crate::status;
use crate::wire::{Answer, Caps, LONGEST_LINE_BYTES, Request};
use crate::work::{Made, Produced, Usage, Work};

/// How children are run.
#[derive(Debug, Clone)]
pub struct ConverterConfig {
    /// The binary that becomes a child when started with [`CHILD_ARGUMENT`].
    pub executable: PathBuf,
    /// Longest time a child may run.
    pub wall: Duration,
    /// Most memory of a child, bytes.
    pub memory_bytes: u64,
    /// Most memory of a child that lays out pages, bytes: a page costs 1.6 MB.
    pub print_memory_bytes: u64,
    /// Largest file a child may write, bytes.
    pub file_bytes: u64,
    /// The caps readers obey.
    pub limits: Limits,
    /// Folders with further fonts.
    pub font_directories: Vec<PathBuf>,
    /// Whether a csv starts with a byte order mark.
    pub byte_order_mark: bool,
    /// Whether exported pages bear who asked for them.
    pub watermarks: bool,
}

impl ConverterConfig {
    /// The usual limits, with `executable` as the child.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            wall: Duration::from_mins(5),
            memory_bytes: 512 << 20,
            print_memory_bytes: 1536 << 20,
            file_bytes: 8 << 30,
            limits: Limits::default(),
            font_directories: Vec::new(),
            byte_order_mark: false,
            watermarks: false,
        }
    }
}

/// The running binary itself. On Linux that stays the same one when its file is replaced.
pub fn own_executable() -> io::Result<PathBuf> {
    let same = Path::new("/proc/self/exe");
    if same.exists() { Ok(same.to_owned()) } else { std::env::current_exe() }
}

/// Runs conversions, each in a child of its own. How many run at a time is its callers' business.
#[derive(Debug)]
pub struct Converter {
    config: ConverterConfig,
    sandbox: OnceLock<Sandbox>,
    meter: Meter,
}

/// How often the memory of a child is looked at; what a killed child used is known no better.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a child that has answered may take to end.
const END_WITHIN: Duration = Duration::from_secs(2);
/// What is kept of a child's error output.
const KEPT_ERROR_BYTES: u64 = 8 << 10;
/// Open files of a child: inputs, fonts one after the other, outputs, spilled strings.
const OPEN_FILES: u64 = 128;
/// Threads of a child's thread pool: their stacks count as its memory.
const MOST_THREADS: usize = 4;

impl Converter {
    /// A converter that runs children as `config` says.
    pub fn new(config: ConverterConfig) -> Self {
        Self { config, sandbox: OnceLock::new(), meter: Meter::default() }
    }

    /// Conversions, counted.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// How children are run.
    pub const fn config(&self) -> &ConverterConfig {
        &self.config
    }

    /// How far the first child could lock itself in; `None` before there was one.
    pub fn sandbox(&self) -> Option<Sandbox> {
        self.sandbox.get().copied()
    }

    /// Does `work`, leaving files in `out`, a folder that exists and is this work's own. Whatever
    /// lies there after an error is rubbish.
    ///
    /// # Errors
    /// [`Error::Failed`] with the kind of failure, also where the child died (`Crashed`) or took
    /// too long (`TimedOut`); [`Error::Cancelled`]; [`Error::Unavailable`] where no child could be
    /// started.
    pub async fn run(
        &self,
        work: Work,
        out: &Path,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancelled: &CancellationToken,
    ) -> Result<Produced, Error> {
        let counting = self.meter.begin(&work);
        let performing = self.perform(work, out, progress, cancelled);
        let result = performing.instrument(counting.span().clone()).await;
        counting.end(&result);
        result
    }

    async fn perform(
        &self,
        work: Work,
        out: &Path,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancelled: &CancellationToken,
    ) -> Result<Produced, Error> {
        if cancelled.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let out = absolute(out).map_err(Error::Unavailable)?;
        let begun = Instant::now();
        let mut running = self.start(&out).map_err(Error::Unavailable)?;
        let request = self.request(&work, &out).map_err(Error::Unavailable)?;
        let ended = tokio::select! {
            biased;
            () = cancelled.cancelled() => Ended::Cancelled,
            ended = running.serve(&request, progress, &self.sandbox) => ended,
            () = tokio::time::sleep(self.config.wall) => Ended::TimedOut,
        };
        let peak_memory_bytes = running.peak_memory_bytes;
        let exit = running.bury(matches!(ended, Ended::Done { .. } | Ended::Failed(_))).await;
        let usage = Usage {
            wall_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            peak_memory_bytes,
        };
        tracing::debug!(
            extension = work.extension(),
            wall_ms = usage.wall_ms,
            peak_memory_bytes,
            "conversion ended"
        );
        match ended {
            Ended::Done { losses, assets } => {
                let made = made(&work, &out, assets)
                    .map_err(|_| Error::Failed(crashed("the conversion process left no result")))?;
                Ok(Produced { losses, made, usage })
            }
            Ended::Failed(failure) => Err(Error::Failed(failure)),
            Ended::Cancelled => Err(Error::Cancelled),
            Ended::TimedOut => Err(Error::Failed(Failure::new(
                FailureKind::TimedOut,
                format!("the conversion took longer than {} s", self.config.wall.as_secs()),
            ))),
            Ended::Died => Err(Error::Failed(self.obituary(&work, &exit, usage))),
        }
    }

    fn start(&self, out: &Path) -> io::Result<Running> {
        let config = &self.config;
        let mut command = Command::new(&config.executable);
        command
            .arg(CHILD_ARGUMENT)
            .env_clear()
            .env("TMPDIR", out)
            .env("RAYON_NUM_THREADS", threads().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(home) = std::env::var_os("HOME") {
            command.env("HOME", home);
        }
        // Ctrl-C on a terminal is for the server, which then ends its children in its own time.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let errors = child.stderr.take().ok_or_else(missing)?;
        Ok(Running {
            id: child.id(),
            errors: tokio::spawn(keep_some(errors)),
            output: BufReader::with_capacity(16 << 10, output),
            input,
            child,
            peak_memory_bytes: 0,
        })
    }

    /// The line that tells the child what to do.
    fn request(&self, work: &Work, out: &Path) -> io::Result<Vec<u8>> {
        let config = &self.config;
        let request = Request {
            work: absolute_work(work)?,
            out: out.to_owned(),
            limits: match work {
                Work::ReadBase { .. } => config.limits.of_base(),
                _ => config.limits.clone(),
            },
            font_directories: config.font_directories.clone(),
            byte_order_mark: config.byte_order_mark,
            caps: self.caps(work),
        };
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        Ok(line)
    }

    fn caps(&self, work: &Work) -> Caps {
        let config = &self.config;
        let prints = matches!(work, Work::WriteDocument { extension, .. } if extension == "pdf");
        Caps {
            memory_bytes: if prints { config.print_memory_bytes } else { config.memory_bytes },
            // All threads together; the time on the wall is what usually ends a child.
            cpu_seconds: config.wall.as_secs().saturating_mul(threads() as u64).saturating_add(1),
            file_bytes: config.file_bytes,
            open_files: OPEN_FILES,
        }
    }

    /// Why a child that gave no last answer died, as far as that can be told.
    fn obituary(&self, work: &Work, exit: &Exit, usage: Usage) -> Failure {
        let how = exit.status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
        tracing::warn!(
            %how,
            errors = %exit.errors,
            peak_memory_bytes = usage.peak_memory_bytes,
            extension = work.extension(),
            "a conversion process died"
        );
        if exit.errors.contains("memory allocation of") {
            let most = self.caps(work).memory_bytes >> 20;
            return crashed(format!("the conversion needed more than the allowed {most} MiB"));
        }
        crashed(format!("the conversion process died ({how})"))
    }
}

/// Threads of a child's thread pool.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
    })
}

fn absolute_work(work: &Work) -> io::Result<Work> {
    Ok(match work {
        Work::ReadDocument { input, extension, title, pictures_as_addresses } => {
            Work::ReadDocument {
                input: absolute(input)?,
                extension: extension.to_ascii_lowercase(),
                title: title.clone(),
                pictures_as_addresses: *pictures_as_addresses,
            }
        }
        Work::ReadWorkbook { input, extension } => Work::ReadWorkbook {
            input: absolute(input)?,
            extension: extension.to_ascii_lowercase(),
        },
        Work::WriteDocument { document, assets, extension, watermark } => Work::WriteDocument {
            document: absolute(document)?,
            assets: assets.iter().map(absolute).collect::<io::Result<_>>()?,
            extension: extension.to_ascii_lowercase(),
            watermark: watermark.clone(),
        },
        Work::WriteWorkbook { manifest, cells, extension, sheet, pictures } => {
            Work::WriteWorkbook {
                manifest: absolute(manifest)?,
                cells: cells.iter().map(absolute).collect::<io::Result<_>>()?,
                extension: extension.to_ascii_lowercase(),
                sheet: *sheet,
                pictures: pictures.iter().map(absolute).collect::<io::Result<_>>()?,
            }
        }
        Work::ReadBase { input, extension, title } => Work::ReadBase {
            input: absolute(input)?,
            extension: extension.to_ascii_lowercase(),
            title: title.clone(),
        },
        Work::WriteBase { tables, imported, added, extension, table } => Work::WriteBase {
            tables: absolute(tables)?,
            imported: imported.as_ref().map(absolute_pair).transpose()?,
            added: absolute_pair(added)?,
            extension: extension.to_ascii_lowercase(),
            table: *table,
        },
    })
}

fn absolute_pair((one, other): &(PathBuf, PathBuf)) -> io::Result<(PathBuf, PathBuf)> {
    Ok((absolute(one)?, absolute(other)?))
}

/// The files a child must have left.
fn made(work: &Work, out: &Path, assets: usize) -> io::Result<Made> {
    let there = |path: PathBuf| {
        let is_file = std::fs::symlink_metadata(&path)?.is_file();
        if is_file { Ok(path) } else { Err(io::Error::from(io::ErrorKind::InvalidData)) }
    };
    Ok(match work {
        Work::ReadDocument { .. } => Made::Document {
            document: there(out.join(Made::DOCUMENT))?,
            assets: (0..assets)
                .map(|index| there(Made::asset(out, index)))
                .collect::<io::Result<_>>()?,
        },
        Work::ReadWorkbook { .. } => Made::Workbook {
            manifest: there(out.join(Made::MANIFEST))?,
            cells: there(out.join(Made::CELLS))?,
            pictures: (0..assets)
                .map(|index| there(Made::asset(out, index)))
                .collect::<io::Result<_>>()?,
        },
        Work::ReadBase { .. } => Made::Base {
            base: there(out.join(Made::BASE))?,
            manifest: there(out.join(Made::MANIFEST))?,
            cells: there(out.join(Made::CELLS))?,
            pictures: (0..assets)
                .map(|index| there(Made::asset(out, index)))
                .collect::<io::Result<_>>()?,
        },
        Work::WriteDocument { .. } | Work::WriteWorkbook { .. } | Work::WriteBase { .. } => {
            let path = there(out.join(Made::OUTPUT))?;
            let size_bytes = std::fs::metadata(&path)?.len();
            Made::File { path, size_bytes }
        }
    })
}

enum Ended {
    Done { losses: Losses, assets: usize },
    Failed(Failure),
    Died,
    Cancelled,
    TimedOut,
}

/// How a child's process ended.
struct Exit {
    status: Option<ExitStatus>,
    errors: String,
}

struct Running {
    id: Option<u32>,
    child: Child,
    /// Held open: a child whose input ends leaves.
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    errors: tokio::task::JoinHandle<String>,
    peak_memory_bytes: u64,
}

impl Running {
    /// Tells the child what to do and hears it until its last answer or its end.
    async fn serve(
        &mut self,
        request: &[u8],
        progress: &(dyn Fn(Progress) + Send + Sync),
        sandbox: &OnceLock<Sandbox>,
    ) -> Ended {
        // A child that died at once is found dead when it is listened to.
        let _ = self.input.write_all(request).await;
        self.listen(progress, sandbox).await
    }

    async fn listen(
        &mut self,
        progress: &(dyn Fn(Progress) + Send + Sync),
        sandbox: &OnceLock<Sandbox>,
    ) -> Ended {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        looks.reset();
        let mut line = Vec::new();
        loop {
            let answer = tokio::select! {
                read = read_piece(&mut self.output, &mut line) => match read {
                    Ok(true) => serde_json::from_slice::<Answer>(&line).ok(),
                    Ok(false) => continue,
                    Err(_) => None,
                },
                _ = looks.tick() => {
                    if let Some(id) = self.id {
                        let peak = status::peak_memory_bytes(id);
                        self.peak_memory_bytes = self.peak_memory_bytes.max(peak);
                    }
                    continue;
                }
            };
            line.clear();
            match answer {
                Some(Answer::Started { sandbox: found }) => note_sandbox(sandbox, found),
                Some(Answer::Progress(step)) => progress(step),
                Some(Answer::Done { losses, assets, peak_memory_bytes }) => {
                    self.peak_memory_bytes = self.peak_memory_bytes.max(peak_memory_bytes);
                    return Ended::Done { losses, assets };
                }
                Some(Answer::Failed { failure, peak_memory_bytes }) => {
                    self.peak_memory_bytes = self.peak_memory_bytes.max(peak_memory_bytes);
                    return Ended::Failed(failure);
                }
                None => return Ended::Died,
            }
        }
    }

    /// Ends the process, if need be by force, and takes its last words. One that has answered, or
    /// is dying, gets a moment to go by itself.
    async fn bury(self, answered: bool) -> Exit {
        let Self { mut child, input, output, errors, .. } = self;
        drop(input);
        drop(output);
        let patience = if answered { END_WITHIN } else { Duration::ZERO };
        let mut status = match timeout(patience, child.wait()).await {
            Ok(status) => status.ok(),
            Err(_) => None,
        };
        if status.is_none() {
            let _ = child.start_kill();
            status = child.wait().await.ok();
        }
        let errors = timeout(END_WITHIN, errors).await.ok().and_then(Result::ok);
        Exit { status, errors: errors.unwrap_or_default() }
    }
}

/// Reads up to the end of a line, or of what is there. `true` when `line` is whole; an error at the
/// end of the stream and for lines that are too long. Nothing is lost when the future is dropped.
async fn read_piece(output: &mut BufReader<ChildStdout>, line: &mut Vec<u8>) -> io::Result<bool> {
    let piece = output.fill_buf().await?;
    if piece.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let end = piece.iter().position(|byte| *byte == b'\n');
    let used = end.map_or(piece.len(), |end| end + 1);
    line.extend_from_slice(&piece[..used]);
    output.consume(used);
    if line.len() > LONGEST_LINE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(end.is_some())
}

/// Keeps the first bytes of a stream and drains the rest.
async fn keep_some(mut stream: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let _ = (&mut stream).take(KEPT_ERROR_BYTES).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// Says once in the life of a converter what protection is missing.
fn note_sandbox(known: &OnceLock<Sandbox>, found: Sandbox) {
    if known.set(found).is_ok() && !found.is_complete() {
        tracing::warn!(
            resources = ?found.resources,
            files = ?found.files,
            system_calls = ?found.system_calls,
            "this system cannot lock conversions in completely; they run with what it has"
        );
    }
}
