//! Signing in, with the operator's token or the link that a start prints, and out again.

use std::sync::Arc;

use askama::Template;
use larkspur_api::{
    Answer, ApiError, Language, Operation, PageAnswer, PagePolicy, Request, Services, codes,
};
use larkspur_platform::Secret;

use crate::visit::{self, SESSION, Visit, act};
use crate::{action, frame, page};

/// Where one signs in.
pub const PATH: &str = "/console/sign-in";

/// The address that opens the console once.
pub fn link_of(url: &str, link: &Secret) -> String {
    format!("{url}{PATH}?link={}", link.expose())
}

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignIn {
    language: Language,
    back: String,
    link: String,
    wrong: Option<&'static str>,
    other_language: String,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleSignIn", PATH, |services, request| Box::pin(ask(services, request))),
        action("consoleSignInDecide", PATH, |services, request| {
            Box::pin(sign_in(services, request))
        }),
        action("consoleSignOut", "/console/sign-out", |services, request| {
            Box::pin(act(services, request, sign_out))
        }),
    ]
}

/// Where somebody is sent who is not signed in.
pub(crate) fn first(request: &Request) -> Answer {
    let here = request.uri.path_and_query().map_or("/console", |here| here.as_str());
    let here = if frame::is_own(here) { here } else { "/console" };
    let to = format!("{PATH}?back={}", visit::in_address(here));
    Answer::Redirect { to, cookie: None }
}

/// The page. A link is used by the form on it, not by looking at it: programs that preview addresses
/// must not use it up.
async fn ask(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let session = request.cookie(SESSION).unwrap_or_default();
    let known = services.platform.is_session(session).await;
    if known.map_err(|error| codes::INTERNAL.caused_by(error))? {
        return Ok(Answer::Redirect { to: back(request.query.text("back")), cookie: None });
    }
    let link = request.query.text("link").unwrap_or_default();
    show(&request, request.query.text("back"), link, None)
}

async fn sign_in(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let form = request.form();
    let language = visit::language(&request);
    // Another site's form would put a browser of its choice into a session of its choice.
    if !matches!(request.header("sec-fetch-site"), "" | "same-origin") {
        let wrong = language.pick("Send the form of this page.", "请使用本页面的表单。");
        return show(&request, form.text("back"), String::new(), Some(wrong));
    }
    let platform = &services.platform;
    let opened = match (form.text("link"), form.text("token")) {
        (Some(link), _) => platform.open_console(&Secret::new(link)).await,
        (None, Some(token)) => platform.sign_in_operator(&Secret::new(token.trim())).await,
        (None, None) => Ok(None),
    };
    let Some(session) = opened.map_err(|error| codes::INTERNAL.caused_by(error))? else {
        let wrong = if form.text("link").is_some() {
            language.pick(
                "This link was used before, or is older than a day. Sign in with the token.",
                "该链接已被使用或已超过一天，请使用 token 登录。",
            )
        } else {
            language.pick(
                "This is not the admin token. It stands in the env file as LARKSPUR_ADMIN_TOKEN.",
                "admin token 不正确，可在 env 文件的 LARKSPUR_ADMIN_TOKEN 中找到。",
            )
        };
        return show(&request, form.text("back"), String::new(), Some(wrong));
    };
    let secure = match request.scheme {
        larkspur_api::Scheme::Https => "; Secure",
        larkspur_api::Scheme::Http => "",
    };
    let cookie = format!(
        "{SESSION}={}; Path=/console; Max-Age=43200; HttpOnly; SameSite=Strict{secure}",
        session.expose()
    );
    Ok(Answer::Redirect { to: back(form.text("back")), cookie: Some(cookie) })
}

async fn sign_out(visit: Visit) -> Result<Answer, ApiError> {
    let ended = visit.services.platform.end_session(visit.session()).await;
    ended.map_err(|error| codes::INTERNAL.caused_by(error))?;
    let cookie = Some(format!("{SESSION}=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict"));
    Ok(Answer::Redirect { to: PATH.to_owned(), cookie })
}

fn back(back: Option<String>) -> String {
    back.filter(|back| frame::is_own(back)).unwrap_or_else(|| "/console".to_owned())
}

fn show(
    request: &Request,
    back_to: Option<String>,
    link: String,
    wrong: Option<&'static str>,
) -> Result<Answer, ApiError> {
    let language = visit::language(request);
    let back = back(back_to);
    let here = format!("{PATH}?back={}", visit::in_address(&back));
    let other = language.other().tag();
    let other_language = format!("/console/choose?lang={other}&back={}", visit::in_address(&here));
    let page = SignIn { language, back, link, wrong, other_language };
    let html = page.render().map_err(|error| codes::INTERNAL.caused_by(error))?;
    let http = if wrong.is_some() { 403 } else { 200 };
    let policy = PagePolicy::OwnServer;
    Ok(Answer::Page(PageAnswer { http, code: 0, html, policy, cookie: None }))
}
