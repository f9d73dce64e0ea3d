//! Those who are told what became of tasks: a listener to a stream of server-sent events.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::client::Client;

/// Longest wait for something that is to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A frame of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its name; empty for events of tasks.
    pub name: String,
    /// What it says.
    pub data: Value,
}

/// Listens to a stream.
#[derive(Debug)]
pub struct Listener {
    answer: reqwest::Response,
    unread: String,
    /// The id of the last frame.
    pub cursor: String,
}

impl Listener {
    /// Opens the stream at `path`; `cursor` is that of an earlier one.
    pub async fn open(client: &Client, path: &str, cursor: Option<&str>) -> Result<Self> {
        let answer = client.stream(path, cursor).await?;
        let status = answer.status();
        if !status.is_success() {
            bail!("HTTP {status}: {}", answer.text().await?);
        }
        let kind = answer.headers().get("content-type");
        if kind.is_none_or(|kind| kind != "text/event-stream") {
            bail!("the answer is {kind:?}");
        }
        Ok(Self { answer, unread: String::new(), cursor: String::new() })
    }

    /// The next frame with data; `None` at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<Frame>> {
        loop {
            while let Some(end) = self.unread.find("\n\n") {
                let block: String = self.unread.drain(..end + 2).collect();
                let (mut name, mut data) = (String::new(), None);
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => id.clone_into(&mut self.cursor),
                        Some(("event", event)) => event.clone_into(&mut name),
                        Some(("data", text)) => data = Some(serde_json::from_str(text)?),
                        _ => {}
                    }
                }
                if let Some(data) = data {
                    return Ok(Some(Frame { name, data }));
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await;
            match chunk.context("the stream says nothing")?? {
                Some(bytes) => self.unread.push_str(std::str::from_utf8(&bytes)?),
                None => return Ok(None),
            }
        }
    }

    /// The type and the task of the next event of a task.
    pub async fn event(&mut self) -> Result<(String, String)> {
        loop {
            let frame = self.next().await?.context("the stream has ended")?;
            if frame.name.is_empty() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                return Ok((text(&frame.data["type"]), text(&frame.data["data"]["task_id"])));
            }
        }
    }
}
