//! `larkspur vc load`: records in files here become meetings on a server.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use larkspur_api::{Loaded, Refused};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::client::AdminClient;
use crate::commands::asking::print_json;
use crate::commands::client_runtime;
use crate::commands::flags::AdminFlags;
use crate::terminal::Meter;
use crate::trouble::{Attempt, Trouble};

/// Bytes of lines that are sent at a time.
const BATCH_BYTES: usize = 4 << 20;
/// Longest line.
const LINE_BYTES: u64 = 1 << 20;

/// Load meetings, participants, quality, rooms and reservations
///
/// Reads JSON Lines (one object a line) or csv (a heading line, then one record a line) and keeps each
/// record in place of the one with its id, so that loading a file again changes nothing. `kind` says
/// what a record is: meeting, participant, quality, `room_level`, room, reservation, manager, tenant;
/// docs/meetings.md lists their fields. Wrong lines are named with file and line; the others are kept.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur vc load november.jsonl --env-file larkspur.env
  larkspur vc load --kind participant participants.csv --env-file larkspur.env
  larkspur vc load --check november.jsonl --env-file larkspur.env
  larkspur vc sample --meetings 500 --seed 7 | larkspur vc load - --env-file larkspur.env")]
pub(super) struct Load {
    /// Files to load; `-` is standard input, as JSON Lines
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What records without a `kind` are
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The tenant they belong to [default: the server's first]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Look for what is wrong, and keep nothing
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Load {
    pub(super) fn run(self) -> Attempt {
        let client = self.server.client()?;
        let target =
            Target { kind: self.kind.clone(), tenant: self.tenant.clone(), check: self.check };
        let mut all = Loaded::default();
        let runtime = client_runtime()?;
        for path in &self.files {
            let label = path.display().to_string();
            let mut sender = Sender::new(&client, &target, label.clone());
            let lines = Lines::open(path)?;
            let loaded = runtime.block_on(sender.send_all(lines))?;
            drop(sender);
            for Refused { line, message } in &loaded.refusals {
                eprintln!("{label}:{line}: {message}");
            }
            let told = loaded.refusals.len() as u64;
            if loaded.refused > told {
                eprintln!("{label}: and {} more lines", loaded.refused - told);
            }
            add(&mut all, &loaded);
        }
        if self.json {
            let shown = serde_json::to_value(&all).unwrap_or(Value::Null);
            print_json(&shown)?;
        } else {
            println!("{}", summary(&all, self.check));
        }
        if all.refused == 0 {
            return Ok(());
        }
        Err(Trouble::new(format!("{} of {} lines were refused", all.refused, all.lines))
            .hint("mend them and load the file again: what is there already stays as it is"))
    }
}

/// What is loaded, and where to.
pub(super) struct Target {
    pub(super) kind: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) check: bool,
}

impl Target {
    fn path(&self) -> String {
        let mut path = format!("/vc/load?check={}", self.check);
        for (name, value) in [("kind", &self.kind), ("tenant", &self.tenant)] {
            if let Some(value) = value {
                path.push('&');
                path.push_str(name);
                path.push('=');
                path.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        path
    }
}

fn add(all: &mut Loaded, more: &Loaded) {
    for (sum, count) in [
        (&mut all.lines, more.lines),
        (&mut all.meetings, more.meetings),
        (&mut all.participants, more.participants),
        (&mut all.quality, more.quality),
        (&mut all.room_levels, more.room_levels),
        (&mut all.rooms, more.rooms),
        (&mut all.reservations, more.reservations),
        (&mut all.managers, more.managers),
        (&mut all.tenants, more.tenants),
        (&mut all.refused, more.refused),
    ] {
        *sum += count;
    }
}

/// What came of it, in a line.
pub(super) fn summary(loaded: &Loaded, check: bool) -> String {
    let counts: Vec<String> = [
        (loaded.meetings, "meetings"),
        (loaded.participants, "participants"),
        (loaded.quality, "minutes of quality"),
        (loaded.room_levels, "room levels"),
        (loaded.rooms, "rooms"),
        (loaded.reservations, "reservations"),
        (loaded.managers, "managers"),
        (loaded.tenants, "tenant settings"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    format!("{} {counts}", if check { "good:" } else { "loaded" })
}

/// Sends lines in batches, and puts the answers together.
pub(super) struct Sender<'a> {
    client: &'a AdminClient,
    path: String,
    meter: Meter,
    batch: Vec<u8>,
    batch_lines: u64,
    /// Lines of the batches before.
    sent: u64,
    loaded: Loaded,
}

impl<'a> Sender<'a> {
    pub(super) fn new(client: &'a AdminClient, target: &Target, label: String) -> Self {
        Self {
            client,
            path: target.path(),
            meter: Meter::new(label, false),
            batch: Vec::with_capacity(BATCH_BYTES + (64 << 10)),
            batch_lines: 0,
            sent: 0,
            loaded: Loaded::default(),
        }
    }

    async fn send_all(&mut self, mut lines: Lines) -> Attempt<Loaded> {
        if let Some(size) = lines.size {
            self.meter.begin_bytes("loading", size);
        }
        loop {
            let before = self.batch.len();
            let read = lines.next(&mut self.batch)?;
            self.meter.advance(read as u64);
            if read == 0 {
                break;
            }
            if self.batch.len() == before || self.batch.last() != Some(&b'\n') {
                self.batch.push(b'\n');
            }
            self.batch_lines += 1;
            if self.batch.len() >= BATCH_BYTES {
                self.send().await?;
            }
        }
        self.finish().await
    }

    /// Takes one record.
    pub(super) async fn record(&mut self, record: &Value) -> Attempt {
        self.batch.extend_from_slice(record.to_string().as_bytes());
        self.batch.push(b'\n');
        self.batch_lines += 1;
        if self.batch.len() >= BATCH_BYTES { self.send().await } else { Ok(()) }
    }

    /// Sends what is left, and says what came of it all.
    pub(super) async fn finish(&mut self) -> Attempt<Loaded> {
        if self.batch_lines > 0 {
            self.send().await?;
        }
        self.meter.end_bytes();
        self.loaded.refusals.truncate(100);
        Ok(std::mem::take(&mut self.loaded))
    }

    async fn send(&mut self) -> Attempt {
        let body = std::mem::take(&mut self.batch);
        let mut answer = self.client.post_lines("loading records", &self.path, body).await?;
        let mut loaded: Loaded = serde_json::from_value(answer.take())
            .map_err(|cause| Trouble::caused("the answer is not one of this API", &cause))?;
        for refused in &mut loaded.refusals {
            refused.line += self.sent;
        }
        add(&mut self.loaded, &loaded);
        self.loaded.refusals.append(&mut loaded.refusals);
        self.sent += self.batch_lines;
        self.batch_lines = 0;
        Ok(())
    }
}

/// The lines of a file as JSON Lines, a line for each line of the file.
struct Lines {
    input: Box<dyn BufRead>,
    name: String,
    size: Option<u64>,
    /// The heading of a csv file, once it was read.
    heading: Option<Vec<String>>,
    csv: bool,
}

impl Lines {
    fn open(path: &Path) -> Attempt<Self> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            let input = Box::new(BufReader::new(io::stdin()));
            return Ok(Self { input, name, size: None, heading: None, csv: false });
        }
        let open = || -> io::Result<(File, u64)> {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        };
        let (file, size) =
            open().map_err(|cause| Trouble::caused(format!("cannot read {name}"), &cause))?;
        let csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let input = Box::new(BufReader::with_capacity(1 << 18, file));
        Ok(Self { input, name, size: Some(size), heading: None, csv })
    }

    fn read(&mut self, line: &mut Vec<u8>) -> Attempt<usize> {
        let read = self.input.by_ref().take(LINE_BYTES + 1).read_until(b'\n', line);
        let read =
            read.map_err(|cause| Trouble::caused(format!("cannot read {}", self.name), &cause))?;
        if read as u64 > LINE_BYTES {
            return Err(Trouble::new(format!("{}: a line is longer than a MiB", self.name)));
        }
        Ok(read)
    }

    /// Appends the next line to `to`; how many bytes of the file it took, 0 at its end. The heading of
    /// a csv file becomes an empty line.
    fn next(&mut self, to: &mut Vec<u8>) -> Attempt<usize> {
        if !self.csv {
            return self.read(to);
        }
        let mut line = Vec::new();
        let mut read = self.read(&mut line)?;
        if read == 0 {
            return Ok(0);
        }
        // A quoted value may hold line breaks; its record stands on the line it begins on.
        let mut broken = 0;
        while is_open(&line) {
            let more = self.read(&mut line)?;
            if more == 0 {
                return Err(Trouble::new(format!("{}: a quoted value has no end", self.name)));
            }
            read += more;
            broken += 1;
        }
        let text = String::from_utf8_lossy(&line);
        let values = split(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']));
        match &self.heading {
            None => self.heading = Some(values),
            Some(_) if values.iter().all(String::is_empty) => {}
            Some(heading) if values.len() > heading.len() => {
                // More values than the heading has names: the server refuses the line by its number.
                to.extend_from_slice(b"\"more values than the heading has names\"");
            }
            Some(heading) => {
                let fields: Map<String, Value> = heading
                    .iter()
                    .zip(values)
                    .map(|(name, value)| (name.trim().to_owned(), Value::String(value)))
                    .filter(|(name, value)| !(name == "kind" && value == ""))
                    .collect();
                to.extend_from_slice(Value::Object(fields).to_string().as_bytes());
            }
        }
        to.extend(std::iter::repeat_n(b'\n', broken));
        Ok(read)
    }
}

/// Whether a quoted value goes on behind the end of a line.
fn is_open(line: &[u8]) -> bool {
    line.iter().fold(false, |open, byte| open ^ (*byte == b'"'))
}

/// The values of a csv record (RFC 4180).
fn split(line: &str) -> Vec<String> {
    let (mut values, mut value, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            other => value.push(other),
        }
    }
    values.push(value);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &'static str) -> Vec<String> {
        let mut lines = Lines {
            input: Box::new(text.as_bytes()),
            name: "a.csv".to_owned(),
            size: None,
            heading: None,
            csv: true,
        };
        let mut all = Vec::new();
        loop {
            let mut line = Vec::new();
            if lines.next(&mut line).expect("the text can be read") == 0 {
                return all;
            }
            all.push(String::from_utf8(line).expect("lines are UTF-8"));
        }
    }

    #[test]
    fn csv_becomes_objects_line_by_line() {
        let text =
            "\u{feff}kind,id,name\r\nroom,omm_1,\"a \"\"b\"\", c\"\r\n\r\n,omm_2,\"x\ny\"\n1,2,3,4";
        assert_eq!(
            lines(text),
            [
                "",
                r#"{"kind":"room","id":"omm_1","name":"a \"b\", c"}"#,
                "",
                "{\"id\":\"omm_2\",\"name\":\"x\\ny\"}\n",
                "\"more values than the heading has names\"",
            ]
        );
    }

    #[test]
    fn the_summary_names_what_there_was() {
        let loaded = Loaded { meetings: 2, quality: 30, ..Loaded::default() };
        assert_eq!(summary(&loaded, false), "loaded 2 meetings, 30 minutes of quality");
        assert_eq!(summary(&Loaded::default(), true), "good: nothing");
    }
}
