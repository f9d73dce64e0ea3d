//! What becomes of tasks, as a stream of server-sent events: to those who may see it, narrowed, taken up
//! where it was left.

use anyhow::{Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::listening::Listener;
use serde_json::json;

use crate::refused;
use crate::world::World;

const EVENTS: &str = "/larkspur/v1/events";
const TASKS: &str = "/larkspur/v1/tasks";

/// An import of a text by `client`, to its end; its ticket.
async fn import(world: &World, client: &Client, name: &str) -> Result<String> {
    let file = format!("{name}.md");
    let source = client.upload(&file, "md", "docx", b"# text".to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", name).await?;
    client.imported(&ticket, world.app.patience()).await?;
    Ok(ticket)
}

fn event(kind: &str, ticket: &str) -> (String, String) {
    (kind.to_owned(), ticket.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_every_transition_and_goes_on_where_it_was() -> Result<()> {
    let world = World::start().await?;
    let (client, operator) = (&world.app.client, &world.operator);
    let mut listener = Listener::open(operator, EVENTS, None).await?;
    let ready = listener.next().await?;
    ensure!(ready.is_some_and(|frame| frame.name == "ready" && frame.data["cursor"].is_string()));
    let first = import(&world, client, "first").await?;
    ensure!(listener.event().await? == event("task.running", &first));
    let begun = listener.cursor.clone();
    ensure!(listener.event().await? == event("task.succeeded", &first));
    let ended = listener.cursor.clone();
    drop(listener);
    let second = import(&world, client, "second").await?;
    let mut again = Listener::open(operator, EVENTS, Some(&ended)).await?;
    ensure!(again.event().await? == event("task.running", &second));
    let after = format!("{EVENTS}?after={begun}&state=succeeded,failed");
    let mut narrowed = Listener::open(operator, &after, None).await?;
    for ticket in [&first, &second] {
        ensure!(narrowed.event().await? == event("task.succeeded", ticket));
    }
    let mut all = Listener::open(client, &format!("{EVENTS}?after=start"), None).await?;
    for ticket in [&first, &second] {
        ensure!(all.event().await? == event("task.running", ticket));
        ensure!(all.event().await? == event("task.succeeded", ticket));
    }
    // After a restart too.
    let world = World { app: world.app.restart().await?, ..world };
    let mut later = Listener::open(&world.app.client, EVENTS, Some(&ended)).await?;
    ensure!(later.event().await? == event("task.running", &second));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_of_a_task_ends_with_it() -> Result<()> {
    let world = World::start().await?;
    let (client, operator) = (&world.app.client, &world.operator);
    let by_hand = json!({"default": "by_hand"});
    operator.call(reqwest::Method::PUT, "/larkspur/v1/stepping", Some(&by_hand)).await?.data()?;
    let source = client.upload("slow.md", "md", "docx", b"# text".to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", "slow").await?;
    let path = format!("{TASKS}/{ticket}/events");
    let mut listener = Listener::open(client, &path, None).await?;
    ensure!(listener.event().await? == event("task.queued", &ticket));
    for _ in 0..2 {
        operator.post(&format!("{TASKS}/{ticket}/step"), &json!({})).await?.data()?;
    }
    ensure!(listener.event().await? == event("task.running", &ticket));
    ensure!(listener.event().await? == event("task.succeeded", &ticket));
    ensure!(listener.next().await?.is_none());
    // Whoever comes late is told how it ended.
    let mut late = Listener::open(client, &path, None).await?;
    ensure!(late.event().await? == event("task.succeeded", &ticket));
    ensure!(late.next().await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_the_tasks_of_others() -> Result<()> {
    let world = World::start().await?;
    let (_, second) = world.second_app(&world.tenant, None).await?;
    let somebody = world.person("somebody").await?.client;
    let theirs = import(&world, &world.app.client, "theirs").await?;
    let own = import(&world, &second, "own").await?;
    let users = import(&world, &somebody, "users").await?;
    let tenant = &world.tenant;
    for (client, ticket) in [(&second, &own), (&somebody, &users)] {
        for query in ["", "&tenant_id=another", "&app_id=cli_0000000000000000"] {
            if client.token() == somebody.token() && query.contains("app_id") {
                continue;
            }
            let path = format!("{EVENTS}?after=start&state=succeeded{query}");
            let mut listener = Listener::open(client, &path, None).await?;
            ensure!(listener.event().await? == event("task.succeeded", ticket), "{query}");
        }
        let path = format!("{TASKS}/{theirs}/events");
        refused(&client.get(&path).await?, 404, 88_000_404)?;
    }
    let path = format!("{EVENTS}?after=start&state=succeeded&tenant_id={tenant}&task_id={users}");
    let mut listener = Listener::open(&world.operator, &path, None).await?;
    ensure!(listener.event().await? == event("task.succeeded", &users));
    refused(&second.with_token("").get(EVENTS).await?, 400, 99_991_661)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_cannot_be_followed_is_refused() -> Result<()> {
    let world = World::start().await?;
    let operator = &world.operator;
    for query in ["after=yesterday", "state=asleep", "task_id=x"] {
        refused(&operator.get(&format!("{EVENTS}?{query}")).await?, 400, 99_992_402)?;
    }
    refused(&operator.get(&format!("{EVENTS}?after=0-ffff")).await?, 410, 88_070_410)?;
    for name in ["first", "second"] {
        import(&world, &world.app.client, name).await?;
    }
    // What is older than the log goes back is gone.
    operator.post("/larkspur/v1/clock/advance", &json!({"by": "8d"})).await?.data()?;
    refused(&operator.get(&format!("{EVENTS}?after=0-1")).await?, 410, 88_070_410)
}
