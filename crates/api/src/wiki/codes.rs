//! The numbers of the wiki, the same for all its operations (contract, `x-errors` of wiki/v2), and
//! the phrases that say more within two of them (contract, `wiki_error_details`).

use std::borrow::Cow;

use larkspur_platform::{Error as PlatformError, Layer};
use larkspur_store::Error as StoreError;

use crate::{ApiError, ErrorCode};

/// The store cannot be reached; worth another try.
pub(super) const RPC: ErrorCode = ErrorCode::new(400, 131_001, "rpc fail").at(Layer::Server);
/// A parameter does not fit.
pub(super) const PARAM: ErrorCode = ErrorCode::new(400, 131_002, "param err");
/// There would be more than there may be.
pub(super) const LIMIT: ErrorCode = ErrorCode::new(400, 131_003, "out of limit").at(Layer::State);
/// The caller is not one who could ask for that: an app has no library.
pub(super) const USER: ErrorCode = ErrorCode::new(400, 131_004, "invalid user").at(Layer::Right);
/// There is no such thing.
pub(super) const NOT_FOUND: ErrorCode = ErrorCode::new(400, 131_005, "not found").at(Layer::State);
/// The caller may not do that.
pub(super) const PERMISSION: ErrorCode =
    ErrorCode::new(400, 131_006, "permission denied").at(Layer::Right);
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode =
    ErrorCode::new(400, 131_007, "internal err").at(Layer::Server);
/// It is there already.
pub(super) const EXISTS: ErrorCode = ErrorCode::new(400, 131_008, "already exist").at(Layer::State);
/// The place changed at the same moment.
pub(super) const CONTENTION: ErrorCode =
    ErrorCode::new(400, 131_009, "lock contention, please retry later.").at(Layer::State);
/// Documents of the first generation are made no more.
pub(super) const DEPRECATED: ErrorCode =
    ErrorCode::new(400, 131_010, "doc type is deprecated, please use docx.");
/// Spaces of this kind have no such operation.
pub(super) const OPERATION: ErrorCode =
    ErrorCode::new(400, 131_101, "invalid operation").at(Layer::State);

/// What reading may answer.
pub(super) const READ: &[ErrorCode] = &[RPC, PARAM, USER, NOT_FOUND, PERMISSION, INTERNAL];
/// What adding nodes may answer, where nothing waits in line.
pub(super) const CHANGE: &[ErrorCode] = &[RPC, PARAM, LIMIT, USER, NOT_FOUND, PERMISSION, INTERNAL];

/// Phrases of 131005.
pub(super) mod missing {
    pub(in crate::wiki) const MEMBER: &str = "member not found";
    pub(in crate::wiki) const IDENTITY: &str = "identity not found";
    pub(in crate::wiki) const SPACE: &str = "space not found";
    pub(in crate::wiki) const NODE: &str = "node not found";
    pub(in crate::wiki) const DOCUMENT: &str = "document not found";
}

/// Phrases of 131006.
pub(super) mod denied {
    pub(in crate::wiki) const SPACE: &str = "wiki space permission denied";
    pub(in crate::wiki) const NODE: &str = "node permission denied";
    pub(in crate::wiki) const SOURCE: &str = "no source parent node permission";
    pub(in crate::wiki) const DESTINATION: &str = "no destination parent node permission";
    pub(in crate::wiki) const TASK: &str = "only task creator can query status";
    pub(in crate::wiki) const DOCUMENT: &str = "no move permission for document";
}

/// `code` with the phrase that stands behind its text on the wire, and what to do.
pub(super) fn told(code: ErrorCode, phrase: &str, why: impl Into<String>) -> ApiError {
    ApiError { msg: Cow::Owned(format!("{}: {phrase}", code.msg)), ..code.because(why) }
}

/// What broke in the store: 131001 says that another try may help, 131007 that it will not.
pub(super) fn broken(error: StoreError) -> ApiError {
    if error.is_transient() { RPC.caused_by(error) } else { INTERNAL.caused_by(error) }
}

/// What broke in the platform.
pub(super) fn platform_broken(error: PlatformError) -> ApiError {
    match error {
        PlatformError::Store(error) => broken(error),
        error => INTERNAL.caused_by(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phrases_are_the_contracts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("the contract is not beside the repository: 1 comparison not run");
            return;
        };
        let codes: serde_json::Value = serde_json::from_str(&text).unwrap();
        let documented = |at: usize| {
            let details = codes["wiki_error_details"]["values"][at]["details"].clone();
            let mut phrases: Vec<String> = serde_json::from_value(details).unwrap();
            phrases.sort_unstable();
            phrases
        };
        let mut known =
            [missing::MEMBER, missing::IDENTITY, missing::SPACE, missing::NODE, missing::DOCUMENT];
        known.sort_unstable();
        assert_eq!(documented(0), known);
        let mut known = [
            denied::SPACE,
            denied::NODE,
            denied::SOURCE,
            denied::DESTINATION,
            denied::TASK,
            denied::DOCUMENT,
        ];
        known.sort_unstable();
        assert_eq!(documented(1), known);
    }

    #[test]
    fn a_phrase_stands_behind_the_text() {
        let error = told(PERMISSION, denied::SPACE, "become a member");
        assert_eq!(error.msg, "permission denied: wiki space permission denied");
    }
}
