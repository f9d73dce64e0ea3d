//! Who may do what with an object. The one place that answers that.

use larkspur_store::objects::Object;

use crate::Caller;

/// What somebody wants to do with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read and export it.
    View,
    /// Change it, or put something into the folder.
    Edit,
    /// Move, delete or share it.
    Manage,
}

/// Whether `caller` may have `access` to `object`: its owner, the app that made it and the
/// tenant's administrators have full access, others have none. Nothing of one tenant is open to
/// another.
pub fn may(caller: &Caller, object: &Object, access: Access) -> bool {
    let full = caller.admin
        || object.owner == caller.creator()
        || (caller.user.is_none() && object.creator_app == caller.app);
    let granted = full.then_some(Access::Manage);
    caller.tenant == object.tenant && granted.is_some_and(|granted| access <= granted)
}
