//! What a statement does to those who use the database meanwhile: the table locks it takes on PostgreSQL, and how long the
//! work under them lasts. From the manual, 13.3.1 Table-Level Locks and ALTER TABLE; a test compares with `pg_locks`.

mod change;
mod rewrite;
mod statement;
mod step;

use std::fmt;

use schema_model::ObjectName;

pub use statement::{of_statement, sqlite_work};
pub use step::held;

/// A table-level lock of PostgreSQL, the weakest first. Those that nobody waits for are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// Rows are written.
    RowExclusive,
    /// VACUUM, and most that may run beside the application.
    ShareUpdateExclusive,
    /// The rows stay as they are.
    Share,
    /// The same, for one session at a time.
    ShareRowExclusive,
    /// Only reads go on.
    Exclusive,
    /// Nothing goes on.
    AccessExclusive,
}

/// Who has to wait for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waits {
    /// Nobody but others that change the schema.
    Nobody,
    /// INSERT, UPDATE, DELETE.
    Writes,
    /// SELECT, too.
    ReadsAndWrites,
}

/// How long the work under a lock lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// As long as a few rows of the system catalogs take.
    Moment,
    /// As long as the rows that it changes take.
    Rows,
    /// As long as all rows of the table take to be read.
    Scan,
    /// As long as all rows take to be written anew.
    Rewrite,
}

/// A lock that a statement takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLock {
    /// On what.
    pub table: ObjectName,
    /// Which.
    pub mode: LockMode,
    /// What is done under it.
    pub work: Work,
}

impl LockMode {
    /// Who has to wait for it (manual, table 13.2).
    pub fn waits(self) -> Waits {
        match self {
            LockMode::RowExclusive | LockMode::ShareUpdateExclusive => Waits::Nobody,
            LockMode::Share | LockMode::ShareRowExclusive | LockMode::Exclusive => Waits::Writes,
            LockMode::AccessExclusive => Waits::ReadsAndWrites,
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockMode::RowExclusive => "ROW EXCLUSIVE",
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::Exclusive => "EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Waits::Nobody => "reads and writes go on",
            Waits::Writes => "writes wait",
            Waits::ReadsAndWrites => "reads and writes wait",
        })
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Work::Moment => "for a moment",
            Work::Rows => "while it changes rows",
            Work::Scan => "while all rows are read",
            Work::Rewrite => "while all rows are written anew",
        })
    }
}

impl fmt::Display for TableLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.table, self.mode, self.work)
    }
}
