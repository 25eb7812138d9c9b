//! Statements about owners and rights. They shape no table, so replay passes them over and no plan writes them; but who asks for
//! SQL that leads from one script to another has to be told where the two differ in them.

use std::collections::BTreeSet;

use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, FileId, ObjectName, Span};

use super::cursor::{Cursor, Read, Source, code_tokens};
use super::split::{StatementKind, split};

/// A statement about owners or rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// Its words, letter case and white space aside: what two scripts are compared by.
    pub text: String,
    /// Its first line, from one.
    pub line: usize,
    /// The relations, routines and types that it names.
    pub objects: BTreeSet<ObjectName>,
}

/// The statements of a PostgreSQL script that give or take rights, or name an owner.
pub fn rights(script: &str) -> Vec<Right> {
    let mut found = Vec::new();
    let statements = split(script, DialectKind::Postgres);
    for statement in statements.iter().filter(|statement| statement.kind == StatementKind::Sql) {
        let text = words(statement.text(script));
        let is = |start: &str| text.starts_with(start);
        let about_rights = is("grant ") || is("revoke ") || is("alter default privileges ");
        if about_rights || is("alter ") && text.contains(" owner to ") {
            let line = 1 + script[..statement.start].matches('\n').count();
            let objects = objects(&text).unwrap_or_default();
            found.push(Right { text, line, objects });
        }
    }
    found
}

/// What the first script says and the second does not.
pub fn missing<'a>(first: &'a [Right], second: &[Right]) -> Vec<&'a Right> {
    first.iter().filter(|right| !second.iter().any(|other| other.text == right.text)).collect()
}

/// The relations, routines and types after `ON`, or the one that gets an owner.
fn objects(text: &str) -> Read<BTreeSet<ObjectName>> {
    const OTHERS: [&str; 9] = [
        "schema",
        "database",
        "language",
        "tablespace",
        "foreign",
        "large object",
        "parameter",
        "all",
        "default",
    ];
    const KINDS: [&str; 10] = [
        "table",
        "sequence",
        "materialized view",
        "view",
        "function",
        "procedure",
        "routine",
        "aggregate",
        "type",
        "domain",
    ];
    let tokens = code_tokens(text, DialectKind::Postgres);
    let source = Source::Whole(Span::new(FileId(0), 0, 0));
    let mut cursor = Cursor::new(text, &tokens, DialectKind::Postgres, source);
    if !cursor.accept("alter") {
        while !cursor.is_done() && !cursor.accept("on") {
            cursor.skip_item();
        }
    }
    let mut found = BTreeSet::new();
    if OTHERS.iter().any(|word| cursor.are(word)) {
        return Ok(found);
    }
    cursor.accept_any(&KINDS);
    cursor.accept("only");
    loop {
        let name = cursor.object()?.shown();
        let schema = name.schema.filter(|schema| *schema != "public");
        found.insert(ObjectName { schema, name: name.name });
        if cursor.is_punct("(") {
            cursor.group()?;
        }
        if !cursor.accept_punct(",") {
            return Ok(found);
        }
    }
}

fn words(statement: &str) -> String {
    let tokens = tokens(statement, DialectKind::Postgres);
    let said = tokens.iter().filter(|token| !token.is_comment()).map(|token| match token.kind {
        TokenKind::Word => token.text(statement).to_lowercase(),
        _ => token.text(statement).to_owned(),
    });
    said.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_rights_and_where() {
        let script = "CREATE TABLE grants (a int);\n-- grant\nGRANT SELECT\n  ON t TO app;\nALTER TABLE t OWNER TO me;\n\
                      ALTER TABLE t ADD owner_to int;\nDO $$ BEGIN GRANT ALL ON t TO x; END $$;\n";
        let found: Vec<(String, usize)> =
            rights(script).into_iter().map(|right| (right.text, right.line)).collect();
        assert_eq!(
            found,
            [("grant select on t to app".to_owned(), 3), ("alter table t owner to me".to_owned(), 5)]
        );
    }

    #[test]
    fn whose_rights_they_are() {
        let script = "GRANT SELECT (a), INSERT ON TABLE t, s.u TO app; REVOKE ALL ON FUNCTION f(int, text) FROM public;\
                      GRANT USAGE ON SCHEMA s TO app; ALTER VIEW public.v OWNER TO me; GRANT app TO other";
        let names =
            |right: Right| right.objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let found: Vec<_> = rights(script).into_iter().map(names).collect();
        assert_eq!(found, ["t s.u", "f", "", "v", ""]);
    }

    #[test]
    fn spelling_is_no_difference() {
        let (one, other) = (rights("grant all on T to app"), rights("GRANT ALL\nON t TO app;"));
        assert!(missing(&one, &other).is_empty());
        assert_eq!(missing(&one, &[]).len(), 1);
    }
}
