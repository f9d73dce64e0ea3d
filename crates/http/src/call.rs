//! What is known of one request while it is on its way, for whoever tells about it afterwards.

use std::sync::Arc;

use bytes::Bytes;
use larkspur_api::{Arrived, Operation};
use larkspur_model::id::AppId;
use larkspur_model::time::Millis;
use larkspur_platform::{Caller, Limited};
use larkspur_rehearsal::lint::Note;
use serde::Deserialize;

use crate::meter::OperationMeter;

/// A request on its way.
pub(crate) struct Call<'a> {
    /// Its log id, which the answer carries.
    pub(crate) log_id: &'a str,
    /// When it came; the virtual clock.
    pub(crate) now_ms: Millis,
    /// The operation, once it is known.
    pub(crate) operation: Option<&'a Operation>,
    /// What counts it, once that is known.
    pub(crate) meter: Option<&'a OperationMeter>,
    /// Who calls, once it is known.
    pub(crate) caller: Option<Arc<Caller>>,
    /// Whether the server's operator calls.
    pub(crate) admin: bool,
    /// The app of a token that was refused, or that asks for one.
    pub(crate) app: Option<AppId>,
    /// The documented ceiling it would have met, where ceilings are off.
    pub(crate) unenforced: Option<Limited>,
    /// What was read of its body.
    pub(crate) body: Read,
    /// What the operation tells the linter.
    pub(crate) note: Option<Note>,
    /// The name of the file it is answered with.
    pub(crate) file: Option<String>,
    /// The number that a page tells of.
    pub(crate) told_code: i64,
}

/// What was read of a body.
pub(crate) enum Read {
    /// Nothing.
    Nothing,
    /// All of it.
    Bytes(Bytes),
    /// The parts of a form, while they arrive.
    Form(Arrived),
}

impl<'a> Call<'a> {
    /// A request that has just come.
    pub(crate) const fn new(log_id: &'a str, now_ms: Millis) -> Self {
        Self {
            log_id,
            now_ms,
            operation: None,
            meter: None,
            caller: None,
            admin: false,
            app: None,
            unenforced: None,
            body: Read::Nothing,
            note: None,
            file: None,
            told_code: 0,
        }
    }

    /// The app that calls, if it is known.
    pub(crate) fn app(&self) -> Option<&AppId> {
        self.caller.as_ref().map(|caller| &caller.app).or(self.app.as_ref())
    }

    /// Notes what was read of the body; who asks for a token says in it which app it is.
    pub(crate) fn has_read(&mut self, body: &larkspur_api::Body) {
        #[derive(Deserialize)]
        struct Credentials {
            #[serde(alias = "client_id")]
            app_id: String,
        }
        match body {
            larkspur_api::Body::None | larkspur_api::Body::Stream(_) => {}
            larkspur_api::Body::Multipart(form) => self.body = Read::Form(form.arrived.clone()),
            larkspur_api::Body::Json(bytes) => {
                if self.hands_out_tokens()
                    && let Ok(Credentials { app_id }) = serde_json::from_slice(bytes)
                    && app_id.len() <= 64
                {
                    self.app = Some(AppId(app_id));
                }
                self.body = Read::Bytes(bytes.clone());
            }
        }
    }

    /// Whether tokens and codes stand in its bodies.
    pub(crate) fn hands_out_tokens(&self) -> bool {
        self.operation.is_some_and(|operation| {
            (operation.tokens.is_empty() && !operation.admin) || operation.path.contains("/authen/")
        })
    }
}
