//! One statement of a plan.

/// A statement and what is to be known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The statement, without a semicolon.
    pub sql: String,
    /// What it is for, when the statement does not say so itself.
    pub comment: Option<String>,
    /// Whether it runs in the transaction of its group.
    pub transaction: Transaction,
    /// Its group is committed before the next step (`-- Commit`): a new enum value before its use.
    pub commit_after: bool,
    /// What rows or values it can lose, in words.
    pub data_loss: Option<String>,
    /// What it does to a live database.
    pub hazards: Vec<Hazard>,
    /// SQLite: needs `PRAGMA foreign_keys = off` (`-- Foreign-keys: off`).
    pub foreign_keys_off: bool,
    /// A batched statement that is run until it changes nothing (`-- Repeat: rows`).
    pub repeat: Option<u32>,
    /// A query that must return no row, and the message when it does (`-- Guard: message`).
    pub guard: Option<String>,
}

impl Step {
    /// A statement in the transaction.
    pub fn new(sql: impl Into<String>) -> Self {
        Step {
            sql: sql.into(),
            comment: None,
            transaction: Transaction::Inside,
            commit_after: false,
            data_loss: None,
            hazards: Vec::new(),
            foreign_keys_off: false,
            repeat: None,
            guard: None,
        }
    }

    /// The same with a comment.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The same, losing this.
    pub fn loses(mut self, what: impl Into<String>) -> Self {
        self.data_loss = Some(what.into());
        self
    }

    /// The same outside a transaction.
    pub fn outside(mut self) -> Self {
        self.transaction = Transaction::Outside;
        self
    }

    /// The same with the group ending after it.
    pub fn committed(mut self) -> Self {
        self.commit_after = true;
        self
    }
}

/// Whether a statement runs in its group's transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// In it.
    #[default]
    Inside,
    /// By itself, since the database refuses it in a transaction.
    Outside,
}

/// What a statement does to a database in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hazard {
    /// Rows or values are gone.
    DataLoss,
    /// The whole table is written anew under a lock that keeps readers out.
    TableRewrite,
    /// The whole table is read under a lock that keeps writers out.
    LongLock,
    /// Fails when rows there do not fit.
    MayFail,
}
