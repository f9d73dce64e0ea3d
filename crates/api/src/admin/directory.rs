//! What the rooms of tenants, apps, users and departments share: refusals, pages, which tenant is
//! meant.

use larkspur_model::id::TenantId;
use larkspur_platform::Error;

use crate::{ApiError, ErrorCode, FieldViolation, Request, Services, codes};

/// There is no such tenant.
pub(super) const NO_TENANT: ErrorCode = ErrorCode::new(404, 88_010_404, "no such tenant");
/// There is no such app.
pub(super) const NO_APP: ErrorCode = ErrorCode::new(404, 88_020_404, "no such app");
/// There is no such user in the tenant.
pub(super) const NO_USER: ErrorCode = ErrorCode::new(404, 88_030_404, "no such user");
/// There is no such department in the tenant.
pub(super) const NO_DEPARTMENT: ErrorCode = ErrorCode::new(404, 88_040_404, "no such department");
/// A chosen id belongs to another one.
pub(super) const TAKEN: ErrorCode = ErrorCode::new(409, 88_010_409, "the id is taken");

/// A custom app has no ticket.
pub(super) const NO_TICKET: ErrorCode = ErrorCode::new(404, 88_050_404, "the app has no ticket");

/// All of them, and what all operations of these rooms may answer beside.
pub(super) const ALL: &[ErrorCode] = &[
    NO_TENANT,
    NO_APP,
    NO_USER,
    NO_DEPARTMENT,
    TAKEN,
    NO_TICKET,
    codes::FIELD_VALIDATION,
    codes::BAD_REQUEST,
    codes::ADMIN_ONLY,
    codes::INTERNAL,
];

const PAGE_SIZES: std::ops::RangeInclusive<i64> = 1..=500;
const PAGE_SIZE: i64 = 100;

/// What `platform` refused, in the numbers of these rooms.
pub(super) fn refused(error: Error) -> ApiError {
    let why = error.to_string();
    match error {
        Error::NoSuchTenant(_) => NO_TENANT.because(why),
        Error::NoSuchApp(_) => NO_APP.because(why),
        Error::NoSuchUser(_) => NO_USER.because(why),
        Error::NoSuchDepartment(_) => NO_DEPARTMENT.because(why),
        Error::Taken { .. } => TAKEN.because(why),
        Error::Malformed { field, value, rule } => ApiError::fields(vec![FieldViolation {
            field: field.to_owned(),
            value,
            description: rule.to_owned(),
        }]),
        Error::Store(error) => codes::INTERNAL.caused_by(error),
    }
}

/// What broke in the store.
pub(super) fn internal(error: larkspur_store::Error) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// The tenant that is meant: the named one if it exists, else the server's first.
pub(super) async fn tenant_of(
    services: &Services,
    named: Option<&str>,
) -> Result<TenantId, ApiError> {
    let tenant = match named {
        Some(id) if id.len() <= 64 => TenantId::from(id),
        Some(_) => return Err(NO_TENANT.because("a tenant's id has at most 64 characters")),
        None => services.platform.bootstrap().await.map_err(refused)?.tenant,
    };
    Ok(services.platform.tenant(&tenant).await.map_err(refused)?.id)
}

/// The tenant that the query's `tenant_id` means.
pub(super) async fn tenant_of_query(
    services: &Services,
    request: &Request,
) -> Result<TenantId, ApiError> {
    tenant_of(services, request.query.text("tenant_id").as_deref()).await
}

/// Which part of a list is asked for.
pub(super) struct Page {
    /// The last id of the page before; empty for the first page.
    pub(super) after: String,
    size: i64,
}

impl Page {
    /// Reads `page_size` (100, at most 500) and `page_token`.
    pub(super) fn read(request: &Request) -> Result<Self, ApiError> {
        let misfit = |value: String| {
            let (field, description) = ("page_size".to_owned(), "1 to 500".to_owned());
            ApiError::fields(vec![FieldViolation { field, value, description }])
        };
        let size = request.query.integer("page_size").map_err(misfit)?.unwrap_or(PAGE_SIZE);
        if !PAGE_SIZES.contains(&size) {
            return Err(misfit(size.to_string()));
        }
        Ok(Self { after: request.query.text("page_token").unwrap_or_default(), size })
    }

    /// How many to read: one more than is shown, to know whether there are more.
    pub(super) const fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Cuts what was read to the page; the token of the next one, if there is one.
    pub(super) fn cut<T>(&self, items: &mut Vec<T>, id: impl Fn(&T) -> &str) -> Option<String> {
        if items.len() as i64 <= self.size {
            return None;
        }
        items.truncate(self.size as usize);
        items.last().map(|last| id(last).to_owned())
    }
}

/// Data of every list.
#[derive(serde::Serialize)]
pub(super) struct List<T> {
    items: Vec<T>,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

impl<T> List<T> {
    /// One page of a list.
    pub(super) const fn new(items: Vec<T>, page_token: Option<String>) -> Self {
        Self { items, has_more: page_token.is_some(), page_token }
    }
}
