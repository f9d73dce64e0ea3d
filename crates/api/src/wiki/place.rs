//! Finding spaces and nodes for a caller, and what the caller may do at a place: on the first level
//! of a space, or under a node. What rights are worth is `platform`'s.

use larkspur_model::id::{ObjectToken, SpaceId};
use larkspur_platform::{self as platform, Access, Caller, SpaceRole};
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::objects::{self, Object};
use larkspur_store::sql::Transaction;
use larkspur_store::wiki::{self, Node, Obstacle, Space, SpaceKind, SpaceSettings, Subtree};
use larkspur_store::{Db, Error as StoreError};

use super::codes::{self, broken, denied, missing, told};
use crate::{ApiError, Services};

/// What stands for the caller's own library instead of a space's id.
const LIBRARY: &str = "my_library";
/// What to do about a space one may not see.
const JOIN: &str = "an administrator of the space can make the app or the user a member";

/// A new space has these.
pub(super) const FIRST_SETTINGS: SpaceSettings =
    SpaceSettings { members_create: true, readers_copy: true, readers_comment: true };

/// A space, and what the caller is to it.
pub(super) struct Found {
    pub(super) space: Space,
    pub(super) role: Option<SpaceRole>,
}

impl Found {
    /// The space, where the caller is at least `wanted` to it.
    pub(super) fn at_least(self, wanted: SpaceRole) -> Result<Space, ApiError> {
        if self.role.is_some_and(|role| role >= wanted) {
            return Ok(self.space);
        }
        let why = match wanted {
            SpaceRole::Admin => "this takes an administrator of the space",
            SpaceRole::Member | SpaceRole::Reader => JOIN,
        };
        Err(told(codes::PERMISSION, denied::SPACE, why))
    }
}

/// The space of this id, or the caller's library.
pub(super) async fn space(
    services: &Services,
    caller: &Caller,
    id: &str,
) -> Result<Found, ApiError> {
    if id == LIBRARY {
        let space = library(services, caller).await?;
        return Ok(Found { space, role: Some(SpaceRole::Admin) });
    }
    if id.is_empty() || id.len() > 19 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        let why = "space_id is a number, in a string, or my_library";
        return Err(told(codes::PARAM, "space_id is not int", why));
    }
    let found = find(&services.store.db, caller, &SpaceId::from(id)).await.map_err(broken)?;
    found.ok_or_else(|| {
        told(codes::NOT_FOUND, missing::SPACE, "the caller's tenant has no space of this id")
    })
}

/// The space of this id, if there is one.
async fn find(db: &Db, caller: &Caller, id: &SpaceId) -> Result<Option<Found>, StoreError> {
    let Some(space) = wiki::space(db, &caller.tenant, id).await? else { return Ok(None) };
    let role = platform::space_role(db, caller, &space).await?;
    Ok(Some(Found { space, role }))
}

/// The caller's library, made at its first use.
async fn library(services: &Services, caller: &Caller) -> Result<Space, ApiError> {
    if caller.user.is_none() {
        let why = "an app has no library: my_library takes a user_access_token";
        return Err(codes::USER.because(why));
    }
    let (db, owner) = (&services.store.db, caller.creator());
    if let Some(space) = wiki::library(db, &caller.tenant, &owner).await.map_err(broken)? {
        return Ok(space);
    }
    let mut space = new_space(services, caller);
    space.kind = SpaceKind::Library;
    match db.commit(founding(&space)).await {
        Ok(_) => Ok(space),
        // Another call was first.
        Err(error @ StoreError::Duplicate(_)) => {
            let first = wiki::library(db, &caller.tenant, &owner).await.map_err(broken)?;
            first.ok_or_else(|| broken(error))
        }
        Err(error) => Err(broken(error)),
    }
}

/// A space of `caller`, without name and description.
pub(super) fn new_space(services: &Services, caller: &Caller) -> Space {
    let now_ms = services.clock.now_ms();
    Space {
        id: SpaceId(services.ids.number(now_ms).to_string()),
        tenant: caller.tenant.clone(),
        kind: SpaceKind::Team,
        name: String::new(),
        description: String::new(),
        owner: caller.creator(),
        public: false,
        open_sharing: false,
        settings: FIRST_SETTINGS,
        node_count: 0,
        child_count: 0,
        created_ms: now_ms,
    }
}

/// What makes a space, with who makes it as its administrator.
pub(super) fn founding(space: &Space) -> Transaction {
    let mut transaction = Transaction::new();
    wiki::insert_space(&mut transaction, space);
    members::put(
        &mut transaction,
        &Member {
            object: ObjectToken(space.id.0.clone()),
            tenant: space.tenant.clone(),
            identity: space.owner.clone(),
            perm: Perm::FullAccess,
            reach: Reach::Container,
            added_by: space.owner.clone(),
            added_ms: space.created_ms,
        },
    );
    transaction
}

/// The node of this token in `space`.
pub(super) async fn node_in(
    db: &Db,
    caller: &Caller,
    space: &Space,
    token: &str,
) -> Result<Node, ApiError> {
    let node = node(db, caller, token).await?;
    if node.space == space.id {
        return Ok(node);
    }
    Err(told(codes::NOT_FOUND, missing::NODE, "the node lies in another space"))
}

/// The node of this token, wherever it lies.
pub(super) async fn node(db: &Db, caller: &Caller, token: &str) -> Result<Node, ApiError> {
    let node = wiki::node(db, &caller.tenant, &ObjectToken::from(token)).await.map_err(broken)?;
    node.ok_or_else(|| {
        told(codes::NOT_FOUND, missing::NODE, "no node has this token in the caller's tenant")
    })
}

/// The document of a node.
pub(super) async fn document(db: &Db, node: &Node) -> Result<Object, StoreError> {
    let object = objects::get(db, &node.tenant, &node.object).await?;
    object.ok_or_else(|| StoreError::corrupt("a node without its document"))
}

/// Whether `caller` may read a node. A shortcut is read by whoever reads the place it lies at.
pub(super) async fn may_see(db: &Db, caller: &Caller, node: &Node) -> Result<bool, StoreError> {
    if node.origin.is_none() {
        let page = document(db, node).await?;
        return platform::may(db, caller, &page, Access::View).await;
    }
    Place::of(db, caller, node).await?.may_see(db, caller).await
}

/// Refuses a caller who may not read `node`.
pub(super) async fn check_seen(db: &Db, caller: &Caller, node: &Node) -> Result<(), ApiError> {
    if may_see(db, caller, node).await.map_err(broken)? {
        return Ok(());
    }
    let why = "the page is not shared with the caller, nor is one above it or the space";
    Err(told(codes::PERMISSION, denied::NODE, why))
}

/// A place for nodes: the first level of a space, or under a node.
pub(super) struct Place {
    pub(super) space: Space,
    role: Option<SpaceRole>,
    pub(super) parent: Option<Node>,
}

impl Place {
    /// The place under the node `parent` of the space, or its first level. Nodes lie under pages,
    /// not under shortcuts.
    pub(super) async fn find(
        db: &Db,
        caller: &Caller,
        found: Found,
        parent: Option<&str>,
    ) -> Result<Self, ApiError> {
        let Found { space, role } = found;
        let parent = match parent.filter(|token| !token.is_empty()) {
            None => None,
            Some(token) => Some(node_in(db, caller, &space, token).await?),
        };
        if parent.as_ref().is_some_and(|parent| parent.origin.is_some()) {
            return Err(codes::PARAM.because("nothing lies under a shortcut: name its origin"));
        }
        Ok(Self { space, role, parent })
    }

    /// The place of `target_space_id` and `target_parent_token`, of which one is enough.
    pub(super) async fn target(
        services: &Services,
        caller: &Caller,
        space: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Self, ApiError> {
        let filled = |text: &&str| !text.is_empty();
        let found = match (space.filter(filled), parent.filter(filled)) {
            (Some(space), _) => self::space(services, caller, space).await?,
            (None, Some(parent)) => {
                let parent = node(&services.store.db, caller, parent).await?;
                self::space(services, caller, parent.space.as_str()).await?
            }
            (None, None) => {
                let why = "target_space_id and target_parent_token are both empty";
                return Err(codes::PARAM.because(why));
            }
        };
        Self::find(&services.store.db, caller, found, parent).await
    }

    /// The place under `parent`, or the first level, of `space` as it is now; `None` where it is
    /// not there any more.
    pub(super) async fn now(
        db: &Db,
        caller: &Caller,
        space: &SpaceId,
        parent: Option<&ObjectToken>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(Found { space, role }) = find(db, caller, space).await? else { return Ok(None) };
        let Some(parent) = parent else { return Ok(Some(Self { space, role, parent: None })) };
        let parent = wiki::node(db, &caller.tenant, parent).await?;
        let parent = parent.filter(|node| node.space == space.id && node.origin.is_none());
        Ok(parent.map(|parent| Self { space, role, parent: Some(parent) }))
    }

    /// The place a node lies at.
    pub(super) async fn of(db: &Db, caller: &Caller, node: &Node) -> Result<Self, StoreError> {
        let place = Self::now(db, caller, &node.space, node.parent.as_ref()).await?;
        place.ok_or_else(|| StoreError::corrupt("a node at no place"))
    }

    /// The node that nodes here lie under.
    pub(super) fn parent_token(&self) -> Option<&ObjectToken> {
        self.parent.as_ref().map(|parent| &parent.token)
    }

    /// Whether `caller` may see what lies here.
    pub(super) async fn may_see(&self, db: &Db, caller: &Caller) -> Result<bool, StoreError> {
        match &self.parent {
            None => Ok(self.role.is_some()),
            Some(parent) => {
                let page = document(db, parent).await?;
                platform::may(db, caller, &page, Access::View).await
            }
        }
    }

    /// Whether `caller` may put nodes here, or take them away.
    pub(super) async fn may_hold(&self, db: &Db, caller: &Caller) -> Result<bool, StoreError> {
        match &self.parent {
            None => Ok(platform::may_hold_first_level(&self.space, self.role)),
            Some(parent) => {
                let page = document(db, parent).await?;
                platform::may_hold(db, caller, &page).await
            }
        }
    }

    /// Refuses a caller who may not put nodes here or take them away, with `phrase`.
    pub(super) async fn check_held(
        &self,
        db: &Db,
        caller: &Caller,
        phrase: &str,
    ) -> Result<(), ApiError> {
        if self.may_hold(db, caller).await.map_err(broken)? {
            return Ok(());
        }
        let why = if self.parent.is_some() {
            "it takes edit on the page above, with what is below it"
        } else {
            "the first level takes an administrator of the space, or a member where \
             create_setting lets members"
        };
        Err(told(codes::PERMISSION, phrase, why))
    }

    /// What stands in the way of `subtree` here; `None` for nothing.
    pub(super) async fn obstacle(
        &self,
        db: &Db,
        subtree: Subtree,
        from: Option<&SpaceId>,
    ) -> Result<Option<Obstacle>, StoreError> {
        let (tenant, space) = (&self.space.tenant, &self.space.id);
        let there = wiki::room(db, tenant, space, self.parent_token()).await?;
        Ok(there.and_then(|there| wiki::obstacle(there, subtree, from != Some(space))))
    }
}

/// One new node.
pub(super) const ONE: Subtree = Subtree { nodes: 1, height: 1 };

/// What stands in the way, in a sentence.
pub(super) const fn why(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Moved => "at most 2,000 nodes move at once; move what is below it first",
        Obstacle::Space => "a space holds at most 400,000 nodes",
        Obstacle::Children => "a level holds at most 2,000 nodes",
        Obstacle::Depth => "a space has at most 50 levels",
    }
}
