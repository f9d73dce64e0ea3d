//! Tasks of all families as Larkspur's own API tells them: listed, waited for, done again, forgotten,
//! by those who may.

use anyhow::{Result, ensure};
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_directory::operator;
use crate::refused;
use crate::world::World;

const TASKS: &str = "/larkspur/v1/tasks";

/// An import of these bytes by `client`; its ticket.
async fn import(client: &Client, name: &str, extension: &str, bytes: &[u8]) -> Result<String> {
    let file = format!("{name}.{extension}");
    let source = client.upload(&file, extension, "docx", bytes.to_vec()).await?;
    client.import(&source, extension, "docx", name).await
}

/// The titles of the tasks that a listing gives, and the token of its next page.
async fn listed(client: &Client, query: &str) -> Result<(Vec<String>, Option<String>)> {
    let answer = client.get(&format!("{TASKS}?{query}")).await?;
    let data = answer.data()?;
    let titles = data["items"].as_array().into_iter().flatten();
    let titles = titles.map(|item| item["title"].as_str().unwrap_or_default().to_owned());
    let next = data["page_token"].as_str().map(str::to_owned);
    ensure!(data["has_more"] == next.is_some(), "{data}");
    Ok((titles.collect(), next))
}

async fn titles(client: &Client, query: &str) -> Result<Vec<String>> {
    Ok(listed(client, query).await?.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_narrowed_and_turned_over() -> Result<()> {
    let world = World::start().await?;
    let (app, operator) = (&world.app, &world.operator);
    let mut tickets = Vec::new();
    for name in ["first", "Second_50%", "third"] {
        tickets.push(import(&app.client, name, "md", b"# text").await?);
    }
    let broken = import(&app.client, "broken", "docx", b"PK\x03\x04 no more").await?;
    let cut = "word ".repeat(100_001);
    let cut = import(&app.client, "cut", "txt", cut.as_bytes()).await?;
    for ticket in tickets.iter().chain([&broken, &cut]) {
        app.imported(ticket).await?;
    }
    let all = ["cut", "broken", "third", "Second_50%", "first"];
    let found = titles(operator, "").await?;
    ensure!(found == all, "{found:?}");
    ensure!(titles(&app.client, "").await? == all);
    let (page, next) = listed(operator, "page_size=2").await?;
    ensure!(page == all[..2]);
    let next = next.unwrap_or_default();
    let (page, next) = listed(operator, &format!("page_size=3&page_token={next}")).await?;
    ensure!(page == all[2..] && next.is_none());

    let app_id = &app.app_id;
    for (query, expected) in [
        ("state=failed".to_owned(), vec!["broken"]),
        ("failure=damaged&family=drive.import".to_owned(), vec!["broken"]),
        ("failure=encrypted".to_owned(), vec![]),
        ("loss=paragraph_cut".to_owned(), vec!["cut"]),
        ("name=second_50%25".to_owned(), vec!["Second_50%"]),
        ("name=d_5_".to_owned(), vec![]),
        ("family=drive.export".to_owned(), vec![]),
        ("state=running".to_owned(), vec![]),
        ("until_ms=1".to_owned(), vec![]),
        (format!("from_ms=1&app_id={app_id}&creator=app:{app_id}"), all.to_vec()),
        (format!("tenant_id={}", world.tenant), all.to_vec()),
        ("tenant_id=another".to_owned(), vec![]),
    ] {
        ensure!(titles(operator, &query).await? == expected, "{query}");
    }
    for query in ["state=asleep", "failure=sad", "from_ms=noon", "page_size=0", "page_token=x"] {
        refused(&operator.get(&format!("{TASKS}?{query}")).await?, 400, 99_992_402)?;
    }
    refused(&app.client.with_token("").get(TASKS).await?, 400, 99_991_661)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_the_tasks_of_others() -> Result<()> {
    let world = World::start().await?;
    let app = &world.app;
    let ticket = import(&app.client, "of the app", "md", b"# text").await?;
    app.imported(&ticket).await?;
    let (_, second) = world.second_app(&world.tenant, None).await?;
    let somebody = world.person("somebody").await?.client;
    for stranger in [&second, &somebody] {
        ensure!(titles(stranger, "").await?.is_empty());
        ensure!(titles(stranger, &format!("app_id={}", app.app_id)).await?.is_empty());
        ensure!(titles(stranger, &format!("tenant_id={}", world.tenant)).await?.is_empty());
        let path = format!("{TASKS}/{ticket}");
        refused(&stranger.get(&path).await?, 404, 88_000_404)?;
        refused(&stranger.get(&format!("{path}?wait=1s")).await?, 404, 88_000_404)?;
        refused(&stranger.call(Method::DELETE, &path, None).await?, 404, 88_000_404)?;
        refused(&stranger.post(&format!("{path}/retry"), &json!({})).await?, 404, 88_000_404)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_waits_for_the_end() -> Result<()> {
    let world = World::start().await?;
    let (app, operator) = (&world.app, &world.operator);
    let by_hand = json!({"default": "by_hand"});
    operator.call(Method::PUT, "/larkspur/v1/stepping", Some(&by_hand)).await?.data()?;
    let ticket = import(&app.client, "slow", "md", b"# text").await?;
    let path = format!("{TASKS}/{ticket}");
    let look = app.client.get(&format!("{path}?wait=20ms")).await?;
    ensure!(look.data()?["task"]["state"] == "queued", "{}", look.body);
    let steps = async {
        for _ in 0..2 {
            operator.post(&format!("{path}/step"), &json!({})).await?.data()?;
        }
        anyhow::Ok(())
    };
    let waiting = format!("{path}?wait=60s");
    let (look, stepped) = tokio::join!(app.client.get(&waiting), steps);
    stepped?;
    ensure!(look?.data()?["task"]["state"] == "succeeded");
    for wait in ["61s", "soon", "-1", "99999999999999999999s"] {
        refused(&app.client.get(&format!("{path}?wait={wait}")).await?, 400, 99_992_402)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_done_again_under_its_number() -> Result<()> {
    let world = World::start().await?;
    let (app, operator) = (&world.app, &world.operator);
    let rule = json!({"family": "drive.import", "nth": 1, "status": 3});
    operator.post("/larkspur/v1/faults", &rule).await?.data()?;
    let ticket = import(&app.client, "again", "md", b"# text").await?;
    ensure!(app.imported(&ticket).await?["job_status"] == 3);
    let path = format!("{TASKS}/{ticket}");
    let retry = async || app.client.post(&format!("{path}/retry"), &json!({})).await;
    retry().await?.data()?;
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0, "{result}");
    refused(&retry().await?, 409, 88_000_410)?;
    ensure!(app.client.root_files().await?.len() == 1);

    // What was called off is done again as well.
    let by_hand = json!({"default": "by_hand"});
    operator.call(Method::PUT, "/larkspur/v1/stepping", Some(&by_hand)).await?.data()?;
    let ticket = import(&app.client, "called off", "md", b"# text").await?;
    let path = format!("{TASKS}/{ticket}");
    refused(&app.client.call(Method::DELETE, &path, None).await?, 409, 88_000_411)?;
    app.client.post(&format!("{path}/cancel"), &json!({})).await?.data()?;
    refused(&app.client.post(&format!("{path}/cancel"), &json!({})).await?, 409, 88_000_409)?;
    app.client.post(&format!("{path}/retry"), &json!({})).await?.data()?;
    ensure!(app.imported(&ticket).await?["job_status"] == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_forgotten_and_what_it_made_stays() -> Result<()> {
    let world = World::start().await?;
    let app = &world.app;
    let ticket = import(&app.client, "kept", "md", b"# text").await?;
    let token: Value = app.imported(&ticket).await?["token"].clone();
    let path = format!("{TASKS}/{ticket}");
    app.client.call(Method::DELETE, &path, None).await?.data()?;
    refused(&app.client.get(&path).await?, 404, 88_000_404)?;
    refused(&operator(app)?.call(Method::DELETE, &path, None).await?, 404, 88_000_404)?;
    ensure!(app.client.root_files().await?.iter().any(|(_, kept)| token == kept.as_str()));
    Ok(())
}
