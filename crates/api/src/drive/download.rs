//! Files of the drive as answers.

use larkspur_platform::Access;
use larkspur_store::objects::{Object, ObjectKind};

use super::codes;
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, stored_file};

/// The file of the path's `file_token`, if it is of that kind and the caller may read it.
pub(super) async fn find(
    services: &Services,
    request: &Request,
    kind: ObjectKind,
) -> Result<Object, ApiError> {
    let caller = request.caller()?;
    let token = request.path_value("file_token");
    let now_ms = services.clock.now_ms();
    match access::find(&services.store.db, caller, token, Access::View, now_ms).await {
        Err(error) => Err(codes::INTERNAL.caused_by(error)),
        Ok(Found::Forbidden) => Err(codes::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Gone(_)) => Err(codes::DELETED.because(access::DELETED)),
        Ok(Found::Object(object)) if object.kind == kind => Ok(object),
        Ok(Found::Missing) => Err(codes::NOT_FOUND.because(access::MISSING)),
        Ok(Found::Object(_)) => {
            let other =
                "the token is another kind of thing's; files and media have their own downloads";
            Err(codes::NOT_FOUND.because(other))
        }
    }
}

/// The bytes of `object`, or the part of them that was asked for.
pub(super) async fn answer(
    services: &Services,
    object: Object,
    range: Option<&str>,
) -> Result<Answer, ApiError> {
    stored_file::answer(services, object, range, codes::PARAMS, codes::INTERNAL).await
}
