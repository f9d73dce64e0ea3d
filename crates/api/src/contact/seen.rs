//! What an app sees of users and departments: fields that only certain scopes open (contract,
//! `x-field-scopes`).

use larkspur_platform::Caller;

/// Scopes of the older kind that open most fields.
const WHOLE_BOOK: [&str; 3] = [
    "contact:contact:access_as_app",
    "contact:contact:readonly",
    "contact:contact:readonly_as_app",
];

/// Which groups of fields are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Names and picture.
    pub(super) base: bool,
    /// `user_id`.
    pub(super) employee_id: bool,
    /// `email`.
    pub(super) email: bool,
    /// `mobile`.
    pub(super) phone: bool,
    /// `gender`.
    pub(super) gender: bool,
    /// Departments, orders, leader.
    pub(super) department: bool,
    /// What concerns the employment.
    pub(super) employee: bool,
    /// `employee_no`.
    pub(super) employee_no: bool,
    /// `department_path`.
    pub(super) department_path: bool,
    /// `dotted_line_leader_user_ids`.
    pub(super) dotted_leaders: bool,
    /// Names and groups of departments.
    pub(super) unit_base: bool,
    /// How departments are organised.
    pub(super) organization: bool,
    /// `department_hrbps`.
    pub(super) hrbps: bool,
}

impl Seen {
    /// What `caller` sees.
    pub(super) fn by(caller: &Caller) -> Self {
        let holds = |scope: &str| caller.scopes.hold(scope);
        let whole = WHOLE_BOOK.iter().any(|scope| holds(scope));
        let opened = |scope: &str| whole || holds(scope);
        Self {
            base: opened("contact:user.base:readonly"),
            employee_id: holds(super::named::EMPLOYEE_ID),
            email: holds("contact:user.email:readonly"),
            phone: holds("contact:user.phone:readonly"),
            gender: opened("contact:user.gender:readonly"),
            department: opened("contact:user.department:readonly"),
            employee: opened("contact:user.employee:readonly"),
            employee_no: opened("contact:user.employee:readonly")
                || holds("contact:user.employee_number:read"),
            department_path: holds("contact:user.department_path:readonly"),
            dotted_leaders: holds("contact:user.dotted_line_leader_info.read"),
            unit_base: opened("contact:department.base:readonly"),
            organization: opened("contact:department.organize:readonly"),
            hrbps: holds("contact:department.hrbp:readonly"),
        }
    }
}
