//! The job of the demo: import each file, read the document back, export it, download the results.

use std::path::{Path, PathBuf};
use std::time::Duration;

use larkspur_model::loss::Loss;
use reqwest::Method;
use tokio::time::Instant;

use super::super::import::extension_of;
use crate::client::{
    Access, Client, Export, ExportTarget, Import, ImportTarget, Imported, meaning_of_extra,
};
use crate::server::Server;
use crate::terminal::{Meter, size_text};
use crate::trouble::{Attempt, Trouble};

/// The longest a step may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// A line of the table.
pub(super) struct Line {
    pub(super) file: String,
    pub(super) target: String,
    pub(super) state: &'static str,
    pub(super) warnings: Vec<String>,
    pub(super) took_ms: u128,
    pub(super) result: String,
    pub(super) failed: bool,
}

/// Does the job for every file.
///
/// # Errors
/// Only where nothing can be done at all; a file that fails has a line that says so.
pub(super) async fn all(server: &Server, files: &[PathBuf], out: &Path) -> Attempt<Vec<Line>> {
    let secret = server.app_secret.as_ref().map(|secret| secret.expose().to_owned());
    let client = Client::new(Access {
        url: server.url.clone(),
        app_id: server.app_id.clone(),
        app_secret: secret.ok_or_else(|| Trouble::new("the server did not make an app"))?,
        ca_file: None,
    })?;
    client.token().await?;
    println!("token     POST /open-apis/auth/v3/tenant_access_token/internal");
    let mut demo = Demo { server, client, out, lines: Vec::new() };
    for file in files {
        demo.file(file).await;
    }
    Ok(demo.lines)
}

struct Demo<'a> {
    server: &'a Server,
    client: Client,
    out: &'a Path,
    lines: Vec<Line>,
}

impl Demo<'_> {
    async fn file(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let begun = Instant::now();
        let imported = match self.import(path, &name).await {
            Ok((imported, warnings)) => {
                let result = format!("{} {}", imported.kind, imported.token);
                self.lines.push(Line {
                    file: name.clone(),
                    target: imported.kind.clone(),
                    state: "succeeded",
                    warnings,
                    took_ms: begun.elapsed().as_millis(),
                    result,
                    failed: false,
                });
                imported
            }
            Err(trouble) => return self.fail(name, "import".to_owned(), begun, &trouble),
        };
        if let Err(trouble) = self.read_back(&imported).await {
            self.fail(name.clone(), "read back".to_owned(), begun, &trouble);
        }
        let targets: &[ExportTarget] = match imported.kind.as_str() {
            "docx" => &[ExportTarget::Docx, ExportTarget::Pdf],
            _ => &[ExportTarget::Xlsx, ExportTarget::Csv],
        };
        for target in targets {
            let begun = Instant::now();
            match self.export(path, &imported, *target).await {
                Ok((result, warnings)) => self.lines.push(Line {
                    file: name.clone(),
                    target: target.name().to_owned(),
                    state: "succeeded",
                    warnings,
                    took_ms: begun.elapsed().as_millis(),
                    result,
                    failed: false,
                }),
                Err(trouble) => self.fail(name.clone(), target.name().to_owned(), begun, &trouble),
            }
        }
    }

    fn fail(&mut self, file: String, target: String, begun: Instant, trouble: &Trouble) {
        println!("failed    {}", trouble.message());
        self.lines.push(Line {
            file,
            target,
            state: "failed",
            warnings: Vec::new(),
            took_ms: begun.elapsed().as_millis(),
            result: trouble.message().to_owned(),
            failed: true,
        });
    }

    async fn import(&self, path: &Path, name: &str) -> Attempt<(Imported, Vec<String>)> {
        let extension = extension_of(path)?;
        let target = ImportTarget::of_extension(&extension)
            .ok_or_else(|| Trouble::new(format!("nothing imports .{extension}")))?;
        let meter = Meter::new(name, true);
        let size = std::fs::metadata(path).map_or(0, |file| file.len());
        println!("\nimport    {name}, {}: POST medias/upload_all, import_tasks", size_text(size));
        let order = Import { path, extension: &extension, target, folder: "", name: None };
        let ticket = self.client.start_import(&order, &meter).await?;
        println!("task      GET import_tasks/{ticket}");
        let imported = self.client.wait_import(&ticket, PATIENCE, &meter).await?;
        let imported = imported.ok_or_else(|| Trouble::new("it did not end in time"))?;
        println!("document  {}", imported.url);
        let mut warnings: Vec<String> = imported
            .extra
            .iter()
            .map(|number| format!("{number}: {}", meaning_of_extra(number)))
            .collect();
        warnings.extend(self.losses(&ticket).await);
        Ok((imported, warnings))
    }

    /// What the task's detail knows beyond the documented numbers.
    async fn losses(&self, ticket: &str) -> Vec<String> {
        let Ok(id) = ticket.parse() else { return Vec::new() };
        match self.server.engine().get(id).await {
            Ok(Some(task)) => task.losses.iter().map(describe).collect(),
            _ => Vec::new(),
        }
    }

    async fn read_back(&self, imported: &Imported) -> Attempt {
        let token = &imported.token;
        if imported.kind == "docx" {
            let path = format!("/open-apis/docx/v1/documents/{token}/blocks");
            let data = self.client.call("reading blocks", Method::GET, &path, &[], None).await?;
            let count = data["items"].as_array().map_or(0, Vec::len);
            let more =
                if data["has_more"].as_bool() == Some(true) { " on the first page" } else { "" };
            println!("read      GET docx/v1/documents/…/blocks: {count} blocks{more}");
        } else {
            let sheets = self.client.sheets(token).await?;
            let names: Vec<&str> = sheets.iter().map(|(_, title)| title.as_str()).collect();
            println!("read      GET sheets/v3/spreadsheets/…/sheets/query: {}", names.join(", "));
            if let Some((sheet, _)) = sheets.first() {
                let path =
                    format!("/open-apis/sheets/v2/spreadsheets/{token}/values/{sheet}!A1:C2");
                let data = self.client.call("reading cells", Method::GET, &path, &[], None).await?;
                println!("cells     GET sheets/v2/…/values: {}", data["valueRange"]["values"]);
            }
        }
        Ok(())
    }

    async fn export(
        &self,
        source: &Path,
        imported: &Imported,
        target: ExportTarget,
    ) -> Attempt<(String, Vec<String>)> {
        let sub_id = match target {
            ExportTarget::Csv => self.client.sheets(&imported.token).await?.into_iter().next(),
            _ => None,
        };
        let order = Export {
            token: &imported.token,
            kind: &imported.kind,
            target,
            sub_id: sub_id.as_ref().map(|(id, _)| id.as_str()),
        };
        let ticket = self.client.start_export(&order, None).await?;
        let meter = Meter::new("", true);
        let waiting = self.client.wait_export(&ticket, &imported.token, PATIENCE, &meter);
        let exported = waiting.await?.ok_or_else(|| Trouble::new("it did not end in time"))?;
        // The source's own name with its extension kept, so that two samples never meet.
        let stem = source.file_name().unwrap_or_default().to_string_lossy().replace('.', "-");
        let to = self.out.join(format!("{stem}.{}", target.name()));
        let size = self.client.fetch_export(&exported, &to, &meter).await?;
        println!("export    POST export_tasks as {}, download: {}", target.name(), size_text(size));
        Ok((to.display().to_string(), self.losses(&ticket).await))
    }
}

fn describe(loss: &Loss) -> String {
    let times = if loss.count > 1 { format!(" ({} times)", loss.count) } else { String::new() };
    let place = if loss.place.is_empty() { String::new() } else { format!("{}: ", loss.place) };
    format!("{place}{}{times}", loss.detail)
}
