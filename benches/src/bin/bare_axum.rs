//! A bare axum server that answers one small JSON object: the yardstick for polls.

use std::net::SocketAddr;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

async fn answer() -> Json<Value> {
    Json(json!({"code": 0, "msg": "success", "data": {"result": {
        "ticket": "7369583175086912356", "type": "docx", "job_status": 0, "job_error_msg": "success",
        "token": "Fm7osyjtMh5o7Ktrv32c73abcef", "url": "http://127.0.0.1:8484/docx/Fm7osyjtMh5o7Ktrv32c73abcef"
    }}}))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new().route("/open-apis/drive/v1/import_tasks/{ticket}", get(answer));
    let address: SocketAddr = std::env::args()
        .nth(1)
        .and_then(|address| address.parse().ok())
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await
}
