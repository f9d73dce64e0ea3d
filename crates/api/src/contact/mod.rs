//! The contact book: users and departments of a tenant. What the rooms share: what an entry says,
//! the rules that compare it with the book, and how users and departments are named and shown. The
//! rules are the same in both generations of the API; each room has its numbers.

pub(crate) mod department;
mod entry;
mod fields;
pub(crate) mod named;
mod order;
mod page;
mod problem;
mod repeated;
mod roster;
mod seen;
mod shown;
pub(crate) mod task;
mod tree;
mod units;
pub(crate) mod user;
mod wire;
mod writing;

#[cfg(test)]
mod rules;
