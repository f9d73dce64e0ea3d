//! The token operations of OAuth: a code, a refresh token, or the app's own credentials become an
//! access token. Stock clients post forms and HTTP Basic, so both are read (contract, NOTES §2.3).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use larkspur_platform::{App, AppKind, Issued, Redeeming, TokenError, TokenVersion, UserTokens};
use percent_encoding::percent_decode_str;

use super::codes::{refused_v2, v2};
use super::wire::{TokenBody, TokenData};
use crate::{Answer, ApiError, Request, Services};

/// `authenOauthToken`.
pub(super) async fn v2(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body = read(&request)?;
    let grant_type = required(body.grant_type.as_ref(), "grant_type")?;
    if !matches!(grant_type, "authorization_code" | "refresh_token") {
        return Err(v2::GRANT_TYPE.because(format!("grant_type is {grant_type:?}")));
    }
    let app = client(&services, &request, &body).await?;
    user_tokens(&services, &app, &body).await
}

/// The operation newer clients use for every kind of token: as [`v2`], and the app's own credentials
/// for its tenant token (clients' notes, "Tokens").
pub(super) async fn v3(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body = read(&request)?;
    match required(body.grant_type.as_ref(), "grant_type")? {
        "client_credentials" => {
            let (id, secret) = credentials(&request, &body)?;
            let app = services.platform.app_of_credentials(&id, &secret).await;
            if app.map_err(refused_v2)?.kind != AppKind::Custom {
                let why = "a store app acts in many tenants: it asks for each tenant's token";
                return Err(v2::GRANT_TYPE.because(why));
            }
            let issued = services.platform.tenant_token(&id, &secret).await;
            let Issued { token, expire_s } = issued.map_err(|error| match error {
                TokenError::Refused { .. } => v2::WRONG_SECRET.into(),
                TokenError::Failed(error) => v2::INTERNAL.caused_by(error),
            })?;
            Answer::flat(&TokenData {
                code: 0,
                access_token: token.expose(),
                expires_in: expire_s,
                refresh_token: None,
                refresh_token_expires_in: None,
                scope: None,
                token_type: "Bearer",
            })
        }
        "authorization_code" | "refresh_token" => {
            let app = client(&services, &request, &body).await?;
            user_tokens(&services, &app, &body).await
        }
        other => Err(v2::GRANT_TYPE.because(format!(
            "grant_type is {other:?}; here are client_credentials, authorization_code, refresh_token"
        ))),
    }
}

async fn user_tokens(services: &Services, app: &App, body: &TokenBody) -> Result<Answer, ApiError> {
    let platform = &services.platform;
    let scope = body.scope.as_deref();
    let tokens = if body.grant_type.as_deref() == Some("refresh_token") {
        let token = required(body.refresh_token.as_ref(), "refresh_token")?;
        platform.renew(app, token, scope, TokenVersion::V2).await
    } else {
        let code = required(body.code.as_ref(), "code")?;
        let (redirect_uri, code_verifier) =
            (body.redirect_uri.as_deref(), body.code_verifier.as_deref());
        let redeeming = Redeeming { code, redirect_uri, code_verifier, scope };
        platform.redeem(app, redeeming, TokenVersion::V2).await
    };
    let UserTokens { access_token, expires_in_s, scopes, refresh } = tokens.map_err(refused_v2)?;
    Answer::flat(&TokenData {
        code: 0,
        access_token: access_token.expose(),
        expires_in: expires_in_s,
        refresh_token: refresh.as_ref().map(|(token, _)| token.expose()),
        refresh_token_expires_in: refresh.as_ref().map(|(_, seconds)| *seconds),
        scope: Some(&scopes),
        token_type: "Bearer",
    })
}

fn read(request: &Request) -> Result<TokenBody, ApiError> {
    if request.is_form() {
        return Ok(TokenBody::of_form(&request.form()));
    }
    request.json(v2::MALFORMED).map_err(|error| {
        let code = v2::MALFORMED;
        ApiError { http: code.http, code: code.code, msg: code.msg.into(), ..error }
    })
}

fn required<'a>(value: Option<&'a String>, name: &str) -> Result<&'a str, ApiError> {
    match value.map(String::as_str).filter(|value| !value.is_empty()) {
        Some(value) => Ok(value),
        None => Err(v2::MISSING.because(format!("{name} is missing"))),
    }
}

async fn client(services: &Services, request: &Request, body: &TokenBody) -> Result<App, ApiError> {
    let (id, secret) = credentials(request, body)?;
    services.platform.app_of_credentials(&id, &secret).await.map_err(refused_v2)
}

/// The app's credentials: from the header or from the body, not from both (20070).
fn credentials(request: &Request, body: &TokenBody) -> Result<(String, String), ApiError> {
    let header = request.header("authorization").trim();
    let (scheme, encoded) = header.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("basic") {
        let id = required(body.client_id.as_ref(), "client_id")?;
        let secret = required(body.client_secret.as_ref(), "client_secret")?;
        return Ok((id.to_owned(), secret.to_owned()));
    }
    if body.client_secret.is_some() {
        return Err(v2::TWO_METHODS.because("client_secret stands in the body and in the header"));
    }
    let pair = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
    let Some((id, secret)) = pair else {
        return Err(v2::MALFORMED.because("the Authorization header is no HTTP Basic"));
    };
    // RFC 6749 §2.3.1: both halves are encoded as in a form.
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (id, secret) = (decoded(id), decoded(secret));
    if body.client_id.as_ref().is_some_and(|other| *other != id) {
        return Err(v2::TWO_METHODS.because("the header and the body name different apps"));
    }
    Ok((id, secret))
}
