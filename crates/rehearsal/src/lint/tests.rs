//! Each rule, shown and not shown.

use super::*;

const START_MS: Millis = 1_795_244_400_000;

#[derive(Default)]
struct Client {
    linter: Linter,
    now_ms: Millis,
    calls: u32,
}

impl Client {
    fn call(
        &mut self,
        after_ms: Millis,
        operation: &'static str,
        ended: Ended,
        note: Option<Note>,
    ) {
        self.now_ms += after_ms;
        self.calls += 1;
        let log_id = format!("log{}", self.calls);
        let observed = Observed {
            at_ms: START_MS + self.now_ms,
            log_id: &log_id,
            operation,
            ended,
            would_be_throttled: false,
            note,
        };
        self.linter.observe("cli_a", &observed);
    }

    fn note(&mut self, after_ms: Millis, operation: &'static str, note: Note) {
        self.call(after_ms, operation, Ended::Answered, Some(note));
    }

    fn poll(&mut self, after_ms: Millis, ended: bool) {
        self.note(after_ms, "get", Note::Polled { task: 1, ended, file: None });
    }

    fn rules(&self, later_ms: Millis) -> Vec<&'static str> {
        let found = self.linter.findings("cli_a", START_MS + self.now_ms + later_ms);
        found.into_iter().map(|finding| finding.rule.id).collect()
    }
}

#[test]
fn a_well_behaved_client_is_told_nothing() {
    let mut client = Client::default();
    client.note(0, "token", Note::TokenGiven);
    client.note(0, "create", Note::Submitted { task: 1 });
    client.poll(10, false);
    client.poll(1_000, false);
    client.note(2_000, "get", Note::Polled { task: 1, ended: true, file: Some((7, START_MS)) });
    client.note(0, "download", Note::Downloaded { file: 7 });
    client.note(0, "list", Note::Listed { list: 1, asked: 0, next: 5 });
    client.note(0, "list", Note::Listed { list: 1, asked: 5, next: 0 });
    client.note(0, "prepare", Note::UploadOpened { upload: 1 });
    client.note(0, "finish", Note::UploadFinished { upload: 1 });
    client.call(0, "list", Ended::Throttled(1), None);
    client.call(1_000, "list", Ended::Answered, None);
    client.call(0, "list", Ended::Terminal(1), None);
    client.call(0, "list", Ended::Failed, None);
    client.call(0, "list", Ended::Failed, None);
    assert_eq!(client.rules(100_000_000), Vec::<&str>::new());
}

#[test]
fn tasks_are_polled_to_their_end_no_faster_than_useful_and_no_further() {
    let mut client = Client::default();
    client.note(0, "create", Note::Submitted { task: 1 });
    assert_eq!(client.rules(59_999), Vec::<&str>::new());
    assert_eq!(client.rules(60_000), ["ticket-left"]);
    for _ in 0..4 {
        client.poll(100, false);
    }
    assert_eq!(client.rules(0), ["polled-too-fast"]);
    client.poll(1_000, true);
    client.poll(1_000, true);
    assert_eq!(client.rules(100_000), ["polled-after-end", "polled-too-fast"]);
    let findings = client.linter.findings("cli_a", START_MS);
    assert_eq!((findings[0].count, &*findings[0].log_ids), (1, &["log7".to_owned()][..]));
    client.linter.forget("cli_a");
    assert_eq!(client.rules(0), Vec::<&str>::new());
}

#[test]
fn what_is_left_lying_is_told_once_its_time_is_over() {
    let mut client = Client::default();
    let vanishes_ms = START_MS + 600_000;
    client.note(0, "get", Note::Polled { task: 1, ended: true, file: Some((7, vanishes_ms)) });
    client.note(0, "prepare", Note::UploadOpened { upload: 1 });
    client.note(0, "list", Note::Listed { list: 1, asked: 0, next: 5 });
    assert_eq!(client.rules(599_999), ["page-left"]);
    assert_eq!(client.rules(600_000), ["export-left", "upload-left", "page-left"]);
}

#[test]
fn refusals_are_heeded() {
    let mut client = Client::default();
    for _ in 0..2 {
        client.call(0, "get", Ended::Terminal(1), None);
        client.call(0, "get", Ended::BadToken(9), None);
    }
    client.call(0, "list", Ended::Throttled(30), None);
    client.call(20_000, "list", Ended::Answered, None);
    client.note(0, "create", Note::SourceExpired);
    let rules = client.rules(0);
    assert_eq!(
        rules,
        ["bad-token-reused", "refusal-repeated", "throttle-ignored", "source-expired"]
    );
}

#[test]
fn tokens_are_kept_and_paging_moves_on() {
    let mut client = Client::default();
    for _ in 0..5 {
        client.note(0, "token", Note::TokenGiven);
        client.note(0, "list", Note::Listed { list: 1, asked: 5, next: 5 });
    }
    assert_eq!(client.rules(0), ["paging-in-circles", "token-for-each-call"]);
}

#[test]
fn memory_is_bounded() {
    let mut client = Client::default();
    for task in 0..2_000 {
        client.note(1, "create", Note::Submitted { task });
    }
    let findings = client.linter.findings("cli_a", START_MS + 10_000_000);
    assert_eq!((findings[0].rule.id, findings[0].count), ("ticket-left", 2_000));
    assert_eq!(findings[0].log_ids.len(), 5);
    let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len());
}
