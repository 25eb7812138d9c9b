//! `upgrade --sql` and `downgrade --sql`: a range of versions as one script for psql or sqlite3, with its own rows of the
//! history, from the files alone.

use schema_model::DialectKind;
use schema_model::checksum::checksum;

use super::ShellError;
use super::parts::record_of;
use super::sql::body;
use crate::driver::{Direction, Folder, Progress, StepKind, Steps, create_sql};
use crate::revision::{Revision, TargetRange};

/// The SQL of an upgrade over a range. `idempotent`: what the history says is applied is passed over (psql alone).
pub fn upgrade_sql(folder: &Folder, range: &TargetRange, idempotent: bool) -> Result<String, ShellError> {
    let path = folder.graph().upgrade_range(range)?;
    script(folder, &path, Direction::Up, idempotent)
}

/// The SQL of a downgrade over a range.
pub fn downgrade_sql(folder: &Folder, range: &TargetRange, idempotent: bool) -> Result<String, ShellError> {
    let path = folder.graph().downgrade_range(range)?;
    script(folder, &path, Direction::Down, idempotent)
}

fn script(
    folder: &Folder,
    path: &[&Revision],
    direction: Direction,
    idempotent: bool,
) -> Result<String, ShellError> {
    let dialect = folder.dialect();
    if idempotent && dialect == DialectKind::Sqlite {
        return Err(ShellError::Idempotent);
    }
    if path.is_empty() {
        return Ok("-- Nothing to do.\n".to_owned());
    }
    let mut text = match dialect {
        DialectKind::Postgres => "-- Run with: psql -X -v ON_ERROR_STOP=1 -f FILE\n".to_owned(),
        // Plain sqlite3 goes on after an error, and would commit what is left.
        DialectKind::Sqlite => {
            "-- Run with: sqlite3 DATABASE < FILE\n.bail on\nPRAGMA foreign_keys = ON;\n".to_owned()
        }
    };
    let from_base = path.first().is_some_and(|revision| revision.parents.is_empty());
    if direction == Direction::Up {
        text += &history(dialect, from_base);
    }
    for revision in path {
        text += &one(folder, revision, direction, idempotent)?;
    }
    Ok(text)
}

/// The history table, and the columns that one made by hand lacks.
fn history(dialect: DialectKind, from_base: bool) -> String {
    let create = create_sql("schema_version", dialect);
    if dialect == DialectKind::Sqlite {
        return format!("{create};\n");
    }
    let columns = ["revises text", "checksum varchar(64)", "down_sql text", "down_checksum varchar(64)"];
    let columns = columns.into_iter().chain(["duration_ms bigint", "applied_by text", "progress text"]);
    let columns: Vec<String> = columns.map(|column| format!("ADD COLUMN IF NOT EXISTS {column}")).collect();
    let alter = if from_base {
        String::new()
    } else {
        format!("ALTER TABLE schema_version {};\n", columns.join(", "))
    };
    format!("BEGIN;\nSET LOCAL client_min_messages = warning;\n{create};\n{alter}COMMIT;\n")
}

fn one(
    folder: &Folder,
    revision: &Revision,
    direction: Direction,
    idempotent: bool,
) -> Result<String, ShellError> {
    let Some(scripts) = folder.scripts(&revision.id) else { return Ok(String::new()) };
    let irreversible =
        |reason: &str| ShellError::Irreversible { revision: revision.id.clone(), reason: reason.to_owned() };
    let script = match (direction, &scripts.down, &scripts.irreversible) {
        (Direction::Up, _, _) => &scripts.up,
        (Direction::Down, _, Some(reason)) => return Err(irreversible(reason)),
        (Direction::Down, None, None) => return Err(irreversible("there is no down script")),
        (Direction::Down, Some(down), None) => down,
    };
    let dialect = folder.dialect();
    let steps = Steps::read(&script.text, dialect, script.transaction)
        .map_err(|fault| ShellError::script(&script.path, &fault))?;
    if let (Direction::Down, Some(reason)) = (direction, &steps.irreversible) {
        return Err(irreversible(reason));
    }
    let down = scripts.down.as_ref().map(|down| checksum(&down.text, dialect));
    let mut record = record_of(folder, scripts, direction, down.as_deref());
    record.plain = true;
    let word = if direction == Direction::Up { "Upgrade to" } else { "Downgrade from" };
    let title = revision.message.replace(char::is_control, " ");
    let title = if title.is_empty() { title } else { format!(": {title}") };
    let id = revision.id.as_str().replace(char::is_control, " ");
    let mut text = format!("\n-- {word} {id}{title}\n");
    if idempotent {
        let wanted = if direction == Direction::Up { "NOT EXISTS" } else { "EXISTS" };
        let literal = schema_model::ident::quote_string(revision.id.as_str(), dialect);
        text += &format!(
            "SELECT {wanted} (SELECT 1 FROM schema_version WHERE version = {literal}) AS cargo_schema_run \\gset\n\\if \
             :cargo_schema_run\n"
        );
    }
    let of = steps.steps.len();
    let progress = |done: usize| {
        let digest = steps.digest(done, &script.text, dialect);
        Progress { direction, done, of, digest, started: false, rows: 0 }.to_string()
    };
    for at in 0..of.max(1) {
        let sql = body(&record, &script.text, &steps, at, &progress);
        let step = steps.steps.get(at);
        let keys_off = step.is_some_and(|step| step.foreign_keys_off);
        match step.map(|step| &step.kind) {
            None | Some(StepKind::Group) if keys_off => text += &format!("{KEYS_OFF}{sql}{KEYS_ON}"),
            None | Some(StepKind::Group) => text += &format!("BEGIN;\n{sql}COMMIT;\n"),
            Some(StepKind::Outside(_) | StepKind::Repeat) => text += &sql,
        }
    }
    if idempotent {
        text += "\\endif\n";
    }
    Ok(text)
}

/// Inside a transaction the pragma would do nothing; the check at the end stops the script, and so the commit, when a row
/// would have no parent that had one before.
const KEYS_OFF: &str = "PRAGMA foreign_keys = OFF;\nBEGIN;\nDROP TABLE IF EXISTS temp.cargo_schema_orphans;\nCREATE TEMP TABLE \
                        cargo_schema_orphans AS SELECT \"table\" AS t, parent AS p, count(*) AS n FROM pragma_foreign_key_check \
                        GROUP BY 1, 2;\n";
const KEYS_ON: &str = "DROP TABLE IF EXISTS temp.cargo_schema_keys;\nCREATE TEMP TABLE cargo_schema_keys (ok INTEGER, CONSTRAINT \
                       \"rows would have no parent\" CHECK (ok));\nINSERT INTO cargo_schema_keys SELECT coalesce((SELECT n FROM \
                       cargo_schema_orphans WHERE t = c.\"table\" AND p = c.parent), 0) >= count(*) FROM \
                       pragma_foreign_key_check c GROUP BY c.\"table\", c.parent;\nCOMMIT;\nPRAGMA foreign_keys = ON;\n";
