//! The statements of snapshots, made once from the list of tables. `$1` is the snapshot; the other
//! parameters are said at each.

use std::sync::LazyLock;

use super::copies::copy_of;
use super::tables::{Newer, Owner, TABLES, Table};

/// A statement for the whole server, and the one for a tenant (with the tenant as its last
/// parameter), which is missing where the table has nothing of tenants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scoped {
    pub(super) server: &'static str,
    pub(super) tenant: Option<&'static str>,
}

/// What is run for each table.
#[derive(Debug)]
pub(super) struct TableStatements {
    /// Copies the rows that are there.
    pub(super) take: Scoped,
    /// Deletes what the snapshot has not, or has otherwise.
    pub(super) clear: Scoped,
    /// Puts back what is missing.
    pub(super) fill: Scoped,
    /// Forgets the copies.
    pub(super) forget: &'static str,
}

/// What is run for the blobs of all tables.
#[derive(Debug)]
pub(super) struct BlobStatements {
    /// Pins those that count.
    pub(super) pin: Scoped,
    /// Lets go, at `$2`, of those the snapshot does not name.
    pub(super) release: Scoped,
    /// Claims those of the snapshot again.
    pub(super) claim: Scoped,
}

pub(super) static OF_TABLES: LazyLock<Vec<TableStatements>> =
    LazyLock::new(|| TABLES.iter().map(of_table).collect());

pub(super) static OF_BLOBS: LazyLock<BlobStatements> = LazyLock::new(of_blobs);

/// Statements are told apart by where they lie, and there are as many as tables.
fn keep(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

/// Whether a row (called `row`) of the table as it is now is the tenant's.
fn is_tenants(table: &Table, row: &str, parameter: usize) -> Option<String> {
    Some(match table.owner {
        Owner::Tenant(column) => format!("{row}.{column} = ${parameter}"),
        Owner::Parent { column, table, key } => {
            format!("{row}.{column} IN (SELECT {key} FROM {table} WHERE tenant = ${parameter})")
        }
        Owner::Server => return None,
    })
}

/// Whether a row (called `row`) of the table's copy is the tenant's.
fn was_tenants(table: &Table, row: &str, parameter: usize) -> Option<String> {
    Some(match table.owner {
        Owner::Parent { column, table, key } => format!(
            "{row}.{column} IN (SELECT {key} FROM {} WHERE snapshot = $1 AND tenant = \
             ${parameter})",
            copy_of(table)
        ),
        Owner::Tenant(_) | Owner::Server => return is_tenants(table, row, parameter),
    })
}

/// The conditions that are there, one behind the other.
fn all(conditions: &[Option<String>]) -> String {
    let there: Vec<&str> = conditions.iter().flatten().map(String::as_str).collect();
    if there.is_empty() { String::new() } else { format!(" WHERE {}", there.join(" AND ")) }
}

fn of_table(table: &Table) -> TableStatements {
    let (name, copy) = (table.name, copy_of(table.name));
    let columns: Vec<&str> = table.all_columns().collect();
    let columns = columns.join(", ");
    let only =
        |row: &str| table.only.map(|condition| condition.replace("row.", &format!("{row}.")));
    let same_key = |left: &str, right: &str| {
        let pairs: Vec<String> =
            table.key.iter().map(|column| format!("{left}.{column} = {right}.{column}")).collect();
        pairs.join(" AND ")
    };
    let unchanged = {
        let same = table
            .columns
            .iter()
            .map(|column| format!(" AND kept.{column} IS NOT DISTINCT FROM {name}.{column}"));
        let (key, same) = (same_key("kept", name), same.collect::<String>());
        format!("EXISTS (SELECT 1 FROM {copy} kept WHERE kept.snapshot = $1 AND {key}{same})")
    };
    let take = |scope: Option<String>| {
        let condition = all(&[scope, only(name)]);
        keep(format!(
            "INSERT INTO {copy} (snapshot, {columns}) SELECT CAST($1 AS BIGINT), {columns} \
             FROM {name}{condition}"
        ))
    };
    let clear = |scope: Option<String>| {
        let gone = match table.newer {
            Newer::Goes => format!("NOT {unchanged}"),
            Newer::StaysWithApp => format!(
                "NOT EXISTS (SELECT 1 FROM snapshot_apps WHERE snapshot = $1 \
                 AND snapshot_apps.id = {name}.app) \
                 AND NOT EXISTS (SELECT 1 FROM apps WHERE apps.id = {name}.app)"
            ),
        };
        keep(format!("DELETE FROM {name}{}", all(&[scope, only(name), Some(gone)])))
    };
    let fill = |scope: Option<String>| {
        let missing = format!("NOT EXISTS (SELECT 1 FROM {name} WHERE {})", same_key(name, "kept"));
        let condition =
            all(&[Some("kept.snapshot = $1".to_owned()), scope, only("kept"), Some(missing)]);
        let conflict = match table.newer {
            Newer::Goes => "",
            Newer::StaysWithApp => " ON CONFLICT DO NOTHING",
        };
        keep(format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM {copy} kept{condition}{conflict}"
        ))
    };
    let scoped = |make: &dyn Fn(Option<String>) -> &'static str, tenant: Option<String>| Scoped {
        server: make(None),
        tenant: tenant.map(|condition| make(Some(condition))),
    };
    TableStatements {
        take: scoped(&take, is_tenants(table, name, 2)),
        clear: scoped(&clear, is_tenants(table, name, 2)),
        fill: scoped(&fill, was_tenants(table, "kept", 2)),
        forget: keep(format!("DELETE FROM {copy} WHERE snapshot = $1")),
    }
}

/// The keys of blobs that a tenant's rows name: now, or in the snapshot.
fn keys_of_tenant(parameter: usize, kept: bool) -> String {
    let columns = TABLES.iter().flat_map(|table| table.blobs.iter().map(move |blob| (table, blob)));
    let selects: Vec<String> = columns
        .map(|(table, blob)| {
            let (from, condition) = if kept {
                let of_snapshot = Some("kept.snapshot = $1".to_owned());
                let conditions = [of_snapshot, was_tenants(table, "kept", parameter)];
                (format!("{} kept", copy_of(table.name)), all(&conditions))
            } else {
                (table.name.to_owned(), all(&[is_tenants(table, table.name, parameter)]))
            };
            format!("SELECT {blob} FROM {from}{condition} AND {blob} IS NOT NULL")
        })
        .collect();
    selects.join(" UNION ALL ")
}

fn of_blobs() -> BlobStatements {
    let pin = "INSERT INTO snapshot_blobs (snapshot, key, size_bytes, claimed_ms) \
               SELECT CAST($1 AS BIGINT), key, size_bytes, claimed_ms FROM blobs \
               WHERE released_ms IS NULL";
    let release = "UPDATE blobs SET released_ms = $2 WHERE released_ms IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM snapshot_blobs kept WHERE kept.snapshot = $1 \
                   AND kept.key = blobs.key)";
    let claim = |scope: &str| {
        keep(format!(
            "INSERT INTO blobs (key, size_bytes, claimed_ms) SELECT key, size_bytes, claimed_ms \
             FROM snapshot_blobs WHERE snapshot = $1{scope} \
             ON CONFLICT (key) DO UPDATE SET released_ms = NULL"
        ))
    };
    let now = |parameter| format!(" AND key IN ({})", keys_of_tenant(parameter, false));
    BlobStatements {
        pin: Scoped { server: pin, tenant: Some(keep(format!("{pin}{}", now(2)))) },
        release: Scoped { server: release, tenant: Some(keep(format!("{release}{}", now(3)))) },
        claim: Scoped {
            server: claim(""),
            tenant: Some(claim(&format!(" AND key IN ({})", keys_of_tenant(2, true)))),
        },
    }
}
