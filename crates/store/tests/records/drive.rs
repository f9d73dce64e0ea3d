//! Things in the drive: folders, files, uploads.

use larkspur_model::id::ObjectToken;
use larkspur_store::objects::{self, Cursor, Direction, Object, ObjectKind, Order};
use larkspur_store::uploads::{self, Upload, UploadKind, UploadPart};
use larkspur_store::{Error, params};

use crate::{House, is_conflict};

pub(crate) async fn objects_come_back_whole(house: &House) {
    let file = Object {
        blob_key: Some(house.key()),
        size_bytes: 12,
        extension: "docx".to_owned(),
        media_type: "application/x".to_owned(),
        expires_ms: Some(900),
        extra: r#"{"a":1}"#.to_owned(),
        ..house.object(ObjectKind::File, "报告 final.docx", 50)
    };
    house.commit(|t| objects::insert(t, &file)).await.unwrap();
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert_eq!(stored, file);
    assert!(stored.is_live(899) && !stored.is_live(900));
    let twice = house.commit(|t| objects::insert(t, &file)).await;
    assert!(matches!(twice, Err(Error::Duplicate(_))), "{twice:?}");

    house.commit(|t| objects::rename(t, &file.token, "other", 60)).await.unwrap();
    house.commit(|t| objects::touch(t, &file.token, 61)).await.unwrap();
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.edited_ms), ("other", 61));

    let before = house.nodes().await;
    let key = file.blob_key.clone().unwrap();
    assert_eq!(house.released(&key).await, Some(None));
    house.commit(|t| objects::delete(t, &stored, 70)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(Some(70)));
    assert_eq!(house.nodes().await, before - 1);
    let gone = house.commit(|t| objects::delete(t, &stored, 71)).await;
    assert!(is_conflict(&gone, "object"), "{gone:?}");
    assert_eq!(house.nodes().await, before - 1);
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert!(stored.deleted_ms == Some(70) && !stored.is_live(71));

    let root = objects::root(&house.db, &house.tenant, "app:cli_a").await.unwrap().unwrap();
    assert_eq!(root.token, house.root);
    let mut second_root = house.object(ObjectKind::Folder, "Root", 1);
    second_root.parent = None;
    let second = house.commit(|t| objects::insert(t, &second_root)).await;
    assert!(matches!(second, Err(Error::Duplicate(_))), "{second:?}");
}

pub(crate) async fn folders_count_and_end_at_their_limit(house: &House) {
    let add = |count: usize| {
        let things: Vec<Object> =
            (0..count).map(|_| house.object(ObjectKind::File, "file", 1)).collect();
        async move { house.commit(|t| things.iter().for_each(|thing| objects::insert(t, thing))).await }
    };
    add(1_499).await.unwrap();
    let over = add(2).await;
    assert!(is_conflict(&over, "folder"), "{over:?}");
    assert_eq!(objects::child_count(&house.db, &house.root).await.unwrap(), 1_499);
    add(1).await.unwrap();
    assert_eq!(objects::child_count(&house.db, &house.root).await.unwrap(), 1_500);
    assert_eq!(house.nodes().await, 1_500);
    assert!(is_conflict(&add(1).await, "folder"));

    let full = "UPDATE tenants SET node_count = 400000 WHERE id = $1";
    let empty = "UPDATE objects SET child_count = 0 WHERE token = $1";
    house
        .commit(|t| {
            t.run(full, params![house.tenant.as_str()]);
            t.run(empty, params![house.root.as_str()]);
        })
        .await
        .unwrap();
    let over = add(1).await;
    assert!(is_conflict(&over, "tenant_nodes"), "{over:?}");
    // The tenant is asked before the folder, so it must have room for the next.
    let room = "UPDATE tenants SET node_count = 0 WHERE id = $1";
    house
        .commit(|t| {
            t.run(room, params![house.tenant.as_str()]);
        })
        .await
        .unwrap();

    let mut in_a_file = house.object(ObjectKind::File, "file", 1);
    let nowhere = ObjectToken(house.ids.token());
    in_a_file.parent = Some(nowhere);
    let orphan = house.commit(|t| objects::insert(t, &in_a_file)).await;
    assert!(is_conflict(&orphan, "folder"), "{orphan:?}");
}

/// Pages of `limit` until nothing follows.
async fn page_through(
    house: &House,
    order: Order,
    direction: Direction,
    limit: i64,
) -> Vec<Object> {
    let mut all: Vec<Object> = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = objects::list(
            &house.db,
            &house.tenant,
            &house.root,
            order,
            direction,
            after.as_ref(),
            limit,
        )
        .await
        .unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(Cursor::behind(last, order).to_string().parse().unwrap());
        all.extend(page);
    }
}

pub(crate) async fn folders_list_in_every_order(house: &House) {
    let things: Vec<Object> = (0..1_500_i64)
        .map(|number| {
            // Many share a name and times, so that only the token tells them apart.
            let mut thing =
                house.object(ObjectKind::Docx, &format!("n{}", number % 37), number % 11);
            thing.edited_ms = number % 101;
            thing
        })
        .collect();
    house.commit(|t| things.iter().for_each(|thing| objects::insert(t, thing))).await.unwrap();
    for order in [Order::Name, Order::Created, Order::Edited] {
        let rising = page_through(house, order, Direction::Ascending, 200).await;
        assert_eq!(rising.len(), things.len(), "{order:?}");
        let place = |object: &Object| match order {
            Order::Edited => object.edited_ms,
            _ => object.created_ms,
        };
        let distinct: std::collections::BTreeSet<_> = rising.iter().map(|o| &o.token).collect();
        assert_eq!(distinct.len(), things.len(), "{order:?}");
        let sorted = match order {
            Order::Name => rising.chunk_by(|a, b| a.name == b.name).count() == 37,
            _ => rising.is_sorted_by_key(place),
        };
        assert!(sorted, "{order:?}");
        let mut falling = page_through(house, order, Direction::Descending, 137).await;
        falling.reverse();
        assert!(falling == rising, "{order:?}");
    }

    // What goes or comes elsewhere moves nothing: the second page starts where the first ended.
    let list = |after: Option<Cursor>| {
        let (order, way) = (Order::Edited, Direction::Descending);
        async move {
            let (db, tenant, root) = (&house.db, &house.tenant, &house.root);
            objects::list(db, tenant, root, order, way, after.as_ref(), 100).await.unwrap()
        }
    };
    let first = list(None).await;
    let after = Cursor::behind(&first[99], Order::Edited);
    let second = list(Some(after.clone())).await;
    let newcomer = house.object(ObjectKind::File, "new", 5_000);
    house
        .commit(|t| {
            objects::delete(t, &first[0], 1);
            objects::delete(t, &first[99], 1);
            objects::insert(t, &newcomer);
        })
        .await
        .unwrap();
    assert!(list(Some(after)).await == second);
    assert!(list(None).await[0] == newcomer);
}

pub(crate) async fn folders_nest_fifteen_deep(house: &House) {
    let mut parent = house.root.clone();
    let mut chain = vec![parent.clone()];
    for level in 1..=15 {
        assert!(!objects::is_too_deep(&house.db, &parent).await.unwrap(), "level {level}");
        let mut folder = house.object(ObjectKind::Folder, &format!("level {level}"), 1);
        folder.parent = Some(parent);
        house.commit(|t| objects::insert(t, &folder)).await.unwrap();
        parent = folder.token;
        chain.push(parent.clone());
    }
    assert!(objects::is_too_deep(&house.db, &parent).await.unwrap());
    let above = objects::ancestors(&house.db, &parent).await.unwrap();
    chain.pop();
    chain.reverse();
    assert_eq!(above.into_iter().map(|folder| folder.token).collect::<Vec<_>>(), chain);
    assert_eq!(objects::ancestors(&house.db, &house.root).await.unwrap(), []);

    // A chain that bites its own tail, which no call can make, is left after a while.
    let tail = "UPDATE objects SET parent = $2 WHERE token = $1";
    house.commit(|t| _ = t.run(tail, params![house.root.as_str(), parent.as_str()])).await.unwrap();
    assert_eq!(objects::ancestors(&house.db, &parent).await.unwrap().len(), 64);
}

pub(crate) async fn tenants_do_not_see_each_other(house: &House, other: &House) {
    let mine = house.object(ObjectKind::Docx, "mine", 1);
    house.commit(|t| objects::insert(t, &mine)).await.unwrap();
    assert_eq!(objects::get(&other.db, &other.tenant, &mine.token).await.unwrap(), None);
    let listed = objects::list(
        &other.db,
        &other.tenant,
        &house.root,
        Order::Name,
        Direction::Ascending,
        None,
        10,
    );
    assert_eq!(listed.await.unwrap(), []);
    let mut intruder = other.object(ObjectKind::File, "x", 1);
    intruder.parent = Some(house.root.clone());
    let refused = other.commit(|t| objects::insert(t, &intruder)).await;
    assert!(is_conflict(&refused, "folder"), "{refused:?}");
}

pub(crate) async fn expired_objects_let_go_of_their_blobs(house: &House) {
    let mut source = house.object(ObjectKind::Media, "source.md", 1);
    (source.parent, source.expires_ms, source.blob_key) = (None, Some(500), Some(house.key()));
    let mut kept = house.object(ObjectKind::Media, "picture.png", 1);
    (kept.parent, kept.blob_key) = (None, Some(house.key()));
    house
        .commit(|t| {
            objects::insert(t, &source);
            objects::insert(t, &kept);
        })
        .await
        .unwrap();
    let key = source.blob_key.clone().unwrap();
    let hold = |until_ms, now_ms| {
        let source = &source.token;
        house.commit(move |t| objects::set_expiry(t, source, until_ms, now_ms))
    };
    hold(None, 499).await.unwrap();
    house.commit(|t| objects::release_expired(t, 9_999)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(None), "held for as long as it takes");
    hold(Some(500), 9_999).await.unwrap();
    assert!(is_conflict(&hold(Some(900), 500).await, "object"), "too late");
    house.commit(|t| objects::release_expired(t, 500)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(None), "not before its time");
    house.commit(|t| objects::forget_expired(t, 501)).await.unwrap();
    house.commit(|t| objects::release_expired(t, 501)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(Some(501)));
    let stored = objects::get(&house.db, &house.tenant, &source.token).await.unwrap().unwrap();
    assert_eq!((stored.blob_key, stored.expires_ms), (None, Some(500)));
    house.commit(|t| objects::forget_expired(t, 501)).await.unwrap();
    assert_eq!(objects::get(&house.db, &house.tenant, &source.token).await.unwrap(), None);
    assert!(objects::get(&house.db, &house.tenant, &kept.token).await.unwrap().is_some());
    assert_eq!(house.released(&kept.blob_key.unwrap()).await, Some(None));
}

pub(crate) async fn uploads_take_parts_and_end_once(house: &House) {
    let upload = Upload {
        id: house.ids.number(1_795_244_000_000).to_string(),
        tenant: house.tenant.clone(),
        app: "cli_a".into(),
        creator: "app:cli_a".to_owned(),
        kind: UploadKind::File,
        name: "a.xlsx".to_owned(),
        parent_type: "explorer".to_owned(),
        parent: house.root.to_string(),
        size_bytes: 10,
        block_bytes: 4,
        extra: String::new(),
        created_ms: 5,
        expires_ms: 1_000,
        finished_token: None,
    };
    assert_eq!(
        (upload.block_count(), upload.part_bytes(0), upload.part_bytes(2)),
        (3, Some(4), Some(2))
    );
    assert_eq!((upload.part_bytes(3), upload.part_bytes(-1)), (None, None));
    house.commit(|t| uploads::insert(t, &upload)).await.unwrap();
    assert_eq!(
        uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap().as_ref(),
        Some(&upload)
    );
    assert_eq!(uploads::get(&house.db, &"other".into(), &upload.id).await.unwrap(), None);

    let part =
        |seq: i64| UploadPart { seq, size_bytes: 4, adler32: 4_294_967_295, blob_key: house.key() };
    let (second, first, again) = (part(1), part(0), part(1));
    for part in [&second, &first, &again] {
        house.commit(|t| uploads::put_part(t, &upload.id, part, 20)).await.unwrap();
    }
    assert_eq!(
        uploads::parts(&house.db, &upload.id).await.unwrap(),
        [first.clone(), again.clone()]
    );
    assert_eq!(house.released(&second.blob_key).await, Some(Some(20)));
    assert_eq!(house.released(&again.blob_key).await, Some(None));

    let token = ObjectToken(house.ids.token());
    house.commit(|t| uploads::finish(t, &upload.id, &token, 30)).await.unwrap();
    let twice = house.commit(|t| uploads::finish(t, &upload.id, &token, 31)).await;
    assert!(is_conflict(&twice, "upload"), "{twice:?}");
    let late = house.commit(|t| uploads::put_part(t, &upload.id, &part(2), 32)).await;
    assert!(is_conflict(&late, "upload"), "{late:?}");
    let ended = uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap().unwrap();
    assert_eq!(ended.finished_token, Some(token));
    assert_eq!(uploads::parts(&house.db, &upload.id).await.unwrap(), []);
    assert_eq!(house.released(&first.blob_key).await, Some(Some(30)));

    let abandoned =
        Upload { id: house.ids.number(1_795_244_000_001).to_string(), ..upload.clone() };
    let lost = part(0);
    house.commit(|t| uploads::insert(t, &abandoned)).await.unwrap();
    house.commit(|t| uploads::put_part(t, &abandoned.id, &lost, 20)).await.unwrap();
    house.commit(|t| uploads::forget_expired(t, 1_000, 1_000)).await.unwrap();
    assert!(uploads::get(&house.db, &house.tenant, &abandoned.id).await.unwrap().is_some());
    house.commit(|t| uploads::forget_expired(t, 1_001, 1_001)).await.unwrap();
    assert_eq!(uploads::get(&house.db, &house.tenant, &abandoned.id).await.unwrap(), None);
    assert_eq!(uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap(), None);
    assert_eq!(house.released(&lost.blob_key).await, Some(Some(1_001)));
}
