//! The pages as they are shown: the question, and why there is none.

use askama::Template;
use larkspur_platform::{App, AppKind, Authorization};
use larkspur_store::users::User;

use super::scopes::{self, Group};
use super::texts::Texts;
use crate::{ApiError, Language, PageAnswer, PagePolicy, codes};

/// The question whether an app may act for a user.
#[derive(Template)]
#[template(path = "authen/authorize.html")]
struct Question<'a> {
    texts: &'static Texts,
    language: Language,
    switch: String,
    style_nonce: &'a str,
    app: &'a App,
    target: &'a str,
    groups: Vec<Group>,
    action: &'static str,
    query: &'a str,
    proof: &'a str,
    /// Everybody one may be; `None` where one must prove who one is.
    people: Option<Vec<Person>>,
    user: &'a str,
    /// Whether the app acts in several tenants.
    several: bool,
    wrong: Option<&'static str>,
}

/// Somebody one may be.
struct Person {
    value: String,
    name: String,
    chosen: bool,
}

/// Why nobody is asked.
#[derive(Template)]
#[template(path = "authen/problem.html")]
struct Problem<'a> {
    texts: &'static Texts,
    language: Language,
    switch: Option<String>,
    style_nonce: &'a str,
    message: &'a str,
    hint: &'a str,
    code: i64,
    log_id: &'a str,
}

/// What a question is made of.
pub(super) struct Asking<'a> {
    pub(super) asked: &'a Authorization,
    pub(super) language: Language,
    /// The address that opened the page, without what chose its language.
    pub(super) query: &'a str,
    pub(super) people: Option<&'a [User]>,
    pub(super) user: &'a str,
    pub(super) proof: &'a str,
    pub(super) cookie: String,
    pub(super) style_nonce: String,
    /// What was wrong with the answer before.
    pub(super) wrong: Option<&'static str>,
}

/// The page that asks.
pub(super) fn question(asking: Asking<'_>) -> Result<PageAnswer, ApiError> {
    let Asking { asked, language, query, people, user, proof, cookie, style_nonce, wrong } = asking;
    let mixed =
        people.is_some_and(|people| people.iter().any(|person| person.tenant != people[0].tenant));
    let person = |person: &User| {
        let value = format!("{}/{}", person.tenant, person.id);
        let name = if mixed {
            format!("{} · {} · {}", person.name, person.id, person.tenant)
        } else {
            format!("{} · {}", person.name, person.id)
        };
        Person { chosen: value == user, value, name }
    };
    let page = Question {
        texts: Texts::of(language),
        language,
        switch: switched(query, language),
        style_nonce: &style_nonce,
        app: &asked.app,
        target: &asked.redirect_uri,
        groups: scopes::explained(&asked.scopes, language),
        action: super::authorize::DECIDE_PATH,
        query,
        proof,
        people: people.map(|people| people.iter().map(person).collect()),
        user,
        several: asked.app.kind == AppKind::Store,
        wrong,
    };
    let html = page.render().map_err(|error| codes::INTERNAL.caused_by(error))?;
    let http = if wrong.is_some() { 403 } else { 200 };
    let form_target = form_target(&asked.redirect_uri);
    let policy = PagePolicy::Alone { style_nonce, form_target };
    Ok(PageAnswer { http, code: 0, html, policy, cookie: Some(cookie) })
}

/// What a page about a problem says.
pub(super) struct Trouble<'a> {
    pub(super) http: u16,
    pub(super) code: i64,
    pub(super) message: &'a str,
    pub(super) hint: &'a str,
}

/// The page that says why nobody is asked.
pub(super) fn problem(
    trouble: &Trouble<'_>,
    language: Language,
    query: Option<&str>,
    log_id: &str,
    style_nonce: String,
) -> Result<PageAnswer, ApiError> {
    let page = Problem {
        texts: Texts::of(language),
        language,
        switch: query.map(|query| switched(query, language)),
        style_nonce: &style_nonce,
        message: trouble.message,
        hint: trouble.hint,
        code: trouble.code,
        log_id,
    };
    let html = page.render().map_err(|error| codes::INTERNAL.caused_by(error))?;
    let (http, code) = (trouble.http, trouble.code);
    let policy = PagePolicy::Alone { style_nonce, form_target: None };
    Ok(PageAnswer { http, code, html, policy, cookie: None })
}

/// The same page in the other language.
fn switched(query: &str, language: Language) -> String {
    let tag = language.other().tag();
    format!("{}?{query}&lang={tag}", super::authorize::PATH)
}

/// Where browsers must let the form lead: they hold the redirect behind it to the page's policy.
fn form_target(redirect_uri: &str) -> Option<String> {
    let (scheme, rest) = redirect_uri.split_once("://")?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    Some(if web && !host.is_empty() && host.bytes().all(plain) {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}:")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_to_the_origin_and_nothing_slips_into_the_policy() {
        for (uri, target) in [
            ("https://a.example/cb?x=1", "https://a.example"),
            ("http://127.0.0.1:3000/cb", "http://127.0.0.1:3000"),
            ("http://[::1]:3000/cb", "http:"),
            ("myapp://back", "myapp:"),
            ("https://a;script-src*/cb", "https:"),
        ] {
            assert_eq!(form_target(uri).as_deref(), Some(target), "{uri}");
        }
    }
}
