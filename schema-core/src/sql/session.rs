//! What lasts as long as a migration's session: the search path, temporary tables, open transactions.

use schema_model::Name;

use crate::change::Change;

/// The schema that temporary tables of either dialect are kept under while their session lasts.
pub(crate) const TEMPORARY: &str = "pg_temp";

/// One session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The schemas that an unqualified name is looked for in; `None` is `public`.
    pub(crate) search_path: Vec<Option<Name>>,
    /// The path that `SET LOCAL` changed, to be restored at the end of the transaction.
    pub(crate) path_outside: Option<Vec<Option<Name>>>,
    /// `PRAGMA legacy_alter_table` (SQLite).
    pub(crate) legacy_alter_table: bool,
    /// `PRAGMA foreign_keys` (SQLite): off until a script says otherwise.
    pub(crate) foreign_keys: bool,
    /// Databases that the script attached (SQLite).
    pub(crate) attached: Vec<Name>,
    /// The transaction that the script has opened itself.
    pub(crate) transaction: Option<Transaction>,
    /// Temporary tables were made.
    pub(crate) temporary: bool,
}

/// A transaction that a script opens with `BEGIN`.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// What it did so far, in order, each with the place of a dropped column.
    pub(crate) done: Vec<(Change, Option<usize>)>,
    /// States to go back to: its start, and its savepoints.
    pub(crate) marks: Vec<Mark>,
    /// A statement in it was refused: nothing more is done until it ends, and what was done is taken back.
    pub(crate) aborted: bool,
}

/// A state to go back to at `ROLLBACK`.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The savepoint's name; none for the transaction's start.
    pub(crate) savepoint: Option<Name>,
    /// How much the transaction had done.
    pub(crate) done: usize,
    /// How many statements of the file had been read.
    pub(crate) effects: usize,
    /// How many gaps there were.
    pub(crate) gaps: usize,
    /// The search path of that time.
    pub(crate) search_path: Vec<Option<Name>>,
}

impl Default for Session {
    fn default() -> Self {
        Session {
            search_path: vec![None],
            path_outside: None,
            legacy_alter_table: false,
            foreign_keys: false,
            attached: Vec::new(),
            transaction: None,
            temporary: false,
        }
    }
}

impl Session {
    /// Takes a new search path; `"$user"` names no schema of ours.
    pub(crate) fn set_search_path(&mut self, schemas: &[Name], local: bool) {
        if local && self.path_outside.is_none() {
            self.path_outside = Some(self.search_path.clone());
        }
        let known = schemas.iter().filter(|schema| !matches!(schema.as_str(), "$user" | "pg_catalog" | ""));
        self.search_path =
            known.map(|schema| (schema.as_str() != "public").then(|| schema.clone())).collect();
        if self.search_path.is_empty() {
            self.search_path.push(None);
        }
    }

    /// The transaction is over.
    pub(crate) fn end_transaction(&mut self) {
        self.transaction = None;
        if let Some(path) = self.path_outside.take() {
            self.search_path = path;
        }
    }
}
