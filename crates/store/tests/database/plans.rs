//! What is rehearsed for tasks, and the gates they wait behind, on whichever database they are given.

use larkspur_model::plan::{Gate, GateState, Plan};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_store::Db;
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{
    Filter, GATED_MS, Leasing, Share, count_poll, gated, get, lease, list, open_due, open_gate,
    plan, show_running, submit, view,
};

use crate::tasks::task;

fn plan_with(gate: Option<Gate>) -> Plan {
    let failure = Failure::new(FailureKind::Internal, "corrupt");
    let ending = Some(Failure { status: Some(129), ..failure });
    Plan { rule: Some("r".to_owned()), ending, deaths: 1, gate, ..Plan::default() }
}

async fn submit_planned(db: &Db, id: i64, gate: Option<Gate>) -> Plan {
    let made = plan_with(gate);
    let mut also = Transaction::new();
    plan(&mut also, id, &made).unwrap();
    submit(db, task(id, "one"), also).await.unwrap();
    made
}

async fn leased(db: &Db, lease_number: i64) -> Vec<i64> {
    let leasing = Leasing {
        lane: 0,
        lease: lease_number,
        node: "here",
        now_ms: GATED_MS - 1,
        until_ms: 20_000,
        started_ms: 5_000,
    };
    let shares = [Share { tenant: "one".to_owned(), most: 9 }];
    let leased = lease(db, &leasing, &shares).await.unwrap();
    leased.iter().map(|one| one.fence.task).collect()
}

pub(crate) async fn a_plan_comes_back_with_its_task_and_to_its_worker(db: &Db) {
    let made = submit_planned(db, 1, None).await;
    submit(db, task(2, "one"), Transaction::new()).await.unwrap();
    let record = get(db, 1).await.unwrap().unwrap();
    let planned = record.planned.unwrap();
    assert_eq!((&planned.plan, planned.gate, planned.polls), (&made, GateState::Open, 0));
    assert!(record.payload.is_some());
    assert_eq!(view(db, 1).await.unwrap().unwrap().planned.unwrap().plan, made);
    let listed = list(db, &Filter::default(), 9).await.unwrap();
    assert!(listed[0].planned.is_none() && listed[1].planned.is_some());
    assert_eq!(count_poll(db, 1).await.unwrap(), 1);
    assert_eq!(count_poll(db, 1).await.unwrap(), 2);
    assert_eq!(count_poll(db, 2).await.unwrap(), 0);
    let leasing = Leasing {
        lane: 0,
        lease: 1,
        node: "here",
        now_ms: 10_000,
        until_ms: 20_000,
        started_ms: 0,
    };
    let shares = [Share { tenant: "one".to_owned(), most: 9 }];
    let leased = lease(db, &leasing, &shares).await.unwrap();
    assert_eq!(leased[0].plan.as_deref(), Some(&made));
    assert_eq!(leased[1].plan, None);
}

pub(crate) async fn nobody_leases_a_task_behind_a_closed_gate(db: &Db) {
    submit_planned(db, 1, Some(Gate::Polls(3))).await;
    let held = submit_planned(db, 2, Some(Gate::Hold(Progress::default()))).await;
    submit_planned(db, 3, Some(Gate::Hand)).await;
    assert_eq!(leased(db, 1).await, [0_i64; 0]);
    let behind: Vec<_> = gated(db).await.unwrap();
    assert_eq!(behind.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(behind[1].1, held);
    let gate = async |id| view(db, id).await.unwrap().unwrap().planned.unwrap().gate;
    assert_eq!(gate(2).await, GateState::Running);
    assert!(show_running(db, 3).await.unwrap());
    assert!(!show_running(db, 3).await.unwrap());
    assert_eq!(gate(3).await, GateState::Running);
    count_poll(db, 1).await.unwrap();
    assert_eq!(open_gate(db, 1, 50).await.unwrap(), Some(0));
    assert_eq!(open_gate(db, 1, 50).await.unwrap(), None);
    assert_eq!(open_gate(db, 9, 50).await.unwrap(), None);
    assert_eq!(view(db, 1).await.unwrap().unwrap().planned.unwrap().polls, 0);
    assert_eq!(leased(db, 2).await, [1]);
}

pub(crate) async fn gates_open_when_their_time_has_come(db: &Db) {
    for (id, due_ms) in [(1, 100), (2, 200), (3, 300)] {
        submit_planned(db, id, Some(Gate::At(due_ms))).await;
    }
    submit_planned(db, 4, Some(Gate::Hand)).await;
    assert_eq!(open_due(db, 99, 50).await.unwrap(), []);
    let mut opened = open_due(db, 200, 50).await.unwrap();
    opened.sort_unstable();
    assert_eq!(opened, [(1, 0), (2, 0)]);
    assert_eq!(leased(db, 1).await, [1, 2]);
    assert_eq!(open_due(db, 200, 50).await.unwrap(), []);
}
