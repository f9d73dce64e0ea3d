//! Formulas as text: the pieces they consist of, what they refer to, functions that came later.

pub mod later_functions;
pub(crate) mod pieces;
pub(crate) mod references;
