//! Running the queries, and the conditions that all of them share.

use postgres::Transaction;
use postgres::types::FromSqlOwned;

use super::names::Names;
use crate::introspect::IntrospectError;

/// Schemas that are a user's. `n` is `pg_namespace`.
pub(super) const USER_SCHEMA: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// The condition that an object came with no extension.
pub(super) fn no_extension(class: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_depend member WHERE member.classid = '{class}'::regclass
                     AND member.objid = {oid} AND member.deptype = 'e')"
    )
}

/// The comment on an object, to be joined as `comment`.
pub(super) fn comment(class: &str, oid: &str, sub: &str) -> String {
    format!(
        "LEFT JOIN pg_description comment ON comment.classoid = '{class}'::regclass
             AND comment.objoid = {oid} AND comment.objsubid = {sub}"
    )
}

/// A session that reads.
pub(super) struct Reader<'a, 'b> {
    transaction: &'a mut Transaction<'b>,
    pub(super) names: Names,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(transaction: &'a mut Transaction<'b>, names: Names) -> Self {
        Reader { transaction, names }
    }

    pub(super) fn rows(&mut self, what: &'static str, sql: &str) -> Result<Vec<Row>, IntrospectError> {
        let rows = self.transaction.query(sql, &[]);
        let rows = rows.map_err(|source| IntrospectError::Postgres { what, source })?;
        Ok(rows.into_iter().map(|row| Row { what, row }).collect())
    }

    /// The name in SQL of a column that servers have since a version; before, what stands for it.
    pub(super) fn since(&self, version: i32, sql: &'static str, before: &'static str) -> &'static str {
        if self.names.version >= version * 10_000 { sql } else { before }
    }
}

/// A row of an answer.
pub(super) struct Row {
    what: &'static str,
    row: postgres::Row,
}

impl Row {
    pub(super) fn at<T: FromSqlOwned>(&self, column: &str) -> Result<T, IntrospectError> {
        self.row.try_get(column).map_err(|source| IntrospectError::Postgres { what: self.what, source })
    }

    pub(super) fn text(&self, column: &str) -> Result<String, IntrospectError> {
        self.at(column)
    }

    pub(super) fn maybe(&self, column: &str) -> Result<Option<String>, IntrospectError> {
        self.at(column)
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool, IntrospectError> {
        self.at(column)
    }

    pub(super) fn oid(&self, column: &str) -> Result<u32, IntrospectError> {
        self.at(column)
    }
}
