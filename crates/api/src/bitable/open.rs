//! Finding what a request speaks of: a base the caller may read or write, a table of it, a view.

use larkspur_platform::Access;
use larkspur_store::bases::{self, BaseRecord, TableRecord};
use larkspur_store::objects::{Object, ObjectKind};

use super::codes::{self, Finding};
use crate::access::{self, Found};
use crate::{ApiError, Request, Services, zone};

/// A base the caller may use.
pub(super) struct OpenBase {
    pub(super) object: Object,
    pub(super) base: BaseRecord,
}

/// A table of it.
pub(super) struct OpenTable {
    pub(super) object: Object,
    pub(super) base: BaseRecord,
    pub(super) table: TableRecord,
}

impl OpenTable {
    /// How far the base's zone is ahead of UTC.
    pub(super) fn offset_ms(&self) -> i64 {
        zone::offset_ms(&self.base.time_zone)
    }
}

fn is_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| {
        !rest.is_empty()
            && rest.len() <= 48
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The base that the path names, for `access`.
pub(super) async fn base(
    services: &Services,
    request: &Request,
    access: Access,
    numbers: &Finding,
) -> Result<OpenBase, ApiError> {
    let internal = |error: larkspur_store::Error| numbers.internal.caused_by(error);
    let (caller, token) = (request.caller()?, request.path_value("app_token"));
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(numbers.wrong_base.because("app_token is letters and digits"));
    }
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let object = match access::find(db, caller, token, access, now_ms).await.map_err(internal)? {
        Found::Missing => return Err(numbers.base.because(access::MISSING)),
        Found::Gone(_) => return Err(numbers.base.because(access::DELETED)),
        Found::Forbidden => return Err(numbers.forbidden.because(access::NOT_SHARED)),
        Found::Object(object) if object.kind == ObjectKind::Bitable => object,
        Found::Object(_) => {
            return Err(numbers.wrong_base.because("the token is not a base's"));
        }
    };
    let base = bases::get(db, &caller.tenant, &object.token)
        .await
        .map_err(internal)?
        .ok_or_else(|| numbers.internal.caused_by("an object without its base"))?;
    Ok(OpenBase { object, base })
}

/// The table that the path names, for `access` to its base.
pub(super) async fn table(
    services: &Services,
    request: &Request,
    access: Access,
    numbers: &Finding,
) -> Result<OpenTable, ApiError> {
    let id = request.path_value("table_id");
    let OpenBase { object, base } = self::base(services, request, access, numbers).await?;
    if !is_id(id, "tbl") {
        return Err(numbers
            .wrong_table
            .because("table_id is tbl and letters and digits behind it"));
    }
    let table = bases::table(&services.store.db, &object.token, id)
        .await
        .map_err(|error| numbers.internal.caused_by(error))?
        .ok_or_else(|| numbers.table.because("the base has no table of this table_id"))?;
    Ok(OpenTable { object, base, table })
}

/// Refuses a view that the table does not have.
pub(super) fn check_view(table: &TableRecord, view: Option<&str>) -> Result<(), ApiError> {
    let Some(view) = view.filter(|view| !view.is_empty()) else { return Ok(()) };
    if !is_id(view, "vew") {
        return Err(codes::WRONG_VIEW.because("view_id is vew and letters and digits behind it"));
    }
    if !table.design.views.iter().any(|known| known.id == view) {
        return Err(codes::VIEW.because("the table has no view of this view_id"));
    }
    Ok(())
}

/// The page of a list that a query asks for: how many, and behind which id.
pub(super) fn page(
    request: &Request,
    usual: usize,
    most: i64,
) -> Result<(usize, Option<String>), ApiError> {
    let size = request.query.integer("page_size").map_err(|sent| {
        let mut violations = crate::Violations::new();
        violations.add("page_size", sent, "page_size is a whole number");
        violations.check().expect_err("there is a violation")
    })?;
    let size = match size {
        None => usual,
        Some(size) if size <= 0 => return Err(codes::PAGE_SIZE.because("page_size is at least 1")),
        Some(size) if size > most => {
            let mut violations = crate::Violations::new();
            violations.add("page_size", size, format!("the max value is {most}"));
            return Err(violations.check().expect_err("there is a violation"));
        }
        Some(size) => size as usize,
    };
    Ok((size, request.query.text("page_token")))
}

/// A page of `all`, which go by `id`: what is on it, and the token of the next one.
pub(super) fn paged<'a, T>(
    all: &'a [T],
    size: usize,
    token: Option<&str>,
    id: impl Fn(&T) -> &str,
) -> Result<(&'a [T], Option<String>), ApiError> {
    let start = match token {
        None => 0,
        Some(token) => {
            let at = all.iter().position(|one| id(one) == token);
            1 + at.ok_or_else(|| foreign_token(token))?
        }
    };
    let page = &all[start..all.len().min(start + size)];
    let more = start + page.len() < all.len();
    Ok((page, page.last().filter(|_| more).map(|last| id(last).to_owned())))
}

/// Refuses a token that no answer gave.
pub(super) fn foreign_token(token: &str) -> ApiError {
    let mut violations = crate::Violations::new();
    violations.add("page_token", token, "page_token is that of the answer before");
    violations.check().expect_err("there is a violation")
}
