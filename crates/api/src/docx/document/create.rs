//! A new, empty document in a folder.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::{Error as StoreError, wiki};
use serde::Deserialize;

use super::super::codes;
use super::super::open::internal;
use super::super::parse_text::TITLE_CHARACTERS;
use super::get::{DocumentData, DocumentInfo};
use crate::drive::content::{self, Blank};
use crate::drive::place::{self, Misplaced};
use crate::{Answer, ApiError, ErrorCode, Request, Services, Violations, codes as platform};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CreateBody {
    folder_token: Option<String>,
    title: Option<String>,
}

/// `docxDocumentCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let CreateBody { folder_token, title } = request.json(platform::BAD_REQUEST)?;
    let title = title.unwrap_or_default();
    let mut violations = Violations::new();
    if title.chars().count() > TITLE_CHARACTERS {
        violations.add("title", &title, "the max len is 800");
    }
    violations.check()?;
    let caller = request.caller()?;
    let token = folder_token.filter(|token| !token.is_empty());
    let folder = folder(&services, caller, token.as_deref()).await?;
    let parent = Some(folder.token.clone());
    let blank = Blank { title: &title, folder: parent, ..Blank::default() };
    let made = content::blank(&services, caller, ObjectKind::Docx, blank).await;
    let made = made.map_err(internal)?.ok_or_else(|| internal("no content"))?;
    let db = &services.store.db;
    match db.commit(made.publish).await {
        Ok(_) => {}
        Err(StoreError::Conflict { label }) => {
            let why = place::misplaced(db, &caller.tenant, &folder.token, label).await;
            return Err(why.map_err(internal)?.map_or_else(|| internal(label), refused));
        }
        Err(error) => return Err(internal(error)),
    }
    Answer::data(&DocumentData {
        document: DocumentInfo {
            document_id: made.object.token.as_str(),
            revision_id: 1,
            title: &title,
            display_setting: None,
        },
    })
}

fn refused(misplaced: Misplaced) -> ApiError {
    let code: ErrorCode = match misplaced {
        Misplaced::Missing | Misplaced::Deleted => codes::NO_FOLDER,
        Misplaced::Forbidden => codes::FOLDER_FORBIDDEN,
        Misplaced::Full | Misplaced::DriveFull => codes::FOLDER_FULL,
    };
    code.because(format!("folder_token: {}", misplaced.why()))
}

/// The folder a request names, or the caller's own.
async fn folder(
    services: &Services,
    caller: &Caller,
    token: Option<&str>,
) -> Result<Object, ApiError> {
    let Some(token) = token else {
        return services.platform.root_folder(caller).await.map_err(internal);
    };
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    match place::folder(db, caller, token, now_ms).await.map_err(internal)? {
        Ok(folder) => Ok(folder),
        Err(Misplaced::Missing) => {
            let node = wiki::node(db, &caller.tenant, &ObjectToken::from(token)).await;
            // A page of a wiki in a folder's place (contract's source, 1771006).
            if node.map_err(internal)?.is_some() {
                let why = "folder_token is that of a wiki node: make the page with the operations \
                           of the wiki";
                return Err(codes::MOUNT.because(why));
            }
            Err(refused(Misplaced::Missing))
        }
        Err(misplaced) => Err(refused(misplaced)),
    }
}
