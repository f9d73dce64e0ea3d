//! Records as requests write them, and what a field takes (contract, NOTES §9). Options that a select
//! does not have are made.

use std::collections::{BTreeMap, HashSet};

use larkspur_model::base::{
    Attachment, CELL_CHARACTERS, CELL_CHATS, CELL_FILES, CELL_LINKS, CELL_OPTIONS, Design, Field,
    OPTIONS, SelectOption, UiType, Value,
};
use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::objects::{self, ObjectKind};
use larkspur_store::{bases, members};
use serde_json::{Map, Value as Json};

use super::codes;
use super::open::OpenTable;
use super::read;
use crate::people::UserIdKind;
use crate::{ApiError, ErrorCode, Services, who};

/// Characters of a telephone number.
const PHONE_CHARACTERS: usize = 64;
/// Colours of options (contract, `property.options.color`).
const COLORS: usize = 55;

/// The values of one record, by the ids of their fields.
pub(super) type Values = BTreeMap<String, Value>;

/// Reads records for a table, whose design grows by options on the way.
pub(super) struct Writer<'a> {
    pub(super) services: &'a Services,
    pub(super) caller: &'a Caller,
    pub(super) opened: &'a OpenTable,
    pub(super) users: UserIdKind,
    /// What a file that hangs on something else is answered.
    pub(super) foreign_file: ErrorCode,
    /// The table's design; with new options it is another one.
    pub(super) design: Design,
    pub(super) design_changed: bool,
}

pub(super) fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

impl Writer<'_> {
    /// Reads one record.
    pub(super) async fn record(&mut self, fields: &Map<String, Json>) -> Result<Values, ApiError> {
        let mut values = Values::new();
        for (name, json) in fields {
            let at = self.design.fields.iter().position(|field| field.name == *name);
            let at = at.ok_or_else(|| {
                codes::FIELD.because(format!("the table has no field called {name:.100}"))
            })?;
            if json.is_null() {
                continue;
            }
            let field = self.design.fields[at].clone();
            if let Some(value) = self.value(at, &field, json).await? {
                values.insert(field.id, value);
            }
        }
        Ok(values)
    }

    /// Reads a value; `None` empties the cell.
    async fn value(
        &mut self,
        at: usize,
        field: &Field,
        json: &Json,
    ) -> Result<Option<Value>, ApiError> {
        if field.ui.is_computed() || field.ui == UiType::DuplexLink {
            let why = format!("the server gives the values of {:.100}; leave it out", field.name);
            return Err(codes::VALUE_MISMATCH.because(why));
        }
        Ok(match field.ui {
            UiType::Text | UiType::Email | UiType::Barcode => text(field, json)?,
            UiType::Number | UiType::Progress | UiType::Currency | UiType::Rating => {
                Some(Value::Number(number(field, json)?))
            }
            UiType::SingleSelect => match json.as_str() {
                Some("") => None,
                Some(option) => {
                    self.choose(at, option, codes::SINGLE)?;
                    Some(Value::Text(option.to_owned()))
                }
                None => return Err(wrong(codes::SINGLE, field, "the name of one option")),
            },
            UiType::MultiSelect => self.options(at, field, json)?,
            UiType::DateTime => {
                let moment = json.as_i64().filter(|moment| moment.abs() <= 253_402_300_799_999);
                let why = "milliseconds since the epoch, a whole number";
                Some(Value::Moment(moment.ok_or_else(|| wrong(codes::DATE, field, why))?))
            }
            UiType::Checkbox => {
                let flag = json.as_bool();
                Some(Value::Flag(
                    flag.ok_or_else(|| wrong(codes::CHECKBOX, field, "true or false"))?,
                ))
            }
            UiType::Phone => phone(field, json)?,
            UiType::Url => link(field, json)?,
            UiType::User => self.people(field, json).await?,
            UiType::GroupChat => self.chats(field, json).await?,
            UiType::Attachment => self.files(field, json).await?,
            UiType::SingleLink => self.related(field, json).await?,
            UiType::Location => Some(place(field, json)?),
            _ => return Err(wrong(codes::VALUE_MISMATCH, field, "nothing")),
        })
    }

    /// Makes sure that a select field has an option of this name.
    fn choose(&mut self, at: usize, option: &str, code: ErrorCode) -> Result<(), ApiError> {
        let field = &mut self.design.fields[at];
        let options = field.property.options.get_or_insert_with(Vec::new);
        if options.iter().any(|known| known.name == option) {
            return Ok(());
        }
        if option.trim().is_empty() || option.chars().count() > CELL_CHARACTERS {
            return Err(wrong(code, field, "options with a name"));
        }
        if options.len() >= OPTIONS {
            let why = format!("{:.100} has {OPTIONS} options, as many as it may", field.name);
            return Err(code.because(why));
        }
        let color = (options.len() % COLORS) as i64;
        let id = self.services.ids.select_option();
        options.push(SelectOption { id, name: option.to_owned(), color });
        self.design_changed = true;
        Ok(())
    }

    fn options(
        &mut self,
        at: usize,
        field: &Field,
        json: &Json,
    ) -> Result<Option<Value>, ApiError> {
        let texts = texts(json, Json::as_str);
        let why = "a list of options' names, 1,000 at most";
        let texts = texts
            .filter(|texts| texts.len() <= CELL_OPTIONS)
            .ok_or_else(|| wrong(codes::MULTI, field, why))?;
        for option in &texts {
            self.choose(at, option, codes::MULTI)?;
        }
        Ok(filled(texts).map(Value::Options))
    }

    async fn people(&self, field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
        let why = "a list of {\"id\": …}, 1,000 persons at most, one where multiple is false";
        let ids = texts(json, |one| one["id"].as_str());
        let most = if field.property.multiple == Some(false) { 1 } else { CELL_OPTIONS };
        let ids =
            ids.filter(|ids| ids.len() <= most).ok_or_else(|| wrong(codes::USER, field, why))?;
        let kind = match self.users {
            UserIdKind::Open => "openid",
            UserIdKind::Union => "unionid",
            UserIdKind::User => "userid",
        };
        let mut people = Vec::with_capacity(ids.len());
        for id in &ids {
            let found = who::find(self.services, self.caller, kind, id).await.map_err(internal)?;
            let nobody =
                || wrong(codes::USER, field, "ids of persons, of the kind user_id_type says");
            people.push(found.map_err(|_| nobody())?.identity);
        }
        Ok(filled(people).map(Value::People))
    }

    async fn chats(&self, field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
        let why = "a list of {\"id\": \"oc_…\"}, 10 groups at most";
        let ids = texts(json, |one| one["id"].as_str());
        let ids = ids
            .filter(|ids| ids.len() <= CELL_CHATS)
            .ok_or_else(|| wrong(codes::VALUE_MISMATCH, field, why))?;
        for id in &ids {
            let db = &self.services.store.db;
            let inside = members::gathering(db, &self.caller.tenant, &format!("chat:{id}")).await;
            if inside.map_err(internal)?.is_empty() {
                return Err(wrong(codes::VALUE_MISMATCH, field, "groups of the tenant"));
            }
        }
        Ok(filled(ids).map(Value::Chats))
    }

    async fn files(&self, field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
        let why = "a list of {\"file_token\": …}";
        let tokens = texts(json, |one| one["file_token"].as_str());
        let tokens = tokens.ok_or_else(|| wrong(codes::ATTACHMENT, field, why))?;
        if tokens.len() > CELL_FILES {
            let why = format!("{:.100} takes {CELL_FILES} files a cell", field.name);
            return Err(codes::FILES.because(why));
        }
        let now_ms = self.services.clock.now_ms();
        let mut files = Vec::with_capacity(tokens.len());
        for token in tokens {
            let db = &self.services.store.db;
            let media = objects::get(db, &self.caller.tenant, &ObjectToken::from(token.as_str()))
                .await
                .map_err(internal)?
                .filter(|media| media.kind == ObjectKind::Media && media.is_live(now_ms))
                .ok_or_else(|| wrong(codes::ATTACHMENT, field, "tokens of uploaded media"))?;
            if media.route.as_ref() != Some(&self.opened.base.token) {
                let why = "upload the file with parent_type bitable_file or bitable_image and the \
                           app_token as parent_node";
                return Err(self.foreign_file.because(why));
            }
            files.push(Attachment {
                token,
                name: media.name,
                media_type: media.media_type,
                size_bytes: media.size_bytes,
            });
        }
        Ok(filled(files).map(Value::Files))
    }

    async fn related(&self, field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
        let why = "a list of record ids of the related table, 500 at most";
        let ids = texts(json, Json::as_str);
        let most = if field.property.multiple == Some(false) { 1 } else { CELL_LINKS };
        let ids =
            ids.filter(|ids| ids.len() <= most).ok_or_else(|| wrong(codes::LINK, field, why))?;
        let id = field.property.table_id.as_deref().unwrap_or_default();
        let db = &self.services.store.db;
        let table = bases::table(db, &self.opened.base.token, id).await.map_err(internal)?;
        let table = table.ok_or_else(|| internal("a relation to a table that is not there"))?;
        let mut seen = HashSet::new();
        let fit =
            ids.iter().all(|id| read::place_of(&table, id).is_some() && seen.insert(id.as_str()));
        if !fit {
            return Err(wrong(codes::LINK, field, "records that the related table has, each once"));
        }
        Ok(filled(ids).map(Value::Records))
    }
}

/// Nothing for an empty list.
fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The texts of a list.
fn texts(json: &Json, text: impl Fn(&Json) -> Option<&str>) -> Option<Vec<String>> {
    json.as_array()?.iter().map(|one| text(one).map(str::to_owned)).collect()
}

fn wrong(code: ErrorCode, field: &Field, takes: &str) -> ApiError {
    code.because(format!("{:.100} ({}) takes {takes}", field.name, field.ui.name()))
}

fn fitting(text: &str, field: &Field) -> Result<(), ApiError> {
    if text.len() > CELL_CHARACTERS && text.chars().count() > CELL_CHARACTERS {
        let why = format!("{:.100}: a cell has at most {CELL_CHARACTERS} characters", field.name);
        return Err(codes::CELL.because(why));
    }
    Ok(())
}

/// A text, or pieces of one as `search` answers them.
fn text(field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Array(pieces) => {
            let text: Option<String> = pieces.iter().map(|piece| piece["text"].as_str()).collect();
            let text = text.ok_or_else(|| wrong(codes::TEXT, field, "a string"))?;
            if let [only] = pieces.as_slice()
                && let Some(link) = only["link"].as_str()
                && field.ui == UiType::Text
            {
                fitting(&text, field)?;
                return Ok(Some(Value::Link { text, link: link.to_owned() }));
            }
            text
        }
        _ => return Err(wrong(codes::TEXT, field, "a string")),
    };
    fitting(&text, field)?;
    Ok((!text.is_empty()).then_some(Value::Text(text)))
}

fn number(field: &Field, json: &Json) -> Result<f64, ApiError> {
    let number = json.as_f64().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| wrong(codes::NUMBER, field, "a number"))?;
    let (min, max) = (field.property.min, field.property.max);
    let bounded = field.ui == UiType::Rating
        || (field.ui == UiType::Progress && field.property.range_customize == Some(true));
    let fits = min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
    let whole = field.ui != UiType::Rating || number.fract() == 0.0;
    if (bounded && !fits) || !whole {
        let (min, max) = (min.unwrap_or(0.0), max.unwrap_or(5.0));
        return Err(wrong(codes::NUMBER, field, &format!("a number from {min} to {max}")));
    }
    Ok(number)
}

fn phone(field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
    let text = json.as_str().filter(|text| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        text.len() <= PHONE_CHARACTERS && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let takes = "a string of digits, 64 at most, maybe with + before them";
    let text = text.ok_or_else(|| wrong(codes::PHONE, field, takes))?;
    Ok((!text.is_empty()).then(|| Value::Text(text.to_owned())))
}

fn link(field: &Field, json: &Json) -> Result<Option<Value>, ApiError> {
    let takes = "{\"text\": …, \"link\": …}";
    let part = |name: &str| json[name].as_str().map(str::to_owned);
    if !json.is_object() || json["link"].as_str().is_none_or(str::is_empty) {
        return Err(wrong(codes::URL, field, takes));
    }
    let link = part("link").unwrap_or_default();
    if !json["text"].is_null() && !json["text"].is_string() {
        return Err(wrong(codes::URL, field, takes));
    }
    let text = part("text").filter(|text| !text.is_empty()).unwrap_or_else(|| link.clone());
    fitting(&text, field)?;
    fitting(&link, field)?;
    Ok(Some(Value::Link { text, link }))
}

fn place(field: &Field, json: &Json) -> Result<Value, ApiError> {
    let takes = "\"longitude,latitude\", in degrees";
    let degrees = |text: &str, most: f64| {
        text.trim().parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most)
    };
    let text = json.as_str().filter(|text| {
        text.split_once(',').is_some_and(|(lng, lat)| degrees(lng, 180.0) && degrees(lat, 90.0))
    });
    text.map(|text| Value::Text(text.to_owned()))
        .ok_or_else(|| wrong(codes::VALUE_MISMATCH, field, takes))
}
