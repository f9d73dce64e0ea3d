//! Values of one range, and of several (contract, "Reading").

use std::sync::Arc;

use bytes::Bytes;
use larkspur_model::workbook::CellRange;
use larkspur_platform::Access;
use larkspur_store::spreadsheets::SheetRecord;

use super::codes;
use super::range::{AskedRange, Misread, written};
use super::rich::PersonId;
use super::values::{Render, Shown, TooLarge, ValuesWriter};
use super::view::{self, Opened};
use crate::{Answer, ApiError, Request, Services};

/// Why a range is refused.
pub(super) fn misread(why: Misread) -> ApiError {
    match why {
        Misread::NoSheet => codes::V2_NO_SHEET_ID
            .because("a range begins with the id of a sheet; sheets/query lists them"),
        Misread::Sheet => codes::V2_SHEET_ID
            .because("the id of a sheet has letters and digits alone; sheets/query lists them"),
        Misread::Cells => codes::V2_RANGE
            .because("a range is <sheetId>!A1:B5, <sheetId>!A:B, <sheetId>!A2:B or <sheetId>"),
        Misread::Outside => codes::V2_ROW_OR_COLUMN
            .because("rows count from 1 to 5,000,000, columns to the 13,000th, SEZ"),
    }
}

/// The sheet a range names.
pub(super) fn sheet<'a>(opened: &'a Opened, id: &str) -> Result<&'a SheetRecord, ApiError> {
    let found = opened.sheets.iter().find(|record| record.id.as_str() == id);
    found.ok_or_else(|| {
        codes::V2_SHEET_NOT_FOUND
            .because("the spreadsheet has no sheet of this id; sheets/query lists them")
    })
}

/// A range as it was asked for, and the cells of the sheet that it means.
struct Wanted {
    asked: String,
    sheet: usize,
    id: String,
    cells: Option<CellRange>,
}

impl Wanted {
    fn new(opened: &Opened, asked: &str, range: &AskedRange) -> Result<Self, ApiError> {
        let record = sheet(opened, &range.sheet)?;
        let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self {
            asked: asked.to_owned(),
            sheet: usize::try_from(record.position).unwrap_or(usize::MAX),
            id: record.id.to_string(),
            cells: range.resolve(count(record.row_count), count(record.column_count)),
        })
    }

    /// The cells of it, each empty one too.
    fn count(&self) -> u64 {
        self.cells.map_or(0, |range| {
            let rows = u64::from(range.last_row - range.first_row) + 1;
            rows * (u64::from(range.last_column - range.first_column) + 1)
        })
    }

    /// What stands before its values, and says which they are.
    fn head(&self, revision: i64) -> String {
        let range = match &self.cells {
            Some(range) => format!("{}!{}", self.id, written(range)),
            None => self.asked.clone(),
        };
        let range = serde_json::Value::String(range);
        format!(
            "{{\"majorDimension\":\"ROWS\",\"range\":{range},\"revision\":{revision},\"values\":"
        )
    }
}

fn shown(services: &Services, request: &Request) -> Result<Shown, ApiError> {
    let render =
        Render::parse(request.query.text("valueRenderOption").as_deref()).ok_or_else(|| {
            codes::V2_PARAMETER.because(
                "valueRenderOption is ToString, Formula, FormattedValue or UnformattedValue",
            )
        })?;
    let dates_as_text = match request.query.text("dateTimeRenderOption").as_deref() {
        None => false,
        Some("FormattedString") => true,
        Some(_) => {
            return Err(codes::V2_PARAMETER.because("dateTimeRenderOption is FormattedString"));
        }
    };
    let caller = request.caller()?;
    let platform = || Arc::clone(&services.platform);
    let people = match request.query.text("user_id_type").as_deref() {
        None | Some("lark_id") => PersonId::AsWritten,
        Some("open_id") => PersonId::Open(platform(), caller.app.clone()),
        Some("union_id") => PersonId::Union(platform(), caller.tenant.clone()),
        Some(_) => {
            return Err(codes::V2_PARAMETER.because("user_id_type is lark_id, open_id or union_id"));
        }
    };
    Ok(Shown { render, dates_as_text, people })
}

/// A writer on its way through several ranges, and whether it stopped because the answer is too large.
struct Writing {
    writer: ValuesWriter,
    /// What comes before the values of each range, and where those are.
    ranges: Vec<(String, usize, CellRange)>,
    place: usize,
    outcome: Result<(), TooLarge>,
}

impl Writing {
    fn begin(&mut self, place: usize) {
        if self.outcome.is_err() {
            return;
        }
        if place > 0 {
            self.end();
            self.writer.out().push(b',');
        }
        self.place = place;
        let (head, sheet, range) = &self.ranges[place];
        self.writer.out().extend_from_slice(head.as_bytes());
        self.writer.begin(*sheet, *range);
    }

    fn end(&mut self) {
        if self.outcome.is_ok() {
            self.outcome = self.writer.end();
            self.writer.out().push(b'}');
        }
    }
}

/// Writes the ranges, which all have cells, behind `head`.
async fn write(
    services: &Services,
    opened: &Opened,
    shown: Shown,
    wanted: &[Wanted],
    head: Vec<u8>,
) -> Result<Vec<u8>, ApiError> {
    let too_large = |TooLarge| {
        codes::V2_TOO_LARGE.because("an answer has 10 MB at most; ask for smaller or fewer ranges")
    };
    let mut ranges = Vec::new();
    for one in wanted {
        let Some(range) = one.cells else { continue };
        ValuesWriter::check_size(&range).map_err(too_large)?;
        ranges.push((one.head(opened.record.revision), one.sheet, range));
    }
    if ranges.is_empty() {
        return Ok(head);
    }
    let windows = ranges.iter().map(|(_, sheet, range)| (*sheet, *range)).collect();
    let writer = ValuesWriter::new(Arc::clone(&opened.manifest), shown, head);
    let book = opened.book(services);
    let writing = book.windows(
        windows,
        Writing { writer, ranges, place: 0, outcome: Ok(()) },
        Writing::begin,
        |writing, row| {
            if writing.outcome.is_ok() {
                writing.outcome = writing.writer.row(row);
            }
            writing.outcome.is_ok()
        },
    );
    let mut writing = writing.await.map_err(|error| codes::V2_FAIL.caused_by(error))?;
    writing.end();
    writing.outcome.map_err(too_large)?;
    Ok(writing.writer.into_bytes())
}

/// `sheetsV2ValuesGet`.
pub(super) async fn one(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let asked = request.path_value("range");
    let range = AskedRange::parse(asked).map_err(misread)?;
    let shown = shown(&services, &request)?;
    let token = request.path_value("spreadsheetToken");
    let opened = view::open(&services, &request, token, Access::View, &view::V2).await?;
    let wanted = Wanted::new(&opened, asked, &range)?;
    let (revision, token) = (opened.record.revision, opened.object.token.as_str());
    let head = format!(
        "{{\"code\":0,\"msg\":\"success\",\"data\":{{\"revision\":{revision},\
         \"spreadsheetToken\":\"{token}\",\"valueRange\":"
    );
    let mut body = if wanted.cells.is_none() {
        format!("{head}{}[]}}", wanted.head(revision)).into_bytes()
    } else {
        write(&services, &opened, shown, &[wanted], head.into_bytes()).await?
    };
    body.extend_from_slice(b"}}");
    Ok(Answer::Json(Bytes::from(body)))
}

/// `sheetsV2ValuesBatchGet`.
pub(super) async fn several(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let ranges = request.query.text("ranges").ok_or_else(|| {
        codes::V2_PARAMETER.because("ranges is required: one or more ranges with commas between")
    })?;
    let read = |asked: &str| AskedRange::parse(asked).map(|range| (asked.to_owned(), range));
    let asked: Vec<(String, AskedRange)> = ranges
        .split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(misread)?;
    let shown = shown(&services, &request)?;
    let token = request.path_value("spreadsheetToken");
    let opened = view::open(&services, &request, token, Access::View, &view::V2).await?;
    let wanted: Vec<Wanted> = asked
        .iter()
        .map(|(asked, range)| Wanted::new(&opened, asked, range))
        .collect::<Result<_, _>>()?;
    let cells: u64 = wanted.iter().map(Wanted::count).sum();
    let (revision, token) = (opened.record.revision, opened.object.token.as_str());
    let head = format!(
        "{{\"code\":0,\"msg\":\"success\",\"data\":{{\"revision\":{revision},\
         \"spreadsheetToken\":\"{token}\",\"totalCells\":{cells},\"valueRanges\":["
    );
    // Runs of ranges that have cells are written in one walk, those that have none between them.
    let mut body = head.into_bytes();
    for (place, run) in wanted.chunk_by(|a, b| a.cells.is_some() && b.cells.is_some()).enumerate() {
        if place > 0 {
            body.push(b',');
        }
        if run.iter().all(|one| one.cells.is_none()) {
            let empty: Vec<String> =
                run.iter().map(|one| format!("{}[]}}", one.head(revision))).collect();
            body.extend_from_slice(empty.join(",").as_bytes());
        } else {
            body = write(&services, &opened, shown.clone(), run, body).await?;
        }
    }
    body.extend_from_slice(b"]}}");
    Ok(Answer::Json(Bytes::from(body)))
}
