//! The state of the server as a whole: its clock moved, snapshots taken and put back, everything
//! forgotten that memory still holds of a state that is gone. Which calls lead here is the rooms'.

use larkspur_model::time::{ClockSetting, Millis};
use larkspur_store::snapshot::{self, Scope, Snapshot};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, apps, clock, settings};

use crate::Services;

/// Why nothing was reset.
#[derive(Debug, thiserror::Error)]
pub enum NoBase {
    /// There is no state to go back to.
    #[error("there is no snapshot `base` to go back to")]
    Missing,
    /// It could not be put back.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

/// What a node has seen of changes that any of them may make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed {
    clock: Option<ClockSetting>,
    restored: Option<String>,
}

impl Services {
    /// Changes how the clock is set (`change` gets the setting and the machine's time), keeps that,
    /// and lets what has run out by it go at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: nothing has changed.
    pub async fn change_clock(
        &self,
        change: impl FnOnce(ClockSetting, Millis) -> ClockSetting,
    ) -> Result<ClockSetting, StoreError> {
        let _one = self.changing.lock().await;
        let setting = change(self.clock.setting(), self.clock.real_ms());
        let mut transaction = Transaction::new();
        clock::set(&mut transaction, setting)?;
        self.store.db.commit(transaction).await?;
        self.clock.follow(setting);
        self.expire().await;
        Ok(setting)
    }

    /// Lets go of what has run out, and lets tasks go on whose time has come. What goes wrong is told in the log: everything asks the clock
    /// as well, and the next sweep comes by itself.
    async fn expire(&self) {
        let expired = self.engine.expire().await;
        let opened = self.engine.clock_moved().await;
        if let Err(error) = expired.and(opened) {
            tracing::warn!(?error, "what has run out could not be let go of; later again");
        }
    }

    /// Keeps the state of `scope` as it is now under `name`; one of that name goes if `replace` is
    /// set.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] [`snapshot::SNAPSHOT`] where the name is taken.
    pub async fn take_snapshot(
        &self,
        scope: Scope,
        name: &str,
        replace: bool,
    ) -> Result<Snapshot, StoreError> {
        let taken = Snapshot {
            // Numbers tell which of two was taken later, whatever the clock has been set to.
            id: self.ids.number(self.clock.real_ms()),
            scope,
            name: name.to_owned(),
            created_ms: self.clock.now_ms(),
            restored_ms: None,
        };
        snapshot::take(&self.store.db, &taken, replace).await?;
        Ok(taken)
    }

    /// Puts the state of `scope` back as `snapshot` holds it. Attempts at tasks of the state that
    /// is gone end and publish nothing; what was seen of its calls (record, linter, ceilings) is
    /// forgotten with it.
    ///
    /// # Errors
    /// As [`snapshot::restore`].
    pub async fn restore_snapshot(
        &self,
        snapshot: &Snapshot,
        scope: &Scope,
    ) -> Result<(), StoreError> {
        let _one = self.changing.lock().await;
        let mark = format!("{}@{}", self.ids.hex(16), scope.tenant());
        let now_ms = self.clock.now_ms();
        let gone = self.apps_of(scope).await?;
        snapshot::restore(&self.store.db, snapshot, scope, &mark, now_ms).await?;
        if *scope == Scope::Server
            && let Some(setting) = clock::get(&self.store.db).await?
        {
            self.clock.follow(setting);
        }
        self.engine.start_over(scope.of_tenant());
        self.rehearsal.forget_calls(gone.as_deref());
        self.forget_remembered(scope).await
    }

    /// Puts `scope` back to its base: the fixtures it was started with, or what it was born with.
    ///
    /// # Errors
    /// [`NoBase::Missing`] where it has none.
    pub async fn reset(&self, scope: &Scope) -> Result<Snapshot, NoBase> {
        let base = snapshot::base(&self.store.db, scope).await?.ok_or(NoBase::Missing)?;
        self.restore_snapshot(&base, scope).await?;
        Ok(base)
    }

    /// The apps whose calls belong to `scope`; `None`: everybody's do.
    async fn apps_of(&self, scope: &Scope) -> Result<Option<Vec<String>>, StoreError> {
        let Scope::Tenant(tenant) = scope else { return Ok(None) };
        let apps = apps::of_tenant(&self.store.db, tenant).await?;
        Ok(Some(apps.into_iter().map(|app| app.id.0).collect()))
    }

    /// Forgets what memory holds of a state of `scope` that is gone; the store holds another one
    /// now. Faults and stepping are read anew at once (their counts begin anew), tokens when they
    /// come. Documents and manifests are remembered by keys that never come again, and stay.
    async fn forget_remembered(&self, scope: &Scope) -> Result<(), StoreError> {
        self.platform.forget(scope.of_tenant());
        let apps = self.apps_of(scope).await?;
        self.rehearsal.forget_calls(apps.as_deref());
        self.load_rehearsal().await
    }

    /// Looks whether another node has moved the clock or put a state back since `seen`, and does
    /// here what that asks for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn follow(&self, seen: &mut Followed) -> Result<(), StoreError> {
        let now = Followed {
            clock: clock::get(&self.store.db).await?,
            restored: settings::get(&self.store.db, snapshot::RESTORED).await?,
        };
        if now == *seen {
            return Ok(());
        }
        let _one = self.changing.lock().await;
        if now.clock != seen.clock
            && let Some(setting) = clock::get(&self.store.db).await?
        {
            self.clock.follow(setting);
        }
        if now.restored != seen.restored {
            // Attempts whose leases ended with a state find that out when they renew them.
            let tenant = now.restored.as_deref().and_then(|mark| mark.split_once('@')?.1.into());
            self.forget_remembered(&Scope::of(tenant.unwrap_or_default())).await?;
        }
        *seen = now;
        Ok(())
    }
}
