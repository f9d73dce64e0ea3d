//! The road of every edit: who may, which revision it is based on, whether it was done before, then
//! one transaction. Edits of one document wait for each other here, and for those of other nodes by
//! the document's revision: what was built on an older one is built again on the newer.

use std::fmt::Write as _;
use std::sync::Arc;

use larkspur_model::document::{AssetId, Edit, Tree};
use larkspur_model::id::ObjectToken;
use larkspur_platform::{Access, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::Object;
use larkspur_store::sql::Transaction;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::grow::Room;
use super::open::{self, internal};
use super::resolve::Resolving;
use super::show::{Block, Shown};
use super::{codes, people};
use crate::contact::named::Kinds;
use crate::document::{self, Loaded, Naming};
use crate::people::UserIdKind;
use crate::{Answer, ApiError, Body, Request, Services, address};

/// How often an edit is built that edits of other nodes get in the way of.
const TRIES: usize = 8;
/// Characters of a `client_token`.
const CLIENT_TOKEN_CHARACTERS: usize = 128;

/// What an edit made, by the ids within the tree; kept beside it, so that the same request is
/// answered alike.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Made {
    /// New blocks of the first level of the request.
    pub(super) children: Option<Vec<String>>,
    /// What the request called new blocks, and their ids.
    pub(super) relations: Option<Vec<(String, String)>>,
    /// The one block that was changed.
    pub(super) block: Option<String>,
    /// The blocks that were changed.
    pub(super) blocks: Option<Vec<String>>,
    /// Media that became the document's.
    #[serde(skip)]
    pub(super) media: Vec<(AssetId, ObjectToken)>,
}

#[derive(Serialize)]
struct EditData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<Block<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<Block<'a>>>,
    document_revision_id: i64,
    client_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_id_relations: Option<Vec<Relation<'a>>>,
}

#[derive(Serialize)]
struct Relation<'a> {
    temporary_block_id: &'a str,
    block_id: &'a str,
}

/// The document before an edit.
pub(super) struct Before<'a> {
    /// As the request knows it: at the revision it is based on.
    pub(super) based: &'a Tree,
    /// Whether that is the latest.
    pub(super) latest: bool,
    /// Its token, the id of its page.
    pub(super) page: &'a str,
}

impl Before<'_> {
    /// The id within the tree of the block a request names.
    pub(super) fn inner<'b>(&self, block_id: &'b str) -> &'b str {
        if block_id == self.page { larkspur_model::document::PAGE } else { block_id }
    }
}

/// An edit that may be made.
pub(super) struct Road<'a> {
    services: &'a Services,
    pub(super) caller: &'a Caller,
    pub(super) object: Object,
    users: UserIdKind,
    based_on: Option<i64>,
    client_token: String,
    digest: String,
    base: String,
}

impl<'a> Road<'a> {
    /// Looks at everything but the body.
    pub(super) async fn open(
        services: &'a Services,
        request: &'a Request,
    ) -> Result<Self, ApiError> {
        let caller = request.caller()?;
        let users = Kinds::read(request, caller)?.user;
        let based_on = open::asked_revision(request)?;
        let given = request.query.text("client_token");
        if given.as_ref().is_some_and(|given| given.chars().count() > CLIENT_TOKEN_CHARACTERS) {
            return Err(codes::INVALID_PARAM.because("client_token has at most 128 characters"));
        }
        let object = open::object(services, request, Access::Edit).await?;
        let client_token = given.unwrap_or_else(|| uuid(&services.ids.hex(32)));
        let digest = digest(request);
        let base = address::base(services, request);
        Ok(Self { services, caller, object, users, based_on, client_token, digest, base })
    }

    /// The answer of the same request before, where there was one.
    pub(super) async fn replayed(&self) -> Result<Option<Answer>, ApiError> {
        let (db, app, token) = (&self.services.store.db, &self.caller.app, &self.object.token);
        let done = documents::edit_named(db, token, app, &self.client_token).await;
        let Some(done) = done.map_err(internal)? else { return Ok(None) };
        if done.digest != self.digest {
            return Err(codes::INVALID_PARAM.because(
                "client_token was used with another request: each edit has one of its own",
            ));
        }
        let made = serde_json::from_str(&done.made).map_err(internal)?;
        let record = open::record(self.services, &self.object).await?;
        let loaded = open::at_revision(self.services, &record, Some(done.revision)).await?;
        self.answer(&loaded, &made).await.map(Some)
    }

    /// What looks up what the request names.
    pub(super) fn resolving(&self) -> Resolving<'_> {
        Resolving {
            services: self.services,
            caller: self.caller,
            users: self.users,
            document: &self.object,
            base: self.base.clone(),
            known: std::collections::HashMap::new(),
            made: Transaction::new(),
            counts: std::collections::HashMap::new(),
        }
    }

    /// How large the document may become.
    pub(super) fn room(&self) -> Room {
        let limits = &self.services.converter.config().limits;
        Room { blocks: limits.blocks, depth: limits.block_depth }
    }

    /// Makes the edit that `plan` builds on what is there, together with `also`.
    pub(super) async fn make(
        &self,
        also: &Transaction,
        plan: impl Fn(&Before<'_>, &mut Edit) -> Result<Made, ApiError>,
    ) -> Result<Answer, ApiError> {
        let cache = &self.services.caches.documents;
        let _alone = cache.lock(&self.object.token).await;
        for _ in 0..TRIES {
            let record = open::record(self.services, &self.object).await?;
            let loaded = document::current(self.services, &record).await.map_err(internal)?;
            let based = open::at_revision(self.services, &record, self.based_on).await?;
            let before = Before {
                based: &based.tree,
                latest: based.revision == loaded.revision,
                page: self.object.token.as_str(),
            };
            let mut edit = Edit::new(loaded.tree.clone());
            let made = plan(&before, &mut edit)?;
            match self.commit(&record, &loaded, edit, &made, also.clone()).await {
                Ok(next) => {
                    cache.put(&next, Some(&loaded.version));
                    return self.answer(&next, &made).await;
                }
                Err(StoreError::Conflict { label: "revision" }) => {}
                // The same request came twice at the same moment.
                Err(StoreError::Duplicate { .. }) => {
                    let answer = self.replayed().await?;
                    return answer.ok_or_else(|| internal("an edit was there, and is gone"));
                }
                Err(StoreError::Conflict { .. }) => {
                    return Err(codes::DELETED.because(crate::access::DELETED));
                }
                Err(error) => return Err(internal(error)),
            }
        }
        Err(codes::INTERNAL.caused_by("edits of other nodes were always first"))
    }

    async fn commit(
        &self,
        record: &DocumentRecord,
        loaded: &Loaded,
        edit: Edit,
        made: &Made,
        also: Transaction,
    ) -> Result<Arc<Loaded>, StoreError> {
        let naming = Naming {
            app: self.caller.app.clone(),
            client_token: self.client_token.clone(),
            digest: self.digest.clone(),
            made: serde_json::to_string(made).map_err(std::io::Error::from)?,
        };
        let changed = document::change(self.services, record, loaded, edit, naming).await?;
        let (mut publish, next) = changed;
        for (asset, media) in &made.media {
            documents::put_asset(&mut publish, &record.token, *asset, media);
        }
        publish.append(also);
        self.services.store.db.commit(publish).await?;
        Ok(next)
    }

    async fn answer(&self, loaded: &Loaded, made: &Made) -> Result<Answer, ApiError> {
        let tree = &loaded.tree;
        let named = [&made.children, &made.blocks].into_iter().flatten().flatten();
        let named = named.chain(&made.block).map(String::as_str);
        let people = people::by_id(self.services, self.caller, self.users, tree, named).await?;
        let shown = Shown { tree, page: loaded.token.as_str(), people: &people };
        Answer::data(&EditData {
            children: made.children.as_ref().map(|ids| shown.blocks(ids)),
            block: made.block.as_ref().map(|id| Block { shown: &shown, id }),
            blocks: made.blocks.as_ref().map(|ids| shown.blocks(ids)),
            document_revision_id: loaded.revision,
            client_token: &self.client_token,
            block_id_relations: made.relations.as_ref().map(|relations| {
                let all = relations.iter();
                all.map(|(temporary_block_id, block_id)| Relation { temporary_block_id, block_id })
                    .collect()
            }),
        })
    }
}

/// What tells one request from another: what it is about and what it wants.
fn digest(request: &Request) -> String {
    let mut hash = Sha256::new();
    hash.update(request.operation);
    hash.update([0]);
    hash.update(request.path_value("block_id"));
    hash.update([0]);
    if let Body::Json(bytes) = &request.body {
        hash.update(bytes);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// 32 hexadecimal digits in the groups that names of edits have.
pub(super) fn uuid(hex: &str) -> String {
    let mut uuid = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    uuid
}
