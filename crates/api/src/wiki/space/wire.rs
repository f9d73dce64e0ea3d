//! Spaces exactly as the API spells them.

use larkspur_store::wiki::{Space, SpaceKind, SpaceSettings};
use serde::{Deserialize, Serialize};

/// Body of `wikiSpaceCreate`.
#[derive(Deserialize)]
pub(super) struct CreateBody {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) open_sharing: Option<String>,
}

/// Body of `wikiSpaceSettingUpdate`.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
pub(super) struct SettingBody {
    pub(super) create_setting: Option<String>,
    pub(super) security_setting: Option<String>,
    pub(super) comment_setting: Option<String>,
}

/// Body of `larkspurWikiSpaceUpdate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VisibilityBody {
    pub(super) visibility: Option<String>,
}

/// `space`.
#[derive(Serialize)]
pub(super) struct WireSpace {
    name: String,
    description: String,
    space_id: String,
    space_type: &'static str,
    visibility: &'static str,
    open_sharing: &'static str,
}

impl WireSpace {
    pub(super) fn new(space: Space) -> Self {
        Self {
            name: space.name,
            description: space.description,
            space_id: space.id.0,
            space_type: match space.kind {
                SpaceKind::Team => "team",
                SpaceKind::Person => "person",
                SpaceKind::Library => "my_library",
            },
            visibility: if space.public { "public" } else { "private" },
            open_sharing: if space.open_sharing { "open" } else { "closed" },
        }
    }
}

/// Data of the operations that answer one space.
#[derive(Serialize)]
pub(super) struct SpaceData {
    pub(super) space: WireSpace,
}

/// Data of `wikiSpaceList`; a page token only where there are more.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) items: Vec<WireSpace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) has_more: bool,
}

/// `setting`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
pub(super) struct WireSetting {
    create_setting: &'static str,
    security_setting: &'static str,
    comment_setting: &'static str,
}

impl WireSetting {
    pub(super) const fn new(settings: SpaceSettings) -> Self {
        const fn word(allowed: bool) -> &'static str {
            if allowed { "allow" } else { "not_allow" }
        }
        Self {
            create_setting: if settings.members_create { "admin_and_member" } else { "admin" },
            security_setting: word(settings.readers_copy),
            comment_setting: word(settings.readers_comment),
        }
    }
}

/// Data of `wikiSpaceSettingUpdate`.
#[derive(Serialize)]
pub(super) struct SettingData {
    pub(super) setting: WireSetting,
}
