//! The life of tasks against a model of it: submissions, leases, ends, requests to end, crashes
//! and the passing of time in any order. A task never has two results, and none is ever lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, FailureKind, State};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{
    self, Cancelling, FENCE, Fence, Interrupted, Leasing, NewTask, Renewal, Share,
};
use larkspur_store::{Db, Error, params};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tokio::runtime::Runtime;

const LEASE_MS: i64 = 100;
const MOST_INTERRUPTIONS: i64 = 3;

#[derive(Debug, Clone)]
enum Step {
    Submit,
    /// A node leases up to so many.
    Lease {
        node: usize,
        most: usize,
    },
    /// The holder of the lease taken at this place of history, held or long lost, ends its task.
    Finish {
        lease: usize,
    },
    Fail {
        lease: usize,
    },
    Retry {
        lease: usize,
        wait_ms: i64,
    },
    Release {
        lease: usize,
    },
    Renew {
        lease: usize,
    },
    Cancel {
        task: usize,
    },
    Crash {
        node: usize,
    },
    Pass {
        ms: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Task {
    state: State,
    run_at_ms: i64,
    attempt: i64,
    interruptions: i64,
    cancel_requested: bool,
    /// Number of the lease, its node, and when it ends.
    lease: Option<(i64, usize, i64)>,
    results: i64,
}

/// What should be.
#[derive(Debug, Clone, Default)]
struct Model {
    now_ms: i64,
    tasks: BTreeMap<i64, Task>,
    /// All leases there ever were.
    leases: Vec<Fence>,
}

impl Model {
    fn holder(&mut self, lease: usize) -> Option<&mut Task> {
        let fence = *self.leases.get(lease)?;
        self.tasks
            .get_mut(&fence.task)
            .filter(|task| task.state == State::Running)
            .filter(|task| task.lease.is_some_and(|(number, ..)| number == fence.lease))
    }

    fn interrupt(&mut self, which: impl Fn(usize, i64) -> bool) {
        for task in self.tasks.values_mut() {
            let Some((_, node, until_ms)) = task.lease.filter(|_| task.state == State::Running)
            else {
                continue;
            };
            if which(node, until_ms) {
                task.interruptions += 1;
                task.lease = None;
                task.state = if task.cancel_requested {
                    State::Cancelled
                } else if task.interruptions >= MOST_INTERRUPTIONS {
                    State::Failed
                } else {
                    State::Queued
                };
            }
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { now_ms: 1_000, ..Self::default() }).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let leases = state.leases.len().max(1);
        let tasks = state.tasks.len().max(1);
        // Mostly the late ones: early leases are lost soon.
        let lease = (0..leases, 0..leases).prop_map(|(one, other)| one.max(other));
        prop_oneof![
            4 => Just(Step::Submit),
            4 => (0..2_usize, 1..4_usize).prop_map(|(node, most)| Step::Lease { node, most }),
            4 => lease.clone().prop_map(|lease| Step::Finish { lease }),
            1 => lease.clone().prop_map(|lease| Step::Fail { lease }),
            2 => (lease.clone(), 0..200_i64)
                .prop_map(|(lease, wait_ms)| Step::Retry { lease, wait_ms }),
            1 => lease.clone().prop_map(|lease| Step::Release { lease }),
            2 => lease.prop_map(|lease| Step::Renew { lease }),
            1 => (0..tasks).prop_map(|task| Step::Cancel { task }),
            1 => (0..2_usize).prop_map(|node| Step::Crash { node }),
            2 => (1..150_i64).prop_map(|ms| Step::Pass { ms }),
        ]
        .boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        let now_ms = state.now_ms;
        match *step {
            Step::Submit => {
                let task = Task {
                    state: State::Queued,
                    run_at_ms: now_ms,
                    attempt: 0,
                    interruptions: 0,
                    cancel_requested: false,
                    lease: None,
                    results: 0,
                };
                state.tasks.insert(state.tasks.len() as i64 + 1, task);
            }
            Step::Lease { node, most } => {
                let number = state.leases.len() as i64 + 1;
                let mut due: Vec<(i64, i64)> = state
                    .tasks
                    .iter()
                    .filter(|(_, task)| task.state == State::Queued && task.run_at_ms <= now_ms)
                    .map(|(id, task)| (task.run_at_ms, *id))
                    .collect();
                due.sort_unstable();
                let mut ids: Vec<i64> = due.into_iter().take(most).map(|(_, id)| id).collect();
                ids.sort_unstable();
                for id in ids {
                    let task = state.tasks.get_mut(&id).unwrap();
                    task.state = State::Running;
                    task.attempt += 1;
                    task.lease = Some((number, node, now_ms + LEASE_MS));
                    state.leases.push(Fence { task: id, lease: number });
                }
            }
            Step::Finish { lease } => {
                if let Some(task) = state.holder(lease) {
                    task.state = State::Succeeded;
                    task.results += 1;
                }
            }
            Step::Fail { lease } => {
                if let Some(task) = state.holder(lease) {
                    task.state = State::Failed;
                }
            }
            Step::Retry { lease, wait_ms } => {
                if let Some(task) = state.holder(lease) {
                    task.run_at_ms = now_ms + wait_ms;
                    task.state =
                        if task.cancel_requested { State::Cancelled } else { State::Queued };
                }
            }
            Step::Release { lease } => {
                if let Some(task) = state.holder(lease) {
                    task.state = State::Queued;
                    task.attempt -= 1;
                }
            }
            Step::Renew { lease } => {
                if let Some(task) = state.holder(lease) {
                    task.lease =
                        task.lease.map(|(number, node, _)| (number, node, now_ms + LEASE_MS));
                }
            }
            Step::Cancel { task } => {
                if let Some(task) = state.tasks.get_mut(&(task as i64 + 1)) {
                    task.cancel_requested |= !task.state.is_final();
                    if task.state == State::Queued {
                        task.state = State::Cancelled;
                    }
                }
            }
            Step::Crash { node } => state.interrupt(|of, _| of == node),
            Step::Pass { ms } => {
                state.now_ms += ms;
                let now_ms = state.now_ms;
                state.interrupt(|_, until_ms| until_ms < now_ms);
            }
        }
        state
    }
}

/// What is.
struct Real {
    runtime: Runtime,
    db: Db,
}

impl Real {
    /// What the holder of a lease does, and whether the fence let it.
    async fn end(&self, transaction: Transaction) -> bool {
        match self.db.commit(transaction).await {
            Ok(_) => true,
            Err(Error::Conflict { label: FENCE }) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn interrupt(&self, which: Interrupted<'_>) {
        let failure = Failure::new(FailureKind::Crashed, "interrupted");
        tasks::interrupt(&self.db, which, MOST_INTERRUPTIONS, &failure, 0).await.unwrap();
    }

    /// Does the step; `after` is the model after it.
    async fn step(&self, after: &Model, step: &Step) {
        let db = &self.db;
        let fence = |lease: usize| after.leases.get(lease).copied();
        match *step {
            Step::Submit => {
                let id = after.tasks.len() as i64;
                tasks::submit(db, new_task(id, after.now_ms), Transaction::new()).await.unwrap();
            }
            Step::Lease { node, most } => self.lease(after, node, most).await,
            Step::Finish { lease } => {
                let Some(fence) = fence(lease) else { return };
                let mut end = tasks::succeeded(fence, Vec::new(), &Losses::new(), 0).unwrap();
                end.run("INSERT INTO results (task) VALUES ($1)", params![fence.task]);
                let succeeded = self.end(end).await;
                assert!(!succeeded || after.tasks[&fence.task].state == State::Succeeded);
            }
            Step::Fail { lease } => {
                let Some(fence) = fence(lease) else { return };
                let failure = Failure::new(FailureKind::Damaged, "broken");
                self.end(tasks::failed(fence, &failure, 0).unwrap()).await;
            }
            Step::Retry { lease, wait_ms } => {
                let Some(fence) = fence(lease) else { return };
                match tasks::retry(db, fence, after.now_ms + wait_ms, "again", 0).await {
                    Ok(_) | Err(Error::Conflict { label: FENCE }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            Step::Release { lease } => {
                let Some(fence) = fence(lease) else { return };
                tasks::release(db, &[fence], 0).await.unwrap();
            }
            Step::Renew { lease } => {
                let Some(fence) = fence(lease) else { return };
                let until_ms = after.now_ms + LEASE_MS;
                let renewal = tasks::renew(db, &[fence], until_ms).await.unwrap()[0];
                let held = after.clone().holder(lease).is_some();
                assert_eq!(renewal != Renewal::Lost, held);
            }
            Step::Cancel { task } => {
                let id = task as i64 + 1;
                let cancelling = tasks::cancel(db, id, 0).await.unwrap();
                let state = after.tasks.get(&id).map(|task| task.state);
                assert_eq!(cancelling == Cancelling::Requested, state == Some(State::Running));
            }
            Step::Crash { node } => {
                self.interrupt(Interrupted::Orphaned { node: &node.to_string() }).await;
            }
            Step::Pass { .. } => {
                self.interrupt(Interrupted::Expired { now_ms: after.now_ms }).await;
            }
        }
    }

    async fn lease(&self, after: &Model, node: usize, most: usize) {
        // The number the model gave; where nothing was due, any other.
        let number = after.leases.last().map_or(0, |fence| fence.lease);
        let expected: Vec<Fence> = after
            .leases
            .iter()
            .copied()
            .filter(|fence| {
                let task = after.tasks[&fence.task];
                fence.lease == number
                    && task.state == State::Running
                    && task.lease == Some((number, node, after.now_ms + LEASE_MS))
            })
            .collect();
        let leasing = Leasing {
            lane: 0,
            lease: number,
            node: &node.to_string(),
            now_ms: after.now_ms,
            until_ms: after.now_ms + LEASE_MS,
            started_ms: 0,
        };
        let share = Share { tenant: "one".to_owned(), most: most as i64 };
        let leased = tasks::lease(&self.db, &leasing, &[share]).await.unwrap();
        let got: Vec<Fence> = leased.iter().map(|leased| leased.fence).collect();
        assert!(got.is_empty() || got == expected, "{got:?} instead of {expected:?}");
    }
}

fn new_task(id: i64, now_ms: i64) -> NewTask {
    NewTask {
        id,
        tenant: "one".to_owned(),
        app: "cli_1".to_owned(),
        creator: "app:cli_1".to_owned(),
        family: "test.model",
        title: String::new(),
        size_bytes: 0,
        lane: 0,
        payload: Vec::new(),
        created_ms: 0,
        run_at_ms: now_ms,
        max_attempts: 3,
        idempotency_key: None,
    }
}

struct Lives;

impl StateMachineTest for Lives {
    type SystemUnderTest = Real;
    type Reference = Model;

    fn init_test(_: &Model) -> Real {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let db = runtime.block_on(async {
            let db = Db::open_temporary().await.unwrap();
            let mut table = Transaction::new();
            table.run("CREATE TABLE results (task BIGINT NOT NULL)", params![]);
            db.commit(table).await.unwrap();
            db
        });
        Real { runtime, db }
    }

    fn apply(real: Real, after: &Model, step: Step) -> Real {
        real.runtime.block_on(real.step(after, &step));
        real
    }

    fn check_invariants(real: &Real, model: &Model) {
        real.runtime.block_on(async {
            for (id, expected) in &model.tasks {
                let found = tasks::get(&real.db, *id).await.unwrap().expect("no task is lost");
                assert_eq!(
                    (found.state, found.attempt, found.interruptions, found.cancel_requested),
                    (
                        expected.state,
                        expected.attempt,
                        expected.interruptions,
                        expected.cancel_requested
                    ),
                    "task {id}"
                );
                let results = real
                    .db
                    .query("SELECT task FROM results WHERE task = $1", params![*id])
                    .await
                    .unwrap();
                assert_eq!(results.len() as i64, expected.results, "results of task {id}");
                assert!(expected.results <= 1 && (expected.results == 1) == found.output.is_some());
            }
        });
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn tasks_live_as_the_model_says(sequential 1..60 => Lives);
}
