//! `kill -9` while rows are put into a spreadsheet, one call at a time: afterwards every row that was
//! acknowledged is there once and in order, the sheet can be read, written and exported, and no row
//! was made up.
//!
//! The seed and the number of kills come from `LARKSPUR_CRASH_SEED` and `LARKSPUR_CRASH_KILLS`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

const V2: &str = "/open-apis/sheets/v2/spreadsheets";

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Appends rows with rising numbers from `first` on until the server is gone; notes in `acknowledged`
/// the last one that was answered.
async fn append(client: Client, place: (String, String), first: i64, acknowledged: Arc<AtomicI64>) {
    let (token, sheet) = place;
    // Text that does not pack well, so that chunks leave the manifest for files now and then.
    let noise = |number: i64| -> String {
        let words = (0..900_i64).map(|at| (number * 977 + at).wrapping_mul(2_654_435_761));
        words.fold(String::new(), |text, word| text + &format!("{word:x}"))
    };
    for number in first.. {
        let option = if number % 4 == 0 { "INSERT_ROWS" } else { "OVERWRITE" };
        let path = format!("{V2}/{token}/values_append?insertDataOption={option}");
        let range = format!("{sheet}!A1:B1");
        let body = json!({"valueRange": {"range": range, "values": [[number, noise(number)]]}});
        match client.post(&path, &body).await {
            Ok(answer) if answer.code() == 0 => acknowledged.store(number, Ordering::SeqCst),
            _ => return,
        }
    }
}

/// The numbers in the first column, down to the first blank.
async fn numbers(client: &Client, token: &str, sheet: &str) -> Result<Vec<i64>> {
    let answer = client.get(&format!("{V2}/{token}/values/{sheet}!A:A")).await?;
    let values = answer.data()?["valueRange"]["values"].clone();
    let rows = values.as_array().context("values")?;
    Ok(rows.iter().map_while(|row: &Value| row[0].as_i64()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_acknowledged_are_there_whenever_the_server_dies() -> Result<()> {
    let kills = setting("LARKSPUR_CRASH_KILLS", 20);
    let mut random = StdRng::seed_from_u64(setting("LARKSPUR_CRASH_SEED", 20_261_126));
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &["--rate-limits", "off"]).await?;
    let client = server.client().await?;
    let made = client.post("/open-apis/sheets/v3/spreadsheets", &json!({"title": "t"})).await?;
    let token =
        made.data()?["spreadsheet"]["spreadsheet_token"].as_str().context("token")?.to_owned();
    let sheet = client.first_sheet(&token).await?;
    let (mut next, mut unanswered) = (1, 0);
    for _ in 0..kills {
        let acknowledged = Arc::new(AtomicI64::new(next - 1));
        let place = (token.clone(), sheet.clone());
        let client = server.client().await?;
        let writer = tokio::spawn(append(client, place, next, Arc::clone(&acknowledged)));
        tokio::time::sleep(Duration::from_millis(random.random_range(5..150))).await;
        server.kill()?;
        writer.await?;
        server.restart().await?;
        let found = numbers(&server.client().await?, &token, &sheet).await?;
        let last = acknowledged.load(Ordering::SeqCst);
        // The one call that was not answered may have been done.
        let count = found.len() as i64;
        ensure!(count == last || count == last + 1, "{last} were acknowledged, {count} are there");
        ensure!(found == (1..=count).collect::<Vec<_>>(), "not in order: {found:?}");
        unanswered += i64::from(count > last);
        next = count + 1;
    }
    let client = server.client().await?;
    let ticket = client.export(&token, "sheet", "csv", Some(&sheet)).await?;
    let done = client.exported(&ticket, &token, Duration::from_mins(1)).await?;
    let csv = client.download(done["file_token"].as_str().context("file")?).await?;
    let lines = String::from_utf8(csv)?;
    let lines = lines.lines().take_while(|line| !line.starts_with(',')).count() as i64;
    ensure!(lines == next - 1, "{lines} lines of {} rows", next - 1);
    println!("{kills} kills: {} rows, {unanswered} of them done and not answered", next - 1);
    Ok(())
}
