//! Spaces: made, listed, read, settled; and Larkspur's own way to open one to every user of its
//! tenant, which the platform leaves to its pages.

mod create;
mod list;
mod setting;
mod wire;

use std::sync::Arc;

use larkspur_model::id::SpaceId;
use larkspur_platform::{SpaceRole, TokenKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, wiki};

use self::wire::{SpaceData, VisibilityBody, WireSpace};
use super::{codes, operation, place};
use crate::codes as platform;
use crate::operation::{BodyKind, Method, Operation, Rate};
use crate::{Answer, ApiError, ErrorCode, FieldViolation, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Own: there is no such space.
const NO_SPACE: ErrorCode = ErrorCode::new(404, 88_090_404, "no such space");

const SPACES: &str = "/open-apis/wiki/v2/spaces";

/// What making one may answer.
const CREATE: &[ErrorCode] = codes::CHANGE;
/// What listing them may answer.
const LIST: &[ErrorCode] = &[codes::RPC, codes::PARAM, codes::USER, codes::INTERNAL];
/// What settling one may answer.
const SETTING: &[ErrorCode] = &[
    codes::RPC,
    codes::PARAM,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    codes::INTERNAL,
    codes::OPERATION,
];

fn operations() -> Vec<Operation> {
    let create = operation(
        "wikiSpaceCreate",
        Method::POST,
        SPACES,
        &["wiki:space:write_only", "wiki:wiki"],
        CREATE,
        |services, request| Box::pin(create::create(services, request)),
    );
    vec![
        Operation { tokens: &[TokenKind::User], rate: Rate::per_minute(10), ..create },
        operation(
            "wikiSpaceList",
            Method::GET,
            SPACES,
            &["wiki:space:retrieve", "wiki:wiki", "wiki:wiki:readonly"],
            LIST,
            |services, request| Box::pin(list::list(services, request)),
        ),
        operation(
            "wikiSpaceGet",
            Method::GET,
            "/open-apis/wiki/v2/spaces/{space_id}",
            &["wiki:space:read", "wiki:wiki", "wiki:wiki:readonly"],
            codes::READ,
            |services, request| Box::pin(get(services, request)),
        ),
        operation(
            "wikiSpaceSettingUpdate",
            Method::PUT,
            "/open-apis/wiki/v2/spaces/{space_id}/setting",
            &["wiki:setting:write_only", "wiki:wiki"],
            SETTING,
            |services, request| Box::pin(setting::update(services, request)),
        ),
        Operation {
            id: "larkspurWikiSpaceUpdate",
            method: Method::PATCH,
            path: "/larkspur/v1/wiki/spaces/{space_id}",
            tokens: &[],
            apps: &[],
            scopes: &[],
            rate: Rate::NONE,
            errors: &[NO_SPACE, platform::FIELD_VALIDATION, platform::ADMIN_ONLY],
            body: BodyKind::Json,
            download: false,
            admin: true,
            handler: |services, request| Box::pin(update(services, request)),
        },
    ]
}

/// `wikiSpaceGet`.
async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let mut space = found.at_least(SpaceRole::Reader)?;
    if space.kind == wiki::SpaceKind::Library {
        let lang = request.query.text("lang");
        let name = list::library_name(lang.as_deref().unwrap_or("en"));
        let unknown = || codes::PARAM.because("lang is one of the documented languages");
        name.ok_or_else(unknown)?.clone_into(&mut space.name);
    }
    Answer::data(&SpaceData { space: WireSpace::new(space) })
}

/// `larkspurWikiSpaceUpdate`.
async fn update(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: VisibilityBody = request.json(platform::BAD_REQUEST)?;
    let public = match body.visibility.as_deref() {
        Some("public") => true,
        Some("private") => false,
        other => {
            return Err(ApiError::fields(vec![FieldViolation {
                field: "visibility".to_owned(),
                value: other.unwrap_or_default().to_owned(),
                description: "visibility is public or private".to_owned(),
            }]));
        }
    };
    let id = SpaceId::from(request.path_value("space_id"));
    let mut transaction = Transaction::new();
    wiki::set_public(&mut transaction, &id, public);
    match services.store.db.commit(transaction).await {
        Ok(_) => Answer::empty(),
        Err(StoreError::Conflict { .. }) => {
            Err(NO_SPACE.because("no tenant of this server has a team's space of this id"))
        }
        Err(error) => Err(platform::INTERNAL.caused_by(error)),
    }
}
