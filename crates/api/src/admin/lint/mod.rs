//! What a reviewer would tell the author of an app, from the calls it made.

use std::future::ready;

use larkspur_rehearsal::lint::Finding;
use serde::Serialize;

use super::{app_of, directory, of_app, operator};
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

#[derive(Serialize)]
struct AppFindings<'a> {
    app_id: &'a str,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct AllFindings<'a> {
    items: Vec<AppFindings<'a>>,
}

fn operations() -> Vec<crate::Operation> {
    const ONE: &str = "/larkspur/v1/apps/{app_id}/findings";
    const ALL: &str = "/larkspur/v1/findings";
    let errors = directory::ALL;
    vec![
        of_app("larkspurFindingList", Method::GET, ONE, errors, |services, request| {
            Box::pin(ready(list(&services, &request)))
        }),
        of_app("larkspurFindingClear", Method::DELETE, ONE, errors, |services, request| {
            Box::pin(ready(clear(&services, &request)))
        }),
        operator("larkspurFindingListAll", Method::GET, ALL, errors, |services, _| {
            Box::pin(ready(list_all(&services)))
        }),
    ]
}

fn list(services: &Services, request: &Request) -> Result<Answer, ApiError> {
    let app_id = app_of(request)?;
    let findings = services.rehearsal.lint.findings(app_id, services.clock.now_ms());
    Answer::data(&AppFindings { app_id, findings })
}

/// Forgets what the app did, so that the next look begins anew.
fn clear(services: &Services, request: &Request) -> Result<Answer, ApiError> {
    services.rehearsal.lint.forget(app_of(request)?);
    Answer::empty()
}

fn list_all(services: &Services) -> Result<Answer, ApiError> {
    let now_ms = services.clock.now_ms();
    let lint = &services.rehearsal.lint;
    let apps = lint.apps();
    let items =
        apps.iter().map(|app_id| AppFindings { app_id, findings: lint.findings(app_id, now_ms) });
    Answer::data(&AllFindings { items: items.collect() })
}
