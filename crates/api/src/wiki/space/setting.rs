//! What the administrators of a space settle.

use std::sync::Arc;

use larkspur_platform::SpaceRole;
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, SpaceKind};

use super::super::codes::{self, broken};
use super::super::place;
use super::wire::{SettingBody, SettingData, WireSetting};
use crate::{Answer, ApiError, Request, Services, codes as platform};

/// One setting: `yes`, `no`, or left as it is.
fn set(field: &mut bool, value: Option<&str>, yes: &str, no: &str) -> Result<bool, ApiError> {
    *field = match value {
        None | Some("") => return Ok(false),
        Some(value) if value == yes => true,
        Some(value) if value == no => false,
        Some(value) => {
            let why = format!("{value:.40}: a setting here is {yes} or {no}");
            return Err(codes::PARAM.because(why));
        }
    };
    Ok(true)
}

/// `wikiSpaceSettingUpdate`.
pub(super) async fn update(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: SettingBody = request.json(platform::BAD_REQUEST)?;
    let mut settings = place::FIRST_SETTINGS;
    let (create, security, comment) = (
        body.create_setting.as_deref(),
        body.security_setting.as_deref(),
        body.comment_setting.as_deref(),
    );
    // Once for what is wrong with them, before anything is looked up.
    let mut any = set(&mut settings.members_create, create, "admin_and_member", "admin")?;
    any |= set(&mut settings.readers_copy, security, "allow", "not_allow")?;
    any |= set(&mut settings.readers_comment, comment, "allow", "not_allow")?;
    if !any {
        return Err(codes::PARAM.because("none of the three settings is given"));
    }
    let found = place::space(&services, request.caller()?, request.path_value("space_id")).await?;
    let space = found.at_least(SpaceRole::Admin)?;
    if space.kind == SpaceKind::Library {
        return Err(codes::OPERATION.because("a library has no settings of a space"));
    }
    let mut settings = space.settings;
    set(&mut settings.members_create, create, "admin_and_member", "admin")?;
    set(&mut settings.readers_copy, security, "allow", "not_allow")?;
    set(&mut settings.readers_comment, comment, "allow", "not_allow")?;
    let mut transaction = Transaction::new();
    wiki::set_settings(&mut transaction, &space.id, settings);
    services.store.db.commit(transaction).await.map_err(broken)?;
    Answer::data(&SettingData { setting: WireSetting::new(settings) })
}
