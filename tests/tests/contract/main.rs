//! The documented API over HTTP, a module for each resource, on a server with a clock that stands
//! still until a test moves it.

mod admin_directory;
mod auth;
mod authen;
mod bitable;
mod clock;
mod console;
mod contact;
mod contact_book;
mod docx;
mod drive_export_task;
mod drive_file;
mod drive_folder;
mod drive_import_task;
mod drive_media;
mod drive_permission;
mod events;
mod faults;
mod fixtures;
mod idempotency;
mod isolation;
mod operations;
mod rehearsed;
mod sheets;
mod snapshot;
mod stepping;
mod tasks;
mod tls;
mod transport;
mod vc;
mod webhooks;
mod wiki;
mod world;

use std::path::Path;

use anyhow::{Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Answer;

/// A server of this test's own.
async fn app() -> Result<TestApp> {
    TestApp::start(binary()).await
}

/// What conversions run in.
fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"))
}

/// Checks that a call was refused with this HTTP status and code, and with a reason where the server
/// explains itself.
fn refused(answer: &Answer, status: u16, code: i64) -> Result<()> {
    ensure!(
        (answer.status, answer.code()) == (status, code),
        "expected HTTP {status} with code {code}, got HTTP {} {}",
        answer.status,
        answer.body
    );
    if let Some(why) = &answer.why {
        ensure!(why.split_once(": ").is_some_and(|(_, why)| !why.is_empty()), "no reason: {why}");
    }
    let log_id = answer.body["error"]["log_id"].as_str().unwrap_or_default();
    ensure!(log_id.len() == 34, "no log id in {}", answer.body);
    Ok(())
}
