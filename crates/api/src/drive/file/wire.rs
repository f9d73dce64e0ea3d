//! Folders and lists exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of `driveFileCreateFolder`.
#[derive(Deserialize)]
pub(super) struct CreateFolderBody {
    pub(super) name: Option<String>,
    pub(super) folder_token: Option<String>,
}

/// Data of `driveFileCreateFolder`.
#[derive(Serialize)]
pub(super) struct CreateFolderData<'a> {
    pub(super) token: &'a str,
    pub(super) url: &'a str,
}

/// Body of `driveFileCopy`. Its `extra` asks for other kinds of document, of which there are none.
#[derive(Deserialize)]
pub(super) struct CopyBody {
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) folder_token: Option<String>,
}

/// Data of `driveFileCopy`.
#[derive(Serialize)]
pub(super) struct CopyData<'a> {
    pub(super) file: CopiedFile<'a>,
}

/// The copy; the contract's other fields are not returned.
#[derive(Serialize)]
pub(super) struct CopiedFile<'a> {
    pub(super) token: &'a str,
    pub(super) name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) parent_token: &'a str,
    pub(super) url: &'a str,
}

/// Data of `driveFileList`; the cursor is `next_page_token`, and absent on the last page.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) files: Vec<ListedFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_page_token: Option<String>,
    pub(super) has_more: bool,
}

/// One thing of a folder; times are seconds in strings.
#[derive(Serialize)]
pub(super) struct ListedFile {
    pub(super) token: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) parent_token: String,
    pub(super) url: String,
    pub(super) created_time: String,
    pub(super) modified_time: String,
    pub(super) owner_id: String,
}
