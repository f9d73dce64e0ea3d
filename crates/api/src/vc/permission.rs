//! Who may see the meetings of a tenant, and which fields of them.

use larkspur_platform::{Caller, TokenKind};
use larkspur_store::{Db, Error, meetings};
use serde::{Deserialize, Serialize};

use crate::people::UserIdKind;
use crate::{ApiError, Details, ErrorCode, PermissionViolation};

/// Scope of users' own ids in the tenant (contract, `x-field-scopes` of the vc operations).
const USER_ID: &str = "contact:user.employee_id:readonly";
const MOBILE: &str = "contact:user.phone:readonly";
const EMAIL: &str = "contact:user.email:readonly";
/// The scope that a tenant's token needs for queries; its successor takes users' tokens alone
/// (contract, `x-notes` of `vcMeetingListGet`).
const ROOM: &str = "vc:room:readonly";

/// Whether `caller` may manage meetings: with a user's token the user, with a tenant's token whoever
/// made the app (contract, NOTES §11). Where nothing was said about somebody, administrators may, and
/// so may self-built apps, which administrators make.
pub(super) async fn manages_meetings(db: &Db, caller: &Caller) -> Result<bool, Error> {
    let said = meetings::may_manage(db, &caller.tenant, &caller.creator()).await?;
    Ok(said.unwrap_or(caller.user.is_none() || caller.admin))
}

/// Fields that are shown only with a scope of their own; blank without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Visible {
    /// Ids of users.
    pub(super) user_id: bool,
    /// Telephone numbers.
    pub(super) mobile: bool,
    /// Mail addresses.
    pub(super) email: bool,
}

impl Visible {
    /// What `caller` may see.
    pub(super) fn to(caller: &Caller) -> Self {
        let holds = |scope| caller.scopes.hold(scope);
        Self { user_id: holds(USER_ID), mobile: holds(MOBILE), email: holds(EMAIL) }
    }
}

/// The kind of user id that a query asks for.
///
/// # Errors
/// 99991672 for ids of the tenant without their scope; `wrong` for a kind that does not exist.
pub(super) fn user_id_kind(
    caller: &Caller,
    text: Option<&str>,
    wrong: ErrorCode,
) -> Result<UserIdKind, ApiError> {
    let kind = UserIdKind::parse(text)
        .ok_or_else(|| wrong.because("user_id_type is open_id, union_id or user_id"))?;
    if kind == UserIdKind::User && !caller.scopes.hold(USER_ID) {
        return Err(lacks(USER_ID));
    }
    Ok(kind)
}

/// Refuses a tenant's token that has only the scope meant for users' tokens.
pub(super) fn check_room_scope(caller: &Caller) -> Result<(), ApiError> {
    if caller.kind == TokenKind::Tenant && !caller.scopes.hold(ROOM) {
        return Err(lacks(ROOM));
    }
    Ok(())
}

/// The gateway's refusal of a call without a scope (contract, `platform_codes`).
fn lacks(scope: &str) -> ApiError {
    let violation = PermissionViolation {
        kind: "action_scope_required".to_owned(),
        subject: scope.to_owned(),
        description: String::new(),
    };
    let mut error = ApiError::from(ErrorCode::new(400, 99_991_672, "Access denied."));
    error.msg = format!("Access denied. One of the following scopes is required: [{scope}]").into();
    error.with(Details { permission_violations: vec![violation], ..Details::default() })
}
