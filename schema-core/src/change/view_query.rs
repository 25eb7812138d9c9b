//! A column renamed under a view: the database keeps the reference and the view's own column names, so the query is
//! rewritten to name the new column, and to give it the old name where it is a column of the result.

use std::collections::HashMap;

use schema_model::ident::{fold, quote};
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Name, ObjectName};

/// The query with column `from` of `table` spelled `to`; `None` when it does not name it.
pub(super) fn rename_column_in_query(
    query: &str,
    table: &ObjectName,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) -> Option<String> {
    let mut all = tokens(query, dialect);
    all.retain(|token| !token.is_comment());
    let walk = Walk { query, all: &all, dialect };
    let scopes = walk.scopes(table);
    let (mut out, mut last) = (String::with_capacity(query.len() + 32), 0usize);
    for (at, token) in all.iter().enumerate() {
        if !walk.is_name(at, from) || !walk.is_reference(at, &scopes) {
            continue;
        }
        let (start, end) = (token.start as usize, token.end as usize);
        out.push_str(&query[last..start]);
        out.push_str(&quote(to, dialect));
        if walk.is_bare_item(at, &scopes) {
            out.push_str(" AS ");
            out.push_str(&quote(from, dialect));
        }
        last = end;
    }
    (last > 0).then(|| out + &query[last..])
}

/// Where a token stands: the SELECT it belongs to, and whether it is directly in that one's column list.
#[derive(Clone, Copy, Default)]
struct Place {
    scope: usize,
    list: bool,
    order: bool,
}

#[derive(Default)]
struct Scopes {
    places: Vec<Place>,
    parents: Vec<usize>,
    /// Qualifiers of each SELECT, and whether they stand for the table.
    qualifiers: Vec<HashMap<String, bool>>,
    /// Names given with AS in each SELECT's column list.
    aliases: Vec<Vec<String>>,
}

struct Walk<'a> {
    query: &'a str,
    all: &'a [Token],
    dialect: DialectKind,
}

impl Walk<'_> {
    fn text(&self, at: usize) -> &str {
        self.all.get(at).map_or("", |token| token.text(self.query))
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        self.all.get(at).is_some_and(|token| token.kind == TokenKind::Word)
            && self.text(at).eq_ignore_ascii_case(word)
    }

    fn name(&self, at: usize) -> Option<String> {
        let token = self.all.get(at)?;
        matches!(token.kind, TokenKind::Word | TokenKind::Quoted).then(|| fold(self.text(at), self.dialect))
    }

    fn is_name(&self, at: usize, name: &Name) -> bool {
        self.name(at).is_some_and(|own| match self.dialect {
            DialectKind::Postgres => own == name.as_str(),
            DialectKind::Sqlite => own.eq_ignore_ascii_case(name.as_str()),
        })
    }

    fn scopes(&self, table: &ObjectName) -> Scopes {
        let mut scopes = Scopes { parents: vec![0], qualifiers: vec![HashMap::new()], ..Scopes::default() };
        scopes.aliases.push(Vec::new());
        let mut here = Place::default();
        let mut stack = Vec::new();
        let mut relation = false;
        for at in 0..self.all.len() {
            let first = self.text(at);
            match first {
                "(" => {
                    stack.push((here, relation));
                    here = Place { list: false, order: false, ..here };
                }
                ")" => (here, relation) = stack.pop().unwrap_or((here, false)),
                _ => {}
            }
            if self.is_word(at, "select") {
                let parent = stack.last().map_or(0, |(outer, _)| outer.scope);
                scopes.parents.push(parent);
                scopes.qualifiers.push(HashMap::new());
                scopes.aliases.push(Vec::new());
                here = Place { scope: scopes.parents.len() - 1, list: true, order: false };
            } else if self.is_word(at, "from") && here.list || self.is_word(at, "join") {
                here.list = false;
                relation = true;
            } else if self.is_word(at, "order") {
                here.order = true;
            } else if ["where", "group", "having", "limit", "union", "on"]
                .iter()
                .any(|word| self.is_word(at, word))
            {
                relation = false;
            }
            scopes.places.push(here);
            let starts = at > 0
                && (self.text(at - 1) == ","
                    || ["from", "join", "only", "lateral"].iter().any(|word| self.is_word(at - 1, word)));
            if relation && starts && !here.list {
                self.note_relation(at, table, &mut scopes.qualifiers[here.scope]);
            }
            if here.list && at > 0 && self.is_word(at - 1, "as") {
                scopes.aliases[here.scope].extend(self.name(at));
            }
        }
        scopes
    }

    /// A relation of a FROM clause: by its alias, else by its name.
    fn note_relation(&self, at: usize, table: &ObjectName, qualifiers: &mut HashMap<String, bool>) {
        let Some(first) = self.name(at) else { return };
        let dotted = self.text(at + 1) == ".";
        let (schema, name, mut next) = match dotted {
            true => (Some(first), self.name(at + 2).unwrap_or_default(), at + 3),
            false => (None, first, at + 1),
        };
        let schema = schema.filter(|schema| schema != "public");
        let same =
            name == table.name.as_str() && schema.as_deref() == table.schema.as_ref().map(Name::as_str);
        next += usize::from(self.is_word(next, "as"));
        let keywords = [
            "on", "where", "join", "left", "right", "inner", "full", "cross", "natural", "group", "order",
            "limit", "using", "union", "having",
        ];
        let alias = self.name(next).filter(|_| !keywords.iter().any(|word| self.is_word(next, word)));
        qualifiers.insert(alias.unwrap_or(name), same);
    }

    /// Whether the name is the table's column here, and not an alias, a function or another relation's column.
    fn is_reference(&self, at: usize, scopes: &Scopes) -> bool {
        let place = scopes.places[at];
        if matches!(self.text(at + 1), "(" | ".") || at > 0 && self.is_word(at - 1, "as") {
            return false;
        }
        if at > 1 && self.text(at - 1) == "." {
            let Some(qualifier) = self.name(at - 2) else { return false };
            let mut scope = place.scope;
            loop {
                match scopes.qualifiers[scope].get(&qualifier) {
                    Some(same) => return *same,
                    None if scope == 0 => return false,
                    None => scope = scopes.parents[scope],
                }
            }
        }
        let named = self.name(at).is_some_and(|name| scopes.aliases[place.scope].contains(&name));
        !(place.order && named) && scopes.qualifiers[place.scope].values().any(|same| *same)
    }

    /// Whether the reference is a column of the result as it stands, so that its name was the result's.
    fn is_bare_item(&self, at: usize, scopes: &Scopes) -> bool {
        let mut start = at;
        while start >= 2 && self.text(start - 1) == "." {
            start -= 2;
        }
        let before = start.checked_sub(1);
        let opens = before.is_some_and(|before| {
            self.text(before) == ","
                || ["select", "distinct", "all"].iter().any(|word| self.is_word(before, word))
        });
        let closes = matches!(self.text(at + 1), "," | ")" | "")
            || ["from", "union", "where"].iter().any(|word| self.is_word(at + 1, word));
        scopes.places[at].list && opens && closes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(query: &str) -> String {
        let table = ObjectName::bare("users");
        rename_column_in_query(query, &table, &"email".into(), &"mail".into(), DialectKind::Postgres)
            .unwrap_or_else(|| query.to_owned())
    }

    #[test]
    fn results_keep_their_names() {
        let cases = [
            ("SELECT email FROM users", "SELECT mail AS email FROM users"),
            ("SELECT u.id, u.email FROM users u", "SELECT u.id, u.mail AS email FROM users u"),
            (
                "SELECT lower(email) AS email FROM users ORDER BY email",
                "SELECT lower(mail) AS email FROM users ORDER BY email",
            ),
            (
                "SELECT email AS e FROM users WHERE email <> ''",
                "SELECT mail AS e FROM users WHERE mail <> ''",
            ),
            (
                "SELECT o.email FROM users u JOIN others o ON o.id = u.email",
                "SELECT o.email FROM users u JOIN others o ON o.id = u.mail",
            ),
            (
                "SELECT x FROM (SELECT email AS x FROM users) s",
                "SELECT x FROM (SELECT mail AS x FROM users) s",
            ),
            (
                "SELECT email FROM others WHERE id IN (SELECT id FROM users)",
                "SELECT email FROM others WHERE id IN (SELECT id FROM users)",
            ),
            (
                "SELECT a FROM others, public.users AS u WHERE u.email = a",
                "SELECT a FROM others, public.users AS u WHERE u.mail = a",
            ),
        ];
        for (query, expected) in cases {
            assert_eq!(renamed(query), expected);
        }
    }
}
