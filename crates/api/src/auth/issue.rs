//! Credentials -> token. Which token, and for how long, is `platform`'s.

use std::sync::Arc;

use larkspur_platform::{Issued, TokenError};
use larkspur_rehearsal::lint::Note;

use super::codes;
use super::wire::{
    AppToken, Credentials, InTenant, Resent, StoreAppToken, StoreCredentials, TenantToken,
};
use crate::{Answer, ApiError, ErrorCode, Request, Services};

/// Reads a body; what cannot be read is 10003 (contract, `platform_codes`).
fn read<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    request.json(codes::INVALID_PARAM).map_err(|error| ApiError {
        http: 200,
        why: Some("the body is JSON with app_id and app_secret".to_owned()),
        code: 10_003,
        msg: "invalid param".into(),
        ..error
    })
}

fn credentials(request: &Request) -> Result<(String, String), ApiError> {
    let body: Credentials = read(request)?;
    Ok((body.app_id.unwrap_or_default(), body.app_secret.unwrap_or_default()))
}

fn refused(error: TokenError) -> ApiError {
    match error {
        TokenError::Refused { code, msg } => refusal(code, msg),
        TokenError::Failed(error) => codes::INTERNAL.caused_by(error),
    }
}

/// The refusal of credentials, with its reason.
fn refusal(code: i64, msg: &'static str) -> ApiError {
    let mut all =
        [codes::CUSTOM, codes::STORE_APP, codes::STORE_TENANT, codes::RESEND].concat().into_iter();
    let known = all.find(|known| (known.code, known.msg) == (code, msg));
    let why = match known {
        Some(codes::UNKNOWN_APP) => "there is no app of this app_id",
        Some(codes::WRONG_SECRET) => {
            "app_secret is another one; a lost one is replaced by its owner"
        }
        Some(codes::DISABLED) => "the app is disabled",
        Some(codes::TICKET) => "app_ticket is neither the last one pushed nor the one before it",
        Some(codes::APP_TOKEN) => "app_access_token does not hold; ask for a new one",
        Some(codes::TENANT) => "there is no tenant of this tenant_key",
        Some(codes::NOT_INSTALLED) => "the app is not installed in the tenant",
        Some(codes::NO_TICKET) => "custom apps have no app_ticket",
        _ => "app_id and app_secret of a custom app are required",
    };
    known.unwrap_or(ErrorCode::new(200, code, msg)).because(why)
}

/// `authTenantAccessTokenInternal`.
pub(super) async fn tenant(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (id, secret) = credentials(&request)?;
    let Issued { token, expire_s } =
        services.platform.tenant_token(&id, &secret).await.map_err(refused)?;
    let answer = Answer::flat(&TenantToken {
        code: 0,
        msg: "ok",
        tenant_access_token: token.expose(),
        expire: expire_s,
    })?;
    Ok(answer.noted(Note::TokenGiven))
}

/// `authAppAccessTokenInternal`.
pub(super) async fn app(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (id, secret) = credentials(&request)?;
    let Issued { token, expire_s } =
        services.platform.app_token(&id, &secret).await.map_err(refused)?;
    let answer = Answer::flat(&AppToken {
        code: 0,
        msg: "ok",
        app_access_token: token.expose(),
        expire: expire_s,
        tenant_access_token: token.expose(),
    })?;
    Ok(answer.noted(Note::TokenGiven))
}

/// `authAppAccessToken`, of store apps.
pub(super) async fn store_app(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: StoreCredentials = read(&request)?;
    let (id, secret) = (body.app_id.unwrap_or_default(), body.app_secret.unwrap_or_default());
    let ticket = body.app_ticket.unwrap_or_default();
    let issued = services.platform.store_app_token(&id, &secret, &ticket).await;
    let Issued { token, expire_s } = issued.map_err(refused)?;
    Answer::flat(&StoreAppToken {
        code: 0,
        msg: "success",
        app_access_token: token.expose(),
        expire: expire_s,
    })
}

/// `authTenantAccessToken`, of store apps.
pub(super) async fn store_tenant(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: InTenant = read(&request)?;
    let app_token = body.app_access_token.unwrap_or_default();
    let tenant_key = body.tenant_key.unwrap_or_default();
    let issued = services.platform.store_tenant_token(&app_token, &tenant_key).await;
    let Issued { token, expire_s } = issued.map_err(refused)?;
    Answer::flat(&TenantToken {
        code: 0,
        msg: "success",
        tenant_access_token: token.expose(),
        expire: expire_s,
    })
}

/// `authAppTicketResend`. Nothing is pushed from here: the operator reads the ticket and hands it on
/// (`larkspur app ticket`), since a server for tests calls nobody.
pub(super) async fn resend(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (id, secret) = credentials(&request)?;
    services.platform.resend_ticket(&id, &secret).await.map_err(refused)?;
    Answer::flat(&Resent { code: 0, msg: "success" })
}
