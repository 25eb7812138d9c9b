//! A PL/pgSQL body as statements (PostgreSQL manual, 43.2 to 43.6). Expressions and SQL stay text.

use std::ops::Range;

use schema_model::Name;

use crate::sql::cursor::{Cursor, Read};

/// How deep blocks, loops and conditions may be nested.
const DEPTH: usize = 40;

/// One statement. Ranges are bytes of the body.
#[derive(Clone, Debug)]
pub(super) enum Stmt {
    /// A SQL statement, `PERFORM` included.
    Sql(Range<usize>),
    /// `name := expression`.
    Assign(Name, Range<usize>),
    /// `EXECUTE expression [INTO names] [USING …]`.
    Execute { whole: Range<usize>, expr: Range<usize>, into: Vec<Name> },
    /// `IF`, and `CASE` with its conditions as they are; whole text first.
    If { whole: Range<usize>, arms: Vec<(Condition, Vec<Stmt>)>, otherwise: Vec<Stmt> },
    /// `FOR`, `FOREACH`.
    For { whole: Range<usize>, names: Vec<Name>, over: Over, body: Vec<Stmt> },
    /// `LOOP`, `WHILE` with its condition.
    Loop { whole: Range<usize>, condition: Option<Range<usize>>, body: Vec<Stmt> },
    /// A block of its own.
    Block(Block),
    /// `RAISE EXCEPTION`; other levels do nothing.
    Raise { exception: bool },
    /// `RETURN [expression]`.
    Return(Range<usize>),
    /// `EXIT` (or `CONTINUE`), with its condition.
    Jump { exit: bool, when: Option<Range<usize>> },
}

/// A condition: `text` is true, or (`CASE operand WHEN text`) equal to the operand.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) operand: Option<Range<usize>>,
    pub(super) text: Range<usize>,
}

/// What a `FOR` runs over.
#[derive(Clone, Debug)]
pub(super) enum Over {
    /// `low .. high`, backwards when reversed.
    Numbers { low: Range<usize>, high: Range<usize>, reverse: bool },
    /// A query.
    Query(Range<usize>),
    /// A cursor.
    Cursor(Name),
    /// `EXECUTE` of a query.
    Dynamic(Range<usize>),
    /// Nothing that is known.
    Unknown,
    /// `FOREACH … IN ARRAY`.
    Array(Range<usize>),
}

/// `[DECLARE …] BEGIN … [EXCEPTION …] END`.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) declared: Vec<(Name, String, Option<Range<usize>>)>,
    /// Cursors without arguments, and their queries.
    pub(super) cursors: Vec<(Name, Range<usize>)>,
    pub(super) body: Vec<Stmt>,
    /// Condition names and what runs under them.
    pub(super) handlers: Vec<(Vec<String>, Vec<Stmt>)>,
}

/// Parses a body.
pub(super) fn body(cursor: &mut Cursor<'_>) -> Read<Block> {
    if cursor.is_punct("#") {
        cursor.bump();
        while !cursor.is_done() && !cursor.is("declare") && !cursor.is("begin") {
            cursor.bump();
        }
    }
    let block = block(cursor, 0)?;
    while cursor.accept_punct(";") {}
    cursor.expect_done()?;
    Ok(block)
}

fn label(cursor: &mut Cursor<'_>) {
    if cursor.accept_punct("<<") {
        cursor.bump();
        cursor.accept_punct(">>");
    }
}

/// From the label, `DECLARE` or `BEGIN` to `END`, without the semicolon.
fn block(cursor: &mut Cursor<'_>, depth: usize) -> Read<Block> {
    if depth > DEPTH {
        return Err(cursor.unknown("nested too deeply"));
    }
    label(cursor);
    let mut block = Block::default();
    while cursor.accept("declare") {
        while !cursor.is("begin") && !cursor.is("declare") && !cursor.is_done() {
            let name = cursor.name()?;
            let mut value = None;
            let _ = cursor.accept("no scroll") || cursor.accept("scroll");
            if cursor.accept("cursor for") || cursor.accept("cursor is") {
                block.cursors.push((name, until(cursor, &[])));
                cursor.accept_punct(";");
                continue;
            }
            cursor.accept("constant");
            let ty = cursor.type_text().unwrap_or_default();
            while !cursor.is_done() && !cursor.is_punct(";") {
                if cursor.accept_punct(":=") || cursor.accept_punct("=") || cursor.accept("default") {
                    value = Some(until(cursor, &[]));
                } else {
                    cursor.skip_item();
                }
            }
            cursor.accept_punct(";");
            block.declared.push((name, ty, value));
        }
    }
    cursor.expect("begin")?;
    block.body = statements(cursor, depth + 1)?;
    if cursor.accept("exception") {
        while cursor.accept("when") {
            let mut names = Vec::new();
            while !cursor.is("then") && !cursor.is_done() {
                if let Some(token) = cursor.bump() {
                    names.push(token.text(cursor.source_text()).to_ascii_lowercase());
                }
            }
            cursor.expect("then")?;
            block.handlers.push((names, statements(cursor, depth + 1)?));
        }
    }
    cursor.expect("end")?;
    if cursor.is_name() {
        cursor.bump();
    }
    Ok(block)
}

/// Statements up to a word that ends a list of them.
fn statements(cursor: &mut Cursor<'_>, depth: usize) -> Read<Vec<Stmt>> {
    if depth > DEPTH {
        return Err(cursor.unknown("nested too deeply"));
    }
    let mut all = Vec::new();
    loop {
        while cursor.accept_punct(";") {}
        let ends = ["end", "exception", "else", "elsif", "elseif", "when"];
        if cursor.is_done() || ends.iter().any(|word| cursor.is(word)) {
            return Ok(all);
        }
        all.extend(statement(cursor, depth)?);
        if !cursor.accept_punct(";") && !cursor.is_done() {
            return Err(cursor.unknown("expected `;`"));
        }
    }
}

fn statement(cursor: &mut Cursor<'_>, depth: usize) -> Read<Option<Stmt>> {
    label(cursor);
    let start = super::super::splice::offset(cursor);
    let whole = |cursor: &Cursor<'_>| start..last_end(cursor);
    if cursor.is("begin") || cursor.is("declare") {
        return block(cursor, depth + 1).map(|block| Some(Stmt::Block(block)));
    }
    if cursor.accept("if") {
        return condition(cursor, depth, start).map(Some);
    }
    if cursor.accept("case") {
        return case(cursor, depth, start).map(Some);
    }
    if cursor.accept("for") || cursor.is("foreach") {
        return for_loop(cursor, depth, start).map(Some);
    }
    if cursor.is("while") || cursor.is("loop") {
        let condition = cursor.accept("while").then(|| until(cursor, &["loop"]));
        let body = loop_body(cursor, depth)?;
        return Ok(Some(Stmt::Loop { whole: whole(cursor), condition, body }));
    }
    if cursor.accept("execute") && !cursor.is("on") {
        let expr = until(cursor, &["into", "using"]);
        let into = if cursor.accept("into") { names(cursor)? } else { Vec::new() };
        until(cursor, &[]);
        return Ok(Some(Stmt::Execute { whole: whole(cursor), expr, into }));
    }
    // These add to the result and go on (manual, 43.6.1.2).
    if cursor.accept("return next") {
        until(cursor, &[]);
        return Ok(None);
    }
    if cursor.accept("return query") {
        return statement(cursor, depth);
    }
    if cursor.accept("return") {
        return Ok(Some(Stmt::Return(until(cursor, &[]))));
    }
    if cursor.accept("raise") {
        let quiet = ["notice", "info", "warning", "debug", "log"].iter().any(|level| cursor.is(level));
        until(cursor, &[]);
        return Ok(Some(Stmt::Raise { exception: !quiet }));
    }
    let exit = cursor.is("exit");
    if cursor.accept("exit") || cursor.accept("continue") {
        until(cursor, &["when"]);
        let when = cursor.accept("when").then(|| until(cursor, &[]));
        return Ok(Some(Stmt::Jump { exit, when }));
    }
    if cursor.is("get") || cursor.is("fetch") {
        return Ok(Some(told_by_server(cursor)));
    }
    if ["null", "assert", "open", "close", "move"].iter().any(|word| cursor.is(word)) {
        until(cursor, &[]);
        return Ok(None);
    }
    if let Some(stmt) = assignment(cursor) {
        return Ok(Some(stmt));
    }
    let range = until(cursor, &[]);
    Ok(Some(Stmt::Sql(range)))
}

/// `GET DIAGNOSTICS name = item, …`, `FETCH cursor INTO name, …`: what the names hold then, only the server knows.
fn told_by_server(cursor: &mut Cursor<'_>) -> Stmt {
    let nothing = super::super::splice::offset(cursor);
    let mut told = Vec::new();
    if cursor.accept("fetch") {
        until(cursor, &["into"]);
        cursor.accept("into");
        told.extend(names(cursor).unwrap_or_default());
    } else {
        until(cursor, &["diagnostics"]);
        cursor.accept("diagnostics");
        while let Ok(name) = cursor.name() {
            told.push(name);
            while !cursor.is_done() && !cursor.is_punct(";") && !cursor.is_punct(",") {
                cursor.bump();
            }
            cursor.accept_punct(",");
        }
    }
    until(cursor, &[]);
    let body = told.into_iter().map(|name| Stmt::Assign(name, nothing..nothing)).collect();
    Stmt::Block(Block { body, ..Block::default() })
}

/// `name := …`, `record.field := …`, `array[1] := …`.
fn assignment(cursor: &mut Cursor<'_>) -> Option<Stmt> {
    let mut ahead = *cursor;
    let name = ahead.object().ok()?;
    if ahead.is_punct("[") {
        ahead.skip_item();
    }
    if !ahead.accept_punct(":=") && !ahead.accept_punct("=") {
        return None;
    }
    let range = until(&mut ahead, &[]);
    *cursor = ahead;
    Some(Stmt::Assign(name.schema.unwrap_or(name.name), range))
}

fn condition(cursor: &mut Cursor<'_>, depth: usize, start: usize) -> Read<Stmt> {
    let (mut arms, mut otherwise) = (Vec::new(), Vec::new());
    loop {
        let text = until(cursor, &["then"]);
        cursor.expect("then")?;
        arms.push((Condition { operand: None, text }, statements(cursor, depth + 1)?));
        if !cursor.accept("elsif") && !cursor.accept("elseif") {
            break;
        }
    }
    if cursor.accept("else") {
        otherwise = statements(cursor, depth + 1)?;
    }
    cursor.expect("end if")?;
    Ok(Stmt::If { whole: start..last_end(cursor), arms, otherwise })
}

fn case(cursor: &mut Cursor<'_>, depth: usize, start: usize) -> Read<Stmt> {
    let operand = if cursor.is("when") { None } else { Some(until(cursor, &["when"])) };
    let (mut arms, mut otherwise) = (Vec::new(), Vec::new());
    while cursor.accept("when") {
        let text = until(cursor, &["then"]);
        cursor.expect("then")?;
        arms.push((Condition { operand: operand.clone(), text }, statements(cursor, depth + 1)?));
    }
    if cursor.accept("else") {
        otherwise = statements(cursor, depth + 1)?;
    }
    cursor.expect("end case")?;
    Ok(Stmt::If { whole: start..last_end(cursor), arms, otherwise })
}

fn for_loop(cursor: &mut Cursor<'_>, depth: usize, start: usize) -> Read<Stmt> {
    let array = cursor.accept("foreach");
    let mut names = vec![cursor.name()?];
    while cursor.accept_punct(",") {
        names.push(cursor.name()?);
    }
    if cursor.accept("slice") {
        cursor.bump();
    }
    cursor.expect("in")?;
    let over = if array {
        cursor.expect("array")?;
        Over::Array(until(cursor, &["loop"]))
    } else if cursor.accept("execute") {
        let text = until(cursor, &["using", "loop"]);
        until(cursor, &["loop"]);
        Over::Dynamic(text)
    } else {
        range_or_query(cursor)
    };
    let body = loop_body(cursor, depth)?;
    Ok(Stmt::For { whole: start..last_end(cursor), names, over, body })
}

fn range_or_query(cursor: &mut Cursor<'_>) -> Over {
    let reverse = cursor.accept("reverse");
    let mut start = *cursor;
    let mut ahead = *cursor;
    let whole = until(&mut ahead, &["loop"]);
    let text = cursor.source_text().get(whole.clone()).unwrap_or_default();
    let query =
        ["select", "with", "values", "("].iter().any(|word| cursor.word(0).eq_ignore_ascii_case(word));
    *cursor = ahead;
    match text.split_once("..").filter(|_| !query) {
        Some((low, high)) => {
            let middle = whole.start + low.len();
            let high = high.to_ascii_lowercase().find(" by ").map_or(high, |at| &high[..at]);
            Over::Numbers { low: whole.start..middle, high: middle + 2..middle + 2 + high.len(), reverse }
        }
        None if query => Over::Query(whole),
        None => match start.name() {
            Ok(name) => Over::Cursor(name),
            Err(_) => Over::Unknown,
        },
    }
}

fn loop_body(cursor: &mut Cursor<'_>, depth: usize) -> Read<Vec<Stmt>> {
    cursor.expect("loop")?;
    let body = statements(cursor, depth + 1)?;
    cursor.expect("end loop")?;
    if cursor.is_name() {
        cursor.bump();
    }
    Ok(body)
}

pub(super) fn names(cursor: &mut Cursor<'_>) -> Read<Vec<Name>> {
    cursor.accept("strict");
    let mut names = vec![cursor.object()?];
    while cursor.accept_punct(",") {
        names.push(cursor.object()?);
    }
    Ok(names.into_iter().map(|name| name.schema.unwrap_or(name.name)).collect())
}

/// Everything up to one of these words or a semicolon, at this depth; `CASE … END` is passed over whole.
fn until(cursor: &mut Cursor<'_>, stops: &[&str]) -> Range<usize> {
    let start = super::super::splice::offset(cursor);
    let from = cursor.position();
    let mut cases = 0usize;
    while !cursor.is_done() && !cursor.is_punct(";") {
        if cases == 0 && stops.iter().any(|stop| cursor.is(stop)) {
            break;
        }
        if cursor.is("case") {
            cases += 1;
        } else if cases > 0 && cursor.is("end") {
            cases -= 1;
        }
        cursor.skip_item();
    }
    if cursor.position() == from { start..start } else { start..last_end(cursor) }
}

/// The end of the last token passed.
fn last_end(cursor: &Cursor<'_>) -> usize {
    cursor.last_token().map_or(0, |token| token.end as usize)
}
