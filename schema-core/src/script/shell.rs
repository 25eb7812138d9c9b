//! `rollback.sh` and `migrate.sh`: POSIX sh that needs only psql or sqlite3. The shell looks at the history and decides
//! what to run; each transaction looks again, under the runner's lock, so that nothing runs twice or at the wrong place.
//!
//! The texts that do not depend on a project are in `shell/*.sh`; here is what a project's revisions add to them.

mod loss;
pub mod offline;
mod parts;
mod sql;

pub use loss::losses;

use schema_model::DialectKind;

use crate::driver::{Direction, Folder, ScriptFault};
use crate::revision::{GraphError, RevisionId, Target};

use parts::Part;

/// Which script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellScript {
    /// From any version above it down to this one.
    Rollback(Target),
    /// From any version to the head.
    Migrate,
}

/// Why a script cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShellError {
    /// The target, or the graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A revision's script cannot be run.
    #[error("{file}: {message}")]
    Script {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A revision's id does not fit into a line.
    #[error(
        "the revision `{0}` has a tab or a line end in its id, which a shell script cannot tell from its own"
    )]
    OddId(RevisionId),
    /// The script would need conditions.
    #[error(
        "sqlite3 has no conditions, so its scripts cannot guard each step; `cargo schema script migrate` writes a shell script \
         that does"
    )]
    Idempotent,
    /// The revision cannot be taken back.
    #[error("{revision} cannot be rolled back: {reason}")]
    Irreversible {
        /// Which.
        revision: RevisionId,
        /// Why.
        reason: String,
    },
    /// No folder was given.
    #[error("there are no migrations to write a script for")]
    Nothing,
}

impl ShellError {
    fn script(file: &str, fault: &ScriptFault) -> Self {
        ShellError::Script { file: file.to_owned(), message: fault.message.clone() }
    }
}

const COMMON: &str = include_str!("shell/common.sh");
const ROLLBACK: &str = include_str!("shell/rollback.sh");
const MIGRATE: &str = include_str!("shell/migrate.sh");

/// Writes the script, for one dialect or for both: then the database's URL chooses.
pub fn render(script: &ShellScript, folders: &[&Folder]) -> Result<String, ShellError> {
    let parts: Vec<Part> =
        folders.iter().map(|folder| Part::new(script, folder)).collect::<Result<_, _>>()?;
    let first = parts.first().ok_or(ShellError::Nothing)?;
    let mut text = head(script, first);
    for part in &parts {
        text += &part.functions();
    }
    text += &choosing(&parts);
    text += match script {
        ShellScript::Rollback(_) => ROLLBACK,
        ShellScript::Migrate => MIGRATE,
    };
    Ok(text)
}

fn head(script: &ShellScript, part: &Part) -> String {
    let (name, what, direction) = match script {
        ShellScript::Rollback(_) => {
            ("rollback", format!("Takes a database back to {}.", part.target), Direction::Down)
        }
        ShellScript::Migrate => ("migrate", format!("Brings a database to {}.", part.target), Direction::Up),
    };
    let (starting, finished) = match direction {
        Direction::Up => ("Applying", "Applied"),
        Direction::Down => ("Rolling back", "Rolled back"),
    };
    let target = match direction {
        Direction::Up => String::new(),
        Direction::Down => format!("target={}\n", single(&part.target)),
    };
    let create = if direction == Direction::Up { "1" } else { "" };
    format!(
        "#!/bin/sh\n# {what}\n#\n# Written by `cargo schema script {name}`: not to be edited; `cargo schema check` compares it \
         with the migrations.\n# Needs psql (10 or later) or sqlite3 (3.35 or later), nothing else.\n\nusage() {{\n    cat \
         <<'USAGE'\nusage: {name}.sh [--dry-run] [--yes] [DATABASE_URL]\n\n  {what} The URL is taken from DATABASE_URL when it \
         is not given.\n\n  --dry-run  print what would run, and change nothing\n  --yes      do not ask before data is \
         lost\nUSAGE\n}}\n\n{target}starting={}\nfinished={}\nmay_create={create}\n{COMMON}",
        single(starting),
        single(finished),
    )
}

/// The variables that depend on the dialect.
fn choosing(parts: &[Part]) -> String {
    let mut text = "\ncase $dialect in\n".to_owned();
    for part in parts {
        text += &part.variables();
    }
    text += "*) fail \"this project has no migrations for $dialect\" ;;\nesac\n\n";
    text + "revision() {\n    \"revision_$dialect\" \"$1\"\n}\n\nstep() {\n    \"step_$dialect\" \"$1\" \"$2\"\n}\n\n"
}

/// Text in single quotes, as sh takes it.
fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A here-document that no line of the text can end.
fn here_document(text: &str) -> String {
    let mut word = "CARGO_SCHEMA_SQL".to_owned();
    while text.lines().any(|line| line.trim_end_matches('\r') == word) {
        word.push('_');
    }
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("    cat <<'{word}'\n{text}{end}{word}\n")
}

/// The name of a dialect's functions.
fn prefix(dialect: DialectKind) -> &'static str {
    dialect.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_holds() {
        assert_eq!(single("a'b"), "'a'\\''b'");
        let text = here_document("x\nCARGO_SCHEMA_SQL\n$(rm -rf /)\n");
        assert!(text.starts_with("    cat <<'CARGO_SCHEMA_SQL_'\n"), "{text}");
    }
}
