//! Functions that are called for what they do: those that the history defined itself are run.

use schema_model::catalog::{OpaqueId, OpaqueKind};
use schema_model::{DialectKind, Name, Span};
use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, SelectItem, SetExpr, TableFactor,
};

use super::super::routine;
use super::eval::{Context, Variables, arguments_of};
use super::run::{may_change, run_block};
use super::value::Value;
use super::{Known, Unknown};
use crate::sql::cursor::{Cursor, Read, Source, Spelled, code_tokens, string_value};
use crate::sql::replay::Replayer;
use crate::sql::split::split;

const KINDS: [OpaqueKind; 2] = [OpaqueKind::Function, OpaqueKind::Procedure];

/// Functions of extensions that make or change tables.
const FOREIGN: [&str; 12] = [
    "create_hypertable",
    "add_dimension",
    "addgeometrycolumn",
    "dropgeometrycolumn",
    "dropgeometrytable",
    "create_distributed_table",
    "create_reference_table",
    "create_parent",
    "undo_partition",
    "dblink_exec",
    "alter_table_set_access_method",
    "topogeometrycolumn",
];

/// A query on its own: runs what it calls.
pub(in super::super) fn select_calls(replayer: &mut Replayer, cursor: &Cursor<'_>) -> Read<()> {
    for name in cursor.mentioned() {
        if FOREIGN.contains(&name.name.as_str()) {
            return Err(cursor.unknown(format!("`{}` may change the schema", name.name)));
        }
    }
    run_calls(replayer, cursor.source_text(), &Variables::new())
}

/// `CALL procedure(…)`.
pub(in super::super) fn call_procedure(replayer: &mut Replayer, cursor: &Cursor<'_>) -> Read<()> {
    call_text(replayer, cursor.source_text(), &Variables::new())
}

pub(super) fn call_text(replayer: &mut Replayer, text: &str, variables: &Variables) -> Read<()> {
    let rest = text.trim_start().get(4..).unwrap_or_default();
    run_calls(replayer, &format!("SELECT {rest}"), variables)
}

/// A routine's language and body, where it has one in a string.
fn body_of(definition: &str) -> Option<(String, String)> {
    let tokens = code_tokens(definition, DialectKind::Postgres);
    let source = Source::Whole(Span::new(schema_model::FileId(0), 0, 0));
    let mut cursor = Cursor::new(definition, &tokens, DialectKind::Postgres, source);
    let (mut language, mut body) = (String::new(), None);
    while !cursor.is_done() {
        if cursor.accept("language") {
            language = cursor.word(0).trim_matches(['\'', '"']).to_lowercase();
        } else if cursor.accept("as") {
            if let Ok(text) = cursor.string() {
                body = Some(text);
            }
        } else {
            cursor.skip_item();
        }
    }
    body.map(|body| (language, body))
}

/// Whether a routine may change the schema.
fn routine_changes(replayer: &Replayer, id: &OpaqueId, depth: usize) -> bool {
    if depth > 6 {
        return false;
    }
    let Some(object) = replayer.catalog().opaque.get(id) else { return false };
    match body_of(&object.definition) {
        Some((language, body)) if language == "plpgsql" => may_change(replayer, &body, depth + 1),
        Some((language, body)) if language == "sql" => {
            let lower = body.to_lowercase();
            ["create ", "alter ", "drop "].iter().any(|word| lower.contains(word))
                || calls_change(replayer, &body, depth + 1)
        }
        Some((language, body)) if !matches!(language.as_str(), "c" | "internal") => {
            let lower = body.to_lowercase();
            ["create table", "alter table", "drop table"].iter().any(|word| lower.contains(word))
        }
        _ => false,
    }
}

/// The routines that a text calls.
fn called(replayer: &Replayer, text: &str) -> Vec<OpaqueId> {
    let tokens = code_tokens(text, replayer.dialect());
    let mut cursor = Cursor::new(text, &tokens, replayer.dialect(), Source::Whole(replayer.here()));
    let mut found = Vec::new();
    while !cursor.is_done() {
        let mut ahead = cursor;
        match ahead.object() {
            Ok(spelled) => {
                cursor = ahead;
                if cursor.is_punct("(") {
                    found.extend(overloads(replayer, &spelled));
                }
            }
            Err(_) => drop(cursor.bump()),
        }
    }
    found
}

fn overloads(replayer: &Replayer, spelled: &Spelled) -> Vec<OpaqueId> {
    let names = replayer.candidates(spelled);
    let all = |name| KINDS.iter().flat_map(move |kind| routine::overloads(replayer.catalog(), *kind, name));
    names
        .iter()
        .map(|name| all(name).cloned().collect::<Vec<_>>())
        .find(|ids| !ids.is_empty())
        .unwrap_or_default()
}

/// Whether a routine that the text calls may change the schema.
pub(super) fn calls_change(replayer: &Replayer, text: &str, depth: usize) -> bool {
    called(replayer, text).iter().any(|id| routine_changes(replayer, id, depth))
}

/// Runs the routines that a query calls, where they may change the schema.
pub(super) fn run_calls(replayer: &mut Replayer, text: &str, variables: &Variables) -> Read<()> {
    if !calls_change(replayer, text, 0) {
        return Ok(());
    }
    let calls = super::super::query::parse(text).and_then(|query| planned(replayer, &query, variables));
    let Some(calls) = calls else {
        let message = "a function that may change the schema is called for rows that are not known";
        return Err(crate::sql::ReadError::Unknown { message: message.into(), span: replayer.here() });
    };
    for (id, arguments) in calls {
        invoke(replayer, &id, arguments)?;
    }
    Ok(())
}

/// Each call that the query makes, with the values of its arguments that are known; `None` when that cannot be told.
fn planned(
    replayer: &Replayer,
    query: &Query,
    variables: &Variables,
) -> Option<Vec<(OpaqueId, Vec<Passed>)>> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let context = Context::new(replayer, variables);
    let mut calls = Vec::new();
    let from_function = match select.from.as_slice() {
        [table] if table.joins.is_empty() => match &table.relation {
            TableFactor::Table { name, args: Some(arguments), .. } => {
                let spelled = super::super::query::spelled(name)?;
                Some((spelled, arguments.args.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    if let Some((spelled, arguments)) = from_function
        && let Some(id) = chosen(replayer, &spelled, arguments.len())
        && routine_changes(replayer, &id, 0)
    {
        let placed = placed(replayer, &id, &arguments)?;
        return Some(vec![(id, values(&context, &placed))]);
    }
    let rows = context.rows_for_calls(query, select).ok()?;
    for row in &rows {
        let context = context.beside(row);
        for item in &select.projection {
            let expr = match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
                _ => continue,
            };
            collect(replayer, &context, expr, &mut calls)?;
        }
    }
    Some(calls)
}

/// The arguments of a call in the order of the routine's own; `None` where one has no place among them.
fn placed<'f>(
    replayer: &Replayer,
    id: &OpaqueId,
    arguments: &'f [FunctionArg],
) -> Option<Vec<Option<&'f Expr>>> {
    let inputs = inputs(replayer, id);
    let mut placed: Vec<Option<&Expr>> = vec![None; inputs.len().max(arguments.len())];
    for (at, argument) in arguments.iter().enumerate() {
        let (at, value) = match argument {
            FunctionArg::Unnamed(value) => (at, value),
            FunctionArg::Named { name, arg, .. } => {
                let name = super::super::query::folded(name);
                (inputs.iter().position(|own| own.name.as_ref() == Some(&name))?, arg)
            }
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg, .. } => {
                let name = super::super::query::folded(name);
                (inputs.iter().position(|own| own.name.as_ref() == Some(&name))?, arg)
            }
            FunctionArg::ExprNamed { .. } => return None,
        };
        let FunctionArgExpr::Expr(value) = value else { return None };
        placed[at] = Some(value);
    }
    Some(placed)
}

/// What the arguments stand for; one that is left out has no entry, and takes its default.
fn values(context: &Context<'_>, placed: &[Option<&Expr>]) -> Vec<Passed> {
    placed.iter().map(|argument| argument.map(|expr| context.expr(expr).ok())).collect()
}

/// An argument's value where it is known; none when the argument is left out.
type Passed = Option<Option<Value>>;

/// The arguments in a call's parentheses.
fn in_parentheses(function: &Function) -> &[FunctionArg] {
    match &function.args {
        FunctionArguments::List(list) => &list.args,
        FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
    }
}

fn collect(
    replayer: &Replayer,
    context: &Context<'_>,
    expr: &Expr,
    calls: &mut Vec<(OpaqueId, Vec<Passed>)>,
) -> Option<()> {
    match expr {
        Expr::Function(function) => {
            let arguments = in_parentheses(function);
            let spelled = super::super::query::spelled(&function.name)?;
            let id = chosen(replayer, &spelled, arguments.len());
            if let Some(id) = id.filter(|id| routine_changes(replayer, id, 0)) {
                let placed = placed(replayer, &id, arguments)?;
                calls.push((id, values(context, &placed)));
            } else {
                let nested = arguments_of(function).unwrap_or_default();
                nested.iter().try_for_each(|argument| collect(replayer, context, argument, calls))?;
            }
            Some(())
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => collect(replayer, context, inner, calls),
        // Anywhere else a call may or may not be made.
        other => (!calls_change(replayer, &other.to_string(), 0)).then_some(()),
    }
}

/// The routine of a name that takes so many arguments.
fn chosen(replayer: &Replayer, spelled: &Spelled, count: usize) -> Option<OpaqueId> {
    let ids = overloads(replayer, spelled);
    let takes = |id: &&OpaqueId| {
        let inputs = inputs(replayer, id);
        let required = inputs.iter().filter(|argument| argument.default.is_none()).count();
        (required..=inputs.len()).contains(&count)
    };
    ids.iter().find(takes).cloned()
}

/// A routine's input arguments.
fn inputs(replayer: &Replayer, id: &OpaqueId) -> Vec<routine::Argument> {
    let Some(object) = replayer.catalog().opaque.get(id) else { return Vec::new() };
    let text = &object.definition;
    let tokens = code_tokens(text, replayer.dialect());
    let mut cursor = Cursor::new(text, &tokens, replayer.dialect(), Source::Whole(replayer.here()));
    cursor.bump();
    cursor.bump();
    let arguments = cursor.object().and_then(|_| routine::arguments(replayer, &mut cursor));
    arguments.unwrap_or_default().into_iter().filter(|argument| argument.input).collect()
}

/// The values of a routine's arguments, by name and by number.
fn bound(replayer: &Replayer, id: &OpaqueId, values: &[Passed]) -> Variables {
    let mut variables = Variables::new();
    let none = Variables::new();
    for (at, argument) in inputs(replayer, id).iter().enumerate() {
        let context = Context::new(replayer, &none);
        let value = match values.get(at) {
            Some(Some(value)) => value.clone(),
            _ => argument.default.as_ref().and_then(|text| context.text(text).ok()),
        };
        let value = value.map(|value| context.cast(value.clone(), &argument.ty).unwrap_or(value));
        if let Some(name) = &argument.name {
            variables.insert(name.clone(), value.clone());
        }
        variables.insert(Name::from(format!("${}", at + 1)), value);
    }
    variables
}

/// What a routine that the scripts made gives for these values: the query of one in SQL, the only RETURN of one in
/// PL/pgSQL.
pub(super) fn result(context: &Context<'_>, spelled: &Spelled, arguments: &[Value]) -> Known<Value> {
    let replayer = context.replayer;
    let id = chosen(replayer, spelled, arguments.len()).ok_or(Unknown)?;
    let object = replayer.catalog().opaque.get(&id).ok_or(Unknown)?;
    let (language, body) = body_of(&object.definition).ok_or(Unknown)?;
    let passed: Vec<Passed> = arguments.iter().map(|value| Some(Some(value.clone()))).collect();
    let variables = bound(replayer, &id, &passed);
    let inside = Context { variables: &variables, rows: Vec::new(), ..context.deeper()? };
    match language.as_str() {
        "sql" => {
            let text = body.trim().trim_end_matches(';');
            inside.scalar(&super::super::query::parse(text).ok_or(Unknown)?)
        }
        "plpgsql" => inside.text(super::run::only_return(&body).ok_or(Unknown)?),
        _ => Err(Unknown),
    }
}

fn invoke(replayer: &mut Replayer, id: &OpaqueId, values: Vec<Passed>) -> Read<()> {
    let Some(object) = replayer.catalog().opaque.get(id) else { return Ok(()) };
    let Some((language, body)) = body_of(&object.definition) else { return Ok(()) };
    let variables = bound(replayer, id, &values);
    let source = Source::Whole(replayer.here());
    match language.as_str() {
        "plpgsql" => run_block(replayer, &body, source, variables),
        "sql" => replayer.nested(|replayer| {
            for statement in split(&body, replayer.dialect()) {
                let text = statement.text(&body);
                let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                if matches!(first.as_str(), "select" | "with") {
                    run_calls(replayer, text, &variables)?;
                } else if !crate::sql::read::passes_over(&first, replayer.dialect()) {
                    replayer.try_statement(text, source)?;
                }
            }
            Ok(())
        }),
        other => {
            let message = format!("a function in {other} may change the schema");
            Err(crate::sql::ReadError::Unknown { message, span: replayer.here() })
        }
    }
}

/// The text of a `DO` block and its language.
pub(in super::super) fn do_body(cursor: &mut Cursor<'_>) -> Option<(String, usize, bool, String)> {
    let (mut language, mut body) = ("plpgsql".to_owned(), None);
    while !cursor.is_done() {
        if cursor.accept("language") {
            language = cursor.bump()?.text(cursor.source_text()).trim_matches(['\'', '"']).to_lowercase();
            continue;
        }
        let token = cursor.token(0)?;
        let text = token.text(cursor.source_text());
        // In dollar quotes the body stands as it is, so that its parts have places of their own.
        let open = text.strip_prefix('$').and_then(|rest| rest.find('$')).map_or(1, |at| at + 2);
        let plain = text.starts_with('$')
            || (text.starts_with('\'') && !text[1..].trim_end_matches('\'').contains('\''));
        body = Some((string_value(text), token.start as usize + open, plain));
        cursor.string().ok()?;
    }
    body.map(|(text, start, plain)| (text, start, plain, language))
}
