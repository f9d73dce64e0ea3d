//! The program as a person runs it: what commands print, what they leave, what they exit with. The
//! server over HTTP is tested above all crates.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn larkspur(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program starts")
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_larkspur"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it is UTF-8")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_table_survives_the_way_through_a_workbook_and_pipes() {
    let folder = folder();
    let table = "编号,名称,数量\r\n00017,\"上海, 远航\",3\r\n00018,b,4.5\r\n";
    fs::write(folder.path().join("a.csv"), table).expect("it can be written");
    let made = larkspur(folder.path(), &["convert", "a.csv", "b.xlsx"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let mut reading =
        command(folder.path(), &["convert", "-", "-", "--from", "xlsx", "--to", "csv"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
    let workbook = fs::read(folder.path().join("b.xlsx")).expect("it was made");
    let mut input = reading.stdin.take().expect("there is a pipe");
    input.write_all(&workbook).expect("it is read");
    drop(input);
    let read = reading.wait_with_output().expect("it ends");
    assert_eq!(text(&read.stdout), table);
    // Nothing but the two files is left behind.
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2);
}

#[test]
fn a_sheet_is_chosen_by_name_or_number() {
    let folder = folder();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/sales.xlsx");
    for sheet in ["汇总 Summary", "2"] {
        let made = larkspur(folder.path(), &["convert", samples, "a.csv", "--sheet", sheet]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let table = fs::read_to_string(folder.path().join("a.csv")).expect("it was made");
        assert!(table.starts_with("地区,订单数,金额,占比\r\n"), "{table}");
    }
    let missing = larkspur(folder.path(), &["convert", samples, "b.csv", "--sheet", "7"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("销售明细, 汇总 Summary"), "{}", text(&missing.stderr));
    assert!(!folder.path().join("b.csv").exists());
}

#[test]
fn a_document_becomes_the_model_and_text() {
    let folder = folder();
    fs::write(folder.path().join("a.md"), "# 标题\n\n- 一\n- two\n").expect("it can be written");
    for output in ["a.json", "b.md", "a.txt", "a.docx"] {
        let made = larkspur(folder.path(), &["convert", "a.md", output]);
        assert!(made.status.success(), "{output}: {}", text(&made.stderr));
    }
    let model = fs::read(folder.path().join("a.json")).expect("it was made");
    let model: serde_json::Value = serde_json::from_slice(&model).expect("it is JSON");
    assert!(model.to_string().contains("标题"), "{model}");
    let markdown = fs::read_to_string(folder.path().join("b.md")).expect("it was made");
    assert!(markdown.contains("# 标题") && markdown.contains("- two"), "{markdown}");
}

#[test]
fn what_goes_wrong_has_its_exit_code_and_a_hint() {
    let folder = folder();
    fs::write(folder.path().join("a.csv"), "a,b\n").expect("it can be written");
    fs::write(folder.path().join("larkspur.toml"), "conversion_memory_mb = 8\n")
        .expect("so can this");
    let cases: [(&[&str], i32, &str); 7] = [
        (&["convert", "a.csv", "a.pdf"], 1, "can become"),
        (&["convert", "a.csv", "nowhere/b.xlsx"], 1, "nowhere/b.xlsx"),
        (&["convert", "missing.md", "b.pdf"], 1, "missing.md"),
        (&["convert", "-", "b.xlsx"], 1, "--from"),
        (&["import", "a.csv"], 3, "LARKSPUR_APP_ID"),
        (&["config"], 3, "`conversion_memory_mb` cannot be `8` (larkspur.toml)"),
        (&["import"], 2, "Usage"),
    ];
    for (arguments, code, said) in cases {
        let ended = larkspur(folder.path(), arguments);
        let errors = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_server_nobody_runs_is_a_matter_of_setup() {
    let folder = folder();
    fs::write(folder.path().join("a.csv"), "a,b\n").expect("it can be written");
    // Port 9 of this machine: nobody discards any more.
    let access = ["--url", "http://127.0.0.1:9", "--app-id", "cli_a", "--app-secret", "b"];
    let ended = larkspur(folder.path(), &[&["import", "a.csv"], &access[..]].concat());
    assert_eq!(ended.status.code(), Some(3), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("larkspur serve"), "{}", text(&ended.stderr));
}

#[test]
fn secrets_are_not_in_the_configuration_that_is_shown() {
    let folder = folder();
    let shown = command(folder.path(), &["config", "--json"])
        .env("LARKSPUR_DATABASE", "postgres://me:hidden@db/larkspur")
        .output()
        .expect("the program starts");
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("it is JSON");
    assert_eq!(shown["database"]["value"], "postgres://me:***@db/larkspur");
    assert_eq!(shown["database"]["source"], "environment");
    assert_eq!(shown["listen"]["source"], "default");
}

#[test]
fn fixtures_are_checked_without_a_server() {
    let folder = folder();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/fixtures/company.toml");
    let checked = larkspur(folder.path(), &["fixtures", "check", example]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let counts = "2 tenants, 3 apps, 3 departments, 3 users, 2 folders, 3 documents";
    assert!(text(&checked.stdout).contains(counts), "{}", text(&checked.stdout));
    let wrong = "[[tenants]]\nid = \"t\"\n\n[[tenants.usres]]\nid = \"u\"\n";
    fs::write(folder.path().join("wrong.toml"), wrong).expect("it can be written");
    let refused = larkspur(folder.path(), &["fixtures", "check", "wrong.toml"]);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("line 4: ") && said.contains("did you mean `users`?"), "{said}");
}

#[test]
fn a_made_up_month_is_the_same_for_the_same_seed() {
    let folder = folder();
    let month = |seed: &str| {
        let arguments =
            ["vc", "sample", "--meetings", "3", "--seed", seed, "--until", "1795244000"];
        let made = larkspur(folder.path(), &arguments);
        assert!(made.status.success(), "{}", text(&made.stderr));
        assert!(text(&made.stderr).contains("the last meeting"), "{}", text(&made.stderr));
        text(&made.stdout).to_owned()
    };
    let lines = month("7");
    assert_eq!(lines, month("7"));
    assert_ne!(lines, month("8"));
    assert!(lines.lines().all(|line| line.starts_with("{\"kind\":")));
    let no_server = larkspur(folder.path(), &["vc", "load", "a.jsonl"]);
    assert_eq!(no_server.status.code(), Some(3));
    assert!(text(&no_server.stderr).contains("LARKSPUR_ADMIN_TOKEN"));
}

#[test]
fn every_documented_code_is_said_to_be_within_reach() {
    let folder = folder();
    let counts = larkspur(folder.path(), &["coverage"]);
    assert!(counts.status.success(), "{}", text(&counts.stderr));
    assert!(text(&counts.stdout).contains("drive.import status"), "{}", text(&counts.stdout));
    let one = ["coverage", "--operation", "driveImportTaskCreate", "--json"];
    let one = larkspur(folder.path(), &one);
    let shown: serde_json::Value = serde_json::from_slice(&one.stdout).expect("it is JSON");
    let way = |code: i64| {
        let refusals = shown["refusals"].as_array().into_iter().flatten();
        refusals.filter(|it| it["code"] == code).map(|it| it["way"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(way(1_069_913), ["nature"], "an import source that has expired");
    assert_eq!(way(1_000_005), ["rule"], "an internal limit of the platform's own");
    let wrong = larkspur(folder.path(), &["coverage", "--operation", "nothing"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("hint"), "{}", text(&wrong.stderr));
}

#[test]
fn a_dry_run_shows_the_fields_of_a_base_and_makes_nothing() {
    let folder = folder();
    let mut table = String::from("编号,状态,金额\r\n");
    for row in 0..6 {
        let state = if row % 2 == 0 { "成交" } else { "跟进" };
        table.extend(["00", &row.to_string(), ",", state, ",1.50\r\n"]);
    }
    fs::write(folder.path().join("a.csv"), table).expect("it can be written");
    let arguments = ["import", "a.csv", "--as", "bitable", "--dry-run"];
    let shown = larkspur(folder.path(), &arguments);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    for line in ["table a: 6 records", "编号", "SingleSelect  成交, 跟进", "Number        0.00"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let json = larkspur(folder.path(), &[&arguments[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    assert_eq!(json["preview"]["base"]["tables"][0]["fields"][2]["ui_type"], "Number");
    assert_eq!(json["extra"], serde_json::json!([]));
    let sheet = larkspur(folder.path(), &["import", "a.csv", "--dry-run"]);
    assert!(text(&sheet.stdout).contains("7     3"), "{}", text(&sheet.stdout));
    let wrong = larkspur(folder.path(), &["import", "a.xls", "--as", "bitable", "--dry-run"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("cannot become a bitable"));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
}
