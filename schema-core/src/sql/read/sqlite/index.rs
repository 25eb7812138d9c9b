//! `CREATE INDEX`, from its text to an index.

use schema_model::catalog::{Index, IndexPart, IndexTerm, Table};
use schema_model::token::TokenKind;
use schema_model::{Name, ObjectName};

use super::cursor::Cursor;
use super::same;
use super::table::NO_NULLS_ORDER;
use crate::sql::cursor::{Read, Spelled};

/// What follows `CREATE [UNIQUE] INDEX`, up to the table's name.
pub(super) struct CreateIndex {
    pub if_not_exists: bool,
    pub name: Spelled,
    pub table: Spelled,
}

pub(super) fn create_index(cursor: &mut Cursor<'_>) -> Read<CreateIndex> {
    let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object()?;
    cursor.expect(&["ON"])?;
    // The index stands in one database with its table, and names it alone.
    let table = Spelled { schema: name.schema.clone(), ..cursor.object()? };
    Ok(CreateIndex { if_not_exists, name, table })
}

/// The rest: `(terms) [WHERE …]`, over the table's columns.
pub(super) fn index(cursor: &mut Cursor<'_>, name: Name, unique: bool, table: &Table) -> Read<Index> {
    let mut index = Index::over(name, []);
    index.unique = unique;
    index.origin = cursor.origin(0, cursor.len());
    cursor.expect_mark("(")?;
    loop {
        index.parts.push(part(cursor, table)?);
        if !cursor.take_mark(",") {
            break;
        }
    }
    cursor.expect_mark(")")?;
    if cursor.take(&["WHERE"]) {
        let start = cursor.position();
        cursor.go_to(cursor.len());
        index.predicate = Some(cursor.expr(start, cursor.len()));
    }
    if cursor.at_end() { Ok(index) } else { Err(cursor.unknown("expected the end of the statement")) }
}

/// `term [COLLATE name] [ASC|DESC]`.
fn part(cursor: &mut Cursor<'_>, table: &Table) -> Read<IndexPart> {
    let (start, end) = cursor.pass_item();
    let last = |cursor: &mut Cursor<'_>, end: usize, word: &str| {
        cursor.go_to(end.saturating_sub(1));
        end > start + 1 && cursor.is_word(0, word)
    };
    let mut term_end = end;
    cursor.go_to(end.saturating_sub(2));
    if end > start + 2
        && cursor.is_word(0, "NULLS")
        && (cursor.is_word(1, "FIRST") || cursor.is_word(1, "LAST"))
    {
        return Err(cursor.refused(NO_NULLS_ORDER, end - 2, end));
    }
    let descending = last(cursor, term_end, "DESC");
    if descending || last(cursor, term_end, "ASC") {
        term_end -= 1;
    }
    let mut collation = None;
    if term_end >= start + 3 {
        cursor.go_to(term_end - 2);
        if cursor.take(&["COLLATE"]) {
            collation = Some(cursor.name()?);
            term_end -= 2;
        }
    }
    if term_end <= start {
        return Err(cursor.refused("an index term is missing", start, end));
    }
    let term = term(cursor, start, term_end, table);
    cursor.go_to(end);
    let own = match &term {
        IndexTerm::Column(name) => table.column(name.as_str()).and_then(|column| column.collation.clone()),
        IndexTerm::Expr(_) => None,
    };
    let own = own.map_or_else(|| Name::new("BINARY"), |own| own.name);
    // Saying the collation that the column has anyway is saying nothing.
    let collation = collation.filter(|said| !same(said, &own)).map(ObjectName::bare);
    // NULLs come first in SQLite's ascending order, always; the flag is filled in as in a plain index elsewhere.
    Ok(IndexPart { collation, descending, nulls_first: descending, ..IndexPart::of(term) })
}

fn term(cursor: &mut Cursor<'_>, start: usize, end: usize, table: &Table) -> IndexTerm {
    cursor.go_to(start);
    let name_like = matches!(cursor.kind(), Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Str));
    if end == start + 1
        && name_like
        && let Ok(name) = cursor.name()
        && let Some(column) = table.columns.iter().find(|column| same(&column.name, &name))
    {
        return IndexTerm::Column(column.name.clone());
    }
    IndexTerm::Expr(cursor.expr(start, end))
}

/// The index that a stored `CREATE INDEX` text stands for, and its table's name as spelled there.
#[cfg(feature = "sqlite")]
pub(crate) fn index_from_text(text: &str, table: &Table) -> Read<Index> {
    let mut cursor = Cursor::new(text, super::NOWHERE);
    cursor.expect(&["CREATE"])?;
    let unique = cursor.take(&["UNIQUE"]);
    cursor.expect(&["INDEX"])?;
    let read = create_index(&mut cursor)?;
    let mut index = index(&mut cursor, read.name.name, unique, table)?;
    index.origin = schema_model::Origin::NONE;
    Ok(index)
}
