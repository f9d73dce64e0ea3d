//! The last requests of an app and what they were answered, for its author.

use std::future::ready;

use larkspur_rehearsal::record::Entry;
use serde::Serialize;

use super::directory;
use super::of_app;
use crate::operation::Method;
use crate::{Answer, ApiError, FieldViolation, Request, Resource, Services};

/// Requests in one answer.
const MOST: usize = 1_000;

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

#[derive(Serialize)]
struct Data {
    items: Vec<Entry>,
    has_more: bool,
}

#[derive(Serialize)]
struct Apps {
    items: Vec<String>,
}

fn operations() -> Vec<crate::Operation> {
    vec![
        of_app(
            "larkspurRequestList",
            Method::GET,
            "/larkspur/v1/apps/{app_id}/requests",
            directory::ALL,
            |services, request| Box::pin(ready(list(&services, &request))),
        ),
        super::operator(
            "larkspurRequestApps",
            Method::GET,
            "/larkspur/v1/requests/apps",
            directory::ALL,
            |services, _| Box::pin(ready(apps(&services))),
        ),
    ]
}

/// The newest first; `limit` of them (50), `-` for requests whose app is not known.
fn list(services: &Services, request: &Request) -> Result<Answer, ApiError> {
    let app = super::app_of(request)?;
    let limit = match request.query.integer("limit") {
        Ok(None) => 50,
        Ok(Some(limit)) if (1..=MOST as i64).contains(&limit) => limit as usize,
        Ok(Some(_)) | Err(_) => {
            return Err(ApiError::fields(vec![FieldViolation {
                field: "limit".to_owned(),
                value: request.query.text("limit").unwrap_or_default(),
                description: format!("1 to {MOST}"),
            }]));
        }
    };
    let mut items = services.rehearsal.record.of(app, limit + 1);
    let has_more = items.len() > limit;
    items.truncate(limit);
    Answer::data(&Data { items, has_more })
}

/// The apps of which something is kept, the one that called last first.
fn apps(services: &Services) -> Result<Answer, ApiError> {
    Answer::data(&Apps { items: services.rehearsal.record.apps() })
}
