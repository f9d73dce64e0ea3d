//! Signing in: the page on which a user lets an app act for them, the tokens that come of it, and who
//! the user is. Two generations of the token operations stand side by side, as the platform has them.

mod authorize;
mod codes;
mod oidc;
mod page;
mod scopes;
mod texts;
mod token;
mod user_info;
mod wire;

use larkspur_platform::{AppKind, TokenKind};

pub use self::codes::oauth_word;

use crate::operation::{BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The token operation of newer clients, which is on no page.
const V3: &str = "oauthV3Token";

fn operation(
    id: &'static str,
    method: Method,
    path: &'static str,
    tokens: &'static [TokenKind],
    errors: &'static [ErrorCode],
    handler: Handler,
) -> Operation {
    const APPS: &[AppKind] = CUSTOM_OR_STORE;
    let body = if method == Method::GET { BodyKind::None } else { BodyKind::Json };
    Operation {
        id,
        method,
        path,
        tokens,
        apps: APPS,
        scopes: &[],
        rate: Rate::level_4(),
        errors,
        body,
        download: false,
        admin: false,
        handler,
    }
}

fn operations() -> Vec<Operation> {
    const APP: &[TokenKind] = &[TokenKind::App];
    const USER: &[TokenKind] = &[TokenKind::User];
    let (get, post) = (Method::GET, Method::POST);
    vec![
        operation(
            "authenAuthorize",
            get.clone(),
            "/open-apis/authen/v1/authorize",
            &[],
            &[],
            |services, request| Box::pin(authorize::show(services, request)),
        ),
        operation(
            "larkspurAuthorizeDecide",
            post.clone(),
            authorize::DECIDE_PATH,
            &[],
            &[],
            |services, request| Box::pin(authorize::decide(services, request)),
        ),
        operation(
            "authenOauthToken",
            post.clone(),
            "/open-apis/authen/v2/oauth/token",
            &[],
            codes::v2::ALL,
            |services, request| Box::pin(token::v2(services, request)),
        ),
        operation(V3, post.clone(), "/oauth/v3/token", &[], codes::v2::ALL, |services, request| {
            Box::pin(token::v3(services, request))
        }),
        operation(
            "authenOidcAccessToken",
            post.clone(),
            "/open-apis/authen/v1/oidc/access_token",
            APP,
            codes::v1::TOKEN,
            |services, request| Box::pin(oidc::redeem(services, request)),
        ),
        operation(
            "authenOidcRefreshAccessToken",
            post,
            "/open-apis/authen/v1/oidc/refresh_access_token",
            APP,
            codes::v1::REFRESH,
            |services, request| Box::pin(oidc::renew(services, request)),
        ),
        Operation {
            // The page names its ceilings in prose only.
            rate: Rate::NONE,
            ..operation(
                "authenUserInfo",
                get,
                "/open-apis/authen/v1/user_info",
                USER,
                codes::info::ALL,
                |services, request| Box::pin(user_info::get(services, request)),
            )
        },
    ]
}
