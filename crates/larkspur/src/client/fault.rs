//! What can go wrong between a client and a server, in words a person can act on.

use std::time::Duration;

use serde_json::Value;

use crate::trouble::Trouble;

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The server answered with a code other than 0.
    #[error("{what}: the server says {code} {msg} (HTTP {http}{})", log(.log_id.as_deref()))]
    Refused {
        /// What was tried.
        what: String,
        /// HTTP status.
        http: u16,
        /// Code of the envelope.
        code: i64,
        /// Text of the envelope.
        msg: String,
        /// Id to look for in the server's log.
        log_id: Option<String>,
        /// How long to wait before trying again, if the server says so.
        wait: Option<Duration>,
    },
    /// No answer: no connection, a broken one, or none in time.
    #[error("{what}: the server cannot be reached")]
    Broken {
        /// What was tried.
        what: String,
        /// Why.
        #[source]
        cause: reqwest::Error,
    },
    /// Something on the way answers for the server.
    #[error("{what}: HTTP {http}, and nothing of this API")]
    OutOfOrder {
        /// What was tried.
        what: String,
        /// HTTP status: 429, or 500 and above.
        http: u16,
        /// How long to wait before trying again, if the answer says so.
        wait: Option<Duration>,
    },
    /// An answer that the API does not have.
    #[error("{what}: the answer is not one of this API: {strange}")]
    Strange {
        /// What was tried.
        what: String,
        /// What is wrong with the answer.
        strange: String,
    },
    /// A file here cannot be read or written.
    #[error("{what}")]
    Local {
        /// What was tried.
        what: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A task ended without a result.
    #[error("{what}: {message} (job_status {status})")]
    TaskFailed {
        /// Which task.
        what: String,
        /// Its `job_status`.
        status: i64,
        /// Its `job_error_msg`.
        message: String,
    },
}

/// Codes that ask to come back later (contract, §1.3 and the upload pages).
const TOO_FAST: [i64; 4] = [99_991_400, 1_069_923, 1_061_045, 90_217];
/// HTTP status of a call refused for its rate.
const TOO_MANY_REQUESTS: u16 = 429;

/// What the header says, within reason.
fn waiting(reset_seconds: Option<u64>) -> Option<Duration> {
    reset_seconds.map(|seconds| Duration::from_secs(seconds.clamp(1, 60)))
}

fn log(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(", log id {id}"))
}

/// The envelope's text, with what its `error` says beside.
fn message_of(answer: &Value) -> String {
    let mut text = answer["msg"].as_str().unwrap_or("without a message").to_owned();
    let error = &answer["error"];
    let fields = error["field_violations"].as_array().into_iter().flatten();
    let fields = fields.filter_map(|field| {
        Some(format!("{}: {}", field["field"].as_str()?, field["description"].as_str()?))
    });
    for more in error["message"].as_str().map(str::to_owned).into_iter().chain(fields) {
        text.push_str("; ");
        text.push_str(&more);
    }
    text
}

impl Fault {
    pub(super) fn broken(what: &str, cause: reqwest::Error) -> Self {
        Self::Broken { what: what.to_owned(), cause: cause.without_url() }
    }

    pub(super) fn strange(what: &str, strange: &str) -> Self {
        Self::Strange { what: what.to_owned(), strange: strange.to_owned() }
    }

    /// A file here that could not be read or written.
    pub fn local(what: impl Into<String>, cause: std::io::Error) -> Self {
        Self::Local { what: what.into(), cause }
    }

    pub(super) fn refused(
        what: &str,
        http: u16,
        code: i64,
        answer: &Value,
        log_id: Option<String>,
        reset_seconds: Option<u64>,
    ) -> Self {
        Self::Refused {
            what: what.to_owned(),
            http,
            code,
            msg: message_of(answer),
            log_id: log_id.or_else(|| answer["error"]["log_id"].as_str().map(str::to_owned)),
            wait: waiting(reset_seconds),
        }
    }

    pub(super) fn out_of_order(what: &str, http: u16, reset_seconds: Option<u64>) -> Self {
        Self::OutOfOrder { what: what.to_owned(), http, wait: waiting(reset_seconds) }
    }

    /// Code of the envelope, if there was one.
    pub const fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    pub(super) const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused { wait, .. } | Self::OutOfOrder { wait, .. } => *wait,
            _ => None,
        }
    }

    /// Whether the call came too early and did nothing.
    pub fn is_too_fast(&self) -> bool {
        match self {
            Self::Refused { http, code, .. } => {
                *http == TOO_MANY_REQUESTS || TOO_FAST.contains(code)
            }
            Self::OutOfOrder { http, .. } => *http == TOO_MANY_REQUESTS,
            _ => false,
        }
    }

    /// Whether the same call may well succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Broken { .. } => true,
            Self::Refused { http, .. } | Self::OutOfOrder { http, .. } => *http >= 500,
            _ => false,
        }
    }

    /// Whether nobody can say if the call did its work.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Broken { cause, .. } => !cause.is_connect(),
            Self::Strange { .. } => true,
            other => other.is_passing(),
        }
    }

    /// Whether the server takes nothing from this app at all.
    pub const fn is_of_credentials(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: 10_003 | 10_014 | 99_991_543 | 99_991_662 | 99_991_672 | 99_991_679,
                ..
            }
        )
    }

    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Broken { .. } => {
                "is it running, and is LARKSPUR_URL (or --url) right? `larkspur serve` starts one"
            }
            Self::Refused { code: 10_003 | 10_014 | 99_991_543, .. } => {
                "check LARKSPUR_APP_ID and LARKSPUR_APP_SECRET; \
                 `larkspur app reset-secret` makes a new secret"
            }
            Self::Refused { code: 88_000_401, .. } => {
                "check LARKSPUR_ADMIN_TOKEN; `larkspur admin reset-token` makes a new one"
            }
            Self::Refused { code: 99_991_672 | 99_991_679, .. } => {
                "give the app the scope that the message names"
            }
            Self::Refused { code: 1_069_909 | 1_061_043, .. } => {
                "docx and doc may have 600 MB, xlsx 800 MB, everything else 20 MB"
            }
            Self::Refused { code: 1_069_908 | 1_069_912, .. } => {
                "--folder takes the token at the end of a folder's address; \
                 without it the root folder is used"
            }
            Self::TaskFailed { status: 100, .. } => "remove the password and try again",
            Self::TaskFailed { status: 112 | 113, .. } => {
                "this file cannot become this kind of document; see `larkspur import --help`"
            }
            Self::TaskFailed { status: 118 | 120, .. } => {
                "the content is not what the file's name says; rename it or convert it first"
            }
            _ => return None,
        })
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        let cause = std::error::Error::source(&fault);
        let trouble = match cause {
            Some(cause) => Self::caused(&fault, cause),
            None => Self::new(fault.to_string()),
        };
        let trouble = match fault.hint() {
            Some(hint) => trouble.hint(hint),
            None => trouble,
        };
        match fault {
            Fault::Broken { .. }
            | Fault::Refused { code: 10_003 | 10_014 | 99_991_543 | 88_000_401, .. } => {
                trouble.setup()
            }
            _ => trouble,
        }
    }
}
