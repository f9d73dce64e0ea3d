//! How a request is refused: a documented number with its HTTP status and text, and what the caller
//! needs to mend it. The envelope itself is made in the `http` floor.

use std::borrow::Cow;
use std::fmt::Display;

use larkspur_platform::Layer;
use larkspur_rehearsal::lint::Note;

/// One documented failure of one operation: the same number may carry another HTTP status elsewhere,
/// so each room keeps its own (contract, "HTTP status per domain").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// HTTP status it is answered with.
    pub http: u16,
    /// The number on the wire.
    pub code: i64,
    /// The platform's own text.
    pub msg: &'static str,
    /// Which layer refuses with it.
    pub layer: Layer,
}

impl ErrorCode {
    /// A documented failure; its HTTP status says as a rule which layer refuses.
    pub const fn new(http: u16, code: i64, msg: &'static str) -> Self {
        let layer = match http {
            401 => Layer::Token,
            403 => Layer::Right,
            404 | 409 | 410 => Layer::State,
            429 => Layer::Rate,
            500.. => Layer::Server,
            _ => Layer::Request,
        };
        Self { http, code, msg, layer }
    }

    /// This failure, of another layer than its HTTP status lets one think.
    #[must_use]
    pub const fn at(self, layer: Layer) -> Self {
        Self { layer, ..self }
    }

    /// This failure, with a sentence about what is wrong and what to do, for `error.message`.
    pub fn because(self, why: impl Into<String>) -> ApiError {
        ApiError { why: Some(why.into()), ..ApiError::from(self) }
    }

    /// This failure, caused by something of ours that callers must not see; it goes to the log.
    pub fn caused_by(self, cause: impl Display) -> ApiError {
        ApiError { internal: Some(cause.to_string()), layer: Layer::Server, ..ApiError::from(self) }
    }
}

/// One field of a request that does not fit (contract, `field_violations`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldViolation {
    /// Name of the field, with dots: `point.mount_key`.
    pub field: String,
    /// What was sent; may be empty.
    pub value: String,
    /// What is wrong about it.
    pub description: String,
}

/// One scope that is missing (contract, `permission_violations`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PermissionViolation {
    /// `action_scope_required` or another kind the contract names.
    #[serde(rename = "type")]
    pub kind: String,
    /// The scope's key.
    pub subject: String,
    /// A sentence; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub http: u16,
    /// Number on the wire.
    pub code: i64,
    /// Text on the wire.
    pub msg: Cow<'static, str>,
    /// What is wrong and what to do, for the caller.
    pub why: Option<String>,
    /// Which layer refused.
    pub layer: Layer,
    /// What broke on our side, for the log only.
    pub internal: Option<String>,
    /// What only some refusals carry.
    pub details: Option<Box<Details>>,
}

/// What only some refusals carry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Fields that do not fit.
    pub field_violations: Vec<FieldViolation>,
    /// Scopes that are missing.
    pub permission_violations: Vec<PermissionViolation>,
    /// Ceiling and seconds until it reopens, of a rate limit that was hit.
    pub rate: Option<(u32, u32)>,
    /// Size of a file of which a part was asked that it does not have.
    pub unsatisfiable: Option<u64>,
    /// Methods of a path that does not have the one that was called.
    pub allow: Option<String>,
    /// What the linter is told.
    pub note: Option<Note>,
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self {
            http: code.http,
            code: code.code,
            msg: Cow::Borrowed(code.msg),
            why: None,
            layer: code.layer,
            internal: None,
            details: None,
        }
    }
}

impl ApiError {
    /// What is wrong and what would help, in a sentence; where nobody gave a reason, the text of the number.
    pub fn reason(&self) -> Cow<'_, str> {
        if let Some(why) = &self.why {
            return Cow::Borrowed(why);
        }
        if self.internal.is_some() {
            return Cow::Borrowed("the server failed; its log has the cause under this log id");
        }
        // Some numbers say all there is to say by themselves.
        if self.details.as_ref().is_none_or(|it| it.field_violations.is_empty()) {
            return Cow::Borrowed(&self.msg);
        }
        let fields = self.details.as_ref().map_or(&[][..], |it| &it.field_violations);
        let named = |one: &FieldViolation| {
            if one.description.contains(&one.field) {
                one.description.clone()
            } else {
                format!("{}: {}", one.field, one.description)
            }
        };
        Cow::Owned(fields.iter().map(named).collect::<Vec<_>>().join("; "))
    }

    /// This refusal with `details`.
    #[must_use]
    pub fn with(self, details: Details) -> Self {
        Self { details: Some(Box::new(details)), ..self }
    }

    /// Fields that do not fit: 99992402 with each of them named.
    pub fn fields(violations: Vec<FieldViolation>) -> Self {
        Self::from(crate::codes::FIELD_VALIDATION)
            .with(Details { field_violations: violations, ..Details::default() })
    }
}

/// Collects what is wrong with the fields of one request, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldViolation>);

impl Violations {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` does not fit.
    pub fn add(&mut self, field: &str, value: impl Display, description: impl Into<String>) {
        let mut value = value.to_string();
        if value.len() > 200 {
            let cut = (0..=200).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
            value.truncate(cut);
        }
        self.0.push(FieldViolation {
            field: field.to_owned(),
            value,
            description: description.into(),
        });
    }

    /// Notes a field that is not there.
    pub fn missing(&mut self, field: &str) {
        self.add(field, "", format!("{field} is required"));
    }

    /// The value of a field that must be there.
    pub fn required<T: Default>(&mut self, field: &str, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.missing(field);
            T::default()
        })
    }

    /// Refuses the request if anything is wrong.
    pub fn check(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::fields(self.0)) }
    }
}
