//! The drive as a run over many files needs it: folders found and made, what lies in them. And the
//! little that Larkspur tells beside the documented API.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Fault};

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its token.
    pub token: String,
    /// What it is called.
    pub name: String,
    /// `folder`, `docx`, `sheet`, `bitable`, ...
    pub kind: String,
    /// Where to look at it.
    pub url: String,
}

/// A task as Larkspur lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTask {
    /// Its ticket.
    pub ticket: String,
    /// The title of what it makes.
    pub title: String,
}

/// Things of a page of a folder, at most.
const PAGE: &str = "200";

impl Client {
    /// The token of the root folder.
    pub async fn root_folder(&self) -> Result<String, Fault> {
        let what = "looking up the root folder";
        let path = "/open-apis/drive/explorer/v2/root_folder/meta";
        let data = self.call(what, Method::GET, path, &[], None).await?;
        let token = data["token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Fault::strange(what, "there is no token in it"))
    }

    /// Everything in a folder, without what is in its folders.
    pub async fn list_folder(&self, folder: &str) -> Result<Vec<Listed>, Fault> {
        let what = format!("listing folder {folder}");
        let path = "/open-apis/drive/v1/files";
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("folder_token", folder), ("page_size", PAGE)];
            if !after.is_empty() {
                query.push(("page_token", &after));
            }
            let data = self.call(&what, Method::GET, path, &query, None).await?;
            all.extend(data["files"].as_array().into_iter().flatten().map(listed));
            // Some clients call it page_token; the page says next_page_token (contract, §4).
            let next = data["next_page_token"].as_str().or_else(|| data["page_token"].as_str());
            match next.filter(|next| !next.is_empty() && data["has_more"] == true) {
                Some(next) => next.clone_into(&mut after),
                None => return Ok(all),
            }
        }
    }

    /// Makes a folder; its token.
    pub async fn create_folder(&self, parent: &str, name: &str) -> Result<String, Fault> {
        let what = format!("making folder {name}");
        let path = "/open-apis/drive/v1/files/create_folder";
        let body = json!({ "name": name, "folder_token": parent });
        let data = self.call(&what, Method::POST, path, &[], Some(&body)).await?;
        let token = data["token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Fault::strange(&what, "there is no token in it"))
    }

    /// Larkspur's own: the newest task of a family, `None` where there is none. Fails on servers
    /// that are none.
    pub async fn newest_task(&self, family: &str) -> Result<Option<String>, Fault> {
        let data = self.tasks(&[("family", family), ("page_size", "1")]).await?;
        Ok(listed_tasks(&data).next().map(|task| task.ticket))
    }

    /// Larkspur's own: tasks of a family with this title, the latest first, those of them that came
    /// after the task `since`.
    pub async fn tasks_titled(
        &self,
        family: &str,
        title: &str,
        since: Option<&str>,
    ) -> Result<Vec<ListedTask>, Fault> {
        // Tickets are numbers, each larger than the one before (contract, §3).
        let number = |ticket: &str| ticket.parse::<u64>().unwrap_or_default();
        let since = since.map_or(0, number);
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("family", family), ("name", title), ("page_size", "500")];
            if !after.is_empty() {
                query.push(("page_token", &after));
            }
            let data = self.tasks(&query).await?;
            let mut older = false;
            for task in listed_tasks(&data) {
                older |= number(&task.ticket) <= since;
                // The server looks for a part of the title.
                if !older && task.title == title {
                    found.push(task);
                }
            }
            match data["page_token"].as_str() {
                Some(next) if !older && !next.is_empty() => next.clone_into(&mut after),
                _ => return Ok(found),
            }
        }
    }

    async fn tasks(&self, query: &[(&str, &str)]) -> Result<Value, Fault> {
        let what = "listing tasks";
        let data = self.call(what, Method::GET, "/larkspur/v1/tasks", query, None).await?;
        if data["items"].is_array() {
            return Ok(data);
        }
        Err(Fault::strange(what, "there are no items in it"))
    }

    /// Larkspur's own: everything that was lost in a task, as the server tells it.
    pub async fn losses_of(&self, ticket: &str) -> Result<Vec<Value>, Fault> {
        let path = format!("/larkspur/v1/tasks/{ticket}");
        let mut data = self.call("reading the losses", Method::GET, &path, &[], None).await?;
        match data["task"]["losses"].take() {
            Value::Array(losses) => Ok(losses),
            _ => Ok(Vec::new()),
        }
    }
}

fn listed_tasks(data: &Value) -> impl Iterator<Item = ListedTask> {
    let text = |task: &Value, name: &str| task[name].as_str().unwrap_or_default().to_owned();
    let tasks = data["items"].as_array().into_iter().flatten();
    tasks.map(move |task| ListedTask { ticket: text(task, "task_id"), title: text(task, "title") })
}

fn listed(file: &Value) -> Listed {
    let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
    Listed { token: text("token"), name: text("name"), kind: text("type"), url: text("url") }
}
