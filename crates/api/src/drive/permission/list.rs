//! The collaborators of a document, its owner first.

use std::sync::Arc;

use larkspur_platform::{Access, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::members::{self, Reach};

use super::create::{kind, reach_word, word};
use super::wire::{ListData, ListedMember};
use super::{Refusals, codes, find};
use crate::who::{self, Named};
use crate::{Answer, ApiError, Request, Services};

/// Any one of these is needed for names and pictures (contract, `x-scopes-any`).
const PROFILE_SCOPES: &[&str] = &[
    "contact:user.base:readonly",
    "contact:contact:access_as_app",
    "contact:contact:readonly",
    "contact:contact:readonly_as_app",
];

const REFUSALS: Refusals = Refusals {
    forbidden: codes::PERMISSION,
    too_little: codes::PERMISSION,
    deleted: codes::DELETED,
};

/// Which of the optional fields were asked for, and may be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fields {
    name: bool,
    kind: bool,
    avatar: bool,
    external_label: bool,
}

impl Fields {
    /// Reads `fields`: names with commas, or `*`.
    fn parse(text: &str, caller: &Caller) -> Result<Self, ApiError> {
        let mut fields = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "*" => {
                    fields = Self { name: true, kind: true, avatar: true, external_label: true };
                }
                "name" => fields.name = true,
                "type" => fields.kind = true,
                "avatar" => fields.avatar = true,
                "external_label" => fields.external_label = true,
                _ => return Err(codes::PARAMETER.because(format!("no such field: {name:.40}"))),
            }
        }
        let profiles = PROFILE_SCOPES.iter().any(|scope| caller.scopes.hold(scope));
        Ok(Self { name: fields.name && profiles, avatar: fields.avatar && profiles, ..fields })
    }
}

/// `drivePermissionMemberList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let kind = kind(&request)?;
    let perm_type = request.query.text("perm_type");
    if !matches!(perm_type.as_deref(), None | Some("container" | "single_page")) {
        return Err(codes::PARAMETER.because("perm_type is container or single_page"));
    }
    let caller = request.caller()?;
    let fields = Fields::parse(&request.query.text("fields").unwrap_or_default(), caller)?;
    let object = find(&services, &request, caller, &kind, Access::View, &REFUSALS).await?;
    let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
    let there = members::of(&services.store.db, &caller.tenant, &object.token).await;
    let there = there.map_err(internal)?;
    let mut items = Vec::with_capacity(there.len() + 1);
    let owner = (object.owner.as_str(), "full_access", Reach::Container);
    let others =
        there.iter().map(|member| (member.identity.as_str(), word(member.perm), member.reach));
    let wanted = |reach: Reach| perm_type.as_deref().is_none_or(|one| one == reach_word(reach));
    for (identity, perm, reach) in
        std::iter::once(owner).chain(others).filter(|(_, _, reach)| wanted(*reach))
    {
        // Somebody who is gone is no collaborator any more.
        if let Some(named) = who::name(&services, caller, identity).await.map_err(internal)? {
            items.push(listed(named, perm, reach_word(reach), fields));
        }
    }
    Answer::data(&ListData { items })
}

fn listed(
    named: Named,
    perm: &'static str,
    perm_type: &'static str,
    fields: Fields,
) -> ListedMember {
    ListedMember {
        member_type: named.member_type,
        member_id: named.member_id,
        perm,
        perm_type,
        kind: fields.kind.then_some(named.kind),
        name: fields.name.then_some(named.name),
        avatar: fields.avatar.then_some(named.avatar),
        external_label: fields.external_label.then_some(false),
    }
}
