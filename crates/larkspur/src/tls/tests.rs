//! The CA on disk, what it may sign, and certificates that change while the server runs.

use std::collections::BTreeMap;
use std::path::Path;

use larkspur_model::time::{HOUR_MS, ManualClock};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;

use super::*;
use crate::config::Layers;

const NOW_MS: i64 = 1_795_244_000_000;

fn config(data: &Path, names: &[&str]) -> Config {
    let flags = BTreeMap::from([
        ("data", data.to_string_lossy().into_owned()),
        ("tls", "127.0.0.1:0".to_owned()),
        ("tls_name", names.join(",")),
    ]);
    Config::resolve(&Layers::of_flags(flags)).expect("sound settings")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Whether a client that trusts `authority` alone accepts the certificate for `host`.
fn accepts(authority: &Authority, shown: &CertifiedKey, host: &str, now_ms: i64) -> bool {
    use rustls::client::WebPkiServerVerifier;
    use rustls::pki_types::UnixTime;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.certificate().clone()).expect("a CA");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_millis(now_ms as u64));
    let verifier = verifier.build().expect("a verifier");
    rustls::client::danger::ServerCertVerifier::verify_server_cert(
        &*verifier,
        &shown.cert[0],
        &[],
        &name,
        &[],
        at,
    )
    .is_ok()
}

fn signed(authority: &Authority, names: &[&str]) -> CertifiedKey {
    let mut wanted = Names::default();
    for name in names {
        wanted.add(name).expect("a name");
    }
    let (certificate, key) = authority.sign(&wanted, NOW_MS).expect("randomness");
    let key = rustls::crypto::ring::sign::any_supported_type(&key).expect("a usable key");
    CertifiedKey::new(vec![certificate], key)
}

#[test]
fn a_restart_keeps_the_ca_and_only_its_owner_can_read_the_key() {
    let folder = folder();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let config = config(&data, &["larkspur.test"]);
    let made = Authority::of(&config, NOW_MS).expect("a CA");
    let found = Authority::of(&config, NOW_MS + HOUR_MS).expect("the same CA");
    assert_eq!(made.about, found.about);
    assert_eq!(std::fs::read_to_string(public_path(&data)).expect("published"), made.pem);
    assert!(!made.pem.contains("PRIVATE"));
    assert_eq!(made.about.ends_ms, NOW_MS + 3_652 * 24 * HOUR_MS);
    assert!(made.about.names.hosts.contains("larkspur.test"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let access = |path: &Path| {
            std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(access(&secret_path(&data)), 0o600);
        assert_eq!(access(&data.join("tls")), 0o700);
        assert_eq!(access(&public_path(&data)), 0o644);
    }
    std::fs::remove_file(public_path(&data)).expect("it was there");
    Authority::of(&config, NOW_MS).expect("the same CA");
    assert!(public_path(&data).exists(), "the public half comes back");
}

#[test]
fn a_name_the_ca_was_not_made_for_needs_another_ca() {
    let folder = folder();
    Authority::of(&config(folder.path(), &[]), NOW_MS).expect("a CA");
    let wider = config(folder.path(), &["larkspur.test", "10.0.0.5"]);
    let trouble = Authority::of(&wider, NOW_MS).err().expect("refused").to_string();
    assert!(trouble.contains("larkspur.test, 10.0.0.5") && trouble.contains("ca new"), "{trouble}");
    let other = Authority::make(&Names::of(&wider).expect("names"), NOW_MS).expect("a CA");
    assert!(other.keep(folder.path(), false).expect("a folder").is_none(), "one is there");
    let other = Authority::make(&Names::of(&wider).expect("names"), NOW_MS).expect("a CA");
    other.keep(folder.path(), true).expect("a folder").expect("replaced");
    Authority::of(&wider, NOW_MS).expect("the other CA");
    let late = NOW_MS + 3_653 * 24 * HOUR_MS;
    let trouble = Authority::of(&wider, late).err().expect("refused").to_string();
    assert!(trouble.contains("ended on 2036-"), "{trouble}");
}

#[test]
fn a_broken_file_is_told_and_never_replaced_by_itself() {
    let folder = folder();
    Authority::of(&config(folder.path(), &[]), NOW_MS).expect("a CA");
    let path = secret_path(folder.path());
    let whole = std::fs::read_to_string(&path).expect("the file");
    let other = Authority::make(&Names::default(), NOW_MS).expect("a CA").pem;
    let key = whole.split("-----BEGIN CERTIFICATE").next().unwrap_or_default();
    for broken in [String::new(), whole[..200].to_owned(), format!("{key}{other}")] {
        std::fs::write(&path, &broken).expect("writable");
        let trouble = Authority::find(folder.path()).err().expect("refused").to_string();
        assert!(trouble.contains("is no CA"), "{trouble}");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), broken);
    }
}

#[test]
fn the_ca_can_vouch_for_the_names_it_was_made_for_and_for_no_others() {
    let folder = folder();
    let authority = Authority::of(&config(folder.path(), &["10.0.0.5"]), NOW_MS).expect("a CA");
    for name in ["open.feishu.cn", "localhost", "127.0.0.1", "::1", "10.0.0.5"] {
        let shown = signed(&authority, &[name]);
        assert!(accepts(&authority, &shown, name, NOW_MS), "{name}");
        assert!(!accepts(&authority, &shown, name, NOW_MS + 91 * 24 * HOUR_MS), "{name}, late");
    }
    // What a thief of the key could sign.
    for name in ["www.feishu.cn", "example.com", "10.0.0.6"] {
        assert!(!accepts(&authority, &signed(&authority, &[name]), name, NOW_MS), "{name}");
    }
}

#[test]
fn certificates_are_kept_renewed_and_refused_for_unknown_hosts() {
    let folder = folder();
    let config = config(folder.path(), &[]);
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let authority = Authority::of(&config, NOW_MS).expect("a CA");
    let again = Authority::of(&config, NOW_MS).expect("the same CA");
    let minted = Minted::new(authority, Names::of(&config).expect("names"), clock.clone());
    let first = minted.certificate(Some("Open.Feishu.CN")).expect("a platform's host");
    assert!(Arc::ptr_eq(&first, &minted.certificate(Some("open.feishu.cn")).expect("kept")));
    assert!(minted.certificate(Some("example.com")).is_none());
    let local = minted.certificate(None).expect("for who names nobody");
    for name in ["localhost", "127.0.0.1", "::1"] {
        assert!(accepts(&again, &local, name, NOW_MS), "{name}");
    }
    clock.advance(61 * 24 * HOUR_MS);
    let renewed = minted.certificate(Some("open.feishu.cn")).expect("a platform's host");
    assert!(!Arc::ptr_eq(&first, &renewed));
    assert!(accepts(&again, &renewed, "open.feishu.cn", NOW_MS + 120 * 24 * HOUR_MS));
}

#[test]
fn a_certificate_of_the_operators_is_read_again_when_it_changes() {
    let folder = folder();
    let files = TlsFiles {
        certificate: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    let write = |host: &str| {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).expect("randomness");
        std::fs::write(&files.certificate, made.cert.pem()).expect("writable");
        std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("writable");
    };
    write("a.test");
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let read = || Brought::read(&files.certificate, &files.key, clock.clone());
    let brought = read().expect("a pair");
    let name = |shown: &CertifiedKey| About::read(&shown.cert[0]).expect("a certificate").names;
    assert_eq!(name(&brought.current()).to_string(), "a.test");
    write("much-longer-name.test");
    assert_eq!(name(&brought.current()).to_string(), "a.test", "not looked at yet");
    clock.advance(11_000);
    assert_eq!(name(&brought.current()).to_string(), "much-longer-name.test");
    std::fs::write(&files.key, "half a key").expect("writable");
    clock.advance(11_000);
    assert_eq!(name(&brought.current()).to_string(), "much-longer-name.test", "the old one stays");
    assert!(about_files(&files).is_err());
    assert!(read().is_err(), "a new start refuses it");
}
