//! What happens between opening a server and its first answer: the clock is set, the state that a
//! reset goes back to is kept, fixtures are applied.

use std::path::Path;
use std::sync::Arc;

use larkspur_api::Services;
use larkspur_api::fixtures::{Complaint, Depth, Fixtures, FolderFiles, Notation};
use larkspur_model::id::AppId;
use larkspur_model::time::VirtualClock;
use larkspur_platform::Secret;
use larkspur_store::snapshot::{self, BASE, Scope};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, clock as kept};

use super::Opened;
use crate::config::Config;
use crate::trouble::{Attempt, Trouble};

/// Sets the clock as configured, else as it was left; later starts then find it set so.
pub(super) async fn set_clock(config: &Config, opened: &Opened, clock: &VirtualClock) -> Attempt {
    let db = &opened.store.db;
    let trouble = |cause: StoreError| opened.trouble(&cause.into());
    let left = kept::get(db).await.map_err(trouble)?;
    let before = left.unwrap_or_else(|| clock.setting());
    let setting = config.clock.map_or(before, |start| start.apply(before, clock.real_ms()));
    if left != Some(setting) {
        let mut transaction = Transaction::new();
        kept::set(&mut transaction, setting).map_err(trouble)?;
        db.commit(transaction).await.map_err(trouble)?;
    }
    clock.follow(setting);
    Ok(())
}

/// Keeps what the server was born with as its base. One that has seen work already, and comes from
/// a release without snapshots, gets none by itself: it would take that work for its beginning.
pub(super) async fn keep_base(opened: &Opened, services: &Services, born_now: bool) -> Attempt {
    let trouble = |cause: StoreError| opened.trouble(&cause.into());
    let db = &opened.store.db;
    if born_now && snapshot::find(db, &Scope::Server, BASE).await.map_err(trouble)?.is_none() {
        match services.take_snapshot(Scope::Server, BASE, false).await {
            // Another node was first.
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(cause) => return Err(trouble(cause)),
        }
    }
    Ok(())
}

/// A file of fixtures, read.
pub struct FixtureFile {
    /// What it says.
    pub fixtures: Fixtures,
    text: String,
    notation: Notation,
    files: FolderFiles,
    shown: String,
}

impl FixtureFile {
    /// Reads the file at `path`; the files it names lie beside it.
    ///
    /// # Errors
    /// It cannot be read, or says something that fixtures cannot say.
    pub fn read(path: &Path) -> Attempt<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|cause| {
            Trouble::caused(format!("cannot read {shown}"), &cause)
                .hint("--fixtures names a TOML or JSON file; docs/rehearsal.md says what is in it")
                .setup()
        })?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let files = FolderFiles(folder.unwrap_or_else(|| Path::new(".")).to_owned());
        let notation = Notation::of(&shown, &text);
        let fixtures = Fixtures::read(&text, notation, &files);
        let fixtures = fixtures.map_err(|complaint| refused(&shown, &complaint))?;
        Ok(Self { fixtures, text, notation, files, shown })
    }

    /// What it is written as.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Applies it; how many things that names, in words.
    ///
    /// # Errors
    /// The first thing in it that cannot be.
    pub async fn apply(&self, services: &Arc<Services>, depth: Depth) -> Attempt<String> {
        let source = (self.text.as_str(), self.notation);
        let applied = self.fixtures.apply(services, source, &self.files, depth).await;
        let applied = applied.map_err(|complaint| refused(&self.shown, &complaint))?;
        let counts = [
            (applied.tenants, "tenant"),
            (applied.apps, "app"),
            (applied.departments, "department"),
            (applied.users, "user"),
            (applied.folders, "folder"),
            (applied.documents, "document"),
        ];
        let counts = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }));
        Ok(counts.collect::<Vec<_>>().join(", "))
    }
}

fn refused(shown: &str, complaint: &Complaint) -> Trouble {
    Trouble::new(format!("{shown}: {complaint}"))
        .hint("docs/rehearsal.md, \"Fixtures\", lists what a file may say")
        .setup()
}

/// Applies the configured fixtures, unless this server has done so already; the app that the env
/// file is to name, with its secret.
pub(super) async fn apply_fixtures(
    config: &Config,
    opened: &Opened,
    services: &Arc<Services>,
) -> Attempt<Option<(AppId, Secret)>> {
    let Some(path) = &config.fixtures else { return Ok(None) };
    let file = FixtureFile::read(path)?;
    let applied = file.fixtures.is_applied(services).await;
    if applied.map_err(|cause| opened.trouble(&cause.into()))? {
        tracing::info!(file = file.shown, "the fixtures are those that were applied before");
    } else {
        tracing::info!(
            file = file.shown,
            "applying fixtures: what they name is added or changed, nothing is removed, documents \
             that exist stay as they are"
        );
        let named = file.apply(services, Depth::Full).await?;
        tracing::info!(file = file.shown, named, "fixtures applied; a reset comes back to this");
    }
    Ok(file.fixtures.env_app().map(|(id, secret)| (AppId::from(id), Secret::new(secret))))
}
