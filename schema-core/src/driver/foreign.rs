//! Other tools' history tables: what they say is applied, in terms of the folder's revisions, so that a project can change
//! tools without running anything twice.

use std::collections::BTreeSet;

use schema_model::DialectKind;

use super::folder::Folder;
use super::{Driver, HistoryError, SqlError};
use crate::revision::{Revision, RevisionId};

/// A tool whose history table is known.
struct Tool {
    name: &'static str,
    table: &'static str,
    column: &'static str,
    /// Which of its rows count.
    condition: &'static str,
    /// It holds the heads alone, not every revision.
    heads_only: bool,
}

const TOOLS: [Tool; 8] = [
    Tool {
        name: "sqlx",
        table: "_sqlx_migrations",
        column: "version",
        condition: "success",
        heads_only: false,
    },
    Tool {
        name: "Diesel",
        table: "__diesel_schema_migrations",
        column: "version",
        condition: "1 = 1",
        heads_only: false,
    },
    Tool {
        name: "refinery",
        table: "refinery_schema_history",
        column: "version",
        condition: "1 = 1",
        heads_only: false,
    },
    Tool {
        name: "Alembic",
        table: "alembic_version",
        column: "version_num",
        condition: "1 = 1",
        heads_only: true,
    },
    Tool { name: "pop", table: "schema_migration", column: "version", condition: "1 = 1", heads_only: false },
    Tool {
        name: "Flyway",
        table: "flyway_schema_history",
        column: "version",
        condition: "success",
        heads_only: false,
    },
    Tool {
        name: "SeaORM",
        table: "seaql_migrations",
        column: "version",
        condition: "1 = 1",
        heads_only: false,
    },
    Tool {
        name: "golang-migrate or dbmate",
        table: "schema_migrations",
        column: "version",
        condition: "1 = 1",
        heads_only: false,
    },
];

/// Another tool's history, as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHistory {
    /// The tool.
    pub tool: &'static str,
    /// Its table.
    pub table: &'static str,
    /// What it calls the revisions that it has applied.
    pub keys: Vec<String>,
    /// These keys are heads: what comes before them is applied too.
    pub heads_only: bool,
}

/// The names of the history tables that other tools keep.
pub fn foreign_tables() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|tool| tool.table)
}

/// Looks for another tool's history table with something in it; changes nothing.
pub fn find_foreign(driver: &mut dyn Driver) -> Result<Option<ForeignHistory>, HistoryError> {
    for tool in &TOOLS {
        if !exists(driver, tool.table).map_err(wrong)? {
            continue;
        }
        let (name, table) = (tool.name, tool.table);
        let ty = if driver.dialect() == DialectKind::Postgres { "text" } else { "TEXT" };
        let sql =
            format!("SELECT CAST({} AS {ty}) FROM {table} WHERE {} ORDER BY 1", tool.column, tool.condition);
        // A table of this name and another shape is somebody's own.
        let Ok(rows) = driver.query(&sql, &[]) else { continue };
        let keys: Vec<String> = rows.into_iter().flatten().flatten().collect();
        if !keys.is_empty() {
            return Ok(Some(ForeignHistory { tool: name, table, keys, heads_only: tool.heads_only }));
        }
    }
    Ok(None)
}

fn wrong(error: SqlError) -> HistoryError {
    HistoryError::Sql { what: "look beside", error }
}

fn exists(driver: &mut dyn Driver, table: &str) -> Result<bool, SqlError> {
    let sql = match driver.dialect() {
        DialectKind::Postgres => "SELECT 1 WHERE pg_catalog.to_regclass($1) IS NOT NULL",
        DialectKind::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1",
    };
    let sql = sql.replace("SELECT 1", "SELECT CAST(1 AS text)");
    Ok(!driver.query(&sql, &[Some(table)])?.is_empty())
}

impl ForeignHistory {
    /// The folder's revisions that it says are applied; or the keys that are no revision of the folder.
    pub fn applied(&self, folder: &Folder) -> Result<BTreeSet<RevisionId>, Vec<String>> {
        let mut applied = BTreeSet::new();
        let mut unknown = Vec::new();
        for key in &self.keys {
            match folder.graph().revisions().iter().find(|revision| is_called(revision, key)) {
                Some(revision) if self.heads_only => {
                    applied
                        .extend(folder.graph().lineage(&revision.id).iter().map(|before| before.id.clone()));
                }
                Some(revision) => {
                    applied.insert(revision.id.clone());
                }
                None => unknown.push(key.clone()),
            }
        }
        if unknown.is_empty() { Ok(applied) } else { Err(unknown) }
    }

    /// The folder's revision that the database is at, where it is one.
    pub fn current(&self, folder: &Folder) -> Option<RevisionId> {
        let applied = self.applied(folder).ok()?;
        match folder.graph().current(&applied).as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        }
    }
}

/// Whether a tool's key is this revision's: `12` is `V12`, `20230720224454` is `2023-07-20-224454`, and a file's stem may
/// be written out.
fn is_called(revision: &Revision, key: &str) -> bool {
    let plain = |text: &str| -> String {
        let text = text.trim_start_matches(['V', 'v']);
        let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        text.trim_start_matches('0').to_ascii_lowercase()
    };
    let stem = revision.stem.as_str();
    let number: String = stem
        .trim_start_matches(['V', 'v'])
        .chars()
        .take_while(|character| character.is_ascii_digit() || *character == '-')
        .collect();
    let wanted = plain(key);
    revision.id.as_str() == key
        || stem == key
        || plain(revision.id.as_str()) == wanted
        || (!number.is_empty() && plain(&number) == wanted)
        || stem.split_once(['_', '-']).is_some_and(|(first, _)| first == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_tools() {
        let mut revision = Revision::new("V12");
        revision.stem = "V12__add_users".to_owned();
        assert!(is_called(&revision, "12") && !is_called(&revision, "1") && !is_called(&revision, "2"));
        let mut revision = Revision::new("20230720224454");
        revision.stem = "2023-07-20-224454_users".to_owned();
        assert!(is_called(&revision, "20230720224454"));
        let mut revision = Revision::new("1.10.0");
        revision.stem = "1.10.0_x".to_owned();
        assert!(is_called(&revision, "1.10.0") && !is_called(&revision, "1.1.0"));
        let mut revision = Revision::new("003_add_priority");
        revision.stem = "003_add_priority".to_owned();
        assert!(is_called(&revision, "003_add_priority") && is_called(&revision, "3"));
    }
}
