//! What lasts as long as a migration's session: the search path, temporary tables, open transactions.

use schema_model::Name;
use schema_model::catalog::Catalog;

use super::relations::Relations;

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
    /// Inside `BEGIN … COMMIT`, or a savepoint.
    pub(crate) in_transaction: bool,
    /// States to go back to at `ROLLBACK`: a savepoint's name, or none for the transaction's start.
    pub(crate) saved: Vec<Saved>,
    /// Temporary tables were made.
    pub(crate) temporary: bool,
}

/// A state to go back to.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    pub(crate) savepoint: Option<Name>,
    pub(crate) catalog: Catalog,
    pub(crate) relations: Relations,
}

impl Default for Session {
    fn default() -> Self {
        Session {
            search_path: vec![None],
            path_outside: None,
            legacy_alter_table: false,
            foreign_keys: false,
            attached: Vec::new(),
            in_transaction: false,
            saved: Vec::new(),
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
        self.saved.clear();
        self.in_transaction = false;
        if let Some(path) = self.path_outside.take() {
            self.search_path = path;
        }
    }
}
