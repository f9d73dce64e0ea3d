//! Meetings: the family of tasks that makes reports of them, and the queries that answer the same
//! page by page. What both ask, check and show alike stands beside them in this folder.

pub(crate) mod data;
pub(crate) mod export;

mod asked;
mod permission;
mod shown;
