//! The life of an export: rules of its parameters, who may ask and download, failures; and loading.

use anyhow::{Context as _, Result, ensure};
use larkspur::config::Config;
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use serde_json::{Value, json};

use super::{
    EXPORTS, HOUR, LOAD, START, app_client, company, day, download, ended, fill, meeting, open_id,
    quality, report, submitted, with,
};
use crate::admin_directory::operator;
use crate::{app, binary, refused};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_the_creates_has_its_code() -> Result<()> {
    let app = company().await?;
    let user = json!(open_id(&app).await?);
    let cases: Vec<(&str, Value, u16, i64)> = vec![
        ("meeting_list", json!({}), 400, 121_003),
        ("meeting_list", with(day(), &[("start_time", json!("soon"))]), 400, 121_003),
        ("meeting_list", with(day(), &[("start_time", json!(-1))]), 400, 121_003),
        ("meeting_list", with(day(), &[("end_time", json!(START - 1))]), 400, 121_003),
        ("meeting_list", with(day(), &[("meeting_status", json!(4))]), 400, 121_003),
        ("meeting_list", with(day(), &[("meeting_type", json!(0))]), 400, 121_003),
        ("meeting_list", with(day(), &[("meeting_no", json!("12345678"))]), 400, 121_003),
        (
            "meeting_list",
            with(day(), &[("meeting_no", json!("123456789")), ("meeting_type", json!(1))]),
            400,
            121_003,
        ),
        (
            "meeting_list",
            with(day(), &[("user_id", user.clone()), ("room_id", json!("omm_1"))]),
            400,
            121_003,
        ),
        ("meeting_list", with(day(), &[("user_id", json!("ou_0"))]), 404, 121_004),
        ("meeting_list", with(day(), &[("room_id", json!("omm_0"))]), 404, 121_004),
        ("participant_list", json!({"meeting_no": "123456789"}), 400, 121_003),
        (
            "participant_list",
            with(meeting(), &[("user_id", user.clone()), ("room_id", json!("omm_1"))]),
            400,
            121_003,
        ),
        ("participant_list", with(meeting(), &[("meeting_no", Value::Null)]), 400, 121_003),
        ("participant_list", with(meeting(), &[("meeting_no", json!("999999999"))]), 404, 121_004),
        (
            "participant_list",
            with(meeting(), &[("meeting_start_time", json!(START - 60))]),
            404,
            121_004,
        ),
        (
            "participant_list",
            with(meeting(), &[("meeting_end_time", json!(START + HOUR + 60))]),
            404,
            121_004,
        ),
        ("participant_list", with(meeting(), &[("meeting_status", json!(1))]), 404, 121_004),
        ("participant_quality_list", quality(), 400, 121_003),
        (
            "participant_quality_list",
            with(quality(), &[("user_id", user.clone()), ("room_id", json!("omm_1"))]),
            400,
            121_003,
        ),
        (
            "participant_quality_list",
            with(quality(), &[("user_id", user.clone()), ("join_time", Value::Null)]),
            400,
            121_003,
        ),
        (
            "participant_quality_list",
            with(quality(), &[("user_id", user.clone()), ("join_time", json!(START + 300))]),
            404,
            121_004,
        ),
        (
            "participant_quality_list",
            json!({"meeting_start_time": START + 2 * HOUR, "meeting_end_time": START + 3 * HOUR,
                   "meeting_no": "222222222", "join_time": START + 2 * HOUR, "user_id": user}),
            400,
            121_002,
        ),
        ("resource_reservation_list", day(), 400, 121_003),
        ("resource_reservation_list", json!({"room_level_id": "omb_1"}), 400, 121_003),
        (
            "resource_reservation_list",
            with(day(), &[("room_level_id", json!("omb_9"))]),
            404,
            121_004,
        ),
    ];
    for (list, body, status, code) in cases {
        let answer = app.client.post(&format!("{EXPORTS}/{list}"), &body).await?;
        refused(&answer, status, code).with_context(|| format!("{list} {body}"))?;
    }
    let kind = format!("{EXPORTS}/meeting_list?user_id_type=lark");
    refused(&app.client.post(&kind, &day()).await?, 400, 121_003)?;
    for path in [format!("{EXPORTS}/7000000000000000000"), format!("{EXPORTS}/x")] {
        refused(&app.client.get(&path).await?, 404, 121_004)?;
    }
    refused(&app.client.get(&format!("{EXPORTS}/download")).await?, 400, 121_003)?;
    let forged = format!("{EXPORTS}/download?file_token=6yHu7Igp7Igy62Ez6fLr6IJz");
    refused(&app.client.get(&forged).await?, 404, 121_004)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_meetings_and_made_the_task_gets_the_report() -> Result<()> {
    let app = company().await?;
    let operator = operator(&app)?;
    let task = submitted(&app.client, "meeting_list", &day()).await?;
    let done = ended(&app.client, &task).await?;
    let token = done["file_token"].as_str().context("a token")?.replace('=', "%3D");
    let get = format!("{EXPORTS}/{task}");
    let file = format!("{EXPORTS}/download?file_token={token}");

    let other = app_client(&app, &json!({"name": "other"})).await?;
    refused(&other.get(&get).await?, 403, 121_005)?;
    refused(&other.get(&file).await?, 403, 121_005)?;
    let made = operator.post("/larkspur/v1/tenants", &json!({})).await?;
    let text =
        |name: &str| made.body["data"]["tenant"][name].as_str().unwrap_or_default().to_owned();
    let foreign = Client::connect(&app.client.url, &text("app_id"), &text("app_secret")).await?;
    refused(&foreign.get(&get).await?, 404, 121_004)?;
    refused(&foreign.get(&file).await?, 404, 121_004)?;
    ensure!(report(&foreign, "meeting_list", &day()).await?.1.len() == 1);

    let right = json!({"kind": "manager", "holder": format!("app:{}", app.app_id),
                       "allowed": false});
    operator.post_text(LOAD, &right.to_string()).await?.data()?;
    for list in ["meeting_list", "participant_list", "participant_quality_list"] {
        let answer = app.client.post(&format!("{EXPORTS}/{list}"), &day()).await?;
        refused(&answer, 403, 121_005)?;
    }
    refused(&app.client.get(&file).await?, 403, 121_005)?;
    let query = format!("/open-apis/vc/v1/meeting_list?start_time={START}&end_time={START}");
    refused(&app.client.get(&query).await?, 403, 121_005)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_bytes_are_gone_is_an_internal_error() -> Result<()> {
    let app = company().await?;
    let task = submitted(&app.client, "meeting_list", &day()).await?;
    let done = ended(&app.client, &task).await?;
    let database = rusqlite::Connection::open(app.data().join("larkspur.db"))?;
    database.busy_timeout(std::time::Duration::from_secs(20))?;
    database.execute("UPDATE objects SET blob_key = 'nowhere' WHERE extra = 'vc'", [])?;
    let token = done["file_token"].as_str().context("a token")?.replace('=', "%3D");
    let answer = app.client.get(&format!("{EXPORTS}/download?file_token={token}")).await?;
    refused(&answer, 500, 121_001)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_needs_no_token_and_lasts_an_hour() -> Result<()> {
    let app = company().await?;
    let task = submitted(&app.client, "meeting_list", &day()).await?;
    let done = ended(&app.client, &task).await?;
    let bytes = download(&app.client, &done).await?;
    let url = done["url"].as_str().context("an address")?;
    let path = url.strip_prefix(&app.client.url).context("an absolute address")?.to_owned();
    let nobody = app.client.with_token("");
    ensure!(nobody.fetch(&path, None).await?.2 == bytes, "another file");
    let (status, _, part) = nobody.fetch(&path, Some("bytes=0-3")).await?;
    ensure!((status, part.as_slice()) == (206, b"PK\x03\x04".as_slice()), "{part:?}");
    refused(&nobody.get(&path.replace("expires=1", "expires=2")).await?, 403, 88_000_403)?;
    refused(&nobody.get(&path.replace("signature=", "signature=A")).await?, 403, 88_000_403)?;
    let bare = path.split('?').next().unwrap_or_default();
    refused(&nobody.get(bare).await?, 403, 88_000_403)?;
    app.clock.advance(HOUR_MS + 1_000);
    refused(&nobody.get(&path).await?, 403, 88_000_403)?;
    let again = app.fresh_client().await?.get(&format!("{EXPORTS}/{task}")).await?;
    let url = again.data()?["url"].as_str().context("a fresh address")?.to_owned();
    let path = url.strip_prefix(&app.client.url).context("an absolute address")?;
    ensure!(nobody.fetch(path, None).await?.2 == bytes, "another file");
    app.clock.advance(8 * 24 * HOUR_MS);
    let late = app.fresh_client().await?;
    let token = again.data()?["file_token"].as_str().context("a token")?.replace('=', "%3D");
    refused(&late.get(&format!("{EXPORTS}/download?file_token={token}")).await?, 404, 121_004)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_waits_and_fails_as_documented() -> Result<()> {
    let idle = |config: &mut Config| (config.light_tasks, config.heavy_tasks) = (0, 0);
    let app = TestApp::start_as(binary(), idle).await?;
    fill(&app).await?;
    let called_off = submitted(&app.client, "meeting_list", &day()).await?;
    let denied = submitted(&app.client, "meeting_list", &day()).await?;
    let answer = app.client.get(&format!("{EXPORTS}/{called_off}")).await?;
    ensure!(*answer.data()? == json!({"status": 1}), "{}", answer.body);
    let cancel = format!("/larkspur/v1/tasks/{called_off}/cancel");
    app.client.post(&cancel, &json!({})).await?.data()?;
    let right = json!({"kind": "manager", "holder": format!("app:{}", app.app_id),
                       "allowed": false});
    operator(&app)?.post_text(LOAD, &right.to_string()).await?.data()?;
    app.server.engine().run_until_idle().await?;
    for (task, why) in [(called_off, "the task was cancelled"), (denied, "no permission")] {
        let answer = app.client.get(&format!("{EXPORTS}/{task}")).await?;
        ensure!(*answer.data()? == json!({"status": 2, "fail_msg": why}), "{}", answer.body);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_lines_are_named_and_the_others_kept() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let lines = "{\"id\":\"omm_1\",\"room_level_id\":\"omb_1\",\"name\":\"a\"}\n\nnothing\n\
                 {\"kind\":\"meeting\",\"id\":\"m\"}\n\
                 {\"kind\":\"quality\",\"participant_id\":\"p\",\"time\":\"noon\"}\n";
    let path = format!("{LOAD}?kind=room");
    let checked = operator.post_text(&format!("{path}&check=true"), lines).await?;
    let loaded = operator.post_text(&path, lines).await?;
    ensure!(checked.data()? == loaded.data()?, "{} {}", checked.body, loaded.body);
    let data = loaded.data()?;
    ensure!(data["rooms"] == 1 && data["lines"] == 4 && data["refused"] == 3, "{data}");
    let numbers: Vec<i64> = data["refusals"]
        .as_array()
        .context("refusals")?
        .iter()
        .filter_map(|refused| refused["line"].as_i64())
        .collect();
    ensure!(numbers == [3, 4, 5], "{data}");
    let unknown = operator.post_text(&format!("{LOAD}?tenant=nobody"), lines).await?;
    refused(&unknown, 404, 88_000_404)?;
    refused(&app.client.post_text(LOAD, lines).await?, 401, 88_000_401)
}
