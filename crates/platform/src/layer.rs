//! Which layer of the server refused a call: what tells a caller whether to mend the token, the
//! grant, the request or nothing at all.

use std::fmt;

/// Which layer refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// No operation is at that place.
    Route,
    /// The token, or that there is none.
    Token,
    /// The app: disabled, or of a kind that may not.
    App,
    /// The scopes the app was granted.
    Scope,
    /// What the user agreed to.
    UserGrant,
    /// The right on the thing.
    Right,
    /// How often was called.
    Rate,
    /// A fault that was asked for.
    Fault,
    /// The request itself.
    Request,
    /// The state of a thing: missing, deleted, expired, ended.
    State,
    /// The server.
    Server,
}

impl Layer {
    /// Its name, in the log, the record and the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Token => "token",
            Self::App => "app",
            Self::Scope => "scope",
            Self::UserGrant => "user grant",
            Self::Right => "right",
            Self::Rate => "rate",
            Self::Fault => "fault",
            Self::Request => "request",
            Self::State => "state",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
