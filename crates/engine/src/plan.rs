//! Carrying out what is rehearsed for a task: gates that open, deaths and endings instead of work,
//! what polls are to see. What is rehearsed for which task is decided above, at its submission.

use std::time::Duration;

use larkspur_model::plan::{Gate, GateState, Plan};
use larkspur_model::task::{Failure, FailureKind, State};
use larkspur_store::Error as StoreError;
use larkspur_store::tasks::{self, Leased, Planned, TaskRecord};
use tokio::time::Instant;

use crate::job::Stop;
use crate::{Engine, Error, Lane, Shared};

/// How long a poll that opened a gate waits for the end of the task.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the store is asked meanwhile; another node may do the work and tells nobody here.
const LOOK: Duration = Duration::from_millis(100);

/// A task as somebody who polls is to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The record; state and progress are those to be shown.
    pub record: TaskRecord,
    /// Whether a success is to be shown without what it made.
    pub early: bool,
    /// The family's number to show for a task that has not ended, where it is not the usual one.
    pub pending_status: Option<i64>,
}

/// What a leased task does instead of its work.
pub(crate) fn instead(leased: &Leased) -> Option<Stop> {
    let plan = leased.plan.as_deref()?;
    if dies(leased) {
        let message = "the worker died, as a rehearsal wants it";
        return Some(Stop::RetryOrFail(Failure::new(FailureKind::Crashed, message)));
    }
    plan.ending.clone().map(Stop::Fail)
}

/// Whether this attempt is one that is to die.
pub(crate) fn dies(leased: &Leased) -> bool {
    let tries = leased.attempt - leased.interruptions;
    leased.plan.as_deref().is_some_and(|plan| tries <= i64::from(plan.deaths))
}

/// Opens the gates whose time has come on the domain's clock.
pub(crate) async fn open_due(shared: &Shared) -> Result<(), StoreError> {
    let (now_ms, real_ms) = (shared.clock.now_ms(), shared.real_clock.now_ms());
    for (task, lane) in tasks::open_due(&shared.store.db, now_ms, real_ms).await? {
        queued(shared, task, lane);
    }
    Ok(())
}

/// Tells that a task waits in the queue from now on.
pub(crate) fn queued(shared: &Shared, task: i64, lane: i64) {
    shared.events.tell(task, State::Queued);
    for candidate in Lane::ALL.into_iter().filter(|one| one.number() == lane) {
        shared.submitted(candidate).notify_one();
    }
}

/// The state in which a task behind a closed gate is shown.
fn shown(planned: &Planned) -> State {
    match (planned.gate, &planned.plan.gate) {
        (GateState::Closed, Some(Gate::At(_) | Gate::Polls(_))) if planned.polls > 1 => {
            State::Running
        }
        (GateState::Closed, _) => State::Queued,
        _ => State::Running,
    }
}

/// A task behind a closed gate as it is shown.
fn disguised(mut record: TaskRecord) -> TaskRecord {
    let Some(planned) = &record.planned else { return record };
    record.state = shown(planned);
    if let (State::Running, Some(Gate::Hold(progress))) = (record.state, &planned.plan.gate) {
        record.progress = progress.clone();
    }
    record
}

fn is_closed(record: &TaskRecord) -> bool {
    let closed = record.planned.as_ref().is_some_and(|one| one.gate != GateState::Open);
    closed && record.state == State::Queued
}

impl Engine {
    /// What somebody who polls is to see of `record`, which was read just now. The poll is counted,
    /// and opens the gate if it is the one to do so: then this waits for the end of the task, for ten
    /// seconds at most. Costs nothing where nothing is rehearsed.
    pub async fn watch(&self, record: TaskRecord) -> Result<Watched, Error> {
        let Some(planned) = &record.planned else {
            return Ok(Watched { record, early: false, pending_status: None });
        };
        let (id, plan) = (record.id, planned.plan.clone());
        let mut record = record;
        if is_closed(&record) {
            let polls = self.count_poll(id).await?;
            if !self.opens(&plan, polls) {
                if let Some(planned) = &mut record.planned {
                    planned.polls = polls;
                }
                let pending_status = plan.pending_status;
                return Ok(Watched { record: disguised(record), early: false, pending_status });
            }
            self.open_gate(id).await?;
        }
        if plan.gate.is_some() && !record.state.is_final() {
            record = self.ended(id, PATIENCE).await?.unwrap_or(record);
        }
        let early = plan.early_polls > 0
            && record.state == State::Succeeded
            && self.count_poll(id).await? <= i64::from(plan.early_polls);
        Ok(Watched { record, early, pending_status: None })
    }

    fn opens(&self, plan: &Plan, polls: i64) -> bool {
        match plan.gate {
            None => true,
            Some(Gate::At(due_ms)) => self.shared.clock.now_ms() >= due_ms,
            Some(Gate::Polls(wanted)) => polls >= i64::from(wanted),
            Some(Gate::Hand | Gate::Hold(_)) => false,
        }
    }

    /// Takes the task `id` one step further: from waiting to running, from there to its end. Answers
    /// when it is there. `None`: it waits behind no gate, or there is no such task.
    pub async fn step(&self, id: i64) -> Result<Option<TaskRecord>, Error> {
        let Some(record) = self.view(id).await?.filter(is_closed) else { return Ok(None) };
        let waits = record.planned.as_deref().is_some_and(|one| shown(one) == State::Queued);
        if !waits {
            return self.release(id).await;
        }
        let db = &self.shared.store.db;
        if tasks::show_running(db, id).await.map_err(Error::Store)? {
            self.shared.events.tell(id, State::Running);
        }
        Ok(self.view(id).await?.map(disguised))
    }

    /// Opens the gate of the task `id` and waits for its end, for ten seconds at most. `None`: it
    /// waits behind no gate.
    pub async fn release(&self, id: i64) -> Result<Option<TaskRecord>, Error> {
        if self.open_gate(id).await? { self.ended(id, PATIENCE).await } else { Ok(None) }
    }

    /// The tasks that wait behind closed gates, with what is rehearsed for them.
    pub async fn gated(&self) -> Result<Vec<(i64, Plan)>, Error> {
        tasks::gated(&self.shared.store.db).await.map_err(Error::Store)
    }

    /// Opens at once the gates whose time has come, after the domain's clock was moved.
    pub async fn clock_moved(&self) -> Result<(), Error> {
        open_due(&self.shared).await.map_err(Error::Store)
    }

    /// A task as it is shown while it waits behind a gate; any other as it is.
    pub fn shown(&self, record: TaskRecord) -> TaskRecord {
        if is_closed(&record) { disguised(record) } else { record }
    }

    async fn count_poll(&self, id: i64) -> Result<i64, Error> {
        tasks::count_poll(&self.shared.store.db, id).await.map_err(Error::Store)
    }

    /// Whether the gate of the task was closed and is open now.
    async fn open_gate(&self, id: i64) -> Result<bool, Error> {
        let shared = &self.shared;
        let real_ms = shared.real_clock.now_ms();
        let lane = tasks::open_gate(&shared.store.db, id, real_ms).await.map_err(Error::Store)?;
        if let Some(lane) = lane {
            queued(shared, id, lane);
        }
        Ok(lane.is_some())
    }

    /// The task at its end, or as it is when the patience is over. Whoever does the work here tells
    /// at once; another node's work is seen within a tenth of a second.
    pub async fn ended(&self, id: i64, patience: Duration) -> Result<Option<TaskRecord>, Error> {
        let mut events = self.events();
        let deadline = Instant::now() + patience;
        loop {
            let record = self.view(id).await?;
            let over = record.is_none_or(|record| record.state.is_final());
            if over || Instant::now() >= deadline {
                return self.get(id).await;
            }
            let told = async {
                while let Ok(event) = events.recv().await {
                    if event.task == id && event.state.is_final() {
                        break;
                    }
                }
            };
            // Missed, or told by nobody: look again.
            let until = deadline.min(Instant::now() + LOOK);
            let _told = tokio::time::timeout_at(until, told).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::task::Progress;

    use super::*;

    fn planned(gate: GateState, plan: Gate, polls: i64) -> Planned {
        Planned { plan: Plan { gate: Some(plan), ..Plan::default() }, gate, polls }
    }

    #[test]
    fn a_gated_task_is_first_shown_waiting_then_running() {
        for (gate, plan, polls, state) in [
            (GateState::Closed, Gate::Polls(5), 1, State::Queued),
            (GateState::Closed, Gate::Polls(5), 2, State::Running),
            (GateState::Closed, Gate::At(9), 4, State::Running),
            (GateState::Closed, Gate::Hand, 4, State::Queued),
            (GateState::Running, Gate::Hand, 4, State::Running),
            (GateState::Running, Gate::Hold(Progress::default()), 1, State::Running),
        ] {
            assert_eq!(shown(&planned(gate, plan.clone(), polls)), state, "{plan:?} {polls}");
        }
    }
}
