//! Somebody in front of a page: who is let in, in which language and for which tenant they look, and
//! how a page asks the operations of the `api` floor.

use std::sync::Arc;

use askama::Template;
use larkspur_api::{
    Acting, Answer, ApiError, Inside, Language, PageAnswer, PagePolicy, Request, Services, codes,
};
use larkspur_model::id::{ObjectToken, TenantId};
use larkspur_model::time::Millis;
use larkspur_store::objects::{self, Object};
use larkspur_store::{apps, users};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::frame::{Frame, Section, TenantChoice};
use crate::{problem, sign_in};

/// The cookie with the session.
pub(crate) const SESSION: &str = "larkspur_console";
/// The cookie with the language that was chosen.
pub(crate) const LANGUAGE: &str = "larkspur_language";
/// The cookie with the colours that were chosen.
pub(crate) const THEME: &str = "larkspur_theme";
/// The cookie with the tenant that is looked at.
pub(crate) const TENANT: &str = "larkspur_tenant";
/// The header in which scripts prove what forms prove in a field.
const PROOF: &str = "x-larkspur-proof";
/// Tenants to choose from.
const MOST_TENANTS: i64 = 100;
/// Users among whom an administrator is looked for.
const MOST_USERS: i64 = 200;

/// A visit of somebody who is signed in.
pub(crate) struct Visit {
    pub(crate) services: Arc<Services>,
    pub(crate) request: Request,
    pub(crate) language: Language,
    session: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

/// What a page or a form is answered with.
pub(crate) trait Answering: Future<Output = Result<Answer, ApiError>> + Send {}

impl<T: Future<Output = Result<Answer, ApiError>> + Send> Answering for T {}

/// Lets somebody who is signed in look: does `work`. Others are asked to sign in. What is refused becomes
/// a page that says why, or stays an envelope for scripts.
pub(crate) async fn enter<Fut: Answering>(
    services: Arc<Services>,
    request: Request,
    work: impl FnOnce(Visit) -> Fut + Send,
) -> Result<Answer, ApiError> {
    admit(services, request, false, work).await
}

/// As [`enter`], for what changes something: that must come from a page of the same session.
pub(crate) async fn act<Fut: Answering>(
    services: Arc<Services>,
    request: Request,
    work: impl FnOnce(Visit) -> Fut + Send,
) -> Result<Answer, ApiError> {
    admit(services, request, true, work).await
}

async fn admit<Fut: Answering>(
    services: Arc<Services>,
    request: Request,
    changes: bool,
    work: impl FnOnce(Visit) -> Fut + Send,
) -> Result<Answer, ApiError> {
    let language = language(&request);
    let session = request.cookie(SESSION).unwrap_or_default().to_owned();
    let known = services.platform.is_session(&session).await;
    let script = is_script(&request);
    if !known.map_err(|error| codes::INTERNAL.caused_by(error))? {
        if script {
            return Err(codes::ADMIN_ONLY.because("sign in to the console again"));
        }
        return Ok(sign_in::first(&request));
    }
    if changes && !is_meant(&services, &request, &session) {
        let why = language.pick(
            "This does not come from a page of this console, or the page is old. Load it again.",
            "此操作并非来自本控制台的页面，或页面已过期，请重新加载。",
        );
        let refusal = codes::BAD_REQUEST.because(why);
        return if script {
            Err(refusal)
        } else {
            problem::show(language, &request.log_id, &refusal)
        };
    }
    let log_id = request.log_id.clone();
    match work(Visit { services, request, language, session }).await {
        Err(error) if !script => problem::show(language, &log_id, &error),
        result => result,
    }
}

/// Whether a request that changes something comes from a page of this session.
fn is_meant(services: &Services, request: &Request, session: &str) -> bool {
    let here = matches!(request.header("sec-fetch-site"), "" | "same-origin");
    let proof = match request.header(PROOF) {
        "" => request.form().text("proof").unwrap_or_default(),
        header => header.to_owned(),
    };
    here && services.platform.is_session_proof(session, &proof)
}

/// Whether a script asks, which reads JSON.
fn is_script(request: &Request) -> bool {
    request.header("accept").contains("application/json")
}

/// The language that was chosen, else the browser's.
pub(crate) fn language(request: &Request) -> Language {
    Language::of(request.cookie(LANGUAGE), request.header("accept-language"))
}

/// `text` as it stands in an address.
pub(crate) fn in_address(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A page, made.
pub(crate) fn answer_page(html: String, http: u16, code: i64) -> Answer {
    let policy = PagePolicy::OwnServer;
    Answer::Page(PageAnswer { http, code, html, policy, cookie: None })
}

/// A page that was put together.
pub(crate) fn show(page: &impl Template) -> Result<Answer, ApiError> {
    let html = page.render().map_err(|error| codes::INTERNAL.caused_by(error))?;
    Ok(answer_page(html, 200, 0))
}

/// Where a browser goes after a form.
pub(crate) fn go(to: impl Into<String>) -> Answer {
    Answer::Redirect { to: to.into(), cookie: None }
}

impl Visit {
    /// A call of one of Larkspur's own operations.
    pub(crate) fn operator(&self, operation: &'static str) -> Inside {
        self.call(operation, &Acting::Operator)
    }

    /// A call of an operation as somebody.
    pub(crate) fn call(&self, operation: &'static str, acting: &Acting) -> Inside {
        Inside::new(operation, acting, &self.request)
    }

    /// The `data` of what a call is answered.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Inside) -> Result<T, ApiError> {
        let (Answer::Json(bytes) | Answer::Noted(bytes, _)) = self.services.call(call).await?
        else {
            return Err(codes::INTERNAL.caused_by("the operation answers no JSON"));
        };
        let envelope: Envelope<T> =
            serde_json::from_slice(&bytes).map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(envelope.data)
    }

    /// Does what a call says; what it is answered does not matter.
    pub(crate) async fn do_it(&self, call: Inside) -> Result<(), ApiError> {
        self.services.call(call).await.map(|_| ())
    }

    /// What stands around every page.
    pub(crate) async fn frame(
        &self,
        section: Section,
        title: impl Into<String>,
    ) -> Result<Frame, ApiError> {
        let tenants = self.tenants().await?;
        let tenant = self.chosen(&tenants).await?;
        let proof = self.services.platform.session_proof(&self.session);
        let theme = match self.request.cookie(THEME) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "auto",
        };
        Ok(Frame {
            language: self.language,
            section,
            title: title.into(),
            proof: proof.expose().to_owned(),
            theme,
            here: self.here(),
            tenants: tenants
                .into_iter()
                .map(|(id, name)| TenantChoice { chosen: id == tenant.as_str(), id, name })
                .collect(),
        })
    }

    /// The session, to end it.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// The address of this page.
    fn here(&self) -> String {
        self.request.uri.path_and_query().map_or_else(String::new, ToString::to_string)
    }

    /// What stands between the parts of a form, and in none of them: nobody can guess it.
    pub(crate) fn boundary(&self) -> String {
        self.services.ids.alphanumeric(48)
    }

    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.request.query.text(name)
    }

    /// A field of the form that was sent.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.request.form().text(name)
    }

    /// What the server's clock shows.
    pub(crate) fn now_ms(&self) -> Millis {
        self.services.clock.now_ms()
    }

    async fn tenants(&self) -> Result<Vec<(String, String)>, ApiError> {
        let db = &self.services.store.db;
        let tenants = larkspur_store::tenants::list(db, "", MOST_TENANTS).await;
        let tenants = tenants.map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(tenants.into_iter().map(|tenant| (tenant.id.to_string(), tenant.name)).collect())
    }

    /// The tenant that is looked at: the chosen one, else the server's first.
    pub(crate) async fn tenant(&self) -> Result<TenantId, ApiError> {
        let tenants = self.tenants().await?;
        self.chosen(&tenants).await
    }

    async fn chosen(&self, tenants: &[(String, String)]) -> Result<TenantId, ApiError> {
        let chosen = self.request.cookie(TENANT);
        if let Some((id, _)) = tenants.iter().find(|(id, _)| chosen == Some(id)) {
            return Ok(TenantId::from(id.as_str()));
        }
        let bootstrap = self.services.platform.bootstrap().await;
        Ok(bootstrap.map_err(|error| codes::INTERNAL.caused_by(error))?.tenant)
    }

    /// The app through which pages act in the tenant that is looked at.
    async fn app(&self, tenant: &TenantId) -> Result<apps::App, ApiError> {
        let apps = apps::of_tenant(&self.services.store.db, tenant).await;
        let apps = apps.map_err(|error| codes::INTERNAL.caused_by(error))?;
        apps.into_iter().find(|app| app.enabled).ok_or_else(|| {
            codes::BAD_REQUEST.because(self.language.pick(
                "This tenant has no app that is enabled; `larkspur app create` makes one.",
                "该租户没有已启用的应用，可用 `larkspur app create` 创建。",
            ))
        })
    }

    /// The tenant's first app, to act as.
    pub(crate) async fn as_app(&self) -> Result<Acting, ApiError> {
        let tenant = self.tenant().await?;
        let app = self.app(&tenant).await?.id;
        self.services.acting_for(&tenant, &app, &format!("app:{app}")).await
    }

    /// An administrator of the tenant, who sees all its spaces; the app where there is none.
    pub(crate) async fn as_administrator(&self) -> Result<Acting, ApiError> {
        let tenant = self.tenant().await?;
        let app = self.app(&tenant).await?.id;
        let db = &self.services.store.db;
        let people = users::list(db, &tenant, "", MOST_USERS).await;
        let people = people.map_err(|error| codes::INTERNAL.caused_by(error))?;
        let boss = people.into_iter().find(|user| user.admin && user.enabled);
        let identity =
            boss.map_or_else(|| format!("app:{app}"), |user| format!("user:{}", user.id));
        self.services.acting_for(&tenant, &app, &identity).await
    }

    /// The thing of a token, and its owner to act as.
    pub(crate) async fn thing(&self, token: &str) -> Result<(Object, Acting), ApiError> {
        let none = || {
            codes::UNKNOWN_PATH.because(self.language.pick(
                "There is nothing of this token; it may have been deleted.",
                "找不到该 token 对应的内容，可能已被删除。",
            ))
        };
        if token.is_empty() || token.len() > 64 {
            return Err(none());
        }
        let db = &self.services.store.db;
        let object = objects::by_token(db, &ObjectToken::from(token)).await;
        let object = object.map_err(|error| codes::INTERNAL.caused_by(error))?;
        let object = object.filter(|object| object.is_live(self.now_ms())).ok_or_else(none)?;
        let acting =
            self.services.acting_for(&object.tenant, &object.creator_app, &object.owner).await?;
        Ok((object, acting))
    }
}
