//! A document's title and revision, and its plain text.

use std::sync::Arc;

use larkspur_platform::Access;
use serde::Serialize;

use super::super::codes;
use super::super::open::{self, internal};
use super::super::people::{self, NameLanguage};
use crate::{Answer, ApiError, Request, Services, document};

/// Characters `raw_content` answers at most (contract, "Edits").
const MOST_RAW_CHARACTERS: usize = 10_485_760;

/// Data of `docxDocumentGet` and `docxDocumentCreate`.
#[derive(Serialize)]
pub(super) struct DocumentData<'a> {
    pub(super) document: DocumentInfo<'a>,
}

/// `document` of those answers.
#[derive(Serialize)]
pub(super) struct DocumentInfo<'a> {
    pub(super) document_id: &'a str,
    pub(super) revision_id: i64,
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_setting: Option<DisplaySetting>,
}

/// What the page shows beside its text.
#[derive(Serialize)]
pub(super) struct DisplaySetting {
    show_authors: bool,
    show_create_time: bool,
    show_pv: bool,
    show_uv: bool,
    show_like_count: bool,
    show_comment_count: bool,
    show_related_matters: bool,
}

#[derive(Serialize)]
struct RawContentData<'a> {
    content: &'a str,
}

/// `docxDocumentGet`.
pub(super) async fn document(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let object = open::object(&services, &request, Access::View).await?;
    let record = open::record(&services, &object).await?;
    let loaded = document::current(&services, &record).await.map_err(internal)?;
    Answer::data(&DocumentData {
        document: DocumentInfo {
            document_id: object.token.as_str(),
            revision_id: record.revision,
            title: &loaded.tree.title().to_plain(),
            display_setting: Some(DisplaySetting {
                show_authors: true,
                show_create_time: true,
                show_pv: false,
                show_uv: false,
                show_like_count: false,
                show_comment_count: false,
                show_related_matters: false,
            }),
        },
    })
}

/// `docxDocumentRawContent`. The language is that of the names of mentioned people.
pub(super) async fn raw_content(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let language = match request.query.integer("lang") {
        Ok(None | Some(0 | 2)) => NameLanguage::Own,
        Ok(Some(1)) => NameLanguage::English,
        _ => return Err(codes::INVALID_PARAM.because("lang is 0, 1 or 2")),
    };
    let object = open::object(&services, &request, Access::View).await?;
    let record = open::record(&services, &object).await?;
    let loaded = document::current(&services, &record).await.map_err(internal)?;
    let (caller, tree) = (request.caller()?, &loaded.tree);
    let content = people::plain(&services, caller, language, tree, loaded.order()).await?;
    if content.len() > MOST_RAW_CHARACTERS && content.chars().count() > MOST_RAW_CHARACTERS {
        return Err(codes::RAW_CONTENT_TOO_LARGE
            .because("the plain text is longer than this operation answers; read the blocks"));
    }
    Answer::data(&RawContentData { content: &content })
}
