//! New records, one or up to a thousand: all of them or none, visible when the call returns.

use std::sync::Arc;

use larkspur_model::base::BATCH;
use larkspur_platform::Access;
use larkspur_store::Error as StoreError;
use larkspur_store::bases::{self, Pack, TableRecord};
use larkspur_store::sql::Transaction;
use serde_json::{Map, Value as Json, json};

use super::codes;
use super::once::Once;
use super::open;
use super::read;
use super::users_of;
use super::wire::{BatchBody, RecordBody};
use super::write::Writer;
use crate::people::UserIdKind;
use crate::{Answer, ApiError, ErrorCode, Request, Services};

/// How often a write is tried while others change the table; they wait for nobody.
const TRIES: usize = 8;

/// `bitableAppTableRecordCreate`.
pub(super) async fn one(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: RecordBody = request.json(codes::JSON)?;
    let records = make(&services, &request, vec![body], codes::FOREIGN_FILE).await?;
    let record = records.into_iter().next();
    Answer::data(&json!({"record": record}))
}

/// `bitableAppTableRecordBatchCreate`.
pub(super) async fn batch(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: BatchBody = request.json(codes::JSON)?;
    let records = body.records.unwrap_or_default();
    if records.is_empty() {
        return Err(codes::BODY.because("records has 1 to 1,000 records"));
    }
    let records = make(&services, &request, records, codes::FOREIGN_FILES).await?;
    Answer::data(&json!({"records": records}))
}

/// Adds records and gives them as answers name them.
async fn make(
    services: &Services,
    request: &Request,
    bodies: Vec<RecordBody>,
    foreign_file: ErrorCode,
) -> Result<Vec<Json>, ApiError> {
    let users = users_of(request.caller()?, request.query.text("user_id_type").as_deref())?;
    if bodies.len() > BATCH {
        return Err(codes::BATCH.because("a call adds at most 1,000 records"));
    }
    let mut records = Vec::with_capacity(bodies.len());
    for body in bodies {
        records.push(body.fields.ok_or_else(|| codes::BODY.because("a record has fields"))?);
    }
    let finding = codes::finding(codes::FORBIDDEN);
    let opened = open::table(services, request, Access::Edit, &finding).await?;
    let once = Once::read(request, &json!([opened.table.id, records]))?;
    if let Some(first) = once.made(services, &opened.base.token).await? {
        let first = first.parse().map_err(|_| codes::INTERNAL.caused_by("base_requests.made"))?;
        return Ok(told(&opened.table, first, records));
    }
    let mut opened = opened;
    for _ in 0..TRIES {
        match attempt(services, request, &opened, users, (&records, foreign_file), &once).await? {
            Some(first) => return Ok(told(&opened.table, first, records)),
            None => opened = open::table(services, request, Access::Edit, &finding).await?,
        }
        if let Some(first) = once.made(services, &opened.base.token).await? {
            let first =
                first.parse().map_err(|_| codes::INTERNAL.caused_by("base_requests.made"))?;
            return Ok(told(&opened.table, first, records));
        }
    }
    Err(codes::CONFLICT.because("others are writing to the table; try again in a moment"))
}

/// Tries once; the place of the first record, or nothing where somebody else was quicker.
async fn attempt(
    services: &Services,
    request: &Request,
    opened: &open::OpenTable,
    users: UserIdKind,
    (records, foreign_file): (&[Map<String, Json>], ErrorCode),
    once: &Once,
) -> Result<Option<i64>, ApiError> {
    let table = &opened.table;
    let most = i64::from(services.settings.base_records);
    let count = records.len() as i64;
    if table.record_count + count > most {
        let why = format!("a table holds {most} records; it has {}", table.record_count);
        return Err(codes::RECORDS.because(why));
    }
    let caller = request.caller()?;
    let mut writer = Writer {
        services,
        caller,
        opened,
        users,
        foreign_file,
        design: table.design.clone(),
        design_changed: false,
    };
    let mut values = Vec::with_capacity(records.len());
    for fields in records {
        values.push(writer.record(fields).await?);
    }
    let now_ms = services.clock.now_ms();
    let first = table.record_count;
    let mut transaction = Transaction::new();
    let design = writer.design_changed.then_some(&writer.design);
    bases::change_table(&mut transaction, table, design, count);
    let pack = Pack { first, records: values, creator: caller.creator(), created_ms: now_ms };
    bases::insert_pack(&mut transaction, &table.base, &table.id, &pack);
    once.note(&mut transaction, &table.base, &first.to_string(), now_ms);
    match services.store.db.commit(transaction).await {
        Ok(_) => Ok(Some(first)),
        Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => Ok(None),
        Err(error) => Err(codes::INTERNAL.caused_by(error)),
    }
}

/// The records as they were written, with their ids.
fn told(table: &TableRecord, first: i64, records: Vec<Map<String, Json>>) -> Vec<Json> {
    (first..)
        .zip(records)
        .map(|(place, fields)| {
            let id = read::id_of(table, place);
            json!({"fields": fields, "id": id, "record_id": id})
        })
        .collect()
}
