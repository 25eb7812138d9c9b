//! What can go wrong while a database is read.

/// A database could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntrospectError {
    /// SQLite refused a query.
    #[cfg(feature = "sqlite")]
    #[error("failed to read the schema from the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused a query, or the connection broke.
    #[cfg(feature = "postgres")]
    #[error("failed to read {what} from the database: {message}", message = server_message(source))]
    Postgres {
        /// What was being read.
        what: &'static str,
        /// What the client says.
        source: ::postgres::Error,
    },
    /// The server is older than what this was written for.
    #[cfg(feature = "postgres")]
    #[error("the server is PostgreSQL {found}; the oldest one that can be read is 14")]
    OldServer {
        /// Its `server_version`.
        found: String,
    },
}

#[cfg(feature = "postgres")]
fn server_message(error: &::postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |server| server.message().to_owned())
}
