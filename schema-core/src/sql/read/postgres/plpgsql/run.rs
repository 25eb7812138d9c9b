//! Running a body: its DDL goes through the readers like any statement; DML and messages are passed over.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use schema_model::Name;
use schema_model::catalog::ColumnType;
use schema_model::token::TokenKind;

use super::call;
use super::eval::{Context, Variables};
use super::parse::{self, Block, Condition, Over, Stmt};
use super::system::Row;
use super::value::Value;
use super::{Known, Unknown};
use crate::sql::cursor::{Cursor, Read, ReadError, Source, code_tokens, string_value};
use crate::sql::replay::Replayer;
use crate::sql::split::split;

/// How often a loop's body runs at most.
const ROUNDS: usize = 1_000;

/// Runs the text of a body with these variables.
pub(in super::super) fn run_block(
    replayer: &mut Replayer,
    text: &str,
    source: Source,
    variables: Variables,
) -> Read<()> {
    let tokens = code_tokens(text, replayer.dialect());
    let mut cursor = Cursor::new(text, &tokens, replayer.dialect(), source);
    let block = parse::body(&mut cursor)?;
    let mut run = Run {
        text,
        source,
        variables,
        temporary: BTreeSet::new(),
        cursors: Vec::new(),
        types: HashMap::new(),
    };
    replayer.nested(|replayer| run.block(replayer, &block).map(drop))
}

/// Whether something in a body may change the schema.
pub(super) fn may_change(replayer: &Replayer, text: &str, depth: usize) -> bool {
    let tokens = code_tokens(text, replayer.dialect());
    let mut cursor = Cursor::new(text, &tokens, replayer.dialect(), Source::Whole(replayer.here()));
    match parse::body(&mut cursor) {
        Ok(block) => {
            changes(replayer, text, &block.body, depth) || handlers_change(replayer, text, &block, depth)
        }
        Err(_) => true,
    }
}

/// The expression of the RETURN that is all a body consists of.
pub(super) fn only_return(text: &str) -> Option<&str> {
    let dialect = schema_model::DialectKind::Postgres;
    let tokens = code_tokens(text, dialect);
    let place = schema_model::Span::new(schema_model::FileId(0), 0, 0);
    let block = parse::body(&mut Cursor::new(text, &tokens, dialect, Source::Whole(place))).ok()?;
    match (block.body.as_slice(), block.declared.is_empty()) {
        ([Stmt::Return(range)], true) => text.get(range.clone()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn handlers_change(replayer: &Replayer, text: &str, block: &Block, depth: usize) -> bool {
    block.handlers.iter().any(|(_, body)| changes(replayer, text, body, depth))
}

fn changes(replayer: &Replayer, text: &str, stmts: &[Stmt], depth: usize) -> bool {
    let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    stmts.iter().any(|stmt| match stmt {
        Stmt::Sql(range) => statement_changes(replayer, part(range), depth),
        Stmt::Execute { expr, .. } => !is_data(replayer, part(expr)),
        Stmt::If { arms, otherwise, .. } => {
            arms.iter().any(|(_, body)| changes(replayer, text, body, depth))
                || changes(replayer, text, otherwise, depth)
        }
        Stmt::For { body, .. } | Stmt::Loop { body, .. } => changes(replayer, text, body, depth),
        Stmt::Block(block) => {
            changes(replayer, text, &block.body, depth) || handlers_change(replayer, text, block, depth)
        }
        Stmt::Assign(_, range) => call::calls_change(replayer, part(range), depth),
        Stmt::Return(range) => call::calls_change(replayer, part(range), depth),
        Stmt::Raise { .. } | Stmt::Jump { .. } => false,
    })
}

/// Whether a statement may change the schema for longer than its session.
fn statement_changes(replayer: &Replayer, text: &str, depth: usize) -> bool {
    let words: Vec<String> = text.split_whitespace().take(3).map(str::to_lowercase).collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match word(0) {
        "create" => !matches!(word(1), "temp" | "temporary" | "role" | "user" | "database" | "group"),
        "alter" => !matches!(word(1), "role" | "user" | "database" | "system" | "group" | "default"),
        "drop" => !matches!(word(1), "role" | "user" | "database" | "owned" | "group"),
        "comment" | "import" => true,
        "select" | "perform" | "with" | "call" => call::calls_change(replayer, text, depth),
        _ => false,
    }
}

/// Whether the text to be executed starts, as far as can be seen, as a statement about data.
fn is_data(replayer: &Replayer, expr: &str) -> bool {
    let tokens = code_tokens(expr, replayer.dialect());
    let Some(first) = tokens.iter().find(|token| token.kind == TokenKind::Str) else { return false };
    let start = tokens.iter().take_while(|token| token.kind != TokenKind::Str);
    let plain =
        start.clone().all(|token| matches!(token.text(expr).to_ascii_lowercase().as_str(), "(" | "format"));
    let text = string_value(first.text(expr));
    if plain
        && matches!(text.split_whitespace().next(), Some(word) if ["create", "alter", "drop"].iter().any(|ddl| word.eq_ignore_ascii_case(ddl)))
    {
        return !statement_changes(replayer, &text, 0);
    }
    let word = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    plain
        && (crate::sql::read::passes_over(&word, replayer.dialect())
            || matches!(word.as_str(), "select" | "refresh" | "set"))
}

/// How a statement list ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    On,
    Return,
    Exit,
    Continue,
}

struct Run<'a> {
    text: &'a str,
    source: Source,
    variables: Variables,
    /// Tables that are gone when the session ends.
    temporary: BTreeSet<Name>,
    /// Cursors and their queries.
    cursors: Vec<(Name, Range<usize>)>,
    /// Types of variables that are no records.
    types: HashMap<Name, ColumnType>,
}

impl Run<'_> {
    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn eval(&self, replayer: &Replayer, range: &Range<usize>) -> Known<Value> {
        Context::new(replayer, &self.variables).text(self.part(range))
    }

    fn gap(&self, replayer: &mut Replayer, range: &Range<usize>, reason: &str) {
        replayer.add_gap(self.part(range), reason, self.source.part(range.start));
    }

    fn set(&mut self, replayer: &Replayer, name: &Name, value: Known<Value>) {
        let value = value.ok().map(|value| match self.types.get(name) {
            Some(ty) => {
                let value = match value {
                    Value::Row(mut fields) if fields.len() == 1 => fields.remove(0).1,
                    value => value,
                };
                Context::new(replayer, &self.variables).cast(value.clone(), ty).unwrap_or(value)
            }
            None => value,
        });
        self.variables.insert(name.clone(), value);
    }

    fn block(&mut self, replayer: &mut Replayer, block: &Block) -> Read<Flow> {
        for (name, ty, value) in &block.declared {
            // Records and rows keep their fields.
            match super::super::routine::type_of(replayer, ty) {
                ColumnType::Named { .. } | ColumnType::Other(_) => drop(self.types.remove(name)),
                ty => drop(self.types.insert(name.clone(), ty)),
            }
            let value = value.as_ref().map_or(Ok(Value::Null), |range| self.eval(replayer, range));
            self.set(replayer, name, value);
        }
        self.cursors.extend(block.cursors.iter().cloned());
        if block.handlers.is_empty() {
            return self.statements(replayer, &block.body);
        }
        // What the block did is undone before a handler runs (manual, 43.6.8).
        match replayer.attempt(|replayer| self.statements(replayer, &block.body)) {
            Err(ReadError::Refused { message, span }) => {
                match block.handlers.iter().find(|(names, _)| handles(names, &message)) {
                    Some((_, body)) => self.statements(replayer, body),
                    None => Err(ReadError::Refused { message, span }),
                }
            }
            outcome => outcome,
        }
    }

    fn statements(&mut self, replayer: &mut Replayer, stmts: &[Stmt]) -> Read<Flow> {
        for stmt in stmts {
            match self.statement(replayer, stmt)? {
                Flow::On => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::On)
    }

    fn statement(&mut self, replayer: &mut Replayer, stmt: &Stmt) -> Read<Flow> {
        match stmt {
            Stmt::Sql(range) => {
                let (text, source) = (self.part(range).to_owned(), self.source.part(range.start));
                self.sql(replayer, &text, source)?;
            }
            Stmt::Assign(name, range) => {
                let value = self.eval(replayer, range);
                self.set(replayer, name, value);
                let (text, variables) = (self.part(range).to_owned(), self.variables.clone());
                call::run_calls(replayer, &format!("SELECT {text}"), &variables)?;
            }
            Stmt::Execute { whole, expr, into } => return self.execute(replayer, whole, expr, into),
            Stmt::If { whole, arms, otherwise } => return self.condition(replayer, whole, arms, otherwise),
            Stmt::For { whole, names, over, body } => return self.repeat(replayer, whole, names, over, body),
            Stmt::Loop { whole, condition, body } => {
                return self.repeat_while(replayer, whole, condition.as_ref(), body);
            }
            Stmt::Block(block) => return self.block(replayer, block),
            Stmt::Raise { exception: true } => return Err(replayer.refused("the block raises an exception")),
            Stmt::Raise { .. } => {}
            Stmt::Return(range) => {
                if !range.is_empty() {
                    let query = format!("SELECT {}", self.part(range));
                    call::run_calls(replayer, &query, &self.variables.clone())?;
                }
                return Ok(Flow::Return);
            }
            Stmt::Jump { exit, when } => {
                let jumps = match when {
                    Some(range) => {
                        Context::new(replayer, &self.variables).holds(self.part(range)) == Ok(true)
                    }
                    None => true,
                };
                if jumps {
                    return Ok(if *exit { Flow::Exit } else { Flow::Continue });
                }
            }
        }
        Ok(Flow::On)
    }

    fn condition(
        &mut self,
        replayer: &mut Replayer,
        whole: &Range<usize>,
        arms: &[(Condition, Vec<Stmt>)],
        otherwise: &[Stmt],
    ) -> Read<Flow> {
        for (at, (condition, body)) in arms.iter().enumerate() {
            match self.holds(replayer, condition) {
                Ok(true) => return self.statements(replayer, body),
                Ok(false) => {}
                Err(Unknown) => {
                    let rest = || arms[at..].iter().map(|(_, body)| body.as_slice()).chain([otherwise]);
                    if rest().any(|body| changes(replayer, self.text, body, 0)) {
                        self.gap(
                            replayer,
                            whole,
                            "whether this runs depends on what is not known without the data",
                        );
                    }
                    rest().for_each(|body| self.forget(body));
                    return Ok(Flow::On);
                }
            }
        }
        self.statements(replayer, otherwise)
    }

    fn holds(&self, replayer: &Replayer, condition: &Condition) -> Known<bool> {
        let context = Context::new(replayer, &self.variables);
        match &condition.operand {
            Some(operand) => {
                let value = context.text(self.part(operand))?;
                Ok(value.equals(&context.text(self.part(&condition.text))?) == Some(true))
            }
            None => context.holds(self.part(&condition.text)),
        }
    }

    fn repeat(
        &mut self,
        replayer: &mut Replayer,
        whole: &Range<usize>,
        names: &[Name],
        over: &Over,
        body: &[Stmt],
    ) -> Read<Flow> {
        let rounds = match self.rounds(replayer, over) {
            Ok(rounds) if rounds.len() <= ROUNDS => rounds,
            _ => {
                if changes(replayer, self.text, body, 0) {
                    self.gap(replayer, whole, "what this loop runs over is not known without the data");
                }
                self.forget(body);
                return Ok(Flow::On);
            }
        };
        for round in rounds {
            self.assign(replayer, names, Some(round));
            match self.statements(replayer, body)? {
                Flow::On | Flow::Continue => {}
                Flow::Exit => break,
                Flow::Return => return Ok(Flow::Return),
            }
        }
        Ok(Flow::On)
    }

    fn repeat_while(
        &mut self,
        replayer: &mut Replayer,
        whole: &Range<usize>,
        condition: Option<&Range<usize>>,
        body: &[Stmt],
    ) -> Read<Flow> {
        if !changes(replayer, self.text, body, 0) {
            self.forget(body);
            return Ok(Flow::On);
        }
        let unknown = "how often this loop runs is not known";
        for _ in 0..ROUNDS {
            let holds = condition
                .map_or(Ok(true), |range| Context::new(replayer, &self.variables).holds(self.part(range)));
            match holds {
                Ok(true) => {}
                Ok(false) => return Ok(Flow::On),
                Err(Unknown) => break,
            }
            match self.statements(replayer, body)? {
                Flow::On | Flow::Continue => {}
                Flow::Exit => return Ok(Flow::On),
                Flow::Return => return Ok(Flow::Return),
            }
        }
        self.gap(replayer, whole, unknown);
        self.forget(body);
        Ok(Flow::On)
    }

    fn rounds(&self, replayer: &Replayer, over: &Over) -> Known<Vec<Row>> {
        let single = |value: Value| vec![(Name::new("value"), value)];
        match over {
            Over::Numbers { low, high, reverse } => {
                let number = |range| self.eval(replayer, range)?.number().ok_or(Unknown);
                let (low, high) = (number(low)?, number(high)?);
                let (low, high) = if *reverse { (high, low) } else { (low, high) };
                if high.saturating_sub(low) > ROUNDS as i64 {
                    return Err(Unknown);
                }
                let mut rounds: Vec<Row> = (low..=high).map(|value| single(Value::Int(value))).collect();
                if *reverse {
                    rounds.reverse();
                }
                Ok(rounds)
            }
            Over::Array(range) => match self.eval(replayer, range)? {
                Value::List(items) => Ok(items.into_iter().map(single).collect()),
                _ => Err(Unknown),
            },
            Over::Query(range) => Context::new(replayer, &self.variables).query_text(self.part(range)),
            Over::Cursor(name) => {
                let (_, range) = self.cursors.iter().rev().find(|(own, _)| own == name).ok_or(Unknown)?;
                Context::new(replayer, &self.variables).query_text(self.part(range))
            }
            Over::Dynamic(range) => match self.eval(replayer, range)? {
                Value::Text(text) => Context::new(replayer, &self.variables).query_text(&text),
                _ => Err(Unknown),
            },
            Over::Unknown => Err(Unknown),
        }
    }

    /// Gives a row to variables: a record takes it whole.
    fn assign(&mut self, replayer: &Replayer, names: &[Name], row: Option<Row>) {
        match (names, row) {
            ([name], Some(row)) => self.set(replayer, name, Ok(Value::Row(row))),
            (names, Some(row)) => {
                let mut values = row.into_iter().map(|(_, value)| value);
                names
                    .iter()
                    .for_each(|name| self.set(replayer, name, Ok(values.next().unwrap_or(Value::Null))));
            }
            (names, None) => names.iter().for_each(|name| self.set(replayer, name, Ok(Value::Null))),
        }
    }

    /// What these statements assign is not known any more.
    fn forget(&mut self, stmts: &[Stmt]) {
        self.variables.insert(Name::new("found"), None);
        for stmt in stmts {
            match stmt {
                Stmt::Assign(name, _) => drop(self.variables.insert(name.clone(), None)),
                Stmt::Sql(range) => {
                    for name in
                        into(self.part(range), self.source).map(|(names, _)| names).unwrap_or_default()
                    {
                        self.variables.insert(name, None);
                    }
                }
                Stmt::Execute { into, .. } => {
                    into.iter().for_each(|name| drop(self.variables.insert(name.clone(), None)));
                }
                Stmt::If { arms, otherwise, .. } => {
                    arms.iter().for_each(|(_, body)| self.forget(body));
                    self.forget(otherwise);
                }
                Stmt::For { body, .. } | Stmt::Loop { body, .. } => self.forget(body),
                Stmt::Block(block) => self.forget(&block.body),
                Stmt::Raise { .. } | Stmt::Return(_) | Stmt::Jump { .. } => {}
            }
        }
    }

    fn execute(
        &mut self,
        replayer: &mut Replayer,
        whole: &Range<usize>,
        expr: &Range<usize>,
        into: &[Name],
    ) -> Read<Flow> {
        let text = match self.eval(replayer, expr) {
            Ok(Value::Text(text)) => text,
            Ok(Value::Null) => return Err(replayer.refused("the text to execute is null")),
            _ => {
                into.iter().for_each(|name| self.set(replayer, name, Err(Unknown)));
                if !is_data(replayer, self.part(expr)) {
                    self.gap(replayer, whole, "the text that this executes is not known");
                }
                return Ok(Flow::On);
            }
        };
        if !into.is_empty() {
            let rows = Context::new(replayer, &self.variables).query_text(&text);
            self.take_rows(replayer, into, rows);
        }
        let source = Source::Whole(self.source.span(whole.start, whole.end));
        for statement in split(&text, replayer.dialect()) {
            self.sql(replayer, statement.text(&text), source)?;
        }
        Ok(Flow::On)
    }

    fn take_rows(&mut self, replayer: &Replayer, names: &[Name], rows: Known<Vec<Row>>) {
        let found = rows.as_ref().map(|rows| Value::Bool(!rows.is_empty())).map_err(|_| Unknown);
        self.set(replayer, &Name::new("found"), found);
        match rows {
            Ok(rows) => self.assign(replayer, names, rows.into_iter().next()),
            Err(Unknown) => names.iter().for_each(|name| self.set(replayer, name, Err(Unknown))),
        }
    }

    /// A SQL statement of the body or of an EXECUTE.
    fn sql(&mut self, replayer: &mut Replayer, text: &str, source: Source) -> Read<()> {
        let first = text.split(|end: char| end.is_whitespace() || end == '(').next().unwrap_or_default();
        match first.to_ascii_lowercase().as_str() {
            "perform" | "select" | "with" => self.query(replayer, text),
            "call" => call::call_text(replayer, text, &self.variables.clone()),
            first if crate::sql::read::passes_over(first, replayer.dialect()) => {
                self.variables.insert(Name::new("found"), None);
                Ok(())
            }
            _ if self.is_temporary(text) => Ok(()),
            _ => match replayer.try_statement(text, source) {
                Err(ReadError::Unknown { message, .. }) => {
                    replayer.add_gap(text, &message, source);
                    Ok(())
                }
                outcome => outcome,
            },
        }
    }

    fn query(&mut self, replayer: &mut Replayer, text: &str) -> Read<()> {
        let mut query = text.to_owned();
        if query.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("perform")) {
            query.replace_range(..7, "SELECT");
        }
        let (names, query) = into(&query, self.source).unwrap_or((Vec::new(), query));
        let rows = Context::new(replayer, &self.variables).query_text(&query);
        self.take_rows(replayer, &names, rows);
        call::run_calls(replayer, &query, &self.variables.clone())
    }

    /// Whether the statement is about tables that the session makes for itself; notes those that it makes.
    fn is_temporary(&mut self, text: &str) -> bool {
        let tokens = code_tokens(text, schema_model::DialectKind::Postgres);
        let mut cursor = Cursor::new(text, &tokens, schema_model::DialectKind::Postgres, self.source);
        if cursor.accept("create") {
            cursor.accept_any(&["local", "global"]);
            if cursor.accept_any(&["temporary", "temp"]).is_some() {
                cursor.accept_any(&["table", "view", "sequence"]);
                cursor.accept("if not exists");
                self.temporary.extend(cursor.name());
                return true;
            }
            while !cursor.is_done() && !cursor.accept("on") {
                cursor.bump();
            }
        } else if cursor.accept("drop table") || cursor.accept("alter table") {
            cursor.accept("if exists");
        } else {
            return false;
        }
        cursor.accept("only");
        !self.temporary.is_empty() && cursor.name().is_ok_and(|name| self.temporary.contains(&name))
    }
}

/// The variables of `INTO`, and the query without it.
fn into(text: &str, source: Source) -> Option<(Vec<Name>, String)> {
    let tokens = code_tokens(text, schema_model::DialectKind::Postgres);
    let mut cursor = Cursor::new(text, &tokens, schema_model::DialectKind::Postgres, source);
    if cursor.is("insert") || cursor.is("merge") {
        return None;
    }
    while !cursor.is_done() {
        if cursor.is("into") {
            let start = super::super::splice::offset(&cursor);
            cursor.bump();
            let names = parse::names(&mut cursor).ok()?;
            let end = super::super::splice::offset(&cursor);
            return Some((names, format!("{}{}", text.get(..start)?, text.get(end..)?)));
        }
        cursor.skip_item();
    }
    None
}

/// Whether a handler of these conditions takes an error (manual, appendix A).
fn handles(conditions: &[String], message: &str) -> bool {
    conditions.iter().any(|condition| match condition.as_str() {
        "others" => true,
        "raise_exception" => message.contains("raises an exception"),
        "dependent_objects_still_exist" => message.contains("used by") || message.contains("depend"),
        condition if condition.starts_with("duplicate") => message.contains("already"),
        condition if condition.starts_with("undefined") || condition.starts_with("invalid") => {
            message.contains("does not exist") || message.contains("no ")
        }
        "invalid_table_definition" => message.contains("primary key"),
        _ => false,
    })
}
