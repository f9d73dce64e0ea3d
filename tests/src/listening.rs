//! Those who are told what became of tasks: a listener to a stream of server-sent events, and the
//! receiver of webhooks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

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

/// A message that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Received {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

#[derive(Debug, Clone)]
struct Answering {
    statuses: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::UnboundedSender<Received>,
}

/// Receives webhooks on this machine.
#[derive(Debug)]
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::UnboundedReceiver<Received>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// A receiver that answers 200.
    pub async fn start() -> Result<Self> {
        let (sender, arrived) = mpsc::unbounded_channel();
        let statuses = Arc::<Mutex<VecDeque<u16>>>::default();
        let state = Answering { statuses: Arc::clone(&statuses), arrived: sender };
        let router = Router::new().route("/hook", post(receive)).with_state(state);
        let port = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", port.local_addr()?);
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ended = axum::serve(port, router).await;
        });
        Ok(Self { url, statuses, arrived, serving })
    }

    /// Has the next messages answered with these, one after the other.
    pub fn answers(&self, statuses: &[u16]) {
        let mut waiting = self.statuses.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(statuses);
    }

    /// The next message.
    pub async fn next(&mut self) -> Result<Received> {
        let arrived = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        arrived.context("no message arrives")?.context("the receiver is gone")
    }

    /// Whether nothing else has arrived.
    pub fn is_quiet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(state): State<Answering>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let status = state.statuses.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    // The test has ended.
    let _gone = state.arrived.send(Received { headers, body });
    StatusCode::from_u16(status.unwrap_or(200)).unwrap_or(StatusCode::OK)
}
