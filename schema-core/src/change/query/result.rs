//! What a query yields: the columns of a view, and of a table made `AS` it.

use schema_model::token::TokenKind;
use schema_model::{DialectKind, Name};

use super::{Body, TableUse};

/// A result column of a query: its name, and the column it is when it is one and no more.
#[derive(Clone)]
pub(crate) struct ResultColumn {
    /// The name that a view shows.
    pub name: Name,
    /// Table and column.
    pub source: Option<(Name, Name)>,
    /// The type of a `CAST`.
    pub cast: Option<String>,
    /// An expression without an affinity, as all are but columns, casts and queries (Datatypes, 3.2).
    pub plain: bool,
}

/// Tells the columns of a table or view.
type Columns<'c> = &'c dyn Fn(&Name) -> Option<Vec<Name>>;

/// What stands in a FROM clause: its name there, and its columns when they are known.
struct Source {
    token: usize,
    name: Option<Name>,
    columns: Option<Vec<ResultColumn>>,
}

impl Source {
    fn answers_to(&self, qualifier: &Name) -> bool {
        self.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(qualifier.as_str()))
    }

    fn column(&self, wanted: &Name) -> Option<&ResultColumn> {
        let same = |column: &&ResultColumn| column.name.as_str().eq_ignore_ascii_case(wanted.as_str());
        self.columns.iter().flatten().find(same)
    }
}

impl Body<'_> {
    /// The result columns of a query; `None` when they cannot be told. Named as SQLite names a view's columns: the alias,
    /// else the column's own name, else the text; a name that is taken gets `:1`.
    pub fn result_columns(&self, columns: Columns<'_>) -> Option<Vec<ResultColumn>> {
        let first = self.first_select()?;
        if self.is(first, "VALUES") {
            return Some(self.values(first + 1));
        }
        let mut at = first + 1;
        if self.is(at, "DISTINCT") || self.is(at, "ALL") {
            at += 1;
        }
        let scope = self.scopes[first];
        let sources = self.sources(scope, columns);
        let mut all: Vec<ResultColumn> = Vec::new();
        loop {
            let end = self.item_end(at);
            self.item(at, end, scope, &sources, columns, &mut all)?;
            if self.word(end) != "," {
                break;
            }
            at = end + 1;
        }
        Some(unique(all))
    }

    /// The first SELECT, or VALUES, behind the common table expressions.
    fn first_select(&self) -> Option<usize> {
        let starts = |index: usize| self.is(index, "SELECT") || self.is(index, "VALUES");
        if !self.is(0, "WITH") {
            return starts(0).then_some(0);
        }
        let mut depth = 0usize;
        (0..self.tokens.len()).find(|index| {
            match self.word(*index) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && starts(*index)
        })
    }

    /// `VALUES (a, b), …` yields `column1`, `column2`.
    fn values(&self, open: usize) -> Vec<ResultColumn> {
        let mut all = Vec::new();
        let mut at = open + 1;
        loop {
            let end = self.item_end(at);
            let name = Name::new(format!("column{}", all.len() + 1));
            all.push(ResultColumn { name, source: None, cast: self.cast(at, end), plain: true });
            if self.word(end) != "," {
                return all;
            }
            at = end + 1;
        }
    }

    /// Everything in the FROM clause of a query, in order.
    fn sources(&self, scope: usize, columns: Columns<'_>) -> Vec<Source> {
        let tables = self.tables.iter().filter(|used| used.scope == scope).map(|used| Source {
            token: used.token,
            name: Some(used.alias.as_ref().unwrap_or(&used.name).clone()),
            columns: self.columns_of(used, columns),
        });
        let queries = self.nested.iter().filter(|nested| nested.scope == scope).map(|nested| Source {
            token: nested.open,
            name: nested.alias.clone(),
            columns: self.inside(nested.open).and_then(|query| query.result_columns(columns)),
        });
        let mut all: Vec<Source> = tables.chain(queries).collect();
        all.sort_by_key(|source| source.token);
        all
    }

    fn columns_of(&self, used: &TableUse, columns: Columns<'_>) -> Option<Vec<ResultColumn>> {
        if used.function {
            return None;
        }
        if let Some(cte) = self.cte(&used.name) {
            let mut all = self.inside(cte.open)?.result_columns(columns)?;
            for (column, name) in all.iter_mut().zip(&cte.columns) {
                column.name.clone_from(name);
            }
            return Some(all);
        }
        let column = |name: Name| ResultColumn {
            source: Some((used.name.clone(), name.clone())),
            name,
            cast: None,
            plain: false,
        };
        Some(columns(&used.name)?.into_iter().map(column).collect())
    }

    /// What stands inside a parenthesis, as a query of its own; not deeper than anybody writes.
    fn inside(&self, open: usize) -> Option<Body<'_>> {
        let close = self.past_parens(open).checked_sub(1)?;
        let first = self.tokens.get(open)?.end as usize;
        let last = self.tokens.get(close)?.start as usize;
        let query = ["SELECT", "VALUES", "WITH"].iter().any(|word| self.is(open + 1, word));
        let text = self.text.get(first..last).filter(|_| query && self.depth < 16)?;
        Some(Body { depth: self.depth + 1, ..Body::new(text) })
    }

    fn item_end(&self, start: usize) -> usize {
        const ENDS: [&str; 9] =
            ["FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT"];
        let mut depth = 0usize;
        for index in start..self.tokens.len() {
            match self.word(index) {
                "(" => depth += 1,
                ")" if depth == 0 => return index,
                ")" => depth -= 1,
                "," if depth == 0 => return index,
                _ if depth == 0 && self.is(index, "FROM") && self.before(index, "DISTINCT") => {}
                _ if depth == 0 && ENDS.iter().any(|word| self.is(index, word)) => return index,
                _ => {}
            }
        }
        self.tokens.len()
    }

    fn item(
        &self,
        start: usize,
        end: usize,
        scope: usize,
        sources: &[Source],
        columns: Columns<'_>,
        all: &mut Vec<ResultColumn>,
    ) -> Option<()> {
        let (alias, expr_end) = self.item_alias(start, end);
        if self.word(expr_end.wrapping_sub(1)) == "*" && (expr_end == start + 1 || expr_end == start + 3) {
            let qualifier = (expr_end == start + 3).then(|| self.name(start));
            let meant = |source: &&Source| qualifier.as_ref().is_none_or(|word| source.answers_to(word));
            let before = all.len();
            for source in sources.iter().filter(meant) {
                all.extend(source.columns.as_ref()?.iter().cloned());
            }
            let known = all.len() > before && (qualifier.is_some() || !self.is_merged());
            return known.then_some(());
        }
        let mut column = self.expression(start, expr_end, scope, sources, columns)?;
        if let Some(alias) = alias {
            // Under a name of its own the rowid is an integer; without one it has its key's name.
            let rowid = ["rowid", "oid", "_rowid_"].iter().any(|word| self.is(expr_end - 1, word));
            if rowid && column.source.is_none() && !column.plain && expr_end <= start + 3 {
                column.cast = Some("INTEGER".to_owned());
            }
            column.name = alias;
        }
        all.push(column);
        Some(())
    }

    fn item_alias(&self, start: usize, end: usize) -> (Option<Name>, usize) {
        let can_be = end >= start + 2
            && matches!(self.tokens[end - 1].kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Str);
        if can_be && self.is(end - 2, "AS") {
            (Some(self.name(end - 1)), end - 2)
        } else if can_be && self.is_implicit_alias(end - 1) {
            (Some(self.name(end - 1)), end - 1)
        } else {
            (None, end)
        }
    }

    /// One expression. Parentheses and COLLATE change neither name nor affinity of a column.
    fn expression(
        &self,
        start: usize,
        end: usize,
        scope: usize,
        sources: &[Source],
        columns: Columns<'_>,
    ) -> Option<ResultColumn> {
        let first = self.tokens.get(start)?.start as usize;
        let last = self.tokens.get(end.checked_sub(1)?)?.end as usize;
        let text = Name::new(self.text.get(first..last)?);
        let (mut start, mut end) = (start, end);
        loop {
            if end >= start + 3 && self.is(end - 2, "COLLATE") {
                end -= 2;
            } else if self.word(start) == "("
                && self.past_parens(start) == end
                && self.inside(start).is_none()
            {
                (start, end) = (start + 1, end - 1);
            } else {
                break;
            }
        }
        if self.word(start) == "("
            && self.past_parens(start) == end
            && let Some(query) = self.inside(start)
        {
            let column = query.result_columns(columns)?.into_iter().next()?;
            return Some(ResultColumn { name: text, ..column });
        }
        let (qualifier, at) = match end.checked_sub(start)? {
            1 => (None, start),
            3 if self.word(start + 1) == "." => (Some(self.name(start)), start + 2),
            _ => {
                let cast = self.cast(start, end);
                return Some(ResultColumn { name: text, source: None, cast, plain: true });
            }
        };
        let constant = ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
        if !self.is_identifier(at) || constant.iter().any(|word| self.is(at, word)) {
            return Some(ResultColumn { name: text, source: None, cast: None, plain: true });
        }
        let wanted = self.name(at);
        let meant = |source: &&Source| qualifier.as_ref().is_none_or(|word| source.answers_to(word));
        let mut found = sources.iter().filter(meant);
        if let Some(column) = found.clone().find_map(|source| source.column(&wanted)) {
            return Some(column.clone());
        }
        // A function's column has no type; what is named otherwise could be anything, the rowid first of all.
        let function = self.tables.iter().any(|used| used.scope == scope && used.function);
        let plain = function && found.any(|source| source.columns.is_none());
        Some(ResultColumn { name: wanted, source: None, cast: None, plain })
    }

    /// Whether columns of two tables can be merged into one by `*`.
    fn is_merged(&self) -> bool {
        (0..self.tokens.len()).any(|index| self.is(index, "USING") || self.is(index, "NATURAL"))
    }

    fn is_implicit_alias(&self, index: usize) -> bool {
        let before = &self.tokens[index - 1];
        let text = before.text(self.text);
        let operand = match before.kind {
            TokenKind::Word => {
                text.eq_ignore_ascii_case("END")
                    || text.eq_ignore_ascii_case("NULL")
                    || !schema_model::keywords::is_reserved(text, DialectKind::Sqlite)
            }
            TokenKind::Quoted | TokenKind::Str | TokenKind::Number => true,
            _ => text == ")",
        };
        let last = &self.tokens[index];
        let word = last.kind != TokenKind::Word
            || !["END", "NULL", "ISNULL", "NOTNULL"].iter().any(|word| self.is(index, word));
        // The name of a collation is no alias.
        operand && word && !self.before(index, "COLLATE")
    }

    /// The type of `CAST(… AS type)` when that is the whole of it.
    fn cast(&self, start: usize, end: usize) -> Option<String> {
        if !self.is(start, "CAST") || self.past_parens(start + 1) != end {
            return None;
        }
        let at = (start..end).rev().find(|index| self.is(*index, "AS"))?;
        let first = self.tokens.get(at + 1)?.start as usize;
        let last = self.tokens.get(end.checked_sub(2)?)?.end as usize;
        self.text.get(first..last).map(str::to_owned)
    }

    /// Whether the query is one SELECT, with no UNION and the like around it.
    pub fn is_simple(&self) -> bool {
        let mut depth = 0usize;
        !(0..self.tokens.len()).any(|index| {
            match self.word(index) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && ["UNION", "EXCEPT", "INTERSECT"].iter().any(|word| self.is(index, word))
        })
    }
}

fn unique(mut all: Vec<ResultColumn>) -> Vec<ResultColumn> {
    for index in 0..all.len() {
        let base = all[index].name.clone();
        let mut count = 0;
        while all[..index]
            .iter()
            .any(|known| known.name.as_str().eq_ignore_ascii_case(all[index].name.as_str()))
        {
            count += 1;
            all[index].name = Name::new(format!("{base}:{count}"));
        }
    }
    all
}
