//! Which departments an app may see and change.

use larkspur_model::id::{AppId, TenantId};

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// The departments an app reaches in `tenant`, with all below them; empty where it reaches
/// everything.
pub async fn range(db: &Db, tenant: &TenantId, app: &AppId) -> Result<Vec<String>, Error> {
    let sql = "SELECT department FROM contact_ranges WHERE tenant = $1 AND app = $2 \
               ORDER BY department";
    let rows = db.query(sql, params![tenant.as_str(), app.as_str()]).await?;
    rows.into_iter().map(|mut row| row.take_text(0)).collect()
}

/// Lets an app reach exactly these departments in `tenant`, everything where there are none.
pub fn set_range(
    transaction: &mut Transaction,
    tenant: &TenantId,
    app: &AppId,
    departments: &[String],
) {
    transaction.run(
        "DELETE FROM contact_ranges WHERE tenant = $1 AND app = $2",
        params![tenant.as_str(), app.as_str()],
    );
    for department in departments {
        transaction.run(
            "INSERT INTO contact_ranges (tenant, app, department) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
            params![tenant.as_str(), app.as_str(), department],
        );
    }
}
