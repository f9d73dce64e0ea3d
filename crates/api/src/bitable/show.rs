//! Records as answers give them: the newer form of `search` and `batch_get`, and the historic one of
//! `list` and `get` (contract, NOTES §9).

use std::collections::{BTreeMap, BTreeSet};

use larkspur_model::base::{Field, UiType, Value};
use larkspur_model::id::{AppId, UserId};
use larkspur_platform::Caller;
use larkspur_store::bases::{self, TableRecord};
use larkspur_store::objects::ObjectKind;
use larkspur_store::{Error, apps, users};
use serde_json::{Map, Value as Json, json};

use super::open::OpenTable;
use super::read::{self, Record};
use crate::people::UserIdKind;
use crate::{Request, Services, address};

/// Scopes with any of which pictures of persons are shown (contract, `x-scopes-any`).
const AVATAR_SCOPES: [&str; 4] = [
    "contact:user.base:readonly",
    "contact:contact:access_as_app",
    "contact:contact:readonly",
    "contact:contact:readonly_as_app",
];

/// How records are to be shown.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// The historic form.
    pub(super) historic: bool,
    /// Texts of the historic form as lists of pieces.
    pub(super) text_as_array: bool,
    /// With who made and changed each, and when.
    pub(super) automatic: bool,
    /// With its address, under this name.
    pub(super) address: Option<&'static str>,
    /// Ids of users.
    pub(super) users: UserIdKind,
    /// The fields, by their places; all where it is `None`.
    pub(super) fields: Option<Vec<usize>>,
}

/// Shows records of one table.
pub(super) struct Shower<'a> {
    table: &'a TableRecord,
    look: Look,
    people: BTreeMap<String, Json>,
    /// Texts of related records, by their ids.
    related: BTreeMap<String, String>,
    base_url: String,
}

/// All values of a kind in some records.
fn values(records: &[Record]) -> impl Iterator<Item = &Value> {
    records.iter().flat_map(|record| record.values.iter().flatten())
}

impl<'a> Shower<'a> {
    /// Finds what the records speak of.
    pub(super) async fn new(
        services: &Services,
        request: &Request,
        opened: &'a OpenTable,
        look: Look,
        records: &[Record],
    ) -> Result<Self, Error> {
        let mut identities: BTreeSet<&str> = BTreeSet::new();
        if look.automatic {
            identities.extend(records.iter().map(|record| record.creator.as_str()));
        }
        for value in values(records) {
            if let Value::People(people) = value {
                identities.extend(people.iter().map(String::as_str));
            }
        }
        // Gates let only requests of callers here.
        let Some(caller) = request.caller.as_deref() else {
            return Err(Error::corrupt("a request without a caller"));
        };
        let mut people = BTreeMap::new();
        for identity in identities {
            people
                .insert(identity.to_owned(), person(services, caller, identity, look.users).await?);
        }
        let related =
            if look.historic { related(services, opened, records).await? } else { BTreeMap::new() };
        let base_url = address::base(services, request);
        Ok(Self { table: &opened.table, look, people, related, base_url })
    }

    /// A record.
    pub(super) fn record(&self, record: &Record) -> Json {
        let fields = &self.table.design.fields;
        let all: Vec<usize> = (0..fields.len()).collect();
        let mut shown = Map::new();
        for &at in self.look.fields.as_ref().unwrap_or(&all) {
            if let Some(value) = record.values.get(at).and_then(Option::as_ref) {
                shown.insert(fields[at].name.clone(), self.value(&fields[at], value));
            }
        }
        let id = read::id_of(self.table, record.place);
        let mut answer = json!({"record_id": id, "fields": shown});
        if self.look.automatic {
            let person = self.person(&record.creator);
            answer["created_by"] = person.clone();
            answer["created_time"] = json!(record.created_ms);
            answer["last_modified_by"] = person;
            answer["last_modified_time"] = json!(record.created_ms);
        }
        if let Some(name) = self.look.address {
            let base = address::of(&self.base_url, ObjectKind::Bitable, self.table.base.as_str());
            answer[name] = json!(format!("{base}?table={}&record={id}", self.table.id));
        }
        answer
    }

    fn person(&self, identity: &str) -> Json {
        self.people.get(identity).cloned().unwrap_or(Json::Null)
    }

    fn value(&self, field: &Field, value: &Value) -> Json {
        let historic = self.look.historic;
        match value {
            Value::Text(text) => self.text(field, text),
            Value::Link { text, link } if field.ui == UiType::Text => {
                if historic && !self.look.text_as_array {
                    return json!(text);
                }
                json!([{"type": "url", "text": text, "link": link}])
            }
            Value::Link { text, link } => json!({"text": text, "link": link}),
            Value::Number(number) => {
                let number = number_of(*number);
                if historic { json!(number.to_string()) } else { number }
            }
            Value::Options(options) => json!(options),
            Value::Moment(moment) => json!(moment),
            Value::Flag(flag) => json!(flag),
            Value::People(people) => {
                let alone = matches!(field.ui, UiType::CreatedUser | UiType::ModifiedUser);
                match people.as_slice() {
                    [one] if alone && historic => self.person(one),
                    all => all.iter().map(|one| self.person(one)).collect(),
                }
            }
            Value::Chats(chats) => {
                chats.iter().map(|chat| json!({"id": chat, "name": chat, "avatar_url": ""})).collect()
            }
            Value::Files(files) => files
                .iter()
                .map(|file| {
                    let drive = format!("{}/open-apis/drive/v1/medias", self.base_url);
                    json!({
                        "file_token": file.token,
                        "name": file.name,
                        "type": file.media_type,
                        "size": file.size_bytes,
                        "url": format!("{drive}/{}/download", file.token),
                        "tmp_url":
                            format!("{drive}/batch_get_tmp_download_url?file_tokens={}", file.token),
                    })
                })
                .collect(),
            Value::Records(ids) if historic => {
                let texts: Vec<&str> =
                    ids.iter().map(|id| self.related.get(id).map_or("", String::as_str)).collect();
                json!([{
                    "record_ids": ids,
                    "table_id": field.property.table_id,
                    "text": texts.join(","),
                    "text_arr": texts,
                    "type": "text",
                }])
            }
            Value::Records(ids) => json!({"link_record_ids": ids}),
        }
    }

    fn text(&self, field: &Field, text: &str) -> Json {
        match field.ui {
            UiType::Text | UiType::Email | UiType::Barcode => {
                if self.look.historic && !self.look.text_as_array {
                    return json!(text);
                }
                if field.ui == UiType::Email {
                    let link = format!("mailto:{text}");
                    return json!([{"type": "url", "text": text, "link": link}]);
                }
                json!([{"type": "text", "text": text}])
            }
            // Of a place this server knows no more than where it is.
            UiType::Location => json!({
                "location": text, "pname": "", "cityname": "", "adname": "", "address": "",
                "name": "", "full_address": "",
            }),
            _ => json!(text),
        }
    }
}

/// A number as JSON has it: whole ones without a point.
pub(super) fn number_of(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        json!(number as i64)
    } else {
        json!(number)
    }
}

/// A person, or an app, as the caller may see it.
async fn person(
    services: &Services,
    caller: &Caller,
    identity: &str,
    kind: UserIdKind,
) -> Result<Json, Error> {
    let db = &services.store.db;
    let id = crate::people::owner(services, caller, identity, kind).await?;
    let [name, en_name, email, avatar] = match identity.split_once(':') {
        Some(("user", user)) => {
            users::get(db, &caller.tenant, &UserId::from(user)).await?.map(|user| {
                [user.name, user.profile.en_name, user.profile.email, user.profile.avatar_url]
            })
        }
        Some(("app", app)) => {
            let app = apps::get(db, &AppId::from(app)).await?;
            app.map(|app| [app.name.clone(), app.name, String::new(), String::new()])
        }
        _ => None,
    }
    .unwrap_or_default();
    let mut person = json!({"id": id, "name": name, "en_name": en_name, "email": email});
    if AVATAR_SCOPES.iter().any(|scope| caller.scopes.hold(scope)) {
        person["avatar_url"] = json!(avatar);
    }
    Ok(person)
}

/// What stands in the first fields of related records, by the ids of those.
async fn related(
    services: &Services,
    opened: &OpenTable,
    records: &[Record],
) -> Result<BTreeMap<String, String>, Error> {
    let fields = &opened.table.design.fields;
    let mut of_tables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (at, field) in fields.iter().enumerate() {
        let Some(table) = field.property.table_id.as_deref() else { continue };
        for record in records {
            if let Some(Some(Value::Records(ids))) = record.values.get(at) {
                of_tables.entry(table).or_default().extend(ids.iter().map(String::as_str));
            }
        }
    }
    let mut texts = BTreeMap::new();
    for (id, wanted) in of_tables {
        let table = bases::table(&services.store.db, &opened.base.token, id).await?;
        let Some(table) = table else { continue };
        let other = OpenTable { object: opened.object.clone(), base: opened.base.clone(), table };
        let mut places: Vec<i64> =
            wanted.iter().filter_map(|id| read::place_of(&other.table, id)).collect();
        places.sort_unstable();
        for record in read::at(services, &other, &places).await? {
            let first = record.values.first().and_then(Option::as_ref).map(plain_text);
            texts.insert(read::id_of(&other.table, record.place), first.unwrap_or_default());
        }
    }
    Ok(texts)
}

/// A value in words.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Link { text, .. } => text.clone(),
        Value::Number(number) => number_of(*number).to_string(),
        Value::Options(parts)
        | Value::Chats(parts)
        | Value::People(parts)
        | Value::Records(parts) => parts.join(","),
        Value::Moment(moment) => moment.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Files(files) => {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(",")
        }
    }
}
