//! How requests name users and departments (`user_id_type`, `department_id_type`), and how answers
//! name them back.

use larkspur_platform::{Caller, Layer};
use larkspur_store::contacts::{Department, ROOT};

use super::entry::{DepartmentRef, UserRef};
use crate::people::UserIdKind;
use crate::{ApiError, Details, PermissionViolation, Request, Services, Violations};

/// Scope that `user_id_type=user_id` needs (contract, `x-scopes-when`).
pub(super) const EMPLOYEE_ID: &str = "contact:user.employee_id:readonly";

/// Kinds of department id (`department_id_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DepartmentIdKind {
    /// Made from the department's number.
    Open,
    /// The tenant's own.
    Department,
}

/// What a request says about ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds {
    pub(crate) user: UserIdKind,
    pub(crate) department: DepartmentIdKind,
}

impl Kinds {
    /// Reads both parameters; open ids where the request says nothing.
    pub(crate) fn read(request: &Request, caller: &Caller) -> Result<Self, ApiError> {
        let mut violations = Violations::new();
        let user = request.query.text("user_id_type");
        let user = UserIdKind::parse(user.as_deref()).unwrap_or_else(|| {
            let sent = user.unwrap_or_default();
            violations.add("user_id_type", sent, "open_id, union_id or user_id");
            UserIdKind::Open
        });
        let department = match request.query.text("department_id_type").as_deref() {
            None | Some("open_department_id") => DepartmentIdKind::Open,
            Some("department_id") => DepartmentIdKind::Department,
            Some(other) => {
                let rule = "department_id or open_department_id";
                violations.add("department_id_type", other, rule);
                DepartmentIdKind::Open
            }
        };
        violations.check()?;
        if user == UserIdKind::User && !caller.scopes.hold(EMPLOYEE_ID) {
            return Err(lacks_employee_id());
        }
        Ok(Self { user, department })
    }
}

/// The refusal of a kind of id the app may not see.
fn lacks_employee_id() -> ApiError {
    let mut error = ApiError::from(crate::codes::INTERNAL);
    error.http = 400;
    error.code = 99_991_672;
    error.layer = Layer::Scope;
    error.msg =
        format!("Access denied. One of the following scopes is required: [{EMPLOYEE_ID}]").into();
    error.why = Some("user_id_type=user_id needs the scope".to_owned());
    error.with(Details {
        permission_violations: vec![PermissionViolation {
            kind: "field_scope_required".to_owned(),
            subject: EMPLOYEE_ID.to_owned(),
            description: String::new(),
        }],
        ..Details::default()
    })
}

/// The user a request names.
pub(crate) fn user_ref(
    services: &Services,
    caller: &Caller,
    kind: UserIdKind,
    id: String,
) -> UserRef {
    let number = match kind {
        UserIdKind::User => return UserRef::Id(id),
        UserIdKind::Open => services.platform.number_of_open_id(&caller.app, &id),
        UserIdKind::Union => services.platform.number_of_union_id(&caller.tenant, &id),
    };
    match number {
        Some(number) => UserRef::Number(number, id),
        None => UserRef::Unreadable(id),
    }
}

/// The department a request names; the root is `0` in both kinds.
pub(crate) fn department_ref(
    services: &Services,
    caller: &Caller,
    kind: DepartmentIdKind,
    id: String,
) -> DepartmentRef {
    if kind == DepartmentIdKind::Department || id == ROOT {
        return DepartmentRef::Id(id);
    }
    match services.platform.number_of_open_department_id(&caller.tenant, &id) {
        Some(number) => DepartmentRef::Number(number, id),
        None => DepartmentRef::Unreadable(id),
    }
}

/// A user's id of this kind.
pub(super) fn user_id(
    services: &Services,
    caller: &Caller,
    kind: UserIdKind,
    id: &str,
    number: i64,
) -> String {
    match kind {
        UserIdKind::User => id.to_owned(),
        UserIdKind::Open => services.platform.open_id_of_number(&caller.app, number),
        UserIdKind::Union => services.platform.union_id_of_number(&caller.tenant, number),
    }
}

/// The `open_department_id` of a department; the root's is `0`.
pub(super) fn open_department_id(services: &Services, department: &Department) -> String {
    if department.id == ROOT {
        return ROOT.to_owned();
    }
    services.platform.open_department_id_of_number(&department.tenant, department.number)
}

/// A department's id of this kind.
pub(super) fn department_id(
    services: &Services,
    kind: DepartmentIdKind,
    department: &Department,
) -> String {
    match kind {
        DepartmentIdKind::Department => department.id.clone(),
        DepartmentIdKind::Open => open_department_id(services, department),
    }
}
