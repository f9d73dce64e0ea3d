//! Credentials -> token. Which token, and for how long, is `platform`'s.

use std::sync::Arc;

use larkspur_platform::{Issued, TokenError};

use super::codes;
use super::wire::{AppToken, Credentials, TenantToken};
use crate::{Answer, ApiError, ErrorCode, Request, Services};

fn credentials(request: &Request) -> Result<(String, String), ApiError> {
    let body: Credentials = request.json(codes::INVALID_PARAM).map_err(|error| ApiError {
        http: 200,
        code: 10_003,
        msg: "invalid param".into(),
        ..error
    })?;
    Ok((body.app_id.unwrap_or_default(), body.app_secret.unwrap_or_default()))
}

fn refused(error: TokenError) -> ApiError {
    match error {
        TokenError::Refused { code, msg } => ErrorCode::new(200, code, msg).into(),
        TokenError::Failed(error) => codes::INTERNAL.caused_by(error),
    }
}

/// `authTenantAccessTokenInternal`.
pub(super) async fn tenant(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (id, secret) = credentials(&request)?;
    let Issued { token, expire_s } =
        services.platform.tenant_token(&id, &secret).await.map_err(refused)?;
    Answer::flat(&TenantToken {
        code: 0,
        msg: "ok",
        tenant_access_token: token.expose(),
        expire: expire_s,
    })
}

/// `authAppAccessTokenInternal`.
pub(super) async fn app(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (id, secret) = credentials(&request)?;
    let Issued { token, expire_s } =
        services.platform.app_token(&id, &secret).await.map_err(refused)?;
    Answer::flat(&AppToken {
        code: 0,
        msg: "ok",
        app_access_token: token.expose(),
        expire: expire_s,
        tenant_access_token: token.expose(),
    })
}
