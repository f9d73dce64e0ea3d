//! Rules against a small catalogue: which are refused and with which words, whom the others hit.

use proptest::prelude::*;

use super::*;
use crate::faults::{End, KnownStatus, OwnFault, StatusKind};

struct Small;

impl Catalogue for Small {
    fn operations(&self) -> Vec<&'static str> {
        vec!["importCreate", "importGet", "fileDownload"]
    }
    fn refusals(&self, operation: &str) -> Vec<(i64, &'static str)> {
        if operation == "importCreate" {
            vec![(7, "seven"), (8, "eight")]
        } else {
            vec![(8, "eight")]
        }
    }
    fn is_common(&self, code: i64) -> bool {
        code == 1
    }
    fn is_download(&self, operation: &str) -> bool {
        operation == "fileDownload"
    }
    fn names_file(&self, operation: &str) -> bool {
        operation == "importCreate"
    }
    fn families(&self) -> Vec<&'static str> {
        vec!["import", "move"]
    }
    fn creates(&self, family: &str) -> Vec<&'static str> {
        if family == "import" { vec!["importCreate"] } else { Vec::new() }
    }
    fn operations_of(&self, family: &str) -> Vec<&'static str> {
        if family == "import" { vec!["importCreate", "importGet"] } else { Vec::new() }
    }
    fn statuses(&self, family: &str) -> Vec<KnownStatus> {
        let row = |number, kind, text, meaning| KnownStatus { number, kind, text, meaning };
        if family == "import" {
            vec![
                row(0, StatusKind::Success, "", "Done."),
                row(2, StatusKind::Pending, "", "Running."),
                row(129, StatusKind::Failed, "", "Corrupt."),
            ]
        } else {
            vec![
                row(-1, StatusKind::Failed, "tree limit", "Full."),
                row(-1, StatusKind::Failed, "failure", "Other."),
            ]
        }
    }
    fn extras(&self, family: &str) -> Vec<&'static str> {
        if family == "import" { vec!["1000"] } else { Vec::new() }
    }
    fn items(&self, _: &str) -> Vec<i64> {
        Vec::new()
    }
}

fn rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap()
}

fn refusal(json: &str) -> String {
    Faults::default().add(rule(json), &Small).unwrap_err().to_string()
}

fn ask(faults: &Faults, operation: &str, file: &str) -> Option<RequestEffect> {
    faults.request(&RequestSubject {
        operation,
        app: Some("cli_1"),
        tenant: Some("one"),
        file: &|| Some(file.to_owned()),
        log_id: "log",
        now_ms: 5,
    })
}

fn submit(faults: &Faults, file: &str) -> Option<TaskEffect> {
    let subject = TaskSubject {
        family: "import",
        operation: "importCreate",
        app: "cli_1",
        tenant: "one",
        file,
        log_id: "log",
        now_ms: 5,
    };
    faults.task(&subject).map(|(_, effect)| effect)
}

#[test]
fn what_is_not_documented_is_refused_with_what_is() {
    for (json, words) in [
        (
            r#"{"operation":"importGet","error":7}"#,
            "importGet does not document it; it documents 8 eight",
        ),
        (r#"{"operation":["importCreate","importGet"],"error":7}"#, "importGet does not"),
        (r#"{"error":7}"#, "name one"),
        (r#"{"operation":"import","error":1}"#, "importCreate, importGet"),
        (r#"{"family":"improt","status":129}"#, "families are import, move"),
        (r#"{"family":"import","status":130}"#, "0 (Done.), 2 (Running.), 129 (Corrupt.)"),
        (r#"{"family":"import","status":0}"#, "succeed by themselves"),
        (r#"{"family":"move","status":-1}"#, "one of tree limit, failure"),
        (r#"{"family":"move","status":-1,"message":"full"}"#, "one of tree limit, failure"),
        (r#"{"family":"import","extra":"2000"}"#, "documents 1000"),
        (r#"{"family":"import","items":[{"index":0,"code":3}]}"#, "have no items"),
        (r#"{"status":129}"#, "need their family: import, move"),
        (r#"{"operation":"importGet","status":129}"#, "created by importCreate"),
        (r#"{"operation":"importGet","truncate":9}"#, "these do: fileDownload"),
        (r#"{"operation":"importGet","file":"*.md","http":503}"#, "only to importCreate"),
        (r#"{"http":200}"#, "400 to 599"),
        (r#"{"http":503,"drop":"before"}"#, "exclude each other"),
        (r#"{"nth":1,"first":2,"http":503}"#, "exclude each other"),
        (r#"{"nth":0,"http":503}"#, "begin at 1"),
        (r#"{"family":"import","http":503,"die":1}"#, "write two"),
        (r#"{"operation":"importGet"}"#, "does nothing"),
        (r#"{"name":"a b","http":503}"#, "letters, digits"),
        (r#"{"family":"import","status":129,"extra":"1000"}"#, "beside a success"),
    ] {
        let said = refusal(json);
        assert!(said.contains(words), "{json}: {said}");
    }
    let misspelt = serde_json::from_str::<Rule>(r#"{"latency":5}"#).unwrap_err().to_string();
    assert!(misspelt.contains("latency_ms"), "{misspelt}");
}

#[test]
fn the_third_workbook_is_corrupt_and_its_rule_says_so() {
    let faults = Faults::default();
    let json = r#"{"family":"import","file":"*.xlsx","nth":3,"status":129}"#;
    assert_eq!(faults.add(rule(json), &Small).unwrap().rule.name.as_deref(), Some("fault-1"));
    let ends: Vec<_> = ["a.xlsx", "b.md", "c.XLSX", "d.xlsx", "e.xlsx"]
        .into_iter()
        .map(|file| submit(&faults, file).and_then(|effect| effect.ending?.status))
        .collect();
    assert_eq!(ends, [None, None, None, Some(129), None]);
    let listed = faults.get("fault-1").unwrap();
    assert_eq!((listed.seen, listed.hit_count, listed.spent), (4, 1, true));
}

#[test]
fn the_first_that_ends_a_request_does_and_delays_add_up() {
    let faults = Faults::default();
    for json in [
        r#"{"operation":"importGet","latency_ms":20}"#,
        r#"{"family":"import","throttle":3,"first":1}"#,
        r#"{"operation":"importGet","http":503,"latency_ms":5,"times":1}"#,
        r#"{"app":"cli_2","http":500}"#,
    ] {
        faults.add(rule(json), &Small).unwrap();
    }
    let effect = ask(&faults, "importGet", "").unwrap();
    assert_eq!((effect.latency_ms, effect.end), (20, Some(End::Throttle(3))));
    assert_eq!(effect.rules, ["fault-1", "fault-2"]);
    let effect = ask(&faults, "importGet", "").unwrap();
    assert_eq!((effect.latency_ms, effect.end), (25, Some(End::Http(503))));
    assert_eq!(ask(&faults, "importGet", "").unwrap().end, None);
    assert_eq!(ask(&faults, "fileDownload", ""), None);
    assert_eq!(faults.get("fault-3").unwrap().hits.len(), 1);
    assert_eq!(faults.clear(), 4);
    assert_eq!(ask(&faults, "importGet", ""), None);
}

#[test]
fn rules_come_back_as_they_were_kept() {
    let faults = Faults::default();
    let json = r#"{"name":"slow","operation":["importGet"],"every":2,"latency_ms":20}"#;
    faults.add(rule(json), &Small).unwrap();
    let kept = serde_json::to_string(&faults.rules()).unwrap();
    assert_eq!(kept, format!("[{json}]"));
    let again = Faults::default();
    again.replace(serde_json::from_str(&kept).unwrap(), &Small).unwrap();
    assert_eq!(again.rules(), faults.rules());
    assert!(again.remove("slow") && !again.remove("slow"));
}

#[test]
fn a_request_brings_its_own() {
    let own = OwnFault::read("status=129; latency=200ms", "importCreate", &Small).unwrap();
    assert_eq!(own.request.latency_ms, 200);
    assert_eq!(own.task.unwrap().ending.unwrap().status, Some(129));
    for (text, words) in [
        ("status=129", "creates no task"),
        ("error=7", "does not document"),
        (r#"{"nth":2,"error":8}"#, "no conditions"),
        ("", "does nothing"),
        ("boom", "there is no such effect"),
    ] {
        let said = OwnFault::read(text, "importGet", &Small).unwrap_err().to_string();
        assert!(said.contains(words), "{text}: {said}");
    }
}

proptest! {
    /// Against the plain definition: how often a rule hits depends on the counts alone.
    #[test]
    fn counts_decide(
        nth in proptest::option::of(1_u64..6),
        every in proptest::option::of(1_u64..6),
        times in proptest::option::of(1_u64..4),
        calls in 0_u64..20,
    ) {
        let every = if nth.is_some() { None } else { every };
        let rule = Rule { http: Some(503), nth, every, times, ..Rule::default() };
        let faults = Faults::default();
        faults.add(rule, &Small).unwrap();
        let mut hits = 0;
        for call in 1..=calls {
            let turn = nth.is_none_or(|nth| call == nth)
                && every.is_none_or(|every| call % every == 0)
                && times.is_none_or(|times| hits < times);
            hits += u64::from(turn);
            prop_assert_eq!(ask(&faults, "importGet", "").is_some(), turn);
        }
        prop_assert_eq!(faults.get("fault-1").unwrap().hit_count, hits);
    }
}
