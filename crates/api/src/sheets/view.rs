//! Stored spreadsheets -> wire answers on what they are; their values are another file's.

use std::sync::{Arc, LazyLock};

use larkspur_formats::cells::Manifest;
use larkspur_model::workbook::Sheet;
use larkspur_platform::Access;
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SheetRecord, SpreadsheetRecord};

use super::load::{self, Book};
use super::{codes, wire};
use crate::access::{self, Found};
use crate::people::{self, UserIdKind};
use crate::{Answer, ApiError, ErrorCode, Request, Services, address};

/// The same refusals under the numbers of two versions of the API.
pub(super) struct Refusals {
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
pub(super) const V2: Refusals = Refusals {
    missing: codes::V2_NOT_FOUND,
    deleted: codes::V2_NOT_FOUND,
    forbidden: codes::V2_PERMISSION,
    internal: codes::V2_FAIL,
};

/// A spreadsheet that is open to the caller.
pub(super) struct Opened {
    pub(super) object: Object,
    pub(super) record: SpreadsheetRecord,
    pub(super) sheets: Vec<SheetRecord>,
    pub(super) manifest: Arc<Manifest>,
}

impl Opened {
    fn sheet(&self, position: i64) -> &Sheet {
        static NONE: LazyLock<Sheet> = LazyLock::new(Sheet::default);
        let sheets = &self.manifest.workbook.sheets;
        usize::try_from(position).ok().and_then(|at| sheets.get(at)).unwrap_or(&NONE)
    }

    /// What its cells are read from.
    pub(super) fn book(&self, services: &Services) -> Book {
        Book {
            manifest: Arc::clone(&self.manifest),
            blobs: services.store.blobs.clone(),
            cells_key: self.record.cells_key.clone(),
        }
    }
}

/// Opens a spreadsheet for `access` by the caller.
pub(super) async fn open(
    services: &Services,
    request: &Request,
    token: &str,
    access: Access,
    refusals: &Refusals,
) -> Result<Opened, ApiError> {
    let internal = |error: larkspur_store::Error| refusals.internal.caused_by(error);
    let caller = request.caller()?;
    let db = &services.store.db;
    let now_ms = services.clock.now_ms();
    let object = match access::find(db, caller, token, access, now_ms).await {
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
    let opened =
        open(&services, &request, request.path_value("spreadsheet_token"), Access::View, &V3)
            .await?;
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
    let opened =
        open(&services, &request, request.path_value("spreadsheet_token"), Access::View, &V3)
            .await?;
    let sheets = opened
        .sheets
        .iter()
        .map(|record| wire::WireSheet::new(record, opened.sheet(record.position)))
        .collect();
    Answer::data(&wire::SheetsData { sheets })
}

/// `sheetsSpreadsheetSheetGet`.
pub(super) async fn sheet(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let opened =
        open(&services, &request, request.path_value("spreadsheet_token"), Access::View, &V3)
            .await?;
    let id = request.path_value("sheet_id");
    let record =
        opened.sheets.iter().find(|record| record.id.as_str() == id).ok_or_else(|| {
            codes::INVALID_PARAMETER.because("there is no sheet of this sheet_id")
        })?;
    let sheet = wire::WireSheet::new(record, opened.sheet(record.position));
    Answer::data(&wire::SheetData { sheet })
}

/// `sheetsV2Metainfo`.
pub(super) async fn metainfo(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let asked = request.query.text("user_id_type");
    let kind = match asked.as_deref() {
        None | Some("open_id") => UserIdKind::Open,
        Some("union_id") => UserIdKind::Union,
        Some(_) => {
            return Err(codes::V2_PARAMETER.because("user_id_type is open_id or union_id"));
        }
    };
    // Other fields may come to be asked for: the list is open (contract, `extFields`).
    let protected = request
        .query
        .text("extFields")
        .is_some_and(|fields| fields.split(',').any(|field| field.trim() == "protectedRange"));
    let opened =
        open(&services, &request, request.path_value("spreadsheetToken"), Access::View, &V2)
            .await?;
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
        .map(|record| wire::MetainfoSheet::new(record, opened.sheet(record.position), protected))
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
