//! The members of a space, page by page.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use larkspur_model::id::ObjectToken;
use larkspur_platform::SpaceRole;
use larkspur_store::{Error as StoreError, members};

use super::super::page::{Page, unknown_token};
use super::super::place;
use super::change::role;
use super::wire::{ListData, WireMember};
use super::{LIST_INTERNAL, LIST_RPC};
use crate::{Answer, ApiError, Request, Services, who};

/// Longest page; none is documented.
const MOST: i64 = 100;

fn broken(error: StoreError) -> ApiError {
    if error.is_transient() { LIST_RPC.caused_by(error) } else { LIST_INTERNAL.caused_by(error) }
}

/// `wikiSpaceMemberList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request, MOST)?;
    let after = URL_SAFE_NO_PAD.decode(&page.after).map_err(|_| unknown_token())?;
    let after = String::from_utf8(after).map_err(|_| unknown_token())?;
    let caller = request.caller()?;
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let space = found.at_least(SpaceRole::Member)?;
    let object = ObjectToken(space.id.0);
    let db = &services.store.db;
    let there = members::page(db, &caller.tenant, &object, &after, page.limit()).await;
    let mut there = there.map_err(broken)?;
    let page_token =
        page.cut(&mut there, |member| URL_SAFE_NO_PAD.encode(member.identity.as_bytes()));
    let mut members = Vec::with_capacity(there.len());
    for member in there {
        // Somebody who is gone is no member any more.
        let named = who::name(&services, caller, &member.identity).await.map_err(broken)?;
        members.extend(named.map(|named| WireMember {
            member_type: named.member_type.to_owned(),
            member_id: named.member_id,
            member_role: role(member.perm),
            kind: named.kind,
        }));
    }
    Answer::data(&ListData { members, has_more: page_token.is_some(), page_token })
}
