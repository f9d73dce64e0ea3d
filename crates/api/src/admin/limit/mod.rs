//! How many calls an app has left under the ceilings the platform documents, whether they are enforced
//! or not.

use std::sync::Arc;

use larkspur_model::id::AppId;
use larkspur_platform::{Bucket, Ceilings};
use larkspur_store::apps;
use serde::Serialize;

use super::{app_of, directory, of_app};
use crate::operation::{Method, Operation};
use crate::{Answer, ApiError, Request, Resource, Services, operations as all_operations};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    vec![of_app(
        "larkspurLimitList",
        Method::GET,
        "/larkspur/v1/apps/{app_id}/limits",
        directory::ALL,
        |services, request| Box::pin(list(services, request)),
    )]
}

#[derive(Serialize)]
struct Data {
    items: Vec<Left>,
}

/// An operation that was called lately, and what is left of its ceilings, as this node counted.
#[derive(Serialize)]
struct Left {
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Window>,
}

#[derive(Serialize)]
struct Window {
    ceiling: u32,
    left: u32,
}

/// Of all operations with a ceiling those that the app called in the running day.
async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let id = AppId::from(app_of(&request)?);
    let app = apps::get(&services.store.db, &id).await.map_err(directory::internal)?;
    let app = app.ok_or_else(|| directory::NO_APP.because(format!("there is no app {id}")))?;
    let tenant = request.query.text("tenant_id").unwrap_or_else(|| app.tenant.to_string());
    let now_ms = services.clock.now_ms();
    let left = |operation: Operation| {
        let ceilings = operation.rate.ceilings;
        if ceilings == Ceilings::NONE {
            return None;
        }
        let bucket = Bucket {
            operation: operation.id,
            app: app.id.as_str(),
            tenant: &tenant,
            document: None,
        };
        let [second, minute, day] = services.platform.limiter().counted(&bucket, now_ms);
        let window = |ceiling: u32, calls: u32| {
            (ceiling > 0).then(|| Window { ceiling, left: ceiling.saturating_sub(calls) })
        };
        (day > 0).then(|| Left {
            operation: operation.id,
            second: window(ceilings.per_second, second),
            minute: window(ceilings.per_minute, minute),
            day: window(ceilings.per_day, day),
        })
    };
    Answer::data(&Data { items: all_operations().into_iter().filter_map(left).collect() })
}
