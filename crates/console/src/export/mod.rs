//! Documents become files.

use larkspur_api::{Answer, ApiError, Operation, codes};
use larkspur_store::objects::ObjectKind;
use serde::Deserialize;
use serde_json::json;

use crate::action;
use crate::visit::{self, Visit, act};

#[derive(Deserialize)]
struct Created {
    ticket: String,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![action("consoleExport", "/console/files/{token}/export", |services, request| {
        Box::pin(act(services, request, export))
    })]
}

/// Exports the thing of the path `as` a format; `sub_id` names the sheet or table of a csv.
async fn export(visit: Visit) -> Result<Answer, ApiError> {
    let token = visit.request.path_value("token").to_owned();
    let (object, acting) = visit.thing(&token).await?;
    let kind = match object.kind {
        ObjectKind::Docx => "docx",
        ObjectKind::Sheet => "sheet",
        ObjectKind::Bitable => "bitable",
        _ => return Err(codes::BAD_REQUEST.because("only online documents are exported")),
    };
    let mut body = json!({
        "file_extension": visit.field("as").unwrap_or_default(), "token": token, "type": kind,
    });
    if let Some(sub_id) = visit.field("sub_id") {
        body["sub_id"] = sub_id.into();
    }
    let call = visit.call("driveExportTaskCreate", &acting).json(&body)?;
    let Created { ticket } = visit.ask(call).await?;
    Ok(visit::go(format!("/console/tasks/{ticket}")))
}
