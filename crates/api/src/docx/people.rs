//! People that documents mention: kept by their ids in the tenant, shown by the kind of id a request
//! asks for, or by name in plain text.

use std::collections::{BTreeSet, HashMap};

use larkspur_model::document::{Content, Inline, Tree};
use larkspur_model::id::UserId;
use larkspur_platform::Caller;
use larkspur_store::users;

use super::open::internal;
use crate::people::UserIdKind;
use crate::{ApiError, Services};

/// What people who are mentioned are called in one answer, by their ids in the tenant.
#[derive(Debug, Default)]
pub(super) struct People(HashMap<String, String>);

impl People {
    /// What somebody is called; nothing for who is gone.
    pub(super) fn shown(&self, id: &str) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }
}

/// The languages names are written in (contract, `lang`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameLanguage {
    /// The person's name.
    Own,
    /// The English name, where there is one.
    English,
}

/// The people blocks mention.
fn mentioned<'a>(contents: impl Iterator<Item = &'a Content>) -> BTreeSet<&'a str> {
    let elements = contents.filter_map(Content::text).flat_map(|text| &text.elements);
    elements
        .filter_map(|element| match element {
            Inline::MentionUser { user, .. } => Some(user.as_str()),
            Inline::Reminder(reminder) => Some(reminder.creator.as_str()),
            _ => None,
        })
        .collect()
}

fn contents<'a>(
    tree: &'a Tree,
    ids: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = &'a Content> {
    ids.into_iter().filter_map(|id| tree.get(id)).map(|node| &node.content)
}

/// The people the blocks `ids` mention, by ids of `kind`.
pub(super) async fn by_id<'a>(
    services: &Services,
    caller: &Caller,
    kind: UserIdKind,
    tree: &'a Tree,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<People, ApiError> {
    let mut people = HashMap::new();
    let mentioned = mentioned(contents(tree, ids));
    for id in mentioned {
        if kind == UserIdKind::User {
            people.insert(id.to_owned(), id.to_owned());
            continue;
        }
        let user = users::get(&services.store.db, &caller.tenant, &UserId::from(id)).await;
        if let Some(user) = user.map_err(internal)? {
            let shown = match kind {
                UserIdKind::Union => services.platform.union_id(&user),
                _ => services.platform.open_id(&caller.app, &user),
            };
            people.insert(id.to_owned(), shown);
        }
    }
    Ok(People(people))
}

/// All text of a document, one line a block, the title first, people by their names.
pub(super) async fn plain(
    services: &Services,
    caller: &Caller,
    language: NameLanguage,
    tree: &Tree,
    order: &[String],
) -> Result<String, ApiError> {
    let ids = || order.iter().map(String::as_str);
    let mut names = HashMap::new();
    for id in mentioned(contents(tree, ids())) {
        let user = users::get(&services.store.db, &caller.tenant, &UserId::from(id)).await;
        if let Some(user) = user.map_err(internal)? {
            let name = match language {
                NameLanguage::English if !user.profile.en_name.is_empty() => user.profile.en_name,
                _ => user.name,
            };
            names.insert(id.to_owned(), name);
        }
    }
    let mut plain = tree.title().to_plain();
    for text in contents(tree, ids()).filter_map(Content::text) {
        if !plain.is_empty() {
            plain.push('\n');
        }
        if names.is_empty() {
            plain.push_str(&text.to_plain());
            continue;
        }
        let mut spoken = text.clone();
        for element in &mut spoken.elements {
            if let Inline::MentionUser { user, .. } = element
                && let Some(name) = names.get(user.as_str())
            {
                user.clone_from(name);
            }
        }
        plain.push_str(&spoken.to_plain());
    }
    Ok(plain)
}
