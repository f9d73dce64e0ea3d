//! Who the user behind a token is.

use std::sync::Arc;

use larkspur_store::users;

use super::codes::info;
use super::wire::InfoData;
use crate::{Answer, ApiError, Request, Services};

/// `authenUserInfo`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let id = caller.user.as_ref().ok_or_else(|| ApiError::from(info::USER_TOKEN))?;
    let user = users::get(&services.store.db, &caller.tenant, id).await;
    let user = user.map_err(|error| info::INTERNAL.caused_by(error))?.ok_or(info::USER_GONE)?;
    let profile = &user.profile;
    // Field scopes as the page lists them; the token holds one or the field is not there.
    let shown =
        |scopes: &[&str]| scopes.iter().any(|scope| caller.scopes.hold(scope)).then_some(());
    Answer::data(&InfoData {
        name: &user.name,
        en_name: &profile.en_name,
        avatar_url: &profile.avatar_url,
        avatar_thumb: &profile.avatar_url,
        avatar_middle: &profile.avatar_url,
        avatar_big: &profile.avatar_url,
        open_id: services.platform.open_id(&caller.app, &user),
        union_id: services.platform.union_id(&user),
        email: shown(&["contact:user.email:readonly"]).map(|()| profile.email.as_str()),
        enterprise_email: shown(&["contact:user.employee:readonly"])
            .map(|()| profile.email.as_str()),
        user_id: shown(&["contact:user.employee_id:readonly"]).map(|()| user.id.as_str()),
        mobile: shown(&["contact:user.phone:readonly"]).map(|()| profile.mobile.as_str()),
        tenant_key: caller.tenant.as_str(),
        employee_no: shown(&[
            "contact:user.employee:readonly",
            "contact:contact:access_as_app",
            "contact:contact:readonly",
            "contact:contact:readonly_as_app",
        ])
        .map(|()| profile.employee_no.as_str()),
    })
}
