//! Online spreadsheets: made empty, their sheets, and the values of ranges, read and written.

mod change;
mod codes;
mod create;
mod load;
mod range;
mod read;
mod rich;
mod serial;
mod values;
mod view;
mod wire;
mod write;

use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

pub(crate) use self::load::ManifestCache;
pub(crate) use self::serial::Editing;

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let mut all = reads();
    all.extend(writes());
    all
}

fn reads() -> Vec<Operation> {
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
            codes::V2_INFO,
            |services, request| Box::pin(view::metainfo(services, request)),
        ),
        read(
            "sheetsV2ValuesGet",
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values/{range}",
            Rate::per_second(100),
            codes::V2_READ,
            |services, request| Box::pin(read::one(services, request)),
        ),
        read(
            "sheetsV2ValuesBatchGet",
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values_batch_get",
            Rate::per_second(100),
            codes::V2_READ,
            |services, request| Box::pin(read::several(services, request)),
        ),
    ]
}

fn writes() -> Vec<Operation> {
    let write = |id, method, path, handler| Operation {
        id,
        method,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["drive:drive", "sheets:spreadsheet"],
        rate: Rate::per_second(100)
            .serial_per_document("spreadsheetToken")
            .answered(codes::V2_TOO_MANY),
        errors: codes::V2_WRITE,
        body: BodyKind::Json,
        download: false,
        admin: false,
        handler,
    };
    vec![
        Operation {
            scopes: &["drive:drive", "sheets:spreadsheet", "sheets:spreadsheet:create"],
            rate: Rate::per_minute(20),
            errors: codes::V3_CREATE,
            ..write(
                "sheetsSpreadsheetCreate",
                Method::POST,
                "/open-apis/sheets/v3/spreadsheets",
                |services, request| Box::pin(create::create(services, request)),
            )
        },
        write(
            "sheetsV2ValuesPut",
            Method::PUT,
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values",
            |services, request| Box::pin(write::put(services, request)),
        ),
        Operation {
            errors: codes::V2_APPEND,
            ..write(
                "sheetsV2ValuesAppend",
                Method::POST,
                "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values_append",
                |services, request| Box::pin(write::append(services, request)),
            )
        },
        write(
            "sheetsV2ValuesPrepend",
            Method::POST,
            "/open-apis/sheets/v2/spreadsheets/{spreadsheetToken}/values_prepend",
            |services, request| Box::pin(write::prepend(services, request)),
        ),
    ]
}
