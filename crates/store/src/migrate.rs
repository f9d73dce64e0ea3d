//! The schema's history: which migrations there are and how their text reads in each database.
//! The texts live in `migrations/`; running them is up to `db/`.

use crate::error::Error;

/// One step of the schema. Never changed once released: the next change is the next number.
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    text: &'static str,
}

/// Declares the migrations by the names of their files.
macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            text: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    1 "001_tasks",
    2 "002_records",
    3 "003_identity",
    4 "004_members",
    5 "005_rates",
    6 "006_plans",
    7 "007_snapshots",
    8 "008_contacts",
    9 "009_meetings",
    10 "010_wiki",
    11 "011_bases",
    12 "012_spreadsheet_files",
    13 "013_document_changes",
    14 "014_task_events",
    15 "015_webhooks",
    16 "016_named_requests",
    17 "017_console_passes",
];

/// Where it is written down which migrations have been applied.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL
)";

/// The number of the last migration applied; 0 in an empty database.
pub(crate) const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM migrations";

/// The migrations to apply to a database where `found` is the last.
pub(crate) fn pending(found: i64) -> Result<impl Iterator<Item = &'static Migration>, Error> {
    let known = MIGRATIONS.last().map_or(0, |last| last.number);
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    Ok(MIGRATIONS.iter().filter(move |migration| migration.number > found))
}

impl Migration {
    /// The text for SQLite, whose 64-bit integers are called `INTEGER` (only an `INTEGER PRIMARY
    /// KEY` is the row's own number) and whose bytes `BLOB`; with the lines that are meant for it
    /// alone.
    pub(crate) fn for_sqlite(&self) -> String {
        self.text.replace("--sqlite: ", "").replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB")
    }

    /// The text for PostgreSQL, with the lines that are meant for it alone.
    pub(crate) fn for_postgres(&self) -> String {
        self.text.replace("--postgres: ", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_ascend_and_are_named_after_their_number() {
        let mut last = 0;
        for migration in MIGRATIONS {
            assert!(migration.number > last, "{}", migration.name);
            last = migration.number;
            assert!(migration.name.starts_with(&format!("{:03}_", migration.number)));
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        assert!(matches!(pending(9_999), Err(Error::NewerSchema { found: 9_999, .. })));
        assert_eq!(pending(0).map_or(0, Iterator::count), MIGRATIONS.len());
    }
}
