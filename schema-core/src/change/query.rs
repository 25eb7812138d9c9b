//! Tables and columns named in the text of SQLite's views and triggers: enough of SELECT, INSERT, UPDATE and DELETE to
//! know which word is a table, which an alias, and which query a column belongs to.
//!
//! SQLite resolves the names of these texts when something is renamed and edits the words in place (ALTER TABLE,
//! "Compatibility Note"); so do we.

mod result;

use schema_model::ident::{fold, quote};
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Name};

pub(crate) use result::ResultColumn;

/// A text's words with the query that each belongs to.
pub(crate) struct Body<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The query of each token.
    scopes: Vec<usize>,
    /// The enclosing query of each query.
    parents: Vec<Option<usize>>,
    tables: Vec<TableUse>,
    ctes: Vec<Cte>,
    nested: Vec<Nested>,
    /// How many queries it stands in, when it was cut out of them.
    depth: usize,
}

/// A common table expression.
struct Cte {
    name: Name,
    /// `name (a, b)`; empty when the query names them.
    columns: Vec<Name>,
    /// The parenthesis before its query.
    open: usize,
}

/// A query, or a parenthesized join, in a FROM clause.
struct Nested {
    /// The query that it stands in.
    scope: usize,
    /// The parenthesis before it.
    open: usize,
    alias: Option<Name>,
}

/// A table, view or function in a FROM clause, or the target of a statement.
pub(crate) struct TableUse {
    scope: usize,
    token: usize,
    /// What it is called there.
    pub name: Name,
    /// `AS alias`.
    pub alias: Option<Name>,
    /// `json_each(…)` and its kin.
    pub function: bool,
}

impl TableUse {
    fn answers_to(&self, qualifier: &str) -> bool {
        self.alias.as_ref().unwrap_or(&self.name).as_str().eq_ignore_ascii_case(qualifier)
    }
}

/// Where the scan stands inside one pair of parentheses.
#[derive(Clone, Copy)]
struct Frame {
    outer: usize,
    statement: usize,
    scope: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Elsewhere,
    /// A table is next.
    Table,
    /// In a FROM clause, after this table when it is one.
    From(Option<usize>),
}

impl<'a> Body<'a> {
    /// Scans a query, or a whole `CREATE TRIGGER` statement.
    pub fn new(text: &'a str) -> Self {
        let mut tokens = tokens(text, DialectKind::Sqlite);
        tokens.retain(|token| !token.is_comment());
        let mut body = Body {
            text,
            scopes: vec![0; tokens.len()],
            tokens,
            parents: vec![None],
            tables: Vec::new(),
            ctes: Vec::new(),
            nested: Vec::new(),
            depth: 0,
        };
        body.scan();
        body
    }

    fn word(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| token.text(self.text))
    }

    fn is(&self, index: usize, word: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Word)
            && self.word(index).eq_ignore_ascii_case(word)
    }

    fn before(&self, index: usize, word: &str) -> bool {
        index.checked_sub(1).is_some_and(|before| self.is(before, word))
    }

    fn is_identifier(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
    }

    fn name(&self, index: usize) -> Name {
        Name::new(fold(self.word(index), DialectKind::Sqlite))
    }

    fn open(&mut self, parent: usize) -> usize {
        self.parents.push(Some(parent));
        self.parents.len() - 1
    }

    fn scan(&mut self) {
        let top = Frame { outer: 0, statement: 0, scope: 0, state: State::Elsewhere };
        let mut frame = top;
        let mut stack: Vec<(Frame, usize)> = Vec::new();
        let mut index = self.after_header();
        while index < self.tokens.len() {
            let mut next = index + 1;
            match self.word(index) {
                "(" => {
                    stack.push((frame, index));
                    if frame.state == State::Table {
                        self.nested.push(Nested { scope: frame.scope, open: index, alias: None });
                    }
                    let state = if frame.state == State::Table { State::Table } else { State::Elsewhere };
                    frame = Frame { outer: frame.scope, state, ..frame };
                }
                ")" => {
                    if let Some((outer, open)) = stack.pop() {
                        frame = outer;
                        if frame.state == State::Table {
                            frame.state = State::From(None);
                            next = self.alias_of_query(open, index + 1);
                        }
                    }
                }
                ";" if stack.is_empty() => frame = top,
                "," if matches!(frame.state, State::From(_)) => frame.state = State::Table,
                _ if frame.state == State::Table
                    && self.is_identifier(index)
                    && !self.is(index, "SELECT") =>
                {
                    (frame.state, next) = self.table(index, frame.scope);
                }
                _ => self.clause(index, &mut frame),
            }
            for token in index..next.min(self.tokens.len()) {
                self.scopes[token] = frame.scope;
            }
            index = next;
        }
    }

    /// A trigger's body starts after BEGIN; what stands before names its table and, after OF, its columns.
    fn after_header(&self) -> usize {
        if !self.is(0, "CREATE") {
            return 0;
        }
        let begin = (0..self.tokens.len()).find(|index| self.is(*index, "BEGIN"));
        begin.map_or(self.tokens.len(), |begin| begin + 1)
    }

    fn clause(&mut self, index: usize, frame: &mut Frame) {
        const ENDS: [&str; 12] = [
            "WHERE",
            "GROUP",
            "ORDER",
            "HAVING",
            "LIMIT",
            "WINDOW",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "SET",
            "VALUES",
            "RETURNING",
        ];
        if self.tokens[index].kind != TokenKind::Word {
            return;
        }
        if self.is(index, "SELECT") {
            frame.scope = self.open(frame.outer);
            frame.state = State::Elsewhere;
        } else if self.is(index, "INTO") || self.is(index, "UPDATE") && !self.before(index, "DO") {
            frame.scope = self.open(frame.outer);
            frame.statement = frame.scope;
            frame.state = State::Table;
        } else if self.is(index, "DELETE") && self.is(index + 1, "FROM") {
            frame.scope = self.open(frame.outer);
            frame.statement = frame.scope;
        } else if self.is(index, "FROM") && !self.before(index, "DISTINCT") || self.is(index, "JOIN") {
            frame.state = State::Table;
        } else if self.is(index, "CONFLICT") && self.before(index, "ON") {
            frame.scope = frame.statement;
            frame.state = State::Elsewhere;
        } else if ENDS.iter().any(|word| self.is(index, word)) {
            frame.state = State::Elsewhere;
        } else if self.is(index, "AS") && index > 0 {
            self.common_table(index);
        }
    }

    /// `name AS (SELECT` or `name (a, b) AS [NOT MATERIALIZED] (SELECT` after WITH.
    fn common_table(&mut self, at: usize) {
        let mut open = at + 1;
        while self.is(open, "NOT") || self.is(open, "MATERIALIZED") {
            open += 1;
        }
        let query = ["SELECT", "VALUES", "WITH"].iter().any(|word| self.is(open + 1, word));
        if self.word(open) != "(" || !query {
            return;
        }
        let mut name = at - 1;
        let mut columns = Vec::new();
        if self.word(name) == ")" {
            while name > 0 && self.word(name) != "(" {
                name -= 1;
            }
            columns =
                (name..at).filter(|index| self.is_identifier(*index)).map(|index| self.name(index)).collect();
            name = name.saturating_sub(1);
        }
        if self.is_identifier(name) {
            self.ctes.push(Cte { name: self.name(name), columns, open });
        }
    }

    /// A table at `index`, with its schema and alias; where the scan goes on.
    fn table(&mut self, index: usize, scope: usize) -> (State, usize) {
        if self.is(index, "OR") {
            // UPDATE OR IGNORE table
            return (State::Table, index + 2);
        }
        let mut at = index;
        if self.word(at + 1) == "." {
            at += 2;
        }
        let function = self.word(at + 1) == "(" && !self.is_insert_target(index);
        let mut used = TableUse { scope, token: at, name: self.name(at), alias: None, function };
        let mut next = at + 1;
        if function {
            next = self.past_parens(next);
        }
        let alias = self.alias(next);
        if let Some((alias, after)) = alias {
            used.alias = Some(alias);
            next = after;
        }
        self.tables.push(used);
        (State::From(Some(self.tables.len() - 1)), next)
    }

    fn is_insert_target(&self, index: usize) -> bool {
        self.before(index, "INTO")
    }

    fn past_parens(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for index in open..self.tokens.len() {
            match self.word(index) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        self.tokens.len()
    }

    fn alias(&self, index: usize) -> Option<(Name, usize)> {
        const NO_ALIAS: [&str; 28] = [
            "WHERE",
            "GROUP",
            "ORDER",
            "HAVING",
            "LIMIT",
            "WINDOW",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "ON",
            "USING",
            "JOIN",
            "LEFT",
            "RIGHT",
            "FULL",
            "INNER",
            "OUTER",
            "CROSS",
            "NATURAL",
            "SET",
            "VALUES",
            "SELECT",
            "DEFAULT",
            "INDEXED",
            "NOT",
            "RETURNING",
            "END",
            "WITH",
        ];
        if self.is(index, "AS") && self.is_identifier(index + 1) {
            return Some((self.name(index + 1), index + 2));
        }
        let free = self.is_identifier(index) && !NO_ALIAS.iter().any(|word| self.is(index, word));
        free.then(|| (self.name(index), index + 1))
    }

    fn alias_of_query(&mut self, open: usize, index: usize) -> usize {
        let Some((alias, next)) = self.alias(index) else { return index };
        if let Some(nested) = self.nested.iter_mut().find(|nested| nested.open == open) {
            nested.alias = Some(alias);
        }
        next
    }

    fn cte(&self, name: &Name) -> Option<&Cte> {
        self.ctes.iter().find(|cte| cte.name.as_str().eq_ignore_ascii_case(name.as_str()))
    }

    /// The tables and views that the text reads or writes, its own common table expressions left out.
    pub fn tables(&self) -> impl Iterator<Item = &TableUse> {
        self.tables.iter().filter(|used| !used.function && self.cte(&used.name).is_none())
    }

    /// The text with table `from` called `to`; `None` when it does not name it.
    pub fn rename_table(&self, from: &str, to: &Name) -> Option<String> {
        let uses: Vec<&TableUse> =
            self.tables().filter(|used| used.name.as_str().eq_ignore_ascii_case(from)).collect();
        let alias_is_it = self
            .tables
            .iter()
            .any(|used| used.alias.as_ref().is_some_and(|alias| alias.as_str().eq_ignore_ascii_case(from)));
        let header = self.header_table().filter(|at| self.name(*at).as_str().eq_ignore_ascii_case(from));
        // SQLite takes `excluded` for the name of the table that is filled, and edits it as well.
        let excluded = |index: usize| {
            let target = || self.insert_target(index).filter(|target| target.alias.is_none());
            self.is(index, "EXCLUDED")
                && target().is_some_and(|target| target.name.as_str().eq_ignore_ascii_case(from))
        };
        let qualifier = |index: &usize| {
            !alias_is_it
                && !uses.is_empty()
                && self.is_identifier(*index)
                && self.word(index + 1) == "."
                && index.checked_sub(1).is_none_or(|before| self.word(before) != ".")
                && (self.name(*index).as_str().eq_ignore_ascii_case(from) || excluded(*index))
        };
        let mut places: Vec<usize> = uses.iter().map(|used| used.token).chain(header).collect();
        places.extend((0..self.tokens.len()).filter(qualifier));
        self.edit(places, to)
    }

    /// A trigger's text with the table in its header called `to`, its body left alone.
    pub fn rename_header(&self, to: &Name) -> Option<String> {
        self.edit(self.header_table().into_iter().collect(), to)
    }

    /// The text with column `from` of `table` called `to`; `None` when it does not name it. `columns` tells the columns
    /// of the other tables.
    pub fn rename_column(
        &self,
        table: &str,
        from: &str,
        to: &Name,
        columns: &dyn Fn(&Name) -> Option<Vec<Name>>,
    ) -> Option<String> {
        self.edit(self.column_places(table, from, columns), to)
    }

    /// Whether SQLite finds the text broken when the column goes. A bare name in double quotes becomes a string (SQLite's
    /// quirks, 8), and a column that is only assigned to is not looked for until the trigger fires.
    pub fn needs_column(
        &self,
        table: &str,
        column: &str,
        columns: &dyn Fn(&Name) -> Option<Vec<Name>>,
    ) -> bool {
        self.column_places(table, column, columns).into_iter().any(|index| {
            let qualified = index > 0 && self.word(index - 1) == ".";
            (qualified || !self.word(index).starts_with('"')) && !self.is_assigned(index)
        })
    }

    /// Whether the column stands in `UPDATE OF`, in the list of an INSERT, or before the `=` of a SET.
    fn is_assigned(&self, index: usize) -> bool {
        if index < self.after_header() {
            return self.in_update_of(index);
        }
        let open = (0..index).rev().find(|at| self.word(*at) == "(" && self.past_parens(*at) > index);
        let listed = |open: usize| {
            let filled = self.tables.iter().rfind(|used| used.token < open);
            filled.is_some_and(|used| self.is_filled(used) && self.after_alias(used) == open)
        };
        let target = open.filter(|open| self.word(self.past_parens(*open)) == "=").unwrap_or(index);
        open.is_some_and(listed) || self.is_set(target, self.past_target(target))
    }

    fn after_alias(&self, used: &TableUse) -> usize {
        self.alias(used.token + 1).map_or(used.token + 1, |(_, next)| next)
    }

    /// One past a column, or a list of columns, that could be assigned to.
    fn past_target(&self, target: usize) -> usize {
        if self.word(target) == "(" { self.past_parens(target) } else { target + 1 }
    }

    /// Whether what stands here, up to a `=`, is a target of `SET a = …, b = …`.
    fn is_set(&self, target: usize, end: usize) -> bool {
        let follows =
            target.checked_sub(1).is_some_and(|before| self.is(before, "SET") || self.word(before) == ",");
        if !follows || self.word(end) != "=" {
            return false;
        }
        let mut depth = 0usize;
        for at in (0..target).rev() {
            match self.word(at) {
                ")" => depth += 1,
                "(" if depth == 0 => return false,
                "(" => depth -= 1,
                ";" => return false,
                _ if depth == 0 && self.is(at, "SET") => return true,
                _ if depth == 0 && ["WHERE", "FROM", "SELECT"].iter().any(|word| self.is(at, word)) => {
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    fn column_places(
        &self,
        table: &str,
        from: &str,
        columns: &dyn Fn(&Name) -> Option<Vec<Name>>,
    ) -> Vec<usize> {
        let of_header =
            self.header_table().is_some_and(|at| self.name(at).as_str().eq_ignore_ascii_case(table));
        let body = self.after_header();
        let places = (0..self.tokens.len()).filter(|index| {
            if !self.is_identifier(*index) || !self.name(*index).as_str().eq_ignore_ascii_case(from) {
                return false;
            }
            let qualified = *index > 1 && self.word(index - 1) == ".";
            let row = |word: &str| qualified && self.is(index - 2, word);
            if of_header && (row("NEW") || row("OLD")) {
                return true;
            }
            if *index < body {
                return of_header && !qualified && self.in_update_of(*index);
            }
            if qualified {
                return self.qualifies(index - 2, table);
            }
            !self.is_no_column(*index) && self.owns(*index, table, from, columns)
        });
        places.collect()
    }

    /// Whether the qualifier at `index` stands for the table.
    fn qualifies(&self, index: usize, table: &str) -> bool {
        let word = self.name(index);
        let is_table = |used: &TableUse| used.name.as_str().eq_ignore_ascii_case(table);
        let mut scope = Some(self.scopes[index]);
        while let Some(current) = scope {
            let mut here = self.tables.iter().filter(|used| used.scope == current);
            if let Some(used) = here.find(|used| used.answers_to(word.as_str())) {
                return is_table(used);
            }
            scope = self.parents[current];
        }
        let upsert = word.as_str().eq_ignore_ascii_case("excluded");
        upsert && self.insert_target(index).is_some_and(is_table)
    }

    /// The table that the INSERT around a token fills: `excluded` is its row (UPSERT).
    fn insert_target(&self, index: usize) -> Option<&TableUse> {
        let mut scope = Some(self.scopes[index]);
        while let Some(current) = scope {
            let mut here = self.tables.iter().filter(|used| used.scope == current);
            if let Some(target) = here.find(|used| self.is_filled(used)) {
                return Some(target);
            }
            scope = self.parents[current];
        }
        None
    }

    fn is_filled(&self, used: &TableUse) -> bool {
        let dotted = used.token.checked_sub(1).is_some_and(|before| self.word(before) == ".");
        self.is_insert_target(if dotted { used.token - 2 } else { used.token })
    }

    /// Whether the bare column at `index` is the table's: the innermost query around it that has such a column decides.
    fn owns(
        &self,
        index: usize,
        table: &str,
        column: &str,
        columns: &dyn Fn(&Name) -> Option<Vec<Name>>,
    ) -> bool {
        let mut scope = Some(self.scopes[index]);
        while let Some(current) = scope {
            for used in self.tables.iter().filter(|used| used.scope == current) {
                if used.name.as_str().eq_ignore_ascii_case(table) {
                    return true;
                }
                let has = |all: Vec<Name>| all.iter().any(|name| name.as_str().eq_ignore_ascii_case(column));
                if columns(&used.name).is_some_and(has) {
                    return false;
                }
            }
            scope = self.parents[current];
        }
        false
    }

    /// A function, an alias, a table.
    fn is_no_column(&self, index: usize) -> bool {
        let call = self.word(index + 1) == "(" || self.word(index + 1) == ".";
        let aliased = self.before(index, "AS");
        let named = self.tables.iter().any(|used| used.token == index);
        let implicit = index > 0 && {
            let before = &self.tokens[index - 1];
            let value = matches!(before.kind, TokenKind::Quoted | TokenKind::Str | TokenKind::Number);
            let word = before.kind == TokenKind::Word
                && !schema_model::keywords::is_reserved(before.text(self.text), DialectKind::Sqlite);
            value || word || before.text(self.text) == ")"
        };
        call || aliased || named || implicit
    }

    /// `… ON table …` of a trigger's header.
    fn header_table(&self) -> Option<usize> {
        let end = self.after_header();
        let on = (0..end).find(|index| self.is(*index, "ON"))?;
        Some(if self.word(on + 2) == "." { on + 3 } else { on + 1 })
    }

    fn in_update_of(&self, index: usize) -> bool {
        let of = (0..index).find(|at| self.is(*at, "OF") && self.before(*at, "UPDATE"));
        of.is_some() && self.header_table().is_some_and(|table| index < table)
    }

    fn edit(&self, mut places: Vec<usize>, to: &Name) -> Option<String> {
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return None;
        }
        let new = quote(to, DialectKind::Sqlite);
        let mut out = String::with_capacity(self.text.len() + places.len() * new.len());
        let mut last = 0;
        for place in places {
            let token = &self.tokens[place];
            out.push_str(self.text.get(last..token.start as usize).unwrap_or(""));
            out.push_str(&new);
            last = token.end as usize;
        }
        out.push_str(self.text.get(last..).unwrap_or(""));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(table: &Name) -> Option<Vec<Name>> {
        let known: &[&str] = match table.as_str() {
            "t" => &["id", "c"],
            "u" => &["id", "d"],
            _ => return None,
        };
        Some(known.iter().map(Name::new).collect())
    }

    fn rename_column(text: &str) -> String {
        Body::new(text).rename_column("t", "c", &Name::new("x"), &columns).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn tables_are_found_where_tables_stand() {
        let text = "WITH q AS (SELECT 1 FROM a) SELECT b.c FROM b AS z, q JOIN (SELECT * FROM main.d) e, json_each(f) \
                    WHERE x IS DISTINCT FROM g AND y IN (SELECT 1 FROM h)";
        let body = Body::new(text);
        let found: Vec<&str> = body.tables().map(|used| used.name.as_str()).collect();
        assert_eq!(found, ["a", "b", "d", "h"]);
    }

    #[test]
    fn a_table_is_renamed_but_not_a_column_of_its_name() {
        let text = "SELECT tag, tag.id, x.tag FROM tag JOIN x ON tag.id = x.tag";
        let new = Body::new(text).rename_table("tag", &Name::new("label"));
        let expected = "SELECT tag, label.id, x.tag FROM label JOIN x ON label.id = x.tag";
        assert_eq!(new.as_deref(), Some(expected));
    }

    #[test]
    fn columns_follow_their_table_through_aliases_and_queries() {
        let text = "SELECT a.c, c, d AS c FROM t a JOIN u ON a.c = u.d WHERE c > 1";
        assert_eq!(rename_column(text), "SELECT a.x, x, d AS c FROM t a JOIN u ON a.x = u.d WHERE x > 1");
        let text = "SELECT u.d, (SELECT max(c) FROM t WHERE t.id = u.id) FROM u WHERE u.c = 1";
        assert_eq!(
            rename_column(text),
            "SELECT u.d, (SELECT max(x) FROM t WHERE t.id = u.id) FROM u WHERE u.c = 1"
        );
    }

    #[test]
    fn triggers_name_columns_in_their_head_rows_and_targets() {
        let text = "CREATE TRIGGER g AFTER UPDATE OF c ON t WHEN new.c > 0 BEGIN INSERT INTO u (c, d) VALUES (new.c, 1); \
                    UPDATE t SET c = c + 1 WHERE id = old.id; END";
        let expected = "CREATE TRIGGER g AFTER UPDATE OF x ON t WHEN new.x > 0 BEGIN INSERT INTO u (c, d) VALUES \
                        (new.x, 1); UPDATE t SET x = x + 1 WHERE id = old.id; END";
        assert_eq!(rename_column(text), expected);
    }

    #[test]
    fn result_columns_are_named_as_in_a_view() {
        let names = |text: &str| -> Option<Vec<String>> {
            let all = Body::new(text).result_columns(&columns)?;
            Some(all.into_iter().map(|column| column.name.to_string()).collect())
        };
        let expect = |text: &str, expected: &[&str]| {
            assert_eq!(
                names(text).as_deref(),
                Some(&expected.iter().map(|s| s.to_string()).collect::<Vec<_>>()[..])
            );
        };
        expect("SELECT C, t.id AS n, count(*) k, 1 + 2, ID FROM t", &["c", "n", "k", "1 + 2", "id"]);
        expect("SELECT * FROM t JOIN u", &["id", "c", "id:1", "d"]);
        expect("SELECT x.*, CASE WHEN 1 THEN 2 END FROM u x", &["id", "d", "CASE WHEN 1 THEN 2 END"]);
        expect("SELECT * FROM (SELECT 1)", &["1"]);
    }
}
