//! Meeting rooms, the levels they are ordered in, and who reserved them when.

use larkspur_model::id::TenantId;
use serde::{Deserialize, Serialize};

use super::{MOST_COUNTED, Place, SHORT, body, counted, kept};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Transaction};

/// A level of rooms: a city, a building, a floor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomLevel {
    /// `omb_` and 32 hexadecimal digits.
    pub id: String,
    /// The level above; empty for none.
    pub parent_id: String,
    /// Name.
    pub name: String,
}

/// A meeting room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Room {
    /// `omm_` and 32 hexadecimal digits.
    pub id: String,
    /// The level it is on.
    pub room_level_id: String,
    /// Name.
    pub name: String,
}

/// A room's time that somebody reserved. Fields are only ever added, with defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reservation {
    /// At most 64 characters.
    pub id: String,
    /// The room.
    pub room_id: String,
    /// The room's name at that time.
    pub room_name: String,
    /// What it was reserved for.
    pub topic: String,
    /// Name of who reserved it.
    pub reserver: String,
    /// Their id in the tenant; empty for none.
    pub user_id: String,
    /// Their department.
    pub department: String,
    /// How many were invited.
    pub guests: i64,
    /// How many of them accepted.
    pub accepted: i64,
    /// Beginning, seconds.
    pub start_time: i64,
    /// End, seconds.
    pub end_time: i64,
    /// One of the platform's words, as all three below (contract, `vc_export_sheets`).
    pub reservation_status: String,
    /// What was signed in at.
    pub check_in_device: String,
    /// Whether somebody signed in.
    pub check_in_status: String,
    /// When somebody signed in, seconds; 0 for nobody.
    pub check_in_time: i64,
    /// Who gave the room back.
    pub releasing_person: String,
    /// When it was given back, seconds; 0 where it was not.
    pub releasing_time: i64,
}

/// Which reservations: those that begin within the bounds, both inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationFilter {
    /// Earliest beginning, seconds.
    pub from_s: i64,
    /// Latest beginning, seconds.
    pub to_s: i64,
    /// Rooms below this level; all of the tenant where there is none.
    pub level: Option<String>,
    /// Rooms that are named.
    pub rooms: Vec<String>,
    /// Whether the named ones are left out, instead of the others.
    pub exclude: bool,
}

impl ReservationFilter {
    fn wants(&self, room: &str) -> bool {
        let named = self.rooms.iter().any(|one| one == room);
        if self.exclude { !named } else { self.rooms.is_empty() || named }
    }
}

/// Adds a level, in place of one with its id.
pub fn put_room_level(transaction: &mut Transaction, tenant: &TenantId, level: &RoomLevel) {
    transaction.run(
        "INSERT INTO vc_room_levels (tenant, id, parent, name) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant, id) DO UPDATE SET parent = excluded.parent, name = excluded.name",
        params![tenant.as_str(), level.id.as_str(), level.parent_id.as_str(), level.name.as_str()],
    );
}

/// Adds a room, in place of one with its id.
pub fn put_room(transaction: &mut Transaction, tenant: &TenantId, room: &Room) {
    transaction.run(
        "INSERT INTO vc_rooms (tenant, id, level, name) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant, id) DO UPDATE SET level = excluded.level, name = excluded.name",
        params![tenant.as_str(), room.id.as_str(), room.room_level_id.as_str(), room.name.as_str()],
    );
}

/// Adds a reservation, in place of one with its id.
///
/// # Errors
/// [`Error::Corrupt`] for a record that cannot be kept.
pub fn put_reservation(
    transaction: &mut Transaction,
    tenant: &TenantId,
    reservation: &Reservation,
) -> Result<(), Error> {
    transaction.run(
        "INSERT INTO vc_reservations (tenant, id, room, start_s, body) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, id) DO UPDATE SET \
         room = excluded.room, start_s = excluded.start_s, body = excluded.body",
        params![
            tenant.as_str(),
            reservation.id.as_str(),
            reservation.room_id.as_str(),
            reservation.start_time,
            kept(reservation)?
        ],
    );
    Ok(())
}

/// Whether the tenant has this level.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn has_level(db: &Db, tenant: &TenantId, id: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM vc_room_levels WHERE tenant = $1 AND id = $2";
    Ok(db.query_one(sql, params![tenant.as_str(), id]).await?.is_some())
}

/// The name of a room, if the tenant has it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn room_name(db: &Db, tenant: &TenantId, id: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT name FROM vc_rooms WHERE tenant = $1 AND id = $2";
    let row = db.query_one(sql, params![tenant.as_str(), id]).await?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

macro_rules! reservations {
    ($columns:literal, $level:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM vc_reservations WHERE tenant = $1 AND start_s <= $2 \
             AND (start_s, id) > ($3, $4) ",
            $level,
            $rest
        )
    };
}

/// The rooms of a level and of all below it. `UNION` ends a circle of levels.
macro_rules! on_level {
    ($columns:literal, $rest:literal) => {
        reservations!(
            $columns,
            "AND room IN (WITH RECURSIVE below(id) AS (SELECT CAST($6 AS TEXT) UNION \
             SELECT vc_room_levels.id FROM vc_room_levels JOIN below \
             ON vc_room_levels.parent = below.id WHERE vc_room_levels.tenant = $1) \
             SELECT vc_rooms.id FROM vc_rooms WHERE vc_rooms.tenant = $1 \
             AND vc_rooms.level IN (SELECT id FROM below)) ",
            $rest
        )
    };
}

fn filter_params(
    tenant: &TenantId,
    filter: &ReservationFilter,
    after: &Place,
    limit: i64,
) -> Vec<Param> {
    let mut params = params![tenant.as_str(), filter.to_s, after.time_s, after.id.as_str(), limit];
    if let Some(level) = &filter.level {
        params.push(Param::from(level));
    }
    params
}

/// Up to `limit` reservations behind `after`, by beginning and id. The first page is the one behind
/// [`Place::before`] the filter's earliest beginning.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn reservations(
    db: &Db,
    tenant: &TenantId,
    filter: &ReservationFilter,
    after: &Place,
    limit: i64,
) -> Result<Vec<Reservation>, Error> {
    let sql = if filter.level.is_some() {
        on_level!("body", "ORDER BY start_s, id LIMIT $5")
    } else {
        reservations!("body", "", "ORDER BY start_s, id LIMIT $5")
    };
    let mut found: Vec<Reservation> = Vec::new();
    let mut after = after.clone();
    // Rooms that are named are picked out here: lists have no common form in both databases.
    loop {
        let params = filter_params(tenant, filter, &after, limit);
        let rows = if limit > SHORT {
            db.query_large(sql, params).await?
        } else {
            db.query(sql, params).await?
        };
        for row in &rows {
            let reservation: Reservation = body(row, 0)?;
            after = Place { time_s: reservation.start_time, id: reservation.id.clone() };
            if filter.wants(&reservation.room_id) {
                found.push(reservation);
                if found.len() as i64 == limit {
                    return Ok(found);
                }
            }
        }
        if (rows.len() as i64) < limit {
            return Ok(found);
        }
    }
}

/// How many reservations begin within the bounds on that level, [`MOST_COUNTED`] at most; named
/// rooms are not looked at.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn reservation_count(
    db: &Db,
    tenant: &TenantId,
    filter: &ReservationFilter,
) -> Result<i64, Error> {
    let sql = if filter.level.is_some() {
        on_level!("count(*) FROM (SELECT 1", "LIMIT $5) AS found")
    } else {
        reservations!("count(*) FROM (SELECT 1", "", "LIMIT $5) AS found")
    };
    let after = Place::before(filter.from_s);
    let params = filter_params(tenant, filter, &after, MOST_COUNTED);
    counted(db, sql, params).await
}
