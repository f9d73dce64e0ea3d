//! What can be wrong with a user or a department that somebody wants in the book. Each room has the
//! one table from these to its numbers.

use serde::{Deserialize, Serialize};

/// Why an entry is refused. Stored with the results of batches: variants are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Problem {
    /// A name is needed.
    NameMissing,
    /// A text field has more characters than it may: its name, and how many it may have.
    TooLong(String, usize),
    /// The id breaks its form.
    IdInvalid,
    /// The id is taken by an entry the caller may not change, or must not exist yet.
    IdTaken,
    /// The telephone number and address are those of a user who has another id.
    IdIsSet,
    /// Neither telephone number nor address.
    AddressMissing,
    /// No telephone number.
    MobileMissing,
    /// The telephone number is none.
    MobileInvalid,
    /// The telephone number is somebody else's.
    MobileTaken,
    /// The mail address is none.
    EmailInvalid,
    /// The mail address is somebody else's.
    EmailTaken,
    /// Telephone number and mail address are those of two users.
    AccountsDiffer,
    /// The employee number is somebody else's.
    EmployeeNoTaken,
    /// There is no such gender.
    GenderInvalid,
    /// There is no such employee type.
    EmployeeTypeInvalid,
    /// Nobody can have joined then.
    JoinTimeInvalid,
    /// There is no such country.
    CountryInvalid,
    /// A user belongs to a department.
    DepartmentsMissing,
    /// A department's id is empty.
    DepartmentBlank,
    /// A user belongs to more departments than anybody may.
    DepartmentsTooMany,
    /// A user belongs to one department here.
    DepartmentsSeveral,
    /// There is no such department.
    DepartmentUnknown(String),
    /// The department is outside what the app reaches.
    DepartmentForbidden(String),
    /// An order names a department the user does not belong to.
    OrderInvalid,
    /// Another department than the first is called the primary one.
    PrimaryInvalid,
    /// The leader's id breaks its form.
    LeaderIdInvalid(String),
    /// There is no user of the leader's id.
    LeaderUnknown(String),
    /// The leader's `open_id` is none, or another app's.
    LeaderOpenIdInvalid(String),
    /// There is no user of the leader's `open_id`.
    LeaderOpenIdUnknown(String),
    /// The leader can no longer sign in.
    LeaderResigned(String),
    /// A new user leads themselves.
    LeaderSelf,
    /// A known user is to lead themselves.
    LeaderBecomesSelf,
    /// A custom attribute without an id.
    AttributeIdMissing,
    /// There is no such custom attribute.
    AttributeUnknown(String),
    /// A custom attribute without a value.
    AttributeValueMissing(String),
    /// A link without a text.
    AttributeTextMissing(String),
    /// A link without an address.
    AttributeUrlMissing(String),
    /// The root department is not changed.
    RootForbidden,
    /// A department's name has a `/`.
    NameSeparator,
    /// A department stands below another one.
    ParentMissing,
    /// A department is to stand below itself.
    ParentSelf,
    /// There is no department of the parent's id.
    ParentUnknown(String),
    /// The parent is outside what the app reaches.
    ParentForbidden(String),
    /// The parent stands below the department.
    ParentBelow,
    /// A sister has the name.
    NameTaken,
    /// A sister has the order.
    OrderTaken,
    /// The parent has as many children as it may.
    TooManyChildren,
    /// Departments would nest deeper than they may.
    TooDeep,
}
