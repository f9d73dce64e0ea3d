//! Who calls, and whether they may: the gate before every operation.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use larkspur_api::{ApiError, Details, Operation, PermissionViolation, codes};
use larkspur_platform::{Denied, Platform};

use crate::call::Call;

/// Lets the caller in and notes who it is.
pub(crate) async fn admit(
    platform: &Platform,
    operation: &Operation,
    headers: &HeaderMap,
    call: &mut Call<'_>,
) -> Result<(), ApiError> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if operation.admin {
        let admin = platform.is_admin(authorization).await;
        if admin.map_err(|error| codes::INTERNAL.caused_by(error))? {
            call.admin = true;
            return Ok(());
        }
        if operation.tokens.is_empty() {
            return Err(codes::ADMIN_ONLY.because(
                "send `Authorization: Bearer <LARKSPUR_ADMIN_TOKEN>`; the server writes it to \
                 its --env-file, and `larkspur admin reset-token` makes a new one",
            ));
        }
    }
    if operation.tokens.is_empty() {
        return Ok(());
    }
    let caller = match platform.authenticate(authorization).await {
        Ok(caller) => Arc::clone(call.caller.insert(caller)),
        Err(denied) => {
            call.app.clone_from(&denied.app);
            return Err(refused(denied));
        }
    };
    platform.allow(&caller, &operation.requirements()).map_err(refused)
}

fn refused(denied: Denied) -> ApiError {
    let mut error = codes::INTERNAL.because(denied.why);
    error.http = denied.http;
    error.code = denied.code;
    error.msg = denied.msg;
    error.layer = denied.layer;
    let permission_violations: Vec<_> = denied
        .violations
        .into_iter()
        .map(|violation| PermissionViolation {
            kind: violation.kind.to_owned(),
            subject: violation.subject,
            description: String::new(),
        })
        .collect();
    if permission_violations.is_empty() {
        return error;
    }
    error.with(Details { permission_violations, ..Details::default() })
}
