//! `sheetsSpreadsheetCreate`: an empty spreadsheet with one sheet.

use std::sync::Arc;

use larkspur_store::Error as StoreError;
use larkspur_store::objects::{Object, ObjectKind};

use super::codes;
use super::wire::{CreateBody, CreateData, CreatedSpreadsheet};
use crate::drive::content::{self, Blank, Made};
use crate::drive::place::{self, Misplaced};
use crate::{Answer, ApiError, Request, Services, address};

/// Characters a title may have (contract, `title`).
const TITLE_CHARACTERS: usize = 255;
/// The title of a spreadsheet nobody gave one.
const UNTITLED: &str = "Untitled spreadsheet";

fn refused(misplaced: Misplaced) -> ApiError {
    match misplaced {
        Misplaced::Missing | Misplaced::Deleted => codes::BODY,
        Misplaced::Forbidden => codes::PERMISSION,
        Misplaced::Full | Misplaced::DriveFull => codes::EXCESS,
    }
    .because(misplaced.why())
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::SERVER.caused_by(error)
}

/// `sheetsSpreadsheetCreate`; without a `folder_token` it lies in the caller's root.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BODY)?;
    let title = body.title.filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| UNTITLED.to_owned());
    if title.chars().count() > TITLE_CHARACTERS {
        return Err(codes::BODY.because("title has 255 characters at most"));
    }
    let caller = request.caller()?;
    let folder = folder(&services, &request, body.folder_token.unwrap_or_default()).await?;
    let parent = Some(folder.token.clone());
    let blank = Blank { title: &title, folder: parent, ..Blank::default() };
    let made = content::blank(&services, caller, ObjectKind::Sheet, blank).await;
    let made = made.map_err(internal)?;
    let Made { object, publish, .. } =
        made.ok_or_else(|| internal("spreadsheets cannot be made empty"))?;
    match services.store.db.commit(publish).await {
        Ok(_) => {}
        Err(StoreError::Conflict { label }) => {
            let db = &services.store.db;
            let why = place::misplaced(db, &caller.tenant, &folder.token, label).await;
            return Err(why.map_err(internal)?.map_or_else(|| internal(label), refused));
        }
        Err(error) => return Err(internal(error)),
    }
    let token = object.token.as_str();
    let url = address::of(&address::base(&services, &request), ObjectKind::Sheet, token);
    Answer::data(&CreateData {
        spreadsheet: CreatedSpreadsheet {
            title: &title,
            folder_token: folder.token.as_str(),
            url: &url,
            spreadsheet_token: token,
        },
    })
}

async fn folder(services: &Services, request: &Request, token: String) -> Result<Object, ApiError> {
    let caller = request.caller()?;
    if token.is_empty() {
        return services.platform.root_folder(caller).await.map_err(internal);
    }
    let now_ms = services.clock.now_ms();
    place::folder(&services.store.db, caller, &token, now_ms)
        .await
        .map_err(internal)?
        .map_err(refused)
}
