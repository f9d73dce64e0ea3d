//! Pages of the wiki's lists: which part is asked for, and where the next one begins.

use super::codes;
use crate::{ApiError, FieldViolation, Request};

/// Entries of a page where nothing is said.
const USUAL: i64 = 20;

/// Which part of a list is asked for.
pub(super) struct Page {
    /// The place behind the page before, as its token said; empty for the first page.
    pub(super) after: String,
    size: i64,
}

/// A page token that no page gave.
pub(super) fn unknown_token() -> ApiError {
    codes::told(codes::PARAM, "invalid page_token", "page_token is what the page before gave")
}

impl Page {
    /// Reads `page_size`, at most `most`, and `page_token`.
    pub(super) fn read(request: &Request, most: i64) -> Result<Self, ApiError> {
        let misfit = |value: String| {
            let (field, description) = ("page_size".to_owned(), format!("1 to {most}"));
            ApiError::fields(vec![FieldViolation { field, value, description }])
        };
        let size = request.query.integer("page_size").map_err(misfit)?.unwrap_or(USUAL);
        if !(1..=most).contains(&size) {
            return Err(misfit(size.to_string()));
        }
        Ok(Self { after: request.query.text("page_token").unwrap_or_default(), size })
    }

    /// The token as a number; 0 for the first page.
    pub(super) fn after_number(&self) -> Result<i64, ApiError> {
        if self.after.is_empty() {
            return Ok(0);
        }
        self.after.parse().map_err(|_| unknown_token())
    }

    /// How many to read: one more than is shown, to know whether there are more.
    pub(super) const fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Cuts what was read to the page; the token of the next one, if there is one.
    pub(super) fn cut<T>(
        &self,
        items: &mut Vec<T>,
        token: impl Fn(&T) -> String,
    ) -> Option<String> {
        if items.len() as i64 <= self.size {
            return None;
        }
        items.truncate(self.size as usize);
        items.last().map(token)
    }
}
