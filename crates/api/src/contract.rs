//! Holds the declared operations against the contract, where the contract lies beside the repository.

use std::collections::BTreeSet;

use larkspur_platform::{AppKind, Ceilings, Layer, TokenKind};
use serde_json::Value;

use crate::operation::Rate;
use crate::{Operation, operations};

fn openapi() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/openapi.json");
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Path, method and declaration of an operation by its id.
fn find<'a>(openapi: &'a Value, id: &str) -> (&'a str, &'a str, &'a Value) {
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["operationId"] == id {
                return (path, method, operation);
            }
        }
    }
    panic!("the contract has no operation {id}");
}

/// Whether the platform has the operation too; what is not under `/open-apis` is Larkspur's own and
/// in no contract.
fn is_theirs(operation: &Operation) -> bool {
    operation.path.starts_with("/open-apis/")
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn check_rate(operation: &Operation, declared: &Value) {
    let number = |key: &str| declared[key].as_u64().unwrap_or(0) as u32;
    let Rate { ceilings, document, limited, .. } = operation.rate;
    let expected = Ceilings {
        per_second: number("per_second"),
        per_minute: number("per_minute"),
        per_day: number("per_day"),
        no_concurrency: declared["no_concurrency"] == true,
        per_document_per_second: number("per_document_per_second"),
        per_document_serial: declared["per_document_serial"] == true,
    };
    assert_eq!(ceilings, expected, "{}", operation.id);
    assert_eq!(limited.layer, Layer::Rate, "{}", operation.id);
    if ceilings.of_documents() {
        let parameters = operation.path.split(['{', '}']).skip(1).step_by(2);
        assert!(parameters.into_iter().any(|name| name == document), "{}", operation.id);
    }
    if let Some(http) = declared["http_when_limited"].as_u64() {
        assert_eq!(u64::from(limited.http), http, "{}", operation.id);
    }
    if let Some(code) = declared["code_when_limited"].as_i64() {
        assert_eq!(limited.code, code, "{}", operation.id);
    }
}

#[test]
fn operations_are_declared_as_the_contract_has_them() {
    let operations = operations();
    let Some(openapi) = openapi() else {
        println!("no contract beside the repository: {} operations not compared", operations.len());
        return;
    };
    for operation in operations.iter().filter(|one| is_theirs(one)) {
        let (path, method, declared) = find(&openapi, operation.id);
        assert_eq!(operation.path, path, "{}", operation.id);
        assert_eq!(operation.method.as_str().to_ascii_lowercase(), method, "{}", operation.id);
        let scopes: BTreeSet<&str> = operation.scopes.iter().copied().collect();
        assert_eq!(scopes, texts(&declared["x-scopes"]), "{}", operation.id);
        let tokens: BTreeSet<&str> = operation
            .tokens
            .iter()
            .map(|kind| match kind {
                TokenKind::Tenant => "tenant",
                TokenKind::User => "user",
                TokenKind::App => "app",
            })
            .collect();
        assert_eq!(tokens, texts(&declared["x-token-types"]), "{}", operation.id);
        let apps: BTreeSet<&str> = operation
            .apps
            .iter()
            .map(|kind| match kind {
                AppKind::Custom => "custom",
                AppKind::Store => "isv",
            })
            .collect();
        assert_eq!(apps, texts(&declared["x-app-types"]), "{}", operation.id);
        check_rate(operation, &declared["x-rate-limit"]);
    }
}

/// Numbers an operation answers without its page naming them, each for a reason its room gives.
const INFERRED: &[(&str, i64)] = &[
    // Depth and total of the drive are numbered with the uploads.
    ("driveFileCreateFolder", 1_062_505),
    ("driveFileCreateFolder", 1_062_506),
    // So are those of copies and moves.
    ("driveFileCopy", 1_062_505),
    ("driveFileMove", 1_062_506),
    // The page says what a second change at the same moment is answered; the table leaves it out.
    ("driveFileMove", 1_061_045),
    ("driveFileDelete", 1_061_045),
    // The page's own table has it; the contract's copy lost it.
    ("driveMediaBatchGetTmpDownloadUrl", 1_061_004),
    // Every other page of bases has a number for a missing right; this one has none at all.
    ("bitableAppGet", 1_254_302),
    // What is made one by one may name a chat or a document that is not there; made together, too.
    ("docxDocumentBlockDescendantCreate", 1_770_038),
    // Downloads of exports document one number; for somebody else's file another one is inferred.
    ("driveExportTaskDownload", 1_069_902),
    ("driveExportTaskDownload", 1_069_901),
];

#[test]
fn refusals_stand_in_the_contract_with_their_status_and_text() {
    let Some(openapi) = openapi() else {
        println!("no contract beside the repository: refusals not compared");
        return;
    };
    for operation in operations().iter().filter(|one| is_theirs(one)) {
        let (_, _, declared) = find(&openapi, operation.id);
        let documented = declared["x-errors"].as_array().unwrap();
        if documented.is_empty() {
            continue;
        }
        for error in operation.errors {
            let found = documented.iter().find(|one| {
                one["code"] == error.code && (one["http"].is_null() || one["http"] == error.http)
            });
            let inferred = INFERRED.contains(&(operation.id, error.code))
                || family_documents(&openapi, operation.path, error.code, error.http);
            assert!(found.is_some() || inferred, "{}: {error:?}", operation.id);
            if let Some(found) = found {
                assert_eq!(found["msg"], error.msg, "{}", operation.id);
            }
        }
    }
}

/// Whether another step of the same upload documents the number: the pages of the four steps share
/// one family of them.
fn family_documents(openapi: &Value, path: &str, code: i64, http: u16) -> bool {
    let Some((family, _)) = path.split_once("/upload_") else { return false };
    openapi["paths"].as_object().unwrap().iter().any(|(other, methods)| {
        other.starts_with(&format!("{family}/upload_"))
            && methods["post"]["x-errors"].as_array().is_some_and(|errors| {
                errors.iter().any(|one| one["code"] == code && one["http"] == http)
            })
    })
}

#[test]
fn every_operation_has_its_own_place() {
    let operations = operations();
    let places: BTreeSet<_> =
        operations.iter().map(|one| (one.path, one.method.as_str().to_owned())).collect();
    let ids: BTreeSet<_> = operations.iter().map(|one| one.id).collect();
    assert_eq!((places.len(), ids.len()), (operations.len(), operations.len()));
}
