//! `kill -9` while a subtree of 2,000 nodes moves from one space to another and back, and while
//! documents are moved into the wiki: afterwards each subtree is whole in one space, the counters
//! say what is there, and every acknowledged task comes to its end once.
//!
//! The seed and the number of kills come from `LARKSPUR_CRASH_SEED` and `LARKSPUR_CRASH_KILLS`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rusqlite::Connection;
use serde_json::{Value, json};

const SPACES: &str = "/open-apis/wiki/v2/spaces";
const HERE: &str = "7000000000000000001";
const THERE: &str = "7000000000000000002";
const NODES: i64 = 2_000;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn open(server: &Server) -> Result<Connection> {
    let database = Connection::open(server.data().join("larkspur.db"))?;
    database.busy_timeout(Duration::from_secs(20))?;
    Ok(database)
}

/// Two spaces that the app administers, and in one of them a tree of 2,000 pages, each with up to
/// ten below it; its top.
fn plant(server: &Server) -> Result<String> {
    let database = open(server)?;
    let (app, tenant): (String, String) = database.query_row(
        "SELECT id, tenant FROM apps ORDER BY created_ms, id LIMIT 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for id in [HERE, THERE] {
        database.execute(
            "INSERT INTO wiki_spaces VALUES (?1, ?2, 0, 's', '', ?3, 0, 0, 1, 1, 1, 0, 0, 1)",
            [id, &tenant, &format!("app:{app}")],
        )?;
        database.execute(
            "INSERT INTO members (object, identity, reach, tenant, perm, added_by, added_ms) \
             VALUES (?1, 'app:' || ?3, 0, ?2, 3, '', 1)",
            [id, &tenant, &app],
        )?;
    }
    database.execute(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?3 - 1) \
         INSERT INTO objects (token, tenant, kind, name, owner, creator_app, size_bytes, \
         extension, media_type, created_ms, edited_ms, child_count, extra) \
         SELECT 'page' || i, ?1, 3, 'page ' || i, 'app:' || ?2, ?2, 0, '', '', 1, 1, 0, '' FROM n",
        rusqlite::params![tenant, app, NODES],
    )?;
    database.execute(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?3 - 1) \
         INSERT INTO wiki_nodes (token, tenant, space, parent, object, creator, position, \
         child_count, created_ms) SELECT 'node' || i, ?1, ?2, \
         CASE WHEN i = 0 THEN '' ELSE 'node' || ((i - 1) / 10) END, 'page' || i, '', i + 1, \
         MAX(0, MIN(10, ?3 - 1 - i * 10)), 1 FROM n",
        rusqlite::params![tenant, HERE, NODES],
    )?;
    database.execute(
        "UPDATE wiki_spaces SET node_count = ?2, child_count = 1 WHERE id = ?1",
        rusqlite::params![HERE, NODES],
    )?;
    Ok("node0".to_owned())
}

/// Where the tree is: whole, and counted.
fn whole(server: &Server) -> Result<String> {
    let database = open(server)?;
    let mut spaces = database.prepare(
        "SELECT space, COUNT(*) FROM wiki_nodes WHERE token LIKE 'node%' GROUP BY space",
    )?;
    let found: Vec<(String, i64)> =
        spaces.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    ensure!(found.len() == 1 && found[0].1 == NODES, "torn apart: {found:?}");
    let wrong: i64 = database.query_row(
        "SELECT (SELECT COUNT(*) FROM wiki_spaces s WHERE s.node_count <> \
         (SELECT COUNT(*) FROM wiki_nodes n WHERE n.space = s.id) OR s.child_count <> \
         (SELECT COUNT(*) FROM wiki_nodes n WHERE n.space = s.id AND n.parent = '')) + \
         (SELECT COUNT(*) FROM wiki_nodes p WHERE p.child_count <> \
         (SELECT COUNT(*) FROM wiki_nodes n WHERE n.space = p.space AND n.parent = p.token))",
        [],
        |row| row.get(0),
    )?;
    ensure!(wrong == 0, "{wrong} counters are wrong");
    let twice: i64 = database.query_row(
        "SELECT COUNT(*) FROM wiki_nodes n JOIN objects o ON o.token = n.object \
         WHERE o.parent IS NOT NULL AND n.origin IS NULL",
        [],
        |row| row.get(0),
    )?;
    ensure!(twice == 0, "{twice} documents are in the drive and in a wiki");
    Ok(found[0].0.clone())
}

/// A document in the root folder.
async fn document(client: &Client, name: &str) -> Result<String> {
    let page = format!("# {name}").into_bytes();
    let source = client.upload("page.md", "md", "docx", page).await?;
    let ticket = client.import(&source, "md", "docx", name).await?;
    let imported = client.imported(&ticket, Duration::from_mins(2)).await?;
    Ok(imported["token"].as_str().context("no token")?.to_owned())
}

async fn result(client: &Client, task: &str) -> Result<Value> {
    let path = format!("/open-apis/wiki/v2/tasks/{task}?task_type=move");
    loop {
        let result = client.get(&path).await?.data()?["task"]["move_result"][0].clone();
        if result["status"] != 1 {
            return Ok(result);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How long a move takes on this machine that nobody cuts off, milliseconds: kills are to meet moves
/// before, within and after.
async fn undisturbed(server: &Server, top: &str) -> Result<u64> {
    let client = server.client().await?;
    let begun = tokio::time::Instant::now();
    for (from, to) in [(HERE, THERE), (THERE, HERE)] {
        let path = format!("{SPACES}/{from}/nodes/{top}/move");
        client.post(&path, &json!({"target_space_id": to})).await?.data()?;
    }
    Ok(begun.elapsed().as_millis() as u64 / 2 + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subtree_is_in_one_space_whole_whenever_the_server_dies() -> Result<()> {
    let kills = setting("LARKSPUR_CRASH_KILLS", 20);
    let mut random = StdRng::seed_from_u64(setting("LARKSPUR_CRASH_SEED", 20_261_126));
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &["--rate-limits", "off"]).await?;
    let top = plant(&server)?;
    let usual_ms = undisturbed(&server, &top).await?;
    let mut tasks = Vec::new();
    let (mut answered, mut cut) = (0, 0);
    for kill in 0..kills {
        let client = server.client().await?;
        let doc = document(&client, &format!("document {kill}")).await?;
        let at = whole(&server)?;
        let to = if at == HERE { THERE } else { HERE };
        let body = json!({"obj_type": "docx", "obj_token": doc});
        let asked = client.post(&format!("{SPACES}/{to}/nodes/move_docs_to_wiki"), &body).await?;
        let task = asked.data()?["task_id"].as_str().context("no task")?.to_owned();
        tasks.push((task, doc));
        let path = format!("{SPACES}/{at}/nodes/{top}/move");
        let moving =
            tokio::spawn(async move { client.post(&path, &json!({"target_space_id": to})).await });
        tokio::time::sleep(Duration::from_millis(random.random_range(0..2 * usual_ms))).await;
        server.kill()?;
        let acknowledged = matches!(moving.await?, Ok(answer) if answer.code() == 0);
        server.restart().await?;
        let now = whole(&server)?;
        ensure!(!acknowledged || now == to, "acknowledged, and back at {now}");
        if acknowledged {
            answered += 1;
        } else {
            cut += 1;
        }
    }
    let client = server.client().await?;
    for (task, doc) in &tasks {
        let result = result(&client, task).await?;
        ensure!(result["status"] == 0, "{task}: {result}");
        ensure!(result["node"]["obj_token"] == doc.as_str(), "{result}");
    }
    whole(&server)?;
    println!(
        "{kills} kills in moves of {usual_ms} ms: {answered} moves answered, {cut} cut off; {} tasks ended",
        tasks.len()
    );
    Ok(())
}
