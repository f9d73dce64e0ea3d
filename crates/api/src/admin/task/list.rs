//! Tasks of all families, the latest first, as far as the caller may see them.

use std::sync::Arc;

use larkspur_engine::Filter;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as Misfit, StrDeserializer};

use super::super::directory::{List, Page};
use super::view;
use crate::{Answer, ApiError, FieldViolation, Request, Services};

/// `larkspurTaskList`: narrowed by `family`, `state`, `name` (part of the title), `failure`, `loss`
/// (their kinds), `app_id`, `creator`, `from_ms`, `until_ms`, for the operator also `tenant_id`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let query = &request.query;
    let before = match page.after.as_str() {
        "" => None,
        token => Some(token.parse().map_err(|_| misfit("page_token", token, "a page's token"))?),
    };
    let mut filter = Filter {
        tenant: query.text("tenant_id"),
        app: query.text("app_id"),
        creator: query.text("creator"),
        family: query.text("family"),
        state: word(&request, "state")?,
        title: query.text("name"),
        failure: word(&request, "failure")?,
        loss: word(&request, "loss")?,
        from_ms: time(&request, "from_ms")?,
        until_ms: time(&request, "until_ms")?,
        before,
    };
    if !request.admin {
        let caller = request.caller()?;
        filter.tenant = Some(caller.tenant.as_str().to_owned());
        if caller.user.is_none() {
            filter.app = Some(caller.app.as_str().to_owned());
        } else if !caller.admin {
            filter.creator = Some(caller.creator());
        }
    }
    let records = services.engine.list(&filter, page.limit()).await;
    let records = records.map_err(|error| crate::codes::INTERNAL.caused_by(error))?;
    let mut records: Vec<_> = records
        .into_iter()
        .map(|record| (record.id.to_string(), services.engine.shown(record)))
        .collect();
    let next = page.cut(&mut records, |(id, _)| id);
    let items = records.iter().map(|(_, record)| view::show(record, None)).collect();
    Answer::data(&List::new(items, next))
}

/// A parameter whose value is a word of the model: a state, a kind.
fn word<T: DeserializeOwned>(request: &Request, name: &str) -> Result<Option<T>, ApiError> {
    let Some(text) = request.query.text(name) else { return Ok(None) };
    let words: StrDeserializer<'_, Misfit> = text.as_str().into_deserializer();
    T::deserialize(words).map(Some).map_err(|error| misfit(name, &text, &error.to_string()))
}

fn time(request: &Request, name: &str) -> Result<Option<i64>, ApiError> {
    let wanted = "a whole number of milliseconds since 1970";
    request.query.integer(name).map_err(|text| misfit(name, &text, wanted))
}

fn misfit(field: &str, value: &str, description: &str) -> ApiError {
    ApiError::fields(vec![FieldViolation {
        field: field.to_owned(),
        value: value.to_owned(),
        description: description.to_owned(),
    }])
}
