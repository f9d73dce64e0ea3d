//! The drive: uploads and downloads, folders, and the task families that turn files into online
//! documents and back and move or delete folders. What several of its rooms share stands beside them in this folder.

pub(crate) mod content;
pub(crate) mod copying;
pub(crate) mod explorer;
pub(crate) mod export_task;
pub(crate) mod file;
pub(crate) mod folder_task;
pub(crate) mod import_task;
pub(crate) mod media;
pub(crate) mod meta;
pub(crate) mod permission;
pub(crate) mod place;
pub(crate) mod rights;
pub(crate) mod seed;

mod codes;
mod download;
mod form;
pub(crate) mod sources;
mod transfer;

pub use self::import_task::{Preview, PreviewField, PreviewSheet, PreviewTable, extra_of};
pub use self::sources::can_become;
