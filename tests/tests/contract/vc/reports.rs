//! The four reports, cell by cell, on a known set of records; what scopes and time zones change.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    EXPORTS, HOUR, LOAD, START, app_client, company, day, meeting, open_id, quality, report, with,
};
use crate::admin_directory::operator;
use crate::refused;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_meetings_shows_every_column_as_documented() -> Result<()> {
    let app = company().await?;
    let (name, rows) = report(&app.client, "meeting_list", &day()).await?;
    ensure!(name == "会议明细" && rows.len() == 3, "{name} {rows:?}");
    ensure!(rows[0][0] == "会议ID" && rows[0].len() == 17, "{:?}", rows[0]);
    let wanted = [
        "123456789",
        "xx的视频会议",
        "王伟",
        "人事部",
        "1a2b3c4d",
        "12345670000",
        "xx@email.com",
        "+86123****8910",
        "2026.11.21 11:00:00 (GMT+08:00)",
        "2026.11.21 12:00:00 (GMT+08:00)",
        "01:00:00",
        "2",
        "是",
        "是",
        "否",
        "是",
        "否",
    ];
    ensure!(rows[1] == wanted, "{:?}", rows[1]);
    for (more, topics) in [
        (vec![("meeting_type", json!(3))], vec!["投屏"]),
        (vec![("meeting_type", json!(2))], vec!["xx的视频会议"]),
        (vec![("meeting_no", json!("123456789"))], vec!["xx的视频会议"]),
        (vec![("room_id", json!("omm_1"))], vec!["xx的视频会议"]),
        (vec![("room_id", json!("omm_2"))], vec![]),
        (vec![("user_id", json!(open_id(&app).await?))], vec!["xx的视频会议"]),
        (vec![("meeting_status", json!(1))], vec!["正在开"]),
        (
            vec![("meeting_status", json!(3)), ("end_time", json!(START + 48 * HOUR))],
            vec!["明天开"],
        ),
    ] {
        let (_, rows) = report(&app.client, "meeting_list", &with(day(), &more)).await?;
        let found: Vec<&str> = rows[1..].iter().map(|row| row[1].as_str()).collect();
        ensure!(found == topics, "{more:?}: {found:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_participants_shows_every_column_as_documented() -> Result<()> {
    let app = company().await?;
    let (name, rows) = report(&app.client, "participant_list", &meeting()).await?;
    ensure!(name == "参会人明细" && rows.len() == 3, "{name} {rows:?}");
    let wanted = [
        "王伟",
        "人事部",
        "1a2b3c4d",
        "12345670000",
        "+86123****8910",
        "xx@email.com",
        "WINDOWS",
        "5.18.0",
        "170.40.80.80",
        "192.168.1.1",
        "否",
        "中国大陆",
        "wifi",
        "与系统一致",
        "与系统一致",
        "Integrated Camera",
        "是",
        "是",
        "否",
        "2026.11.21 11:00:05 (GMT+08:00)",
        "2026.11.21 11:02:03 (GMT+08:00)",
        "00:01:58",
        "主持人结束会议",
    ];
    ensure!(rows[1] == wanted, "{:?}", rows[1]);
    let room = with(meeting(), &[("room_id", json!("omm_1"))]);
    let (_, rows) = report(&app.client, "participant_list", &room).await?;
    ensure!(rows.len() == 2 && rows[1][0] == "测试专用rooms", "{rows:?}");
    // A meeting that runs has no end yet; its start is compared to the minute.
    let running = json!({"meeting_start_time": START + 2 * HOUR + 59, "meeting_end_time": 0,
                         "meeting_no": 222_222_222, "meeting_status": 1});
    let (_, rows) = report(&app.client, "participant_list", &running).await?;
    ensure!(rows.len() == 2 && rows[1][20..22] == ["", ""], "{rows:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_quality_has_a_row_a_minute_with_units() -> Result<()> {
    let app = company().await?;
    let body = with(quality(), &[("user_id", json!(open_id(&app).await?))]);
    let (name, rows) = report(&app.client, "participant_quality_list", &body).await?;
    ensure!(name == "参会人会议质量数据" && rows.len() == 26, "{name} {}", rows.len());
    ensure!(rows[0].len() == 35, "{:?}", rows[0]);
    for (row, minute) in rows[1..].iter().zip(0..) {
        let mut wanted = vec![String::new(); 35];
        wanted[0] = format!("2026.11.21 11:{minute:02}:00 (GMT+08:00)");
        for (at, text) in [
            (1, "50kbps"),
            (2, "5ms"),
            (3, "1ms"),
            (4, "2%"),
            (5, "5%"),
            (31, "2%"),
            (32, "0.8%"),
            (33, "10%"),
            (34, "20%"),
        ] {
            wanted[at] = text.to_owned();
        }
        wanted[16] = format!("{}kbps", 900 + minute);
        ensure!(*row == wanted, "{row:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_reservations_shows_every_column_as_documented() -> Result<()> {
    let app = company().await?;
    let body = with(day(), &[("room_level_id", json!("omb_1")), ("need_topic", json!(true))]);
    let (name, rows) = report(&app.client, "resource_reservation_list", &body).await?;
    ensure!(name == "会议室预定数据" && rows.len() == 3, "{name} {rows:?}");
    let wanted = [
        "测试专用rooms",
        "xx的视频会议",
        "王伟",
        "人事部",
        "10",
        "8",
        "2026.11.21 11:00:00 (GMT+08:00)",
        "2026.11.21 12:00:00 (GMT+08:00)",
        "01:00:00",
        "预定成功",
        "签到板",
        "已签到",
        "2026.11.21 10:59:00 (GMT+08:00)",
        "",
        "",
    ];
    ensure!(rows[1] == wanted, "{:?}", rows[1]);
    ensure!(rows[2][13..] == ["李敏", "2026.11.21 11:05:00 (GMT+08:00)"], "{:?}", rows[2]);
    for (more, rooms) in [
        (vec![("room_level_id", json!("omb_2"))], vec!["测试专用rooms"]),
        (vec![("room_level_id", json!("the tenant"))], vec!["测试专用rooms", "泰山"]),
        (vec![("room_ids", json!(["omm_2"]))], vec!["泰山"]),
        (vec![("room_ids", json!(["omm_2"])), ("is_exclude", json!(true))], vec!["测试专用rooms"]),
    ] {
        let mut body = with(day(), &[("room_level_id", json!("omb_1"))]);
        body = with(body, &more);
        let (_, rows) = report(&app.client, "resource_reservation_list", &body).await?;
        let found: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
        ensure!(found == rooms, "{more:?}: {found:?}");
        ensure!(rows[1][1].is_empty(), "a topic nobody asked for: {rows:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_without_their_scope_stay_blank() -> Result<()> {
    let app = company().await?;
    let body = json!({"name": "little", "scopes": ["vc:export", "vc:rooms.room.detailinfo:read"]});
    let little = app_client(&app, &body).await?;
    let (_, rows) = report(&little, "meeting_list", &day()).await?;
    ensure!(rows[1][3..8] == ["人事部", "", "12345670000", "", ""], "{:?}", rows[1]);
    let (_, rows) = report(&little, "participant_list", &meeting()).await?;
    ensure!(rows[1][1..6] == ["人事部", "", "12345670000", "", ""], "{:?}", rows[1]);
    let own = format!("{EXPORTS}/meeting_list?user_id_type=user_id");
    refused(&little.post(&own, &day()).await?, 400, 99_991_672)?;
    // The successor of the retired scope takes users' tokens alone.
    let query = format!("/open-apis/vc/v1/meeting_list?start_time={START}&end_time={START}");
    refused(&little.get(&query).await?, 400, 99_991_672)
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_told_by_the_tenant_s_clock() -> Result<()> {
    let app = company().await?;
    let record = r#"{"kind": "tenant", "utc_offset": "-03:30"}"#;
    operator(&app)?.post_text(LOAD, record).await?.data()?;
    let (_, rows) = report(&app.client, "meeting_list", &day()).await?;
    ensure!(rows[1][8] == "2026.11.20 23:30:00 (GMT-03:30)", "{:?}", rows[1]);
    Ok(())
}
