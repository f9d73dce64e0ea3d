//! The family's numbers: refusals of a request, the status of a task, and the one table from what is
//! wrong with an item to its code (contract, `contact_batch_item_codes`, `contact_task`). The pages
//! publish no HTTP status; 400 is what the gateway's own refusals have.

use super::super::problem::Problem;
use super::job::FAMILY;
use crate::{ErrorCode, documented};

/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(500, 40_006, "internal error");
/// There is no such task.
pub(super) const TASK_UNKNOWN: ErrorCode = ErrorCode::new(400, 40_031, "task_id is not exist");
/// The task is another tenant's.
pub(super) const TASK_INVALID: ErrorCode = ErrorCode::new(400, 40_032, "task_id invalid");
/// Too few or too many items.
pub(super) const COUNT: ErrorCode = ErrorCode::new(400, 40_042, "batch request object count error");
/// A user's id stands twice in the request.
pub(super) const USER_TWICE: ErrorCode =
    ErrorCode::new(400, 40_180, "duplicate user_id in request");
/// Leaders form a circle within the request.
pub(super) const LEADER_CIRCLE: ErrorCode =
    ErrorCode::new(400, 40_183, "leader user_id circular reference");
/// A department's id stands twice in the request.
pub(super) const DEPARTMENT_TWICE: ErrorCode =
    ErrorCode::new(400, 40_186, "duplicate department id in request");
/// Parents form a circle within the request.
pub(super) const PARENT_CIRCLE: ErrorCode =
    ErrorCode::new(400, 40_187, "batch request, parent department id incompatible");

/// What adding users may answer.
pub(super) const ADD_USERS: &[ErrorCode] = &[INTERNAL, COUNT, USER_TWICE, LEADER_CIRCLE];
/// What adding departments may answer.
pub(super) const ADD_DEPARTMENTS: &[ErrorCode] =
    &[INTERNAL, COUNT, DEPARTMENT_TWICE, PARENT_CIRCLE];
/// What asking for a task may answer.
pub(super) const GET: &[ErrorCode] = &[INTERNAL, TASK_UNKNOWN, TASK_INVALID];

/// `status`: waiting for its first worker.
pub(super) const WAITING: i64 = 0;
/// `status`: a worker is or was at it.
pub(super) const RUNNING: i64 = 1;
/// `status`: every item was done, well or not.
pub(super) const DONE: i64 = 9;
/// `status`: the task was given up before that.
pub(super) const FAILED: i64 = 10;

/// `action`: added.
pub(super) const ADDED: i64 = 1;
/// `action`: updated.
pub(super) const UPDATED: i64 = 2;

fn param(which: &str) -> (i64, String) {
    (40_013, format!("param error: {which}"))
}

/// The one table from what is wrong with a user to its code and text.
pub(super) fn of_user(problem: &Problem) -> (i64, String) {
    let plain = |code, msg: &str| (code, msg.to_owned());
    match problem {
        Problem::NameMissing => plain(40_105, "name can't be null"),
        // The one failure of an item the pages show.
        Problem::IdInvalid => plain(10_013, "invalid user_id"),
        Problem::IdTaken => plain(40_111, "user_id is already exist"),
        Problem::IdIsSet => plain(40_119, "support set or update user_id at most once"),
        Problem::AddressMissing => plain(40_109, "neither email nor mobile is not provided"),
        Problem::MobileMissing => plain(40_110, "mobile is required"),
        Problem::MobileInvalid => plain(40_104, "mobile is not valid"),
        Problem::MobileTaken => plain(40_101, "mobile is already exist"),
        Problem::EmailInvalid => plain(40_106, "email is not valid"),
        Problem::EmailTaken => plain(40_102, "email is already exist"),
        Problem::AccountsDiffer => plain(40_103, "mobile and email cp info not match"),
        Problem::GenderInvalid => plain(40_116, "invalid gender"),
        Problem::JoinTimeInvalid => plain(40_115, "invalid join_time"),
        Problem::DepartmentsMissing | Problem::DepartmentBlank => {
            plain(40_113, "must assign department for user")
        }
        Problem::DepartmentsTooMany => plain(40_142, "user department num exceed the limit"),
        Problem::DepartmentsSeveral => plain(
            40_143,
            "unable to join multiple departments, please enable multiple departments feature",
        ),
        Problem::DepartmentUnknown(id) => (40_052, format!("department id {id} is not exist")),
        Problem::DepartmentForbidden(_) => plain(40_003, "no department authority"),
        Problem::LeaderSelf => plain(40_181, "add user, leader must not user himself"),
        Problem::LeaderBecomesSelf => plain(40_140, "can not set leader to oneself"),
        Problem::AttributeIdMissing => plain(40_120, "custom_attr id is not set"),
        Problem::AttributeValueMissing(id) => (40_121, format!("custom_attr {id} value not set")),
        Problem::AttributeUnknown(id) => (40_122, format!("custom_attr id {id} is not exist")),
        Problem::AttributeTextMissing(id) => {
            (40_123, format!("href custom_attr {id} text can't be null"))
        }
        Problem::AttributeUrlMissing(id) => {
            (40_124, format!("href custom_attr {id} url can't be null"))
        }
        Problem::EmployeeNoTaken => param("employee_no is already exist"),
        Problem::EmployeeTypeInvalid => param("employee_type is 1 to 5"),
        Problem::CountryInvalid => param("country is a code of ISO 3166-1 alpha-2"),
        other => of_either(other),
    }
}

/// The one table from what is wrong with a department to its code and text.
pub(super) fn of_department(problem: &Problem) -> (i64, String) {
    let plain = |code, msg: &str| (code, msg.to_owned());
    match problem {
        Problem::NameMissing => plain(40_105, "name can't be null"),
        Problem::RootForbidden => plain(40_157, "forbidden operation to root department 0"),
        Problem::ParentMissing => plain(40_185, "add department, parent_id must be assigned"),
        Problem::ParentSelf => {
            plain(40_184, "add department, parent_id must not equal to current department id")
        }
        Problem::ParentUnknown(id) => (40_052, format!("department id {id} is not exist")),
        Problem::ParentForbidden(_) => plain(40_004, "no dept authority error"),
        Problem::ParentBelow => param("parent_id stands below the department"),
        Problem::NameTaken => {
            plain(40_153, "department name should be unique under same department")
        }
        Problem::OrderTaken => plain(40_155, "duplicate department order"),
        Problem::TooManyChildren => plain(40_164, "department child count exceed"),
        Problem::TooDeep => param("departments nest 25 levels deep at most"),
        Problem::NameSeparator => param("name has no /"),
        other => of_either(other),
    }
}

/// What can be wrong with either; what only the newer operations know is a parameter error here.
fn of_either(problem: &Problem) -> (i64, String) {
    match problem {
        Problem::LeaderIdInvalid(id) => (40_112, format!("user_id {id} is not vaild")),
        Problem::LeaderUnknown(id) | Problem::LeaderResigned(id) => {
            (40_007, format!("user_id {id} is not exist"))
        }
        Problem::LeaderOpenIdInvalid(id) => (40_051, format!("open_id {id} is not valid")),
        Problem::LeaderOpenIdUnknown(id) => (40_008, format!("open_id {id} is not exist")),
        Problem::TooLong(field, most) => param(&format!("{field} has at most {most} characters")),
        other => param(&format!("{other:?}")),
    }
}

/// The text of an item that names the department's own id, which the problem does not carry.
pub(super) fn of_department_id(problem: &Problem, id: &str) -> Option<(i64, String)> {
    match problem {
        Problem::IdInvalid => Some((40_151, format!("custom department id {id} is invaild"))),
        Problem::IdTaken => Some((40_152, format!("custom department id {id} is not unique"))),
        _ => None,
    }
}

/// A code that was asked for by a rehearsal, with its documented text.
pub(super) fn rehearsed(code: i64) -> (i64, String) {
    let items = documented::family(FAMILY).map_or(&[][..], |family| &family.items);
    let msg = items.iter().find(|item| item.code == code).map_or("", |item| item.msg);
    (code, msg.to_owned())
}
