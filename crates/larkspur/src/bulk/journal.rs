//! The journal of a run: JSON Lines, only ever appended to, each line on disk before what it allows
//! is done. The first lines are the plan; whoever reads all of it knows how far every item is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;

use super::plan::Item;
use crate::trouble::{Attempt, Trouble};

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Files here become documents there.
    Import,
    /// Documents there become files here.
    Export,
}

/// What a run was asked for; the same order goes on with the same journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Imports or exports.
    pub(crate) what: What,
    /// The server.
    pub(crate) url: String,
    /// The app.
    pub(crate) app_id: String,
    /// What the plan was made from: paths, patterns, folders.
    pub(crate) from: Vec<String>,
}

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first line.
    Run { version: u32, id: String, started_ms: i64, order: Order },
    /// An item of the plan.
    Item {
        item: usize,
        #[serde(flatten)]
        what: Item,
    },
    /// Something that is not an item, and why.
    Skipped { file: String, why: String },
    /// The plan is whole; nothing was sent before.
    Planned { items: usize },
    /// The newest task of the server before anything was sent; only Larkspur tells.
    Newest { ticket: String },
    /// A folder of the plan is there.
    Folder { path: String, token: String },
    /// What was in a folder before and is called like something of the plan.
    Before { folder: String, tokens: Vec<String> },
    /// A source is on the server.
    Uploaded { item: usize, source: String },
    /// From now on a task may exist.
    Creating { item: usize },
    /// The task.
    Ticket { item: usize, ticket: String },
    /// What was done leads nowhere; from the beginning.
    Again { item: usize, why: String },
    /// The end: it worked.
    Done {
        item: usize,
        #[serde(flatten)]
        result: Done,
    },
    /// The end: it did not.
    Failed {
        item: usize,
        #[serde(flatten)]
        failure: Failed,
    },
    /// Failed items are to be tried again.
    RetryFailed,
}

/// What became of an item that worked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    /// Kind of document.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its token; of exports that of the document.
    pub(crate) token: String,
    /// Where to look at it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) url: String,
    /// The file written, of exports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) file: String,
    /// Its size, of exports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    /// Warnings, as the documented numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) extra: Vec<String>,
    /// Every loss, where the server tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) losses: Vec<Value>,
    /// It was found by its name, since its ticket is not known: nothing is known of warnings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) found_by_name: bool,
}

/// Why an item did not work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    /// What happened.
    pub(crate) message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// The code of the refusal or the `job_status` of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<i64>,
}

/// How far an item is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Stage {
    /// Nothing has happened, or nothing that counts.
    #[default]
    Fresh,
    /// Its source is there, and no task can be.
    Uploaded { source: String },
    /// A task may be there.
    Creating { source: Option<String> },
    /// The task is there.
    Waiting { source: Option<String>, ticket: String },
    /// It worked.
    Done(Done),
    /// It did not.
    Failed(Failed),
}

/// An item of the plan and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Tracked {
    /// What is to be done.
    pub(crate) item: Item,
    /// How far that is.
    pub(crate) stage: Stage,
    /// Sources or tasks begun up to now; part of the key of its next create.
    pub(crate) rounds: u32,
    /// How often creating was begun for what it now has: the second time nobody knows of the first.
    pub(crate) doubtful: bool,
    /// All tickets it ever had.
    pub(crate) tickets: Vec<String>,
}

/// Everything a journal says.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Its id, part of every key.
    pub(crate) id: String,
    /// When it was begun, milliseconds since the epoch.
    pub(crate) started_ms: i64,
    /// What it was asked for.
    pub(crate) order: Order,
    /// The items.
    pub(crate) items: Vec<Tracked>,
    /// What is no item, and why.
    pub(crate) skipped: Vec<(String, String)>,
    /// The newest task before the run.
    pub(crate) newest: Option<String>,
    /// Folders by their path in the plan.
    pub(crate) folders: BTreeMap<String, String>,
    /// Folders that were looked at before anything was made in them.
    pub(crate) looked_at: BTreeSet<String>,
    /// Documents that are not this run's, though they are called like one of it.
    pub(crate) before: BTreeSet<String>,
}

const VERSION: u32 = 1;

impl Run {
    /// What the lines say; `None` when the plan is not whole, and nothing was sent.
    fn replay(lines: Vec<Line>) -> Attempt<Option<Self>> {
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else { return Ok(None) };
        let Line::Run { version, id, started_ms, order } = first else {
            return Err(Trouble::new("the first line is not that of a journal").setup());
        };
        if version != VERSION {
            let what = format!("the journal has version {version}, this program knows {VERSION}");
            return Err(Trouble::new(what).setup());
        }
        let mut run = Self {
            id,
            started_ms,
            order,
            items: Vec::new(),
            skipped: Vec::new(),
            newest: None,
            folders: BTreeMap::new(),
            looked_at: BTreeSet::new(),
            before: BTreeSet::new(),
        };
        let mut planned = false;
        for line in lines {
            planned |= matches!(line, Line::Planned { .. });
            run.apply(line)?;
        }
        Ok(planned.then_some(run))
    }

    /// Takes in one more line.
    pub(crate) fn apply(&mut self, line: Line) -> Attempt {
        let whole = match line {
            Line::Run { .. } => false,
            Line::Item { item, what } => {
                let next = item == self.items.len();
                self.items.push(Tracked {
                    item: what,
                    stage: Stage::Fresh,
                    rounds: 0,
                    doubtful: false,
                    tickets: Vec::new(),
                });
                next
            }
            Line::Skipped { file, why } => {
                self.skipped.push((file, why));
                true
            }
            Line::Planned { items } => items == self.items.len(),
            Line::Newest { ticket } => {
                self.newest = Some(ticket);
                true
            }
            Line::Folder { path, token } => {
                self.folders.insert(path, token);
                true
            }
            Line::Before { folder, tokens } => {
                self.looked_at.insert(folder);
                self.before.extend(tokens);
                true
            }
            Line::Uploaded { item, source } => self.change(item, |tracked| {
                tracked.stage = Stage::Uploaded { source };
                tracked.rounds += 1;
                tracked.doubtful = false;
            }),
            Line::Creating { item } => self.change(item, Tracked::creating),
            Line::Ticket { item, ticket } => self.change(item, |tracked| {
                tracked.tickets.push(ticket.clone());
                tracked.stage = Stage::Waiting { source: tracked.source(), ticket };
            }),
            Line::Again { item, .. } => self.change(item, |tracked| {
                tracked.stage = Stage::Fresh;
                tracked.doubtful = false;
            }),
            Line::Done { item, result } => {
                self.change(item, |tracked| tracked.stage = Stage::Done(result))
            }
            Line::Failed { item, failure } => {
                self.change(item, |tracked| tracked.stage = Stage::Failed(failure))
            }
            Line::RetryFailed => {
                for tracked in &mut self.items {
                    if matches!(tracked.stage, Stage::Failed(_)) {
                        tracked.stage = Stage::Fresh;
                        tracked.doubtful = false;
                    }
                }
                true
            }
        };
        if whole {
            return Ok(());
        }
        Err(Trouble::new("a line of the journal does not follow from those before it").setup())
    }

    fn change(&mut self, item: usize, change: impl FnOnce(&mut Tracked)) -> bool {
        self.items.get_mut(item).map(change).is_some()
    }

    /// Whether every item has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.items.iter().all(|tracked| matches!(tracked.stage, Stage::Done(_) | Stage::Failed(_)))
    }
}

impl Tracked {
    fn creating(&mut self) {
        self.doubtful = matches!(self.stage, Stage::Creating { .. } | Stage::Waiting { .. });
        // Exports have no source; each task of theirs is a round.
        if self.source().is_none() && !self.doubtful {
            self.rounds += 1;
        }
        self.stage = Stage::Creating { source: self.source() };
    }

    /// The source on the server.
    pub(crate) fn source(&self) -> Option<String> {
        match &self.stage {
            Stage::Uploaded { source } => Some(source.clone()),
            Stage::Creating { source } | Stage::Waiting { source, .. } => source.clone(),
            Stage::Fresh | Stage::Done(_) | Stage::Failed(_) => None,
        }
    }
}

/// A journal that is open: nobody else has it.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    lines: mpsc::Sender<(Vec<u8>, oneshot::Sender<io::Result<()>>)>,
    writer: Option<std::thread::JoinHandle<()>>,
}

/// Reads a journal without opening it for a run.
pub(crate) fn read(path: &Path) -> Attempt<Option<Run>> {
    let bytes = std::fs::read(path).map_err(|cause| cannot(path, "read", &cause).setup())?;
    Run::replay(lines_of(&bytes)?.0)
}

fn cannot(path: &Path, what: &str, cause: &io::Error) -> Trouble {
    Trouble::caused(format!("cannot {what} the journal {}", path.display()), cause)
}

/// The whole lines, and how many bytes they take. What stands behind the last of them was being
/// written when the run ended.
fn lines_of(bytes: &[u8]) -> Attempt<(Vec<Line>, usize)> {
    let mut lines = Vec::new();
    let mut whole = 0;
    let pieces: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (number, piece) in pieces.iter().enumerate() {
        let last = number + 1 == pieces.len();
        match serde_json::from_slice::<Line>(piece) {
            Ok(line) if piece.ends_with(b"\n") => lines.push(line),
            _ if last => break,
            Ok(_) => break,
            Err(cause) => {
                let what = format!("line {} of the journal cannot be read", number + 1);
                return Err(Trouble::caused(what, &cause)
                    .hint("it was changed by something else; begin with another --journal")
                    .setup());
            }
        }
        whole += piece.len();
    }
    Ok((lines, whole))
}

impl Journal {
    /// Opens or makes the journal at `path`; what it says already, if its plan is whole.
    pub(crate) fn open(path: &Path) -> Attempt<(Self, Option<Run>)> {
        let known = path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|cause| cannot(path, "open", &cause).setup())?;
        file.try_lock().map_err(|cause| {
            Trouble::caused(format!("cannot have {} for this run", path.display()), &cause)
                .hint("another run works with it")
                .setup()
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|cause| cannot(path, "read", &cause).setup())?;
        let (lines, whole) = lines_of(&bytes)?;
        let run = Run::replay(lines)?;
        // Without a whole plan nothing was sent: it is made anew.
        let kept = if run.is_some() { whole as u64 } else { 0 };
        let ready = file
            .set_len(kept)
            .and_then(|()| file.seek(SeekFrom::Start(kept)))
            .and_then(|_| file.sync_all())
            .and_then(|()| if known { Ok(()) } else { sync_folder(path) });
        ready.map_err(|cause| cannot(path, "open", &cause).setup())?;
        let (lines, written) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(file, &written))
            .map_err(|cause| cannot(path, "write", &cause).setup())?;
        Ok((Self { path: path.to_owned(), lines, writer: Some(writer) }, run))
    }

    /// Appends lines; when this returns they are on disk.
    pub(crate) async fn append(&self, lines: &[Line]) -> Attempt {
        let mut bytes = Vec::new();
        for line in lines {
            let written = serde_json::to_writer(&mut bytes, line).map_err(io::Error::from);
            written.map_err(|cause| cannot(&self.path, "write", &cause))?;
            bytes.push(b'\n');
        }
        let (done, told) = oneshot::channel();
        let ended = || io::Error::other("its writer has ended");
        let written = match self.lines.send((bytes, done)) {
            Ok(()) => told.await.unwrap_or_else(|_| Err(ended())),
            Err(_) => Err(ended()),
        };
        written.map_err(|cause| {
            cannot(&self.path, "write", &cause).hint("nothing more was sent; go on when it can be")
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // The writer ends with the last sender; then the lock is gone as well.
        (self.lines, _) = mpsc::channel();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Writes what comes, as much at a time as is there: one sync for all of it.
fn write(mut file: File, lines: &mpsc::Receiver<(Vec<u8>, oneshot::Sender<io::Result<()>>)>) {
    let mut broken = false;
    while let Ok(first) = lines.recv() {
        let mut batch = vec![first];
        batch.extend(lines.try_iter());
        let bytes: Vec<u8> = batch.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect();
        // After a failure nobody knows what is on disk; the next start reads it.
        let written = if broken {
            Err(io::Error::other("an earlier line could not be written"))
        } else {
            file.write_all(&bytes).and_then(|()| file.sync_data())
        };
        broken |= written.is_err();
        let kind = written.as_ref().err().map(|cause| (cause.kind(), cause.to_string()));
        for (_, told) in batch {
            let answer = match &kind {
                None => Ok(()),
                Some((kind, text)) => Err(io::Error::new(*kind, text.clone())),
            };
            let _ = told.send(answer);
        }
    }
}

/// Makes the name of a new file last.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// Items that are called alike in one place, by their number.
pub(crate) fn alike(run: &Run) -> HashMap<(String, String, String), Vec<usize>> {
    let mut groups: HashMap<_, Vec<usize>> = HashMap::new();
    for (number, tracked) in run.items.iter().enumerate() {
        groups.entry(tracked.item.place()).or_default().push(number);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::plan::Work;

    fn item() -> Item {
        Item { work: Work::Import, name: "甲".to_owned(), ..Item::default() }
    }

    fn begun() -> Vec<Line> {
        let order =
            Order { what: What::Import, url: "u".into(), app_id: "a".into(), from: Vec::new() };
        vec![
            Line::Run { version: VERSION, id: "7".into(), started_ms: 1, order },
            Line::Item { item: 0, what: item() },
            Line::Planned { items: 1 },
        ]
    }

    #[tokio::test]
    async fn a_journal_reads_back_wherever_it_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let (journal, before) = Journal::open(&path).unwrap();
        assert!(before.is_none());
        journal.append(&begun()).await.unwrap();
        journal.append(&[Line::Uploaded { item: 0, source: "s".into() }]).await.unwrap();
        journal.append(&[Line::Creating { item: 0 }]).await.unwrap();
        journal.append(&[Line::Ticket { item: 0, ticket: "9".into() }]).await.unwrap();
        assert!(Journal::open(&path).is_err(), "two runs have one journal");
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let plan = serde_json::to_vec(&begun()[2]).unwrap();
        let planned = whole.windows(plan.len()).position(|piece| piece == plan).unwrap();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (journal, run) = Journal::open(&path).unwrap();
            assert_eq!(run.is_some(), length > planned + plan.len(), "{length}");
            let Some(run) = run else { continue };
            journal.append(&[Line::Again { item: 0, why: "t".into() }]).await.unwrap();
            drop(journal);
            assert_eq!(read(&path).unwrap().unwrap().items[0].stage, Stage::Fresh);
            assert_eq!(run.items.len(), 1);
        }
    }

    #[test]
    fn a_second_create_of_one_source_is_doubtful() {
        let mut run = Run::replay(begun()).unwrap().unwrap();
        run.apply(Line::Uploaded { item: 0, source: "s".into() }).unwrap();
        run.apply(Line::Creating { item: 0 }).unwrap();
        assert!(!run.items[0].doubtful);
        run.apply(Line::Creating { item: 0 }).unwrap();
        assert!(run.items[0].doubtful);
        assert_eq!(run.items[0].rounds, 1);
        run.apply(Line::Uploaded { item: 0, source: "t".into() }).unwrap();
        assert_eq!((run.items[0].doubtful, run.items[0].rounds), (false, 2));
    }

    #[test]
    fn damage_in_the_middle_is_told() {
        let mut lines: Vec<String> =
            begun().iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        lines.insert(1, "{\n".to_owned());
        assert!(lines_of(lines.concat().as_bytes()).is_err());
    }
}
