//! Conditions as both databases mean them: read with PostgreSQL's grammar, over the columns as PostgreSQL types them,
//! with the spellings that SQLite forces on its authors undone. Only for comparing one schema in two dialects.

use std::collections::BTreeSet;

use schema_model::Expr;
use schema_model::catalog::ColumnType;

use super::tree::Tree;
use super::{Scope, normal, parse, print};

/// A condition of a check, a partial index or an index's expression, in one spelling for both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portable {
    /// The spelling; the author's own text where it is not understood.
    pub text: String,
    /// `column IN ('a', 'b')`, with or without `column IS NULL OR`: the column and the values.
    pub values: Option<(String, BTreeSet<String>)>,
    /// The column of a condition that says in SQLite what the column's type says in PostgreSQL: `flag IN (0, 1)`,
    /// `json_valid(document)`, `length(name) <= 20`.
    pub of_type: Option<String>,
}

impl Portable {
    /// Reads a condition of either dialect. `scope` is the table as PostgreSQL has it.
    pub fn read(expr: &Expr, scope: &Scope<'_>) -> Portable {
        let Ok(tree) = parse::parse(expr.as_str()) else {
            return Portable { text: expr.to_string(), values: None, of_type: None };
        };
        let tree = plain(normal::alone(normal::normal(tree, scope)), scope);
        Portable { text: print::print(&tree), values: values(&tree), of_type: of_type(&tree, scope) }
    }
}

/// Without casts; booleans as themselves, not compared with 1 or 0; lists of values in order; columns as PostgreSQL
/// spells them.
fn plain(tree: Tree, scope: &Scope<'_>) -> Tree {
    let boxed = |tree: Box<Tree>| Box::new(plain(*tree, scope));
    let all = |trees: Vec<Tree>| trees.into_iter().map(|tree| plain(tree, scope)).collect::<Vec<_>>();
    match tree {
        Tree::Column(name) => Tree::Column(scope.spelled(&name).map(str::to_owned).unwrap_or(name)),
        Tree::Cast(inner, _) => plain(*inner, scope),
        Tree::Prefix(operator, inner) => Tree::Prefix(operator, boxed(inner)),
        Tree::Not(inner) => match plain(*inner, scope) {
            Tree::Not(inner) => *inner,
            inner => Tree::Not(Box::new(inner)),
        },
        Tree::And(items) => Tree::And(all(items)),
        Tree::Or(items) => Tree::Or(all(items)),
        Tree::Is(inner, words) => Tree::Is(boxed(inner), words),
        Tree::Distinct(left, right) => Tree::Distinct(boxed(left), boxed(right)),
        Tree::Call(name, arguments) => Tree::Call(name, all(arguments)),
        Tree::Any { left, operator, all: every, right } => {
            let mut right = plain(*right, scope);
            if let Tree::Array(items) = &mut right {
                items.sort_by_key(print::print);
            }
            Tree::Any { left: boxed(left), operator, all: every, right: Box::new(right) }
        }
        Tree::Infix(operator, left, right) => {
            let (left, right) = (plain(*left, scope), plain(*right, scope));
            let Some(truth) = truth(&right).filter(|_| is_boolean(&left, scope)) else {
                return Tree::Infix(operator, Box::new(left), Box::new(right));
            };
            match (operator.as_str(), truth) {
                ("=", true) | ("<>", false) => left,
                ("=", false) | ("<>", true) => Tree::Not(Box::new(left)),
                _ => Tree::Infix(operator, Box::new(left), Box::new(right)),
            }
        }
        other => other,
    }
}

fn is_boolean(tree: &Tree, scope: &Scope<'_>) -> bool {
    matches!(tree, Tree::Column(name) if scope.column(name) == Some(&ColumnType::Boolean))
}

fn truth(tree: &Tree) -> Option<bool> {
    match tree {
        Tree::Bool(value) => Some(*value),
        Tree::Number(text) if text == "1" => Some(true),
        Tree::Number(text) if text == "0" => Some(false),
        _ => None,
    }
}

fn values(tree: &Tree) -> Option<(String, BTreeSet<String>)> {
    let text = |tree: &Tree| match tree {
        Tree::Str(value) => Some(value.clone()),
        _ => None,
    };
    match tree {
        Tree::Any { left, operator, all: false, right } if operator == "=" => match (&**left, &**right) {
            (Tree::Column(column), Tree::Array(items)) => {
                Some((column.clone(), items.iter().map(text).collect::<Option<_>>()?))
            }
            _ => None,
        },
        Tree::Infix(operator, left, right) if operator == "=" => match &**left {
            Tree::Column(column) => Some((column.clone(), BTreeSet::from([text(right)?]))),
            _ => None,
        },
        Tree::Or(items) => match &items[..] {
            [Tree::Is(inner, words), list] | [list, Tree::Is(inner, words)]
                if words.eq_ignore_ascii_case("null") =>
            {
                values(list).filter(|(column, _)| matches!(&**inner, Tree::Column(name) if name == column))
            }
            _ => None,
        },
        _ => None,
    }
}

fn of_type(tree: &Tree, scope: &Scope<'_>) -> Option<String> {
    match tree {
        Tree::Any { left, operator, all: false, right } if operator == "=" => match (&**left, &**right) {
            (Tree::Column(column), Tree::Array(items)) => {
                let truths = items.iter().map(truth).collect::<Option<BTreeSet<_>>>()?;
                (truths.len() == 2 && is_boolean(left, scope)).then(|| column.clone())
            }
            _ => None,
        },
        Tree::Call(name, arguments) if name == "json_valid" => match &arguments[..] {
            [Tree::Column(column)] => {
                matches!(scope.column(column), Some(ColumnType::Json { .. })).then(|| column.clone())
            }
            _ => None,
        },
        Tree::Infix(operator, left, right) if operator == "<=" => {
            let (Tree::Call(name, arguments), Tree::Number(most)) = (&**left, &**right) else { return None };
            let [Tree::Column(column)] = &arguments[..] else { return None };
            let length = match scope.column(column) {
                Some(ColumnType::Varchar { length } | ColumnType::Char { length }) => *length,
                _ => None,
            };
            let same = name == "length" && length.is_some() && most.parse().ok() == length;
            same.then(|| column.clone())
        }
        _ => None,
    }
}
