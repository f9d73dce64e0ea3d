//! What crosses the pipes between parent and child: one request line down, answer lines up.

use std::path::PathBuf;

use larkspur_formats::Limits;
use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, Progress};
use serde::{Deserialize, Serialize};

use crate::sandbox::Sandbox;
use crate::work::Work;

/// Longest line the parent accepts. Only a list of losses comes near it.
pub(crate) const LONGEST_LINE_BYTES: usize = 16 << 20;

/// The one line the child reads. Its standard input then stays open for as long as the parent
/// wants the work done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub work: Work,
    pub out: PathBuf,
    pub limits: Limits,
    pub font_directories: Vec<PathBuf>,
    pub byte_order_mark: bool,
    pub caps: Caps,
}

/// The limits the child puts on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caps {
    pub memory_bytes: u64,
    pub cpu_seconds: u64,
    pub file_bytes: u64,
    pub open_files: u64,
}

/// A line the child writes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The limits are in place; work begins.
    Started { sandbox: Sandbox },
    /// How far it is.
    Progress(Progress),
    /// The files are there.
    Done { losses: Losses, assets: usize, peak_memory_bytes: u64 },
    /// There will be no files.
    Failed { failure: Failure, peak_memory_bytes: u64 },
}
