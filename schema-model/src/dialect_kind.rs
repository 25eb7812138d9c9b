//! Which database a catalog, a script or a connection is for.

use std::fmt;
use std::str::FromStr;

/// A supported database, for choosing in configuration and on the command line. Behaviour hangs on the engine's
/// `Dialect` trait, not on matches over this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DialectKind {
    /// PostgreSQL 14 to 18.
    Postgres,
    /// SQLite 3.35 and later.
    Sqlite,
}

impl DialectKind {
    /// Every supported database, in the order in which they are listed to users.
    pub const ALL: [DialectKind; 2] = [DialectKind::Postgres, DialectKind::Sqlite];

    /// The word used in configuration, folder names and URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            DialectKind::Postgres => "postgres",
            DialectKind::Sqlite => "sqlite",
        }
    }

    /// The most bytes a name may have: PostgreSQL cuts at `NAMEDATALEN - 1` (manual, 4.1.1); SQLite has no limit.
    pub fn name_limit(self) -> Option<usize> {
        match self {
            DialectKind::Postgres => Some(63),
            DialectKind::Sqlite => None,
        }
    }
}

impl fmt::Display for DialectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is not a supported database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDialect(pub String);

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown dialect `{}`; known are `postgres` and `sqlite`", self.0)
    }
}

impl std::error::Error for UnknownDialect {}

impl FromStr for DialectKind {
    type Err = UnknownDialect;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" | "pg" => Ok(DialectKind::Postgres),
            "sqlite" | "sqlite3" => Ok(DialectKind::Sqlite),
            _ => Err(UnknownDialect(word.to_owned())),
        }
    }
}
