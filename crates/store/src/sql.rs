//! Statements, parameters and rows as plain data, the same for every database. Nothing here talks
//! to one.

use crate::error::Error;

/// A value going into a statement or coming out of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Param {
    /// No value.
    Null,
    /// An integer; milliseconds since the epoch, a size, a flag (0 or 1).
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Param {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Param {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Param {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Param {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Param {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Param {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Param {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement, each turned into a [`Param`].
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec::Vec::<$crate::sql::Param>::from([$($crate::sql::Param::from($value)),*])
    };
}

/// One row of an answer; columns by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Param>);

impl Row {
    fn column(&self, at: usize) -> Result<&Param, Error> {
        self.0.get(at).ok_or_else(|| Error::corrupt(format!("a row has no column {at}")))
    }

    fn unexpected<T>(&self, at: usize, wanted: &str) -> Result<T, Error> {
        let found = self.0.get(at).map_or("nothing", Param::kind);
        Err(Error::corrupt(format!("column {at} should be {wanted}, but is {found}")))
    }

    /// The integer in column `at`.
    pub fn int(&self, at: usize) -> Result<i64, Error> {
        match self.column(at)? {
            Param::Int(value) => Ok(*value),
            _ => self.unexpected(at, "an integer"),
        }
    }

    /// Whether the integer in column `at` is not 0.
    pub fn flag(&self, at: usize) -> Result<bool, Error> {
        self.int(at).map(|value| value != 0)
    }

    /// The text in column `at`.
    pub fn text(&self, at: usize) -> Result<&str, Error> {
        match self.column(at)? {
            Param::Text(value) => Ok(value),
            _ => self.unexpected(at, "text"),
        }
    }

    /// The bytes in column `at`.
    pub fn bytes(&self, at: usize) -> Result<&[u8], Error> {
        match self.column(at)? {
            Param::Bytes(value) => Ok(value),
            _ => self.unexpected(at, "bytes"),
        }
    }

    /// The integer in column `at`, if there is one.
    pub fn opt_int(&self, at: usize) -> Result<Option<i64>, Error> {
        match self.column(at)? {
            Param::Null => Ok(None),
            _ => self.int(at).map(Some),
        }
    }

    /// The text in column `at`, if there is one.
    pub fn opt_text(&self, at: usize) -> Result<Option<&str>, Error> {
        match self.column(at)? {
            Param::Null => Ok(None),
            _ => self.text(at).map(Some),
        }
    }

    /// The bytes in column `at`, if there are any.
    pub fn opt_bytes(&self, at: usize) -> Result<Option<&[u8]>, Error> {
        match self.column(at)? {
            Param::Null => Ok(None),
            _ => self.bytes(at).map(Some),
        }
    }

    fn take(&mut self, at: usize) -> Param {
        self.0.get_mut(at).map_or(Param::Null, |value| std::mem::replace(value, Param::Null))
    }

    /// The text in column `at`, moved out of the row.
    pub fn take_text(&mut self, at: usize) -> Result<String, Error> {
        self.text(at)?;
        match self.take(at) {
            Param::Text(value) => Ok(value),
            _ => self.unexpected(at, "text"),
        }
    }

    /// The text in column `at`, if there is one, moved out of the row.
    pub fn take_opt_text(&mut self, at: usize) -> Result<Option<String>, Error> {
        if self.opt_text(at)?.is_none() { Ok(None) } else { self.take_text(at).map(Some) }
    }

    /// The bytes in column `at`, moved out of the row.
    pub fn take_bytes(&mut self, at: usize) -> Result<Vec<u8>, Error> {
        self.bytes(at)?;
        match self.take(at) {
            Param::Bytes(value) => Ok(value),
            _ => self.unexpected(at, "bytes"),
        }
    }

    /// The bytes in column `at`, if there are any, moved out of the row.
    pub fn take_opt_bytes(&mut self, at: usize) -> Result<Option<Vec<u8>>, Error> {
        if self.opt_bytes(at)?.is_none() { Ok(None) } else { self.take_bytes(at).map(Some) }
    }
}

/// What one statement of a committed transaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Rows inserted, updated or deleted.
    pub rows_changed: u64,
    /// What its `RETURNING` (or `SELECT`) gave, in no particular order.
    pub rows: Vec<Row>,
}

/// How many rows a statement must change, else the transaction does not happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requirement {
    pub(crate) label: &'static str,
    pub(crate) changes: u64,
}

/// One statement of a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) requirement: Option<Requirement>,
    /// How PostgreSQL does many of these at once.
    pub(crate) bulk: Option<&'static Bulk>,
}

/// The form of a statement in which PostgreSQL does it for many sets of parameters at once: the
/// first round trip then carries hundreds of them. The transaction that consists of one such
/// statement alone is eligible; a set of parameters counts as done, with one row changed, when
/// its first parameter (an integer, different in each) comes back in the first returned column.
#[derive(Debug)]
pub(crate) struct Bulk {
    /// The statement over `UNNEST($1::bigint[], ...)`, returning the first parameter.
    pub(crate) sql: &'static str,
    /// The kinds of the parameters, in order.
    pub(crate) kinds: &'static [Kind],
}

/// The kind of a column of parameters; each may hold nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A list of statements that happen together or not at all. It is data: nothing is open, and
/// nothing is held, while one is put together.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    pub(crate) statements: Vec<Statement>,
}

impl Transaction {
    /// A transaction that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement; how many rows it changes does not matter. Parameters are `$1`, `$2`, ...
    pub fn run(&mut self, sql: &'static str, params: impl Into<Vec<Param>>) -> &mut Self {
        self.push(sql, params.into(), None, None)
    }

    /// Adds a statement that must change exactly `changes` rows: else the whole transaction fails
    /// with [`Error::Conflict`] and this `label`.
    pub fn require(
        &mut self,
        label: &'static str,
        changes: u64,
        sql: &'static str,
        params: impl Into<Vec<Param>>,
    ) -> &mut Self {
        self.push(sql, params.into(), Some(Requirement { label, changes }), None)
    }

    /// Adds a statement that must change exactly one row and has a form for many.
    pub(crate) fn require_one_of_many(
        &mut self,
        label: &'static str,
        sql: &'static str,
        bulk: &'static Bulk,
        params: Vec<Param>,
    ) -> &mut Self {
        self.push(sql, params, Some(Requirement { label, changes: 1 }), Some(bulk))
    }

    fn push(
        &mut self,
        sql: &'static str,
        params: Vec<Param>,
        requirement: Option<Requirement>,
        bulk: Option<&'static Bulk>,
    ) -> &mut Self {
        self.statements.push(Statement { sql, params, requirement, bulk });
        self
    }

    /// Adds all statements of `other` behind those that are here.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.statements.extend(other.statements);
        self
    }

    /// Whether there is no statement.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_its_columns_by_kind_and_errors_otherwise() {
        let mut row = Row(params![7, "seven", vec![7_u8], None::<i64>, true]);
        assert_eq!(row.int(0).unwrap(), 7);
        assert_eq!(row.text(1).unwrap(), "seven");
        assert_eq!(row.bytes(2).unwrap(), [7]);
        assert_eq!(row.opt_int(3).unwrap(), None);
        assert!(row.flag(4).unwrap());
        assert!(matches!(row.int(1), Err(Error::Corrupt { .. })));
        assert!(matches!(row.text(9), Err(Error::Corrupt { .. })));
        assert_eq!(row.take_text(1).unwrap(), "seven");
        assert_eq!(row.take_opt_text(1).unwrap(), None);
    }
}
