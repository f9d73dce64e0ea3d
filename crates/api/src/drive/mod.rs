//! The drive: uploads and downloads, folders, and the two task families that turn files into online
//! documents and back. What several of its rooms share stands beside them in this folder.

pub(crate) mod explorer;
pub(crate) mod export_task;
pub(crate) mod file;
pub(crate) mod import_task;
pub(crate) mod media;
pub(crate) mod meta;

mod codes;
mod download;
mod form;
mod place;
mod sources;
mod transfer;
