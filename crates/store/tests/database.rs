//! What every database must do for the store, run against each: statements, conflicts, isolation
//! of transactions that share a commit, durability, the whole life of tasks and what is rehearsed for
//! them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "database/contacts.rs"]
mod contacts;
#[path = "database/events.rs"]
mod events;
#[path = "database/plans.rs"]
mod plans;
#[path = "database/rates.rs"]
mod rates;
#[path = "database/statements.rs"]
mod statements;
#[path = "database/tasks.rs"]
mod tasks;
#[path = "database/webhooks.rs"]
mod webhooks;

use larkspur_store::events::{Page, Place};
use larkspur_store::testing::Cluster;
use larkspur_store::{DatabaseUrl, Db, Durability, Error};

/// Declares each function of the suite a test on SQLite, and all of them one on PostgreSQL, since
/// starting a cluster takes longer than they do.
macro_rules! suite {
    ($($room:ident: $($name:ident),+;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$room::$name(&super::temporary().await).await;
                }
            )+)+
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn postgresql() {
            let Some(cluster) = Cluster::start().await else { return };
            $($(
                let url = cluster.database(stringify!($name)).await.unwrap();
                let db = Db::open(&url, Durability::Full).await.unwrap();
                $room::$name(&db).await;
                println!("postgresql: {} ok", stringify!($name));
            )+)+
        }
    };
}

suite! {
    events:
        every_change_of_a_tasks_state_is_in_the_log_once,
        what_is_undone_leaves_no_event,
        the_log_is_read_page_by_page_and_goes_on_where_it_was_left,
        what_is_old_or_too_much_is_cut_off_and_readers_are_told;
    rates:
        calls_are_counted_to_their_ceilings_and_no_further,
        what_runs_alone_does_so_until_it_is_released_or_forgotten;
    statements:
        kinds_of_values_come_back_as_they_went_in,
        a_failing_transaction_does_not_harm_those_that_share_its_commit,
        a_requirement_that_is_not_met_undoes_the_transaction,
        conflicts_say_which_requirement_was_not_met,
        statements_of_a_transaction_see_each_other,
        a_wrong_statement_is_an_error_and_the_database_goes_on;
    tasks:
        a_task_comes_back_as_it_was_submitted,
        many_submissions_at_once_are_all_there,
        a_key_that_is_taken_gives_the_earlier_task,
        only_the_lease_that_holds_can_end_a_task,
        a_result_is_published_with_the_end_or_not_at_all,
        leases_respect_lanes_shares_and_times,
        nodes_that_lease_at_once_never_get_the_same_task,
        tenants_are_found_in_turn,
        cancelling_ends_what_waits_and_tells_what_runs,
        expired_and_orphaned_leases_go_back_until_it_was_too_often,
        renewals_and_progress_count_only_while_held,
        retries_and_releases_go_back_into_the_queue,
        lists_counts_and_places,
        what_failed_goes_back_into_the_queue_and_what_ended_is_forgotten,
        what_is_too_old_is_emptied_then_removed;
    plans:
        a_plan_comes_back_with_its_task_and_to_its_worker,
        nobody_leases_a_task_behind_a_closed_gate,
        gates_open_when_their_time_has_come;
    webhooks:
        one_node_holds_a_webhook_and_moves_it_on,
        a_webhook_that_fails_waits_and_one_that_is_changed_is_nobodys,
        webhooks_are_listed_and_the_latest_attempts_kept;
    contacts:
        people_come_back_whole_and_are_found_in_many_ways,
        what_is_one_persons_is_not_anothers,
        departments_are_found_listed_and_counted,
        only_who_has_seen_the_book_as_it_is_may_write,
        ranges_attributes_messages_and_requests_are_kept,
        a_batch_moves_on_only_under_the_lease_of_its_task;
}

async fn temporary() -> Db {
    Db::open_temporary().await.unwrap()
}

#[tokio::test]
async fn a_second_server_is_locked_out_and_what_was_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::from(folder.path().join("data/larkspur.db").as_path());
    let db = Db::open(&url, Durability::Full).await.unwrap();
    tasks::submit_some(&db, &[1]).await;
    assert!(matches!(Db::open(&url, Durability::Full).await, Err(Error::Locked { .. })));
    drop(db);
    let db = Db::open(&url, Durability::Full).await.unwrap();
    assert!(larkspur_store::tasks::get(&db, 1).await.unwrap().is_some());
}

#[tokio::test]
async fn a_postgresql_database_is_migrated_once_and_keeps_what_was_acknowledged() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("reopened").await.unwrap();
    let (first, second) =
        tokio::join!(Db::open(&url, Durability::Full), Db::open(&url, Durability::Full));
    tasks::submit_some(&first.unwrap(), &[1]).await;
    drop(second);
    let db = Db::open(&url, Durability::Full).await.unwrap();
    assert!(larkspur_store::tasks::get(&db, 1).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_transaction_commits_late_is_read_in_its_place_and_never_passed_over() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("late").await.unwrap();
    let db = Db::open(&url, Durability::Full).await.unwrap();
    let DatabaseUrl::Postgres(address) = &url else { unreachable!("a cluster is PostgreSQL") };
    let (late, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.unwrap();
    let _connection = tokio::spawn(connection);
    tasks::submit_some(&db, &[1, 2]).await;
    late.batch_execute("BEGIN; UPDATE tasks SET state = 4, changed_ms = 1 WHERE id = 1")
        .await
        .unwrap();
    larkspur_store::tasks::cancel(&db, 2, 2).await.unwrap();
    assert!(events::behind(&db, Place::START).await.is_empty());
    late.batch_execute("COMMIT").await.unwrap();
    let (read, _) = events::behind_and_last(&db, Place::START).await;
    assert_eq!(read, [1, 2]);
    let later = larkspur_store::events::read(&db, Place::START, 2).await.unwrap();
    assert!(matches!(later, Page::Events(events) if events.len() == 2));
}
