//! What was refused, as a page: what happened, why, and what to do.

use askama::Template;
use larkspur_api::{Answer, ApiError, Language, codes};

use crate::visit::answer_page;

#[derive(Template)]
#[template(path = "problem/problem.html")]
struct Problem<'a> {
    language: Language,
    message: &'a str,
    why: Option<&'a str>,
    /// What does not fit, which says more than the reason.
    fields: Vec<String>,
    code: i64,
    log_id: &'a str,
}

/// The page about a refusal.
pub(crate) fn show(language: Language, log_id: &str, error: &ApiError) -> Result<Answer, ApiError> {
    let violations = error.details.as_deref().map_or(&[][..], |details| &details.field_violations);
    let page = Problem {
        language,
        message: &error.msg,
        why: error.why.as_deref(),
        fields: violations
            .iter()
            .map(|field| format!("{}: {}", field.field, field.description))
            .collect(),
        code: error.code,
        log_id,
    };
    let html = page.render().map_err(|error| codes::INTERNAL.caused_by(error))?;
    if let Some(cause) = &error.internal {
        // The road logs causes of refusals; this one leaves it as a page.
        tracing::error!(log_id, cause, "a page of the console failed on our side");
    }
    Ok(answer_page(html, error.http.max(400), error.code))
}
