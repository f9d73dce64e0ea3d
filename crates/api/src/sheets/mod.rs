//! Online spreadsheets, read back: their sheets and the values of a range. Editing is another room's
//! work.

mod codes;
mod load;
mod range;
mod values;
mod view;
mod wire;

use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

pub(crate) use self::load::ManifestCache;

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let read = |id, path, rate, errors, handler| Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &[
            "drive:drive",
            "drive:drive:readonly",
            "sheets:spreadsheet",
            "sheets:spreadsheet:readonly",
        ],
        rate,
        errors,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    };
    vec![
        read(
            "sheetsSpreadsheetGet",
            "/open-apis/sheets/v3/spreadsheets/{spreadsheet_token}",
            Rate::per_minute(100),
            codes::V3,
            |services, request| Box::pin(view::spreadsheet(services, request)),
        ),
        read(
            "sheetsSpreadsheetSheetQuery",
            "/open-apis/sheets/v3/spreadsheets/{spreadsheet_token}/sheets/query",
            Rate::per_minute(100),
            codes::V3,
            |services, request| Box::pin(view::sheets(services, request)),
        ),
        read(
            "sheetsSpreadsheetSheetGet",
            "/open-apis/sheets/v3/spreadsheets/{spreadsheet_token}/sheets/{sheet_id}",
            Rate::per_minute(100),
            codes::V3,
            |services, request| Box::pin(view::sheet(services, request)),
        ),
        read(
            "sheetsV2Metainfo",
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/metainfo",
            Rate::per_second(100),
            codes::V2,
            |services, request| Box::pin(view::metainfo(services, request)),
        ),
        read(
            "sheetsV2ValuesGet",
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values/{range}",
            Rate::per_second(100),
            codes::V2,
            |services, request| Box::pin(view::values(services, request)),
        ),
    ]
}
