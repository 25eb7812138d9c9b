//! The history table `schema_version`: what is applied, since when, and how to take it back. Tables of this name with
//! three columns, as projects have made them by hand, are read as they are and extended when first written to.

use std::collections::BTreeSet;

use schema_model::DialectKind;

use super::progress::Progress;
use super::{Driver, Row, SqlError};
use crate::revision::RevisionId;

/// The table's name.
pub const TABLE: &str = "schema_version";

/// The columns beyond the three of a table made by hand; all of them may be null.
const OURS: [(&str, &str, &str); 7] = [
    ("revises", "text", "TEXT"),
    ("checksum", "varchar(64)", "TEXT"),
    ("down_sql", "text", "TEXT"),
    ("down_checksum", "varchar(64)", "TEXT"),
    ("duration_ms", "bigint", "INTEGER"),
    ("applied_by", "text", "TEXT"),
    ("progress", "text", "TEXT"),
];

/// The time of a row that is not applied yet: earlier than any that is, so that the newest row by `applied_at` is the
/// current version even in the middle of a revision.
const NOT_YET: &str = "1970-01-01 00:00:00";

/// A row of the history table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The revision's id.
    pub version: String,
    /// When, as the database prints it.
    pub applied_at: String,
    /// What it does.
    pub description: Option<String>,
    /// Its parents; unknown in a table made by hand.
    pub revises: Option<Vec<String>>,
    /// Checksum of the script that was run.
    pub checksum: Option<String>,
    /// The script that takes it back.
    pub down_sql: Option<String>,
    /// That script's checksum.
    pub down_checksum: Option<String>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Who ran it.
    pub applied_by: Option<String>,
    /// How far an unfinished run got; none when the revision is wholly applied.
    pub progress: Option<Progress>,
}

/// What goes into a row besides version and time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry<'a> {
    /// The revision's id.
    pub version: &'a str,
    /// What it does.
    pub description: &'a str,
    /// Its parents, in one text.
    pub revises: &'a str,
    /// Checksum of the up script.
    pub checksum: &'a str,
    /// The down script and its checksum.
    pub down: Option<(&'a str, &'a str)>,
    /// How long it took.
    pub duration_ms: Option<u128>,
    /// Who ran it.
    pub applied_by: &'a str,
    /// The row of an unfinished run gives way to this one.
    pub replaces: bool,
}

/// Why the history table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A table or view of the name that another tool made.
    #[error(
        "`schema_version` in {place} is not a history table of ours: {reason}; it is left alone: rename it, or set a \
         search_path of your own"
    )]
    Foreign {
        /// The database.
        place: String,
        /// What gives it away.
        reason: String,
    },
    /// No schema of the search path exists.
    #[error("no schema of the search_path exists in {0}; create it first: CREATE SCHEMA")]
    NoSchema(String),
    /// A row that says more than can be read.
    #[error(
        "the progress of `{version}` in `schema_version` cannot be read: `{text}`; a newer version of this tool wrote it"
    )]
    Progress {
        /// The row.
        version: String,
        /// What stands there.
        text: String,
    },
    /// The database refused.
    #[error("cannot {what} `schema_version`: {error}{}", .error.failure.next_step())]
    Sql {
        /// What was tried.
        what: &'static str,
        /// What it said.
        error: SqlError,
    },
}

/// The history table of a database, with the columns that it has.
#[derive(Clone, Debug)]
pub struct History {
    dialect: DialectKind,
    /// Qualified and quoted.
    table: String,
    columns: BTreeSet<String>,
    /// `applied_at` knows its time zone.
    zoned: bool,
    /// The widest version that fits, in characters.
    width: Option<usize>,
}

struct ColumnFact {
    name: String,
    ty: String,
    required: bool,
}

impl History {
    /// Looks whether there is one and what it is like; changes nothing.
    pub fn open(driver: &mut dyn Driver) -> Result<Self, HistoryError> {
        let dialect = driver.dialect();
        let table = match dialect {
            DialectKind::Sqlite => "main.schema_version".to_owned(),
            DialectKind::Postgres => current_schema(driver)? + ".schema_version",
        };
        let mut history = History { dialect, table, columns: BTreeSet::new(), zoned: false, width: None };
        let facts = history.look(driver)?;
        history.judge(&facts, driver.place())?;
        Ok(history)
    }

    /// Whether the table is there.
    pub fn exists(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Whether it is one made by hand, without our columns.
    pub fn is_plain(&self) -> bool {
        self.exists() && OURS.iter().any(|(name, _, _)| !self.columns.contains(*name))
    }

    /// The table's name, qualified and quoted.
    pub fn table(&self) -> &str {
        &self.table
    }

    fn look(&self, driver: &mut dyn Driver) -> Result<Vec<ColumnFact>, HistoryError> {
        let sql = match self.dialect {
            DialectKind::Sqlite => {
                "SELECT c.name, c.type, c.\"notnull\" AND c.dflt_value IS NULL AND c.pk = 0, m.type FROM \
                 main.sqlite_master m JOIN pragma_table_info(m.name, 'main') c WHERE lower(m.name) = 'schema_version' \
                 AND m.type IN ('table', 'view')"
            }
            DialectKind::Postgres => {
                "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT a.atthasdef \
                 AND a.attidentity = '', CASE WHEN c.relkind IN ('r', 'p') THEN 'table' ELSE 'view' END FROM \
                 pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT \
                 a.attisdropped WHERE c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident(\
                 pg_catalog.current_schema())) AND c.relname = 'schema_version' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
            }
        };
        let rows = driver.query(sql, &[]).map_err(|error| HistoryError::Sql { what: "look at", error })?;
        let foreign = |reason: &str| HistoryError::Foreign {
            place: driver.place().to_owned(),
            reason: reason.to_owned(),
        };
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Some(name), ty, required, Some(kind)] if kind == "table" => Ok(ColumnFact {
                    name: name.to_lowercase(),
                    ty: ty.clone().unwrap_or_default().to_lowercase(),
                    required: matches!(required.as_deref(), Some("t" | "1")),
                }),
                _ => Err(foreign("it is no table")),
            })
            .collect()
    }

    /// A table is ours, or may become ours, when it has `version` as text and `applied_at`, and asks for nothing that we
    /// would not fill in.
    fn judge(&mut self, facts: &[ColumnFact], place: &str) -> Result<(), HistoryError> {
        let foreign = |reason: String| HistoryError::Foreign { place: place.to_owned(), reason };
        for wanted in ["version", "applied_at"] {
            if !facts.is_empty() && !facts.iter().any(|fact| fact.name == wanted) {
                return Err(foreign(format!("it has no column `{wanted}`")));
            }
        }
        for fact in facts {
            let known = ["version", "applied_at", "description"].contains(&fact.name.as_str())
                || OURS.iter().any(|(name, _, _)| *name == fact.name);
            if fact.required && !known {
                return Err(foreign(format!("its column `{}` must be filled in", fact.name)));
            }
            let numeric =
                ["int", "serial", "numeric", "real", "double"].iter().any(|word| fact.ty.contains(word));
            if fact.name == "version" && numeric {
                return Err(foreign(format!("its column `version` is of type {}", fact.ty)));
            }
            if fact.name == "version" && self.dialect == DialectKind::Postgres {
                let digits: String = fact.ty.chars().filter(char::is_ascii_digit).collect();
                self.width = digits.parse().ok();
            }
            if fact.name == "applied_at" {
                self.zoned = fact.ty.contains("with time zone");
            }
        }
        self.columns = facts.iter().map(|fact| fact.name.clone()).collect();
        Ok(())
    }

    /// Makes the table, or adds the columns that it lacks; in a transaction that the caller holds. `widest` is the length
    /// of the longest id that will be written.
    pub fn prepare(&mut self, driver: &mut dyn Driver, widest: usize) -> Result<(), HistoryError> {
        // Another runner may have made it since it was looked for.
        let facts = self.look(driver)?;
        self.judge(&facts, driver.place())?;
        let mut statements = Vec::new();
        let postgres = self.dialect == DialectKind::Postgres;
        if !self.exists() {
            statements.push(self.create_sql());
        } else {
            for (name, for_postgres, for_sqlite) in [("description", "text", "TEXT")].iter().chain(&OURS) {
                if !self.columns.contains(*name) {
                    let ty = if postgres { for_postgres } else { for_sqlite };
                    statements.push(format!("ALTER TABLE {} ADD COLUMN {name} {ty}", self.table));
                }
            }
        }
        let width = if self.exists() { self.width } else { Some(50) };
        if postgres && width.is_some_and(|width| width < widest) {
            statements.push(format!("ALTER TABLE {} ALTER COLUMN version TYPE text", self.table));
        }
        for statement in &statements {
            driver.execute(statement).map_err(|error| HistoryError::Sql { what: "prepare", error })?;
        }
        if !statements.is_empty() {
            let facts = self.look(driver)?;
            self.judge(&facts, driver.place())?;
        }
        Ok(())
    }

    /// The statement that makes the table.
    pub fn create_sql(&self) -> String {
        create_sql(&self.table, self.dialect)
    }

    /// All rows, the earliest applied first.
    pub fn read(&self, driver: &mut dyn Driver) -> Result<Vec<Applied>, HistoryError> {
        self.select(driver, " ORDER BY applied_at, version", &[])
    }

    /// The row of one revision.
    pub fn row(&self, driver: &mut dyn Driver, version: &str) -> Result<Option<Applied>, HistoryError> {
        let condition = format!(" WHERE version = {}", self.mark(1));
        Ok(self.select(driver, &condition, &[Some(version)])?.into_iter().next())
    }

    fn select(
        &self,
        driver: &mut dyn Driver,
        condition: &str,
        values: &[Option<&str>],
    ) -> Result<Vec<Applied>, HistoryError> {
        if !self.exists() {
            return Ok(Vec::new());
        }
        let wanted = ["description"].into_iter().chain(OURS.iter().map(|(name, _, _)| *name));
        let mut columns = match self.dialect {
            DialectKind::Postgres => {
                "version::text, pg_catalog.to_char(applied_at, 'YYYY-MM-DD HH24:MI:SS.US')".to_owned()
            }
            DialectKind::Sqlite => "version, applied_at".to_owned(),
        };
        for name in wanted {
            match (self.columns.contains(name), self.dialect) {
                (true, DialectKind::Postgres) => columns += &format!(", {name}::text"),
                (true, DialectKind::Sqlite) => columns += &format!(", {name}"),
                (false, _) => columns += ", NULL",
            }
        }
        let sql = format!("SELECT {columns} FROM {}{condition}", self.table);
        let rows = driver.query(&sql, values).map_err(|error| HistoryError::Sql { what: "read", error })?;
        rows.into_iter().map(applied).collect()
    }

    /// Writes the row of a revision that is wholly applied, in the transaction of its last group.
    pub fn record(&self, driver: &mut dyn Driver, entry: &Entry<'_>) -> Result<(), HistoryError> {
        let time = self.next_time(driver)?;
        self.write(driver, entry, time.as_deref(), None)
    }

    /// Writes the row of a revision of which some groups are committed.
    pub fn begin(
        &self,
        driver: &mut dyn Driver,
        entry: &Entry<'_>,
        progress: &Progress,
    ) -> Result<(), HistoryError> {
        self.write(driver, entry, Some(NOT_YET), Some(progress.to_string()))
    }

    fn write(
        &self,
        driver: &mut dyn Driver,
        entry: &Entry<'_>,
        time: Option<&str>,
        progress: Option<String>,
    ) -> Result<(), HistoryError> {
        if entry.replaces {
            self.remove(driver, entry.version)?;
        }
        let duration = entry.duration_ms.map(|time| time.to_string());
        let sql = format!(
            "INSERT INTO {} (version, applied_at, description, revises, checksum, down_sql, down_checksum, duration_ms, \
             applied_by, progress) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            self.table,
            self.mark(1),
            self.time_value(time.is_some()),
            self.mark(3),
            self.mark(4),
            self.mark(5),
            self.mark(6),
            self.mark(7),
            self.number(8),
            self.mark(9),
            self.mark(10),
        );
        let values = [
            Some(entry.version),
            time.or(Some("0")),
            Some(entry.description),
            Some(entry.revises),
            Some(entry.checksum),
            entry.down.map(|down| down.0),
            entry.down.map(|down| down.1),
            duration.as_deref(),
            Some(entry.applied_by),
            progress.as_deref(),
        ];
        let result = driver.query(&sql, &values);
        result.map_err(|error| HistoryError::Sql { what: "write to", error }).map(|_| ())
    }

    /// Notes how far a run got.
    pub fn note(
        &self,
        driver: &mut dyn Driver,
        version: &str,
        progress: &Progress,
    ) -> Result<(), HistoryError> {
        let sql =
            format!("UPDATE {} SET progress = {} WHERE version = {}", self.table, self.mark(1), self.mark(2));
        let values = [Some(progress.to_string()), Some(version.to_owned())];
        let values = [values[0].as_deref(), values[1].as_deref()];
        driver.query(&sql, &values).map_err(|error| HistoryError::Sql { what: "write to", error }).map(|_| ())
    }

    /// Takes a row away.
    pub fn remove(&self, driver: &mut dyn Driver, version: &str) -> Result<(), HistoryError> {
        let sql = format!("DELETE FROM {} WHERE version = {}", self.table, self.mark(1));
        let result = driver.query(&sql, &[Some(version)]);
        result.map_err(|error| HistoryError::Sql { what: "write to", error }).map(|_| ())
    }

    /// Takes every row away.
    pub fn purge(&self, driver: &mut dyn Driver) -> Result<(), HistoryError> {
        let result = driver.execute(&format!("DELETE FROM {}", self.table));
        result.map_err(|error| HistoryError::Sql { what: "empty", error }).map(|_| ())
    }

    /// Gives a row another version: the revision was tagged anew.
    pub fn retag(
        &self,
        driver: &mut dyn Driver,
        from: &str,
        to: &str,
        revises: &str,
    ) -> Result<(), HistoryError> {
        let sql = format!(
            "UPDATE {} SET version = {}, revises = {} WHERE version = {}",
            self.table,
            self.mark(1),
            self.mark(2),
            self.mark(3)
        );
        let result = driver.query(&sql, &[Some(to), Some(revises), Some(from)]);
        result.map_err(|error| HistoryError::Sql { what: "write to", error }).map(|_| ())
    }

    /// Lets a row stand for revisions that were folded into its own: their rows go, and it gets the script of today.
    pub fn fold(
        &self,
        driver: &mut dyn Driver,
        entry: &Entry<'_>,
        gone: &[RevisionId],
    ) -> Result<(), HistoryError> {
        for id in gone {
            self.remove(driver, id.as_str())?;
        }
        let sql = format!(
            "UPDATE {} SET description = {}, revises = {}, checksum = {}, down_sql = {}, down_checksum = {} WHERE version = {}",
            self.table,
            self.mark(1),
            self.mark(2),
            self.mark(3),
            self.mark(4),
            self.mark(5),
            self.mark(6),
        );
        let values = [
            Some(entry.description),
            Some(entry.revises),
            Some(entry.checksum),
            entry.down.map(|down| down.0),
            entry.down.map(|down| down.1),
            Some(entry.version),
        ];
        let result = driver.query(&sql, &values);
        result.map_err(|error| HistoryError::Sql { what: "write to", error }).map(|_| ())
    }

    fn mark(&self, number: usize) -> String {
        match self.dialect {
            DialectKind::Postgres => format!("${number}"),
            DialectKind::Sqlite => format!("?{number}"),
        }
    }

    fn number(&self, number: usize) -> String {
        match self.dialect {
            DialectKind::Postgres => format!("${number}::text::bigint"),
            DialectKind::Sqlite => format!("CAST(?{number} AS INTEGER)"),
        }
    }

    /// Later than every row there. PostgreSQL computes it, since only it knows its column's type and clock.
    fn time_value(&self, given: bool) -> String {
        match (self.dialect, given) {
            (DialectKind::Sqlite, _) => "?2".to_owned(),
            (DialectKind::Postgres, true) => {
                let ty = if self.zoned { "timestamptz" } else { "timestamp" };
                format!("$2::text::{ty}")
            }
            (DialectKind::Postgres, false) => {
                postgres_time(&self.table, self.zoned) + " + ($2::text)::interval"
            }
        }
    }

    fn next_time(&self, driver: &mut dyn Driver) -> Result<Option<String>, HistoryError> {
        if self.dialect == DialectKind::Postgres {
            return Ok(None);
        }
        let sql = format!("SELECT max(applied_at), strftime('%Y-%m-%d %H:%M:%f', 'now') FROM {}", self.table);
        let rows = driver.query(&sql, &[]).map_err(|error| HistoryError::Sql { what: "read", error })?;
        let mut values = rows.into_iter().flatten();
        let newest = values.next().flatten().unwrap_or_default();
        let now = values.next().flatten().unwrap_or_default() + "000";
        Ok(Some(if now > newest { now } else { super::clock::after(&newest) }))
    }
}

/// The statement that makes a history table of this name.
pub fn create_sql(table: &str, dialect: DialectKind) -> String {
    let (version, time, text) = match dialect {
        DialectKind::Postgres => ("varchar(50)", "timestamp", "text"),
        DialectKind::Sqlite => ("VARCHAR(50)", "TIMESTAMP", "TEXT"),
    };
    let mut sql = format!(
        "CREATE TABLE IF NOT EXISTS {table} (\n    version {version} NOT NULL PRIMARY KEY,\n    applied_at {time} NOT \
         NULL,\n    description {text}"
    );
    for (name, for_postgres, for_sqlite) in OURS {
        let ty = if dialect == DialectKind::Postgres { for_postgres } else { for_sqlite };
        sql += &format!(",\n    {name} {ty}");
    }
    sql + "\n)"
}

/// PostgreSQL's expression for a time later than every row of the table.
pub fn postgres_time(table: &str, zoned: bool) -> String {
    let now = if zoned {
        "pg_catalog.clock_timestamp()"
    } else {
        "pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())"
    };
    format!("greatest({now}, (SELECT max(applied_at) FROM {table}) + interval '1 microsecond')")
}

fn current_schema(driver: &mut dyn Driver) -> Result<String, HistoryError> {
    let rows = driver
        .query("SELECT pg_catalog.quote_ident(pg_catalog.current_schema())", &[])
        .map_err(|error| HistoryError::Sql { what: "find", error })?;
    let schema = rows.into_iter().flatten().next().flatten();
    schema.ok_or_else(|| HistoryError::NoSchema(driver.place().to_owned()))
}

fn applied(row: Row) -> Result<Applied, HistoryError> {
    let mut values = row.into_iter();
    let mut next = || values.next().flatten();
    let version = next().unwrap_or_default();
    let applied_at = next().unwrap_or_default();
    let description = next();
    let revises = next()
        .map(|text| text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect());
    let (checksum, down_sql, down_checksum) = (next(), next(), next());
    let duration_ms = next().and_then(|text| text.parse().ok());
    let applied_by = next();
    let progress = match next() {
        None => None,
        Some(text) => match text.parse() {
            Ok(progress) => Some(progress),
            Err(_) => return Err(HistoryError::Progress { version, text }),
        },
    };
    Ok(Applied {
        version,
        applied_at,
        description,
        revises,
        checksum,
        down_sql,
        down_checksum,
        duration_ms,
        applied_by,
        progress,
    })
}
