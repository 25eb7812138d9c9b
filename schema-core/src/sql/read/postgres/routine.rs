//! What tells one function, procedure or aggregate from another: its name and its input arguments' types.

use std::ops::Range;

use schema_model::catalog::{Catalog, ColumnType, OpaqueId, OpaqueKind};
use schema_model::ident::quote_object;
use schema_model::token::Token;
use schema_model::type_text::{argument_type, read_type_at, write_type};
use schema_model::{Name, ObjectName};

use crate::sql::cursor::{Cursor, Read, Spelled, code_tokens};
use crate::sql::replay::Replayer;

/// One argument of a routine.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    /// Its name, where it has one.
    pub(super) name: Option<Name>,
    /// Its type.
    pub(super) ty: ColumnType,
    /// Passed in by the caller: neither `OUT` nor a column of the result.
    pub(super) input: bool,
    /// `DEFAULT`, as text.
    pub(super) default: Option<String>,
    /// The bytes in which its type stands, where the type has to be spelled in other words to be found whatever the search
    /// path is, and those words.
    pub(super) respelled: Option<(Range<usize>, String)>,
}

/// The arguments in the parentheses that come next, passed over.
pub(super) fn arguments(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Vec<Argument>> {
    let mut group = cursor.group()?;
    group.items().iter_mut().map(|item| argument(replayer, item)).collect()
}

fn argument(replayer: &Replayer, item: &mut Cursor<'_>) -> Read<Argument> {
    let mode = |item: &mut Cursor<'_>| item.accept_any(&["inout", "in", "out", "variadic"]);
    let mut direction = if item.is_punct_at(1, ",") { None } else { mode(item) };
    let default = default_of(item);
    let end = default.map_or(usize::MAX, |at| at);
    let mut tokens = rest(item, end);
    let text = item.source_text();
    let mut name = None;
    let whole = read_type_at(text, &tokens)
        .filter(|(_, used)| *used == tokens.len() || is_type_end(text, &tokens, *used));
    let ty = match whole {
        Some((ty, _)) => ty,
        None => {
            name = Some(item.name()?);
            direction = mode(item).or(direction);
            tokens = rest(item, end);
            match read_type_at(text, &tokens) {
                Some((ty, _)) => ty,
                None => return Err(item.unknown("expected a type")),
            }
        }
    };
    let like = like_column(replayer, text, &tokens);
    let respelled = respelled(replayer, text, &tokens, like.as_ref());
    let ty = like.unwrap_or(ty);
    let default = default.and_then(|at| {
        while item.position() < at {
            item.bump();
        }
        let _ = item.accept("default") || item.accept_punct("=") || item.accept_punct(":=");
        (!item.is_done()).then(|| item.rest_text())
    });
    Ok(Argument { name, ty: resolved(replayer, ty), input: direction != Some("out"), default, respelled })
}

/// The type behind `RETURNS [SETOF]`, as an argument without a name.
pub(super) fn result(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Argument> {
    let start = *cursor;
    cursor.type_text()?;
    let tokens = rest(&start, cursor.position());
    let text = cursor.source_text();
    let like = like_column(replayer, text, &tokens);
    let respelled = respelled(replayer, text, &tokens, like.as_ref());
    let read = || read_type_at(text, &tokens).map(|(ty, _)| ty);
    let ty = like.or_else(read).unwrap_or_else(|| ColumnType::Other(cursor.text_since(start.position())));
    Ok(Argument { name: None, ty: resolved(replayer, ty), input: false, default: None, respelled })
}

/// A type's spelling that depends on nothing: a user's type in its schema, and for `table.column%TYPE` the type itself,
/// as the server keeps it (manual, CREATE FUNCTION).
pub(super) fn respelled(
    replayer: &Replayer,
    text: &str,
    tokens: &[Token],
    like: Option<&ColumnType>,
) -> Option<(Range<usize>, String)> {
    let first = tokens.first()?;
    if let Some(ty) = like {
        let end = tokens.iter().position(|token| token.text(text) == "%")? + 1;
        let range = first.start as usize..tokens.get(end)?.end as usize;
        return Some((range, write_type(&resolved(replayer, ty.clone()), replayer.dialect())));
    }
    let (ty, _) = read_type_at(text, tokens)?;
    let written = ty.user_type()?.clone();
    let found = resolved(replayer, ty).user_type()?.clone();
    let range = first.start as usize..first.end as usize;
    (written != found).then(|| (range, quote_object(&found, replayer.dialect())))
}

/// `table.column%TYPE` ends in what is no part of a type.
fn is_type_end(text: &str, tokens: &[Token], used: usize) -> bool {
    tokens.get(used).is_some_and(|token| token.text(text) == "%")
}

/// The type of the column that `table.column%TYPE` names.
pub(super) fn like_column(replayer: &Replayer, text: &str, tokens: &[Token]) -> Option<ColumnType> {
    let at = tokens.iter().position(|token| token.text(text) == "%")?;
    let words: Vec<Name> = tokens[..at]
        .iter()
        .map(|token| token.text(text))
        .filter(|word| *word != ".")
        .map(Name::new)
        .collect();
    let [path @ .., table, column] = words.as_slice() else { return None };
    let span = schema_model::Span::new(schema_model::FileId(0), 0, 0);
    let spelled = Spelled { schema: path.last().cloned(), name: table.clone(), span };
    let relation = replayer.find_relation(&spelled)?;
    let table = replayer.catalog().tables.get(&relation.name)?;
    table.column(column.as_str()).map(|column| column.ty.clone())
}

/// The position of `DEFAULT` or `=`.
fn default_of(item: &Cursor<'_>) -> Option<usize> {
    let mut ahead = *item;
    while !ahead.is_done() {
        if ahead.is("default") || ahead.is_punct("=") || ahead.is_punct(":=") {
            return Some(ahead.position());
        }
        ahead.skip_item();
    }
    None
}

/// The tokens from the next one up to a position.
pub(super) fn rest(cursor: &Cursor<'_>, end: usize) -> Vec<Token> {
    let mut ahead = *cursor;
    let mut tokens = Vec::new();
    while ahead.position() < end {
        let Some(token) = ahead.bump() else { break };
        tokens.push(token);
    }
    tokens
}

/// The type with the schema in which the search path finds it.
pub(super) fn resolved(replayer: &Replayer, mut ty: ColumnType) -> ColumnType {
    if let Some(name) = ty.user_type_mut() {
        let span = schema_model::Span::new(schema_model::FileId(0), 0, 0);
        let spelled = Spelled { schema: name.schema.clone(), name: name.name.clone(), span };
        if name.schema.is_none()
            && let Some(known) = replayer.find_type(&spelled)
        {
            *name = known;
        }
    }
    ty
}

/// The type that a text names.
pub(super) fn type_of(replayer: &Replayer, text: &str) -> ColumnType {
    let dialect = replayer.dialect();
    let tokens = code_tokens(text, dialect);
    match read_type_at(text, &tokens) {
        Some((ty, used)) if used == tokens.len() => resolved(replayer, ty),
        _ => ColumnType::Other(text.to_owned()),
    }
}

/// The argument types as [`OpaqueId`] keeps them.
pub(super) fn identity(replayer: &Replayer, arguments: &[Argument]) -> String {
    let inputs = arguments.iter().filter(|argument| argument.input);
    inputs
        .map(|argument| write_type(&argument_type(&argument.ty), replayer.dialect()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The routine that a statement means: by its arguments when they are given, else the only one of the name.
pub(super) fn find(
    replayer: &Replayer,
    kinds: &[OpaqueKind],
    spelled: &Spelled,
    arguments: Option<&str>,
) -> Option<OpaqueId> {
    let catalog = replayer.catalog();
    for name in replayer.candidates(spelled) {
        let mut found = kinds.iter().flat_map(|kind| overloads(catalog, *kind, &name));
        match arguments {
            Some(arguments) => {
                if let Some(id) = found.find(|id| id.arguments == arguments) {
                    return Some(id.clone());
                }
            }
            None => {
                if let Some(id) = found.next() {
                    return Some(id.clone());
                }
            }
        }
    }
    None
}

/// All routines of a kind and name.
pub(super) fn overloads<'c>(
    catalog: &'c Catalog,
    kind: OpaqueKind,
    name: &'c ObjectName,
) -> impl Iterator<Item = &'c OpaqueId> {
    let least = OpaqueId { kind, name: name.clone(), arguments: String::new(), on: None };
    catalog.opaque.range(least..).map(|(id, _)| id).take_while(move |id| id.kind == kind && id.name == *name)
}
