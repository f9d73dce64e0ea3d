//! The report itself: for who made the task, with its token; for whoever has the signed address.

use std::sync::Arc;

use larkspur_model::id::{ObjectToken, TenantId};
use larkspur_store::objects::{self, Object, ObjectKind};

use super::codes;
use super::job::MARK;
use super::view::{find, is_good_link, output, token_of};
use crate::vc::permission;
use crate::{Answer, ApiError, ErrorCode, Request, Services, stored_file};

/// The file of `token`, if it is a report that still lives.
async fn file(
    services: &Services,
    tenant: &TenantId,
    token: &ObjectToken,
) -> Result<Option<Object>, larkspur_store::Error> {
    let now_ms = services.clock.now_ms();
    let object = objects::get(&services.store.db, tenant, token).await?;
    Ok(object.filter(|object| {
        object.kind == ObjectKind::Export && object.extra == MARK && object.is_live(now_ms)
    }))
}

async fn answer(
    services: &Services,
    object: Object,
    request: &Request,
    param: ErrorCode,
    internal: ErrorCode,
) -> Result<Answer, ApiError> {
    stored_file::answer(services, object, request.range(), param, internal).await
}

/// `vcExportDownload`.
pub(super) async fn download(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let internal = |error| codes::INTERNAL.caused_by(error);
    let text = request.query.text("file_token");
    let text = text.ok_or_else(|| codes::PARAM.because("file_token is required"))?;
    let unknown = || codes::NOT_EXIST.because("the token is no report's, or it has expired");
    let token = token_of(&services, &text).ok_or_else(unknown)?.into();
    let object = file(&services, &caller.tenant, &token).await.map_err(internal)?;
    let object = object.ok_or_else(unknown)?;
    if object.owner != caller.creator() {
        return Err(codes::NO_PERMISSION.because("only who exported it may download it"));
    }
    let manages = permission::manages_meetings(&services.store.db, caller).await;
    if !manages.map_err(internal)? {
        return Err(codes::NO_PERMISSION.because("the right to manage meetings was taken away"));
    }
    answer(&services, object, &request, codes::PARAM, codes::INTERNAL).await
}

/// `larkspurVcExportFile`.
pub(super) async fn follow(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let task = request.path_value("task_id");
    if !is_good_link(&services, task, &request) {
        return Err(codes::LINK_OVER
            .because("addresses of reports are good for an hour; ask for the task again"));
    }
    let internal = |error| codes::LINK_INTERNAL.caused_by(error);
    let gone = || codes::LINK_GONE.because("the report has expired; export again");
    let id = task.parse().map_err(|_| gone())?;
    let record = find(&services, id).await.map_err(internal)?.ok_or_else(gone)?;
    let made = output(&record).ok_or_else(gone)?;
    let tenant = TenantId::from(record.tenant.as_str());
    let object = file(&services, &tenant, &made.token).await.map_err(internal)?;
    let object = object.ok_or_else(gone)?;
    answer(&services, object, &request, codes::LINK_OVER, codes::LINK_INTERNAL).await
}
