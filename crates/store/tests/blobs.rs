//! What every blob store must do, run against each: a disk, a temporary folder, and (with the
//! feature `s3-testing`) a bucket served in this process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use larkspur_model::time::{Clock as _, HOUR_MS, MINUTE_MS, SystemClock};
use larkspur_store::blobs::{self, Swept};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{BlobLocation, Blobs, Db, Error, Store, params};

/// Larger than a part of any backend, and no multiple of one.
const LARGE_BYTES: usize = 9_000_001;

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(31) >> 3) as u8).collect()
}

/// Adler-32 as RFC 1950 defines it, computed the plain way.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn chunks_of(bytes: &[u8], chunk: usize) -> impl stream::Stream<Item = io::Result<Bytes>> + use<> {
    let chunks: Vec<_> = bytes.chunks(chunk).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    stream::iter(chunks)
}

async fn collect(blobs: &Blobs, key: &str, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let mut blob = blobs.get(key, range).await.unwrap();
    let mut all = Vec::new();
    while let Some(chunk) = blob.stream.next().await {
        all.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(all.len() as u64, blob.range.end - blob.range.start);
    all
}

async fn keys(blobs: &Blobs, prefix: &str) -> Vec<String> {
    let entries: Vec<_> = blobs.list(prefix).unwrap().collect().await;
    let mut keys: Vec<String> = entries.into_iter().map(|entry| entry.unwrap().key).collect();
    keys.sort();
    keys
}

async fn conforms(blobs: &Blobs) {
    what_went_in_comes_out(blobs).await;
    ranges_are_cut_at_the_end(blobs).await;
    a_failing_source_leaves_nothing(blobs).await;
    files_go_in_and_come_out(blobs).await;
    parts_become_a_whole(blobs).await;
    listing_and_deleting(blobs).await;
    bad_keys_are_refused(blobs).await;
}

async fn what_went_in_comes_out(blobs: &Blobs) {
    for (length, chunk) in [(0, 1), (1, 1), (1 << 20, 1000), (LARGE_BYTES, 70_000)] {
        let bytes = pattern(length);
        let info = blobs.put_stream("media/round-trip", chunks_of(&bytes, chunk)).await.unwrap();
        assert_eq!((info.size_bytes, info.adler32), (length as u64, adler32(&bytes)), "{length}");
        assert!(collect(blobs, "media/round-trip", None).await == bytes, "{length}");
        let read = blobs.read("media/round-trip", length as u64).await.unwrap();
        assert!(read == bytes, "{length}");
    }
    let larger = blobs.read("media/round-trip", LARGE_BYTES as u64 - 1).await;
    assert!(matches!(larger, Err(Error::BlobTooLarge { size_bytes: 9_000_001, .. })));
    let info = blobs.put("media/round-trip", "replaced").await.unwrap();
    assert_eq!(info.size_bytes, 8);
    assert_eq!(collect(blobs, "media/round-trip", None).await, b"replaced");
    assert!(matches!(blobs.get("media/none", None).await, Err(Error::BlobMissing { .. })));
    blobs.delete("media/round-trip").await.unwrap();
}

async fn ranges_are_cut_at_the_end(blobs: &Blobs) {
    let bytes = pattern(3_000_000);
    blobs.put("media/ranges", bytes.clone()).await.unwrap();
    for range in [0..1, 5..700_000, 2_999_999..3_000_000, 1_000_000..9_999_999, 0..3_000_000] {
        let end = (range.end as usize).min(bytes.len());
        let expected = &bytes[range.start as usize..end];
        assert!(collect(blobs, "media/ranges", Some(range.clone())).await == expected, "{range:?}");
        let length = range.end - range.start;
        assert!(blobs.read_at("media/ranges", range.start, length).await.unwrap() == expected);
    }
    let blob = blobs.get("media/ranges", Some(2_999_990..5_000_000)).await.unwrap();
    assert_eq!((blob.size_bytes, blob.range), (3_000_000, 2_999_990..3_000_000));
    for range in [3_000_000..3_000_001, 4_000_000..5_000_000, 7..7] {
        let refused = blobs.get("media/ranges", Some(range)).await;
        assert!(matches!(refused, Err(Error::BlobRange { size_bytes: 3_000_000, .. })));
    }
    assert!(matches!(blobs.get("media/no", Some(0..1)).await, Err(Error::BlobMissing { .. })));
    blobs.delete("media/ranges").await.unwrap();
}

async fn a_failing_source_leaves_nothing(blobs: &Blobs) {
    blobs.put("media/kept", "before").await.unwrap();
    for length in [10, LARGE_BYTES] {
        let broken = stream::iter([Err(io::Error::other("the client went away"))]);
        let source = chunks_of(&pattern(length), 1 << 20).chain(broken);
        let failed = blobs.put_stream("media/kept", source).await;
        assert!(matches!(failed, Err(Error::Source(_))), "{failed:?}");
        assert_eq!(collect(blobs, "media/kept", None).await, b"before");
    }
    blobs.delete("media/kept").await.unwrap();
    assert_eq!(keys(blobs, "").await, [""; 0]);
}

async fn files_go_in_and_come_out(blobs: &Blobs) {
    let scratch = blobs.scratch().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    for (folder, length) in [(scratch.path(), LARGE_BYTES), (elsewhere.path(), 12)] {
        let (bytes, source) = (pattern(length), folder.join("source"));
        std::fs::write(&source, &bytes).unwrap();
        assert_eq!(blobs.put_file("tasks/1/out", &source).await.unwrap(), length as u64);
        assert!(!source.exists());
        let file = blobs.as_file("tasks/1/out").await.unwrap();
        assert!(std::fs::read(&file).unwrap() == bytes);
        drop(file);
        assert!(collect(blobs, "tasks/1/out", None).await == bytes);
    }
    assert!(matches!(blobs.as_file("tasks/1/none").await, Err(Error::BlobMissing { .. })));
    let absent = blobs.put_file("tasks/1/none", Path::new("/no/such/file")).await;
    assert!(matches!(absent, Err(Error::Io(_))), "{absent:?}");
    blobs.delete("tasks/1/out").await.unwrap();
}

async fn parts_become_a_whole(blobs: &Blobs) {
    let bytes = pattern(LARGE_BYTES);
    let mut parts = Vec::new();
    for (number, part) in bytes.chunks(4 << 20).enumerate() {
        parts.push(format!("uploads/7/{number}"));
        blobs.put(&parts[number], part.to_vec()).await.unwrap();
    }
    let info = blobs.concatenate("media/whole", &parts).await.unwrap();
    assert_eq!((info.size_bytes, info.adler32), (LARGE_BYTES as u64, adler32(&bytes)));
    assert!(collect(blobs, "media/whole", None).await == bytes);
    parts.push("uploads/7/99".to_owned());
    let lacking = blobs.concatenate("media/lacking", &parts).await;
    assert!(matches!(lacking, Err(Error::BlobMissing { key }) if key == "uploads/7/99"));
    assert!(matches!(blobs.get("media/lacking", None).await, Err(Error::BlobMissing { .. })));
    for key in keys(blobs, "").await {
        blobs.delete(&key).await.unwrap();
    }
}

async fn listing_and_deleting(blobs: &Blobs) {
    for key in ["tasks/1/1-9/a", "tasks/1/2-8/a", "tasks/12/1-7/a", "media/1"] {
        blobs.put(key, key.to_owned()).await.unwrap();
    }
    assert_eq!(keys(blobs, "tasks/1").await, ["tasks/1/1-9/a", "tasks/1/2-8/a"]);
    assert_eq!(keys(blobs, "tasks/1/2-8/").await, ["tasks/1/2-8/a"]);
    assert_eq!(keys(blobs, "tasks/").await.len(), 3);
    assert_eq!(keys(blobs, "").await.len(), 4);
    assert_eq!(keys(blobs, "nothing").await.len(), 0);
    let entry = blobs.list("media").unwrap().next().await.unwrap().unwrap();
    let age_ms = SystemClock.now_ms() - entry.modified_ms;
    assert!(entry.size_bytes == 7 && age_ms.abs() < HOUR_MS, "{entry:?}");
    for key in keys(blobs, "").await {
        blobs.delete(&key).await.unwrap();
        blobs.delete(&key).await.unwrap();
    }
    assert_eq!(keys(blobs, "").await.len(), 0);
}

async fn bad_keys_are_refused(blobs: &Blobs) {
    for key in ["../outside/a", "media/../../a", "/etc/passwd", "media", "media/a#1"] {
        let refused = [
            blobs.put(key, "x").await.err(),
            blobs.get(key, None).await.err(),
            blobs.as_file(key).await.err(),
            blobs.delete(key).await.err(),
        ];
        for error in refused {
            assert!(matches!(error, Some(Error::BlobKey { .. })), "{key}: {error:?}");
        }
    }
}

async fn database() -> Db {
    Db::open_temporary().await.unwrap()
}

/// The sweep's whole life of a blob, with the clocks moved by hand.
async fn sweeps(blobs: &Blobs) {
    let db = database().await;
    // Files are stamped by the machine's clock, so it is the sweep's that moves.
    let real_ms = SystemClock.now_ms();
    let later_ms = real_ms + HOUR_MS + MINUTE_MS;
    for key in ["media/claimed", "media/orphan", "media/released"] {
        blobs.put(key, "bytes").await.unwrap();
    }
    let mut claim = Transaction::new();
    blobs::claim(&mut claim, "media/claimed", 5, 1_000);
    blobs::claim(&mut claim, "media/released", 5, 1_000);
    db.commit(claim).await.unwrap();

    let young = blobs::sweep(&db, blobs, 1_000, real_ms).await.unwrap();
    assert_eq!((young, keys(blobs, "").await.len()), (Swept::default(), 3));

    let mut release = Transaction::new();
    blobs::release(&mut release, "media/released", 2_000);
    db.commit(release).await.unwrap();
    let fresh = blobs::sweep(&db, blobs, 2_000 + MINUTE_MS, real_ms).await.unwrap();
    assert_eq!(fresh, Swept::default(), "somebody may still be reading it");

    let due = blobs::sweep(&db, blobs, 2_000 + HOUR_MS, later_ms).await.unwrap();
    assert_eq!(due, Swept { released: 1, orphans: 1, remnants: 0 });
    assert_eq!(keys(blobs, "").await, ["media/claimed"]);
    let rows = db.query("SELECT key FROM blobs", params![]).await.unwrap();
    assert_eq!(rows.len(), 1);

    let mut twice = Transaction::new();
    blobs::claim(&mut twice, "media/claimed", 5, 3_000);
    assert!(matches!(db.commit(twice).await, Err(Error::Duplicate(_))));
    blobs.delete("media/claimed").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&BlobLocation::Directory(folder.path().join("new/blobs"))).unwrap();
    conforms(&blobs).await;
    sweeps(&blobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_folder_conforms_and_goes_with_its_last_user() {
    let blobs = Blobs::open(&BlobLocation::Temporary).unwrap();
    conforms(&blobs).await;
    sweeps(&blobs).await;
    blobs.put("media/last", "x").await.unwrap();
    let path = blobs.as_file("media/last").await.unwrap().path().to_owned();
    let other = blobs.clone();
    drop(blobs);
    assert!(path.exists());
    drop(other);
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_on_a_disk_outlive_their_store_and_remnants_of_a_crash_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let location = BlobLocation::Directory(folder.path().to_owned());
    let blobs = Blobs::open(&location).unwrap();
    blobs.put("media/kept", "bytes").await.unwrap();
    let half_written = blobs.as_file("media/kept").await.unwrap().path().with_file_name("kept#1");
    std::fs::write(&half_written, "by").unwrap();
    let forgotten = folder.path().join("scratch/work-gone");
    std::fs::create_dir(&forgotten).unwrap();
    drop(blobs);

    let blobs = Blobs::open(&location).unwrap();
    assert_eq!(collect(&blobs, "media/kept", None).await, b"bytes");
    let db = database().await;
    let mut claim = Transaction::new();
    blobs::claim(&mut claim, "media/kept", 5, 0);
    db.commit(claim).await.unwrap();
    let now_ms = SystemClock.now_ms();
    let swept = blobs::sweep(&db, &blobs, 0, now_ms + 25 * HOUR_MS).await.unwrap();
    assert_eq!(swept, Swept { released: 0, orphans: 0, remnants: 2 });
    assert!(!half_written.exists() && !forgotten.exists());
    assert_eq!(keys(&blobs, "").await, ["media/kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_tasks_go_with_their_last_blob() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&BlobLocation::Directory(folder.path().to_owned())).unwrap();
    for key in ["tasks/7/1-1/a", "tasks/7/1-1/b", "tasks/7/2-2/a"] {
        blobs.put(key, "x").await.unwrap();
    }
    let of = |key: &'static str| {
        let blobs = blobs.clone();
        async move { blobs.as_file(key).await.unwrap().path().parent().unwrap().to_owned() }
    };
    let (first, second) = (of("tasks/7/1-1/a").await, of("tasks/7/2-2/a").await);
    let task = first.parent().unwrap().to_owned();
    blobs.delete("tasks/7/1-1/a").await.unwrap();
    assert!(first.exists());
    blobs.delete("tasks/7/1-1/b").await.unwrap();
    assert!(!first.exists() && second.exists());
    blobs.delete("tasks/7/2-2/a").await.unwrap();
    assert!(!task.exists() && task.parent().unwrap().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_dropped_half_way_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&BlobLocation::Directory(folder.path().to_owned())).unwrap();
    let endless = chunks_of(&pattern(3 << 20), 1 << 20).chain(stream::pending());
    let upload = blobs.put_stream("media/half", endless);
    let waited = tokio::time::timeout(std::time::Duration::from_millis(200), upload).await;
    assert!(waited.is_err(), "it cannot have ended");
    assert!(matches!(blobs.get("media/half", None).await, Err(Error::BlobMissing { .. })));
    assert_eq!(keys(&blobs, "").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_source_goes_with_its_blob_and_is_told_from_none_for_a_week() {
    let store =
        Store { db: database().await, blobs: Blobs::open(&BlobLocation::Temporary).unwrap() };
    let real_ms = SystemClock.now_ms();
    let (expires_ms, day_ms) = (1_000_000, 24 * HOUR_MS);
    let source = Object {
        token: "source".into(),
        tenant: "tenant".into(),
        kind: ObjectKind::Media,
        name: "a.md".to_owned(),
        parent: None,
        route: None,
        owner: "app:cli_a".to_owned(),
        creator_app: "cli_a".into(),
        size_bytes: 3,
        blob_key: Some("media/source".to_owned()),
        extension: "md".to_owned(),
        media_type: String::new(),
        created_ms: 0,
        edited_ms: 0,
        expires_ms: Some(expires_ms),
        deleted_ms: None,
        extra: String::new(),
    };
    store.blobs.put("media/source", "# A").await.unwrap();
    let mut publish = Transaction::new();
    objects::insert(&mut publish, &source);
    store.db.commit(publish).await.unwrap();
    for (now_ms, blobs, row) in [
        (expires_ms, 1, true),
        (expires_ms + 1, 1, true),
        (expires_ms + 11 * MINUTE_MS, 0, true),
        (expires_ms + 7 * day_ms, 0, true),
        (expires_ms + 7 * day_ms + 1, 0, false),
    ] {
        store.sweep(now_ms, real_ms).await.unwrap();
        let found = objects::get(&store.db, &source.tenant, &source.token).await.unwrap();
        assert_eq!((keys(&store.blobs, "").await.len(), found.is_some()), (blobs, row), "{now_ms}");
    }
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_build_without_s3_says_so() {
    let refused = Blobs::open(&BlobLocation::parse("s3://bucket/folder")).unwrap_err();
    assert!(refused.to_string().contains("no S3 support"), "{refused}");
}

#[cfg(feature = "s3-testing")]
mod bucket;

#[cfg(feature = "s3-testing")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_conforms() {
    let server = bucket::serve().await;
    let blobs = Blobs::open(&BlobLocation::parse(&server.address)).unwrap();
    conforms(&blobs).await;
    sweeps(&blobs).await;
}
