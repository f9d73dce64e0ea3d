//! Every Markdown, text, doc, csv, xlsx and xls file of the corpus, hostile ones included, through a real
//! server: each import ends in a documented status in time, and the server lives on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use larkspur_tests::client::Client;
use larkspur_tests::corpus::{Sample, samples};
use larkspur_tests::server::Server;

/// Longest an import may take.
const LIMIT: Duration = Duration::from_mins(1);
/// Most memory a converting child may hold, MiB.
const CHILD_MIB: u64 = 512;
/// Every status but the pending ones (contract, `import_job_status`).
const DOCUMENTED: [i64; 28] = [
    0, 3, 100, 101, 102, 103, 104, 105, 106, 108, 109, 110, 112, 113, 114, 115, 116, 117, 118, 119,
    120, 121, 122, 129, 5000, 7000, 7001, 7002,
];

fn target(extension: &str) -> Option<(&'static str, &'static str)> {
    Some(match extension {
        "md" => ("md", "docx"),
        "markdown" => ("markdown", "docx"),
        "mark" => ("mark", "docx"),
        "txt" => ("txt", "docx"),
        "doc" => ("doc", "docx"),
        "csv" => ("csv", "sheet"),
        "xlsx" => ("xlsx", "sheet"),
        "xls" => ("xls", "sheet"),
        _ => return None,
    })
}

/// Imports a file; `None` for kinds of files that are not imported here.
async fn run(client: &Client, sample: &Sample) -> Result<Option<i64>> {
    // Markdown that others keep in .txt files is Markdown here.
    let extension = if sample.name.starts_with("md/") { "md" } else { &sample.extension };
    let Some((extension, kind)) = target(extension) else { return Ok(None) };
    let bytes = fs::read(&sample.path)?;
    let name = format!("source.{extension}");
    let source = client.upload(&name, extension, kind, bytes).await?;
    let ticket = client.import(&source, extension, kind, &sample.name.replace('/', " ")).await?;
    let result = client.imported(&ticket, LIMIT).await?;
    let status = result["job_status"].as_i64().unwrap_or(-1);
    anyhow::ensure!(DOCUMENTED.contains(&status), "undocumented status in {result}");
    let whole = result["token"].is_string() && result["url"].is_string();
    anyhow::ensure!(status != 0 || whole, "done, but without token and url: {result}");
    Ok(Some(status))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_ends_in_a_documented_status() -> Result<()> {
    let Some(samples) = samples(&["md", "txt", "doc", "csv", "xlsx", "xls", "hostile"]) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let server = Server::start(binary, folder.path(), &[]).await?;
    let client = server.client().await?;

    let watching = Arc::new(AtomicBool::new(true));
    let peak = Arc::new(AtomicU64::new(0));
    let watcher = std::thread::spawn({
        let (watching, peak, id) = (watching.clone(), peak.clone(), server.id());
        move || {
            while watching.load(Ordering::Relaxed) {
                peak.fetch_max(largest_child_mib(id), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });

    let mut statuses: BTreeMap<i64, u64> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut others = 0;
    for sample in &samples {
        match run(&client, sample).await {
            Ok(None) => others += 1,
            Ok(Some(status)) => {
                *statuses.entry(status).or_default() += 1;
                let honest = !sample.name.starts_with("hostile/");
                if honest && status != 0 {
                    failures.push(format!("{}: status {status}", sample.name));
                }
            }
            Err(error) => failures.push(format!("{}: {error:#}", sample.name)),
        }
    }
    watching.store(false, Ordering::Relaxed);
    watcher.join().expect("the watcher does not panic");
    let peak = peak.load(Ordering::Relaxed);
    let run = samples.len() - others;
    println!(
        "{run} files, statuses {statuses:?}, largest child {peak} MiB; {others} of other kinds"
    );
    anyhow::ensure!(failures.is_empty(), "{}", failures.join("\n"));
    anyhow::ensure!(peak <= CHILD_MIB, "a child held {peak} MiB");
    client.root_files().await?;
    Ok(())
}

fn largest_child_mib(server: u32) -> u64 {
    let mut largest = 0;
    for task in fs::read_dir(format!("/proc/{server}/task")).into_iter().flatten().flatten() {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            largest = largest.max(kib.unwrap_or(0_u64) / 1024);
        }
    }
    largest
}
