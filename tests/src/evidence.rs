//! What tests were answered, kept for the report on what can be had by natural means. Nothing is kept
//! unless `LARKSPUR_EVIDENCE` names a folder; nothing of a server that was told to fail on purpose.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value, json};

/// Where numbers of tasks stand in answers; `*` is every entry of a list.
const NUMBERS: &[(&str, &str)] = &[
    ("status", "result/job_status"),
    ("status", "status"),
    ("status", "task/move_result/*/status"),
    ("extra", "result/extra/*"),
    ("item", "task_info/*/code"),
];

/// Requests that make a server fail on purpose.
const REHEARSING: &[&str] = &["/larkspur/v1/faults", "/larkspur/v1/fixtures"];

struct Evidence {
    file: File,
    told_to_fail: HashSet<String>,
}

static EVIDENCE: LazyLock<Option<Mutex<Evidence>>> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os("LARKSPUR_EVIDENCE")?);
    let executable = std::env::current_exe().ok()?;
    let name = executable.file_stem()?.to_string_lossy().into_owned();
    let path = folder.join(format!("{name}.jsonl"));
    fs::create_dir_all(&folder).ok()?;
    let file = OpenOptions::new().create(true).append(true).open(path).ok()?;
    Some(Mutex::new(Evidence { file, told_to_fail: HashSet::new() }))
});

/// A server begins at `url`, on the data of the one at `before` if there was one; `rehearses`: it is
/// told to fail from the start.
pub(crate) fn begin(url: &str, before: Option<&str>, rehearses: bool) {
    let Some(evidence) = &*EVIDENCE else { return };
    let mut evidence = evidence.lock().unwrap_or_else(PoisonError::into_inner);
    let like_before = before.is_some_and(|before| evidence.told_to_fail.contains(before));
    if rehearses || like_before {
        evidence.told_to_fail.insert(url.to_owned());
    } else {
        evidence.told_to_fail.remove(url);
    }
}

/// Keeps what `method` on `path` was answered by the server at `url`; `on_purpose`: the request
/// brought its own fault along.
pub fn keep(url: &str, method: &Method, path: &str, body: &Value, on_purpose: bool) {
    let Some(evidence) = &*EVIDENCE else { return };
    let mut evidence = evidence.lock().unwrap_or_else(PoisonError::into_inner);
    let rehearsing = REHEARSING.iter().any(|one| path.starts_with(one));
    if on_purpose || (*method != Method::GET && rehearsing) {
        evidence.told_to_fail.insert(url.to_owned());
    }
    if evidence.told_to_fail.contains(url) || !path.starts_with("/open-apis/") {
        return;
    }
    let path = path.split('?').next().unwrap_or_default();
    let mut numbers = Vec::new();
    for (kind, place) in NUMBERS {
        let places: Vec<&str> = place.split('/').collect();
        find(&body["data"], &places, &mut |shown| numbers.push((*kind, shown.clone())));
    }
    let line = json!({"method": method.as_str(), "path": path, "code": body["code"],
                      "numbers": numbers});
    // Evidence that is lost shows up as a claim without any.
    let _lost = writeln!(evidence.file, "{line}");
}

/// As [`keep`], for an answer that may be no JSON; then there is nothing to keep.
pub fn keep_bytes(url: &str, method: &Method, path: &str, body: &[u8], on_purpose: bool) {
    if let Ok(body) = serde_json::from_slice(body) {
        keep(url, method, path, &body, on_purpose);
    }
}

fn find(value: &Value, places: &[&str], found: &mut impl FnMut(&Value)) {
    match places {
        [] => found(value),
        ["*", rest @ ..] => {
            let entries = value.as_array().into_iter().flatten();
            entries.for_each(|entry| find(entry, rest, found));
        }
        [name, rest @ ..] => find(&value[*name], rest, found),
    }
}

/// One answer that was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// HTTP method.
    pub method: String,
    /// Path, without its query.
    pub path: String,
    /// Code of the envelope.
    pub code: i64,
    /// Numbers of tasks, or the words for them: what they say, and they themselves.
    pub numbers: Vec<(String, Value)>,
}

/// What the contract tests have left in `folder`.
///
/// # Errors
/// The folder cannot be read, or holds something else.
pub fn read(folder: &std::path::Path) -> Result<Vec<Kept>> {
    let mut all = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if !name.is_some_and(|name| name.starts_with("contract-")) {
            continue;
        }
        for line in fs::read_to_string(&path)?.lines() {
            let line: Value = serde_json::from_str(line).context("a line of evidence")?;
            let numbers = line["numbers"].as_array().into_iter().flatten();
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            all.push(Kept {
                method: text("method"),
                path: text("path"),
                code: line["code"].as_i64().unwrap_or(-1),
                numbers: numbers
                    .filter_map(|one| Some((one[0].as_str()?.to_owned(), one[1].clone())))
                    .collect(),
            });
        }
    }
    Ok(all)
}
