//! A column's definition, as in `CREATE TABLE` and `ALTER TABLE … ADD COLUMN`.

use schema_model::catalog::{
    Check, Column, ColumnType, Constraint, ConstraintKind, Deferrable, ForeignKey, Generated, Key,
    ReferentialAction,
};
use schema_model::token::TokenKind;
use schema_model::{Expr, Name, ObjectName};

use super::cursor::Cursor;
use crate::sql::cursor::Read;

/// A column, the constraints written with it, and whether its primary key is `AUTOINCREMENT`.
pub(super) struct ColumnDefinition {
    pub column: Column,
    pub constraints: Vec<Constraint>,
    pub autoincrement: bool,
}

/// The type names that SQLite stores as a code and prints in upper case, however they were spelled.
const STANDARD_TYPES: [&str; 6] = ["ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"];

pub(super) fn definition(cursor: &mut Cursor<'_>) -> Read<ColumnDefinition> {
    let start = cursor.position();
    let name = cursor.name()?;
    let ty = declared_type(cursor)?;
    let mut read =
        ColumnDefinition { column: Column::new(name, ty), constraints: Vec::new(), autoincrement: false };
    while !cursor.at_end() && !matches!(cursor.ahead(0), "," | ")") {
        column_constraint(cursor, &mut read)?;
    }
    read.column.origin = cursor.origin(start, cursor.position());
    Ok(read)
}

/// `typetoken` of SQLite's grammar: any words and strings, then one or two signed numbers in parentheses.
fn declared_type(cursor: &mut Cursor<'_>) -> Read<ColumnType> {
    let start = cursor.position();
    while cursor.is_name() && !starts_constraint(cursor) {
        cursor.advance();
    }
    if cursor.position() > start && cursor.take_mark("(") {
        cursor.rest_of_parens()?;
    }
    let text = cursor.raw(start, cursor.position());
    Ok(ColumnType::Other(type_text(text)))
}

/// The text that `PRAGMA table_info` shows for a declared type.
pub(super) fn type_text(text: &str) -> String {
    let quoted = text.len() >= 2 && matches!(text.as_bytes()[0], b'"' | b'\'' | b'`' | b'[');
    let name = if quoted && single_token(text) {
        schema_model::ident::fold(text, schema_model::DialectKind::Sqlite)
    } else {
        text.to_owned()
    };
    match STANDARD_TYPES.iter().find(|standard| standard.eq_ignore_ascii_case(&name)) {
        Some(standard) => (*standard).to_owned(),
        None => name,
    }
}

fn single_token(text: &str) -> bool {
    schema_model::token::tokens(text, schema_model::DialectKind::Sqlite).len() == 1
}

fn starts_constraint(cursor: &Cursor<'_>) -> bool {
    const STARTS: [&str; 10] =
        ["CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS"];
    STARTS.iter().any(|word| cursor.is_word(0, word))
        || cursor.is_words(&["GENERATED", "ALWAYS"])
        || cursor.is_word(0, "DEFERRABLE")
}

fn column_constraint(cursor: &mut Cursor<'_>, read: &mut ColumnDefinition) -> Read<()> {
    let start = cursor.position();
    let name = if cursor.take(&["CONSTRAINT"]) { Some(cursor.name()?) } else { None };
    if name.is_some() && is_nameless(cursor) {
        return Ok(());
    }
    let own = || vec![read.column.name.clone()];
    let kind = if cursor.take(&["PRIMARY", "KEY"]) {
        let direction = direction(cursor);
        let mut key = Key { suffix: on_conflict(cursor)?, ..Key::over(own()) };
        read.autoincrement |= cursor.take(&["AUTOINCREMENT"]);
        if direction == Some("DESC") {
            // `INTEGER PRIMARY KEY DESC` is no alias of the rowid (SQLite, "Rowid Tables"); the key keeps the word.
            key.column_suffixes = vec!["DESC".to_owned()];
        }
        ConstraintKind::PrimaryKey(key)
    } else if cursor.take(&["UNIQUE"]) {
        ConstraintKind::Unique(Key { suffix: on_conflict(cursor)?, ..Key::over(own()) })
    } else if cursor.take(&["CHECK"]) {
        let expr = cursor.parens_expr()?;
        on_conflict(cursor)?;
        ConstraintKind::Check(Check { expr, no_inherit: false })
    } else if cursor.is_word(0, "REFERENCES") {
        ConstraintKind::ForeignKey(references(cursor, own())?)
    } else {
        return plain_constraint(cursor, read);
    };
    let mut constraint = Constraint::new(name, kind);
    if matches!(constraint.kind, ConstraintKind::ForeignKey(_)) {
        constraint.deferrable = deferrable(cursor)?;
    }
    constraint.origin = cursor.origin(start, cursor.position());
    read.constraints.push(constraint);
    Ok(())
}

/// Whether a constraint's name stands alone: SQLite's grammar takes and forgets it.
pub(super) fn is_nameless(cursor: &Cursor<'_>) -> bool {
    cursor.at_end() || cursor.is_word(0, "CONSTRAINT") || matches!(cursor.ahead(0), "," | ")")
}

/// The constraints that the column itself holds.
fn plain_constraint(cursor: &mut Cursor<'_>, read: &mut ColumnDefinition) -> Read<()> {
    let column = &mut read.column;
    if cursor.take(&["NOT", "NULL"]) {
        column.nullable = false;
        column.on_conflict = on_conflict(cursor)?.map(|clause| clause.replace("ON CONFLICT ", ""));
    } else if cursor.take(&["NULL"]) {
        on_conflict(cursor)?;
    } else if cursor.take(&["DEFAULT"]) {
        column.default = Some(default_value(cursor)?);
    } else if cursor.take(&["COLLATE"]) {
        column.collation = collation(cursor.name()?);
    } else if cursor.take(&["GENERATED", "ALWAYS", "AS"]) || cursor.take(&["AS"]) {
        let expr = cursor.parens_expr()?;
        let stored = cursor.take(&["STORED"]);
        if !stored {
            cursor.take(&["VIRTUAL"]);
        }
        column.generated = Some(Generated { expr, stored });
    } else if cursor.is_word(0, "DEFERRABLE") || cursor.is_words(&["NOT", "DEFERRABLE"]) {
        let deferrable = deferrable(cursor)?;
        if let Some(key) = read
            .constraints
            .iter_mut()
            .rev()
            .find(|known| matches!(known.kind, ConstraintKind::ForeignKey(_)))
        {
            key.deferrable = deferrable;
        }
    } else {
        return Err(cursor.unknown(format!("`{}` is no column constraint", cursor.ahead(0))));
    }
    Ok(())
}

/// `BINARY` is what a column has without a word.
fn collation(name: Name) -> Option<ObjectName> {
    (!name.as_str().eq_ignore_ascii_case("BINARY")).then(|| ObjectName::bare(name))
}

/// `DEFAULT`'s value as `PRAGMA table_info` shows it: the source text, without the parentheses of an expression.
fn default_value(cursor: &mut Cursor<'_>) -> Read<Expr> {
    if cursor.ahead(0) == "(" {
        return cursor.parens_expr();
    }
    let start = cursor.position();
    if matches!(cursor.ahead(0), "+" | "-") {
        cursor.advance();
    }
    if cursor.at_end() || matches!(cursor.kind(), Some(TokenKind::Punct | TokenKind::Operator)) {
        return Err(cursor.unknown("a default value is missing"));
    }
    cursor.advance();
    Ok(cursor.expr(start, cursor.position()))
}

/// `ASC` or `DESC`.
pub(super) fn direction(cursor: &mut Cursor<'_>) -> Option<&'static str> {
    if cursor.take(&["ASC"]) {
        return Some("ASC");
    }
    cursor.take(&["DESC"]).then_some("DESC")
}

/// `ON CONFLICT REPLACE`; the default, `ABORT`, is the same as none.
pub(super) fn on_conflict(cursor: &mut Cursor<'_>) -> Read<Option<String>> {
    if !cursor.take(&["ON", "CONFLICT"]) {
        return Ok(None);
    }
    let word = cursor.name()?.as_str().to_ascii_uppercase();
    Ok((word != "ABORT").then(|| format!("ON CONFLICT {word}")))
}

/// `REFERENCES table (…) ON DELETE …`.
pub(super) fn references(cursor: &mut Cursor<'_>, columns: Vec<Name>) -> Read<ForeignKey> {
    cursor.expect(&["REFERENCES"])?;
    let table = ObjectName::bare(cursor.name()?);
    let referenced = if cursor.ahead(0) == "(" { cursor.names()? } else { Vec::new() };
    let mut key = ForeignKey {
        columns,
        table,
        referenced,
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        on_delete_columns: Vec::new(),
        match_full: false,
    };
    loop {
        if cursor.take(&["MATCH"]) {
            key.match_full = cursor.name()?.as_str().eq_ignore_ascii_case("FULL");
        } else if cursor.take(&["ON", "DELETE"]) {
            key.on_delete = action(cursor)?;
        } else if cursor.take(&["ON", "UPDATE"]) {
            key.on_update = action(cursor)?;
        } else if cursor.take(&["ON", "INSERT"]) {
            action(cursor)?;
        } else {
            return Ok(key);
        }
    }
}

fn action(cursor: &mut Cursor<'_>) -> Read<ReferentialAction> {
    let all: [(&[&str], ReferentialAction); 5] = [
        (&["NO", "ACTION"], ReferentialAction::NoAction),
        (&["RESTRICT"], ReferentialAction::Restrict),
        (&["CASCADE"], ReferentialAction::Cascade),
        (&["SET", "NULL"], ReferentialAction::SetNull),
        (&["SET", "DEFAULT"], ReferentialAction::SetDefault),
    ];
    let found = all.iter().find(|(words, _)| cursor.take(words)).map(|(_, action)| *action);
    found.ok_or_else(|| cursor.unknown("expected what happens to referring rows"))
}

/// `[NOT] DEFERRABLE [INITIALLY …]`.
pub(super) fn deferrable(cursor: &mut Cursor<'_>) -> Read<Deferrable> {
    if cursor.take(&["NOT", "DEFERRABLE"]) {
        if cursor.take(&["INITIALLY"]) {
            cursor.name()?;
        }
        return Ok(Deferrable::No);
    }
    if !cursor.take(&["DEFERRABLE"]) {
        return Ok(Deferrable::No);
    }
    if !cursor.take(&["INITIALLY"]) {
        return Ok(Deferrable::Immediate);
    }
    let deferred = cursor.name()?.as_str().eq_ignore_ascii_case("DEFERRED");
    Ok(if deferred { Deferrable::Deferred } else { Deferrable::Immediate })
}

/// Whether the text, written after a column's name, is read as its type and nothing else.
pub(crate) fn is_plain_type(text: &str) -> bool {
    let line = format!("c {text}");
    let mut cursor = Cursor::new(&line, super::NOWHERE);
    let read = definition(&mut cursor);
    let same = |column: &Column| column.ty == ColumnType::Other(text.to_owned()) && column.nullable;
    cursor.at_end()
        && read.is_ok_and(|read| {
            read.constraints.is_empty()
                && same(&read.column)
                && read.column.default.is_none()
                && read.column.collation.is_none()
        })
}
