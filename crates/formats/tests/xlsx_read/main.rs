//! Workbooks as bytes in, rows out: hand-made ones, real ones, broken ones.

mod book;
mod build;
mod cells;
mod collect;
mod corpus;
mod hostile;
mod layout;
mod limits;
mod styles;
