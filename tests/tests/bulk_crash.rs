//! `larkspur run` while answers are throttled, refused and lost, and the runner is killed: every good
//! file is imported exactly once, and the summary says so. `conformance/bulk/many_files.py` does the
//! same with thousands of files.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const FILES: usize = 60;

/// Every how-manieth call goes wrong, and how.
fn faults() -> Vec<Value> {
    vec![
        json!({"operation": "driveMediaUploadAll", "every": 11, "http": 500}),
        json!({"operation": "driveMediaUploadAll", "every": 13, "drop": "after"}),
        json!({"operation": "driveImportTaskCreate", "every": 29, "throttle": 1}),
        json!({"operation": "driveImportTaskCreate", "every": 7, "http": 500}),
        json!({"operation": "driveImportTaskCreate", "every": 5, "drop": "after"}),
        json!({"operation": "driveImportTaskCreate", "every": 17, "drop": "before"}),
        json!({"operation": "driveImportTaskGet", "every": 19, "drop": "before"}),
        json!({"operation": "driveFileCreateFolder", "first": 1, "drop": "after"}),
        json!({"family": "drive.import", "every": 23, "status": 3}),
    ]
}

/// Files in two folders, some called alike; name and kind of what they become, and the one that is bad.
fn write_files(root: &Path) -> Result<BTreeMap<(String, String), usize>> {
    let mut wanted = BTreeMap::new();
    for number in 0..FILES {
        let folder = root.join(if number % 2 == 0 { "a" } else { "b" });
        std::fs::create_dir_all(&folder)?;
        let (extension, kind) = [("md", "docx"), ("txt", "docx"), ("csv", "sheet")][number % 3];
        let name = if number < 6 { "note".to_owned() } else { format!("文件 {number}") };
        std::fs::write(folder.join(format!("{name}.{extension}")), format!("a,b\n{number},2\n"))?;
        *wanted.entry((name, kind.to_owned())).or_insert(0) += 1;
    }
    std::fs::write(root.join("a/broken.xlsx"), b"PK\x03\x04 no workbook")?;
    Ok(wanted)
}

struct Bulk {
    server: Server,
    client: Client,
    folder: tempfile::TempDir,
    target: String,
    documented_only: bool,
}

impl Bulk {
    async fn new(documented_only: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = Server::start(binary(), folder.path(), &[]).await?;
        let client = server.client().await?;
        let meta = client.get("/open-apis/drive/explorer/v2/root_folder/meta").await?;
        let root = meta.data()?["token"].as_str().context("no root")?.to_owned();
        let body = json!({"name": "bulk", "folder_token": root});
        let made = client.post("/open-apis/drive/v1/files/create_folder", &body).await?;
        let target = made.data()?["token"].as_str().context("no folder")?.to_owned();
        Ok(Self { server, client, folder, target, documented_only })
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("run.jsonl")
    }

    fn start(&self) -> Result<Child> {
        let mut command = Command::new(binary());
        command.args(["run", "import"]).arg(self.folder.path().join("source"));
        command.args(["--folder", &self.target, "--json", "--journal"]).arg(self.journal());
        command.arg("--env-file").arg(self.folder.path().join("env"));
        if self.documented_only {
            command.args(["--documented-only", "--pace", "off", "--settle", "1"]);
        }
        Ok(command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?)
    }

    /// Runs until so many items have ended in this process, then kills it.
    async fn killed_after(&self, lines: usize) -> Result<()> {
        let mut runner = self.start()?;
        let mut told = BufReader::new(runner.stderr.take().unwrap()).lines();
        let mut ended = 0;
        while let Some(line) = told.next_line().await? {
            ended += usize::from(line.contains("source"));
            if ended == lines {
                break;
            }
        }
        runner.start_kill()?;
        runner.wait().await?;
        Ok(())
    }

    async fn finished(&self) -> Result<(Option<i32>, Value)> {
        let output = self.start()?.wait_with_output().await?;
        let summary = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok((output.status.code(), summary))
    }

    /// Name and kind of all documents below the folder, and how often.
    async fn documents(&self) -> Result<BTreeMap<(String, String), usize>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.target.clone()];
        while let Some(folder) = folders.pop() {
            let path = format!("/open-apis/drive/v1/files?page_size=200&folder_token={folder}");
            let answer = self.client.get(&path).await?;
            for file in answer.data()?["files"].as_array().unwrap() {
                let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
                if text("type") == "folder" {
                    folders.push(text("token"));
                } else {
                    *found.entry((text("name"), text("type"))).or_insert(0) += 1;
                }
            }
        }
        Ok(found)
    }
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"))
}

fn totals(summary: &Value) -> [u64; 4] {
    ["items", "done", "failed", "open"].map(|name| summary["totals"][name].as_u64().unwrap())
}

async fn every_file_once(documented_only: bool) -> Result<()> {
    let bulk = Bulk::new(documented_only).await?;
    let wanted = write_files(&bulk.folder.path().join("source"))?;
    let operator = bulk.server.operator().await?;
    for fault in faults() {
        operator.post("/larkspur/v1/faults", &fault).await?.data()?;
    }
    for lines in [13, 17] {
        bulk.killed_after(lines).await?;
    }
    let (status, summary) = bulk.finished().await?;
    ensure!(status == Some(1), "{status:?}: {summary}");
    let all = FILES as u64 + 1;
    ensure!(totals(&summary) == [all, all - 1, 1, 0], "{summary}");
    ensure!(bulk.documents().await? == wanted, "{:?}", bulk.documents().await?);
    operator.call(Method::DELETE, "/larkspur/v1/faults", None).await?.data()?;
    forgets_answers(&bulk, &wanted).await
}

/// The journal of a run that was killed after creates arrived and before their tickets were written.
async fn forgets_answers(bulk: &Bulk, wanted: &BTreeMap<(String, String), usize>) -> Result<()> {
    let text = std::fs::read_to_string(bulk.journal())?;
    let mut kept = String::new();
    let mut forgotten = 0;
    let mut lines: Vec<&str> = text.lines().collect();
    // The last of the steps of every other item, by its number.
    let mut cut = std::collections::BTreeSet::new();
    lines.reverse();
    let mut back = Vec::new();
    for line in lines {
        let step: Value = serde_json::from_str(line)?;
        let item = step["item"].as_u64();
        let of_interest = item.is_some_and(|item| item % 2 == 0);
        match step["line"].as_str() {
            Some("done") if of_interest => {
                cut.insert(item);
                forgotten += 1;
            }
            Some("ticket") if cut.contains(&item) => {}
            Some("creating") => {
                cut.remove(&item);
                back.push(line);
            }
            _ => back.push(line),
        }
    }
    for line in back.into_iter().rev() {
        kept.push_str(line);
        kept.push('\n');
    }
    std::fs::write(bulk.journal(), kept)?;
    ensure!(forgotten > FILES / 3, "{forgotten}");
    let (status, summary) = bulk.finished().await?;
    ensure!(status == Some(1), "{status:?}: {summary}");
    let all = FILES as u64 + 1;
    ensure!(totals(&summary) == [all, all - 1, 1, 0], "{summary}");
    ensure!(bulk.documents().await? == *wanted, "{:?}", bulk.documents().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_imports_every_file_once() -> Result<()> {
    every_file_once(false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn documented_operations_are_enough_for_that() -> Result<()> {
    every_file_once(true).await
}
