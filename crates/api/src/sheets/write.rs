//! Values written over a range, put below a table, put above a range (contract, "Writing").

use std::sync::Arc;

use larkspur_formats::cells::Change;
use larkspur_model::workbook::{Cell, CellRange, Rich, RichPart, Row, Value as CellValue};
use larkspur_platform::{self as platform, Access};
use larkspur_store::Error as StoreError;
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::objects::ObjectKind;
use larkspur_store::spreadsheets::SheetRecord;
use larkspur_store::sql::Transaction;
use larkspur_store::users::{self, User};

use super::range::{AskedRange, written};
use super::rich::{self, Unfit, Written};
use super::view::{self, Opened};
use super::wire::{PutInData, Updates, ValuesBody};
use super::{change, codes, read};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Body, Request, Services};

/// Rows and columns of a call (contract, "Sheets").
const MOST_ROWS: usize = 5_000;
const MOST_COLUMNS: usize = 100;
/// Mentions of people in a call (contract, "Writing").
const MOST_MENTIONS: usize = 50;
/// Cells of a sheet, the empty ones too (contract, "Sheets").
const SHEET_CELLS: u64 = 5_000_000;
/// Turns before an edit gives way to others for good.
const TURNS: usize = 8;

/// Where values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Over those of the range.
    Over,
    /// From the first blank cell below the range's first one on, over what is there or above it.
    Below { insert: bool },
    /// Above the range, in rows of their own.
    Above,
}

/// What a call wants.
struct Asked {
    range: AskedRange,
    values: Vec<Vec<Written>>,
    columns: usize,
    /// To whom mentions are to open the spreadsheet, by kind of id and id.
    opened_to: Vec<(String, String)>,
    /// The same people, as rights know them.
    readers: Vec<String>,
}

impl Asked {
    fn read(request: &Request) -> Result<Self, ApiError> {
        let bytes: &[u8] = match &request.body {
            Body::Json(bytes) => bytes,
            _ => b"",
        };
        let body: ValuesBody = serde_json::from_slice(bytes).map_err(|error| {
            if error.is_data() {
                codes::V2_BODY.because(format!("the body does not fit: {error}"))
            } else {
                codes::V2_NO_JSON.because(format!("the body is not JSON: {error}"))
            }
        })?;
        let missing = |field: &str| codes::V2_BODY.because(format!("{field} is required"));
        let body = body.value_range.ok_or_else(|| missing("valueRange"))?;
        let range = body.range.ok_or_else(|| missing("valueRange.range"))?;
        let values = body.values.ok_or_else(|| missing("valueRange.values"))?;
        let range = AskedRange::parse(&range).map_err(read::misread)?;
        let columns = values.iter().map(Vec::len).max().unwrap_or(0);
        if columns == 0 {
            return Err(codes::V2_EMPTY.because("values holds no cell to write"));
        }
        if values.len() > MOST_ROWS || columns > MOST_COLUMNS {
            return Err(
                codes::V2_EXCESS.because("a call writes 5,000 rows and 100 columns at most")
            );
        }
        let opened_to = values.iter().flatten().flat_map(rich::opened_to).collect();
        let values = values
            .into_iter()
            .map(|row| row.into_iter().map(Written::read).collect())
            .collect::<Result<Vec<Vec<Written>>, Unfit>>()
            .map_err(|unfit| match unfit {
                Unfit::Shape(why) => codes::V2_BODY.because(why),
                Unfit::Long => {
                    codes::V2_TOO_LARGE_CELL.because("a cell has 50,000 characters at most")
                }
            })?;
        Ok(Self { range, values, columns, opened_to, readers: Vec::new() })
    }

    /// Whether the values have room in the range: in its width, and in its height if they stay in it.
    fn check_room(&self, place: Place) -> Result<(), ApiError> {
        let range = &self.range;
        let wide = range
            .last_column
            .is_some_and(|last| self.columns > (last - range.first_column) as usize + 1);
        let high = place == Place::Over
            && range
                .last_row
                .is_some_and(|last| self.values.len() > (last - range.first_row) as usize + 1);
        if wide || high {
            return Err(codes::V2_RANGE.because("values has more rows or columns than its range"));
        }
        Ok(())
    }

    /// The parts of all values that have any.
    fn parts(&mut self) -> Vec<&mut RichPart> {
        let mut all = Vec::new();
        for value in self.values.iter_mut().flatten() {
            if let Written::Parts(parts) = value {
                all.extend(parts);
            }
        }
        all
    }

    /// Gives the people among the values their numbers, and documents their names.
    async fn resolve(&mut self, services: &Services, request: &Request) -> Result<(), ApiError> {
        let mut mentions = 0;
        let opened_to = std::mem::take(&mut self.opened_to);
        let mut readers = Vec::new();
        for part in self.parts() {
            match part {
                RichPart::Person { text, number, named_by, named } => {
                    mentions += 1;
                    if mentions > MOST_MENTIONS {
                        let why = "a call mentions 50 people at most";
                        return Err(codes::V2_EXCESS.because(why));
                    }
                    let user = person(services, request, named_by, named).await?;
                    if opened_to.iter().any(|(by, id)| by == named_by && id == named) {
                        readers.push(format!("user:{}", user.id));
                    }
                    *text = format!("@{}", user.name);
                    *number = user.number;
                }
                RichPart::Document { token, text, .. } => {
                    if let Some(name) = document(services, request, token).await? {
                        *text = name;
                    }
                }
                _ => {}
            }
        }
        self.readers = readers;
        Ok(())
    }

    /// The rows, the first of them in the row `first`.
    fn rows(&self, first: u32) -> Vec<Row> {
        let row = |(place, values): (usize, &Vec<Written>)| {
            let mut row = Row::new();
            row.start(first + place as u32);
            for (column, value) in (self.range.first_column..).zip(values) {
                let packed;
                let (value, formula) = match value {
                    Written::Empty => (CellValue::Empty, None),
                    Written::Bool(value) => (CellValue::Bool(*value), None),
                    Written::Number(number) => (CellValue::Number(*number), None),
                    Written::Text(text) => (CellValue::Text(text), None),
                    Written::Formula(formula) => (CellValue::Empty, Some(formula.as_str())),
                    Written::Parts(parts) => {
                        packed = Rich::pack(parts);
                        (CellValue::Rich(Rich::from_packed(&packed)), None)
                    }
                };
                row.push(Cell { column, style: 0, value, formula });
            }
            row
        };
        self.values.iter().enumerate().map(row).collect()
    }
}

/// The user somebody is mentioned as.
async fn person(
    services: &Services,
    request: &Request,
    named_by: &str,
    named: &str,
) -> Result<User, ApiError> {
    let (caller, platform) = (request.caller()?, &services.platform);
    let internal = |error: &dyn std::fmt::Display| codes::V2_FAIL.caused_by(error);
    let found = match named_by {
        "email" => users::by_email(&services.store.db, &caller.tenant, named)
            .await
            .map_err(|error| internal(&error))?,
        "openId" => platform
            .user_of_open_id(&caller.tenant, &caller.app, named)
            .await
            .map_err(|error| internal(&error))?,
        _ => platform
            .user_of_union_id(&caller.tenant, named)
            .await
            .map_err(|error| internal(&error))?,
    };
    found.ok_or_else(|| {
        let named: String = named.chars().take(80).collect();
        codes::V2_USERS.because(format!("nobody of the tenant is the {named_by} {named}"))
    })
}

/// The name of a document, if it is open to the caller.
async fn document(
    services: &Services,
    request: &Request,
    token: &str,
) -> Result<Option<String>, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    match access::find(db, request.caller()?, token, Access::View, now_ms).await {
        Ok(Found::Object(object)) if object.kind != ObjectKind::Folder => Ok(Some(object.name)),
        Ok(_) => Ok(None),
        Err(error) => Err(codes::V2_FAIL.caused_by(error)),
    }
}

/// What a write came to.
struct Done {
    token: String,
    revision: i64,
    range: String,
    rows: usize,
    columns: usize,
    cells: usize,
}

impl Done {
    fn updates(&self) -> Updates<'_> {
        Updates {
            revision: self.revision,
            spreadsheet_token: &self.token,
            updated_cells: self.cells,
            updated_columns: self.columns,
            updated_range: &self.range,
            updated_rows: self.rows,
        }
    }
}

async fn write(services: &Services, request: &Request, place: Place) -> Result<Done, ApiError> {
    let mut asked = Asked::read(request)?;
    asked.check_room(place)?;
    let token = request.path_value("spreadsheetToken").to_owned();
    // Looked at before anybody has to wait, and again in each turn.
    view::open(services, request, &token, Access::Edit, &view::V2).await?;
    asked.resolve(services, request).await?;
    let _alone = services.caches.editing.alone(&token).await;
    for _ in 0..TURNS {
        let opened = view::open(services, request, &token, Access::Edit, &view::V2).await?;
        let sheet = read::sheet(&opened, &asked.range.sheet)?;
        let change = change_of(services, &opened, sheet, &asked, place).await?;
        let first_row = change.rows.first().map_or(0, Row::index);
        let range = CellRange {
            first_row,
            first_column: asked.range.first_column,
            last_row: first_row + (asked.values.len() as u32 - 1),
            last_column: asked.range.first_column + (asked.columns as u32 - 1),
        };
        let range = format!("{}!{}", sheet.id, written(&range));
        match change::publish(services, &opened, sheet, change).await {
            Ok(revision) => {
                open_to(services, request, &opened, &asked.readers).await?;
                return Ok(Done {
                    token,
                    revision,
                    range,
                    rows: asked.values.len(),
                    columns: asked.columns,
                    cells: asked.values.iter().map(Vec::len).sum(),
                });
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(codes::V2_FAIL.caused_by(error)),
        }
    }
    Err(codes::V2_RETRY.because("others write to the spreadsheet all the time; try again later"))
}

/// Lets people read the spreadsheet, if the caller is one who may; nobody is told where not.
async fn open_to(
    services: &Services,
    request: &Request,
    opened: &Opened,
    readers: &[String],
) -> Result<(), ApiError> {
    if readers.is_empty() {
        return Ok(());
    }
    let (db, caller) = (&services.store.db, request.caller()?);
    let internal = |error: StoreError| codes::V2_FAIL.caused_by(error);
    if !platform::may(db, caller, &opened.object, Access::Manage).await.map_err(internal)? {
        return Ok(());
    }
    for identity in readers {
        let mut transaction = Transaction::new();
        let member = Member {
            object: opened.object.token.clone(),
            tenant: caller.tenant.clone(),
            identity: identity.clone(),
            reach: Reach::SinglePage,
            perm: Perm::View,
            added_by: caller.creator(),
            added_ms: services.clock.now_ms(),
        };
        members::put(&mut transaction, &member);
        match db.commit(transaction).await {
            // Who may do more already, may.
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(internal(error)),
        }
    }
    Ok(())
}

/// What `asked` changes about the sheet as it is now.
async fn change_of(
    services: &Services,
    opened: &Opened,
    sheet: &SheetRecord,
    asked: &Asked,
    place: Place,
) -> Result<Change, ApiError> {
    let position = usize::try_from(sheet.position).unwrap_or(usize::MAX);
    let range = &asked.range;
    let first = match place {
        Place::Over | Place::Above => range.first_row,
        Place::Below { .. } => opened
            .book(services)
            .first_blank(position, range.first_column, range.first_row)
            .await
            .map_err(|error| codes::V2_FAIL.caused_by(error))?,
    };
    let rows = asked.values.len() as u32;
    let insert = match place {
        Place::Above | Place::Below { insert: true } => Some((first, rows)),
        Place::Over | Place::Below { insert: false } => None,
    };
    let counted = |count: i64| u64::try_from(count).unwrap_or(0);
    let (first_row, written) = (u64::from(first), u64::from(rows));
    let row_count = match insert {
        Some(_) => counted(sheet.row_count).max(first_row) + written,
        None => counted(sheet.row_count).max(first_row + written),
    };
    let columns = u64::from(range.first_column) + asked.columns as u64;
    let column_count = counted(sheet.column_count).max(columns);
    if column_count > 13_000 {
        let why = "a sheet has 13,000 columns at most, up to SEZ";
        return Err(codes::V2_ROW_OR_COLUMN.because(why));
    }
    if row_count.saturating_mul(column_count) > SHEET_CELLS {
        let why = "a sheet has 5,000,000 cells at most, the empty ones too";
        return Err(codes::V2_CELLS.because(why));
    }
    Ok(Change { sheet: position, insert, rows: asked.rows(first) })
}

/// `sheetsV2ValuesPut`.
pub(super) async fn put(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let done = write(&services, &request, Place::Over).await?;
    Answer::data(&done.updates())
}

/// `sheetsV2ValuesAppend`.
pub(super) async fn append(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let insert = match request.query.text("insertDataOption").as_deref() {
        None | Some("OVERWRITE") => false,
        Some("INSERT_ROWS") => true,
        Some(_) => {
            let why = "insertDataOption is OVERWRITE or INSERT_ROWS";
            return Err(codes::V2_PARAMETER.because(why));
        }
    };
    put_in(&services, &request, Place::Below { insert }).await
}

/// `sheetsV2ValuesPrepend`.
pub(super) async fn prepend(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    put_in(&services, &request, Place::Above).await
}

async fn put_in(services: &Services, request: &Request, place: Place) -> Result<Answer, ApiError> {
    let done = write(services, request, place).await?;
    Answer::data(&PutInData {
        spreadsheet_token: &done.token,
        table_range: &done.range,
        revision: done.revision,
        updates: done.updates(),
    })
}
