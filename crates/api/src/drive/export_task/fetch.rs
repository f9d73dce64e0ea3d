//! The exported file, for who made the task, within ten minutes of its end.

use std::sync::Arc;

use larkspur_platform::Access;
use larkspur_rehearsal::lint::{Note, mark};
use larkspur_store::objects::ObjectKind;

use super::super::download;
use super::codes;
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services};

/// `driveExportTaskDownload`.
pub(super) async fn download(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let token = request.path_value("file_token");
    let now_ms = services.clock.now_ms();
    match access::find(&services.store.db, caller, token, Access::View, now_ms).await {
        Err(error) => Err(codes::INTERNAL.caused_by(error)),
        Ok(Found::Forbidden) => {
            Err(codes::NO_PERMISSION.because("only who exported it may download it"))
        }
        Ok(Found::Object(object)) if object.kind == ObjectKind::Export => {
            if object.owner != caller.creator() {
                return Err(codes::NO_PERMISSION.because("only who exported it may download it"));
            }
            let answer = download::answer(&services, object, request.range()).await?;
            Ok(answer.noted(Note::Downloaded { file: mark(token) }))
        }
        Ok(Found::Gone(_)) => {
            Err(codes::INVALID_FILE.because("exported files live ten minutes; export again"))
        }
        Ok(Found::Missing | Found::Object(_)) => {
            Err(codes::INVALID_FILE.because("the token is not an exported file's"))
        }
    }
}
