//! Tables and views: listed, made.

use std::sync::Arc;

use larkspur_model::base::{Design, FIELDS, TABLES, View};
use larkspur_platform::Access;
use larkspur_store::Error as StoreError;
use larkspur_store::bases::{self, TableRecord};
use larkspur_store::sql::Transaction;

use super::codes;
use super::fields::{self, Numbers};
use super::open;
use super::users_of;
use super::wire::{CreateTableBody, CreateTableData, FieldBody, PageData, WireTable, WireView};
use crate::drive::content;
use crate::{Answer, ApiError, ErrorCode, Request, Services, Violations};

/// Tables and views of a page, where nothing is said, and at most.
const PAGE: usize = 20;
const MOST: i64 = 100;
/// How often a write is tried while others change the base.
const TRIES: usize = 8;
/// Characters of a name.
const NAME_CHARACTERS: usize = 100;
/// What no name of a table or view may have in it.
const FORBIDDEN_LETTERS: [char; 7] = ['/', '\\', '?', '*', ':', '[', ']'];

/// The page of new tables has one number for whatever is wrong about a field.
const UNFIT: ErrorCode = ErrorCode::new(400, 1_254_012, "NotSupportFieldOrView");
const NUMBERS: Numbers = Numbers {
    no_name: codes::INVALID_FIELD_NAME,
    name: codes::INVALID_FIELD_NAME,
    taken: ErrorCode::new(400, 1_254_014, "FieldNameDuplicated"),
    unsupported: UNFIT,
    mismatch: UNFIT,
    no_option: UNFIT,
    number: UNFIT,
    single: UNFIT,
    multi: UNFIT,
    date: UNFIT,
    link: UNFIT,
    formula: UNFIT,
    duplex: UNFIT,
};

/// `bitableAppTableList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (size, token) = open::page(&request, PAGE, MOST)?;
    let finding = codes::finding(codes::FORBIDDEN_ROLE);
    let opened = open::base(&services, &request, Access::View, &finding).await?;
    let tables = bases::tables(&services.store.db, &opened.base.token)
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?;
    let (page, next) = open::paged(&tables, size, token.as_deref(), |table| &table.id)?;
    let shown = |table: &'_ TableRecord| (table.id.clone(), table.revision, table.name.clone());
    let page: Vec<_> = page.iter().map(shown).collect();
    Answer::data(&PageData {
        has_more: next.is_some(),
        page_token: next,
        total: tables.len(),
        items: page
            .iter()
            .map(|(id, revision, name)| WireTable { table_id: id, revision: *revision, name })
            .collect(),
    })
}

fn named(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= NAME_CHARACTERS
        && !name.contains(FORBIDDEN_LETTERS)
}

/// `bitableAppTableCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
    let body: CreateTableBody = request.json(codes::JSON)?;
    let body = body.table.ok_or_else(|| codes::BODY.because("the body has a table"))?;
    let mut violations = Violations::new();
    let name = violations.required("table.name", body.name);
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        violations.add("table.name", &name, "the length is 1 to 100");
    }
    let sent = body.fields;
    if sent.as_ref().is_some_and(|fields| fields.is_empty() || fields.len() > FIELDS) {
        violations.add("table.fields", "", "a table has 1 to 300 fields");
    }
    violations.check()?;
    if !named(&name) {
        let why = "table.name has a letter in it, and none of / \\ ? * : [ ]";
        return Err(codes::BODY.because(why));
    }
    let view = match body.default_view_name.as_deref() {
        None => content::VIEW_NAME,
        Some("") => {
            return Err(codes::EMPTY_VIEW_NAME.because("default_view_name has a character in it"));
        }
        Some(view) if named(view) => view,
        Some(_) => {
            let why = "default_view_name has 1 to 100 characters, none of / \\ ? * : [ ]";
            return Err(codes::VIEW_NAME.because(why));
        }
    };
    if sent.is_some() && body.default_view_name.is_none() {
        // The page: fields need the name of the view they are in.
        let why = "fields come with default_view_name";
        return Err(codes::BODY.because(why));
    }
    let finding = codes::finding(codes::FORBIDDEN);
    let opened = open::base(&services, &request, Access::Edit, &finding).await?;
    let (db, base) = (&services.store.db, &opened.base.token);
    let mut sent = sent;
    let mut design: Option<Design> = None;
    for _ in 0..TRIES {
        let tables = bases::tables(db, base).await.map_err(internal)?;
        if tables.iter().any(|table| table.name == name) {
            return Err(codes::TABLE_NAME.because(format!("the base has a table called {name}")));
        }
        if tables.len() >= TABLES {
            return Err(codes::TABLES.because("the base has 100 tables, as many as it may"));
        }
        if design.is_none() {
            design = Some(designed(&services, sent.take(), view, &tables)?);
        }
        let position = tables.last().map_or(0, |table| table.position + 1);
        let table = TableRecord {
            position,
            design: design.clone().unwrap_or_default(),
            ..content::empty_table(&services, request.caller()?, base, &name)
        };
        let mut transaction = Transaction::new();
        bases::insert_table(&mut transaction, &table);
        match db.commit(transaction).await {
            Ok(_) => return told(&table),
            Err(StoreError::Duplicate(_)) => {}
            Err(error) => return Err(internal(error)),
        }
    }
    Err(codes::CONFLICT.because("others are changing the base; try again in a moment"))
}

/// The fields that were sent, or the usual one, and a view.
fn designed(
    services: &Services,
    sent: Option<Vec<FieldBody>>,
    view: &str,
    tables: &[TableRecord],
) -> Result<Design, ApiError> {
    let ids = &services.ids;
    let view = View { id: ids.view(), name: view.to_owned(), kind: "grid".to_owned() };
    let Some(sent) = sent else {
        return Ok(Design { fields: vec![content::first_field(ids)], views: vec![view] });
    };
    let mut fields = Vec::with_capacity(sent.len());
    for body in sent {
        let field = fields::made(body, &fields, tables, ids, &NUMBERS)?;
        fields.push(field);
    }
    Ok(Design { fields, views: vec![view] })
}

fn told(table: &TableRecord) -> Result<Answer, ApiError> {
    Answer::data(&CreateTableData {
        table_id: &table.id,
        default_view_id: table.design.views.first().map_or("", |view| &view.id),
        field_id_list: table.design.fields.iter().map(|field| field.id.as_str()).collect(),
    })
}

/// `bitableAppTableViewList`.
pub(super) async fn views(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    users_of(request.caller()?, request.query.text("user_id_type").as_deref())?;
    let (size, token) = open::page(&request, PAGE, MOST)?;
    let finding = codes::finding(codes::FORBIDDEN);
    let opened = open::table(&services, &request, Access::View, &finding).await?;
    let views = &opened.table.design.views;
    let (page, next) = open::paged(views, size, token.as_deref(), |view| &view.id)?;
    Answer::data(&PageData {
        has_more: next.is_some(),
        page_token: next,
        total: views.len(),
        items: page
            .iter()
            .map(|view| WireView {
                view_id: &view.id,
                view_name: &view.name,
                view_type: &view.kind,
                view_public_level: "Public",
            })
            .collect(),
    })
}
