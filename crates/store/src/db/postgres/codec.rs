//! Parameters and rows in PostgreSQL's binary form.

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::{Error, Source};
use crate::sql::{Kind, Param, Row};

impl ToSql for Param {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Source> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => match *wanted {
                Type::INT8 => value.to_sql(wanted, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(wanted, out),
                Type::INT2 => i16::try_from(*value)?.to_sql(wanted, out),
                Type::BOOL => (*value != 0).to_sql(wanted, out),
                _ => Err(format!("an integer where {wanted} is wanted").into()),
            },
            Self::Text(text) if <&str as ToSql>::accepts(wanted) => {
                storable(text).to_sql(wanted, out)
            }
            Self::Bytes(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out),
            Self::Text(_) | Self::Bytes(_) => Err(format!("not {wanted}, as is wanted").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Which kinds fit which types is checked with the value at hand.
        true
    }

    to_sql_checked!();
}

/// PostgreSQL's text cannot hold U+0000; U+FFFD stands in for it, as for other characters that
/// cannot be had.
fn storable(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// One parameter of many statements.
#[derive(Debug)]
pub(super) enum Array<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<std::borrow::Cow<'a, str>>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Array<'a> {
    pub(super) fn new(kind: Kind, params: impl Iterator<Item = &'a Param>) -> Result<Self, Error> {
        let wrong = || Error::Statement(format!("a parameter that is no {kind:?}").into());
        Ok(match kind {
            Kind::Int => Self::Ints(
                params
                    .map(|param| match param {
                        Param::Null => Ok(None),
                        Param::Int(value) => Ok(Some(*value)),
                        _ => Err(wrong()),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Text => Self::Texts(
                params
                    .map(|param| match param {
                        Param::Null => Ok(None),
                        Param::Text(text) => Ok(Some(storable(text))),
                        _ => Err(wrong()),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Bytes => Self::Bytes(
                params
                    .map(|param| match param {
                        Param::Null => Ok(None),
                        Param::Bytes(bytes) => Ok(Some(bytes.as_slice())),
                        _ => Err(wrong()),
                    })
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl ToSql for Array<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Source> {
        match self {
            Self::Ints(values) => values.to_sql(wanted, out),
            Self::Texts(values) => values.to_sql(wanted, out),
            Self::Bytes(values) => values.to_sql(wanted, out),
        }
    }

    fn accepts(wanted: &Type) -> bool {
        [Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY].contains(wanted)
    }

    to_sql_checked!();
}

/// A row as plain data.
pub(super) fn row(found: &tokio_postgres::Row) -> Result<Row, Error> {
    (0..found.len())
        .map(|at| {
            found.try_get(at).map_err(|error| match std::error::Error::source(&error) {
                Some(source) => Error::corrupt(source.to_string()),
                None => Error::corrupt(error.to_string()),
            })
        })
        .collect::<Result<_, _>>()
        .map(Row)
}

impl<'a> FromSql<'a> for Param {
    fn from_sql(found: &Type, raw: &'a [u8]) -> Result<Self, Source> {
        Ok(match *found {
            Type::INT8 => Self::Int(i64::from_sql(found, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(found, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(found, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(found, raw)?.into()),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            _ if <String as FromSql<'_>>::accepts(found) => {
                Self::Text(String::from_sql(found, raw)?)
            }
            _ => return Err(format!("a column of type {found}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Source> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        // Types that fit no kind are refused with the value at hand.
        true
    }
}
