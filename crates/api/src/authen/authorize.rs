//! The browser's way through the code flow: the page that asks, and what is answered on it (contract,
//! NOTES §2.3). Whoever opens the page from elsewhere must prove who they are; on the machine of the
//! server itself one may be anybody, since one may read its data there too.

use std::sync::Arc;

use larkspur_model::id::{TenantId, UserId};
use larkspur_platform::{
    AppKind, Authorization, AuthorizationQuery, AuthorizeError, Secret, SignIn,
};
use larkspur_store::users::{self, User};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::page::{self, Asking, Trouble};
use crate::request::is_loopback_url;
use crate::{Answer, ApiError, Language, Query, Request, Services, codes};

/// Where the page is (contract).
pub(super) const PATH: &str = "/open-apis/authen/v1/authorize";
/// Where its form goes.
pub(super) const DECIDE_PATH: &str = "/larkspur/v1/authorize";
const COOKIE: &str = "larkspur_page";
const NONCE_LENGTH: usize = 32;
/// People listed at most, of each tenant.
const MOST_PEOPLE: i64 = 200;
/// Longest address that is taken; browsers and proxies end near it.
const MOST_QUERY_BYTES: usize = 8_000;

/// `authenAuthorize`: the page.
pub(super) async fn show(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let chosen = request.query.text("lang");
    let language = Language::of(chosen.as_deref(), request.header("accept-language"));
    let query = without_language(request.query.raw());
    match asked(&services, &query).await {
        Ok(asked) => {
            let visit = Visit { services: &services, request: &request, language, query: &query };
            visit.ask(&asked, "", None).await
        }
        Err(error) => refuse(&services, &request, language, Some(&query), &error),
    }
}

/// `larkspurAuthorizeDecide`: what was answered on the page.
pub(super) async fn decide(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let form = request.form();
    let field = |name: &str| form.text(name).unwrap_or_default();
    let chosen = form.text("lang");
    let language = Language::of(chosen.as_deref(), request.header("accept-language"));
    let nonce = cookie(&request).unwrap_or_default();
    let elsewhere = !matches!(request.header("sec-fetch-site"), "" | "same-origin");
    if elsewhere || !services.platform.is_page_proof(&nonce, &field("proof")) {
        let trouble = Trouble {
            http: 403,
            code: 20_001,
            message: language.pick(
                "This answer does not come from a page of this server, or the page is old.",
                "此提交并非来自本服务器的页面，或页面已过期。",
            ),
            hint: language.pick(
                "Open the app's sign-in again; cookies must be allowed.",
                "请从应用重新发起登录，并允许 Cookie。",
            ),
        };
        return problem(&services, &request, language, None, &trouble);
    }
    let query = without_language(&field("query"));
    let asked = match asked(&services, &query).await {
        Ok(asked) => asked,
        Err(error) => return refuse(&services, &request, language, Some(&query), &error),
    };
    let state = Query::new(query.as_str()).text("state");
    if field("decision") != "allow" {
        let error = ("error", "access_denied");
        let to = back(&asked.redirect_uri, error, state.as_deref());
        return Ok(Answer::Redirect { to, cookie: None });
    }
    let visit = Visit { services: &services, request: &request, language, query: &query };
    let (who, password) = (field("user"), Secret::new(field("password")));
    let user = match visit.prove(&asked, &who, &password).await? {
        Ok(user) => user,
        Err(wrong) => return visit.ask(&asked, &who, Some(wrong)).await,
    };
    let code = services.platform.consent(&asked, &user).await;
    match code.map_err(|error| codes::INTERNAL.caused_by(error))? {
        Some(code) => {
            let code = ("code", code.expose());
            let to = back(&asked.redirect_uri, code, state.as_deref());
            Ok(Answer::Redirect { to, cookie: None })
        }
        None => visit.ask(&asked, &who, Some(visit.unknown())).await,
    }
}

/// Somebody in front of the page.
struct Visit<'a> {
    services: &'a Services,
    request: &'a Request,
    language: Language,
    query: &'a str,
}

impl Visit<'_> {
    /// Whether they sit at the server's own machine. A server that is known to the world under
    /// another name has a proxy in front of it, and some of those look like that machine.
    fn may_be_anybody(&self) -> bool {
        let world = self.services.settings.public_url.as_deref();
        world.is_none_or(is_loopback_url) && self.request.is_local()
    }

    async fn ask(
        &self,
        asked: &Authorization,
        user: &str,
        wrong: Option<&'static str>,
    ) -> Result<Answer, ApiError> {
        let platform = &self.services.platform;
        let people = if self.may_be_anybody() {
            let people = platform.users_of_app(&asked.app, MOST_PEOPLE).await;
            Some(people.map_err(|error| codes::INTERNAL.caused_by(error))?)
        } else {
            None
        };
        let nonce =
            cookie(self.request).unwrap_or_else(|| self.services.ids.alphanumeric(NONCE_LENGTH));
        let proof = platform.page_proof(&nonce);
        let asking = Asking {
            asked,
            language: self.language,
            query: self.query,
            people: people.as_deref(),
            user,
            proof: proof.expose(),
            cookie: format!("{COOKIE}={nonce}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"),
            style_nonce: self.services.ids.alphanumeric(NONCE_LENGTH),
            wrong,
        };
        page::question(asking).map(Answer::Page)
    }

    /// The user somebody says to be, once that is sure; else what to tell them.
    async fn prove(
        &self,
        asked: &Authorization,
        who: &str,
        password: &Secret,
    ) -> Result<Result<User, &'static str>, ApiError> {
        let platform = &self.services.platform;
        let (tenant, id) = match who.trim().split_once('/') {
            Some((tenant, id)) => (TenantId::from(tenant), id),
            None if asked.app.kind == AppKind::Custom => (asked.app.tenant.clone(), who.trim()),
            None => return Ok(Err(self.unknown())),
        };
        let id = UserId::from(id);
        if !self.may_be_anybody() {
            let header = format!("Bearer {}", password.expose());
            let admin = platform.is_admin(Some(&header)).await;
            if !admin.map_err(|error| codes::INTERNAL.caused_by(error))? {
                let sign_in = platform.sign_in(&tenant, &id, password).await;
                match sign_in.map_err(|error| codes::INTERNAL.caused_by(error))? {
                    SignIn::Right => {}
                    SignIn::Wrong => return Ok(Err(self.unknown())),
                    SignIn::TooMany => {
                        return Ok(Err(self.language.pick(
                            "Too many wrong passwords. Try again in ten minutes.",
                            "密码错误次数过多，请十分钟后再试。",
                        )));
                    }
                }
            }
        }
        let user = users::get(&self.services.store.db, &tenant, &id).await;
        let user = user.map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(user.ok_or_else(|| self.unknown()))
    }

    const fn unknown(&self) -> &'static str {
        self.language.pick(
            "User or password is wrong, or the user may not use this app.",
            "用户或密码错误，或该用户无权使用此应用。",
        )
    }
}

async fn asked(services: &Services, query: &str) -> Result<Authorization, AuthorizeError> {
    if query.len() > MOST_QUERY_BYTES {
        return Err(AuthorizeError::Parameter("the whole address"));
    }
    let query = Query::new(query);
    let asked = AuthorizationQuery {
        // An older SDK spells it `app_id` (contract, NOTES §2.3).
        client_id: query.text("client_id").or_else(|| query.text("app_id")),
        response_type: query.text("response_type"),
        redirect_uri: query.text("redirect_uri"),
        scope: query.text("scope"),
        code_challenge: query.text("code_challenge"),
        code_challenge_method: query.text("code_challenge_method"),
    };
    services.platform.check_authorization(&asked).await
}

/// What is wrong stands on a page: the address to go back to may be anybody's.
fn refuse(
    services: &Services,
    request: &Request,
    language: Language,
    query: Option<&str>,
    error: &AuthorizeError,
) -> Result<Answer, ApiError> {
    let (http, code, message, hint) = match error {
        AuthorizeError::Parameter(name) => {
            let message =
                language.pick("A parameter is missing or wrong.", "缺少参数或参数格式错误。");
            (400, 20_001, message, (*name).to_owned())
        }
        AuthorizeError::UnknownApp => {
            let message = language.pick("There is no such app.", "应用不存在。");
            (400, 20_048, message, "client_id".to_owned())
        }
        AuthorizeError::AppDisabled => {
            let message = language.pick("The app is disabled.", "应用未启用。");
            (400, 20_069, message, String::new())
        }
        AuthorizeError::RedirectUri(app) => {
            let chinese = "redirect_uri 未在应用中登记。";
            let message = language.pick("The redirect_uri is not one of the app's.", chinese);
            (400, 20_029, message, format!("larkspur app set-redirect-uris {app} URI"))
        }
        AuthorizeError::Scopes(unknown) => {
            let chinese = "应用未开通以下权限，无法申请：";
            let message = language.pick("The app asks for scopes it does not have:", chinese);
            (400, 20_027, message, unknown.join(" "))
        }
        AuthorizeError::Failed(cause) => return Err(codes::INTERNAL.caused_by(cause)),
    };
    problem(services, request, language, query, &Trouble { http, code, message, hint: &hint })
}

fn problem(
    services: &Services,
    request: &Request,
    language: Language,
    query: Option<&str>,
    trouble: &Trouble<'_>,
) -> Result<Answer, ApiError> {
    let style_nonce = services.ids.alphanumeric(NONCE_LENGTH);
    page::problem(trouble, language, query, &request.log_id, style_nonce).map(Answer::Page)
}

/// The address to go back to, with the outcome and the app's own `state`.
fn back(redirect_uri: &str, (name, value): (&str, &str), state: Option<&str>) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let mut address = format!("{redirect_uri}{separator}{name}={value}");
    if let Some(state) = state {
        address.push_str("&state=");
        address.extend(utf8_percent_encode(state, NON_ALPHANUMERIC));
    }
    address
}

fn without_language(query: &str) -> String {
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    kept.join("&")
}

/// The text this browser was given with a page.
fn cookie(request: &Request) -> Option<String> {
    let nonce = request.cookie(COOKIE)?;
    let proper =
        nonce.len() == NONCE_LENGTH && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
    proper.then(|| nonce.to_owned())
}
