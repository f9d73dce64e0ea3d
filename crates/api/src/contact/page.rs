//! Pages of lists: how many are wanted, and behind what. A token names the last thing's place, so
//! that pages stay right while things come and go.

use std::fmt::Write as _;

use crate::{ApiError, ErrorCode, Request};

/// Items of a page where the request says nothing.
const PAGE_SIZE: i64 = 10;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) size: i64,
    /// Order and id of the last thing of the page before.
    pub(crate) after: (i64, String),
}

impl Page {
    /// Reads `page_size` (at most `most`) and `page_token`; what does not fit is answered with
    /// `bad_size` and `bad_token`.
    pub(crate) fn read(
        request: &Request,
        most: i64,
        bad_size: ErrorCode,
        bad_token: ErrorCode,
    ) -> Result<Self, ApiError> {
        let rule = || bad_size.because(format!("page_size is 1 to {most}"));
        let size = request.query.integer("page_size").map_err(|_| rule())?.unwrap_or(PAGE_SIZE);
        if !(1..=most).contains(&size) {
            return Err(rule());
        }
        let after = match request.query.text("page_token") {
            None => (i64::MIN, String::new()),
            Some(token) => decode(&token)
                .ok_or_else(|| bad_token.because("take page_token from the page before"))?,
        };
        Ok(Self { size, after })
    }

    /// How many to read: one more than is shown, to know whether there are more.
    pub(crate) const fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Cuts what was read to the page; the token of the next one, if there is one.
    pub(crate) fn cut<T>(
        &self,
        items: &mut Vec<T>,
        place: impl Fn(&T) -> (i64, &str),
    ) -> Option<String> {
        if items.len() as i64 <= self.size {
            return None;
        }
        items.truncate(usize::try_from(self.size).unwrap_or(usize::MAX));
        items.last().map(|last| {
            let (order, id) = place(last);
            encode(order, id)
        })
    }
}

fn encode(order: i64, id: &str) -> String {
    let mut token = format!("p{order}_");
    for byte in id.bytes() {
        // Writing to a string does not fail.
        let _written = write!(token, "{byte:02x}");
    }
    token
}

fn decode(token: &str) -> Option<(i64, String)> {
    let (order, hex) = token.strip_prefix('p')?.split_once('_')?;
    if hex.len() % 2 != 0 || !hex.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect();
    Some((order.parse().ok()?, String::from_utf8(bytes?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_and_others_are_refused() {
        for place in [(0, "a@b"), (-5, ""), (i64::MAX, "部门")] {
            assert_eq!(decode(&encode(place.0, place.1)), Some((place.0, place.1.to_owned())));
        }
        for bad in ["", "p", "p1", "x1_61", "p1_6", "p1_zz", "pa_61", "p1_ff", "p1_€"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert!(encode(-1, "a@b").bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
    }
}
