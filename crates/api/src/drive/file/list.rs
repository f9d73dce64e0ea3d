//! What a folder holds. The root is answered whole, without pages (contract, "Uploads").

use std::sync::Arc;

use larkspur_platform::{Access, Caller};
use larkspur_rehearsal::lint::{Note, mark};
use larkspur_store::objects::{self, Cursor, Direction, Object, ObjectKind, Order};

use super::super::codes as drive;
use super::codes;
use super::wire::{ListData, ListedFile};
use crate::access::{self, Found};
use crate::people::{self, UserIdKind};
use crate::{Answer, ApiError, Request, Services, address};

/// Things of a page unless said otherwise, and at most.
const PAGE_SIZE: i64 = 100;
const MOST_PAGE_SIZE: i64 = 200;

fn internal(error: impl std::fmt::Display) -> ApiError {
    drive::INTERNAL.caused_by(error)
}

/// What was asked for.
struct Asked {
    order: Order,
    direction: Direction,
    page_size: i64,
    after: Option<Cursor>,
    ids: UserIdKind,
}

fn asked(request: &Request) -> Result<Asked, ApiError> {
    let query = &request.query;
    let order = match query.text("order_by").as_deref() {
        None | Some("EditedTime") => Order::Edited,
        Some("CreatedTime") => Order::Created,
        Some(_) => return Err(drive::PARAMS.because("order_by is EditedTime or CreatedTime")),
    };
    let direction = match query.text("direction").as_deref() {
        None | Some("DESC") => Direction::Descending,
        Some("ASC") => Direction::Ascending,
        Some(_) => return Err(drive::PARAMS.because("direction is ASC or DESC")),
    };
    let page_size = match query.integer("page_size") {
        Ok(None) => PAGE_SIZE,
        Ok(Some(size)) if (1..=MOST_PAGE_SIZE).contains(&size) => size,
        Ok(Some(_)) => return Err(codes::PAGE_SIZE.because("page_size is 1 to 200")),
        Err(_) => return Err(drive::PARAMS.because("page_size is a number")),
    };
    let after = match query.text("page_token") {
        None => None,
        Some(token) => {
            let cursor = token.parse();
            Some(cursor.map_err(|_| drive::PARAMS.because("page_token is not one of ours"))?)
        }
    };
    let ids = UserIdKind::parse(query.text("user_id_type").as_deref())
        .ok_or_else(|| drive::PARAMS.because("user_id_type is open_id, union_id or user_id"))?;
    Ok(Asked { order, direction, page_size, after, ids })
}

/// `driveFileList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let asked = asked(&request)?;
    let caller = request.caller()?;
    let (objects, next) = match request.query.text("folder_token") {
        None => {
            let root = services.platform.root_folder(caller).await.map_err(internal)?;
            (whole(&services, &root, &asked).await?, None)
        }
        Some(token) => {
            let folder = folder(&services, caller, &token).await?;
            page(&services, &folder, &asked, asked.after.as_ref(), asked.page_size).await?
        }
    };
    let base = address::base(&services, &request);
    let mut files = Vec::with_capacity(objects.len());
    for object in objects {
        files.push(listed(&services, caller, &base, object, asked.ids).await?);
    }
    let next_page_token = next.map(|cursor| cursor.to_string());
    let note = Note::Listed {
        list: mark(&request.query.text("folder_token").unwrap_or_default()),
        asked: request.query.text("page_token").map_or(0, |token| mark(&token)),
        next: next_page_token.as_deref().map_or(0, mark),
    };
    let has_more = next_page_token.is_some();
    Ok(Answer::data(&ListData { files, next_page_token, has_more })?.noted(note))
}

async fn folder(services: &Services, caller: &Caller, token: &str) -> Result<Object, ApiError> {
    let now_ms = services.clock.now_ms();
    match access::find(&services.store.db, caller, token, Access::View, now_ms).await {
        Err(error) => Err(internal(error)),
        Ok(Found::Missing) => Err(drive::NOT_FOUND.because(access::MISSING)),
        Ok(Found::Gone(_)) => Err(drive::DELETED.because(access::DELETED)),
        Ok(Found::Forbidden) => Err(drive::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) if object.kind == ObjectKind::Folder => Ok(object),
        Ok(Found::Object(_)) => Err(drive::NOT_FOUND.because("the token is not a folder's")),
    }
}

/// One page, and the place behind it where more follows.
async fn page(
    services: &Services,
    folder: &Object,
    asked: &Asked,
    after: Option<&Cursor>,
    size: i64,
) -> Result<(Vec<Object>, Option<Cursor>), ApiError> {
    let mut objects = objects::list(
        &services.store.db,
        &folder.tenant,
        &folder.token,
        asked.order,
        asked.direction,
        after,
        size + 1,
    )
    .await
    .map_err(internal)?;
    let more = objects.len() as i64 > size;
    if more {
        objects.pop();
    }
    let next = objects.last().filter(|_| more).map(|last| Cursor::behind(last, asked.order));
    Ok((objects, next))
}

async fn whole(
    services: &Services,
    folder: &Object,
    asked: &Asked,
) -> Result<Vec<Object>, ApiError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let (objects, next) = page(services, folder, asked, after.as_ref(), MOST_PAGE_SIZE).await?;
        all.extend(objects);
        match next {
            Some(cursor) => after = Some(cursor),
            None => return Ok(all),
        }
    }
}

async fn listed(
    services: &Services,
    caller: &Caller,
    base: &str,
    object: Object,
    ids: UserIdKind,
) -> Result<ListedFile, ApiError> {
    let owner_id = people::owner(services, caller, &object.owner, ids).await.map_err(internal)?;
    let kind = match object.kind {
        ObjectKind::Folder => "folder",
        ObjectKind::Docx => "docx",
        ObjectKind::Sheet => "sheet",
        ObjectKind::Bitable => "bitable",
        ObjectKind::File | ObjectKind::Media | ObjectKind::Export => "file",
    };
    Ok(ListedFile {
        url: address::of(base, object.kind, object.token.as_str()),
        token: object.token.0,
        name: object.name,
        kind,
        parent_token: object.parent.map(|parent| parent.0).unwrap_or_default(),
        created_time: (object.created_ms / 1000).to_string(),
        modified_time: (object.edited_ms / 1000).to_string(),
        owner_id,
    })
}
