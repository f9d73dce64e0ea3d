//! The four queries: the same records as JSON, rules of their parameters, pages.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use serde_json::{Value, json};

use super::{HOUR, LOAD, START, company, open_id};
use crate::admin_directory::operator;
use crate::{app, refused};

/// `data` of a query.
async fn query(client: &Client, list: &str, parameters: &str) -> Result<Value> {
    let answer = client.get(&format!("/open-apis/vc/v1/{list}?{parameters}")).await?;
    Ok(answer.data().with_context(|| format!("{list}?{parameters}"))?.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_answer_the_same_as_reports() -> Result<()> {
    let app = company().await?;
    let user = open_id(&app).await?;
    let one = format!(
        "meeting_start_time={START}&meeting_end_time={}&meeting_no=123456789",
        START + HOUR
    );
    let span = format!("start_time={START}&end_time={}", START + HOUR);
    let data = query(&app.client, "meeting_list", &span).await?;
    ensure!(data["has_more"] == false && data["page_token"] == "", "{data}");
    let first = &data["meeting_list"][0];
    for (name, value) in [
        ("meeting_id", json!("123456789")),
        ("meeting_instance_id", json!("m1")),
        ("meeting_type", json!(2)),
        ("user_id", json!(user)),
        ("mobile", json!("+86123****8910")),
        ("meeting_duration", json!("01:00:00")),
        ("number_of_participants", json!("2")),
        ("reserved_rooms", json!([{"room_id": "omm_1", "room_name": "测试专用rooms"}])),
        ("recording", json!(true)),
    ] {
        ensure!(first[name] == value, "{name}: {first}");
    }
    let data = query(&app.client, "participant_list", &one).await?;
    let stays = data["participants"].as_array().context("participants")?;
    ensure!(stays.len() == 2 && stays[0]["user_id"] == json!(user), "{data}");
    ensure!(stays[0]["time_in_meeting"] == "00:01:58" && stays[0]["accept_status"] == 1, "{data}");
    ensure!(stays[1]["meeting_room_id"] == "omm_1" && stays[1]["user_id"] == "", "{data}");

    let join = format!("{one}&join_time={}&user_id={user}", START + 5);
    let data = query(&app.client, "participant_quality_list", &join).await?;
    let minutes = data["participant_quality_list"].as_array().context("minutes")?;
    ensure!(minutes.len() == 20 && data["has_more"] == true, "{data}");
    ensure!(minutes[0]["audio"]["bitrate_received"] == "50kbps", "{}", minutes[0]);
    ensure!(minutes[0]["audio"]["mic_input_volume"] == "-20dB", "{}", minutes[0]);
    ensure!(minutes[0]["video"]["maximum_resolution_sent"] == "4K", "{}", minutes[0]);
    ensure!(minutes[0]["cpu_usage"]["client_avg_cpu_usage"] == "0.8%", "{}", minutes[0]);
    let token = data["page_token"].as_str().context("a page token")?;
    let data =
        query(&app.client, "participant_quality_list", &format!("{join}&page_token={token}"))
            .await?;
    let minutes = data["participant_quality_list"].as_array().context("minutes")?;
    ensure!(minutes.len() == 5 && data["has_more"] == false, "{data}");
    ensure!(minutes[0]["network"]["time"] == "2026.11.21 11:20:00 (GMT+08:00)", "{data}");

    let rooms = format!("{span}&room_level_id=omb_1&room_ids=omm_1&room_ids=omm_2&need_topic=true");
    let data = query(&app.client, "resource_reservation_list", &rooms).await?;
    let list = data["room_reservation_list"].as_array().context("reservations")?;
    ensure!(list.len() == 2 && list[0]["event_title"] == "xx的视频会议", "{data}");
    ensure!(list[0]["reserver_user_id"] == json!(user), "{data}");
    ensure!(list[1]["is_release_early"] == "已释放（手动释放）", "{data}");
    Ok(())
}

/// A query, its parameters, and how it is refused.
type Rule = (&'static str, String, u16, i64);

fn span() -> String {
    format!("start_time={START}&end_time={}", START + HOUR)
}

/// Later than the server's clock, and than any span allows.
const FAR: i64 = START + 400 * 24 * HOUR;

fn rules_of_meetings() -> Vec<Rule> {
    let (span, far) = (span(), FAR);
    vec![
        ("meeting_list", format!("start_time={START}"), 400, 121_003),
        ("meeting_list", format!("{span}&page_size=19"), 400, 121_003),
        ("meeting_list", format!("{span}&page_size=101"), 400, 121_003),
        ("meeting_list", format!("{span}&page_token=20"), 400, 121_003),
        ("meeting_list", format!("{span}&meeting_no=-12345678"), 400, 126_003),
        ("meeting_list", format!("{span}&meeting_no=12345678"), 400, 126_004),
        ("meeting_list", format!("start_time={far}&end_time={far}"), 400, 126_005),
        ("meeting_list", format!("start_time=-5&end_time={START}"), 400, 126_005),
        ("meeting_list", format!("start_time={START}&end_time={far}"), 400, 126_006),
        ("meeting_list", format!("start_time={START}&end_time=1"), 400, 126_006),
        ("meeting_list", format!("{span}&room_id=omm_1&meeting_type=2"), 400, 126_008),
        ("meeting_list", format!("{span}&meeting_status=3"), 400, 121_002),
        ("meeting_list", format!("{span}&meeting_status=3&room_id=omm_1"), 400, 126_015),
        (
            "meeting_list",
            format!("start_time={START}&end_time={far}&meeting_status=3"),
            400,
            126_016,
        ),
        ("meeting_list", format!("{span}&user_id=ou_0"), 404, 121_004),
    ]
}

fn rules_of_one_meeting(user: &str) -> Vec<Rule> {
    let (span, far) = (span(), FAR);
    let one = format!("meeting_start_time={START}&meeting_end_time={}", START + HOUR);
    let running = format!(
        "meeting_start_time={0}&meeting_end_time={0}&meeting_no=222222222",
        START + 2 * HOUR
    );
    vec![
        ("participant_list", format!("{one}&meeting_no=999999999"), 400, 126_009),
        ("participant_list", format!("{one}&meeting_no=-1"), 400, 126_003),
        ("participant_list", format!("{one}&meeting_no=1"), 400, 126_004),
        (
            "participant_list",
            format!("{one}&meeting_no=123456789&user_id={user}&room_id=omm_1"),
            400,
            126_007,
        ),
        (
            "participant_list",
            format!("{one}&meeting_no=123456789&meeting_status=3&room_id=omm_1"),
            400,
            126_015,
        ),
        (
            "participant_list",
            format!("meeting_start_time={far}&meeting_end_time={far}&meeting_no=123456789"),
            400,
            126_005,
        ),
        (
            "participant_list",
            format!(
                "meeting_start_time={START}&meeting_end_time={}&meeting_no=123456789",
                START + 25 * HOUR
            ),
            400,
            126_006,
        ),
        ("participant_list", format!("{one}&meeting_no=123456789&room_id=omm_0"), 404, 121_004),
        (
            "participant_quality_list",
            format!("{one}&meeting_no=123456789&join_time={START}"),
            400,
            121_003,
        ),
        (
            "participant_quality_list",
            format!("{one}&meeting_no=123456789&join_time=1&user_id={user}"),
            400,
            126_010,
        ),
        (
            "participant_quality_list",
            format!("{one}&meeting_no=999999999&join_time=1&user_id={user}"),
            400,
            126_009,
        ),
        (
            "participant_quality_list",
            format!("{running}&join_time={}&user_id={user}", START + 2 * HOUR),
            400,
            121_002,
        ),
        ("resource_reservation_list", format!("{span}&room_level_id=omb_1"), 400, 121_003),
        (
            "resource_reservation_list",
            format!("{span}&room_level_id=omb_9&room_ids=omm_1"),
            404,
            121_004,
        ),
        (
            "resource_reservation_list",
            format!("start_time={far}&end_time={far}&room_level_id=x&room_ids=omm_1"),
            400,
            126_005,
        ),
        (
            "resource_reservation_list",
            format!(
                "start_time={START}&end_time={}&room_level_id=x&room_ids=omm_1",
                START + 25 * HOUR
            ),
            400,
            126_006,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_the_queries_has_its_code() -> Result<()> {
    let app = company().await?;
    let user = open_id(&app).await?;
    for (list, parameters, status, code) in
        rules_of_meetings().into_iter().chain(rules_of_one_meeting(&user))
    {
        let path = format!("/open-apis/vc/v1/{list}?{parameters}");
        let answer = app.client.get(&path).await?;
        refused(&answer, status, code).with_context(|| path)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_meetings_join_without_gap_or_repeat() -> Result<()> {
    let app = app().await?;
    let lines: Vec<String> = (0..95)
        .map(|number| {
            let record = json!({"kind": "meeting", "id": format!("m{number:02}"),
                "meeting_no": "123456789", "start_time": START + number / 7,
                "end_time": START + 60, "is_external": number % 10 == 0});
            format!("{record}\n")
        })
        .collect();
    operator(&app)?.post_text(LOAD, &lines.concat()).await?.data()?;
    for (more, wanted) in [("", 85), ("&include_external_meetings=true", 95)] {
        let mut ids = Vec::new();
        let mut token = String::new();
        loop {
            let parameters =
                format!("start_time={START}&end_time={}&page_token={token}{more}", START + 99);
            let data = query(&app.client, "meeting_list", &parameters).await?;
            let page = data["meeting_list"].as_array().context("a page")?;
            ids.extend(page.iter().map(|one| one["meeting_instance_id"].to_string()));
            if data["has_more"] == false {
                break;
            }
            token = data["page_token"].as_str().context("a token")?.to_owned();
        }
        let count = ids.len();
        ids.dedup();
        ensure!((count, ids.len()) == (wanted, wanted), "{count} {}", ids.len());
    }
    Ok(())
}
