//! Keeps the records of a stream in batches, and counts them. Memory does not grow with the stream.

use larkspur_model::id::TenantId;
use larkspur_store::meetings::{self, Sample};
use larkspur_store::sql::Transaction;
use larkspur_store::{Db, Error};
use serde::{Deserialize, Serialize};

use super::quality;
use super::records::{Record, parse};

/// Statements of a transaction.
const BATCH_STATEMENTS: usize = 500;
/// Minutes that are kept together: those of one participant usually follow each other.
const BATCH_SAMPLES: usize = 20_000;
/// Refused lines that are told one by one.
const MOST_TOLD: usize = 100;

/// How many records of each kind were kept, and what was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// Lines that had something on them.
    pub lines: u64,
    /// Meetings.
    pub meetings: u64,
    /// Stays of people and rooms in them.
    pub participants: u64,
    /// Minutes of stays.
    pub quality: u64,
    /// Levels of rooms.
    pub room_levels: u64,
    /// Rooms.
    pub rooms: u64,
    /// Reservations.
    pub reservations: u64,
    /// Rights to manage meetings.
    pub managers: u64,
    /// Settings of the tenant.
    pub tenants: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// The first hundred of them.
    pub refusals: Vec<Refused>,
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

/// Takes records line by line.
#[derive(Debug)]
pub struct Loader {
    db: Db,
    tenant: TenantId,
    kind: Option<String>,
    check: bool,
    number: u64,
    loaded: Loaded,
    batch: Transaction,
    samples: Vec<(String, Sample)>,
}

impl Loader {
    /// A loader of records of `tenant`.
    pub fn new(db: Db, tenant: TenantId) -> Self {
        Self {
            db,
            tenant,
            kind: None,
            check: false,
            number: 0,
            loaded: Loaded::default(),
            batch: Transaction::new(),
            samples: Vec::new(),
        }
    }

    /// Lines without a `kind` are of this one.
    #[must_use]
    pub fn of_kind(self, kind: String) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Nothing is kept.
    #[must_use]
    pub fn only_checking(self) -> Self {
        Self { check: true, ..self }
    }

    /// Takes the next line, JSON or blank. What is wrong with it is noted, not an error.
    ///
    /// # Errors
    /// What the store could not keep.
    pub async fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        self.number += 1;
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        self.loaded.lines += 1;
        let kept = match quality::parse(line, self.kind.as_deref()) {
            Some(Ok(sample)) => {
                self.loaded.quality += 1;
                self.samples.push(sample);
                Ok(())
            }
            Some(Err(message)) => Err(message),
            None => match parse(line, self.kind.as_deref()) {
                Ok(record) => {
                    self.count_and_keep(&record)?;
                    Ok(())
                }
                Err(message) => Err(message),
            },
        };
        if let Err(message) = kept {
            self.loaded.refused += 1;
            if self.loaded.refusals.len() < MOST_TOLD {
                self.loaded.refusals.push(Refused { line: self.number, message });
            }
        }
        if self.batch.len() >= BATCH_STATEMENTS || self.samples.len() >= BATCH_SAMPLES {
            self.flush().await?;
        }
        Ok(())
    }

    fn count_and_keep(&mut self, record: &Record) -> Result<(), Error> {
        let (batch, tenant) = (&mut self.batch, &self.tenant);
        let count = match record {
            Record::Meeting(meeting) => {
                meetings::put_meeting(batch, tenant, meeting)?;
                &mut self.loaded.meetings
            }
            Record::Participant(stay) => {
                meetings::put_participant(batch, tenant, stay)?;
                &mut self.loaded.participants
            }
            Record::RoomLevel(level) => {
                meetings::put_room_level(batch, tenant, level);
                &mut self.loaded.room_levels
            }
            Record::Room(room) => {
                meetings::put_room(batch, tenant, room);
                &mut self.loaded.rooms
            }
            Record::Reservation(reservation) => {
                meetings::put_reservation(batch, tenant, reservation)?;
                &mut self.loaded.reservations
            }
            Record::Manager { holder, allowed } => {
                meetings::put_manager(batch, tenant, holder, *allowed);
                &mut self.loaded.managers
            }
            Record::Tenant { utc_offset_minutes } => {
                meetings::put_utc_offset(batch, tenant, *utc_offset_minutes);
                &mut self.loaded.tenants
            }
        };
        *count += 1;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.batch);
        if !self.check {
            self.db.commit(batch).await?;
            meetings::put_samples(&self.db, &self.tenant, &self.samples).await?;
        }
        self.samples.clear();
        Ok(())
    }

    /// Keeps what is left, and says what came of it all.
    ///
    /// # Errors
    /// What the store could not keep.
    pub async fn finish(mut self) -> Result<Loaded, Error> {
        self.flush().await?;
        Ok(self.loaded)
    }
}
