//! The sample workspace: what a server that was told so puts into its first tenant at its first start,
//! so that there is something to ask for. Each part says which lines of the env file name it.

use larkspur_api::Loader;
use larkspur_model::id::{ObjectToken, SpaceId, first_number};
use larkspur_model::time::Millis;
use larkspur_platform::Bootstrap;
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, Space, SpaceKind, SpaceSettings};
use larkspur_store::{Error as StoreError, settings, users};
use serde_json::json;

use super::Opened;
use crate::company::{self, Month};
use crate::trouble::{Attempt, Trouble};

/// Where it is written down that the workspace is there, and what names it.
const SETTING: &str = "sample_workspace";
/// Meetings of the month, and what it follows from.
const MEETINGS: u64 = 24;
const SEED: u64 = 20_261_126;

/// Names and values of the env file's lines.
pub type Lines = Vec<(String, String)>;

/// Fills the workspace where that was not done before, and gives its lines.
///
/// # Errors
/// What the store cannot keep.
pub(super) async fn fill(opened: &Opened, bootstrap: &Bootstrap, now_ms: Millis) -> Attempt<Lines> {
    let trouble =
        |cause: StoreError| Trouble::caused("the sample workspace cannot be made", &cause);
    let db = &opened.store.db;
    if let Some(kept) = settings::get(db, SETTING).await.map_err(trouble)? {
        return Ok(serde_json::from_str(&kept).unwrap_or_default());
    }
    let mut lines = Lines::new();
    lines.extend(meetings(opened, bootstrap, now_ms).await.map_err(trouble)?);
    lines.extend(wiki(opened, bootstrap, now_ms).await.map_err(trouble)?);
    let kept = json!(lines).to_string();
    let mut transaction = Transaction::new();
    settings::set(&mut transaction, SETTING, &kept);
    db.commit(transaction).await.map_err(trouble)?;
    Ok(lines)
}

/// A month of meetings that ends now; the administrator organised the last one.
async fn meetings(
    opened: &Opened,
    bootstrap: &Bootstrap,
    now_ms: Millis,
) -> Result<Lines, StoreError> {
    let db = &opened.store.db;
    let admin = users::get(db, &bootstrap.tenant, &bootstrap.admin).await?;
    let member = admin
        .as_ref()
        .map(|admin| company::Member { user_id: admin.id.0.clone(), name: admin.name.clone() });
    let month = Month { meetings: MEETINGS, seed: SEED, until_s: now_ms / 1_000, member };
    let mut records = Vec::new();
    let Ok(marks) = month.records(&mut |record| {
        records.push(record.to_string());
        Ok::<(), std::convert::Infallible>(())
    });
    let mut loader = Loader::new(db.clone(), bootstrap.tenant.clone());
    for record in &records {
        loader.line(record.as_bytes()).await?;
    }
    let done = loader.finish().await?;
    if let Some(refused) = done.refusals.first() {
        return Err(StoreError::corrupt(format!("a sample record: {}", refused.message)));
    }
    let user =
        admin.map_or_else(String::new, |admin| opened.platform.open_id(&bootstrap.app_id, &admin));
    let meeting = json!({
        "meeting_start_time": marks.start_s.to_string(),
        "meeting_end_time": marks.end_s.to_string(),
        "meeting_no": marks.meeting_no,
        "join_time": marks.join_s.to_string(),
        "user_id": user,
    });
    Ok(vec![
        ("LARKSPUR_MEETING".to_owned(), meeting.to_string()),
        ("LARKSPUR_ROOM_LEVEL_ID".to_owned(), marks.room_level_id),
    ])
}

/// A space of the wiki that the app and the administrator run together.
async fn wiki(opened: &Opened, bootstrap: &Bootstrap, now_ms: Millis) -> Result<Lines, StoreError> {
    let id = SpaceId(first_number(now_ms).to_string());
    let admin = format!("user:{}", bootstrap.admin);
    let settings =
        SpaceSettings { members_create: true, readers_copy: true, readers_comment: true };
    let space = Space {
        id: id.clone(),
        tenant: bootstrap.tenant.clone(),
        kind: SpaceKind::Team,
        name: "Handbook".to_owned(),
        description: "A space to try things out in.".to_owned(),
        owner: admin.clone(),
        public: false,
        open_sharing: false,
        settings,
        node_count: 0,
        child_count: 0,
        created_ms: now_ms,
    };
    let mut transaction = Transaction::new();
    wiki::insert_space(&mut transaction, &space);
    for identity in [admin.clone(), format!("app:{}", bootstrap.app_id)] {
        let member = Member {
            object: ObjectToken(id.0.clone()),
            tenant: bootstrap.tenant.clone(),
            identity,
            perm: Perm::FullAccess,
            reach: Reach::Container,
            added_by: admin.clone(),
            added_ms: now_ms,
        };
        members::put(&mut transaction, &member);
    }
    opened.store.db.commit(transaction).await?;
    Ok(vec![("LARKSPUR_SPACE_ID".to_owned(), id.0)])
}
