//! Runs over many files: a plan of items, a journal on disk that says of each how far it is, and a
//! runner that takes every item to its end exactly once, however often it is interrupted. Speaks
//! the documented API; where the server is Larkspur, it also asks what only Larkspur tells.

mod doubt;
mod export;
mod import;
mod journal;
mod places;
mod plan;
mod runner;
mod summary;

pub(crate) use self::export::USUAL;
pub(crate) use self::journal::{Journal, Line, Order, Run, What, read};
pub(crate) use self::plan::{FolderPlan, Planned, Work, export_folder, manifest, of_folders};
pub(crate) use self::runner::{Ended, Runner, Settings, begin};
pub(crate) use self::summary::{Summary, Totals};
