//! Fields: listed, made, and what may be set about each type (contract, NOTES §9).

use std::collections::HashSet;
use std::sync::Arc;

use larkspur_model::base::{AutoSerial, FIELDS, Field, Location, OPTIONS, Property, UiType};
use larkspur_model::id::Ids;
use larkspur_platform::Access;
use larkspur_store::Error as StoreError;
use larkspur_store::bases::{self, TableRecord};
use larkspur_store::sql::Transaction;
use serde_json::{Value as Json, json};

use super::codes;
use super::once::Once;
use super::open;
use super::wire::{FieldBody, FieldData, PageData, WireField};
use crate::{Answer, ApiError, ErrorCode, Request, Services, Violations};

/// Fields of a page, where nothing is said, and at most.
const PAGE: usize = 20;
const MOST: i64 = 100;
/// Characters of a name.
const NAME_CHARACTERS: usize = 100;
/// How often a write is tried while others change the table.
const TRIES: usize = 8;

/// Forms of numbers (contract, NOTES §9), those with commas in every number of decimals.
const FORMATTERS: [&str; 16] = [
    "0", "0.0", "0.00", "0.000", "0.0000", "1,000", "1,000.00", "%", "0%", "0.0%", "0.00%", "¥",
    "¥0.00", "$", "$0.00", "1,000.0",
];
const CURRENCIES: [&str; 25] = [
    "CNY", "USD", "EUR", "GBP", "AED", "AUD", "BRL", "CAD", "CHF", "HKD", "INR", "IDR", "JPY",
    "KRW", "MOP", "MXN", "MYR", "PHP", "PLN", "RUB", "SGD", "THB", "TRY", "TWD", "VND",
];
const SYMBOLS: [&str; 8] =
    ["star", "heart", "thumbsup", "fire", "smile", "lightning", "flower", "number"];

/// The numbers of the page a field is made through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) no_name: ErrorCode,
    pub(super) name: ErrorCode,
    pub(super) taken: ErrorCode,
    pub(super) unsupported: ErrorCode,
    pub(super) mismatch: ErrorCode,
    pub(super) no_option: ErrorCode,
    pub(super) number: ErrorCode,
    pub(super) single: ErrorCode,
    pub(super) multi: ErrorCode,
    pub(super) date: ErrorCode,
    pub(super) link: ErrorCode,
    pub(super) formula: ErrorCode,
    pub(super) duplex: ErrorCode,
}

const OWN: Numbers = Numbers {
    no_name: codes::EMPTY_FIELD_NAME,
    name: codes::INVALID_FIELD_NAME,
    taken: codes::FIELD_NAME,
    unsupported: codes::UNSUPPORTED,
    mismatch: codes::TYPE_MISMATCH,
    no_option: codes::EMPTY_OPTION,
    number: codes::NUMBER_PROPERTY,
    single: codes::SINGLE_PROPERTY,
    multi: codes::MULTI_PROPERTY,
    date: codes::DATE_PROPERTY,
    link: codes::LINK_PROPERTY,
    formula: codes::FORMULA_PROPERTY,
    duplex: codes::DUPLEX_PROPERTY,
};

/// A field from what a request says of it, beside `others` of its table.
pub(super) fn made(
    body: FieldBody,
    others: &[Field],
    tables: &[TableRecord],
    ids: &Ids,
    numbers: &Numbers,
) -> Result<Field, ApiError> {
    let mut violations = Violations::new();
    let name = violations.required("field_name", body.field_name);
    let number = violations.required("type", body.kind);
    violations.check()?;
    if name.is_empty() {
        return Err(numbers.no_name.because("field_name is a text with a character in it"));
    }
    if name.trim().is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Err(numbers.name.because("field_name has 1 to 100 characters, not blanks alone"));
    }
    if others.iter().any(|other| other.name == name) {
        let why = format!("the table has a field called {name:.100}");
        return Err(numbers.taken.because(why));
    }
    let usual = UiType::usual(number)
        .filter(|ui| !matches!(ui, UiType::Lookup | UiType::Stage | UiType::Button));
    let usual = usual.ok_or_else(|| {
        let mut violations = Violations::new();
        violations.add("type", number, "type is one of those that can be created");
        violations.check().expect_err("there is a violation")
    })?;
    let ui = match body.ui_type.as_deref().filter(|name| !name.is_empty()) {
        None => usual,
        Some(name) => UiType::parse(name).filter(|ui| ui.number() == number).ok_or_else(|| {
            numbers.mismatch.because(format!("ui_type {name:.40} is no use of type {number}"))
        })?,
    };
    if others.is_empty() && !ui.may_be_primary() {
        let why = "the first field is of type 1, 2, 5, 13, 15, 20 or 22";
        return Err(numbers.unsupported.because(why));
    }
    let description = match &body.description {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(object) => object["text"].as_str().unwrap_or_default().to_owned(),
    };
    let sent = body.property.unwrap_or_default();
    let property = property(ui, sent, tables, ids, numbers)?;
    let id = ids.field();
    Ok(Field { id, property, description, ..Field::new(name, ui) })
}

/// What is set about a field of `ui`, with what is usual where the request says nothing.
fn property(
    ui: UiType,
    sent: Property,
    tables: &[TableRecord],
    ids: &Ids,
    numbers: &Numbers,
) -> Result<Property, ApiError> {
    let nothing = Property::default();
    Ok(match ui {
        UiType::Number | UiType::Currency | UiType::Progress | UiType::Rating => {
            number_property(ui, sent, numbers)?
        }
        UiType::SingleSelect => options(sent, ids, numbers, numbers.single)?,
        UiType::MultiSelect => options(sent, ids, numbers, numbers.multi)?,
        UiType::DateTime => {
            let auto_fill = Some(sent.auto_fill.unwrap_or(false));
            Property { date_formatter: Some(date_form(sent, numbers)?), auto_fill, ..nothing }
        }
        UiType::CreatedTime | UiType::ModifiedTime => {
            Property { date_formatter: Some(date_form(sent, numbers)?), ..nothing }
        }
        UiType::User | UiType::GroupChat => {
            Property { multiple: Some(sent.multiple.unwrap_or(true)), ..nothing }
        }
        UiType::SingleLink => {
            let id = sent.table_id.unwrap_or_default();
            let table = tables.iter().find(|table| table.id == id).ok_or_else(|| {
                numbers.link.because("property.table_id is the id of a table of the base")
            })?;
            let multiple = Some(sent.multiple.unwrap_or(true));
            let table_name = Some(table.name.clone());
            Property { multiple, table_id: Some(id), table_name, ..nothing }
        }
        UiType::Formula => {
            let why = "this server computes no formulas; write the values into a field";
            return Err(numbers.formula.because(why));
        }
        UiType::DuplexLink => {
            let why = "this server keeps relations of one side: type 18";
            return Err(numbers.duplex.because(why));
        }
        UiType::Location => {
            let location = sent.location.unwrap_or_default();
            let input_type = match location.input_type.as_str() {
                "" | "not_limit" => "not_limit",
                "only_mobile" => "only_mobile",
                _ => {
                    let why = "location.input_type is only_mobile or not_limit";
                    return Err(numbers.unsupported.because(why));
                }
            };
            let location = Some(Location { input_type: input_type.to_owned() });
            Property { location, ..nothing }
        }
        UiType::AutoNumber => {
            let serial = sent.auto_serial.unwrap_or_else(|| AutoSerial {
                kind: "auto_increment_number".to_owned(),
                options: None,
            });
            check_serial(&serial, numbers)?;
            Property { auto_serial: Some(serial), ..nothing }
        }
        UiType::Barcode => {
            let modes = sent.allowed_edit_modes.unwrap_or_default();
            Property { allowed_edit_modes: Some(modes), ..nothing }
        }
        _ => nothing,
    })
}

fn number_property(ui: UiType, sent: Property, numbers: &Numbers) -> Result<Property, ApiError> {
    let wrong = |why: &str| numbers.number.because(format!("property.{why}"));
    let usual = if ui == UiType::Progress { "0%" } else { "0" };
    let formatter =
        sent.formatter.filter(|form| !form.is_empty()).unwrap_or_else(|| usual.to_owned());
    if !FORMATTERS.contains(&formatter.as_str()) {
        let why = format!("formatter is one of {}", FORMATTERS.join(" "));
        return Err(wrong(&why));
    }
    let mut property = Property { formatter: Some(formatter), ..Property::default() };
    match ui {
        UiType::Currency => {
            let code = sent.currency_code.unwrap_or_else(|| "CNY".to_owned());
            if !CURRENCIES.contains(&code.as_str()) {
                return Err(wrong("currency_code is one of the documented ones"));
            }
            property.currency_code = Some(code);
        }
        UiType::Progress => {
            let (min, max) = (sent.min.unwrap_or(0.0), sent.max.unwrap_or(1.0));
            if !(0.0..=1.0).contains(&min) || !(1.0..=100.0).contains(&max) || min >= max {
                return Err(wrong("min is 0 to 1, max 1 to 100 and larger"));
            }
            property.range_customize = Some(sent.range_customize.unwrap_or(false));
            (property.min, property.max) = (Some(min), Some(max));
        }
        UiType::Rating => {
            let (min, max) = (sent.min.unwrap_or(1.0), sent.max.unwrap_or(5.0));
            let rating = sent.rating.unwrap_or_default();
            if !(0.0..=1.0).contains(&min) || !(1.0..=10.0).contains(&max) {
                return Err(wrong("min is 0 or 1, max 1 to 10"));
            }
            if !SYMBOLS.contains(&rating.symbol.as_str()) {
                return Err(wrong("rating.symbol is one of the documented ones"));
            }
            (property.min, property.max) = (Some(min), Some(max));
            property.rating = Some(rating);
        }
        _ => {}
    }
    Ok(property)
}

fn options(
    sent: Property,
    ids: &Ids,
    numbers: &Numbers,
    wrong: ErrorCode,
) -> Result<Property, ApiError> {
    let mut options = sent.options.unwrap_or_default();
    if options.len() > OPTIONS {
        return Err(wrong.because("a field has at most 20,000 options"));
    }
    let mut names = HashSet::new();
    for option in &mut options {
        if option.name.trim().is_empty() {
            return Err(numbers.no_option.because("each of property.options has a name"));
        }
        if !names.insert(option.name.clone()) || !(0..=54).contains(&option.color) {
            let why = "property.options have names of their own and colours from 0 to 54";
            return Err(wrong.because(why));
        }
        option.id = ids.select_option();
    }
    Ok(Property { options: Some(options), ..Property::default() })
}

fn date_form(sent: Property, numbers: &Numbers) -> Result<String, ApiError> {
    let form = sent.date_formatter.filter(|form| !form.is_empty());
    let form = form.unwrap_or_else(|| "yyyy/MM/dd".to_owned());
    let fits = form.chars().count() <= 50
        && form.contains(['y', 'M', 'd'])
        && form.chars().all(|letter| "yMdHhmsa/-.: 年月日".contains(letter));
    if fits {
        Ok(form)
    } else {
        Err(numbers.date.because("property.date_formatter is such as yyyy/MM/dd HH:mm"))
    }
}

fn check_serial(serial: &AutoSerial, numbers: &Numbers) -> Result<(), ApiError> {
    let parts = serial.options.as_deref().unwrap_or_default();
    let fits = match serial.kind.as_str() {
        "auto_increment_number" => true,
        "custom" => {
            parts.iter().any(|part| part.kind == "system_number")
                && parts.iter().all(|part| match part.kind.as_str() {
                    "system_number" => {
                        part.value.parse::<u8>().is_ok_and(|digits| (1..=9).contains(&digits))
                    }
                    "fixed_text" => part.value.chars().count() <= 20,
                    "created_time" => ["yyyyMMdd", "yyyyMM", "yyyy", "MMdd", "MM", "dd"]
                        .contains(&part.value.as_str()),
                    _ => false,
                })
        }
        _ => false,
    };
    let why = "auto_serial.type is auto_increment_number, or custom with options: system_number of 1 \
               to 9 digits, fixed_text, created_time such as yyyyMMdd";
    if fits { Ok(()) } else { Err(numbers.unsupported.because(why)) }
}

/// `bitableAppTableFieldList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (size, token) = open::page(&request, PAGE, MOST)?;
    let array = request.query.flag("text_field_as_array").unwrap_or_default().unwrap_or_default();
    let finding = codes::finding(codes::FORBIDDEN);
    let opened = open::table(&services, &request, Access::View, &finding).await?;
    open::check_view(&opened.table, request.query.text("view_id").as_deref())?;
    let fields = &opened.table.design.fields;
    let (page, next) = open::paged(fields, size, token.as_deref(), |field| &field.id)?;
    let first = fields.first().map_or("", |field| field.id.as_str());
    let described = |text: &str| {
        if array { json!([{"type": "text", "text": text}]) } else { json!(text) }
    };
    Answer::data(&PageData {
        has_more: next.is_some(),
        page_token: next,
        total: fields.len(),
        items: page
            .iter()
            .map(|field| WireField::new(field, field.id == first, described))
            .collect(),
    })
}

/// `bitableAppTableFieldCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
    let finding = codes::finding(codes::FORBIDDEN);
    let body: FieldBody = request.json(codes::JSON)?;
    let mut opened = open::table(&services, &request, Access::Edit, &finding).await?;
    let once = Once::read(&request, &json!([opened.table.id, body]))?;
    let db = &services.store.db;
    for _ in 0..TRIES {
        if let Some(id) = once.made(&services, &opened.base.token).await? {
            let made = opened.table.design.fields.iter().find(|field| field.id == id);
            let made = made.ok_or_else(|| codes::INTERNAL.caused_by("base_requests.made"))?;
            return told(made);
        }
        let table = &opened.table;
        let tables = bases::tables(db, &table.base).await.map_err(internal)?;
        let sent: FieldBody = request.json(codes::JSON)?;
        let field = made(sent, &table.design.fields, &tables, &services.ids, &OWN)?;
        if table.design.fields.len() >= FIELDS {
            return Err(codes::FIELDS.because("the table has 300 fields, as many as it may"));
        }
        let mut design = table.design.clone();
        design.fields.push(field.clone());
        let mut transaction = Transaction::new();
        bases::change_table(&mut transaction, table, Some(&design), 0);
        once.note(&mut transaction, &table.base, &field.id, services.clock.now_ms());
        match db.commit(transaction).await {
            Ok(_) => return told(&field),
            Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => {}
            Err(error) => return Err(internal(error)),
        }
        opened = open::table(&services, &request, Access::Edit, &finding).await?;
    }
    Err(codes::CONFLICT.because("others are changing the table; try again in a moment"))
}

fn told(field: &Field) -> Result<Answer, ApiError> {
    let described = |text: &str| json!({"text": text, "disable_sync": true});
    Answer::data(&FieldData { field: WireField::new(field, false, described) })
}
