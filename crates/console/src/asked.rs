//! What is asked for behind the question mark of an address.

use std::fmt::{Display, Write as _};

use crate::visit::in_address;

/// A query, put together.
#[derive(Debug, Clone, Default)]
#[must_use]
pub(crate) struct Asked(String);

impl Asked {
    /// Also `name`.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        let value = in_address(&value.to_string());
        write!(self.0, "{name}={value}").expect("a text takes everything");
        self
    }

    /// Also `name`, where there is a value that is not empty.
    pub(crate) fn with_some(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) if !value.as_ref().is_empty() => self.with(name, value.as_ref()),
            _ => self,
        }
    }

    /// The address of `page` with it.
    pub(crate) fn at(&self, page: &str) -> String {
        format!("{page}?{}", self.0)
    }
}

impl From<Asked> for String {
    fn from(asked: Asked) -> Self {
        asked.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_addresses_and_empty_ones_left_out() {
        let asked = Asked::default().with("page_size", 50).with_some("name", Some("50 % 中"));
        let asked = asked.with_some("state", Some("")).with_some("page_token", None::<String>);
        assert_eq!(asked.at("/x"), "/x?page_size=50&name=50%20%25%20%E4%B8%AD");
    }
}
