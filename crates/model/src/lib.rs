//! Pure values of Larkspur: documents, workbooks, tasks, identifiers, time. No I/O, no async, no
//! web or SQL crate lives here, so every other floor may import it.

pub mod base;
pub mod document;
pub mod id;
pub mod loss;
pub mod plan;
pub mod task;
pub mod time;
pub mod trace;
mod virtual_clock;
pub mod workbook;
