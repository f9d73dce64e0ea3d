//! Wire request -> checked export -> task. The document is looked at again when the work starts.

use std::sync::Arc;

use larkspur_engine::{Lane, Submission};
use larkspur_platform::{self as rights, Access, Caller};
use larkspur_rehearsal::lint::Note;
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{bases, spreadsheets};

use super::codes;
use super::job::{FAMILY, Payload, Source};
use super::wire::{CreateBody, CreateData};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Longest token (contract: real validation).
const TOKEN_CHARACTERS: usize = 27;
/// Cells of a spreadsheet that are light work.
const LIGHT_CELLS: i64 = 200_000;
/// How often an export is tried.
const MOST_ATTEMPTS: i64 = 3;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// A request whose fields fit, before anything was looked up.
#[derive(Debug)]
struct Checked {
    extension: String,
    token: String,
    kind: String,
    /// The sheet or table, for csv.
    part: Option<String>,
}

/// Formats by type (contract, `export_targets`).
fn formats(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "doc" | "docx" => &["docx", "pdf"],
        "sheet" | "bitable" => &["xlsx", "csv"],
        _ => return None,
    })
}

/// Checks the fields alone.
fn check(body: CreateBody) -> Result<Checked, ApiError> {
    let mut violations = Violations::new();
    let extension = violations.required("file_extension", body.file_extension);
    let token = violations.required("token", body.token);
    let kind = violations.required("type", body.kind);
    if token.chars().count() > TOKEN_CHARACTERS {
        violations.add("token", &token, "the max len is 27");
    }
    violations.check()?;
    let formats = formats(&kind)
        .ok_or_else(|| codes::INVALID_PARAM.because("type is doc, docx, sheet or bitable"))?;
    if !["docx", "pdf", "xlsx", "csv"].contains(&extension.as_str()) {
        return Err(codes::INVALID_PARAM.because("file_extension is docx, pdf, xlsx or csv"));
    }
    if !formats.contains(&extension.as_str()) {
        let why = format!("a {kind} is exported as {}", formats.join(" or "));
        return Err(codes::MISMATCH.because(why));
    }
    let part = body.sub_id.filter(|part| !part.is_empty());
    if extension == "csv" && part.is_none() {
        return Err(codes::INVALID_PARAM.because("csv needs sub_id: the id of one sheet or table"));
    }
    Ok(Checked { part: part.filter(|_| extension == "csv"), extension, token, kind })
}

/// The document, if the caller may export it now.
async fn document(
    services: &Services,
    caller: &Caller,
    checked: &Checked,
) -> Result<Object, ApiError> {
    let now_ms = services.clock.now_ms();
    let db = &services.store.db;
    let object = match access::find(db, caller, &checked.token, Access::View, now_ms).await {
        Err(error) => return Err(internal(error)),
        Ok(Found::Missing) => return Err(codes::INVALID_TOKEN.because(access::MISSING)),
        Ok(Found::Gone(_)) => return Err(codes::CREATE_DELETED.because(access::DELETED)),
        Ok(Found::Forbidden) => return Err(codes::NO_PERMISSION.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) => object,
    };
    if !rights::may_take(db, caller, &object).await.map_err(internal)? {
        return Err(codes::NO_PERMISSION.because(access::NOT_TO_BE_TAKEN));
    }
    let fits = match object.kind {
        ObjectKind::Docx => checked.kind == "docx",
        ObjectKind::Sheet => checked.kind == "sheet",
        ObjectKind::Bitable => checked.kind == "bitable",
        _ => false,
    };
    if fits {
        Ok(object)
    } else {
        Err(codes::INVALID_TOKEN.because(format!("the token is not a {}'s", checked.kind)))
    }
}

/// What is exported, and whether that is heavy work.
async fn source(
    services: &Services,
    object: &Object,
    checked: &Checked,
) -> Result<(Source, Lane), ApiError> {
    match object.kind {
        ObjectKind::Sheet => {}
        ObjectKind::Bitable => return base(services, object, checked).await,
        _ => return Ok((Source::Document, Lane::Light)),
    }
    let sheets = spreadsheets::sheets(&services.store.db, &object.token).await.map_err(internal)?;
    let cells: i64 = sheets
        .iter()
        .map(|sheet| sheet.row_count.saturating_mul(sheet.column_count))
        .fold(0, i64::saturating_add);
    let lane = if cells <= LIGHT_CELLS { Lane::Light } else { Lane::Heavy };
    let sheet = match &checked.part {
        None => None,
        Some(part) => {
            let found = sheets.into_iter().find(|sheet| sheet.id.as_str() == part);
            let unknown =
                || codes::INVALID_PARAM.because("sub_id is the id of no sheet of the spreadsheet");
            Some(found.ok_or_else(unknown)?.id)
        }
    };
    Ok((Source::Spreadsheet { sheet }, lane))
}

/// A base, or the table of it that `sub_id` names, and whether that is heavy work.
async fn base(
    services: &Services,
    object: &Object,
    checked: &Checked,
) -> Result<(Source, Lane), ApiError> {
    let mut tables = bases::tables(&services.store.db, &object.token).await.map_err(internal)?;
    if let Some(part) = &checked.part {
        tables.retain(|table| table.id == *part);
        if tables.is_empty() {
            let why = "sub_id is the id of no table of the base";
            return Err(codes::INVALID_PARAM.because(why));
        }
    }
    let cells: i64 = tables
        .iter()
        .map(|table| table.record_count.saturating_mul(table.design.fields.len() as i64))
        .fold(0, i64::saturating_add);
    let lane = if cells <= LIGHT_CELLS { Lane::Light } else { Lane::Heavy };
    Ok((Source::Base { table: checked.part.clone() }, lane))
}

/// `driveExportTaskCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let checked = check(request.json(platform::BAD_REQUEST)?)?;
    let caller = request.caller()?;
    let object = document(&services, caller, &checked).await?;
    let (source, lane) = source(&services, &object, &checked).await?;
    let payload = Payload {
        document: object.token.clone(),
        kind: checked.kind,
        extension: checked.extension,
        source,
    };
    let file = format!("{}.{}", object.name, payload.extension);
    let submission = Submission {
        tenant: caller.tenant.0.clone(),
        app: caller.app.0.clone(),
        creator: caller.creator(),
        family: FAMILY,
        title: object.name.clone(),
        size_bytes: object.size_bytes,
        lane,
        payload: serde_json::to_vec(&payload).map_err(internal)?,
        max_attempts: MOST_ATTEMPTS,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    };
    let answer = |id: i64| {
        let answer = Answer::data(&CreateData { ticket: id.to_string() })?;
        Ok(answer.noted(Note::Submitted { task: id }))
    };
    let made = services.create(&request, submission, &file, answer).await;
    made.map_err(|unmade| unmade.or(internal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> i64 {
        check(serde_json::from_str(json).unwrap()).unwrap_err().code
    }

    #[test]
    fn csv_needs_to_know_which_sheet() {
        assert_eq!(refused(r#"{"file_extension":"csv","token":"t","type":"sheet"}"#), 1_069_904);
        assert_eq!(
            refused(r#"{"file_extension":"csv","token":"t","type":"sheet","sub_id":""}"#),
            1_069_904
        );
        let body = r#"{"file_extension":"csv","token":"t","type":"sheet","sub_id":"6e5ed3"}"#;
        let checked = check(serde_json::from_str(body).unwrap()).unwrap();
        assert_eq!(checked.part.as_deref(), Some("6e5ed3"));
    }

    #[test]
    fn formats_must_fit_the_type() {
        for (extension, kind, code) in [
            ("xlsx", "docx", 1_069_918),
            ("pdf", "sheet", 1_069_918),
            ("csv", "doc", 1_069_918),
            ("odt", "docx", 1_069_904),
            ("docx", "wiki", 1_069_904),
        ] {
            let body = format!(r#"{{"file_extension":"{extension}","token":"t","type":"{kind}"}}"#);
            assert_eq!(refused(&body), code, "{extension} {kind}");
        }
        assert_eq!(refused("{}"), 99_992_402);
        let long = "x".repeat(28);
        let body = format!(r#"{{"file_extension":"pdf","token":"{long}","type":"docx"}}"#);
        assert_eq!(refused(&body), 99_992_402);
    }
}
