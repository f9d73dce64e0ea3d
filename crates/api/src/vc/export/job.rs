//! The work: records, page by page -> rows of a workbook -> a file. A report is made of the server's
//! own records and not of anybody's bytes, so it is written on a thread of this process; only
//! conversions need a child.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_formats::{Error as FormatError, ReportColumn, ReportRow, ReportSource, write_report};
use larkspur_model::id::{AppId, ObjectToken, TenantId};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_model::time::{HOUR_MS, Millis};
use larkspur_store::meetings::{
    self, Meeting, MeetingFilter, Participant, Place, Reservation, ReservationFilter, Sample, Who,
};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::sheets::{self, Show};
use crate::vc::permission::{self, Visible};
use crate::vc::shown::Zone;
use crate::{JobParts, access};

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "vc.export";
/// Marks the files of this family among those that exports made.
pub(super) const MARK: &str = "vc";
/// How long a report lives; nothing documents it.
const FILE_LIFE_MS: Millis = 7 * 24 * HOUR_MS;
/// Records of a page; chunks of minutes that make one.
const PAGE_ROWS: i64 = 1_000;
const PAGE_CHUNKS: i64 = 16;
/// Pages that wait to be written.
const WAITING_PAGES: usize = 2;
/// The media type of workbooks.
const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What is stored with a task. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) report: Report,
    /// Rows there were when it was asked for; long reports are not counted to their end.
    pub(super) rows: i64,
    pub(super) visible: Visible,
    pub(super) utc_offset_minutes: i64,
}

/// Which report.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Report {
    /// Meetings.
    Meetings { filter: MeetingFilter },
    /// Stays in a meeting.
    Participants { meeting: String, who: Who },
    /// Minutes of a stay.
    Quality { participant: String },
    /// Reservations, with what they are for or without.
    Reservations { filter: ReservationFilter, topic: bool },
}

impl Report {
    /// Its name, which its sheet and its file have too (contract, `vc_export_sheets`).
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Meetings { .. } => "会议明细",
            Self::Participants { .. } => "参会人明细",
            Self::Quality { .. } => "参会人会议质量数据",
            Self::Reservations { .. } => "会议室预定数据",
        }
    }

    /// Its columns.
    pub(super) const fn columns(&self) -> &'static [ReportColumn] {
        match self {
            Self::Meetings { .. } => sheets::MEETINGS,
            Self::Participants { .. } => sheets::PARTICIPANTS,
            Self::Quality { .. } => sheets::QUALITY,
            Self::Reservations { .. } => sheets::RESERVATIONS,
        }
    }
}

/// What a finished task made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) token: ObjectToken,
    pub(super) size_bytes: i64,
    pub(super) rows: u64,
}

/// Makes reports.
pub(super) struct ReportJob {
    parts: JobParts,
}

fn fail(kind: FailureKind, message: &str) -> Stop {
    Stop::Fail(Failure::new(kind, message))
}

/// Records on their way from the database to the file.
enum Page {
    Meetings(Vec<Meeting>),
    Participants(Vec<Participant>),
    Samples(Vec<Sample>),
    Reservations(Vec<Reservation>),
}

impl Page {
    const fn len(&self) -> usize {
        match self {
            Self::Meetings(records) => records.len(),
            Self::Participants(records) => records.len(),
            Self::Samples(records) => records.len(),
            Self::Reservations(records) => records.len(),
        }
    }
}

/// Rows of the pages that arrive.
struct Pages {
    show: Show,
    arriving: Receiver<Page>,
    page: Page,
    next: usize,
}

impl ReportSource for Pages {
    fn next(&mut self, row: &mut ReportRow) -> Result<bool, FormatError> {
        while self.next == self.page.len() {
            let Some(page) = self.arriving.blocking_recv() else { return Ok(false) };
            (self.page, self.next) = (page, 0);
        }
        match &self.page {
            Page::Meetings(records) => self.show.meeting(&records[self.next], row),
            Page::Participants(records) => self.show.participant(&records[self.next], row),
            Page::Samples(records) => self.show.sample(&records[self.next], row),
            Page::Reservations(records) => self.show.reservation(&records[self.next], row),
        }
        self.next += 1;
        Ok(true)
    }
}

/// Writes what arrives, to its end.
fn write(report: &Report, mut pages: Pages, path: &Path) -> Result<u64, FormatError> {
    let file = std::fs::File::create(path)?;
    let mut file = BufWriter::with_capacity(1 << 18, file);
    write_report(report.name(), report.columns(), &mut pages, &mut file)
}

#[async_trait]
impl Job for ReportJob {
    fn family(&self) -> &'static str {
        FAMILY
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|error| fail(FailureKind::Internal, &format!("stored payload: {error}")))?;
        let (tenant, app) = (TenantId::from(&*attempt.tenant), AppId::from(&*attempt.app));
        let db = &self.parts.store.db;
        let caller =
            access::caller_of(db, &tenant, &app, &attempt.creator).await.map_err(Stop::retry)?;
        if !permission::manages_meetings(db, &caller).await.map_err(Stop::retry)? {
            let why = "whoever asked for the report does not manage meetings any more";
            return Err(fail(FailureKind::Forbidden, why));
        }
        let folder = self.parts.store.blobs.scratch().map_err(Stop::retry)?;
        let path = folder.path().join("report.xlsx");
        let rows = self.make(attempt, &tenant, payload.clone(), path.clone()).await?;
        attempt.progress(Progress { stage: "storing".to_owned(), done: rows, total: rows });
        self.store(attempt, &tenant, &app, payload.report.name(), &path, rows).await
    }
}

impl ReportJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }

    /// Makes the report's file: one thread writes what is read here.
    async fn make(
        &self,
        attempt: &Attempt,
        tenant: &TenantId,
        payload: Payload,
        path: PathBuf,
    ) -> Result<u64, Stop> {
        let (send, arriving) = channel(WAITING_PAGES);
        let topic = matches!(payload.report, Report::Reservations { topic: true, .. });
        let zone = Zone::new(payload.utc_offset_minutes);
        let show = Show { zone, visible: payload.visible, topic };
        let pages = Pages { show, arriving, page: Page::Meetings(Vec::new()), next: 0 };
        let report = payload.report.clone();
        let writing = tokio::task::spawn_blocking(move || write(&report, pages, &path));
        let read = self.read(attempt, tenant, &payload, send).await;
        let written = writing.await.map_err(Stop::retry)?;
        read?;
        written.map_err(|error| match error {
            FormatError::Io(error) => Stop::retry(error),
            error => fail(FailureKind::Internal, &error.to_string()),
        })
    }

    /// Reads all records and hands them on. Nobody takes them where the writing has failed, which
    /// then says why.
    async fn read(
        &self,
        attempt: &Attempt,
        tenant: &TenantId,
        payload: &Payload,
        pages: Sender<Page>,
    ) -> Result<(), Stop> {
        let total = u64::try_from(payload.rows).unwrap_or(0);
        let mut next = Next::first(&payload.report);
        let mut done = 0;
        loop {
            if attempt.cancelled().is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let page = next.page(self, tenant, &payload.report).await.map_err(Stop::retry)?;
            let count = page.len() as u64;
            if count == 0 || pages.send(page).await.is_err() {
                return Ok(());
            }
            done += count;
            let total = total.max(done);
            attempt.progress(Progress { stage: "writing".to_owned(), done, total });
        }
    }

    /// Stores the file, and says how it becomes visible.
    async fn store(
        &self,
        attempt: &Attempt,
        tenant: &TenantId,
        app: &AppId,
        name: &str,
        path: &Path,
        rows: u64,
    ) -> Result<Success, Stop> {
        let key = attempt.blob_key("report");
        let size = self.parts.store.blobs.put_file(&key, path).await.map_err(Stop::retry)?;
        let now_ms = self.parts.clock.now_ms();
        let file = Object {
            token: ObjectToken(self.parts.ids.token()),
            tenant: tenant.clone(),
            kind: ObjectKind::Export,
            name: format!("{name}.xlsx"),
            parent: None,
            route: None,
            owner: attempt.creator.clone(),
            creator_app: app.clone(),
            size_bytes: size as i64,
            blob_key: Some(key),
            extension: "xlsx".to_owned(),
            media_type: MEDIA_TYPE.to_owned(),
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: Some(now_ms + FILE_LIFE_MS),
            deleted_ms: None,
            extra: MARK.to_owned(),
        };
        let mut publish = Transaction::new();
        objects::insert(&mut publish, &file);
        let output = Output { token: file.token, size_bytes: file.size_bytes, rows };
        let output = serde_json::to_vec(&output).map_err(Stop::retry)?;
        Ok(Success { output, publish, ..Success::default() })
    }
}

/// Where the next page begins.
enum Next {
    Behind(Place),
    Minute(i64),
}

impl Next {
    fn first(report: &Report) -> Self {
        match report {
            Report::Meetings { filter } => Self::Behind(Place::before(filter.from_s)),
            Report::Participants { .. } => Self::Behind(Place::before(0)),
            Report::Quality { .. } => Self::Minute(0),
            Report::Reservations { filter, .. } => Self::Behind(Place::before(filter.from_s)),
        }
    }

    /// Reads a page and moves behind it; an empty one is the end.
    async fn page(
        &mut self,
        job: &ReportJob,
        tenant: &TenantId,
        report: &Report,
    ) -> Result<Page, larkspur_store::Error> {
        let db = &job.parts.store.db;
        let behind = match self {
            Self::Behind(place) => place.clone(),
            Self::Minute(_) => Place::before(0),
        };
        let (page, place) = match report {
            Report::Meetings { filter } => {
                let page = meetings::meetings(db, tenant, filter, &behind, PAGE_ROWS).await?;
                let place = page.last().map(|last| (last.start_time, last.id.clone()));
                (Page::Meetings(page), place)
            }
            Report::Participants { meeting, who } => {
                let page =
                    meetings::participants(db, tenant, meeting, who, &behind, PAGE_ROWS).await?;
                let place = page.last().map(|last| (last.join_time, last.id.clone()));
                (Page::Participants(page), place)
            }
            Report::Reservations { filter, .. } => {
                let page = meetings::reservations(db, tenant, filter, &behind, PAGE_ROWS).await?;
                let place = page.last().map(|last| (last.start_time, last.id.clone()));
                (Page::Reservations(page), place)
            }
            Report::Quality { participant } => {
                let from = if let Self::Minute(minute) = self { *minute } else { 0 };
                let page = meetings::samples(db, tenant, participant, from, PAGE_CHUNKS).await?;
                if let Some(last) = page.last() {
                    *self = Self::Minute(last.minute + 1);
                }
                return Ok(Page::Samples(page));
            }
        };
        if let Some((time_s, id)) = place {
            *self = Self::Behind(Place { time_s, id });
        }
        Ok(page)
    }
}
