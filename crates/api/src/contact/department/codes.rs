//! Numbers of the operations on departments (contract, `x-errors`).

use super::super::problem::Problem;
use crate::{ApiError, ErrorCode};

/// The page's size does not fit.
pub(super) const PAGE_SIZE: ErrorCode = ErrorCode::new(400, 40_011, "page size is invalid");
/// The page's token was not given out here.
pub(super) const PAGE_TOKEN: ErrorCode = ErrorCode::new(400, 40_012, "page token is invalid error");
/// A parameter does not fit.
pub(super) const PARAM: ErrorCode = ErrorCode::new(400, 40_001, "param error");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(400, 40_003, "internal error");
/// The department is outside what the app reaches.
pub(super) const NO_AUTHORITY: ErrorCode = ErrorCode::new(403, 40_004, "no dept authority error");
/// No department can be read from the id.
pub(super) const NO_INFO: ErrorCode = ErrorCode::new(400, 40_008, "dept Info is null error");
/// There is no such department.
pub(super) const NOT_EXIST: ErrorCode = ErrorCode::new(400, 40_015, "department not exist");
/// The department above is outside what the app reaches.
pub(super) const NO_PARENT_AUTHORITY: ErrorCode =
    ErrorCode::new(403, 40_014, "no parent dept authority error");
/// Too much stands below a department to be listed at once.
pub(super) const TOO_BIG: ErrorCode =
    ErrorCode::new(400, 43_010, "big dept forbid recursion error");

/// What getting a department may answer.
pub(super) const GET: &[ErrorCode] = &[PARAM, INTERNAL, NO_AUTHORITY, NO_INFO, NOT_EXIST];
/// What lists may answer.
pub(super) const LIST: &[ErrorCode] =
    &[TOO_BIG, INTERNAL, NO_INFO, NO_PARENT_AUTHORITY, PAGE_SIZE, PAGE_TOKEN, NO_AUTHORITY];

macro_rules! create {
    ($($(#[$doc:meta])* $name:ident $http:literal $code:literal $msg:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: ErrorCode = ErrorCode::new($http, $code, $msg);)*
        /// What creating a department may answer: of the numbers the page names, those that a
        /// request can come to here.
        pub(super) const CREATE: &[ErrorCode] = &[$($name),*];
    };
}

create! {
    ORDER_TAKEN 400 43_005 "duplicate order error";
    /// A parameter does not fit.
    CREATE_PARAM 400 40_018 "param error";
    ID_INVALID 400 43_008 "custom dept id invalid error";
    TOO_MANY_CHILDREN 400 43_013 "dept too many children error";
    /// Something broke on our side.
    CREATE_INTERNAL 400 40_003 "internal error";
    /// There is no department of the parent's id.
    PARENT_UNKNOWN 400 40_008 "dept Info is null error";
    PARENT_FORBIDDEN 403 40_014 "no parent dept authority error";
    NAME_MISSING 401 40_016 "dept name can not be nul error";
    LEADER_RESIGNED 400 42_006 "user has resigned error";
    LEADER_INVALID 400 41_012 "user id invalid error";
    /// The `client_token` was another request's.
    ANOTHER_REQUEST 400 40_021 "no a same request error";
    /// A tenant has no units here.
    UNIT 400 43_004 "illegal unit error";
    ID_TAKEN 400 43_007 "duplicated department custom id error";
    PARENT_MISSING 400 44_101 "miss parent department id error";
    TOO_DEEP 400 43_019 "exceed dept max level";
    NAME_TAKEN 400 43_022 "department name duplicate";
    /// Others keep changing the book.
    LOCKED 400 43_024 "dept structure tenant lock fail";
    EMPLOYEE_TYPE 400 43_026 "employee type is not valid";
    HRBPS 400 43_028 "invalid department hrbps";
    NAME_SEPARATOR 400 43_029 "dept name not contain separator";
}

/// The one table from what is wrong with a department to a refusal.
pub(super) fn refused(problem: &Problem) -> ApiError {
    match problem {
        Problem::NameMissing => NAME_MISSING.into(),
        Problem::NameSeparator => NAME_SEPARATOR.into(),
        Problem::NameTaken => NAME_TAKEN.into(),
        Problem::IdInvalid | Problem::RootForbidden => ID_INVALID.into(),
        Problem::IdTaken => ID_TAKEN.into(),
        Problem::ParentMissing => PARENT_MISSING.into(),
        Problem::ParentUnknown(id) => {
            PARENT_UNKNOWN.because(format!("there is no department {id:.80}"))
        }
        Problem::ParentForbidden(id) => PARENT_FORBIDDEN
            .because(format!("department {id:.80} is outside the app's contact range")),
        Problem::OrderTaken => ORDER_TAKEN.into(),
        Problem::TooManyChildren => TOO_MANY_CHILDREN.into(),
        Problem::TooDeep => TOO_DEEP.into(),
        Problem::LeaderResigned(_) => LEADER_RESIGNED.into(),
        Problem::LeaderIdInvalid(id)
        | Problem::LeaderUnknown(id)
        | Problem::LeaderOpenIdInvalid(id)
        | Problem::LeaderOpenIdUnknown(id) => {
            LEADER_INVALID.because(format!("there is no user {id:.80}"))
        }
        Problem::TooLong(field, most) => {
            CREATE_PARAM.because(format!("{field} has at most {most} characters"))
        }
        // What is wrong with users alone, and a new department below itself, whose id is not there.
        other => CREATE_PARAM.because(format!("{other:?}")),
    }
}
