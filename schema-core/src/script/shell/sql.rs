//! The SQL of one step of a script: look whether the history is where it should be, do the step, write the history.

use schema_model::DialectKind;
use schema_model::ident::quote_string;
use schema_model::token::{TokenKind, tokens};

use crate::driver::{Direction, Outside, Piece, Step, StepKind, Steps, create_sql, postgres_time};

/// What is written to the history for a revision.
pub(super) struct Record<'a> {
    pub(super) dialect: DialectKind,
    pub(super) direction: Direction,
    pub(super) id: &'a str,
    pub(super) description: &'a str,
    pub(super) revises: String,
    pub(super) checksum: String,
    pub(super) down: Option<(&'a str, &'a str)>,
    /// Up: its parents, which have to be applied. Down: its children, which must not be.
    pub(super) after: Vec<String>,
    /// SQL alone, without psql's own commands.
    pub(super) plain: bool,
}

/// psql's variable that holds the history's schema, quoted: a migration may change the search path.
const PG_TABLE: &str = ":cargo_schema_ns.schema_version";

impl Record<'_> {
    fn text(&self, text: &str) -> String {
        // psql and sqlite3 read a string over lines; PostgreSQL's backslashes are quoted with E''.
        quote_string(text, self.dialect)
    }

    fn table(&self) -> &'static str {
        match self.dialect {
            DialectKind::Postgres if self.plain => "schema_version",
            DialectKind::Postgres => PG_TABLE,
            DialectKind::Sqlite => "main.schema_version",
        }
    }

    /// The condition under which the step may run.
    fn condition(&self, at: usize, before: &str) -> String {
        let table = self.table();
        let id = self.text(self.id);
        let row = |rest: String| format!("EXISTS (SELECT 1 FROM {table} WHERE version = {id}{rest})");
        let begun = format!(" AND progress LIKE {}", self.text(&format!("{before}%")));
        let ready = match (self.direction, at) {
            // A table made by hand has no progress.
            (Direction::Up, 0) if self.plain => format!("NOT {}", row(String::new())),
            (Direction::Down, 0) if self.plain => row(String::new()),
            (Direction::Up, 0) => format!("(NOT {} OR {})", row(String::new()), row(begun)),
            (Direction::Down, 0) => {
                format!("({} OR {})", row(" AND progress IS NULL".to_owned()), row(begun))
            }
            _ => row(begun),
        };
        let others: Vec<String> = self.after.iter().map(|id| self.text(id)).collect();
        match (self.direction, others.is_empty()) {
            (_, true) => ready,
            (Direction::Up, false) => format!(
                "{ready} AND (SELECT count(*) FROM {table} WHERE version IN ({}){}) = {}",
                others.join(", "),
                if self.plain { "" } else { " AND progress IS NULL" },
                others.len()
            ),
            (Direction::Down, false) => {
                format!(
                    "{ready} AND NOT EXISTS (SELECT 1 FROM {table} WHERE version IN ({}))",
                    others.join(", ")
                )
            }
        }
    }

    /// Stops when the history is not where it should be.
    fn check(&self, at: usize, before: &str) -> String {
        self.stop_unless(
            &self.condition(at, before),
            &format!("the history is not ready for {}: nothing of it was done", self.id),
        )
    }

    fn stop_unless(&self, condition: &str, message: &str) -> String {
        if self.plain && self.dialect == DialectKind::Postgres {
            let tag = free_tag(&format!("{condition}{message}"), "cargo_schema");
            let message = quote_string(&message.replace('%', "%%"), self.dialect);
            return format!(
                "DO {tag} BEGIN IF NOT ({condition}) THEN RAISE EXCEPTION {message}; END IF; END {tag};\n"
            );
        }
        stop_unless(self.dialect, condition, message)
    }

    /// The row of a revision that is begun: earlier than any that is applied.
    fn begin(&self, progress: &str) -> String {
        let time = match self.dialect {
            DialectKind::Postgres => "timestamp '1970-01-01 00:00:00'",
            DialectKind::Sqlite => "'1970-01-01 00:00:00'",
        };
        let table = self.table();
        format!(
            "{} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE version = {});\n",
            self.insert(time, &self.text(progress)),
            self.text(self.id)
        )
    }

    fn insert(&self, time: &str, progress: &str) -> String {
        let (down, down_checksum) = match self.down {
            Some((down, sum)) => (self.text(down), self.text(sum)),
            None => ("NULL".to_owned(), "NULL".to_owned()),
        };
        format!(
            "INSERT INTO {} (version, applied_at, description, revises, checksum, down_sql, down_checksum, applied_by, \
             progress) SELECT {}, {time}, {}, {}, {}, {down}, {down_checksum}, 'migrate.sh', {progress}",
            self.table(),
            self.text(self.id),
            self.text(self.description),
            self.text(&self.revises),
            self.text(&self.checksum),
        )
    }

    fn now(&self) -> String {
        match self.dialect {
            DialectKind::Postgres => postgres_time(self.table(), false),
            // As text: the newest there, made longer, is later.
            DialectKind::Sqlite => "(SELECT CASE WHEN max(applied_at) >= strftime('%Y-%m-%d %H:%M:%f000', 'now') THEN \
                                    max(applied_at) || '0' ELSE strftime('%Y-%m-%d %H:%M:%f000', 'now') END FROM \
                                    main.schema_version)"
                .to_owned(),
        }
    }

    /// The history after the step.
    fn record(&self, done: usize, of: usize, progress: &dyn Fn(usize) -> String) -> String {
        let (table, id) = (self.table(), self.text(self.id));
        if done < of {
            return format!(
                "UPDATE {table} SET progress = {} WHERE version = {id};\n",
                self.text(&progress(done))
            );
        }
        match self.direction {
            Direction::Down => format!("DELETE FROM {table} WHERE version = {id};\n"),
            Direction::Up if of > 1 => {
                format!(
                    "UPDATE {table} SET progress = NULL, applied_at = {} WHERE version = {id};\n",
                    self.now()
                )
            }
            Direction::Up => {
                format!("DELETE FROM {table} WHERE version = {id};\n{};\n", self.insert(&self.now(), "NULL"))
            }
        }
    }
}

/// The SQL of one step, without the BEGIN and COMMIT around a group.
pub(super) fn body(
    record: &Record<'_>,
    text: &str,
    steps: &Steps,
    at: usize,
    progress: &dyn Fn(usize) -> String,
) -> String {
    let of = steps.steps.len();
    let Some(step) = steps.steps.get(at) else {
        return record.check(0, &progress(0)) + &record.record(0, 0, progress);
    };
    let mut sql = String::new();
    if record.dialect == DialectKind::Postgres && step.kind == StepKind::Group {
        sql += "SET LOCAL lock_timeout = '30s';\n";
    }
    if record.dialect == DialectKind::Sqlite && step.kind == StepKind::Repeat {
        sql += "PRAGMA foreign_keys = ON;\nBEGIN IMMEDIATE;\n";
    }
    sql += &record.check(at, &progress(at));
    let begins = record.direction == Direction::Up && at == 0 && (of > 1 || step.kind != StepKind::Group);
    if begins {
        sql += &record.begin(&progress(0));
    }
    let mut after = record.record(at + 1, of, progress);
    if record.plain && record.dialect == DialectKind::Postgres && text.to_lowercase().contains("search_path")
    {
        after.insert_str(0, "RESET search_path;\n");
    }
    match &step.kind {
        StepKind::Group => sql += &(session_before(steps, text, at) + &pieces(record, text, step) + &after),
        StepKind::Outside(_) if record.plain => sql += &(pieces(record, text, step) + &after),
        StepKind::Outside(outside) => sql += &(outside_sql(record, text, step, outside) + &after),
        StepKind::Repeat if record.dialect == DialectKind::Postgres => {
            sql += &(repeat_postgres(record, text, step, &progress(at)) + &after);
        }
        StepKind::Repeat if record.plain => sql += &(repeat_at_once(text, step) + &after + "COMMIT;\n"),
        StepKind::Repeat => sql += &repeat_sqlite(text, step, &after),
    }
    if record.dialect == DialectKind::Postgres && at + 1 >= of && !record.plain {
        // What a script set is not meant for the next one.
        sql += "RESET SESSION AUTHORIZATION;\nRESET ALL;\n";
    }
    sql
}

/// Settings that earlier steps made, for a run that begins in the middle.
fn session_before(steps: &Steps, text: &str, at: usize) -> String {
    let pieces = steps.steps[..at].iter().flat_map(|step| &step.pieces).filter(|piece| piece.session);
    pieces.map(|piece| format!("{};\n", &text[piece.range.clone()])).collect()
}

fn pieces(record: &Record<'_>, text: &str, step: &Step) -> String {
    step.pieces.iter().map(|piece| one(record, text, piece)).collect()
}

fn one(record: &Record<'_>, text: &str, piece: &Piece) -> String {
    let sql = &text[piece.range.clone()];
    if let Some(message) = &piece.guard {
        let message = if message.is_empty() { "the guard's query found rows" } else { message };
        return record.stop_unless(&format!("NOT EXISTS (\n{sql}\n)"), message);
    }
    match &piece.data {
        Some(data) => format!("{sql};\n{}\n\\.\n", text[data.clone()].trim_end_matches('\n')),
        None => format!("{sql}\n;\n"),
    }
}

/// Both clients stop at an error; this makes one, with a message, when the condition does not hold.
fn stop_unless(dialect: DialectKind, condition: &str, message: &str) -> String {
    match dialect {
        DialectKind::Postgres => {
            let tag = free_tag(message, "cargo_schema");
            let message = quote_string(&message.replace('%', "%%"), dialect);
            format!(
                "SELECT {condition} AS cargo_schema_ok \\gset\n\\if :cargo_schema_ok\n\\else\nDO {tag} BEGIN RAISE EXCEPTION \
                 {message}; END {tag};\n\\endif\n"
            )
        }
        DialectKind::Sqlite => {
            let name = message.replace('"', "\"\"");
            format!(
                "DROP TABLE IF EXISTS temp.cargo_schema_check;\nCREATE TEMP TABLE cargo_schema_check (ok INTEGER, CONSTRAINT \
                 \"{name}\" CHECK (ok));\nINSERT INTO cargo_schema_check SELECT {condition};\n"
            )
        }
    }
}

/// A dollar quote that the text does not hold.
fn free_tag(text: &str, word: &str) -> String {
    let mut tag = format!("${word}$");
    while text.contains(&tag) {
        tag = format!("${}_$", tag.trim_matches('$'));
    }
    tag
}

/// A statement outside transactions, which an earlier run may have begun: what it left is cleared, what is done stays.
fn outside_sql(record: &Record<'_>, text: &str, step: &Step, outside: &Outside) -> String {
    let sql: String = pieces(record, text, step);
    let literal = |text: &str| quote_string(text, DialectKind::Postgres);
    let unless = |done: String| {
        format!("SELECT NOT {done} AS cargo_schema_ok \\gset\n\\if :cargo_schema_ok\n{sql}\\endif\n")
    };
    match outside {
        Outside::BuildIndex { name, table } => {
            let found = format!(
                "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = \
                 pg_catalog.to_regclass({}) AND c.relname = (pg_catalog.parse_ident({}))[1]",
                literal(table),
                literal(name.as_deref().unwrap_or_default())
            );
            format!(
                "SELECT 'DROP INDEX CONCURRENTLY ' || i.indexrelid::regclass {found} AND NOT i.indisvalid \\gexec\n{}",
                unless(format!("EXISTS (SELECT 1 {found})"))
            )
        }
        Outside::DropIndex { name } => unless(format!("(pg_catalog.to_regclass({}) IS NULL)", literal(name))),
        Outside::Detach { .. } | Outside::Again | Outside::Unknown => sql,
    }
}

/// Since PostgreSQL 11 a DO block outside a transaction may commit (manual, 43.8).
fn repeat_postgres(record: &Record<'_>, text: &str, step: &Step, progress: &str) -> String {
    let Some(piece) = step.pieces.first() else { return String::new() };
    let sql = &text[piece.range.clone()];
    let inner = free_tag(sql, "cargo_schema_statement");
    let note = format!(
        "pg_catalog.format('UPDATE %s.schema_version SET progress = %L WHERE version = %L', \
         pg_catalog.current_setting('cargo_schema.ns'), {} || ' rows=' || total, {})",
        record.text(progress),
        record.text(record.id)
    );
    let block = format!(
        "DECLARE changed bigint; total bigint := 0;\nBEGIN LOOP\n  EXECUTE {inner}{sql}{inner};\n  GET DIAGNOSTICS changed = \
         ROW_COUNT;\n  EXIT WHEN changed = 0;\n  total := total + changed;\n  EXECUTE {note};\n  COMMIT;\nEND LOOP; END"
    );
    let outer = free_tag(&block, "cargo_schema");
    let schema = if record.plain {
        "pg_catalog.quote_ident(pg_catalog.current_schema())"
    } else {
        ":'cargo_schema_ns'"
    };
    format!(
        "SELECT pg_catalog.set_config('cargo_schema.ns', {schema}, false);\nDO {outer}\n{block} {outer};\n"
    )
}

/// All batches at once, for a script that cannot go in circles: the statement without its LIMIT.
fn repeat_at_once(text: &str, step: &Step) -> String {
    let Some(piece) = step.pieces.first() else { return String::new() };
    let sql = &text[piece.range.clone()];
    let tokens = tokens(sql, DialectKind::Sqlite);
    let limit = tokens
        .windows(2)
        .rfind(|pair| pair[0].text(sql).eq_ignore_ascii_case("limit") && pair[1].kind == TokenKind::Number);
    match limit {
        Some([limit, number]) => {
            format!("{}{}\n;\n", &sql[..limit.start as usize], &sql[number.end as usize..])
        }
        _ => format!("{sql}\n;\n"),
    }
}

/// One batch in one process; the shell repeats it until it prints 0.
fn repeat_sqlite(text: &str, step: &Step, after: &str) -> String {
    let Some(piece) = step.pieces.first() else { return String::new() };
    let sql = &text[piece.range.clone()];
    // The history moves on with the batch that found nothing.
    let after = after.trim_end().trim_end_matches(';');
    format!(
        "{sql}\n;\nCREATE TEMP TABLE cargo_schema_batch AS SELECT changes() AS n;\n{};\nCOMMIT;\nSELECT n FROM \
         cargo_schema_batch;\n",
        guarded(after)
    )
}

/// Statements of the history, run only when the batch found nothing.
fn guarded(after: &str) -> String {
    let condition = "(SELECT n FROM temp.cargo_schema_batch) = 0";
    let statements = after.split(";\n").map(|statement| match statement.starts_with("INSERT") {
        true => format!("{statement} WHERE {condition}"),
        false => format!("{statement} AND {condition}"),
    });
    statements.collect::<Vec<_>>().join(";\n")
}

/// The lock, for as long as the session lasts, and where the history is.
pub(super) fn postgres_session() -> String {
    let key = crate::driver::LOCK_KEY;
    format!(
        "SET client_min_messages = warning;\n{}SELECT pg_catalog.quote_ident(pg_catalog.current_schema()) AS cargo_schema_ns \
         \\gset\n",
        stop_unless(
            DialectKind::Postgres,
            &format!("pg_catalog.pg_try_advisory_lock({key})"),
            "another runner holds the lock: nothing was done; try again later"
        )
    )
}

/// How many sessions hold the lock.
pub(super) fn lock_query() -> String {
    let key = crate::driver::LOCK_KEY;
    format!(
        "SELECT count(*) FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND \
         l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AND \
         ((l.classid::bigint << 32) | l.objid::bigint) = {key}"
    )
}

/// The statement that makes the history table.
pub(super) fn create_history(dialect: DialectKind) -> String {
    create_sql("schema_version", dialect)
}
