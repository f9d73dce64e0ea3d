//! Import tasks: a file here becomes an online document there.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::export::Pauses;
use super::{Client, Fault};
use crate::terminal::Meter;

/// What a file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ImportTarget {
    /// A document.
    Docx,
    /// A spreadsheet.
    Sheet,
    /// A base of tables.
    Bitable,
}

impl ImportTarget {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Sheet => "sheet",
            Self::Bitable => "bitable",
        }
    }

    /// The one of this name on the wire.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Docx, Self::Sheet, Self::Bitable].into_iter().find(|one| one.name() == name)
    }

    /// What a file of this extension usually becomes.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "docx" | "doc" | "txt" | "md" | "mark" | "markdown" | "html" => Self::Docx,
            "xlsx" | "xls" | "csv" => Self::Sheet,
            _ => return None,
        })
    }
}

/// One import to be asked for.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its extension, lower case.
    pub extension: &'a str,
    /// What it becomes.
    pub target: ImportTarget,
    /// Token of the folder it goes to; empty for the root folder.
    pub folder: &'a str,
    /// Title of the document; the file's name where `None`.
    pub name: Option<&'a str>,
}

/// A finished import.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Kind of document: `docx`, `sheet`, `bitable`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its token.
    pub token: String,
    /// Where to look at it.
    pub url: String,
    /// What was cut or dropped, as the documented numbers.
    pub extra: Vec<String>,
}

impl Client {
    /// Uploads the file and creates the task; answers its ticket.
    pub async fn start_import(&self, import: &Import<'_>, meter: &Meter) -> Result<String, Fault> {
        let source = self.upload_import(import, meter).await?;
        meter.say("waiting");
        self.create_import(import, &source, None).await
    }

    /// Uploads the file; answers the token of the source, which lives five minutes.
    pub async fn upload_import(&self, import: &Import<'_>, meter: &Meter) -> Result<String, Fault> {
        let file_name = import.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let extra = json!({ "obj_type": import.target.name(), "file_extension": import.extension });
        self.upload_source(import.path, &file_name, &extra, meter).await
    }

    /// Creates the task for an uploaded source; answers its ticket. Calls with the same `key` make
    /// one task, where the server knows keys.
    pub async fn create_import(
        &self,
        import: &Import<'_>,
        source: &str,
        key: Option<&str>,
    ) -> Result<String, Fault> {
        let mut body = json!({
            "file_extension": import.extension,
            "file_token": source,
            "type": import.target.name(),
            "point": { "mount_type": 1, "mount_key": import.folder },
        });
        let stem = import.path.file_stem().unwrap_or_default().to_string_lossy();
        body["file_name"] = Value::from(import.name.unwrap_or(&stem));
        let what = format!("importing {}", import.path.display());
        let data = self.create(&what, "/open-apis/drive/v1/import_tasks", &body, key).await?;
        let ticket = data["ticket"].as_str();
        ticket.map(str::to_owned).ok_or_else(|| Fault::strange(&what, "there is no ticket in it"))
    }

    /// Asks for an import once; `Err` says what is being done while it has not ended.
    pub async fn look_at_import(
        &self,
        ticket: &str,
    ) -> Result<Result<Imported, &'static str>, Fault> {
        let what = format!("import task {ticket}");
        let path = format!("/open-apis/drive/v1/import_tasks/{ticket}");
        let data = self.call(&what, Method::GET, &path, &[], None).await?;
        let result = &data["result"];
        let token = result["token"].as_str().unwrap_or_default();
        match result["job_status"].as_i64() {
            Some(0) if !token.is_empty() => Ok(Ok(imported(result, token))),
            // 0 without a token is still on its way (contract, §5).
            Some(0 | 2) => Ok(Err("converting")),
            Some(1) => Ok(Err("waiting")),
            Some(status) => Err(task_failed(what, status, result)),
            None => Err(Fault::strange(&what, "there is no job_status in it")),
        }
    }

    /// Asks for an import until it has ended; `None` when `patience` ends first.
    pub async fn wait_import(
        &self,
        ticket: &str,
        patience: Duration,
        meter: &Meter,
    ) -> Result<Option<Imported>, Fault> {
        let end = Instant::now() + patience;
        for pause in Pauses::new() {
            match self.look_at_import(ticket).await? {
                Ok(imported) => return Ok(Some(imported)),
                Err(doing) => meter.say(doing),
            }
            if Instant::now() + pause > end {
                return Ok(None);
            }
            tokio::time::sleep(pause).await;
        }
        Ok(None)
    }
}

pub(super) fn task_failed(what: String, status: i64, result: &Value) -> Fault {
    let message = result["job_error_msg"].as_str().filter(|text| !text.is_empty());
    Fault::TaskFailed { what, status, message: message.unwrap_or("it failed").to_owned() }
}

fn imported(result: &Value, token: &str) -> Imported {
    let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
    let extra = result["extra"].as_array().map_or(&[][..], Vec::as_slice);
    Imported {
        kind: text("type"),
        token: token.to_owned(),
        url: text("url"),
        extra: extra.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// What an `extra` number of a finished import means (contract, `import_extra`).
pub fn meaning_of_extra(number: &str) -> &'static str {
    match number {
        "1000" => "more blocks than a document may have; the rest is cut off",
        "1001" => "more cells in a table than allowed; the rest is cut off",
        "1002" => "more columns in a table than allowed; the rest is cut off",
        "1003" => "a paragraph is longer than allowed; the rest is cut off",
        "1005" | "2004" | "3006" => "some pictures could not be stored",
        "2000" | "3003" => "more columns than allowed; the rest is cut off",
        "2001" | "3004" => "more cells than allowed; the rest is cut off",
        "2002" | "3005" => "more pictures than allowed; the rest is left out",
        "2003" => "no storage left",
        "2005" => "the text of a cell is longer than allowed; the rest is cut off",
        "3000" => "pictures below the last row of data are left out",
        "3001" => "pictures right of the last column of data are left out",
        _ => "something was lost",
    }
}
