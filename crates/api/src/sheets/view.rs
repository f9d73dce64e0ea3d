//! Stored spreadsheets -> wire answers.

use std::sync::Arc;

use bytes::Bytes;
use larkspur_formats::cells::Manifest;
use larkspur_model::workbook::{CellRange, Sheet};
use larkspur_platform::Access;
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SheetRecord, SpreadsheetRecord};

use super::range::{AskedRange, written};
use super::values::{Render, TooLarge, ValuesWriter};
use super::{codes, load, wire};
use crate::access::{self, Found};
use crate::people::{self, UserIdKind};
use crate::{Answer, ApiError, ErrorCode, Request, Services, address};

/// The same refusals under the numbers of two versions of the API.
struct Refusals {
    missing: ErrorCode,
    deleted: ErrorCode,
    forbidden: ErrorCode,
    internal: ErrorCode,
}

const V3: Refusals = Refusals {
    missing: codes::NOT_FOUND,
    deleted: codes::DELETED,
    forbidden: codes::PERMISSION,
    internal: codes::SERVER,
};
const V2: Refusals = Refusals {
    missing: codes::V2_NOT_FOUND,
    deleted: codes::V2_NOT_FOUND,
    forbidden: codes::V2_PERMISSION,
    internal: codes::V2_FAIL,
};

/// A spreadsheet the caller may read.
struct Opened {
    object: Object,
    record: SpreadsheetRecord,
    sheets: Vec<SheetRecord>,
    manifest: Arc<Manifest>,
}

impl Opened {
    fn sheet(&self, position: i64) -> Sheet {
        let sheets = &self.manifest.workbook.sheets;
        usize::try_from(position).ok().and_then(|at| sheets.get(at)).cloned().unwrap_or_default()
    }
}

async fn open(
    services: &Services,
    request: &Request,
    token: &str,
    refusals: &Refusals,
) -> Result<Opened, ApiError> {
    let internal = |error: larkspur_store::Error| refusals.internal.caused_by(error);
    let caller = request.caller()?;
    let db = &services.store.db;
    let now_ms = services.clock.now_ms();
    let object = match access::find(db, caller, token, Access::View, now_ms).await {
        Err(error) => return Err(internal(error)),
        Ok(Found::Missing) => return Err(refusals.missing.because(access::MISSING)),
        Ok(Found::Gone(_)) => return Err(refusals.deleted.because(access::DELETED)),
        Ok(Found::Forbidden) => return Err(refusals.forbidden.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) if object.kind == ObjectKind::Sheet => object,
        Ok(Found::Object(_)) => {
            return Err(refusals.missing.because("the token is not a spreadsheet's"));
        }
    };
    let record = spreadsheets::get(db, &caller.tenant, &object.token)
        .await
        .map_err(internal)?
        .ok_or_else(|| refusals.internal.caused_by("an object without its spreadsheet"))?;
    let sheets = spreadsheets::sheets(db, &object.token).await.map_err(internal)?;
    let manifest = load::manifest(services, &record.manifest_key).await.map_err(internal)?;
    Ok(Opened { object, record, sheets, manifest })
}

/// `sheetsSpreadsheetGet`.
pub(super) async fn spreadsheet(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let kind =
        UserIdKind::parse(request.query.text("user_id_type").as_deref()).ok_or_else(|| {
            codes::INVALID_PARAMETER.because("user_id_type is open_id, union_id or user_id")
        })?;
    let opened = open(&services, &request, request.path_value("spreadsheet_token"), &V3).await?;
    let owner = people::owner(&services, request.caller()?, &opened.object.owner, kind)
        .await
        .map_err(|error| codes::SERVER.caused_by(error))?;
    let base = address::base(&services, &request);
    let token = opened.object.token.as_str();
    Answer::data(&wire::SpreadsheetData {
        spreadsheet: wire::SpreadsheetInfo {
            title: &opened.object.name,
            owner_id: &owner,
            token,
            url: &address::of(&base, ObjectKind::Sheet, token),
        },
    })
}

/// `sheetsSpreadsheetSheetQuery`.
pub(super) async fn sheets(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let opened = open(&services, &request, request.path_value("spreadsheet_token"), &V3).await?;
    let sheets = opened
        .sheets
        .iter()
        .map(|record| wire::WireSheet::new(record, &opened.sheet(record.position)))
        .collect();
    Answer::data(&wire::SheetsData { sheets })
}

/// `sheetsSpreadsheetSheetGet`.
pub(super) async fn sheet(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let opened = open(&services, &request, request.path_value("spreadsheet_token"), &V3).await?;
    let id = request.path_value("sheet_id");
    let record =
        opened.sheets.iter().find(|record| record.id.as_str() == id).ok_or_else(|| {
            codes::INVALID_PARAMETER.because("there is no sheet of this sheet_id")
        })?;
    let sheet = wire::WireSheet::new(record, &opened.sheet(record.position));
    Answer::data(&wire::SheetData { sheet })
}

/// `sheetsV2Metainfo`.
pub(super) async fn metainfo(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let asked = request.query.text("user_id_type");
    let kind = UserIdKind::parse(asked.as_deref()).ok_or_else(|| {
        codes::V2_PARAMETER.because("user_id_type is open_id, union_id or user_id")
    })?;
    let opened = open(&services, &request, request.path_value("spreadsheetToken"), &V2).await?;
    let owner = &opened.object.owner;
    let (owner_user, owner_user_id) = if asked.is_some() {
        let id = people::owner(&services, request.caller()?, owner, kind)
            .await
            .map_err(|error| codes::V2_FAIL.caused_by(error))?;
        (None, Some(id))
    } else {
        (people::number_of(owner).parse().ok(), None)
    };
    let sheets = opened
        .sheets
        .iter()
        .map(|record| wire::MetainfoSheet::new(record, &opened.sheet(record.position)))
        .collect();
    Answer::data(&wire::MetainfoData {
        spreadsheet_token: opened.object.token.as_str(),
        properties: wire::MetainfoProperties {
            title: &opened.object.name,
            owner_user,
            owner_user_id,
            sheet_count: opened.sheets.len(),
            revision: opened.record.revision,
        },
        sheets,
    })
}

/// What `sheetsV2ValuesGet` was asked.
struct Asked {
    range: AskedRange,
    render: Render,
    dates_as_text: bool,
}

fn asked(request: &Request) -> Result<Asked, ApiError> {
    let range = AskedRange::parse(request.path_value("range")).ok_or_else(|| {
        codes::V2_RANGE
            .because("a range is <sheetId>!A1:B5, <sheetId>!A:B, <sheetId>!A2:B or <sheetId>")
    })?;
    let render =
        Render::parse(request.query.text("valueRenderOption").as_deref()).ok_or_else(|| {
            codes::V2_PARAMETER.because(
                "valueRenderOption is ToString, Formula, FormattedValue or UnformattedValue",
            )
        })?;
    let dates_as_text = match request.query.text("dateTimeRenderOption").as_deref() {
        None => false,
        Some("FormattedString") => true,
        Some(_) => {
            return Err(codes::V2_PARAMETER.because("dateTimeRenderOption is FormattedString"));
        }
    };
    UserIdKind::parse(request.query.text("user_id_type").as_deref()).ok_or_else(|| {
        codes::V2_PARAMETER.because("user_id_type is open_id, union_id or user_id")
    })?;
    Ok(Asked { range, render, dates_as_text })
}

/// `sheetsV2ValuesGet`.
pub(super) async fn values(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let asked = asked(&request)?;
    let opened = open(&services, &request, request.path_value("spreadsheetToken"), &V2).await?;
    let record =
        opened.sheets.iter().find(|record| record.id.as_str() == asked.range.sheet).ok_or_else(
            || codes::V2_SHEET_NOT_FOUND.because("the spreadsheet has no sheet of this id"),
        )?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let cells = asked.range.resolve(count(record.row_count), count(record.column_count));
    let revision = opened.record.revision;
    let token = opened.object.token.as_str();
    let shown = match &cells {
        Some(range) => format!("{}!{}", record.id, written(range)),
        None => request.path_value("range").to_owned(),
    };
    let range = serde_json::to_string(&shown).map_err(|error| codes::V2_FAIL.caused_by(error))?;
    let head = format!(
        "{{\"code\":0,\"msg\":\"success\",\"data\":{{\"revision\":{revision},\
         \"spreadsheetToken\":\"{token}\",\"valueRange\":{{\"majorDimension\":\"ROWS\",\
         \"range\":{range},\"revision\":{revision},\"values\":"
    );
    let mut body = match cells {
        None => [head.as_bytes(), b"[]"].concat(),
        Some(cells) => {
            write_cells(&services, &opened, record, cells, &asked, head.into_bytes()).await?
        }
    };
    body.extend_from_slice(b"}}}");
    Ok(Answer::Json(Bytes::from(body)))
}

/// A writer on its way through a sheet, and whether it stopped because the answer is too large.
struct Writing {
    writer: ValuesWriter,
    outcome: Result<(), TooLarge>,
}

async fn write_cells(
    services: &Services,
    opened: &Opened,
    record: &SheetRecord,
    range: CellRange,
    asked: &Asked,
    head: Vec<u8>,
) -> Result<Vec<u8>, ApiError> {
    let too_large = |TooLarge| codes::V2_TOO_LARGE.because("ask for a smaller range");
    ValuesWriter::check_size(&range).map_err(too_large)?;
    let links = opened.sheet(record.position).links;
    let writer = ValuesWriter::new(
        &opened.manifest.workbook,
        links,
        range,
        asked.render,
        asked.dates_as_text,
        head,
    );
    let writing = load::window(
        &services.store.blobs,
        &opened.record.cells_key,
        &opened.manifest,
        usize::try_from(record.position).unwrap_or(usize::MAX),
        range,
        Writing { writer, outcome: Ok(()) },
        |writing, row| {
            writing.outcome = writing.writer.row(row);
            writing.outcome.is_ok()
        },
    )
    .await
    .map_err(|error| codes::V2_FAIL.caused_by(error))?;
    writing.outcome.and_then(|()| writing.writer.finish()).map_err(too_large)
}
