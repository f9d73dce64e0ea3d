//! Bases themselves: made, read.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Access;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{Object, ObjectKind};

use super::codes;
use super::open;
use super::wire::{AppData, CreateAppBody, CreatedApp, DisplayApp};
use crate::drive::content;
use crate::drive::place::{self, Misplaced};
use crate::{Answer, ApiError, Request, Services, address, zone};

/// Characters of a name (contract, `maxLength`).
const NAME_CHARACTERS: usize = 255;
/// What a base without a name is called.
const UNNAMED: &str = "未命名多维表格";

/// `bitableAppGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let finding = codes::finding(codes::FORBIDDEN);
    let opened = open::base(&services, &request, Access::View, &finding).await?;
    Answer::data(&AppData {
        app: DisplayApp {
            app_token: opened.object.token.as_str(),
            name: &opened.object.name,
            revision: opened.base.revision,
            is_advanced: false,
            time_zone: &opened.base.time_zone,
            formula_type: 1,
            advance_version: "v1",
        },
    })
}

fn refused(misplaced: Misplaced) -> ApiError {
    match misplaced {
        Misplaced::Missing | Misplaced::Deleted => codes::FOLDER,
        Misplaced::Forbidden => codes::FOLDER_FORBIDDEN,
        Misplaced::Full | Misplaced::DriveFull => codes::PARAMETER,
    }
    .because(format!("folder_token: {}", misplaced.why()))
}

/// `bitableAppCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateAppBody = request.json(codes::JSON)?;
    let name = body.name.filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| UNNAMED.to_owned());
    if name.chars().count() > NAME_CHARACTERS {
        return Err(codes::APP_NAME.because("name has at most 255 characters"));
    }
    let time_zone = body.time_zone.filter(|zone| !zone.is_empty());
    let time_zone = time_zone.unwrap_or_else(|| zone::USUAL.to_owned());
    if !zone::is_known(&time_zone) {
        let why = "time_zone is one without summer time: Asia/Shanghai, Asia/Tokyo, UTC, ...";
        return Err(codes::PARAMETER.because(why));
    }
    let caller = request.caller()?;
    let folder = folder(&services, &request, body.folder_token.as_deref()).await?;
    let (object, table, publish) =
        content::base(&services, caller, (Some(folder.token.clone()), None), &name, &time_zone);
    let db = &services.store.db;
    match db.commit(publish).await {
        Ok(_) => {}
        Err(StoreError::Conflict { label }) => {
            let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
            let why = place::misplaced(db, &caller.tenant, &folder.token, label);
            let why = why.await.map_err(internal)?;
            return Err(why.map_or_else(|| codes::INTERNAL.caused_by(label), refused));
        }
        Err(error) => return Err(codes::INTERNAL.caused_by(error)),
    }
    let token = object.token.as_str();
    Answer::data(&AppData {
        app: CreatedApp {
            app_token: token,
            name: &object.name,
            folder_token: object.parent.as_ref().map_or("", ObjectToken::as_str),
            url: &address::of(&address::base(&services, &request), ObjectKind::Bitable, token),
            default_table_id: &table.id,
            time_zone: &time_zone,
        },
    })
}

async fn folder(
    services: &Services,
    request: &Request,
    token: Option<&str>,
) -> Result<Object, ApiError> {
    let caller = request.caller()?;
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        let root = services.platform.root_folder(caller).await;
        return root.map_err(|error| codes::INTERNAL.caused_by(error));
    };
    let now_ms = services.clock.now_ms();
    let found = place::folder(&services.store.db, caller, token, now_ms).await;
    found.map_err(|error| codes::INTERNAL.caused_by(error))?.map_err(refused)
}
