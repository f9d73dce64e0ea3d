//! What a tenant has said about its meetings: who manages them, and by which clock they are told.

use larkspur_model::id::TenantId;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// Whether `holder` (`app:…` or `user:…`) may manage meetings, where that was said.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn may_manage(db: &Db, tenant: &TenantId, holder: &str) -> Result<Option<bool>, Error> {
    let sql = "SELECT allowed FROM vc_managers WHERE tenant = $1 AND holder = $2";
    let row = db.query_one(sql, params![tenant.as_str(), holder]).await?;
    row.map(|row| row.flag(0)).transpose()
}

/// Says whether `holder` may manage meetings.
pub fn put_manager(transaction: &mut Transaction, tenant: &TenantId, holder: &str, allowed: bool) {
    transaction.run(
        "INSERT INTO vc_managers (tenant, holder, allowed) VALUES ($1, $2, $3) \
         ON CONFLICT (tenant, holder) DO UPDATE SET allowed = excluded.allowed",
        params![tenant.as_str(), holder, allowed],
    );
}

/// Minutes the tenant's clock is ahead of UTC, where that was said.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn utc_offset_minutes(db: &Db, tenant: &TenantId) -> Result<Option<i64>, Error> {
    let sql = "SELECT utc_offset_minutes FROM vc_tenants WHERE tenant = $1";
    let row = db.query_one(sql, params![tenant.as_str()]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Says how many minutes the tenant's clock is ahead of UTC.
pub fn put_utc_offset(transaction: &mut Transaction, tenant: &TenantId, minutes: i64) {
    transaction.run(
        "INSERT INTO vc_tenants (tenant, utc_offset_minutes) VALUES ($1, $2) \
         ON CONFLICT (tenant) DO UPDATE SET utc_offset_minutes = excluded.utc_offset_minutes",
        params![tenant.as_str(), minutes],
    );
}
