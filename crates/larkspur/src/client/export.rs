//! Export tasks: an online document there becomes a file here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use super::import::task_failed;
use super::{Client, Fault};
use crate::terminal::Meter;

/// What a document becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportTarget {
    /// A page-for-page print.
    Pdf,
    /// A text document.
    Docx,
    /// A workbook.
    Xlsx,
    /// The values of one sheet.
    Csv,
}

impl ExportTarget {
    /// The name on the wire and the file's extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// The one of this name on the wire.
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [Self::Pdf, Self::Docx, Self::Xlsx, Self::Csv];
        all.into_iter().find(|one| one.name() == name)
    }

    /// Whether it is made from tables rather than from text.
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Xlsx | Self::Csv)
    }
}

/// One export to be asked for.
#[derive(Debug, Clone)]
pub struct Export<'a> {
    /// Token of the document.
    pub token: &'a str,
    /// Its kind: `docx`, `sheet`, `bitable`.
    pub kind: &'a str,
    /// What it becomes.
    pub target: ExportTarget,
    /// The sheet or table, for csv.
    pub sub_id: Option<&'a str>,
}

/// A finished export, ready to be downloaded for ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Token of the file.
    pub file_token: String,
    /// Its name, as the document is called.
    pub file_name: String,
    /// Its extension.
    pub file_extension: String,
    /// Its size, bytes.
    pub file_size: u64,
}

impl Exported {
    /// A name for the file here: the document's, with the extension, without what no path may have.
    pub fn local_name(&self) -> String {
        let dotted = format!(".{}", self.file_extension);
        let stem = self.file_name.strip_suffix(&dotted).unwrap_or(&self.file_name);
        format!("{}{dotted}", safe_name(stem))
    }
}

/// A document's name as that of a file here: without what no path may have.
pub fn safe_name(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_control() || "/\\:*?\"<>|".contains(letter) { '_' } else { letter }
    };
    let safe: String = name.chars().map(letter).collect();
    let safe = safe.trim().trim_start_matches('.');
    if safe.is_empty() { "export".to_owned() } else { safe.to_owned() }
}

/// How long to pause between two questions: short at first, then slower, without an end.
pub(super) struct Pauses(Duration);

impl Pauses {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(3);

    pub(super) const fn new() -> Self {
        Self(Self::FIRST)
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.0;
        self.0 = (pause * 3 / 2).min(Self::LONGEST);
        Some(pause)
    }
}

impl Client {
    /// Finds out whether a token with tables behind it is a spreadsheet or a base.
    pub async fn kind_of_table(&self, token: &str) -> Result<String, Fault> {
        let what = format!("looking up {token}");
        let body = json!({ "request_docs": [
            { "doc_token": token, "doc_type": "sheet" },
            { "doc_token": token, "doc_type": "bitable" },
        ]});
        let path = "/open-apis/drive/v1/metas/batch_query";
        let data = self.call(&what, Method::POST, path, &[], Some(&body)).await?;
        let kind = data["metas"][0]["doc_type"].as_str();
        kind.map(str::to_owned).ok_or_else(|| Fault::Strange {
            what,
            strange: "no spreadsheet and no base has this token".to_owned(),
        })
    }

    /// Ids and names of the sheets of a spreadsheet.
    pub async fn sheets(&self, token: &str) -> Result<Vec<(String, String)>, Fault> {
        let what = format!("listing the sheets of {token}");
        let path = format!("/open-apis/sheets/v3/spreadsheets/{token}/sheets/query");
        let data = self.call(&what, Method::GET, &path, &[], None).await?;
        let text = |sheet: &Value, name: &str| sheet[name].as_str().unwrap_or_default().to_owned();
        let sheets = data["sheets"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(sheets.iter().map(|sheet| (text(sheet, "sheet_id"), text(sheet, "title"))).collect())
    }

    /// Ids and names of the tables of a base.
    pub async fn tables(&self, token: &str) -> Result<Vec<(String, String)>, Fault> {
        let what = format!("listing the tables of {token}");
        let path = format!("/open-apis/bitable/v1/apps/{token}/tables?page_size=100");
        let data = self.call(&what, Method::GET, &path, &[], None).await?;
        let text = |table: &Value, name: &str| table[name].as_str().unwrap_or_default().to_owned();
        let tables = data["items"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(tables.iter().map(|table| (text(table, "table_id"), text(table, "name"))).collect())
    }

    /// Creates the task; answers its ticket. Calls with the same `key` make one task, where the
    /// server knows keys.
    pub async fn start_export(
        &self,
        export: &Export<'_>,
        key: Option<&str>,
    ) -> Result<String, Fault> {
        let what = format!("exporting {}", export.token);
        let mut body = json!({
            "file_extension": export.target.name(),
            "token": export.token,
            "type": export.kind,
        });
        if let Some(sub_id) = export.sub_id {
            body["sub_id"] = Value::from(sub_id);
        }
        let data = self.create(&what, "/open-apis/drive/v1/export_tasks", &body, key).await?;
        let ticket = data["ticket"].as_str();
        ticket.map(str::to_owned).ok_or_else(|| Fault::strange(&what, "there is no ticket in it"))
    }

    /// Asks for an export of `token` once; `Err` says what is being done while it has not ended.
    pub async fn look_at_export(
        &self,
        ticket: &str,
        token: &str,
    ) -> Result<Result<Exported, &'static str>, Fault> {
        let what = format!("export task {ticket}");
        let path = format!("/open-apis/drive/v1/export_tasks/{ticket}");
        let data = self.call(&what, Method::GET, &path, &[("token", token)], None).await?;
        let result = &data["result"];
        let file_token = result["file_token"].as_str().unwrap_or_default();
        match result["job_status"].as_i64() {
            Some(0) if !file_token.is_empty() => Ok(Ok(exported(result, file_token))),
            Some(0 | 2) => Ok(Err("converting")),
            Some(1) => Ok(Err("waiting")),
            Some(status) => Err(task_failed(what, status, result)),
            None => Err(Fault::strange(&what, "there is no job_status in it")),
        }
    }

    /// Asks for an export of `token` until it has ended; `None` when `patience` ends first.
    pub async fn wait_export(
        &self,
        ticket: &str,
        token: &str,
        patience: Duration,
        meter: &Meter,
    ) -> Result<Option<Exported>, Fault> {
        let end = Instant::now() + patience;
        for pause in Pauses::new() {
            match self.look_at_export(ticket, token).await? {
                Ok(exported) => return Ok(Some(exported)),
                Err(doing) => meter.say(doing),
            }
            if Instant::now() + pause > end {
                return Ok(None);
            }
            tokio::time::sleep(pause).await;
        }
        Ok(None)
    }

    /// Downloads a finished export to `to`, by way of a file beside it, and answers its size.
    pub async fn fetch_export(
        &self,
        exported: &Exported,
        to: &Path,
        meter: &Meter,
    ) -> Result<u64, Fault> {
        let what = format!("downloading {}", exported.local_name());
        let local = |cause| Fault::local(format!("cannot write {}", to.display()), cause);
        let path =
            format!("/open-apis/drive/v1/export_tasks/file/{}/download", exported.file_token);
        let response = self.download(&what, &path).await?;
        meter.begin_bytes("downloading", response.content_length().unwrap_or(exported.file_size));
        let partial = partial_name(to);
        let mut file = tokio::fs::File::create(&partial).await.map_err(local)?;
        let mut body = response.bytes_stream();
        let mut size = 0;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|cause| Fault::broken(&what, cause))?;
            file.write_all(&piece).await.map_err(local)?;
            size += piece.len() as u64;
            meter.advance(piece.len() as u64);
        }
        file.flush().await.map_err(local)?;
        drop(file);
        tokio::fs::rename(&partial, to).await.map_err(local)?;
        meter.end_bytes();
        Ok(size)
    }
}

fn partial_name(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    to.with_file_name(format!(".{name}.part"))
}

fn exported(result: &Value, file_token: &str) -> Exported {
    let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
    Exported {
        file_token: file_token.to_owned(),
        file_name: text("file_name"),
        file_extension: text("file_extension"),
        file_size: result["file_size"].as_u64().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_for_this_file_system() {
        let name = |name: &str| {
            let exported = Exported {
                file_token: String::new(),
                file_name: name.to_owned(),
                file_extension: "pdf".to_owned(),
                file_size: 0,
            };
            exported.local_name()
        };
        assert_eq!(name("季度报告"), "季度报告.pdf");
        assert_eq!(name("a.pdf"), "a.pdf");
        assert_eq!(name("../../etc/passwd"), "_.._etc_passwd.pdf");
        assert_eq!(name(" "), "export.pdf");
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let pauses: Vec<u128> = Pauses::new().take(20).map(|pause| pause.as_millis()).collect();
        assert_eq!((pauses[0], pauses[1], pauses[19]), (100, 150, 3_000));
    }
}
