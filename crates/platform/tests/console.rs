//! Passes to the console: links that hold once, sessions that hold until they end.

use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::{HOUR_MS, ManualClock};
use larkspur_platform::{Platform, PlatformParts, Secret};
use larkspur_store::{DatabaseUrl, Db, Durability};

const START_MS: i64 = 1_795_244_000_000;

#[tokio::test]
async fn passes_hold_until_they_are_used_up_run_out_or_the_token_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("larkspur.db");
    let db = Db::open(&DatabaseUrl::Sqlite(path.clone()), Durability::Full).await.unwrap();
    let real_clock = Arc::new(ManualClock::at(START_MS));
    let platform = Platform::open(PlatformParts {
        db,
        clock: Arc::new(ManualClock::at(START_MS)),
        real_clock: Arc::<ManualClock>::clone(&real_clock),
        ids: Arc::new(Ids::from_system()),
    });
    let platform = platform.await.unwrap();
    let token = platform.first_admin_token().await.unwrap().unwrap();

    let old = platform.console_link().await.unwrap();
    let link = platform.console_link().await.unwrap();
    assert!(platform.open_console(&old).await.unwrap().is_none(), "a new link ends the old one");
    let session = platform.open_console(&link).await.unwrap().unwrap();
    assert!(platform.open_console(&link).await.unwrap().is_none(), "a link opens it once");
    assert!(platform.is_session(session.expose()).await.unwrap());
    assert!(!platform.is_session(link.expose()).await.unwrap(), "a link is no session");
    let late = platform.console_link().await.unwrap();
    real_clock.advance(11 * HOUR_MS);
    assert!(platform.is_session(session.expose()).await.unwrap());
    real_clock.advance(HOUR_MS);
    assert!(!platform.is_session(session.expose()).await.unwrap(), "it holds twelve hours");
    real_clock.advance(13 * HOUR_MS);
    assert!(platform.open_console(&late).await.unwrap().is_none(), "a link waits for a day");

    assert!(platform.sign_in_operator(&Secret::new("adm-x")).await.unwrap().is_none());
    let session = platform.sign_in_operator(&token).await.unwrap().unwrap();
    let other = platform.sign_in_operator(&token).await.unwrap().unwrap();
    let proof = platform.session_proof(session.expose());
    assert!(platform.is_session_proof(session.expose(), proof.expose()));
    assert!(!platform.is_session_proof(other.expose(), proof.expose()));
    platform.end_session(other.expose()).await.unwrap();
    assert!(!platform.is_session(other.expose()).await.unwrap());
    platform.reset_admin_token().await.unwrap();
    assert!(
        !platform.is_session(session.expose()).await.unwrap(),
        "whoever had the old token is out"
    );

    let kept = std::fs::read(&path).unwrap();
    for secret in [session.expose(), link.expose(), token.expose()] {
        let found = kept.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the database holds hashes alone");
    }
}
