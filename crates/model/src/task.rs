//! The one life every task leads, whatever its family:
//! `submitted -> queued -> running(progress) -> succeeded | failed | cancelled`.

use serde::{Deserialize, Serialize};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On disk, waiting for a worker (also between two attempts).
    Queued,
    /// A worker holds a lease on it.
    Running,
    /// Ended; the output is visible.
    Succeeded,
    /// Ended without an output.
    Failed,
    /// Ended because somebody asked for that.
    Cancelled,
}

impl State {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Running => 1,
            Self::Succeeded => 2,
            Self::Failed => 3,
            Self::Cancelled => 4,
        }
    }

    /// The state of a stored number.
    pub const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Queued,
            1 => Self::Running,
            2 => Self::Succeeded,
            3 => Self::Failed,
            4 => Self::Cancelled,
            _ => return None,
        })
    }

    /// Whether nothing will happen to the task any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How far a running task is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done now: `reading`, `storing`, ...
    pub stage: String,
    /// Units done in this stage.
    pub done: u64,
    /// Units there are in this stage; 0 where nobody knows.
    pub total: u64,
}

/// Why a task ended without an output. Each family maps the kind to its own number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind, on which programs decide.
    pub kind: FailureKind,
    /// What happened and what to do, for people.
    pub message: String,
    /// The family's own number for it, where that is decided already: rehearsals reach numbers that
    /// no kind stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
}

impl Failure {
    /// A failure of `kind`, explained by `message`.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None }
    }
}

/// The kinds of failure, over all families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Something broke on our side.
    Internal,
    /// The work took longer than allowed.
    TimedOut,
    /// The work needed more memory than allowed, or its process died.
    Crashed,
    /// The source is encrypted or has a password.
    Encrypted,
    /// The source is corrupt.
    Damaged,
    /// Nothing here reads this format (or writes that one).
    UnsupportedFormat,
    /// An office file of a flavour nothing here reads (binary workbook, macro sheet, ...).
    UnsupportedOfficeFormat,
    /// The source's content is not what its extension says.
    ExtensionMismatch,
    /// The source cannot become the kind of document that was asked for.
    TypeMismatch,
    /// The source is larger than allowed.
    SourceTooLarge,
    /// The uploaded source has expired.
    SourceExpired,
    /// The tenant has no storage left.
    StorageFull,
    /// The folder holds as many things as it may.
    FolderFull,
    /// The folder does not exist.
    FolderMissing,
    /// The folder has been deleted.
    FolderDeleted,
    /// The caller may not write into the folder.
    FolderForbidden,
    /// The caller may not do this.
    Forbidden,
    /// The document does not exist.
    DocumentMissing,
    /// The document has been deleted.
    DocumentDeleted,
    /// The document, or what it becomes, is larger than allowed.
    ResultTooLarge,
    /// The document holds more pictures than allowed.
    TooManyImages,
    /// A part of the document may not be exported by the caller.
    PartForbidden,
    /// The document has more blocks than allowed, even after cutting.
    TooManyBlocks,
    /// The document nests deeper than allowed.
    TooDeep,
    /// One block of the document is larger than allowed.
    BlockTooLarge,
    /// The document is in a wiki already.
    InWiki,
    /// A base with advanced permissions, which cannot be moved.
    AdvancedBase,
}
