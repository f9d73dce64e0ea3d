//! Numbers of the operations on users (contract, `x-errors`).

use super::super::problem::Problem;
use crate::{ApiError, ErrorCode};

/// The page's size does not fit.
pub(super) const PAGE_SIZE: ErrorCode = ErrorCode::new(400, 40_011, "page size is invalid");
/// The page's token was not given out here.
pub(super) const PAGE_TOKEN: ErrorCode = ErrorCode::new(400, 40_012, "page token is invalid error");
/// The department is outside what the app reaches, or not there.
pub(super) const NO_DEPARTMENT: ErrorCode = ErrorCode::new(403, 40_004, "no dept authority error");
/// The user is outside what the app reaches.
pub(super) const NO_USER: ErrorCode = ErrorCode::new(400, 41_050, "no user authority");
/// The same in lists.
pub(super) const NO_USERS: ErrorCode = ErrorCode::new(400, 41_050, "no user authority error");
/// There is no user of this id.
pub(super) const USER_ID: ErrorCode = ErrorCode::new(400, 41_012, "user id invalid error");
/// A parameter does not fit.
pub(super) const PARAM: ErrorCode = ErrorCode::new(400, 40_001, "invalid parameter");
/// Something broke on our side.
pub(super) const INTERNAL: ErrorCode = ErrorCode::new(400, 40_003, "internal error");

/// What getting a user may answer.
pub(super) const GET: &[ErrorCode] = &[NO_USER, PARAM, USER_ID, INTERNAL];
/// What finding by address may answer; its page has no table.
pub(super) const FIND: &[ErrorCode] = &[INTERNAL];
/// What lists may answer.
pub(super) const LIST: &[ErrorCode] = &[NO_USERS, PAGE_SIZE, PAGE_TOKEN, NO_DEPARTMENT];

macro_rules! create {
    ($($(#[$doc:meta])* $name:ident $http:literal $code:literal $msg:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: ErrorCode = ErrorCode::new($http, $code, $msg);)*
        /// What creating a user may answer: of the numbers the page names, those that a request can
        /// come to here. The others speak of seats, licences and mail boxes this server has not.
        pub(super) const CREATE: &[ErrorCode] = &[$($name),*];
    };
}

create! {
    /// A parameter does not fit.
    CREATE_PARAM 400 40_001 "param error";
    /// Something broke on our side.
    CREATE_INTERNAL 400 40_003 "internal error";
    /// The department is outside what the app reaches.
    CREATE_NO_DEPARTMENT 403 40_004 "no dept authority error";
    /// The `client_token` was another request's.
    ANOTHER_REQUEST 400 40_021 "no a same request error";
    MOBILE_TAKEN 400 41_001 "mobile has already exist error";
    EMAIL_TAKEN 400 41_002 "email has already exist error";
    /// Telephone number and address are those of two users.
    ACCOUNT_CONFLICT 409 41_003 "user account conflict error";
    MOBILE_INVALID 400 41_004 "mobile is invalid error";
    EMAIL_INVALID 400 41_005 "email is invalid error";
    NAME_MISSING 400 41_006 "no user name error";
    ADDRESS_MISSING 400 41_009 "no email or mobile error";
    MOBILE_MISSING 400 41_010 "no mobile error";
    ID_TAKEN 400 41_011 "user id already exist error";
    ID_INVALID 400 41_012 "user id invalid error";
    DEPARTMENT_MISSING 400 41_017 "department is required error";
    ORDER_INVALID 400 41_025 "order department invalid error";
    LEADER_SELF 400 41_030 "set leader to oneself error";
    DEPARTMENTS_TOO_MANY 400 41_033 "user in too many departments error";
    /// Pictures are not uploaded here, so no key is one.
    AVATAR 400 41_036 "avatar key is invalid error";
    GENDER 400 41_038 "gender is invalid error";
    NAME_NULL 400 41_040 "user name is null error";
    DEPARTMENT_BLANK 400 41_041 "department id is not assigned error";
    JOIN_TIME 400 41_042 "join time is invalid error";
    EMPLOYEE_NO 400 41_043 "employee id is invalid error";
    ATTRIBUTE_ID 400 41_044 "Custom attribute is not set error";
    ATTRIBUTE_UNKNOWN 400 41_045 "Custom attribute id is not exist error";
    ATTRIBUTE_VALUE 400 41_046 "Custom attribute value is not set error";
    ATTRIBUTE_TEXT 400 41_047 "Custom attribute href text is null error";
    ATTRIBUTE_URL 400 41_048 "Custom attribute href url is null error";
    /// Telephone number and address are those of a user with another id.
    USER_EXISTS 409 41_053 "user has already exist error";
    EMPLOYEE_TYPE 400 41_059 "invalid employee type error";
    JOB_TITLE 400 41_063 "job_title length exceed 100 character";
    NAME_LONG 400 41_070 "name length exceed 255 character";
    EN_NAME_LONG 400 41_071 "en_name length exceed 255 character";
    NICKNAME_LONG 400 41_072 "nickname length exceed 255 character";
    /// A tenant has no mail domain of its own here.
    MAIL_DOMAIN 400 44_001 "business email domain not available error";
    LEADER_RESIGNED 400 44_021 "leader is resigned";
    LEADER_INVALID 400 44_022 "leaderID is Invalid";
    /// Data of a tenant lies in one place here.
    GEO 400 44_040 "tenant not open mg not set geo name";
    JOB_LEVEL 400 44_044 "invalid job level id";
    JOB_FAMILY 400 44_045 "invalid job family id";
    SUBSCRIPTION 400 44_048 "user license subscription id invalid";
    EMPLOYEE_NO_TAKEN 400 44_051 "employee_no already existed";
    PRIMARY 400 41_410 "user primary dept must be the first department in the order";
}

/// The one table from what is wrong with a user to a refusal.
pub(super) fn refused(problem: &Problem) -> ApiError {
    match problem {
        Problem::NameMissing => NAME_MISSING.into(),
        Problem::IdInvalid => ID_INVALID.into(),
        Problem::IdTaken => ID_TAKEN.into(),
        Problem::IdIsSet => USER_EXISTS.into(),
        Problem::AddressMissing => ADDRESS_MISSING.into(),
        Problem::MobileMissing => MOBILE_MISSING.into(),
        Problem::MobileInvalid => MOBILE_INVALID.into(),
        Problem::MobileTaken => MOBILE_TAKEN.into(),
        Problem::EmailInvalid => EMAIL_INVALID.into(),
        Problem::EmailTaken => EMAIL_TAKEN.into(),
        Problem::AccountsDiffer => ACCOUNT_CONFLICT.into(),
        Problem::EmployeeNoTaken => EMPLOYEE_NO_TAKEN.into(),
        Problem::GenderInvalid => GENDER.into(),
        Problem::EmployeeTypeInvalid => EMPLOYEE_TYPE.into(),
        Problem::JoinTimeInvalid => JOIN_TIME.into(),
        Problem::CountryInvalid => CREATE_PARAM.because("country is a code of ISO 3166-1 alpha-2"),
        Problem::DepartmentsMissing => DEPARTMENT_MISSING.into(),
        Problem::DepartmentBlank => DEPARTMENT_BLANK.into(),
        Problem::DepartmentsTooMany => DEPARTMENTS_TOO_MANY.into(),
        Problem::DepartmentUnknown(id) => {
            CREATE_PARAM.because(format!("there is no department {id:.80}"))
        }
        Problem::DepartmentForbidden(id) => CREATE_NO_DEPARTMENT
            .because(format!("department {id:.80} is outside the app's contact range")),
        Problem::OrderInvalid => ORDER_INVALID.into(),
        Problem::PrimaryInvalid => PRIMARY.into(),
        Problem::LeaderResigned(_) => LEADER_RESIGNED.into(),
        Problem::LeaderIdInvalid(id)
        | Problem::LeaderUnknown(id)
        | Problem::LeaderOpenIdInvalid(id)
        | Problem::LeaderOpenIdUnknown(id) => {
            LEADER_INVALID.because(format!("there is no user {id:.80}"))
        }
        Problem::LeaderSelf | Problem::LeaderBecomesSelf => LEADER_SELF.into(),
        Problem::AttributeIdMissing => ATTRIBUTE_ID.into(),
        Problem::AttributeUnknown(id) => {
            ATTRIBUTE_UNKNOWN.because(format!("there is no attribute {id:.80}"))
        }
        Problem::AttributeValueMissing(_) => ATTRIBUTE_VALUE.into(),
        Problem::AttributeTextMissing(_) => ATTRIBUTE_TEXT.into(),
        Problem::AttributeUrlMissing(_) => ATTRIBUTE_URL.into(),
        Problem::TooLong(field, most) => match field.as_str() {
            "name" => NAME_LONG.into(),
            "en_name" => EN_NAME_LONG.into(),
            "nickname" => NICKNAME_LONG.into(),
            "job_title" => JOB_TITLE.into(),
            "employee_no" => EMPLOYEE_NO.into(),
            _ => CREATE_PARAM.because(format!("{field} has at most {most} characters")),
        },
        // What is wrong with departments alone.
        other => CREATE_PARAM.because(format!("{other:?}")),
    }
}
