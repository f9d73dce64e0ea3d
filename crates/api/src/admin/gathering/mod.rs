//! Chats and groups of users, as far as rights need them: who is in one. What is shared with a chat
//! is open to whoever is in it, and it is the way an app is given a folder.

mod wire;

use std::sync::Arc;

use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_store::members;
use larkspur_store::sql::Transaction;

use self::wire::{Data, SetBody};
use super::directory::{self, internal, refused, tenant_of, tenant_of_query};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, FieldViolation, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const CHAT: &str = "/larkspur/v1/chats/{chat_id}/members";
    const GROUP: &str = "/larkspur/v1/groups/{group_id}/members";
    let errors = directory::ALL;
    vec![
        operator("larkspurChatMembersSet", Method::PUT, CHAT, errors, |services, request| {
            Box::pin(set(services, request))
        }),
        operator("larkspurChatMembersGet", Method::GET, CHAT, errors, |services, request| {
            Box::pin(get(services, request))
        }),
        operator("larkspurGroupMembersSet", Method::PUT, GROUP, errors, |services, request| {
            Box::pin(set(services, request))
        }),
        operator("larkspurGroupMembersGet", Method::GET, GROUP, errors, |services, request| {
            Box::pin(get(services, request))
        }),
    ]
}

/// The chat or group of the path, as rights speak of it.
fn named(request: &Request) -> Result<String, ApiError> {
    let (kind, field) = match request.path_value("chat_id") {
        "" => ("group", "group_id"),
        _ => ("chat", "chat_id"),
    };
    let id = request.path_value(field);
    let fits = id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && (kind == "group" || id.starts_with("oc_"));
    if fits {
        return Ok(format!("{kind}:{id}"));
    }
    Err(ApiError::fields(vec![FieldViolation {
        field: field.to_owned(),
        value: id.chars().take(64).collect(),
        description: "letters, digits, _ and -, at most 64; chats begin with oc_".to_owned(),
    }]))
}

async fn set(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: SetBody = request.json(codes::BAD_REQUEST)?;
    let gathering = named(&request)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let mut identities = Vec::new();
    for user in body.user_ids.unwrap_or_default() {
        let user = services.platform.user(&tenant, &UserId(user)).await.map_err(refused)?;
        identities.push(format!("user:{}", user.id));
    }
    for app in body.app_ids.unwrap_or_default() {
        let app = services.platform.app(&AppId(app)).await.map_err(refused)?;
        identities.push(format!("app:{}", app.id));
    }
    let mut transaction = Transaction::new();
    members::set_gathering(&mut transaction, &tenant, &gathering, &identities);
    services.store.db.commit(transaction).await.map_err(internal)?;
    answer(&services, &tenant, &gathering).await
}

async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let gathering = named(&request)?;
    let tenant = tenant_of_query(&services, &request).await?;
    answer(&services, &tenant, &gathering).await
}

async fn answer(
    services: &Services,
    tenant: &TenantId,
    gathering: &str,
) -> Result<Answer, ApiError> {
    let inside = members::gathering(&services.store.db, tenant, gathering).await;
    let inside = inside.map_err(internal)?;
    let of = |kind: &str| {
        let ids = inside.iter().filter_map(|identity| identity.strip_prefix(kind));
        ids.map(str::to_owned).collect()
    };
    Answer::data(&Data { user_ids: of("user:"), app_ids: of("app:") })
}
