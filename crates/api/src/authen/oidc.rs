//! The first generation of the same: authorized by an `app_access_token`, answered in the envelope,
//! refused with HTTP status 200.

use std::sync::Arc;

use larkspur_platform::{App, Redeeming, TokenVersion, UserTokens};

use super::codes::{refused_v1, v1};
use super::wire::{OidcBody, OidcData};
use crate::{Answer, ApiError, Request, Services};

/// `authenOidcAccessToken`.
pub(super) async fn redeem(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (app, body) = read(&services, &request, "authorization_code").await?;
    let code = body.code.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| v1::INVALID.because("code is missing"))?;
    let redeeming = Redeeming { code: &code, redirect_uri: None, code_verifier: None, scope: None };
    let tokens = services.platform.redeem(&app, redeeming, TokenVersion::V1).await;
    answer(&tokens.map_err(refused_v1)?)
}

/// `authenOidcRefreshAccessToken`.
pub(super) async fn renew(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (app, body) = read(&services, &request, "refresh_token").await?;
    let token = body.refresh_token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| v1::INVALID.because("refresh_token is missing"))?;
    let tokens = services.platform.renew(&app, &token, None, TokenVersion::V1).await;
    answer(&tokens.map_err(refused_v1)?)
}

async fn read(
    services: &Services,
    request: &Request,
    grant_type: &str,
) -> Result<(App, OidcBody), ApiError> {
    let body: OidcBody = request.json(v1::INVALID).map_err(|error| {
        let code = v1::INVALID;
        ApiError { http: code.http, code: code.code, msg: code.msg.into(), ..error }
    })?;
    match body.grant_type.as_deref() {
        None | Some("") => return Err(v1::INVALID.because("grant_type is missing")),
        Some(given) if given == grant_type => {}
        Some(given) => return Err(v1::GRANT_TYPE.because(format!("grant_type is {given:?}"))),
    }
    let caller = request.caller()?;
    let app = services.platform.app(&caller.app).await;
    Ok((app.map_err(|error| v1::FAILED.caused_by(error))?, body))
}

fn answer(tokens: &UserTokens) -> Result<Answer, ApiError> {
    let (refresh, seconds) = match &tokens.refresh {
        Some((token, seconds)) => (token.expose(), *seconds),
        None => ("", 0),
    };
    Answer::data(&OidcData {
        access_token: tokens.access_token.expose(),
        refresh_token: refresh,
        token_type: "Bearer",
        expires_in: tokens.expires_in_s,
        refresh_expires_in: seconds,
        scope: &tokens.scopes,
    })
}
