//! Equal meanings made the same tree, the way PostgreSQL's parser and its `pg_get_expr` see them.

use schema_model::catalog::ColumnType;

use super::literal;
use super::scope::{Class, Scope};
use super::tree::{Subscript, Tree};

/// The normal form, from the leaves up.
pub(super) fn normal(tree: Tree, scope: &Scope<'_>) -> Tree {
    let one = |tree: Box<Tree>| Box::new(normal(*tree, scope));
    let all = |trees: Vec<Tree>| trees.into_iter().map(|tree| normal(tree, scope)).collect::<Vec<_>>();
    match tree {
        Tree::Cast(inner, ty) => cast(normal(*inner, scope), ty, scope),
        Tree::Prefix(operator, inner) => prefix(operator, normal(*inner, scope)),
        Tree::Infix(operator, left, right) => {
            infix(operator, normal(*left, scope), normal(*right, scope), scope)
        }
        Tree::Not(inner) => Tree::Not(one(inner)),
        Tree::And(items) => Tree::And(flat(all(items), |item| match item {
            Tree::And(inner) => Ok(inner),
            other => Err(other),
        })),
        Tree::Or(items) => Tree::Or(flat(all(items), |item| match item {
            Tree::Or(inner) => Ok(inner),
            other => Err(other),
        })),
        Tree::Is(inner, test) => Tree::Is(one(inner), test),
        Tree::Distinct(left, right) => Tree::Distinct(one(left), one(right)),
        Tree::Call(name, arguments) => call(name, all(arguments)),
        Tree::Marked(mark, inner) => Tree::Marked(mark, one(inner)),
        Tree::Any { left, operator, all, right } => {
            any(normal(*left, scope), operator, all, normal(*right, scope), scope)
        }
        Tree::Array(items) => Tree::Array(all(items)),
        Tree::Row(items) => Tree::Row(all(items)),
        Tree::Case(operand, arms, otherwise) => {
            let arms =
                arms.into_iter().map(|(when, then)| (normal(when, scope), normal(then, scope))).collect();
            // Without ELSE it is NULL, which the server spells out.
            let otherwise = otherwise.map(one).filter(|tree| **tree != Tree::Null);
            Tree::Case(operand.map(one), arms, otherwise)
        }
        Tree::Index(inner, subscript) => {
            let subscript = match subscript {
                Subscript::At(at) => Subscript::At(one(at)),
                Subscript::Slice(from, to) => Subscript::Slice(from.map(one), to.map(one)),
            };
            Tree::Index(one(inner), subscript)
        }
        Tree::Field(inner, name) => Tree::Field(one(inner), name),
        Tree::Collate(inner, collation) => Tree::Collate(one(inner), collation),
        leaf @ (Tree::Null
        | Tree::Bool(_)
        | Tree::Number(_)
        | Tree::Str(_)
        | Tree::Column(_)
        | Tree::Keyword(_)
        | Tree::Raw(_)) => leaf,
    }
}

/// The normal form of a default: assigned to a column of this type, so that a last cast to it says nothing.
pub(super) fn assigned(tree: Tree, ty: &ColumnType, scope: &Scope<'_>) -> Tree {
    let mut tree = normal(tree, scope);
    loop {
        tree = match tree {
            Tree::Cast(inner, to) if to == *ty || unmodified(&to) == unmodified(ty) => *inner,
            other => break whole(other, ty),
        };
    }
}

/// A constant as the column will hold it.
fn whole(tree: Tree, ty: &ColumnType) -> Tree {
    let tree = match tree {
        Tree::Str(text) => literal::coerced(text, ty),
        other => other,
    };
    match (tree, ty) {
        (Tree::Number(number), ColumnType::Text | ColumnType::Varchar { .. }) => Tree::Str(number),
        (Tree::Number(number), _) => Tree::Number(literal::without_scale(&number)),
        (Tree::Array(items), _) => array_constant(items),
        (tree, _) => tree,
    }
}

/// An array of constants as the one constant that it is.
fn array_constant(items: Vec<Tree>) -> Tree {
    literal::array_text(&items).map_or(Tree::Array(items), Tree::Str)
}

/// The last step where an expression stands alone: an array of constants is one constant.
pub(super) fn alone(tree: Tree) -> Tree {
    match tree {
        Tree::Array(items) => array_constant(items),
        tree => tree,
    }
}

fn unmodified(ty: &ColumnType) -> ColumnType {
    match ty {
        ColumnType::Varchar { .. } => ColumnType::Varchar { length: None },
        ColumnType::Decimal { .. } => ColumnType::Decimal { precision: None },
        ColumnType::Timestamp { zoned, .. } => ColumnType::Timestamp { zoned: *zoned, precision: None },
        ColumnType::Time { zoned, .. } => ColumnType::Time { zoned: *zoned, precision: None },
        other => other.clone(),
    }
}

fn flat(items: Vec<Tree>, open: impl Fn(Tree) -> Result<Vec<Tree>, Tree>) -> Vec<Tree> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match open(item) {
            Ok(inner) => out.extend(inner),
            Err(item) => out.push(item),
        }
    }
    out
}

fn prefix(operator: String, inner: Tree) -> Tree {
    match (operator.as_str(), inner) {
        ("-", Tree::Number(number)) => Tree::Number(match number.strip_prefix('-') {
            Some(positive) => positive.to_owned(),
            None if number.bytes().all(|byte| matches!(byte, b'0' | b'.')) => number,
            None => format!("-{number}"),
        }),
        ("+", Tree::Number(number)) => Tree::Number(number),
        (_, inner) => Tree::Prefix(operator, Box::new(inner)),
    }
}

fn cast(inner: Tree, ty: ColumnType, scope: &Scope<'_>) -> Tree {
    let numeric = matches!(Class::of(&ty), Class::Number(_));
    match inner {
        Tree::Null => Tree::Null,
        Tree::Str(text) => match literal::coerced(text, &ty) {
            // An empty array is the same constant for every element type.
            Tree::Array(items) if items.is_empty() => Tree::Str("{}".into()),
            constant => constant,
        },
        Tree::Bool(value) if ty == ColumnType::Boolean => Tree::Bool(value),
        Tree::Number(number) if numeric && fits(&number, &ty) => Tree::Number(number),
        Tree::Array(items) => match ty {
            ColumnType::Array(element) => {
                let items: Vec<Tree> =
                    items.into_iter().map(|item| cast(item, (*element).clone(), scope)).collect();
                if items.is_empty() { Tree::Str("{}".into()) } else { Tree::Array(items) }
            }
            ty => Tree::Cast(Box::new(Tree::Array(items)), ty),
        },
        inner if says_nothing(&inner, &ty, scope) => inner,
        inner => Tree::Cast(Box::new(inner), ty),
    }
}

/// Whether the number keeps its value in the type.
fn fits(number: &str, ty: &ColumnType) -> bool {
    let fraction = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match ty {
        ColumnType::Integer { .. } => fraction == 0,
        ColumnType::Decimal { precision: Some((_, scale)) } => fraction as i64 <= i64::from(*scale),
        _ => true,
    }
}

/// A cast between PostgreSQL's text types without a length, which it writes itself (`(status)::text`), or to the type
/// that the expression has.
fn says_nothing(inner: &Tree, ty: &ColumnType, scope: &Scope<'_>) -> bool {
    let text = match ty {
        ColumnType::Text | ColumnType::Varchar { length: None } | ColumnType::Char { length: None } => true,
        ColumnType::Other(name) => name == "name",
        _ => false,
    };
    match scope.class(inner) {
        Class::Text | Class::Column => text,
        Class::Number(width) => {
            let modified = matches!(ty, ColumnType::Decimal { precision: Some(_) });
            Class::of(ty) == Class::Number(width) && !modified
        }
        Class::Other | Class::Unknown => matches!(inner, Tree::Cast(_, known) if known == ty),
    }
}

fn infix(operator: String, left: Tree, right: Tree, scope: &Scope<'_>) -> Tree {
    // Rows are compared column by column (`make_row_comparison_op`).
    if let (Tree::Row(left), Tree::Row(right), "=" | "<>") = (&left, &right, operator.as_str())
        && left.len() == right.len()
    {
        let pairs = left.iter().cloned().zip(right.iter().cloned());
        let pairs = pairs.map(|(left, right)| infix(operator.clone(), left, right, scope)).collect();
        return if operator == "=" { Tree::And(pairs) } else { Tree::Or(pairs) };
    }
    let (mut left, mut right) = (alone(left), alone(right));
    match operator.as_str() {
        "=" | "<>" | "<" | ">" | "<=" | ">=" => {
            left = widened_away(left, scope);
            right = widened_away(right, scope);
            left = scope.coerced(left, &right);
            right = scope.coerced(right, &left);
        }
        "+" | "-" | "*" | "/" | "%" => (left, right) = arithmetic(left, right, scope),
        _ => {}
    }
    Tree::infix(&operator, left, right)
}

/// What a comparison compares: a number is the same number in a wider type.
fn widened_away(tree: Tree, scope: &Scope<'_>) -> Tree {
    match tree {
        Tree::Cast(inner, ty) => match (scope.class(&inner), Class::of(&ty)) {
            (Class::Number(from), Class::Number(to)) if to >= from && unmodified(&ty) == ty => *inner,
            _ => Tree::Cast(inner, ty),
        },
        tree => tree,
    }
}

/// PostgreSQL casts the narrower operand to the type of the wider one: where the wider one has its type anyhow, the cast
/// says nothing.
fn arithmetic(left: Tree, right: Tree, scope: &Scope<'_>) -> (Tree, Tree) {
    let right = follows(right, &left, scope);
    let left = follows(left, &right, scope);
    (left, right)
}

fn follows(tree: Tree, other: &Tree, scope: &Scope<'_>) -> Tree {
    match tree {
        Tree::Cast(inner, ty) => {
            let (from, to) = (scope.class(&inner), Class::of(&ty));
            let implied = match (from, to) {
                (Class::Number(from), Class::Number(width)) => width >= from && scope.class(other) == to,
                _ => false,
            };
            if implied && unmodified(&ty) == ty { *inner } else { Tree::Cast(inner, ty) }
        }
        tree => tree,
    }
}

fn call(name: String, mut arguments: Vec<Tree>) -> Tree {
    match (name.as_str(), arguments.as_mut_slice()) {
        ("now" | "transaction_timestamp", []) => Tree::Keyword("CURRENT_TIMESTAMP".into()),
        ("current_schema", []) => Tree::Keyword("CURRENT_SCHEMA".into()),
        ("nextval" | "currval" | "setval", [Tree::Str(sequence), ..]) => {
            *sequence = literal::relation(sequence);
            Tree::Call(name, arguments)
        }
        ("timezone", [Tree::Str(zone), _]) if zone.eq_ignore_ascii_case("utc") => {
            *zone = "UTC".into();
            Tree::Call(name, arguments)
        }
        _ => Tree::Call(name, arguments),
    }
}

/// `IN` and its spelling as an array (`transformAExprIn`): one value is a comparison, columns among the values are
/// comparisons of their own.
fn any(left: Tree, operator: String, all: bool, right: Tree, scope: &Scope<'_>) -> Tree {
    let right = match right {
        Tree::Str(text) => literal::array(&text, &ColumnType::Text).unwrap_or(Tree::Str(text)),
        right => right,
    };
    let left = if operator == "=" || operator == "<>" { widened_away(left, scope) } else { left };
    let (items, listed) = match right {
        Tree::Array(items) if !items.is_empty() => {
            let items: Vec<Tree> =
                items.into_iter().map(|item| scope.coerced(widened_away(item, scope), &left)).collect();
            (items, matches!((operator.as_str(), all), ("=", false) | ("<>", true)))
        }
        right => return Tree::Any { left: Box::new(left), operator, all, right: Box::new(right) },
    };
    let compare = |item: Tree| infix(operator.clone(), left.clone(), item, scope);
    if let [_] = items.as_slice() {
        return items.into_iter().next().map_or(Tree::Null, compare);
    }
    if !listed || !items.iter().any(Tree::names_column) {
        return Tree::Any {
            left: Box::new(left.clone()),
            operator: operator.clone(),
            all,
            right: Box::new(Tree::Array(items)),
        };
    }
    let (columns, constants): (Vec<Tree>, Vec<Tree>) = items.iter().cloned().partition(Tree::names_column);
    let mut parts = Vec::new();
    if constants.len() > 1 {
        let right = Box::new(Tree::Array(constants));
        parts.push(Tree::Any { left: Box::new(left.clone()), operator: operator.clone(), all, right });
        parts.extend(columns.into_iter().map(compare));
    } else {
        parts.extend(items.into_iter().map(compare));
    }
    if all { Tree::And(parts) } else { Tree::Or(parts) }
}
