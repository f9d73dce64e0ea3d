//! Makes the table from the contract, where that lies beside the repository, and compares; `UPDATE=1`
//! writes it.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

fn contract(name: &str) -> Option<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract");
    let text = std::fs::read_to_string(Path::new(folder).join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    text.replace(['\t', '\n'], " ")
}

fn rows<'a>(codes: &'a Value, list: &str) -> &'a [Value] {
    codes[list]["values"].as_array().unwrap()
}

fn error(out: &mut String, http: &Value, code: &Value, msg: &Value) {
    writeln!(out, "{}\t{code}\t{}", http.as_u64().unwrap_or(0), text(msg)).unwrap();
}

/// The common list of an operation whose own page has none: which it is stands in the contract's notes
/// (§13), the HTTP statuses are those this server answers with.
fn common(out: &mut String, id: &str, codes: &Value) {
    if id.starts_with("sheetsV2") {
        for row in rows(codes, "sheets_v2_codes") {
            let http = if row["code"] == 90_203 { 500 } else { 400 };
            error(out, &http.into(), &row["code"], &row["msg"][0]);
        }
    } else if id.starts_with("contactV2") {
        for row in rows(codes, "contact_batch_item_codes") {
            if row["where"] == "request" || row["where"] == "both" {
                error(out, &Value::Null, &row["code"], &row["msg"][0]);
            }
        }
    } else if id.ends_with("Download") {
        // Failed downloads are never 2xx: clients would take the refusal for the file.
        out.push_str(
            "404\t1061003\tnot found.\n403\t1061004\tforbidden.\n400\t1061045\tcan retry.\n",
        );
    }
}

fn operations(out: &mut String, openapi: &Value, codes: &Value) {
    let paths = openapi["paths"].as_object().unwrap();
    for operation in paths.values().flat_map(|methods| methods.as_object().unwrap().values()) {
        let id = operation["operationId"].as_str().unwrap();
        if operation["x-errors-common-only"] == true {
            writeln!(out, "\n[operation {id} common]").unwrap();
            common(out, id, codes);
            continue;
        }
        writeln!(out, "\n[operation {id}]").unwrap();
        for row in operation["x-errors"].as_array().unwrap() {
            error(out, &row["http"], &row["code"], &row["msg"]);
        }
    }
}

fn statuses(out: &mut String, codes: &Value, list: &str) {
    for row in rows(codes, list) {
        let (number, outcome) = match row["status"].as_i64() {
            Some(status) => (status, ["failed", "success", "pending"][(status + 1) as usize]),
            None => (row["key"].as_i64().unwrap(), row["outcome"].as_str().unwrap()),
        };
        let (msg, meaning) = (text(&row["status_msg"]), text(&row["meaning"]));
        writeln!(out, "{number}\t{outcome}\t{msg}\t{meaning}").unwrap();
    }
}

fn families(out: &mut String, codes: &Value) {
    out.push_str("\n[family drive.import create=driveImportTaskCreate poll=driveImportTaskGet]\n");
    statuses(out, codes, "import_job_status");
    out.push_str("[extra]\n");
    for row in rows(codes, "import_extra") {
        let columns = [&row["key"], &row["target"], &row["meaning"]].map(text);
        writeln!(out, "{}", columns.join("\t")).unwrap();
    }
    out.push_str(
        "\n[family drive.export create=driveExportTaskCreate poll=driveExportTaskGet \
         download=driveExportTaskDownload]\n",
    );
    statuses(out, codes, "export_job_status");
    out.push_str(
        "\n[family drive.folder create=driveFileMove create=driveFileDelete \
         poll=driveFileTaskCheck]\n",
    );
    // The page has words alone; the numbers are this table's.
    for (number, outcome, word, meaning) in [
        (0, "success", "success", "Moved or deleted, with everything in it."),
        (1, "pending", "process", "Queued or running."),
        (-1, "failed", "fail", "Nothing was moved or deleted."),
    ] {
        assert!(rows(codes, "drive_task_check_status").iter().any(|value| value == word));
        writeln!(out, "{number}\t{outcome}\t{word}\t{meaning}").unwrap();
    }
    out.push_str("\n[family wiki.move create=wikiSpaceNodeMoveDocsToWiki poll=wikiTaskGet]\n");
    statuses(out, codes, "wiki_move_status");
    out.push_str(
        "\n[family vc.export create=vcExportMeetingList create=vcExportParticipantList \
         create=vcExportParticipantQualityList create=vcExportResourceReservationList \
         poll=vcExportGet download=vcExportDownload]\n",
    );
    statuses(out, codes, "vc_export_status");
    out.push_str(
        "\n[family contact.batch create=contactV2UserBatchAdd \
         create=contactV2DepartmentBatchAdd poll=contactV2TaskGet]\n",
    );
    assert_eq!(codes["contact_task"]["status"]["pending"], "0..8");
    for number in 0..=8 {
        writeln!(out, "{number}\tpending\t\tRunning.").unwrap();
    }
    let ended = |key: &str| codes["contact_task"]["status"][key].as_i64().unwrap();
    writeln!(out, "{}\tsuccess\t\tRan to its end; items may have failed.", ended("success"))
        .unwrap();
    writeln!(out, "{}\tfailed\t\tFailed as a whole.", ended("failed")).unwrap();
    out.push_str("[items]\n");
    let sample = &codes["contact_batch_item_codes"]["sample_item_code"];
    writeln!(out, "{}\t{}", sample["code"], text(&sample["msg"])).unwrap();
    for row in rows(codes, "contact_batch_item_codes") {
        if row["where"] != "request" {
            writeln!(out, "{}\t{}", row["code"], text(&row["msg"][0])).unwrap();
        }
    }
}

#[test]
fn the_table_is_that_of_the_contract() {
    let (Some(openapi), Some(codes)) = (contract("openapi.json"), contract("codes.json")) else {
        println!("no contract beside the repository: the table is not compared");
        return;
    };
    let mut made = String::from(
        "# What the platform documents; made from the contract by a test (contract.rs, UPDATE=1).\n\
         # Refusals: HTTP status (0: not documented), code, text.\n\
         # Families: number, outcome, text on the wire, meaning; extra: number, target, meaning;\n\
         # items: code, text.\n\n[platform]\n",
    );
    for row in codes["platform_codes"].as_array().unwrap() {
        let (reported, written) = (&row["msg_reported"][0], &row["msg"][0]);
        let msg = if written.is_null() { reported } else { written };
        error(&mut made, &row["http_suggested"], &row["code"], msg);
    }
    operations(&mut made, &openapi, &codes);
    families(&mut made, &codes);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented/table.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
        return;
    }
    for (line, (made, stored)) in made.lines().zip(super::TABLE.lines()).enumerate() {
        assert_eq!(made, stored, "line {}", line + 1);
    }
    assert_eq!(made.len(), super::TABLE.len());
}
