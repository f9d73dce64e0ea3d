//! Records read back: pages of them, found by filter and order, one by one, and some by their ids.

use std::collections::BinaryHeap;
use std::sync::Arc;

use larkspur_platform::{Access, Caller};
use larkspur_store::bases::TableRecord;
use serde_json::{Value as Json, json};

use super::codes;
use super::filter::{self, Filter, Today};
use super::formula;
use super::open::{self, OpenTable};
use super::order::{Finder, Sort, standing};
use super::read;
use super::show::{Look, Shower};
use super::users_of;
use super::wire::{BatchGetBody, PageData, SearchBody};
use super::write::internal;
use crate::people::UserIdKind;
use crate::{Answer, ApiError, ErrorCode, Request, Services, Violations, who};

/// Records of a page, where nothing is said, and at most.
const PAGE: usize = 20;
const MOST: i64 = 500;
/// Fields that may be ordered by (contract, `maxItems`).
const MOST_SORTS: usize = 100;
/// Records `batch_get` gives at most.
const MOST_IDS: usize = 100;

fn flag(request: &Request, name: &str) -> Result<bool, ApiError> {
    request.query.flag(name).map(Option::unwrap_or_default).map_err(|sent| {
        let mut violations = Violations::new();
        violations.add(name, sent, format!("{name} is true or false"));
        violations.check().expect_err("there is a violation")
    })
}

/// The places of fields by their names.
fn places(table: &TableRecord, names: &[String]) -> Result<Option<Vec<usize>>, ApiError> {
    if names.is_empty() {
        return Ok(None);
    }
    let place = |name: &String| {
        let at = table.design.fields.iter().position(|field| field.name == *name);
        at.ok_or_else(|| codes::FIELD.because(format!("the table has no field called {name:.100}")))
    };
    names.iter().map(place).collect::<Result<_, _>>().map(Some)
}

/// Which page of which records.
struct Wanted {
    filter: Option<Filter>,
    sorts: Vec<Sort>,
    size: usize,
    token: Option<String>,
}

/// A page of records, as `look` shows them.
async fn page(
    services: &Services,
    request: &Request,
    opened: &OpenTable,
    wanted: Wanted,
    look: Look,
) -> Result<Answer, ApiError> {
    let table = &opened.table;
    let Wanted { filter, sorts, size, token } = wanted;
    let after = match &token {
        None => None,
        Some(token) => {
            let place = read::place_of(table, token);
            Some(place.ok_or_else(|| open::foreign_token(token))?)
        }
    };
    let filter = filter.filter(|filter| !filter.is_empty());
    let (records, more, total) = if filter.is_none() && sorts.is_empty() {
        let first = after.map_or(0, |place| place + 1);
        let range = first..first + size as i64;
        let more = range.end < table.record_count;
        let records = read::walk(services, opened, range, None, Vec::new()).await;
        (records.map_err(internal)?, more, table.record_count as usize)
    } else {
        let mut marks = vec![false; table.design.fields.len()];
        if let Some(filter) = &filter {
            filter.mark(&mut marks);
        }
        for sort in &sorts {
            marks[sort.at] = true;
        }
        let after = match after {
            None => None,
            Some(place) => {
                let last = read::at(services, opened, &[place]).await.map_err(internal)?;
                last.first().map(|record| standing(&sorts, record))
            }
        };
        let finder =
            Finder { filter, sorts, after, most: size + 1, found: BinaryHeap::new(), total: 0 };
        let whole = 0..table.record_count;
        let finder = read::walk(services, opened, whole, Some(&marks), finder).await;
        let finder = finder.map_err(internal)?;
        let total = finder.total;
        let (places, more) = finder.page();
        let mut rising = places.clone();
        rising.sort_unstable();
        let found = read::at(services, opened, &rising).await.map_err(internal)?;
        let mut records: Vec<_> = found
            .into_iter()
            .map(|record| (places.iter().position(|place| *place == record.place), record))
            .collect();
        records.sort_by_key(|(order, _)| *order);
        (records.into_iter().map(|(_, record)| record).collect(), more, total)
    };
    let shower = Shower::new(services, request, opened, look, &records).await.map_err(internal)?;
    let last = records.last().map(|record| read::id_of(table, record.place));
    Answer::data(&PageData {
        has_more: more,
        page_token: last.filter(|_| more),
        total,
        items: records.iter().map(|record| shower.record(record)).collect::<Vec<Json>>(),
    })
}

/// Turns the ids of persons in conditions into what values hold; unknown ones match nobody.
async fn name_persons(
    services: &Services,
    caller: &Caller,
    table: &TableRecord,
    filter: &mut Filter,
    users: UserIdKind,
) -> Result<(), ApiError> {
    let kind = match users {
        UserIdKind::Open => "openid",
        UserIdKind::Union => "unionid",
        UserIdKind::User => "userid",
    };
    for id in filter.persons(&table.design) {
        if let Ok(found) = who::find(services, caller, kind, id).await.map_err(internal)? {
            *id = found.identity;
        }
    }
    Ok(())
}

/// `bitableAppTableRecordSearch`.
pub(super) async fn search(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: SearchBody = request.json(codes::JSON)?;
    let caller = request.caller()?;
    let users = users_of(caller, request.query.text("user_id_type").as_deref())?;
    let (size, token) = open::page(&request, PAGE, MOST)?;
    let finding = codes::finding(codes::FORBIDDEN_200);
    let opened = open::table(&services, &request, Access::View, &finding).await?;
    let design = &opened.table.design;
    open::check_view(&opened.table, body.view_id.as_deref())?;
    let sorts = body.sort.unwrap_or_default();
    if sorts.len() > MOST_SORTS {
        return Err(codes::LONG_SORT.because("records are ordered by at most 100 fields"));
    }
    let mut order = Vec::with_capacity(sorts.len());
    for sort in sorts {
        let name = sort.field_name.unwrap_or_default();
        let at = design.fields.iter().position(|field| field.name == name).ok_or_else(|| {
            codes::SORT.because(format!("the field to order by, {name:.100}, is none of the table"))
        })?;
        order.push(Sort::new(design, at, sort.desc.unwrap_or_default()));
    }
    let today = Today { now_ms: services.clock.now_ms(), offset_ms: opened.offset_ms() };
    let mut filter = body.filter.map(|filter| filter::read(&filter, design, today)).transpose()?;
    if let Some(filter) = &mut filter {
        name_persons(&services, caller, &opened.table, filter, users).await?;
    }
    let look = Look {
        historic: false,
        text_as_array: true,
        automatic: body.automatic_fields.unwrap_or_default(),
        address: None,
        users,
        fields: places(&opened.table, &body.field_names.unwrap_or_default())?,
    };
    let wanted = Wanted { filter, sorts: order, size, token };
    page(&services, &request, &opened, wanted, look).await
}

/// The names of a JSON list in a query.
fn listed(request: &Request, name: &str, code: ErrorCode) -> Result<Vec<String>, ApiError> {
    let Some(text) = request.query.text(name) else { return Ok(Vec::new()) };
    serde_json::from_str(&text)
        .map_err(|_| code.because(format!("{name} is a JSON list of strings: [\"Field 1\"]")))
}

/// `bitableAppTableRecordList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let users = users_of(caller, request.query.text("user_id_type").as_deref())?;
    let (size, token) = open::page(&request, PAGE, MOST)?;
    let (array, automatic) =
        (flag(&request, "text_field_as_array")?, flag(&request, "automatic_fields")?);
    let names = listed(&request, "field_names", codes::FIELD_NAMES)?;
    let sorts = listed(&request, "sort", codes::SORT)?;
    let finding = codes::finding(codes::FORBIDDEN_200);
    let opened = open::table(&services, &request, Access::View, &finding).await?;
    let design = &opened.table.design;
    open::check_view(&opened.table, request.query.text("view_id").as_deref())?;
    let mut order = Vec::with_capacity(sorts.len());
    for sort in &sorts {
        let (name, desc) = match sort.rsplit_once(' ') {
            Some((name, direction)) if direction.eq_ignore_ascii_case("desc") => (name, true),
            Some((name, direction)) if direction.eq_ignore_ascii_case("asc") => (name, false),
            _ => (sort.as_str(), false),
        };
        let at = design.fields.iter().position(|field| field.name == name).ok_or_else(|| {
            codes::SORT.because(format!("the field to order by, {name:.100}, is none of the table"))
        })?;
        order.push(Sort::new(design, at, desc));
    }
    let today = Today { now_ms: services.clock.now_ms(), offset_ms: opened.offset_ms() };
    let filter = request.query.text("filter");
    let mut filter = filter.map(|filter| formula::read(&filter, design, today)).transpose()?;
    if let Some(filter) = &mut filter {
        name_persons(&services, caller, &opened.table, filter, users).await?;
    }
    let look = Look {
        historic: true,
        text_as_array: array,
        automatic,
        address: None,
        users,
        fields: places(&opened.table, &names)?,
    };
    let wanted = Wanted { filter, sorts: order, size, token };
    page(&services, &request, &opened, wanted, look).await
}

/// `bitableAppTableRecordGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let users = users_of(request.caller()?, request.query.text("user_id_type").as_deref())?;
    let address = flag(&request, "with_shared_url")?.then_some("record_url");
    let (array, automatic) =
        (flag(&request, "text_field_as_array")?, flag(&request, "automatic_fields")?);
    let finding = codes::finding(codes::FORBIDDEN_200);
    let opened = open::table(&services, &request, Access::View, &finding).await?;
    let id = request.path_value("record_id");
    let form = id.strip_prefix("rec").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if !form {
        return Err(
            codes::WRONG_RECORD.because("record_id is rec and letters and digits behind it")
        );
    }
    let missing = || codes::RECORD.because("the table has no record of this record_id");
    let place = read::place_of(&opened.table, id).ok_or_else(missing)?;
    let records = read::at(&services, &opened, &[place]).await.map_err(internal)?;
    let look =
        Look { historic: true, text_as_array: array, automatic, address, users, fields: None };
    let shower = Shower::new(&services, &request, &opened, look, &records).await;
    let shower = shower.map_err(internal)?;
    let record = records.first().ok_or_else(|| internal("a record without content"))?;
    Answer::data(&json!({"record": shower.record(record)}))
}

/// `bitableAppTableRecordBatchGet`.
pub(super) async fn batch_get(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let internal = |error| codes::batch_get::INTERNAL.caused_by(error);
    let body: BatchGetBody = request.json(codes::batch_get::JSON)?;
    let users = users_of(request.caller()?, body.user_id_type.as_deref())?;
    let ids = body.record_ids.unwrap_or_default();
    if ids.is_empty() || ids.len() > MOST_IDS {
        let mut violations = Violations::new();
        violations.add("record_ids", ids.len(), "record_ids has 1 to 100 ids");
        violations.check()?;
    }
    let opened = open::table(&services, &request, Access::View, &codes::batch_get::FINDING).await?;
    let table = &opened.table;
    let mut absent: Vec<&String> = Vec::new();
    let mut wanted = Vec::new();
    for id in &ids {
        match read::place_of(table, id) {
            Some(place) if !wanted.contains(&place) => wanted.push(place),
            None if !absent.contains(&id) => absent.push(id),
            _ => {}
        }
    }
    let mut rising = wanted.clone();
    rising.sort_unstable();
    let records = read::at(&services, &opened, &rising).await.map_err(internal)?;
    let look = Look {
        historic: false,
        text_as_array: true,
        automatic: body.automatic_fields.unwrap_or_default(),
        address: body.with_shared_url.unwrap_or_default().then_some("shared_url"),
        users,
        fields: None,
    };
    let shower = Shower::new(&services, &request, &opened, look, &records).await;
    let shower = shower.map_err(internal)?;
    let shown: Vec<Json> = wanted
        .iter()
        .filter_map(|place| records.iter().find(|record| record.place == *place))
        .map(|record| shower.record(record))
        .collect();
    let forbidden: [&str; 0] = [];
    Answer::data(&json!({
        "records": shown,
        "forbidden_record_ids": forbidden,
        "absent_record_ids": absent,
    }))
}
