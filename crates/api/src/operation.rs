//! An operation of the API, declared as data: where it is called, with what right and how often, and
//! what runs. No web framework is named here.

use std::pin::Pin;
use std::sync::Arc;

pub use http::Method;
use larkspur_platform::{AppKind, Ceilings, Layer, Requirements, TokenKind};

use crate::{Answer, ApiError, ErrorCode, Request, Services};

/// What a handler gives back.
pub type Pending = Pin<Box<dyn Future<Output = Result<Answer, ApiError>> + Send>>;
/// What runs when the operation is called.
pub type Handler = fn(Arc<Services>, Request) -> Pending;

/// What a request's body is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Ignored, whatever it is.
    None,
    /// Whole, to be read as JSON whatever its content type says, or by the few handlers that know
    /// forms as one.
    Json,
    /// As [`BodyKind::Json`], where one may be longer than is usual.
    LongJson {
        /// Largest body, bytes.
        most_bytes: u64,
    },
    /// A form with a file; the number is the largest file, bytes.
    Multipart {
        /// Largest file, bytes.
        most_bytes: u64,
    },
    /// Whatever it is, as it arrives: for the operator's own large bodies.
    Stream,
}

/// How often an operation may be called (contract, `x-rate-limit`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The ceilings.
    pub ceilings: Ceilings,
    /// The parameter of the path or the query that names the document, where each document has
    /// ceilings of its own; else empty.
    pub document: &'static str,
    /// What a refused call is answered.
    pub limited: ErrorCode,
    /// What one is answered that is too much for its document alone.
    pub document_limited: ErrorCode,
}

/// The gateway's refusal of too many calls.
pub(crate) const TOO_MANY: ErrorCode =
    ErrorCode::new(429, 99_991_400, "request trigger frequency limit");

impl Rate {
    /// No documented ceiling.
    pub const NONE: Self = Self::of(Ceilings::NONE);

    /// These ceilings.
    pub const fn of(ceilings: Ceilings) -> Self {
        Self { ceilings, document: "", limited: TOO_MANY, document_limited: TOO_MANY }
    }

    /// So many calls a second.
    pub const fn per_second(calls: u32) -> Self {
        Self::of(Ceilings { per_second: calls, ..Ceilings::NONE })
    }

    /// So many calls a minute.
    pub const fn per_minute(calls: u32) -> Self {
        Self::of(Ceilings { per_minute: calls, ..Ceilings::NONE })
    }

    /// The usual 1000 a minute and 50 a second.
    pub const fn level_4() -> Self {
        Self::of(Ceilings { per_second: 50, per_minute: 1000, ..Ceilings::NONE })
    }

    /// Also so many calls a minute.
    #[must_use]
    pub const fn and_per_minute(self, calls: u32) -> Self {
        Self { ceilings: Ceilings { per_minute: calls, ..self.ceilings }, ..self }
    }

    /// Also so many calls a second on one document, which `parameter` names.
    #[must_use]
    pub const fn per_document_per_second(self, calls: u32, parameter: &'static str) -> Self {
        let ceilings = Ceilings { per_document_per_second: calls, ..self.ceilings };
        Self { ceilings, document: parameter, ..self }
    }

    /// Also one call at a time on one document, which `parameter` names.
    #[must_use]
    pub const fn serial_per_document(self, parameter: &'static str) -> Self {
        let ceilings = Ceilings { per_document_serial: true, ..self.ceilings };
        Self { ceilings, document: parameter, ..self }
    }

    /// These ceilings, answered with another refusal.
    #[must_use]
    pub const fn answered(self, limited: ErrorCode) -> Self {
        let limited = limited.at(Layer::Rate);
        Self { limited, document_limited: limited, ..self }
    }

    /// Those of each document, answered with a refusal of their own.
    #[must_use]
    pub const fn answered_for_documents(self, limited: ErrorCode) -> Self {
        Self { document_limited: limited.at(Layer::Rate), ..self }
    }
}

/// Whether a path is Larkspur's own: no client of the platform has it.
pub fn is_own_path(path: &str) -> bool {
    ["/larkspur/", "/console"].iter().any(|own| path.starts_with(own))
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId` of the contract.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with parameters in braces: `/open-apis/drive/v1/import_tasks/{ticket}`.
    pub path: &'static str,
    /// Kinds of access token it takes; none for the operations that hand them out.
    pub tokens: &'static [TokenKind],
    /// Kinds of app that may call it.
    pub apps: &'static [AppKind],
    /// Any one of these scopes is enough; none are needed when empty.
    pub scopes: &'static [&'static str],
    /// How often it may be called.
    pub rate: Rate,
    /// Failures it documents and this server answers.
    pub errors: &'static [ErrorCode],
    /// What its body is read as.
    pub body: BodyKind,
    /// Whether it answers a file; failures then close the connection, for clients that would
    /// otherwise wait on it (clients' notes, "Downloads").
    pub download: bool,
    /// Whether the operator's own token opens it; where it takes no other token, that alone does.
    pub admin: bool,
    /// What runs.
    pub handler: Handler,
}

impl Operation {
    /// What `platform` checks before it runs.
    pub const fn requirements(&self) -> Requirements<'static> {
        Requirements { tokens: self.tokens, apps: self.apps, scopes: self.scopes }
    }
}

/// Tokens of a tenant or of a user, what nearly every operation takes.
pub(crate) const TENANT_OR_USER: &[TokenKind] = &[TokenKind::Tenant, TokenKind::User];
/// Self-built apps alone.
pub(crate) const CUSTOM: &[AppKind] = &[AppKind::Custom];
/// Self-built and store apps.
pub(crate) const CUSTOM_OR_STORE: &[AppKind] = &[AppKind::Custom, AppKind::Store];
