//! Operations called from within the program: pages ask what programs ask, with the same checks, and
//! cannot do what programs cannot.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::HeaderMap;
use larkspur_model::id::{AppId, TenantId};
use larkspur_platform::Caller;
use serde::Serialize;

use crate::request::{Arrived, Form};
use crate::{Answer, ApiError, Body, Handler, Query, Request, Services, access, codes, operations};

static HANDLERS: LazyLock<HashMap<&'static str, Handler>> =
    LazyLock::new(|| operations().into_iter().map(|one| (one.id, one.handler)).collect());

/// Who an operation is called as.
#[derive(Debug, Clone)]
pub enum Acting {
    /// The server's operator, who sees everything of Larkspur's own.
    Operator,
    /// Somebody of a tenant, with all scopes: what they may is what their rights say.
    For(Arc<Caller>),
}

/// A call of an operation that came over no wire.
#[must_use]
pub struct Inside {
    operation: &'static str,
    request: Request,
}

impl Inside {
    /// A call of `operation` with nothing in it, on behalf of a request whose host and log id its
    /// answer takes.
    pub fn new(operation: &'static str, acting: &Acting, behind: &Request) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(host) = behind.headers.get(http::header::HOST) {
            headers.insert(http::header::HOST, host.clone());
        }
        let (admin, caller) = match acting {
            Acting::Operator => (true, None),
            Acting::For(caller) => (false, Some(Arc::clone(caller))),
        };
        let request = Request {
            caller,
            admin,
            path: Vec::new(),
            uri: http::Uri::default(),
            query: Query::default(),
            headers,
            body: Body::None,
            scheme: behind.scheme,
            log_id: behind.log_id.clone(),
            operation,
            rehearsed: None,
            peer: behind.peer,
        };
        Self { operation, request }
    }

    /// With a value in its path.
    pub fn path(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.request.path.push((name, value.into()));
        self
    }

    /// With a query, as it stands in an address.
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.request.query = Query::new(query);
        self
    }

    /// With a body.
    ///
    /// # Errors
    /// What does not become JSON.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, ApiError> {
        let bytes = serde_json::to_vec(body).map_err(|error| codes::INTERNAL.caused_by(error))?;
        self.request.body = Body::Json(Bytes::from(bytes));
        Ok(self)
    }

    /// With a form: its fields, then a file `file` if there is one. `boundary` stands between them, a
    /// text that is in none of them.
    pub fn form(mut self, boundary: &str, fields: &[(&str, String)], file: Option<Bytes>) -> Self {
        self.request.body = Body::Multipart(form(boundary, fields, file));
        self
    }
}

/// A form as it would have come over the wire.
fn form(boundary: &str, fields: &[(&str, String)], file: Option<Bytes>) -> Form {
    const PART: &str = "Content-Disposition: form-data; name=";
    let field = |(name, value): &(&str, String)| {
        format!("--{boundary}\r\n{PART}\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut pieces = vec![Bytes::from(fields.iter().map(field).collect::<String>())];
    if let Some(file) = file {
        let head = format!("--{boundary}\r\n{PART}\"file\"; filename=\"part\"\r\n\r\n");
        pieces.extend([Bytes::from(head), file, Bytes::from_static(b"\r\n")]);
    }
    pieces.push(Bytes::from(format!("--{boundary}--\r\n")));
    let stream = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    Form { parts: multer::Multipart::new(stream, boundary), arrived: Arrived::default() }
}

impl Services {
    /// Somebody pages act for: `app:<id>` or `user:<id>` of `tenant`, through `app`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn acting_for(
        &self,
        tenant: &TenantId,
        app: &AppId,
        identity: &str,
    ) -> Result<Acting, ApiError> {
        let caller = access::caller_of(&self.store.db, tenant, app, identity).await;
        let caller = caller.map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(Acting::For(Arc::new(caller)))
    }

    /// Calls an operation from within.
    ///
    /// # Errors
    /// What the operation refuses.
    pub async fn call(self: &Arc<Self>, inside: Inside) -> Result<Answer, ApiError> {
        let Inside { operation, request } = inside;
        let handler = HANDLERS.get(operation).ok_or_else(|| {
            codes::INTERNAL.caused_by(format!("there is no operation {operation}"))
        })?;
        handler(Arc::clone(self), request).await
    }
}
