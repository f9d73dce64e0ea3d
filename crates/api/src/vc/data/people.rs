//! Users as answers name them: by the kind of id that was asked for.

use std::collections::HashMap;

use larkspur_model::id::UserId;
use larkspur_platform::Caller;
use larkspur_store::{Error, users};

use crate::Services;
use crate::people::UserIdKind;

/// Names users, each looked up once.
pub(super) struct People<'a> {
    pub(super) services: &'a Services,
    pub(super) caller: &'a Caller,
    pub(super) kind: UserIdKind,
    pub(super) known: HashMap<String, String>,
}

impl People<'_> {
    /// The id of the tenant's user `id`. People who are not in the directory have none but that.
    pub(super) async fn name(&mut self, id: &str) -> Result<String, Error> {
        if id.is_empty() {
            return Ok(String::new());
        }
        if self.kind == UserIdKind::User {
            return Ok(id.to_owned());
        }
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let db = &self.services.store.db;
        let user = users::get(db, &self.caller.tenant, &UserId::from(id)).await?;
        let name = user.map_or_else(String::new, |user| match self.kind {
            UserIdKind::Union => self.services.platform.union_id(&user),
            _ => self.services.platform.open_id(&self.caller.app, &user),
        });
        self.known.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}
