//! Sizes and tokens of pages.

use larkspur_store::meetings::Place;

use super::codes;
use crate::{ApiError, Request};

/// Records of a page: the fewest (which is usual, too) and the most (contract, `page_size`).
const FEWEST: i64 = 20;
const MOST: i64 = 100;

/// `page_size`.
pub(super) fn size(request: &Request) -> Result<usize, ApiError> {
    let asked = request.query.integer("page_size").ok().map(|size| size.unwrap_or(FEWEST));
    asked
        .filter(|size| (FEWEST..=MOST).contains(size))
        .map(|size| size as usize)
        .ok_or_else(|| codes::PARAM.because("page_size is 20 to 100"))
}

/// Where the page of `page_token` begins; `first` without one.
pub(super) fn place(request: &Request, first: Place) -> Result<Place, ApiError> {
    let Some(text) = request.query.text("page_token") else { return Ok(first) };
    parse(&text).ok_or_else(|| codes::PARAM.because("page_token is of the page before"))
}

/// The token of the page behind a record.
pub(super) fn token(time_s: i64, id: &str) -> String {
    format!("{time_s}_{id}")
}

fn parse(text: &str) -> Option<Place> {
    let (time_s, id) = text.split_once('_')?;
    Some(Place { time_s: time_s.parse().ok()?, id: id.to_owned() })
}

/// Cuts what was read, one record more than a page has, to the page; whether more follow.
pub(super) fn cut<T>(records: &mut Vec<T>, size: usize) -> bool {
    let more = records.len() > size;
    records.truncate(size);
    more
}
