//! The family's numbers: the one table from how a task ended to `status` and `status_msg`
//! (contract, `wiki_move_status`), and refusals of Larkspur's own operations on requests. Refusals
//! of the platform's operations are the whole wiki's.

use larkspur_model::task::{Failure, FailureKind};
use larkspur_platform::Layer;

use crate::ErrorCode;

/// There is no such request, or none the caller has to do with.
pub(super) const NO_REQUEST: ErrorCode = ErrorCode::new(404, 88_091_404, "no such request");
/// The caller made the request, or has no right that it wants.
pub(super) const NOT_YOURS: ErrorCode = ErrorCode::new(403, 88_091_403, "not yours to decide");
/// Somebody decided it.
pub(super) const DECIDED: ErrorCode =
    ErrorCode::new(409, 88_091_409, "the request was decided already").at(Layer::State);
/// There is no such tenant.
pub(super) const NO_TENANT: ErrorCode = ErrorCode::new(404, 88_010_404, "no such tenant");

/// `status`: moved.
pub(super) const DONE: (i64, &str) = (0, "success");
/// `status`: queued or running.
pub(super) const PENDING: (i64, &str) = (1, "processing");
/// `status` of whatever has no text of its own: a cancelled task too.
pub(super) const FAILED: (i64, &str) = (-1, "failure");

/// The texts of failures.
const FAILURES: &[&str] = &[
    "already in wiki",
    "permission denied",
    "not support advanced bitable",
    "source not exist",
    "not support obj type",
    "tree limit",
    "failure",
];

/// The one table from why a task failed to its `status` and `status_msg`.
pub(super) fn status(failure: &Failure) -> (i64, &'static str) {
    let text = match failure.status {
        // A rehearsal names the text it wants.
        Some(_) => FAILURES.iter().copied().find(|text| *text == failure.message),
        None => Some(of_kind(failure.kind)),
    };
    (FAILED.0, text.unwrap_or(FAILED.1))
}

const fn of_kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::InWiki => "already in wiki",
        FailureKind::Forbidden | FailureKind::FolderForbidden => "permission denied",
        FailureKind::AdvancedBase => "not support advanced bitable",
        FailureKind::DocumentMissing | FailureKind::DocumentDeleted => "source not exist",
        FailureKind::TypeMismatch => "not support obj type",
        FailureKind::FolderFull | FailureKind::TooDeep => "tree limit",
        _ => FAILED.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_the_contracts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("the contract is not beside the repository: 1 comparison not run");
            return;
        };
        let codes: serde_json::Value = serde_json::from_str(&text).unwrap();
        let documented: Vec<(i64, String)> = codes["wiki_move_status"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (row["status"].as_i64().unwrap(), row["status_msg"].as_str().unwrap().to_owned())
            })
            .collect();
        let known = [DONE, PENDING].into_iter().chain(FAILURES.iter().map(|text| (-1, *text)));
        let known: Vec<(i64, String)> =
            known.map(|(number, text)| (number, text.to_owned())).collect();
        assert_eq!(documented, known);
    }

    #[test]
    fn a_rehearsed_failure_has_the_text_it_names() {
        let rehearsed = |message: &str| {
            status(&Failure { status: Some(-1), ..Failure::new(FailureKind::Internal, message) })
        };
        assert_eq!(rehearsed("tree limit"), (-1, "tree limit"));
        assert_eq!(rehearsed("anything"), (-1, "failure"));
        let own = Failure::new(FailureKind::Internal, "tree limit");
        assert_eq!(status(&own), (-1, "failure"));
    }
}
