//! The tables that hold the rows of snapshots, one for each table of the list. They are made, and
//! get the columns that migrations added, right after the migrations.

use super::tables::{TABLES, Table};

/// A column as a database describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type, in the database's own words.
    pub(crate) kind: String,
    /// What it holds in rows that were there before it, as an expression.
    pub(crate) default: Option<String>,
}

impl Column {
    fn declared(&self) -> String {
        let default = self.default.as_ref().map(|value| format!(" DEFAULT {value}"));
        format!("{} {}{}", self.name, self.kind, default.unwrap_or_default())
    }
}

/// The copy of the table `name`.
pub(crate) fn copy_of(name: &str) -> String {
    format!("snapshot_{name}")
}

/// What has to be run so that the copies fit their tables. `columns` tells those of a table, none
/// of one that is not there.
pub(crate) fn align<E>(
    columns: &mut dyn FnMut(&str) -> Result<Vec<Column>, E>,
) -> Result<Vec<String>, E> {
    let mut statements = Vec::new();
    for table in TABLES {
        let (own, copied) = (columns(table.name)?, columns(&copy_of(table.name))?);
        statements.extend(align_one(table, &own, &copied));
    }
    Ok(statements)
}

fn align_one(table: &Table, own: &[Column], copied: &[Column]) -> Vec<String> {
    let copy = copy_of(table.name);
    if copied.is_empty() {
        let columns: Vec<String> = own.iter().map(Column::declared).collect();
        let key = table.key.join(", ");
        return vec![
            format!("CREATE TABLE {copy} (snapshot BIGINT NOT NULL, {})", columns.join(", ")),
            format!("CREATE UNIQUE INDEX {copy}_key ON {copy} (snapshot, {key})"),
        ];
    }
    own.iter()
        .filter(|column| copied.iter().all(|known| known.name != column.name))
        .map(|column| format!("ALTER TABLE {copy} ADD COLUMN {}", column.declared()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, default: Option<&str>) -> Column {
        let default = default.map(str::to_owned);
        Column { name: name.to_owned(), kind: "TEXT".to_owned(), default }
    }

    #[test]
    fn a_copy_is_made_once_and_gets_later_columns_with_their_defaults() {
        let table = TABLES.iter().find(|table| table.name == "tenants").expect("it is listed");
        let own = [column("id", None), column("mood", Some("'good'"))];
        let made = align_one(table, &own, &[]);
        assert_eq!(
            made,
            [
                "CREATE TABLE snapshot_tenants (snapshot BIGINT NOT NULL, id TEXT, \
                 mood TEXT DEFAULT 'good')",
                "CREATE UNIQUE INDEX snapshot_tenants_key ON snapshot_tenants (snapshot, id)",
            ]
        );
        let later = align_one(table, &own, &own[..1]);
        assert_eq!(later, ["ALTER TABLE snapshot_tenants ADD COLUMN mood TEXT DEFAULT 'good'"]);
        assert!(align_one(table, &own, &own).is_empty());
    }
}
