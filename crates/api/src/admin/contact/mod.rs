//! What decides about the contact book and is set up in the platform's consoles: which departments
//! an app reaches, which custom attributes users have; and the outbox, which nobody receives.

mod wire;

use std::sync::Arc;

use larkspur_model::id::{AppId, TenantId};
use larkspur_store::contacts::{self, Attribute, AttributeKind, ROOT, fold};
use larkspur_store::sql::Transaction;

use self::wire::{AttributeWire, Attributes, MessageWire, RangeBody, RangeData};
use super::directory::{self, List, Page, internal, refused, tenant_of, tenant_of_query};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services, Violations, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const RANGE: &str = "/larkspur/v1/apps/{app_id}/contact_range";
    const ATTRIBUTES: &str = "/larkspur/v1/contact/custom_attrs";
    let errors = directory::ALL;
    vec![
        operator("larkspurContactRangeGet", Method::GET, RANGE, errors, |services, request| {
            Box::pin(range(services, request))
        }),
        operator("larkspurContactRangeSet", Method::PUT, RANGE, errors, |services, request| {
            Box::pin(set_range(services, request))
        }),
        operator("larkspurCustomAttrList", Method::GET, ATTRIBUTES, errors, |services, request| {
            Box::pin(attributes(services, request))
        }),
        operator("larkspurCustomAttrSet", Method::PUT, ATTRIBUTES, errors, |services, request| {
            Box::pin(set_attributes(services, request))
        }),
        operator(
            "larkspurOutboxList",
            Method::GET,
            "/larkspur/v1/outbox",
            errors,
            |services, request| Box::pin(outbox(services, request)),
        ),
    ]
}

/// The app of the path, which must exist.
async fn app_of(services: &Services, request: &Request) -> Result<AppId, ApiError> {
    let id = AppId::from(request.path_value("app_id"));
    Ok(services.platform.app(&id).await.map_err(refused)?.id)
}

async fn range(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let tenant = tenant_of_query(&services, &request).await?;
    let app = app_of(&services, &request).await?;
    let departments = contacts::range(&services.store.db, &tenant, &app).await.map_err(internal)?;
    Answer::data(&RangeData { department_ids: departments })
}

async fn set_range(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: RangeBody = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let app = app_of(&services, &request).await?;
    let mut kept = Vec::with_capacity(body.department_ids.len());
    for id in body.department_ids.iter().filter(|id| *id != ROOT) {
        let found = contacts::departments_by_id(&services.store.db, &tenant, &[fold(id)]).await;
        let Some(found) = found.map_err(internal)?.pop() else {
            return Err(directory::NO_DEPARTMENT.because(format!("no department {id:.80}")));
        };
        kept.push(found.id);
    }
    change_book(&services, &tenant, |transaction| {
        contacts::set_range(transaction, &tenant, &app, &kept);
    })
    .await?;
    Answer::data(&RangeData { department_ids: kept })
}

/// Changes what rules of the book depend on, so that whoever is comparing with them looks again.
async fn change_book(
    services: &Services,
    tenant: &TenantId,
    change: impl FnOnce(&mut Transaction),
) -> Result<(), ApiError> {
    let mut transaction = Transaction::new();
    contacts::touch(&mut transaction, tenant);
    change(&mut transaction);
    services.store.db.commit(transaction).await.map(|_| ()).map_err(internal)
}

async fn attributes(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let tenant = tenant_of_query(&services, &request).await?;
    let found = contacts::attributes(&services.store.db, &tenant).await.map_err(internal)?;
    let shown = found.into_iter().map(|attribute| AttributeWire {
        id: attribute.id,
        name: attribute.name,
        kind: match attribute.kind {
            AttributeKind::Text => "TEXT".to_owned(),
            AttributeKind::Link => "HREF".to_owned(),
        },
        enabled: attribute.enabled,
    });
    Answer::data(&Attributes { tenant_id: None, custom_attrs: shown.collect() })
}

async fn set_attributes(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: Attributes = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let mut violations = Violations::new();
    let mut wanted: Vec<Attribute> = Vec::with_capacity(body.custom_attrs.len());
    for sent in &body.custom_attrs {
        let kind = match sent.kind.as_str() {
            "TEXT" => AttributeKind::Text,
            "HREF" => AttributeKind::Link,
            other => {
                violations.add("custom_attrs.type", other, "TEXT or HREF");
                continue;
            }
        };
        if sent.id.is_empty() || wanted.iter().any(|one| one.id == sent.id) {
            violations.add("custom_attrs.id", &sent.id, "not empty, each once");
        }
        let (id, name) = (sent.id.clone(), sent.name.clone());
        wanted.push(Attribute { id, name, kind, enabled: sent.enabled });
    }
    violations.check()?;
    change_book(&services, &tenant, |transaction| {
        contacts::set_attributes(transaction, &tenant, &wanted);
    })
    .await?;
    Answer::data(&body)
}

async fn outbox(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let tenant = tenant_of_query(&services, &request).await?;
    let before = match page.after.as_str() {
        "" => i64::MAX,
        id => id.parse().map_err(|_| {
            let mut violations = Violations::new();
            violations.add("page_token", id, "the id of the last message of the page before");
            violations.check().err().unwrap_or_else(|| codes::BAD_REQUEST.into())
        })?,
    };
    let found = contacts::outbox(&services.store.db, &tenant, before, page.limit()).await;
    let mut messages: Vec<MessageWire> =
        found.map_err(internal)?.into_iter().map(MessageWire::from).collect();
    let next = page.cut(&mut messages, |message| &message.message_id);
    Answer::data(&List::new(messages, next))
}
