//! `kill -9` in the middle of a report: afterwards it is there once, and whole.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use calamine::{Reader as _, Xlsx};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_mins(3);
const EXPORTS: &str = "/open-apis/vc/v1/exports";
const START: i64 = 1_795_230_000;
/// Minutes of one stay: a report of some seconds.
const MINUTES: i64 = 200_000;
/// Lines of one load.
const LINES: i64 = 20_000;
/// Objects of kind 6 that are marked as reports (`store::objects::ObjectKind`).
const REPORTS: &str = "SELECT count(*) FROM objects WHERE kind = 6 AND extra = 'vc'";

async fn load(client: &Client) -> Result<()> {
    let end = START + MINUTES * 60;
    let mut lines = vec![
        json!({"kind": "room_level", "id": "omb_1", "name": "a"}),
        json!({"kind": "room", "id": "omm_1", "room_level_id": "omb_1", "name": "b"}),
        json!({"kind": "meeting", "id": "m1", "meeting_no": "123456789", "start_time": START,
               "end_time": end}),
        json!({"kind": "participant", "id": "p1", "meeting_id": "m1", "name": "b",
               "room_id": "omm_1", "join_time": START, "leave_time": end}),
    ];
    for first in (0..MINUTES).step_by(LINES as usize) {
        lines.extend((first..first + LINES).map(|minute| {
            json!({"kind": "quality", "participant_id": "p1", "time": START + minute * 60,
                   "audio_bitrate_received": minute % 90, "audio_latency_received": minute % 50,
                   "video_bitrate_sent": minute % 900, "video_latency_sent": minute % 700,
                   "sharing_jitter_sent": minute % 30, "client_cpu_avg": minute % 100})
        }));
        let text: Vec<String> = lines.drain(..).map(|line| format!("{line}\n")).collect();
        let answer = client.post_text("/larkspur/v1/vc/load", &text.concat()).await?;
        ensure!(answer.data()?["refused"] == 0, "{}", answer.body);
    }
    Ok(())
}

/// Waits until rows are being written, and says how many are; all, where a fast machine has ended.
async fn wait_for_rows(client: &Client, task: &str) -> Result<u64> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    while tokio::time::Instant::now() < deadline {
        let answer = client.get(&format!("/larkspur/v1/tasks/{task}")).await?;
        let shown = &answer.data()?["task"];
        let done = shown["progress"]["done"].as_u64().unwrap_or(0);
        if shown["state"] == "running" && shown["progress"]["stage"] == "writing" && done > 0 {
            return Ok(done);
        }
        if shown["state"] == "succeeded" {
            return Ok(MINUTES as u64);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bail!("no row was written")
}

async fn ended(client: &Client, task: &str) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    loop {
        let answer = client.get(&format!("{EXPORTS}/{task}")).await?;
        let data = answer.data()?;
        if data["status"] != 1 {
            return Ok(data.clone());
        }
        ensure!(tokio::time::Instant::now() < deadline, "{data}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_was_cut_short_is_made_once_and_whole() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &[]).await?;
    load(&server.operator().await?).await?;
    let client = server.client().await?;
    let body = json!({"meeting_start_time": START, "meeting_end_time": START + MINUTES * 60,
                      "meeting_no": "123456789", "join_time": START, "room_id": "omm_1"});
    let answer = client.post(&format!("{EXPORTS}/participant_quality_list"), &body).await?;
    let task = answer.data()?["task_id"].as_str().context("a task")?.to_owned();
    let mut rows = Vec::new();
    for _ in 0..2 {
        rows.push(wait_for_rows(&server.client().await?, &task).await?);
        server.kill()?;
        server.restart().await?;
    }
    let client = server.client().await?;
    let done = ended(&client, &task).await?;
    ensure!(done["status"] == 3, "{done}");
    let token = done["file_token"].as_str().context("a token")?.replace('=', "%3D");
    let (status, _, bytes) =
        client.fetch(&format!("{EXPORTS}/download?file_token={token}"), None).await?;
    ensure!(status == 200, "HTTP {status}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    let name = book.sheet_names().first().context("a sheet")?.clone();
    let range = book.worksheet_range(&name)?;
    ensure!(range.height() as i64 == MINUTES + 1, "{} rows", range.height());
    let database = rusqlite::Connection::open(server.data().join("larkspur.db"))?;
    let reports: i64 = database.query_row(REPORTS, [], |row| row.get(0))?;
    ensure!(reports == 1, "{reports} reports");
    println!("killed after {rows:?} of {MINUTES} rows; one report, whole");
    Ok(())
}
