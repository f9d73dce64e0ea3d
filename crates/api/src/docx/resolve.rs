//! Whether what new blocks name is there and open to the caller: people, documents, chats, pages of a
//! wiki. Spreadsheets that blocks embed are made here. Each kind has its most in one request
//! (contract, "Edits").

use std::collections::HashMap;

use larkspur_model::document::{Content, Embed, Inline, InlineStyle, Text};
use larkspur_model::id::{ObjectToken, UserId};
use larkspur_platform::{Access, Caller};
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{members, users, wiki};

use super::codes;
use super::open::internal;
use super::parse_text::{FALLBACK_LINK, FALLBACK_TEXT};
use crate::access::{self, Found};
use crate::drive::content::{self, Blank};
use crate::people::UserIdKind;
use crate::{ApiError, Services, address};

/// Cards of chats, files, mentioned documents and mentioned people in one request, of each kind.
const MOST_MENTIONED: usize = 200;
/// Pictures, and components, in one request.
const MOST_SHOWN: usize = 20;
/// Spreadsheets, and bases, in one request.
const MOST_MADE: usize = 5;

/// Looks up what contents name.
pub(super) struct Resolving<'a> {
    pub(super) services: &'a Services,
    pub(super) caller: &'a Caller,
    /// How the request names people.
    pub(super) users: UserIdKind,
    /// The document the contents go to.
    pub(super) document: &'a Object,
    /// The server's address, for mentioned documents that come without one.
    pub(super) base: String,
    /// People that were looked up.
    pub(super) known: HashMap<String, String>,
    /// What makes the embedded documents.
    pub(super) made: Transaction,
    /// How many of each kind the request has named so far.
    pub(super) counts: HashMap<&'static str, usize>,
}

/// Why something cannot be named.
#[derive(Clone, Copy)]
enum Missing {
    NotThere,
    NotOpen,
}

impl Resolving<'_> {
    /// Puts what contents name in the form in which it is kept.
    pub(super) async fn all(&mut self, contents: Vec<&mut Content>) -> Result<(), ApiError> {
        for content in &contents {
            self.count(content)?;
        }
        for content in contents {
            if let Some(text) = content.text_mut() {
                self.text(text).await?;
            } else if let Content::Embed(embed) = content {
                self.embed(embed).await?;
            }
        }
        Ok(())
    }

    /// Refuses more of a kind than one request may hold.
    fn count(&mut self, content: &Content) -> Result<(), ApiError> {
        let mentioned = content.text().map_or(&[][..], |text| &text.elements).iter();
        let mut found: Vec<(&'static str, usize)> = mentioned
            .filter_map(|element| match element {
                Inline::MentionUser { .. } => Some(("mention_user", MOST_MENTIONED)),
                Inline::MentionDocument { .. } => Some(("mention_doc", MOST_MENTIONED)),
                _ => None,
            })
            .collect();
        found.extend(match content {
            Content::Image(_) => Some(("image", MOST_SHOWN)),
            Content::File { .. } => Some(("file", MOST_MENTIONED)),
            Content::Embed(Embed::ChatCard { .. }) => Some(("chat_card", MOST_MENTIONED)),
            Content::Embed(Embed::Isv { .. } | Embed::AddOns { .. }) => Some(("isv", MOST_SHOWN)),
            Content::Embed(Embed::Sheet { .. }) => Some(("sheet", MOST_MADE)),
            Content::Embed(Embed::Bitable { .. }) => Some(("bitable", MOST_MADE)),
            _ => None,
        });
        for (what, most) in found {
            let count = self.counts.entry(what).or_default();
            *count += 1;
            if *count > most {
                let why = format!("a request holds at most {most} {what}; send several");
                return Err(codes::TOO_MANY_RESOURCES.because(why));
            }
        }
        Ok(())
    }

    async fn text(&mut self, text: &mut Text) -> Result<(), ApiError> {
        for element in &mut text.elements {
            match element {
                Inline::MentionUser { user, .. } => *user = self.user(user).await?,
                Inline::Reminder(reminder) => {
                    reminder.creator = self.user(&reminder.creator).await?;
                }
                Inline::MentionDocument { .. } => self.document(element).await?,
                Inline::Run { .. } | Inline::Equation { .. } => {}
            }
        }
        Ok(())
    }

    /// The id in the tenant of the user a request names.
    async fn user(&mut self, named: &str) -> Result<String, ApiError> {
        if let Some(known) = self.known.get(named) {
            return Ok(known.clone());
        }
        let (platform, tenant) = (&self.services.platform, &self.caller.tenant);
        let user = match self.users {
            UserIdKind::Open => {
                let found = platform.user_of_open_id(tenant, &self.caller.app, named).await;
                found.map_err(internal)?
            }
            UserIdKind::Union => {
                platform.user_of_union_id(tenant, named).await.map_err(internal)?
            }
            UserIdKind::User => {
                let found = users::get(&self.services.store.db, tenant, &UserId::from(named)).await;
                found.map_err(internal)?
            }
        };
        let user = user.ok_or_else(|| {
            let why = format!("there is nobody of the id {named:.60}; user_id_type says its kind");
            codes::NO_RESOURCE.because(why)
        })?;
        self.known.insert(named.to_owned(), user.id.0.clone());
        Ok(user.id.0)
    }

    /// A mentioned document gets its title and address; one that is not there becomes what the
    /// request wants instead.
    async fn document(&self, element: &mut Inline) -> Result<(), ApiError> {
        let Inline::MentionDocument { token, kind, url, title, fallback, style } = element else {
            return Ok(());
        };
        let refused = match self.mentioned(token, *kind).await? {
            Ok((object, name, place)) => {
                if title.is_empty() {
                    *title = name;
                }
                if url.is_empty() {
                    *url = match place {
                        Some(node) => format!("{}/wiki/{node}", self.base),
                        None => address::of(&self.base, object.kind, object.token.as_str()),
                    };
                }
                return Ok(());
            }
            Err(refused) => refused,
        };
        let shown = if title.is_empty() { url.clone() } else { title.clone() };
        let style = match fallback.as_str() {
            FALLBACK_LINK => InlineStyle { link: Some(url.clone()), ..style.clone() },
            FALLBACK_TEXT => style.clone(),
            _ => return Err(missing("mention_doc.token", token, refused)),
        };
        *element = Inline::Run { content: shown, style };
        Ok(())
    }

    /// The document a mention means, its name, and its page where it was named by that.
    async fn mentioned(
        &self,
        token: &str,
        kind: u8,
    ) -> Result<Result<(Object, String, Option<String>), Missing>, ApiError> {
        let wanted = match kind {
            3 => ObjectKind::Sheet,
            8 => ObjectKind::Bitable,
            12 => ObjectKind::File,
            22 => ObjectKind::Docx,
            16 => {
                let page = match self.page(token).await? {
                    Ok(page) => page,
                    Err(refused) => return Ok(Err(refused)),
                };
                let name = page.title.clone();
                let found = self.open(page.object.as_str()).await?;
                return Ok(found.map(|object| (object, name, Some(token.to_owned()))));
            }
            _ => return Ok(Err(Missing::NotThere)),
        };
        let found = self.open(token).await?;
        Ok(match found {
            Ok(object) if object.kind == wanted => {
                let name = object.name.clone();
                Ok((object, name, None))
            }
            Ok(_) => Err(Missing::NotThere),
            Err(refused) => Err(refused),
        })
    }

    async fn open(&self, token: &str) -> Result<Result<Object, Missing>, ApiError> {
        let now_ms = self.services.clock.now_ms();
        let db = &self.services.store.db;
        let found = access::find(db, self.caller, token, Access::View, now_ms).await;
        Ok(match found.map_err(internal)? {
            Found::Object(object) => Ok(object),
            Found::Forbidden => Err(Missing::NotOpen),
            Found::Gone(_) | Found::Missing => Err(Missing::NotThere),
        })
    }

    /// A page of a wiki.
    async fn page(&self, token: &str) -> Result<Result<wiki::Node, Missing>, ApiError> {
        let (db, tenant) = (&self.services.store.db, &self.caller.tenant);
        let node = wiki::node(db, tenant, &ObjectToken::from(token)).await.map_err(internal)?;
        Ok(node.ok_or(Missing::NotThere))
    }

    async fn embed(&mut self, embed: &mut Embed) -> Result<(), ApiError> {
        match embed {
            Embed::ChatCard { chat, .. } => self.chat(chat).await,
            Embed::WikiCatalog { wiki } if wiki.is_empty() => Ok(()),
            Embed::WikiCatalog { wiki } | Embed::SubPageList { wiki } => {
                let page = match self.page(wiki).await? {
                    Ok(page) => self.open(page.object.as_str()).await?.map(|_| ()),
                    Err(refused) => Err(refused),
                };
                page.map_err(|refused| missing("wiki_token", wiki, refused))
            }
            Embed::Okr { .. } if self.caller.user.is_none() => {
                let why = "goals are a person's: use a user_access_token";
                Err(codes::FORBIDDEN.because(why))
            }
            Embed::Board { token, .. } => {
                *token = self.services.ids.token();
                Ok(())
            }
            Embed::Isv { component, .. } | Embed::AddOns { component, .. } => {
                if component.is_empty() {
                    *component = self.services.ids.token();
                }
                Ok(())
            }
            Embed::Sheet { token, rows, columns } => {
                let route = Some(self.document.token.clone());
                let blank = Blank { route, shape: Some((*rows, *columns)), ..Blank::default() };
                *token = self.make(ObjectKind::Sheet, blank).await?;
                Ok(())
            }
            Embed::Bitable { token, .. } => {
                let route = Some(self.document.token.clone());
                let blank = Blank { route, ..Blank::default() };
                *token = self.make(ObjectKind::Bitable, blank).await?;
                Ok(())
            }
            Embed::Okr { .. } | Embed::LinkPreview { .. } => Ok(()),
        }
    }

    /// Whoever shows the card of a chat is in it.
    async fn chat(&self, chat: &str) -> Result<(), ApiError> {
        let db = &self.services.store.db;
        let inside = members::gathering(db, &self.caller.tenant, &format!("chat:{chat}")).await;
        let inside = inside.map_err(internal)?;
        if inside.is_empty() {
            return Err(missing("chat_id", chat, Missing::NotThere));
        }
        if !inside.contains(&self.caller.creator()) {
            return Err(missing("chat_id", chat, Missing::NotOpen));
        }
        Ok(())
    }

    /// A document that lives in this one; its token, and that of its first part.
    async fn make(&mut self, kind: ObjectKind, blank: Blank<'_>) -> Result<String, ApiError> {
        let made = content::blank(self.services, self.caller, kind, blank).await;
        let Some(made) = made.map_err(internal)? else {
            let why = "this server makes no documents of this kind inside others";
            return Err(codes::NOT_CREATABLE.because(why));
        };
        self.made.append(made.publish);
        Ok(format!("{}_{}", made.object.token, made.part))
    }
}

fn missing(field: &str, token: &str, refused: Missing) -> ApiError {
    match refused {
        Missing::NotThere => {
            codes::NO_RESOURCE.because(format!("{field}: there is nothing of {token:.60}"))
        }
        Missing::NotOpen => codes::FORBIDDEN.because(format!("{field}: {}", access::NOT_SHARED)),
    }
}
