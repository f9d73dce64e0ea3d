//! The wiki's rooms against each database: counters that hold their limits, trees that move whole,
//! pages, rights that come down, requests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use larkspur_model::id::{Ids, ObjectToken, SpaceId, TenantId, UserId};
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::wiki::{
    self, CHILDREN, DEPTH, Decision, MOVED_NODES, MoveRequest, NewNode, Node, Obstacle,
    RequestState, Room, SPACE_NODES, Space, SpaceKind, SpaceSettings, Subtree, Wanting,
};
use larkspur_store::{Db, Durability, Error, params};

/// A tenant of its own with two spaces.
struct House {
    db: Db,
    ids: Ids,
    tenant: TenantId,
    one: SpaceId,
    two: SpaceId,
}

impl House {
    async fn new(db: &Db) -> Self {
        let ids = Ids::from_system();
        let tenant = TenantId(ids.hex(16));
        let spaces = [(); 2].map(|()| SpaceId(ids.number(1_795_244_000_000).to_string()));
        let [one, two] = spaces;
        let house = Self { db: db.clone(), ids, tenant, one, two };
        let tenant =
            Tenant { id: house.tenant.clone(), name: "A".to_owned(), node_count: 0, created_ms: 1 };
        house.commit(|t| tenants::insert(t, &tenant)).await.unwrap();
        for id in [&house.one, &house.two] {
            house.commit(|t| wiki::insert_space(t, &house.blank(id))).await.unwrap();
        }
        house
    }

    fn blank(&self, id: &SpaceId) -> Space {
        Space {
            id: id.clone(),
            tenant: self.tenant.clone(),
            kind: SpaceKind::Team,
            name: "space".to_owned(),
            description: String::new(),
            owner: "user:owner".to_owned(),
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

    async fn commit(&self, fill: impl FnOnce(&mut Transaction)) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        fill(&mut transaction);
        self.db.commit(transaction).await.map(|_| ())
    }

    async fn space(&self, id: &SpaceId) -> Space {
        wiki::space(&self.db, &self.tenant, id).await.unwrap().unwrap()
    }

    async fn get(&self, node: &ObjectToken) -> Node {
        wiki::node(&self.db, &self.tenant, node).await.unwrap().unwrap()
    }

    fn object(&self, kind: ObjectKind, parent: Option<&ObjectToken>) -> Object {
        Object {
            token: ObjectToken(self.ids.token()),
            tenant: self.tenant.clone(),
            kind,
            name: "thing".to_owned(),
            parent: parent.cloned(),
            route: None,
            owner: "user:owner".to_owned(),
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

    fn new_node(&self, space: &SpaceId, parent: Option<&Node>, object: &ObjectToken) -> NewNode {
        NewNode {
            token: ObjectToken(self.ids.token()),
            tenant: self.tenant.clone(),
            space: space.clone(),
            parent: parent.map(|parent| parent.token.clone()),
            object: object.clone(),
            origin: None,
            title: None,
            creator: "user:owner".to_owned(),
            position: self.ids.number(1_795_244_000_000),
            created_ms: 1,
        }
    }

    async fn try_add(&self, space: &SpaceId, parent: Option<&Node>) -> Result<Node, Error> {
        let object = self.object(ObjectKind::Docx, None);
        let node = self.new_node(space, parent, &object.token);
        self.commit(|t| {
            objects::insert(t, &object);
            wiki::insert_node(t, &node);
        })
        .await?;
        Ok(self.get(&node.token).await)
    }

    async fn add(&self, space: &SpaceId, parent: Option<&Node>) -> Node {
        self.try_add(space, parent).await.unwrap()
    }

    /// `count` nodes under `parent`, written past the counters, and the counters set right.
    async fn fill(&self, parent: &Node, count: i64) {
        self.commit(|t| {
            t.run(
                "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) \
                 UNION ALL SELECT i + 1 FROM n WHERE i < $6) \
                 INSERT INTO wiki_nodes (token, tenant, space, parent, object, origin, creator, \
                 position, child_count, created_ms) \
                 SELECT $2 || '-' || CAST(i AS TEXT), $1, $3, $2, $4, $5, 'user:owner', i, 0, 1 \
                 FROM n",
                params![
                    self.tenant.as_str(),
                    parent.token.as_str(),
                    parent.space.as_str(),
                    parent.object.as_str(),
                    parent.token.as_str(),
                    count
                ],
            );
            t.run(
                "UPDATE wiki_nodes SET child_count = child_count + $2 WHERE token = $1",
                params![parent.token.as_str(), count],
            );
            t.run(
                "UPDATE wiki_spaces SET node_count = node_count + $2 WHERE id = $1",
                params![parent.space.as_str(), count],
            );
        })
        .await
        .unwrap();
    }

    async fn set(&self, sql: &'static str, id: &str, count: i64) {
        self.commit(|t| {
            t.run(sql, params![id, count]);
        })
        .await
        .unwrap();
    }

    async fn move_to(
        &self,
        node: &Node,
        space: &SpaceId,
        parent: Option<&Node>,
    ) -> Result<(), Error> {
        let position = self.ids.number(1_795_244_000_000);
        let parent = parent.map(|parent| &parent.token);
        self.commit(|t| wiki::move_node(t, node, space, parent, position)).await
    }

    /// What the counters say is what is there.
    async fn counters_are_right(&self) {
        let wrong = self
            .db
            .query(
                "SELECT s.id FROM wiki_spaces s WHERE s.tenant = $1 AND (s.node_count <> \
                 (SELECT COUNT(*) FROM wiki_nodes n WHERE n.space = s.id) OR s.child_count <> \
                 (SELECT COUNT(*) FROM wiki_nodes n WHERE n.space = s.id AND n.parent = '')) \
                 UNION ALL SELECT p.token FROM wiki_nodes p WHERE p.tenant = $1 \
                 AND p.child_count <> (SELECT COUNT(*) FROM wiki_nodes n \
                 WHERE n.space = p.space AND n.parent = p.token)",
                params![self.tenant.as_str()],
            )
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    async fn grants(&self, object: &ObjectToken, identity: &str) -> Vec<(i64, Perm, Reach, bool)> {
        let user = identity.strip_prefix("user:").map(UserId::from);
        let grants = members::grants(&self.db, &self.tenant, object, identity, user.as_ref());
        let mut grants: Vec<_> = grants
            .await
            .unwrap()
            .into_iter()
            .map(|grant| (grant.step, grant.perm, grant.reach, grant.kind.is_none()))
            .collect();
        grants.sort_by_key(|grant| grant.0);
        grants
    }

    async fn share(&self, object: &str, identity: &str, perm: Perm, reach: Reach) {
        let member = Member {
            object: object.into(),
            tenant: self.tenant.clone(),
            identity: identity.to_owned(),
            perm,
            reach,
            added_by: "user:owner".to_owned(),
            added_ms: 1,
        };
        self.commit(|t| members::put(t, &member)).await.unwrap();
    }
}

fn conflict(result: &Result<(), Error>) -> &'static str {
    match result {
        Err(Error::Conflict { label }) => label,
        _ => "none",
    }
}

const NODES_OF_SPACE: &str = "UPDATE wiki_spaces SET node_count = $2 WHERE id = $1";
const LEVEL_OF_SPACE: &str = "UPDATE wiki_spaces SET child_count = $2 WHERE id = $1";
const CHILDREN_OF_NODE: &str = "UPDATE wiki_nodes SET child_count = $2 WHERE token = $1";

async fn counters_hold_the_limits(db: &Db) {
    let house = House::new(db).await;
    let top = house.add(&house.one, None).await;
    let leaf = house.add(&house.one, Some(&top)).await;
    house.counters_are_right().await;
    let try_add = async |parent: Option<&Node>| {
        conflict(&house.try_add(&house.one, parent).await.map(|_| ()))
    };
    house.set(NODES_OF_SPACE, house.one.as_str(), SPACE_NODES).await;
    assert_eq!((try_add(None).await, try_add(Some(&top)).await), ("space", "space"));
    house.set(NODES_OF_SPACE, house.one.as_str(), SPACE_NODES - 1).await;
    house.add(&house.one, Some(&leaf)).await;
    house.set(NODES_OF_SPACE, house.one.as_str(), 3).await;
    house.set(LEVEL_OF_SPACE, house.one.as_str(), CHILDREN).await;
    assert_eq!(try_add(None).await, "space");
    house.set(CHILDREN_OF_NODE, top.token.as_str(), CHILDREN).await;
    assert_eq!(try_add(Some(&top)).await, "parent");
    let room = wiki::room(db, &house.tenant, &house.one, Some(&top.token)).await.unwrap();
    assert_eq!(room, Some(Room { nodes: 3, children: CHILDREN, level: 1 }));
    // Under a page that lies elsewhere by now.
    assert_eq!(conflict(&house.try_add(&house.two, Some(&top)).await.map(|_| ())), "parent");
    let elsewhere = wiki::room(db, &house.tenant, &house.two, Some(&top.token)).await.unwrap();
    assert_eq!(elsewhere, None);
    // A document lies in one place.
    let again = house.new_node(&house.two, None, &leaf.object);
    let twice = house.commit(|t| wiki::insert_node(t, &again)).await;
    assert!(matches!(twice, Err(Error::Duplicate(_))), "{twice:?}");
}

async fn fifty_levels_are_enough(db: &Db) {
    let house = House::new(db).await;
    let mut above = house.add(&house.one, None).await;
    for _ in 1..DEPTH {
        above = house.add(&house.one, Some(&above)).await;
    }
    let deeper = house.try_add(&house.one, Some(&above)).await.map(|_| ());
    assert_eq!(conflict(&deeper), "parent");
    let two = house.add(&house.two, None).await;
    house.add(&house.two, Some(&two)).await;
    assert_eq!(conflict(&house.move_to(&two, &house.one, Some(&above)).await), "depth");
    let parent = house.get(above.parent.as_ref().unwrap()).await;
    assert_eq!(conflict(&house.move_to(&two, &house.one, Some(&parent)).await), "depth");
    let grandparent = house.get(parent.parent.as_ref().unwrap()).await;
    house.move_to(&two, &house.one, Some(&grandparent)).await.unwrap();
    house.counters_are_right().await;
    // Rights come down all the way.
    let top = wiki::nodes(db, &house.tenant, &house.one, None, 0, 1).await.unwrap().remove(0);
    house.share(top.object.as_str(), "user:guest", Perm::View, Reach::Container).await;
    assert_eq!(
        house.grants(&above.object, "user:guest").await,
        [(DEPTH - 1, Perm::View, Reach::Container, false)]
    );
}

async fn a_tree_moves_whole_or_not_at_all(db: &Db) {
    let house = House::new(db).await;
    let (a, b) = (house.add(&house.one, None).await, house.add(&house.one, None).await);
    let inner = house.add(&house.one, Some(&a)).await;
    let leaf = house.add(&house.one, Some(&inner)).await;
    let size = wiki::subtree(db, &a).await.unwrap();
    assert_eq!(size, Subtree { nodes: 3, height: 3 });
    assert_eq!(conflict(&house.move_to(&a, &house.one, Some(&leaf)).await), "cycle");
    assert_eq!(conflict(&house.move_to(&a, &house.one, Some(&a)).await), "cycle");
    house.move_to(&inner, &house.one, Some(&b)).await.unwrap();
    assert_eq!(house.get(&leaf.token).await, leaf);
    house.counters_are_right().await;
    // Who read it where it was is too late.
    assert_eq!(conflict(&house.move_to(&inner, &house.two, None).await), "node");
    let inner = house.get(&inner.token).await;
    house.move_to(&inner, &house.two, None).await.unwrap();
    assert_eq!(house.get(&leaf.token).await.space, house.two);
    house.counters_are_right().await;
    assert_eq!(
        (house.space(&house.one).await.node_count, house.space(&house.two).await.node_count),
        (2, 2)
    );
    // To a place that is full, gone, or another space's.
    let inner = house.get(&inner.token).await;
    house.set(CHILDREN_OF_NODE, a.token.as_str(), CHILDREN).await;
    assert_eq!(conflict(&house.move_to(&inner, &house.one, Some(&a)).await), "children");
    house.set(CHILDREN_OF_NODE, a.token.as_str(), 0).await;
    house.set(NODES_OF_SPACE, house.one.as_str(), SPACE_NODES - 1).await;
    assert_eq!(conflict(&house.move_to(&inner, &house.one, Some(&a)).await), "full");
    house.set(NODES_OF_SPACE, house.one.as_str(), 2).await;
    assert_eq!(conflict(&house.move_to(&inner, &house.two, Some(&a)).await), "children");
    house.set(LEVEL_OF_SPACE, house.one.as_str(), CHILDREN).await;
    assert_eq!(conflict(&house.move_to(&inner, &house.one, None).await), "children");
    house.set(LEVEL_OF_SPACE, house.one.as_str(), 2).await;
    house.counters_are_right().await;
}

async fn two_thousand_move_and_one_more_does_not(db: &Db) {
    let house = House::new(db).await;
    let top = house.add(&house.one, None).await;
    house.fill(&top, MOVED_NODES - 1).await;
    let top = house.get(&top.token).await;
    let size = wiki::subtree(db, &top).await.unwrap();
    assert_eq!(size, Subtree { nodes: MOVED_NODES, height: 2 });
    house.move_to(&top, &house.two, None).await.unwrap();
    house.counters_are_right().await;
    let top = house.get(&top.token).await;
    let under = house.add(&house.two, Some(&top)).await;
    assert_eq!(wiki::subtree(db, &top).await.unwrap().nodes, MOVED_NODES + 1);
    assert_eq!(conflict(&house.move_to(&top, &house.one, None).await), "moved");
    assert_eq!(house.space(&house.one).await.node_count, 0);
    house.move_to(&under, &house.one, None).await.unwrap();
    house.counters_are_right().await;
    let there = Room { nodes: 0, children: 0, level: 0 };
    for (subtree, wanted) in [
        (Subtree { nodes: MOVED_NODES + 1, height: 1 }, Some(Obstacle::Moved)),
        (Subtree { nodes: MOVED_NODES, height: DEPTH }, None),
        (Subtree { nodes: 1, height: DEPTH + 1 }, Some(Obstacle::Depth)),
    ] {
        assert_eq!(wiki::obstacle(there, subtree, true), wanted);
    }
    let full = Room { nodes: SPACE_NODES, ..there };
    let one = Subtree { nodes: 1, height: 1 };
    assert_eq!(wiki::obstacle(full, one, true), Some(Obstacle::Space));
    assert_eq!(wiki::obstacle(full, one, false), None);
    let level = Room { children: CHILDREN, ..there };
    assert_eq!(wiki::obstacle(level, one, true), Some(Obstacle::Children));
}

async fn pages_stay_right_while_nodes_come_and_go(db: &Db) {
    let house = House::new(db).await;
    let top = house.add(&house.one, None).await;
    house.fill(&top, 1_000).await;
    let page = async |after: i64, limit: i64| {
        let parent = Some(&top.token);
        wiki::nodes(db, &house.tenant, &house.one, parent, after, limit).await.unwrap()
    };
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let nodes = page(after, 51).await;
        let more = nodes.len() == 51;
        seen.extend(nodes.iter().take(50).map(|node| node.position));
        after = *seen.last().unwrap();
        if after == 500 {
            // The last one that was seen goes; nothing is passed over and nothing comes twice.
            let last = house.get(&ObjectToken(format!("{}-500", top.token))).await;
            house.move_to(&last, &house.two, None).await.unwrap();
        }
        if !more {
            break;
        }
    }
    assert_eq!(seen, (1..=1_000).collect::<Vec<_>>());
    assert_eq!(page(998, 10).await.len(), 2);
    let shortcut = page(0, 1).await.remove(0);
    let (origin, space) = shortcut.origin.unwrap();
    assert_eq!((origin, space), (top.token.clone(), house.one.clone()));
    assert_eq!(shortcut.title, "thing");
    let titled = ObjectToken(format!("{}-1", top.token));
    house.commit(|t| wiki::set_shortcut_title(t, &titled, "own")).await.unwrap();
    assert_eq!(house.get(&titled).await.title, "own");
    let page = house.commit(|t| wiki::set_shortcut_title(t, &top.token, "own")).await;
    assert_eq!(conflict(&page), "node");
}

async fn moves_that_cross_do_not_stop_each_other(db: &Db) {
    let house = House::new(db).await;
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        here.push(house.add(&house.one, None).await);
        there.push(house.add(&house.two, None).await);
    }
    let position = house.ids.number(1_795_244_000_000);
    let mut moves = tokio::task::JoinSet::new();
    for (at, (one, two)) in here.into_iter().zip(there).enumerate() {
        for (node, to) in [(one, house.two.clone()), (two, house.one.clone())] {
            let mut transaction = Transaction::new();
            wiki::move_node(&mut transaction, &node, &to, None, position + at as i64);
            let db = db.clone();
            moves.spawn(async move { db.commit(transaction).await.map(|_| ()) });
        }
    }
    for result in moves.join_all().await {
        result.unwrap();
    }
    house.counters_are_right().await;
    assert_eq!(house.space(&house.one).await.node_count, 8);
}

async fn rights_come_down_from_pages_and_the_space(db: &Db) {
    let house = House::new(db).await;
    let top = house.add(&house.one, None).await;
    let leaf = house.add(&house.one, Some(&top)).await;
    let mut picture = house.object(ObjectKind::Media, None);
    picture.route = Some(leaf.object.clone());
    "user:somebody".clone_into(&mut picture.owner);
    house.commit(|t| objects::insert(t, &picture)).await.unwrap();
    let guest = "user:guest";
    assert!(house.grants(&picture.token, guest).await.is_empty());
    house.share(house.one.as_str(), guest, Perm::View, Reach::Container).await;
    let from_space = (3, Perm::View, Reach::Container, true);
    assert_eq!(house.grants(&picture.token, guest).await, [from_space]);
    house.share(leaf.object.as_str(), guest, Perm::Edit, Reach::SinglePage).await;
    let page_alone = (1, Perm::Edit, Reach::SinglePage, false);
    assert_eq!(house.grants(&picture.token, guest).await, [page_alone, from_space]);
    house.share(top.object.as_str(), guest, Perm::Edit, Reach::SinglePage).await;
    // A page alone is not what is below it.
    assert_eq!(house.grants(&picture.token, guest).await, [page_alone, from_space]);
    // Owners of pages above are owners; another space, another tenant open nothing.
    let owned = house.grants(&leaf.object, "user:owner").await;
    assert_eq!(owned.len(), 2);
    let other = TenantId("other".to_owned());
    let elsewhere = members::grants(db, &other, &leaf.object, guest, None).await.unwrap();
    assert!(elsewhere.is_empty());
    assert!(house.grants(&leaf.object, "app:cli_b").await.is_empty());
    house.commit(|t| wiki::set_public(t, &house.one, true)).await.unwrap();
    let open = (2, Perm::View, Reach::Container, true);
    assert_eq!(house.grants(&leaf.object, "user:anybody").await, [open]);
    assert!(house.grants(&leaf.object, "app:cli_b").await.is_empty());

    let role = async |identity: &str| {
        let user = identity.strip_prefix("user:").map(UserId::from);
        members::of_space(db, &house.tenant, &house.one, identity, user.as_ref()).await.unwrap()
    };
    assert_eq!((role(guest).await, role("user:anybody").await), (Some(Perm::View), None));
    let space = wiki::space_of(db, &house.tenant, &picture.token).await.unwrap().unwrap();
    assert_eq!(space.id, house.one);
    let spaces = async |identity: &str, all: bool| {
        let user = identity.strip_prefix("user:").map(UserId::from);
        let found =
            wiki::spaces_visible_to(db, &house.tenant, identity, user.as_ref(), all, "", 10);
        found.await.unwrap().into_iter().map(|space| space.id).collect::<Vec<_>>()
    };
    assert_eq!(spaces("user:anybody", false).await, std::slice::from_ref(&house.one));
    assert!(spaces("app:cli_b", false).await.is_empty());
    assert_eq!(spaces("app:cli_b", true).await, [house.one.clone(), house.two.clone()]);
}

async fn one_administrator_stays(db: &Db) {
    let house = House::new(db).await;
    let admin = |identity: &str, perm: Perm| Member {
        object: ObjectToken(house.one.0.clone()),
        tenant: house.tenant.clone(),
        identity: identity.to_owned(),
        perm,
        reach: Reach::Container,
        added_by: "user:a".to_owned(),
        added_ms: 1,
    };
    let (a, b, c) = (
        admin("user:a", Perm::FullAccess),
        admin("user:b", Perm::FullAccess),
        admin("user:c", Perm::View),
    );
    for member in [&a, &b, &c] {
        house.commit(|t| members::put(t, member)).await.unwrap();
    }
    let remove =
        async |member: &Member| house.commit(|t| wiki::remove_member(t, &house.one, member)).await;
    remove(&b).await.unwrap();
    assert_eq!(conflict(&remove(&a).await), "last");
    remove(&c).await.unwrap();
    assert_eq!(conflict(&remove(&c).await), "member");
    let page = members::page(db, &house.tenant, &a.object, "", 10).await.unwrap();
    assert_eq!(page, std::slice::from_ref(&a));
    assert_eq!(members::count(db, &house.tenant, &a.object).await.unwrap(), 1);
    assert_eq!(members::get(db, &house.tenant, &a.object, "user:a").await.unwrap(), Some(a));
}

async fn a_document_leaves_its_folder_for_a_wiki(db: &Db) {
    let house = House::new(db).await;
    let root = house.object(ObjectKind::Folder, None);
    let document = house.object(ObjectKind::Docx, Some(&root.token));
    for object in [&root, &document] {
        house.commit(|t| objects::insert(t, object)).await.unwrap();
    }
    let node = house.new_node(&house.one, None, &document.token);
    let enter = |t: &mut Transaction| {
        objects::leave_drive(t, &document);
        wiki::insert_node(t, &node);
    };
    house.commit(enter).await.unwrap();
    // One of its requirements, or the node's own key: which is told first is the database's affair.
    let again = house.commit(enter).await;
    assert!(matches!(again, Err(Error::Conflict { .. } | Error::Duplicate(_))), "{again:?}");
    assert_eq!(objects::child_count(db, &root.token).await.unwrap(), 0);
    let tenant = tenants::get(db, &house.tenant).await.unwrap().unwrap();
    assert_eq!(tenant.node_count, 0);
    let found = wiki::node_of_document(db, &house.tenant, &document.token).await.unwrap().unwrap();
    assert_eq!(found.token, node.token);
    let place = objects::get(db, &house.tenant, &document.token).await.unwrap().unwrap();
    assert_eq!((place.parent, place.edited_ms), (None, 1));
    house.counters_are_right().await;
}

async fn requests_are_decided_once(db: &Db) {
    let house = House::new(db).await;
    let both = Wanting { document: true, target: true };
    let request = |wanting: Wanting| MoveRequest {
        id: house.ids.number(1_795_244_000_000),
        tenant: house.tenant.clone(),
        app: "cli_a".into(),
        requester: "user:guest".to_owned(),
        object: ObjectToken(format!("document of {}", house.tenant)),
        space: house.one.clone(),
        parent: None,
        wanting,
        wanted: wanting,
        state: RequestState::Waiting,
        decided: None,
        created_ms: 1,
    };
    let first = request(Wanting { document: true, target: false });
    let second = MoveRequest { space: house.two.clone(), ..request(both) };
    for one in [&first, &second] {
        house.commit(|t| wiki::file_request(t, one)).await.unwrap();
    }
    // Asking again replaces what waits.
    let waiting = wiki::requests(db, &house.tenant, 0, 10).await.unwrap();
    assert_eq!(waiting, [MoveRequest { id: first.id, ..second.clone() }]);
    let waiting = waiting[0].clone();
    let left = waiting.wanting.without(Wanting { document: true, target: false });
    assert_eq!(left, Wanting { document: false, target: true });
    house.commit(|t| wiki::allow(t, &waiting, left)).await.unwrap();
    let late = house.commit(|t| wiki::allow(t, &waiting, left)).await;
    assert_eq!(conflict(&late), "request");
    let now = wiki::request(db, first.id).await.unwrap().unwrap();
    assert_eq!((now.wanting, now.wanted), (left, both));
    let decision = Decision { by: "user:keeper", accepts: true, now_ms: 9 };
    let stale = house.commit(|t| wiki::decide(t, &waiting, &decision)).await;
    assert_eq!(conflict(&stale), "request");
    house.commit(|t| wiki::decide(t, &now, &decision)).await.unwrap();
    let twice = house.commit(|t| wiki::decide(t, &now, &decision)).await;
    assert_eq!(conflict(&twice), "request");
    let decided = wiki::request(db, first.id).await.unwrap().unwrap();
    assert_eq!(decided.state, RequestState::Accepted);
    assert_eq!(decided.decided, Some(("user:keeper".to_owned(), 9)));
    assert!(!decided.wanting.any());
    // What is decided stands in the way of nothing new.
    let third = request(both);
    house.commit(|t| wiki::file_request(t, &third)).await.unwrap();
    assert_eq!(wiki::requests(db, &house.tenant, first.id, 10).await.unwrap(), [third]);
}

async fn one_library_for_each_user(db: &Db) {
    let house = House::new(db).await;
    let library = |owner: &str| Space {
        id: SpaceId(house.ids.number(1_795_244_000_000).to_string()),
        kind: SpaceKind::Library,
        owner: owner.to_owned(),
        ..house.blank(&house.one)
    };
    let first = library("user:a");
    house.commit(|t| wiki::insert_space(t, &first)).await.unwrap();
    let second = house.commit(|t| wiki::insert_space(t, &library("user:a"))).await;
    assert!(matches!(second, Err(Error::Duplicate(_))), "{second:?}");
    house.commit(|t| wiki::insert_space(t, &library("user:b"))).await.unwrap();
    let found = wiki::library(db, &house.tenant, "user:a").await.unwrap();
    assert_eq!(found, Some(first.clone()));
    assert_eq!(conflict(&house.commit(|t| wiki::set_public(t, &first.id, true)).await), "space");
    let settings = SpaceSettings { readers_copy: false, ..first.settings };
    house.commit(|t| wiki::set_settings(t, &first.id, settings)).await.unwrap();
    assert_eq!(house.space(&first.id).await.settings, settings);
}

async fn suite(db: &Db) {
    counters_hold_the_limits(db).await;
    fifty_levels_are_enough(db).await;
    a_tree_moves_whole_or_not_at_all(db).await;
    two_thousand_move_and_one_more_does_not(db).await;
    pages_stay_right_while_nodes_come_and_go(db).await;
    moves_that_cross_do_not_stop_each_other(db).await;
    rights_come_down_from_pages_and_the_space(db).await;
    one_administrator_stays(db).await;
    a_document_leaves_its_folder_for_a_wiki(db).await;
    requests_are_decided_once(db).await;
    one_library_for_each_user(db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    suite(&Db::open_temporary().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("wiki").await.unwrap();
    suite(&Db::open(&url, Durability::Full).await.unwrap()).await;
}
