//! Meetings: loaded, reported cell by cell, queried page by page; every rule of the parameters; who may
//! ask, who may download, and for how long an address is good.

mod exports;
mod queries;
mod reports;

use std::io::Cursor;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use calamine::{Data, Reader as _, Xlsx};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use serde_json::{Value, json};

use crate::admin_directory::operator;
use crate::app;

const EXPORTS: &str = "/open-apis/vc/v1/exports";
const LOAD: &str = "/larkspur/v1/vc/load";
/// 2026-11-21 11:00:00 (GMT+08:00); the server's clock shows almost four hours more.
const START: i64 = 1_795_230_000;
const HOUR: i64 = 3_600;

/// A small company: two levels, two rooms, an ended, a running and an upcoming meeting.
fn records() -> String {
    let mut lines = vec![
        json!({"kind": "room_level", "id": "omb_1", "name": "北京"}),
        json!({"kind": "room_level", "id": "omb_2", "parent_id": "omb_1", "name": "F1"}),
        json!({"kind": "room", "id": "omm_1", "room_level_id": "omb_2", "name": "测试专用rooms"}),
        json!({"kind": "room", "id": "omm_2", "room_level_id": "omb_1", "name": "泰山"}),
        json!({"kind": "meeting", "id": "m1", "meeting_no": "123456789", "topic": "xx的视频会议",
               "organizer": "王伟", "user_id": "1a2b3c4d", "department": "人事部",
               "employee_no": "12345670000", "email": "xx@email.com", "mobile": "+8612312348910",
               "start_time": START, "end_time": START + HOUR, "participants": 2, "devices": 2,
               "audio": true, "video": true, "recording": true, "room_ids": ["omm_1"]}),
        json!({"kind": "meeting", "id": "m2", "meeting_no": "222222222", "topic": "正在开",
               "start_time": START + 2 * HOUR}),
        json!({"kind": "meeting", "id": "m3", "meeting_no": "333333333", "topic": "明天开",
               "start_time": START + 24 * HOUR, "status": 3}),
        json!({"kind": "meeting", "id": "m4", "meeting_no": "444444444", "topic": "投屏",
               "start_time": START + 60, "end_time": START + 120, "meeting_type": 3}),
        json!({"kind": "participant", "id": "p1", "meeting_id": "m1", "name": "王伟",
               "department": "人事部", "user_id": "1a2b3c4d", "employee_no": "12345670000",
               "phone": "+8612312348910", "email": "xx@email.com", "device": "WINDOWS",
               "app_version": "5.18.0", "public_ip": "170.40.80.80",
               "internal_ip": "192.168.1.1", "location": "中国大陆", "network_type": "wifi",
               "microphone": "与系统一致", "speaker": "与系统一致",
               "camera": "Integrated Camera", "audio": true, "video": true,
               "join_time": START + 5, "leave_time": START + 123,
               "leave_reason": "主持人结束会议", "accept_status": 1}),
        json!({"kind": "participant", "id": "p2", "meeting_id": "m1", "name": "测试专用rooms",
               "room_id": "omm_1", "join_time": START + 10, "leave_time": START + HOUR}),
        json!({"kind": "participant", "id": "p3", "meeting_id": "m2", "name": "王伟",
               "user_id": "1a2b3c4d", "join_time": START + 2 * HOUR}),
        json!({"kind": "reservation", "id": "r1", "room_id": "omm_1",
               "room_name": "测试专用rooms", "topic": "xx的视频会议", "reserver": "王伟",
               "user_id": "1a2b3c4d", "department": "人事部", "guests": 10, "accepted": 8,
               "start_time": START, "end_time": START + HOUR, "reservation_status": "预定成功",
               "check_in_device": "签到板", "check_in_status": "已签到",
               "check_in_time": START - 60}),
        json!({"kind": "reservation", "id": "r2", "room_id": "omm_2", "room_name": "泰山",
               "start_time": START + 1, "end_time": START + 601,
               "reservation_status": "已释放（手动释放）", "releasing_person": "李敏",
               "releasing_time": START + 300}),
    ];
    for minute in 0..25 {
        lines.push(json!({
            "kind": "quality", "participant_id": "p1", "time": START + minute * 60,
            "audio_bitrate_received": 50, "audio_latency_received": 5,
            "audio_jitter_received": 1, "audio_loss_avg_received": 2,
            "audio_loss_max_received": 5, "video_bitrate_sent": 900 + minute,
            "client_cpu_min": 2, "client_cpu_avg": 0.8, "client_cpu_max": 10,
            "system_cpu_max": 20, "mic_volume": -20, "video_resolution_sent": 2160,
        }));
    }
    lines.iter().map(|line| format!("{line}\n")).collect::<Vec<_>>().concat()
}

/// A server that knows them; the organiser is a user.
async fn company() -> Result<TestApp> {
    let app = app().await?;
    fill(&app).await?;
    Ok(app)
}

async fn fill(app: &TestApp) -> Result<()> {
    let operator = operator(app)?;
    let user = json!({"user_id": "1a2b3c4d", "name": "王伟"});
    operator.post("/larkspur/v1/users", &user).await?.data()?;
    let loaded = operator.post_text(LOAD, &records()).await?;
    ensure!(loaded.data()?["refused"] == 0, "{}", loaded.body);
    Ok(())
}

/// The end of an export.
pub(crate) async fn ended(client: &Client, task: &str) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        let answer = client.get(&format!("{EXPORTS}/{task}")).await?;
        let data = answer.data()?;
        if data["status"] != 1 {
            return Ok(data.clone());
        }
        ensure!(tokio::time::Instant::now() < deadline, "{data}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn submitted(client: &Client, list: &str, body: &Value) -> Result<String> {
    let answer = client.post(&format!("{EXPORTS}/{list}"), body).await?;
    let task = answer.data()?["task_id"].as_str().context("a task")?.to_owned();
    ensure!(task.len() == 19 && task.bytes().all(|byte| byte.is_ascii_digit()), "{task}");
    Ok(task)
}

async fn download(client: &Client, done: &Value) -> Result<Vec<u8>> {
    ensure!(done["status"] == 3, "{done}");
    let token = done["file_token"].as_str().context("a token")?.replace('=', "%3D");
    let path = format!("{EXPORTS}/download?file_token={token}");
    let (status, headers, bytes) = client.fetch(&path, None).await?;
    ensure!(status == 200, "HTTP {status}");
    let media = headers["content-type"].to_str()?;
    ensure!(media.contains("spreadsheetml"), "{media}");
    Ok(bytes)
}

/// Name and cells of the first sheet, read by a reader that is not ours.
fn cells(bytes: Vec<u8>) -> Result<(String, Vec<Vec<String>>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    let name = book.sheet_names().first().context("a sheet")?.clone();
    let range = book.worksheet_range(&name)?;
    let shown = |cell: &Data| match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    };
    Ok((name, range.rows().map(|row| row.iter().map(shown).collect()).collect()))
}

/// A report from its create to its cells.
async fn report(client: &Client, list: &str, body: &Value) -> Result<(String, Vec<Vec<String>>)> {
    let task = submitted(client, list, body).await?;
    cells(download(client, &ended(client, &task).await?).await?)
}

fn meeting() -> Value {
    json!({"meeting_start_time": START.to_string(), "meeting_end_time": (START + HOUR).to_string(),
           "meeting_no": "123456789"})
}

fn quality() -> Value {
    let mut body = meeting();
    body["join_time"] = json!((START + 5).to_string());
    body["room_id"] = Value::Null;
    body
}

fn day() -> Value {
    json!({"start_time": START.to_string(), "end_time": (START + 12 * HOUR).to_string()})
}

fn with(mut body: Value, more: &[(&str, Value)]) -> Value {
    for (name, value) in more {
        body[*name] = value.clone();
    }
    body
}

async fn open_id(app: &TestApp) -> Result<String> {
    let path = format!("/larkspur/v1/users/1a2b3c4d?app_id={}", app.app_id);
    let answer = operator(app)?.get(&path).await?;
    let user = &answer.data()?["user"];
    Ok(user["open_id"].as_str().with_context(|| user.to_string())?.to_owned())
}

/// A client of a new app of the same tenant.
async fn app_client(app: &TestApp, body: &Value) -> Result<Client> {
    let made = operator(app)?.post("/larkspur/v1/apps", body).await?;
    let data = made.data()?;
    let id = data["app"]["app_id"].as_str().context("an app")?;
    let secret = data["app_secret"].as_str().context("its secret")?;
    Client::connect(&app.client.url, id, secret).await
}
