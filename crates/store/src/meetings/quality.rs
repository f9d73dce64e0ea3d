//! How well a participant heard, saw and was heard, minute by minute: 52 numbers each. Minutes are
//! kept 64 at a time, packed column by column, which takes a tenth of what rows would.

use std::collections::BTreeMap;

use larkspur_model::id::TenantId;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Kilobits a second.
    Kbps,
    /// Milliseconds.
    Ms,
    /// Tenths of a percent.
    Permille,
    /// Decibels.
    Db,
    /// Pictures a second.
    Fps,
    /// Lines of a picture: 1080, 2160.
    Lines,
}

/// One of the numbers.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in files that are loaded.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
}

macro_rules! metrics {
    ($($name:literal $unit:ident),* $(,)?) => {
        [$(Metric { name: $name, unit: Unit::$unit }),*]
    };
}

/// All numbers of a minute. The first [`REPORTED`] are the columns of the platform's report, in its
/// order (contract, `vc_export_sheets`). The order is how they are stored: only ever add at the end.
pub const METRICS: [Metric; 52] = metrics![
    "audio_bitrate_received" Kbps,
    "audio_latency_received" Ms,
    "audio_jitter_received" Ms,
    "audio_loss_avg_received" Permille,
    "audio_loss_max_received" Permille,
    "audio_bitrate_sent" Kbps,
    "audio_latency_sent" Ms,
    "audio_jitter_sent" Ms,
    "audio_loss_avg_sent" Permille,
    "audio_loss_max_sent" Permille,
    "video_bitrate_received" Kbps,
    "video_latency_received" Ms,
    "video_jitter_received" Ms,
    "video_loss_avg_received" Permille,
    "video_loss_max_received" Permille,
    "video_bitrate_sent" Kbps,
    "video_latency_sent" Ms,
    "video_jitter_sent" Ms,
    "video_loss_avg_sent" Permille,
    "video_loss_max_sent" Permille,
    "sharing_bitrate_received" Kbps,
    "sharing_latency_received" Ms,
    "sharing_jitter_received" Ms,
    "sharing_loss_avg_received" Permille,
    "sharing_loss_max_received" Permille,
    "sharing_bitrate_sent" Kbps,
    "sharing_latency_sent" Ms,
    "sharing_jitter_sent" Ms,
    "sharing_loss_avg_sent" Permille,
    "sharing_loss_max_sent" Permille,
    "client_cpu_min" Permille,
    "client_cpu_avg" Permille,
    "client_cpu_max" Permille,
    "system_cpu_max" Permille,
    "system_cpu_avg" Permille,
    "network_delay" Ms,
    "network_bitrate_received" Kbps,
    "network_loss_avg_received" Permille,
    "network_loss_max_received" Permille,
    "network_bitrate_sent" Kbps,
    "network_loss_avg_sent" Permille,
    "network_loss_max_sent" Permille,
    "mic_volume" Db,
    "speaker_volume" Db,
    "video_resolution_received" Lines,
    "video_framerate_received" Fps,
    "video_resolution_sent" Lines,
    "video_framerate_sent" Fps,
    "sharing_resolution_received" Lines,
    "sharing_framerate_received" Fps,
    "sharing_resolution_sent" Lines,
    "sharing_framerate_sent" Fps,
];

/// How many of the numbers the report has.
pub const REPORTED: usize = 34;
/// Minutes of a chunk: bits of the map that says which are there.
const CHUNK_MINUTES: i64 = 64;
/// The way chunks are packed.
const VERSION: u8 = 1;
/// Chunks that one transaction changes.
const CHUNKS_AT_ONCE: usize = 256;
/// How often chunks that somebody else changed meanwhile are looked at again.
const MOST_TRIES: usize = 8;
/// No chunk unpacks to more than this: each of its numbers takes at most five bytes.
const MOST_BYTES: usize = 9 + METRICS.len() * CHUNK_MINUTES as usize * 5;

/// The place of a number by its name.
///
/// # Panics
/// Where there is none of that name.
pub const fn metric(name: &str) -> usize {
    let mut index = 0;
    while index < METRICS.len() {
        let (a, b) = (METRICS[index].name.as_bytes(), name.as_bytes());
        let mut at = 0;
        while a.len() == b.len() && at < a.len() && a[at] == b[at] {
            at += 1;
        }
        if a.len() == b.len() && at == a.len() {
            return index;
        }
        index += 1;
    }
    panic!("there is no number of this name")
}

/// One minute of one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The minute: seconds since the epoch, divided by 60.
    pub minute: i64,
    values: [i32; METRICS.len()],
}

impl Sample {
    /// Stands for a number that was not measured.
    const NONE: i32 = i32::MIN;

    /// A minute of which nothing is known.
    pub const fn new(minute: i64) -> Self {
        Self { minute, values: [Self::NONE; METRICS.len()] }
    }

    /// The number at `index` of [`METRICS`], if it was measured.
    pub fn get(&self, index: usize) -> Option<i32> {
        self.values.get(index).copied().filter(|value| *value != Self::NONE)
    }

    /// Notes the number at `index`; one that does not exist is ignored.
    pub fn set(&mut self, index: usize, value: i32) {
        if let Some(slot) = self.values.get_mut(index) {
            *slot = value.max(Self::NONE + 1);
        }
    }

    const fn chunk(&self) -> i64 {
        self.minute.div_euclid(CHUNK_MINUTES)
    }

    const fn bit(&self) -> u32 {
        self.minute.rem_euclid(CHUNK_MINUTES) as u32
    }
}

/// Minutes in a chunk, by their bits.
type Minutes = BTreeMap<u32, Sample>;

fn push(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn pop(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Packs a chunk: which minutes, then each number over all of them as steps from one to the next.
/// 0 stands for one that was not measured.
fn pack(minutes: &Minutes) -> Result<Vec<u8>, Error> {
    let map = minutes.keys().fold(0_u64, |map, bit| map | 1 << bit);
    let mut plain = Vec::with_capacity(minutes.len() * METRICS.len() * 2 + 9);
    plain.extend_from_slice(&map.to_le_bytes());
    for index in 0..METRICS.len() {
        let mut last = 0_i64;
        for sample in minutes.values() {
            let Some(value) = sample.get(index) else {
                plain.push(0);
                continue;
            };
            let step = i64::from(value) - last;
            last = i64::from(value);
            push((((step << 1) ^ (step >> 63)) as u64) + 1, &mut plain);
        }
    }
    let mut packed = zstd::bulk::compress(&plain, 1)?;
    packed.insert(0, VERSION);
    Ok(packed)
}

fn unpack(chunk: i64, packed: &[u8]) -> Result<Minutes, Error> {
    let damaged = || Error::corrupt("samples of vc_quality");
    let (&version, packed) = packed.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        return Err(damaged());
    }
    let plain = zstd::bulk::decompress(packed, MOST_BYTES).map_err(|_| damaged())?;
    let (map, mut bytes) = plain.split_first_chunk::<8>().ok_or_else(damaged)?;
    let map = u64::from_le_bytes(*map);
    let mut minutes: Minutes = (0..u64::BITS)
        .filter(|bit| map >> bit & 1 == 1)
        .map(|bit| (bit, Sample::new(chunk * CHUNK_MINUTES + i64::from(bit))))
        .collect();
    for index in 0..METRICS.len() {
        let mut last = 0_i64;
        for sample in minutes.values_mut() {
            let number = pop(&mut bytes).ok_or_else(damaged)?;
            if let Some(step) = number.checked_sub(1) {
                last += (step >> 1) as i64 ^ -((step & 1) as i64);
                sample.set(index, i32::try_from(last).map_err(|_| damaged())?);
            }
        }
    }
    Ok(minutes)
}

/// Keeps minutes of participants, in place of those that are there. Each transaction changes some
/// hundred chunks; what was kept before an error stays.
///
/// # Errors
/// [`Error::Unavailable`]; [`Error::Conflict`] where others change the same minutes all the time.
pub async fn put_samples(
    db: &Db,
    tenant: &TenantId,
    samples: &[(String, Sample)],
) -> Result<(), Error> {
    let mut chunks: BTreeMap<(&str, i64), Vec<&Sample>> = BTreeMap::new();
    for (participant, sample) in samples {
        chunks.entry((participant, sample.chunk())).or_default().push(sample);
    }
    let chunks: Vec<_> = chunks.into_iter().collect();
    for some in chunks.chunks(CHUNKS_AT_ONCE) {
        let mut tries = 0;
        loop {
            let mut transaction = Transaction::new();
            for ((participant, chunk), samples) in some {
                put_chunk(db, &mut transaction, tenant, participant, *chunk, samples).await?;
            }
            tries += 1;
            match db.commit(transaction).await {
                Ok(_) => break,
                Err(Error::Conflict { .. }) if tries < MOST_TRIES => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

async fn put_chunk(
    db: &Db,
    transaction: &mut Transaction,
    tenant: &TenantId,
    participant: &str,
    chunk: i64,
    samples: &[&Sample],
) -> Result<(), Error> {
    let sql = "SELECT version, samples FROM vc_quality \
               WHERE tenant = $1 AND participant = $2 AND chunk = $3";
    let found = db.query_one(sql, params![tenant.as_str(), participant, chunk]).await?;
    let (version, mut minutes) = match found {
        Some(row) => (row.int(0)?, unpack(chunk, row.bytes(1)?)?),
        None => (0, Minutes::new()),
    };
    minutes.extend(samples.iter().map(|sample| (sample.bit(), **sample)));
    transaction.require(
        "vc_quality",
        1,
        "INSERT INTO vc_quality (tenant, participant, chunk, version, minutes, samples) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, participant, chunk) \
         DO UPDATE SET version = excluded.version, minutes = excluded.minutes, \
         samples = excluded.samples WHERE vc_quality.version = $7",
        params![
            tenant.as_str(),
            participant,
            chunk,
            version + 1,
            minutes.len() as i64,
            pack(&minutes)?,
            version
        ],
    );
    Ok(())
}

/// Minutes of a participant from `from_minute` on, in order: those of up to `most_chunks` chunks.
/// None are left where it is empty; else the next page begins a minute behind the last.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Corrupt`].
pub async fn samples(
    db: &Db,
    tenant: &TenantId,
    participant: &str,
    from_minute: i64,
    most_chunks: i64,
) -> Result<Vec<Sample>, Error> {
    let sql = "SELECT chunk, samples FROM vc_quality WHERE tenant = $1 AND participant = $2 \
               AND chunk >= $3 ORDER BY chunk LIMIT $4";
    let mut first = from_minute.div_euclid(CHUNK_MINUTES);
    loop {
        let rows =
            db.query_large(sql, params![tenant.as_str(), participant, first, most_chunks]).await?;
        let mut found = Vec::with_capacity(rows.len() * CHUNK_MINUTES as usize);
        for row in &rows {
            let chunk = row.int(0)?;
            let minutes = unpack(chunk, row.bytes(1)?)?;
            found.extend(minutes.into_values().filter(|sample| sample.minute >= from_minute));
            first = chunk + 1;
        }
        // A chunk may hold nothing but minutes before the wanted one.
        if !found.is_empty() || (rows.len() as i64) < most_chunks {
            return Ok(found);
        }
    }
}

/// How many minutes of a participant are known.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn sample_count(db: &Db, tenant: &TenantId, participant: &str) -> Result<i64, Error> {
    let sql = "SELECT CAST(COALESCE(SUM(minutes), 0) AS BIGINT) FROM vc_quality \
               WHERE tenant = $1 AND participant = $2";
    let row = db.query_one(sql, params![tenant.as_str(), participant]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_reads_back_as_it_was_packed() {
        let mut minutes = Minutes::new();
        for bit in [0, 3, 63] {
            let mut sample = Sample::new(-64 + i64::from(bit));
            sample.set(0, 50);
            sample.set(metric("mic_volume"), -12 - bit as i32);
            sample.set(METRICS.len() - 1, i32::MAX);
            minutes.insert(bit, sample);
        }
        assert_eq!(unpack(-1, &pack(&minutes).unwrap()).unwrap(), minutes);
        assert!(unpack(0, &[]).is_err());
        assert!(unpack(0, &[VERSION, 1, 2, 3]).is_err());
    }

    #[test]
    fn the_report_s_numbers_come_first() {
        assert_eq!(metric("system_cpu_max") + 1, REPORTED);
        assert_eq!(metric("audio_bitrate_received"), 0);
    }
}
