//! The parser of PostgreSQL expressions: operator precedence over our own tokens (manual, 4.1.6). What it does not know,
//! and what is nested too deep, it refuses; the caller then keeps the text.

use schema_model::catalog::ColumnType;
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::type_text::read_type_at;
use schema_model::{DialectKind, ident, keywords};

use super::literal;
use super::tokens_text::folded;
use super::tree::{Subscript, Tree};

/// The expression is not understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NotUnderstood;

type Parsed<T = Tree> = Result<T, NotUnderstood>;

/// How high a tree may grow: everything that walks one does so by recursion.
const HEIGHT: usize = 120;

/// Binding powers, loosest first.
mod power {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const IS: u8 = 4;
    pub const COMPARE: u8 = 5;
    pub const RANGE: u8 = 6;
    pub const OPERATOR: u8 = 7;
    pub const ADD: u8 = 8;
    pub const MULTIPLY: u8 = 9;
    pub const EXPONENT: u8 = 10;
    pub const ZONE: u8 = 11;
    pub const COLLATE: u8 = 12;
    pub const SIGN: u8 = 13;
    pub const SUBSCRIPT: u8 = 14;
}

/// Parses a whole text as one expression.
pub(super) fn parse(text: &str) -> Parsed {
    let all: Vec<Token> =
        tokens(text, DialectKind::Postgres).into_iter().filter(|token| !token.is_comment()).collect();
    if all.iter().any(|token| !token.closed) {
        return Err(NotUnderstood);
    }
    let mut parser = Parser { text, tokens: &all, at: 0, depth: 0, height: 0 };
    let tree = parser.expression(0)?;
    if parser.at == all.len() { Ok(tree) } else { Err(NotUnderstood) }
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// Height of the tree parsed last.
    height: usize,
}

impl<'a> Parser<'a> {
    fn kind(&self, ahead: usize) -> Option<TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    fn peek(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text(self.text))
    }

    pub(super) fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.kind(ahead) == Some(TokenKind::Word) && self.peek(ahead).eq_ignore_ascii_case(word)
    }

    pub(super) fn is_mark(&self, ahead: usize, mark: &str) -> bool {
        matches!(self.kind(ahead), Some(TokenKind::Punct | TokenKind::Operator)) && self.peek(ahead) == mark
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.at += usize::from(found);
        found
    }

    fn take_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word));
        self.at += if found { words.len() } else { 0 };
        found
    }

    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(0, mark);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_mark(&mut self, mark: &str) -> Parsed<()> {
        if self.take_mark(mark) { Ok(()) } else { Err(NotUnderstood) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(NotUnderstood) }
    }

    /// The tree just built stands one above the tallest of what was parsed for it.
    fn grown(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > HEIGHT { Err(NotUnderstood) } else { Ok(()) }
    }

    pub(super) fn any_expression(&mut self) -> Parsed {
        self.expression(0)
    }

    /// An expression up to `IN` or `FROM`.
    pub(super) fn tight_expression(&mut self) -> Parsed {
        self.expression(power::RANGE)
    }

    /// An expression whose operators all bind tighter than `least`.
    fn expression(&mut self, least: u8) -> Parsed {
        self.depth += 1;
        if self.depth > HEIGHT {
            return Err(NotUnderstood);
        }
        let beside = std::mem::take(&mut self.height);
        let mut left = self.prefix()?;
        self.grown()?;
        loop {
            match self.infix(left, least)? {
                (tree, true) => left = tree,
                (tree, false) => {
                    self.height = self.height.max(beside);
                    self.depth -= 1;
                    return Ok(tree);
                }
            }
            self.grown()?;
        }
    }

    fn right(&mut self, least: u8) -> Parsed<Box<Tree>> {
        self.expression(least).map(Box::new)
    }

    fn prefix(&mut self) -> Parsed {
        if self.take_word("not") {
            let inner = self.right(power::NOT)?;
            return Ok(Tree::Not(inner));
        }
        if self.kind(0) == Some(TokenKind::Operator) {
            let operator = self.peek(0).to_owned();
            self.at += 1;
            let sign = matches!(operator.as_str(), "-" | "+");
            let inner = self.right(if sign { power::SIGN } else { power::OPERATOR })?;
            return Ok(Tree::Prefix(operator, inner));
        }
        self.primary()
    }

    /// One operator and its right side, when it binds tighter than `least`; otherwise the left side as it came.
    fn infix(&mut self, left: Tree, least: u8) -> Parsed<(Tree, bool)> {
        match self.kind(0) {
            Some(TokenKind::Word) => self.word_infix(left, least),
            Some(TokenKind::Operator) => self.operator_infix(left, least),
            Some(TokenKind::Punct) if self.is_mark(0, "[") && power::SUBSCRIPT > least => {
                self.at += 1;
                let subscript = self.subscript()?;
                Ok((Tree::Index(Box::new(left), subscript), true))
            }
            _ => Ok((left, false)),
        }
    }

    fn subscript(&mut self) -> Parsed<Subscript> {
        let from = if self.is_mark(0, ":") { None } else { Some(self.right(0)?) };
        let subscript = match from {
            Some(at) if !self.is_mark(0, ":") => Subscript::At(at),
            from => {
                self.expect_mark(":")?;
                let to = if self.is_mark(0, "]") { None } else { Some(self.right(0)?) };
                Subscript::Slice(from, to)
            }
        };
        self.expect_mark("]")?;
        Ok(subscript)
    }

    fn operator_infix(&mut self, left: Tree, least: u8) -> Parsed<(Tree, bool)> {
        let operator = match self.peek(0) {
            "!=" => "<>",
            operator => operator,
        };
        if operator == "::" {
            self.at += 1;
            let ty = self.column_type()?;
            return Ok((Tree::Cast(Box::new(left), ty), true));
        }
        let power = match operator {
            "=" | "<" | ">" | "<=" | ">=" | "<>" => power::COMPARE,
            "+" | "-" => power::ADD,
            "*" | "/" | "%" => power::MULTIPLY,
            "^" => power::EXPONENT,
            ":=" | "=>" => return Err(NotUnderstood),
            _ => power::OPERATOR,
        };
        if power <= least {
            return Ok((left, false));
        }
        self.at += 1;
        Ok((self.operation(left, operator.to_owned(), power)?, true))
    }

    /// What follows an operator: an expression, or `ANY (…)`.
    fn operation(&mut self, left: Tree, operator: String, power: u8) -> Parsed {
        let quantified = ["any", "some", "all"].iter().any(|word| self.is_word(0, word));
        if !quantified || !self.is_mark(1, "(") {
            let right = self.right(power)?;
            return Ok(Tree::Infix(operator, Box::new(left), right));
        }
        let all = self.is_word(0, "all");
        self.at += 1;
        let right = match self.subquery()? {
            Some(query) => query,
            None => {
                self.expect_mark("(")?;
                let inner = self.expression(0)?;
                self.expect_mark(")")?;
                inner
            }
        };
        Ok(Tree::Any { left: Box::new(left), operator, all, right: Box::new(right) })
    }

    fn word_infix(&mut self, left: Tree, least: u8) -> Parsed<(Tree, bool)> {
        if self.is_word(0, "operator") && self.is_mark(1, "(") && power::OPERATOR > least {
            let operator = self.qualified_operator()?;
            return Ok((self.operation(left, operator, power::OPERATOR)?, true));
        }
        let word = self.peek(0).to_ascii_lowercase();
        let negated = word == "not" && self.kind(1) == Some(TokenKind::Word);
        let word = if negated { self.peek(1).to_ascii_lowercase() } else { word };
        let power = match word.as_str() {
            "or" if !negated => power::OR,
            "and" if !negated => power::AND,
            "is" | "isnull" | "notnull" if !negated => power::IS,
            "in" | "between" | "like" | "ilike" | "similar" => power::RANGE,
            "at" if !negated && self.is_word(1, "time") => power::ZONE,
            "collate" if !negated => power::COLLATE,
            _ => return Ok((left, false)),
        };
        if power <= least {
            return Ok((left, false));
        }
        self.at += 1 + usize::from(negated);
        let tree = match word.as_str() {
            "or" => Tree::Or(self.junction(left, "or", power)?),
            "and" => Tree::And(self.junction(left, "and", power)?),
            "is" => self.is_test(left)?,
            "isnull" => Tree::Is(Box::new(left), "NULL".into()),
            "notnull" => Tree::Is(Box::new(left), "NOT NULL".into()),
            "in" => self.in_list(left, negated)?,
            "between" => self.between(left, negated)?,
            "like" => self.pattern(left, if negated { "!~~" } else { "~~" })?,
            "ilike" => self.pattern(left, if negated { "!~~*" } else { "~~*" })?,
            "similar" => {
                self.expect_word("to")?;
                self.similar(left, negated)?
            }
            "at" => {
                if !self.take_words(&["time", "zone"]) {
                    return Err(NotUnderstood);
                }
                let zone = self.expression(power::ZONE)?;
                Tree::call("timezone", vec![zone, left])
            }
            _ => Tree::Collate(Box::new(left), self.name_path()?),
        };
        Ok((tree, true))
    }

    /// The operands of a run of one junction, so that long conditions stay flat.
    fn junction(&mut self, left: Tree, word: &str, power: u8) -> Parsed<Vec<Tree>> {
        let mut items = vec![left];
        loop {
            items.push(self.expression(power)?);
            if !self.take_word(word) {
                return Ok(items);
            }
        }
    }

    fn is_test(&mut self, left: Tree) -> Parsed {
        let negated = self.take_word("not");
        if self.take_words(&["distinct", "from"]) {
            return Ok(distinct(left, *self.right(power::IS)?, negated));
        }
        const TESTS: [&str; 7] = ["null", "true", "false", "unknown", "document", "normalized", "json"];
        let form = ["nfc", "nfd", "nfkc", "nfkd"].iter().find(|form| self.is_word(0, form)).copied();
        self.at += usize::from(form.is_some());
        let test = TESTS.iter().find(|test| self.take_word(test)).ok_or(NotUnderstood)?;
        let words = [negated.then_some("not"), form, Some(*test)];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ").to_ascii_uppercase();
        Ok(Tree::Is(Box::new(left), words))
    }

    fn in_list(&mut self, left: Tree, negated: bool) -> Parsed {
        let operator = if negated { "<>" } else { "=" }.to_owned();
        let right = match self.subquery()? {
            Some(query) => query,
            None => {
                self.expect_mark("(")?;
                Tree::Array(self.list(")")?)
            }
        };
        Ok(Tree::Any { left: Box::new(left), operator, all: negated, right: Box::new(right) })
    }

    /// `BETWEEN` is two comparisons to PostgreSQL (`transformAExprBetween`).
    fn between(&mut self, left: Tree, negated: bool) -> Parsed {
        let symmetric = self.take_word("symmetric");
        self.take_word("asymmetric");
        let low = self.expression(power::RANGE)?;
        self.expect_word("and")?;
        let high = self.expression(power::RANGE)?;
        self.grown()?;
        let range = |low: &Tree, high: &Tree| {
            let pair = |first: &str, second: &str| {
                vec![
                    Tree::infix(first, left.clone(), low.clone()),
                    Tree::infix(second, left.clone(), high.clone()),
                ]
            };
            if negated { Tree::Or(pair("<", ">")) } else { Tree::And(pair(">=", "<=")) }
        };
        Ok(match (symmetric, negated) {
            (false, _) => range(&low, &high),
            (true, false) => Tree::Or(vec![range(&low, &high), range(&high, &low)]),
            (true, true) => Tree::And(vec![range(&low, &high), range(&high, &low)]),
        })
    }

    fn pattern(&mut self, left: Tree, operator: &str) -> Parsed {
        let tree = self.operation(left, operator.to_owned(), power::RANGE)?;
        if !self.take_word("escape") {
            return Ok(tree);
        }
        let escape = self.expression(power::RANGE)?;
        match tree {
            Tree::Infix(operator, left, right) => {
                let right = Tree::call("like_escape", vec![*right, escape]);
                Ok(Tree::Infix(operator, left, Box::new(right)))
            }
            _ => Err(NotUnderstood),
        }
    }

    fn similar(&mut self, left: Tree, negated: bool) -> Parsed {
        let mut arguments = vec![self.expression(power::RANGE)?];
        if self.take_word("escape") {
            arguments.push(self.expression(power::RANGE)?);
        }
        let right = Tree::call("similar_to_escape", arguments);
        Ok(Tree::infix(if negated { "!~" } else { "~" }, left, right))
    }

    /// `OPERATOR(pg_catalog.=)`.
    fn qualified_operator(&mut self) -> Parsed<String> {
        self.at += 2;
        let mut schema = None;
        while matches!(self.kind(0), Some(TokenKind::Word | TokenKind::Quoted)) {
            schema = Some(ident::fold(self.peek(0), DialectKind::Postgres));
            self.at += 1;
            self.expect_mark(".")?;
        }
        let operator = self.peek(0).to_owned();
        if self.kind(0) != Some(TokenKind::Operator)
            || !matches!(schema.as_deref(), None | Some("pg_catalog" | "public"))
        {
            return Err(NotUnderstood);
        }
        self.at += 1;
        self.expect_mark(")")?;
        Ok(match operator.as_str() {
            "!=" => "<>".into(),
            _ => operator,
        })
    }

    /// Comma-separated expressions up to and with the closing mark.
    pub(super) fn list(&mut self, close: &str) -> Parsed<Vec<Tree>> {
        let mut items = Vec::new();
        if self.take_mark(close) {
            return Ok(items);
        }
        loop {
            items.push(self.argument()?);
            if self.take_mark(close) {
                return Ok(items);
            }
            self.expect_mark(",")?;
        }
    }

    /// A list's item, with the marks that a function's argument can have.
    fn argument(&mut self) -> Parsed {
        let mark = if self.take_word("variadic") {
            "VARIADIC ".to_owned()
        } else if self.is_word(0, "distinct") {
            self.at += 1;
            "DISTINCT ".to_owned()
        } else if self.kind(0) == Some(TokenKind::Word) && (self.is_mark(1, "=>") || self.is_mark(1, ":=")) {
            self.at += 2;
            format!("{} => ", ident::fold(self.tokens[self.at - 2].text(self.text), DialectKind::Postgres))
        } else {
            return self.expression(0);
        };
        let inner = self.right(0)?;
        self.grown()?;
        Ok(Tree::Marked(mark, inner))
    }

    /// `(SELECT …)`, kept as tokens.
    pub(super) fn subquery(&mut self) -> Parsed<Option<Tree>> {
        let query = ["select", "with", "values"].iter().any(|word| self.is_word(1, word));
        if !self.is_mark(0, "(") || !query {
            return Ok(None);
        }
        let (start, mut depth) = (self.at, 0usize);
        loop {
            match (self.kind(0), self.peek(0)) {
                (None, _) => return Err(NotUnderstood),
                (Some(TokenKind::Punct), "(") => depth += 1,
                (Some(TokenKind::Punct), ")") => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(Some(Tree::Raw(folded(
                    self.text,
                    &self.tokens[start..self.at],
                    DialectKind::Postgres,
                ))));
            }
        }
    }

    pub(super) fn column_type(&mut self) -> Parsed<ColumnType> {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let (ty, used) = read_type_at(self.text, rest).ok_or(NotUnderstood)?;
        self.at += used;
        Ok(ty)
    }

    fn primary(&mut self) -> Parsed {
        let text = self.peek(0);
        match self.kind(0).ok_or(NotUnderstood)? {
            TokenKind::Number => {
                self.at += 1;
                Ok(Tree::Number(literal::number(text).ok_or(NotUnderstood)?))
            }
            TokenKind::Str => self.string().map(Tree::Str),
            TokenKind::Punct if text == "(" => self.parenthesis(),
            TokenKind::Word => self.word(),
            TokenKind::Quoted => self.path(),
            _ => Err(NotUnderstood),
        }
    }

    /// A string constant; one on the next line continues it (manual, 4.1.2.1).
    pub(super) fn string(&mut self) -> Parsed<String> {
        let mut value = String::new();
        loop {
            value += &literal::string(self.peek(0)).ok_or(NotUnderstood)?;
            self.at += 1;
            if self.kind(0) != Some(TokenKind::Str) {
                return Ok(value);
            }
            let between = self.tokens[self.at - 1].end as usize..self.tokens[self.at].start as usize;
            if !self.text.get(between).is_some_and(|space| space.contains(['\n', '\r'])) {
                return Err(NotUnderstood);
            }
        }
    }

    pub(super) fn is_string(&self) -> bool {
        self.kind(0) == Some(TokenKind::Str)
    }

    fn parenthesis(&mut self) -> Parsed {
        if let Some(query) = self.subquery()? {
            return Ok(query);
        }
        self.at += 1;
        let mut items = self.list(")")?;
        let mut tree = match items.len() {
            1 => items.remove(0),
            0 => return Err(NotUnderstood),
            _ => Tree::Row(items),
        };
        while self.take_mark(".") {
            tree = Tree::Field(Box::new(tree), self.name()?);
            self.grown()?;
        }
        Ok(tree)
    }

    pub(super) fn name(&mut self) -> Parsed<String> {
        if !matches!(self.kind(0), Some(TokenKind::Word | TokenKind::Quoted)) {
            return Err(NotUnderstood);
        }
        self.at += 1;
        Ok(ident::fold(self.tokens[self.at - 1].text(self.text), DialectKind::Postgres))
    }

    /// A qualified name as SQL spells it, without `pg_catalog` and `public`.
    fn name_path(&mut self) -> Parsed<String> {
        let mut path = vec![self.name()?];
        while self.take_mark(".") {
            path.push(self.name()?);
        }
        Ok(spelled(&path))
    }

    fn word(&mut self) -> Parsed {
        let word = self.peek(0).to_ascii_lowercase();
        if let Some(tree) = self.special(&word)? {
            return Ok(tree);
        }
        if let Some(tree) = self.typed_literal()? {
            return Ok(tree);
        }
        if keywords::is_reserved(&word, DialectKind::Postgres) && !self.is_mark(1, "(") {
            return Err(NotUnderstood);
        }
        self.path()
    }

    /// `date '2024-01-01'`, `interval '1' day`.
    fn typed_literal(&mut self) -> Parsed<Option<Tree>> {
        let start = self.at;
        let Ok(ty) = self.column_type() else { return Ok(None) };
        if !self.is_string() {
            self.at = start;
            return Ok(None);
        }
        let mut value = self.string()?;
        if ty == ColumnType::Interval {
            const UNITS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
            let unit = UNITS.iter().find(|unit| self.take_word(unit));
            if let Some(unit) = unit {
                if self.is_word(0, "to") {
                    return Err(NotUnderstood);
                }
                value = format!("{value} {unit}");
            }
        }
        Ok(Some(Tree::Cast(Box::new(Tree::Str(value)), ty)))
    }

    /// A column or a function call.
    fn path(&mut self) -> Parsed {
        let mut path = vec![self.name()?];
        while self.take_mark(".") {
            path.push(self.name()?);
        }
        if !self.take_mark("(") {
            return Ok(Tree::Column(path.pop().unwrap_or_default()));
        }
        let name = spelled(&path);
        if self.is_mark(0, "*") && self.is_mark(1, ")") {
            self.at += 2;
            return Ok(Tree::Call(name, vec![Tree::Raw("*".into())]));
        }
        let arguments = self.list(")")?;
        let more = ["filter", "over", "within"].iter().any(|word| self.is_word(0, word));
        if more { Err(NotUnderstood) } else { Ok(Tree::Call(name, arguments)) }
    }
}

/// A qualified name, quoted where it must be, without `pg_catalog` and `public`.
fn spelled(path: &[String]) -> String {
    let path = match path {
        [schema, rest @ ..] if !rest.is_empty() && matches!(schema.as_str(), "pg_catalog" | "public") => rest,
        path => path,
    };
    let quoted = path.iter().map(|part| {
        let bare = keywords::is_reserved(part, DialectKind::Postgres) && CALLABLE.contains(&part.as_str());
        if bare { part.clone() } else { ident::quote(&part.as_str().into(), DialectKind::Postgres) }
    });
    quoted.collect::<Vec<_>>().join(".")
}

/// Keywords that are also the plain names of functions.
const CALLABLE: [&str; 8] =
    ["coalesce", "greatest", "least", "nullif", "left", "right", "substring", "overlay"];

/// `x IS DISTINCT FROM NULL` asks what `x IS NOT NULL` asks.
fn distinct(left: Tree, right: Tree, negated: bool) -> Tree {
    if right == Tree::Null {
        return Tree::Is(Box::new(left), if negated { "NULL" } else { "NOT NULL" }.to_owned());
    }
    let distinct = Tree::Distinct(Box::new(left), Box::new(right));
    if negated { Tree::Not(Box::new(distinct)) } else { distinct }
}
