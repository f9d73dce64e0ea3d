//! What a folder holds, page by page in a chosen order. A page's cursor names the last thing's
//! place, not its number, so that pages stay right while things come and go.

use std::fmt;
use std::str::FromStr;

use larkspur_model::id::{ObjectToken, TenantId};

use super::{Object, columns, read};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Param;

/// Rows up to which a page is read where it is asked for.
const SHORT: i64 = 256;

/// By what a folder is listed; equal ones by token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By name, in the database's own order of text.
    Name,
    /// By the time of making.
    Created,
    /// By the time of the last change.
    Edited,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest or oldest first.
    Ascending,
    /// Largest or newest first.
    Descending,
}

/// The place behind the last thing of a page. As text it has only `[A-Za-z0-9_-]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    order: Order,
    value: CursorValue,
    token: ObjectToken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum CursorValue {
    Time(i64),
    Name(String),
}

impl Cursor {
    /// The place behind `object` in a list of this `order`.
    pub fn behind(object: &Object, order: Order) -> Self {
        let value = match order {
            Order::Name => CursorValue::Name(object.name.clone()),
            Order::Created => CursorValue::Time(object.created_ms),
            Order::Edited => CursorValue::Time(object.edited_ms),
        };
        Self { order, value, token: object.token.clone() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.order, &self.value) {
            (Order::Edited, CursorValue::Time(time)) => write!(out, "e-{time}-{}", self.token),
            (_, CursorValue::Time(time)) => write!(out, "c-{time}-{}", self.token),
            (_, CursorValue::Name(name)) => {
                out.write_str("n-")?;
                for byte in name.bytes() {
                    write!(out, "{byte:02x}")?;
                }
                write!(out, "-{}", self.token)
            }
        }
    }
}

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of a folder's list")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let mut parts = text.splitn(3, '-');
        let (Some(order), Some(value), Some(token)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(BadCursor);
        };
        let (order, value) = match order {
            "e" => (Order::Edited, CursorValue::Time(value.parse().map_err(|_| BadCursor)?)),
            "c" => (Order::Created, CursorValue::Time(value.parse().map_err(|_| BadCursor)?)),
            "n" => (Order::Name, CursorValue::Name(text_of_hex(value).ok_or(BadCursor)?)),
            _ => return Err(BadCursor),
        };
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BadCursor);
        }
        Ok(Self { order, value, token: token.into() })
    }
}

fn text_of_hex(hex: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let bytes = hex.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

macro_rules! first_page {
    ($column:literal, $way:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM objects WHERE parent = $1 AND tenant = $2 AND deleted_ms IS NULL ORDER BY ",
            $column,
            $way,
            ", token",
            $way,
            " LIMIT $3"
        )
    };
}

macro_rules! later_page {
    ($column:literal, $way:literal, $beyond:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM objects WHERE parent = $1 AND tenant = $2 AND deleted_ms IS NULL AND (",
            $column,
            ", token)",
            $beyond,
            "($4, $5) ORDER BY ",
            $column,
            $way,
            ", token",
            $way,
            " LIMIT $3"
        )
    };
}

const fn statement(order: Order, direction: Direction, later: bool) -> &'static str {
    use Direction::{Ascending, Descending};
    match (order, direction, later) {
        (Order::Name, Ascending, false) => first_page!("name", " ASC"),
        (Order::Name, Descending, false) => first_page!("name", " DESC"),
        (Order::Created, Ascending, false) => first_page!("created_ms", " ASC"),
        (Order::Created, Descending, false) => first_page!("created_ms", " DESC"),
        (Order::Edited, Ascending, false) => first_page!("edited_ms", " ASC"),
        (Order::Edited, Descending, false) => first_page!("edited_ms", " DESC"),
        (Order::Name, Ascending, true) => later_page!("name", " ASC", " > "),
        (Order::Name, Descending, true) => later_page!("name", " DESC", " < "),
        (Order::Created, Ascending, true) => later_page!("created_ms", " ASC", " > "),
        (Order::Created, Descending, true) => later_page!("created_ms", " DESC", " < "),
        (Order::Edited, Ascending, true) => later_page!("edited_ms", " ASC", " > "),
        (Order::Edited, Descending, true) => later_page!("edited_ms", " DESC", " < "),
    }
}

/// Up to `limit` things of `folder`, those behind `after` where it is given. Whether more follow is
/// learned by asking for one more than is wanted.
///
/// A cursor of another order counts as none.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(
    db: &Db,
    tenant: &TenantId,
    folder: &ObjectToken,
    order: Order,
    direction: Direction,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<Object>, Error> {
    let after = after.filter(|cursor| cursor.order == order);
    let mut params = params![folder.as_str(), tenant.as_str(), limit];
    if let Some(cursor) = after {
        params.push(match &cursor.value {
            CursorValue::Time(time) => Param::from(*time),
            CursorValue::Name(name) => Param::from(name),
        });
        params.push(Param::from(cursor.token.as_str()));
    }
    let sql = statement(order, direction, after.is_some());
    let rows = if limit > SHORT {
        db.query_large(sql, params).await?
    } else {
        db.query(sql, params).await?
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_as_text() {
        for (order, value) in [
            (Order::Edited, CursorValue::Time(1_795_244_000_123)),
            (Order::Created, CursorValue::Time(0)),
            (Order::Name, CursorValue::Name("报告 (1).docx".to_owned())),
            (Order::Name, CursorValue::Name(String::new())),
        ] {
            let cursor = Cursor { order, value, token: "AbC123".into() };
            let text = cursor.to_string();
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{text}");
            assert_eq!(text.parse(), Ok(cursor));
        }
    }

    #[test]
    fn nonsense_is_no_cursor() {
        for text in
            ["", "e", "e-1", "e-x-a", "n-zz-a", "n-abc-a", "n-ff-a", "q-1-a", "e-1-", "e-1-a b"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor), "{text}");
        }
    }

    /// The plan of a statement, a line a step.
    macro_rules! plan {
        ($db:expr, $statement:expr, $params:expr) => {
            $db.query(concat!("EXPLAIN QUERY PLAN ", $statement), $params)
                .await
                .unwrap()
                .iter()
                .map(|row| row.text(3).unwrap().to_owned())
                .collect::<Vec<_>>()
                .join("; ")
        };
    }

    #[tokio::test]
    async fn pages_are_found_through_an_index_and_come_out_in_order() {
        let db = Db::open_temporary().await.unwrap();
        let first = params!["folder", "tenant", 10];
        let by_time = params!["folder", "tenant", 10, 5, "token"];
        let by_name = params!["folder", "tenant", 10, "name", "token"];
        for (index, plan) in [
            ("name", plan!(db, first_page!("name", " ASC"), first.clone())),
            ("edited", plan!(db, first_page!("edited_ms", " DESC"), first)),
            ("name", plan!(db, later_page!("name", " DESC", " < "), by_name)),
            ("created", plan!(db, later_page!("created_ms", " ASC", " > "), by_time.clone())),
            ("edited", plan!(db, later_page!("edited_ms", " DESC", " < "), by_time)),
        ] {
            let wanted = format!("SEARCH objects USING INDEX objects_by_{index} (parent=?");
            assert!(plan.starts_with(&wanted) && !plan.contains("B-TREE"), "{plan}");
        }
    }
}
