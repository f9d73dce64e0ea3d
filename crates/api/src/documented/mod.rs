//! What the platform documents: the refusals of every operation, those any operation may give, and the
//! numbers tasks end in, whether this server serves them yet or not. The table is a text made from the
//! contract; nothing here decides anything.

#[cfg(test)]
mod contract;
mod parse;
pub mod reached;

use std::sync::LazyLock;

use crate::ErrorCode;

/// The table. Sections in brackets, below them a row a line, columns separated by tabs.
const TABLE: &str = include_str!("table.txt");

static DOCUMENTED: LazyLock<Documented> =
    LazyLock::new(|| parse::parse(TABLE).expect("the table reads, as a test has seen"));

#[derive(Debug, Default)]
struct Documented {
    operations: Vec<DocumentedOperation>,
    platform: Vec<ErrorCode>,
    families: Vec<Family>,
}

/// What is documented of one operation of the contract.
#[derive(Debug)]
pub struct DocumentedOperation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its refusals. HTTP status 0: the page names none.
    pub errors: Vec<ErrorCode>,
    /// Whether they come from the family's common list, since the operation's own page has no table.
    pub common: bool,
}

/// How a status number ends the wait of who polls, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not ended.
    Pending,
    /// Ended well.
    Success,
    /// Ended badly.
    Failed,
}

/// One status a task's answer may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The number.
    pub number: i64,
    /// What it means for the wait.
    pub outcome: Outcome,
    /// The text that stands beside it on the wire, where that is fixed; else empty.
    pub text: &'static str,
    /// What it means, in this project's words.
    pub meaning: &'static str,
}

/// One number of `extra`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// The number, a string on the wire.
    pub number: &'static str,
    /// What the file became: `docx`, `sheet` or `bitable`.
    pub target: &'static str,
    /// What it means, in this project's words.
    pub meaning: &'static str,
}

/// One code an item of a task may end in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The code.
    pub code: i64,
    /// The platform's own text.
    pub msg: &'static str,
}

/// A family of tasks.
#[derive(Debug)]
pub struct Family {
    /// The name its tasks are stored with: `drive.import`.
    pub name: &'static str,
    /// The operations that create its tasks.
    pub creates: Vec<&'static str>,
    /// The operation that asks for one.
    pub poll: &'static str,
    /// The operation that fetches its result, where there is one.
    pub download: Option<&'static str>,
    /// The statuses.
    pub statuses: Vec<Status>,
    /// The numbers of `extra`.
    pub extras: Vec<Extra>,
    /// The codes of single items.
    pub items: Vec<Item>,
}

impl Family {
    /// Whether `operation` belongs to the family.
    pub fn has(&self, operation: &str) -> bool {
        self.poll == operation
            || self.download == Some(operation)
            || self.creates.contains(&operation)
    }
}

/// Every operation of the contract.
pub fn operations() -> &'static [DocumentedOperation] {
    &DOCUMENTED.operations
}

/// What is documented of the operation `id`.
pub fn operation(id: &str) -> Option<&'static DocumentedOperation> {
    operations().iter().find(|operation| operation.id == id)
}

/// Refusals that any operation may give (contract, `platform_codes`). HTTP status 0: nobody knows it.
pub fn platform() -> &'static [ErrorCode] {
    &DOCUMENTED.platform
}

/// Every family of tasks.
pub fn families() -> &'static [Family] {
    &DOCUMENTED.families
}

/// The family `name`.
pub fn family(name: &str) -> Option<&'static Family> {
    families().iter().find(|family| family.name == name)
}

/// The refusal `code` of the operation `id`: its own, or the platform's.
pub fn refusal(id: &str, code: i64) -> Option<ErrorCode> {
    let own = operation(id).map_or(&[][..], |operation| &operation.errors);
    own.iter().chain(platform()).find(|error| error.code == code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_operations_own_before_the_platforms() {
        let deleted = |id| refusal(id, 1_069_906).map(|error| error.http);
        assert_eq!(deleted("driveImportTaskCreate"), Some(403));
        assert_eq!(deleted("driveExportTaskCreate"), Some(404));
        assert_eq!(deleted("driveExportTaskGet"), Some(410));
        assert_eq!(refusal("driveImportTaskGet", 1_061_001), None);
        let limited = refusal("driveImportTaskGet", 99_991_400).unwrap();
        assert_eq!((limited.http, limited.msg), (429, "request trigger frequency limit"));
        let expired = refusal("driveExportTaskCreate", 600).unwrap();
        assert_eq!(expired.msg, "hybrid resource expired");
    }

    #[test]
    fn every_family_can_wait_fail_and_succeed() {
        assert_eq!(families().len(), 6);
        for family in families() {
            for outcome in [Outcome::Pending, Outcome::Success, Outcome::Failed] {
                let found = family.statuses.iter().any(|status| status.outcome == outcome);
                assert!(found, "{}: {outcome:?}", family.name);
            }
            assert!(family.creates.iter().chain([&family.poll]).all(|id| operation(id).is_some()));
        }
    }

    #[test]
    fn every_operation_served_is_documented() {
        for operation in crate::operations() {
            if operation.path.starts_with("/open-apis/") {
                assert!(super::operation(operation.id).is_some(), "{}", operation.id);
            }
        }
    }
}
