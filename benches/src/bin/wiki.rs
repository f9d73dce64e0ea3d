//! The wiki's store with a full space: pages, look-ups, a new node in a space of 400,000 nodes, and
//! moves of 2,000, on SQLite and on PostgreSQL, every change on disk. `wiki [ROUNDS [DIR]]`;
//! PostgreSQL is measured where it is installed.

use std::path::Path;

use larkspur_model::id::{Ids, ObjectToken, SpaceId, TenantId};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::wiki::{self, NewNode, Node, Space, SpaceKind, SpaceSettings};
use larkspur_store::{DatabaseUrl, Db, Durability, params};
use tokio::time::Instant;

/// Pages of the first level, with as many others below each as make up the space.
const FIRST_LEVEL: i64 = 201;
/// A little less than a space may hold, so that some can be added.
const NODES: i64 = wiki::SPACE_NODES - 100;
const NOW_MS: i64 = 1_795_244_000_000;

struct House {
    db: Db,
    ids: Ids,
    tenant: TenantId,
    full: SpaceId,
    other: SpaceId,
}

/// Runs `work` and notes how long it took, milliseconds.
async fn timed<T>(
    times: &mut Vec<f64>,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    let done = work.await?;
    times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    Ok(done)
}

fn tell(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!("  {what:44} median {:8.3} ms  p95 {:8.3} ms  max {most:8.3} ms", at(50), at(95));
}

impl House {
    /// A space that is nearly full, and an empty one beside it.
    async fn build(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let ids = Ids::from_system();
        let [full, other] = [(); 2].map(|()| SpaceId(ids.number(NOW_MS).to_string()));
        let db = Db::open(url, Durability::Full).await?;
        let house = Self { db, tenant: TenantId(ids.hex(16)), ids, full, other };
        let tenant = house.tenant.clone();
        let mut transaction = Transaction::new();
        let tenant = Tenant { id: tenant, name: "A".to_owned(), node_count: 0, created_ms: 1 };
        tenants::insert(&mut transaction, &tenant);
        for id in [&house.full, &house.other] {
            wiki::insert_space(&mut transaction, &house.space(id));
        }
        let object = house.object();
        objects::insert(&mut transaction, &object);
        let each = (NODES - FIRST_LEVEL) / FIRST_LEVEL;
        let rest = NODES - FIRST_LEVEL - each * FIRST_LEVEL;
        let (tenant, full) = (house.tenant.as_str(), house.full.as_str());
        // Shortcuts: the rows a page of nodes is made of are the same.
        transaction.run(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) \
             UNION ALL SELECT i + 1 FROM n WHERE i < $4) \
             INSERT INTO wiki_nodes (token, tenant, space, parent, object, origin, creator, \
             position, child_count, created_ms) SELECT 'top' || CAST(i AS TEXT), $1, $2, '', $3, \
             'top1', 'user:a', i, $5 + CASE WHEN i <= $6 THEN 1 ELSE 0 END, 1 FROM n",
            params![tenant, full, object.token.as_str(), FIRST_LEVEL, each, rest],
        );
        transaction.run(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) \
             UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
             INSERT INTO wiki_nodes (token, tenant, space, parent, object, origin, creator, \
             position, child_count, created_ms) SELECT p.token || '-' || CAST(n.i AS TEXT), $1, \
             $2, p.token, $3, 'top1', 'user:a', n.i, 0, 1 FROM wiki_nodes p JOIN n \
             ON n.i <= p.child_count WHERE p.space = $2 AND p.parent = ''",
            params![tenant, full, object.token.as_str()],
        );
        // Pages may hold others, shortcuts may not.
        transaction.run("UPDATE wiki_nodes SET origin = NULL WHERE token IN ('top1')", params![]);
        transaction.run(
            "UPDATE wiki_spaces SET node_count = $2, child_count = $3 WHERE id = $1",
            params![full, NODES, FIRST_LEVEL],
        );
        house.db.commit(transaction).await?;
        Ok(house)
    }

    fn space(&self, id: &SpaceId) -> Space {
        Space {
            id: id.clone(),
            tenant: self.tenant.clone(),
            kind: SpaceKind::Team,
            name: "space".to_owned(),
            description: String::new(),
            owner: "user:a".to_owned(),
            public: false,
            open_sharing: false,
            settings: SpaceSettings {
                members_create: true,
                readers_copy: true,
                readers_comment: true,
            },
            node_count: 0,
            child_count: 0,
            created_ms: 1,
        }
    }

    fn object(&self) -> Object {
        Object {
            token: ObjectToken(self.ids.token()),
            tenant: self.tenant.clone(),
            kind: ObjectKind::Docx,
            name: "page".to_owned(),
            parent: None,
            route: None,
            owner: "user:a".to_owned(),
            creator_app: "cli_a".into(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: 1,
            edited_ms: 1,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        }
    }

    async fn node(&self, token: &str) -> anyhow::Result<Node> {
        let node = wiki::node(&self.db, &self.tenant, &token.into()).await?;
        node.ok_or_else(|| anyhow::anyhow!("no node {token}"))
    }

    async fn page(&self, parent: &ObjectToken, after: i64) -> anyhow::Result<usize> {
        let parent = Some(parent);
        let page = wiki::nodes(&self.db, &self.tenant, &self.full, parent, after, 51).await?;
        Ok(page.len())
    }

    async fn relocate(&self, token: &str, to: &SpaceId) -> anyhow::Result<()> {
        let node = self.node(token).await?;
        let mut transaction = Transaction::new();
        let position = self.ids.number(NOW_MS);
        wiki::move_node(&mut transaction, &node, to, None, position);
        self.db.commit(transaction).await?;
        Ok(())
    }

    /// Pages, look-ups and counts.
    async fn read(&self, rounds: usize) -> anyhow::Result<()> {
        let parent = ObjectToken::from("top2");
        let last = self.node("top2").await?.child_count - 50;
        for (what, after) in [("first", 0), ("middle", last / 2), ("last", last)] {
            let mut times = Vec::new();
            for _ in 0..rounds {
                let found = timed(&mut times, self.page(&parent, after)).await?;
                anyhow::ensure!(found >= 50, "{found} nodes on the {what} page");
            }
            tell(&format!("{what} page of 50"), times);
        }
        let (mut space, mut node) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let id = &self.full;
            let found =
                timed(&mut space, async { Ok(wiki::space(&self.db, &self.tenant, id).await?) });
            let count = found.await?.map_or(0, |space| space.node_count);
            anyhow::ensure!(count == NODES, "{count} nodes");
            let token = format!("top{}-{}", 2 + round % 100, 1 + round * 7 % 1_900);
            timed(&mut node, self.node(&token)).await?;
        }
        tell("the space with its count", space);
        tell("one node", node);
        Ok(())
    }

    /// A node more, moves of 2,000, and one that is too large.
    async fn change(&self, rounds: usize) -> anyhow::Result<()> {
        let (mut added, mut moved, mut within) = (Vec::new(), Vec::new(), Vec::new());
        let two_thousand = wiki::MOVED_NODES - 1;
        self.trim("top1", two_thousand).await?;
        for _ in 0..rounds.min(50) {
            let object = self.object();
            let node = NewNode {
                token: ObjectToken(self.ids.token()),
                tenant: self.tenant.clone(),
                space: self.full.clone(),
                parent: None,
                object: object.token.clone(),
                origin: None,
                title: None,
                creator: "user:a".to_owned(),
                position: self.ids.number(NOW_MS),
                created_ms: 1,
            };
            timed(&mut added, async {
                let mut transaction = Transaction::new();
                objects::insert(&mut transaction, &object);
                wiki::insert_node(&mut transaction, &node);
                Ok(self.db.commit(transaction).await?)
            })
            .await?;
            self.relocate(node.token.as_str(), &self.other).await?;
            timed(&mut moved, self.relocate("top1", &self.other)).await?;
            timed(&mut within, self.relocate("top1", &self.other)).await?;
            timed(&mut moved, self.relocate("top1", &self.full)).await?;
        }
        tell("a new node in it", added);
        tell("2,000 nodes into another space and back", moved);
        tell("2,000 nodes within a space", within);
        Ok(())
    }

    /// Leaves so many nodes below the page, and counts right.
    async fn trim(&self, token: &str, leave: i64) -> anyhow::Result<()> {
        let extra = self.node(token).await?.child_count - leave;
        let mut transaction = Transaction::new();
        let full = self.full.as_str();
        transaction.run(
            "DELETE FROM wiki_nodes WHERE space = $1 AND parent = $2 AND position > $3",
            params![full, token, leave],
        );
        transaction.run(
            "INSERT INTO wiki_nodes (token, tenant, space, parent, object, origin, creator, \
             position, child_count, created_ms) SELECT token || '+', tenant, space, parent, \
             object, origin, creator, position + 100000, 0, 1 FROM wiki_nodes \
             WHERE space = $1 AND parent = $2 AND position <= $3",
            params![full, token, -extra],
        );
        transaction
            .run("UPDATE wiki_nodes SET child_count = $2 WHERE token = $1", params![token, leave]);
        transaction.run(
            "UPDATE wiki_spaces SET node_count = node_count - $2 WHERE id = $1",
            params![full, extra],
        );
        self.db.commit(transaction).await?;
        Ok(())
    }

    /// A move that may not be, of nearly the whole space: it must cost no look at all of it.
    async fn refuse(&self, rounds: usize) -> anyhow::Result<()> {
        let mut transaction = Transaction::new();
        transaction.run(
            "UPDATE wiki_nodes SET parent = 'top1', position = position + 1000000 \
             WHERE space = $1 AND parent = '' AND token <> 'top1'",
            params![self.full.as_str()],
        );
        self.db.commit(transaction).await?;
        let mut times = Vec::new();
        let top = self.node("top1").await?;
        for _ in 0..rounds.min(50) {
            let size = timed(&mut times, async { Ok(wiki::subtree(&self.db, &top).await?) });
            let nodes = size.await?.nodes;
            anyhow::ensure!(nodes == wiki::MOVED_NODES + 1, "{nodes} nodes were looked at");
        }
        tell("a move of 400,000 nodes, refused", times);
        Ok(())
    }
}

async fn measure(name: &str, url: &DatabaseUrl, rounds: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    let house = House::build(url).await?;
    println!("{name}: a space of {NODES} nodes, written in {:.1?}", begun.elapsed());
    house.read(rounds).await?;
    house.change(rounds).await?;
    house.refuse(rounds).await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(200);
    let folder = match arguments.next() {
        Some(folder) => tempfile::tempdir_in(Path::new(&folder))?,
        None => tempfile::tempdir()?,
    };
    let sqlite = DatabaseUrl::Sqlite(folder.path().join("wiki.db"));
    measure("SQLite", &sqlite, rounds).await?;
    let Some(cluster) = Cluster::start().await else { return Ok(()) };
    measure("PostgreSQL", &cluster.database("wiki").await?, rounds).await
}
