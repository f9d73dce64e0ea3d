//! Workbooks as bytes in, rows out: hand-made ones, broken ones, hostile ones.

#[path = "../kept/ask.rs"]
mod ask;
mod book;
mod build;
mod cells;
mod collect;
mod hostile;
#[path = "../kept/mod.rs"]
mod kept;
mod layout;
mod limits;
mod names;
mod pictures;
mod styles;
