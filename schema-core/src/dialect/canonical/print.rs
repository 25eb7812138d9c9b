//! A tree as SQL: the canonical spelling. It reads back as the same tree.

use schema_model::DialectKind::Postgres;
use schema_model::ident::{quote, quote_string};
use schema_model::type_text::write_type;

use super::tree::{Subscript, Tree};

/// The expression as SQL.
pub(super) fn print(tree: &Tree) -> String {
    let mut out = String::new();
    write(&mut out, tree);
    out
}

fn write(out: &mut String, tree: &Tree) {
    match tree {
        Tree::Null => out.push_str("NULL"),
        Tree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Number(text) | Tree::Keyword(text) | Tree::Raw(text) => out.push_str(text),
        Tree::Str(text) => out.push_str(&quote_string(text, Postgres)),
        Tree::Column(name) => out.push_str(&quote(&name.as_str().into(), Postgres)),
        Tree::Cast(inner, ty) => {
            atom(out, inner);
            out.push_str("::");
            out.push_str(&write_type(ty, Postgres));
        }
        Tree::Prefix(operator, inner) => {
            out.push_str(operator);
            out.push(' ');
            operand(out, inner);
        }
        Tree::Infix(operator, left, right) => infix(out, operator, left, right),
        Tree::Not(inner) => {
            out.push_str("NOT ");
            operand(out, inner);
        }
        Tree::And(items) => junction(out, items, " AND "),
        Tree::Or(items) => junction(out, items, " OR "),
        Tree::Is(inner, test) => {
            operand(out, inner);
            out.push_str(" IS ");
            out.push_str(test);
        }
        Tree::Distinct(left, right) => {
            operand(out, left);
            out.push_str(" IS DISTINCT FROM ");
            operand(out, right);
        }
        Tree::Call(name, arguments) => call(out, name, arguments),
        Tree::Marked(mark, inner) => {
            out.push_str(mark);
            write(out, inner);
        }
        Tree::Any { left, operator, all, right } => any(out, left, operator, *all, right),
        Tree::Array(items) => listed(out, "ARRAY[", items, "]"),
        Tree::Row(items) => listed(out, "ROW(", items, ")"),
        Tree::Case(operand, arms, otherwise) => case(out, operand.as_deref(), arms, otherwise.as_deref()),
        Tree::Index(inner, subscript) => {
            base(out, inner);
            out.push('[');
            match subscript {
                Subscript::At(at) => write(out, at),
                Subscript::Slice(from, to) => {
                    from.iter().for_each(|from| operand(out, from));
                    out.push_str(" : ");
                    to.iter().for_each(|to| operand(out, to));
                }
            }
            out.push(']');
        }
        Tree::Field(inner, name) => {
            out.push('(');
            write(out, inner);
            out.push_str(").");
            out.push_str(&quote(&name.as_str().into(), Postgres));
        }
        Tree::Collate(inner, collation) => {
            operand(out, inner);
            out.push_str(" COLLATE ");
            out.push_str(collation);
        }
    }
}

/// In parentheses unless it stands on its own next to any operator.
fn operand(out: &mut String, tree: &Tree) {
    let compound = match tree {
        Tree::Infix(..) | Tree::Prefix(..) | Tree::Not(_) | Tree::And(_) | Tree::Or(_) | Tree::Is(..) => true,
        Tree::Distinct(..) | Tree::Any { .. } | Tree::Collate(..) | Tree::Marked(..) => true,
        Tree::Raw(text) => text.starts_with("EXISTS"),
        _ => false,
    };
    wrapped(out, tree, compound);
}

/// In parentheses unless nothing can bind tighter than what it ends with.
fn atom(out: &mut String, tree: &Tree) {
    let single = match tree {
        Tree::Number(text) => !text.starts_with('-'),
        Tree::Raw(text) => text.starts_with('('),
        Tree::Null | Tree::Bool(_) | Tree::Str(_) | Tree::Column(_) | Tree::Keyword(_) | Tree::Call(..) => {
            true
        }
        Tree::Cast(..) | Tree::Array(_) | Tree::Row(_) | Tree::Index(..) | Tree::Field(..) => true,
        _ => false,
    };
    wrapped(out, tree, !single);
}

/// What can be subscripted without parentheses.
fn base(out: &mut String, tree: &Tree) {
    wrapped(out, tree, !matches!(tree, Tree::Column(_) | Tree::Index(..) | Tree::Field(..)));
}

fn wrapped(out: &mut String, tree: &Tree, parentheses: bool) {
    if parentheses {
        out.push('(');
    }
    write(out, tree);
    if parentheses {
        out.push(')');
    }
}

fn infix(out: &mut String, operator: &str, left: &Tree, right: &Tree) {
    operand(out, left);
    out.push(' ');
    out.push_str(match operator {
        "~~" => "LIKE",
        "!~~" => "NOT LIKE",
        "~~*" => "ILIKE",
        "!~~*" => "NOT ILIKE",
        other => other,
    });
    out.push(' ');
    operand(out, right);
}

fn junction(out: &mut String, items: &[Tree], word: &str) {
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at > 0 { word } else { "" });
        wrapped(out, item, matches!(item, Tree::And(_) | Tree::Or(_) | Tree::Marked(..)));
    }
}

fn listed(out: &mut String, open: &str, items: &[Tree], close: &str) {
    out.push_str(open);
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        write(out, item);
    }
    out.push_str(close);
}

fn call(out: &mut String, name: &str, arguments: &[Tree]) {
    if let ("extract", [Tree::Str(field), source]) = (name, arguments) {
        out.push_str(&format!("extract({} FROM ", quote(&field.as_str().into(), Postgres)));
        write(out, source);
        return out.push(')');
    }
    let upper = matches!(name, "coalesce" | "greatest" | "least" | "nullif");
    let name = if upper { name.to_ascii_uppercase() } else { name.to_owned() };
    listed(out, &format!("{name}("), arguments, ")");
}

fn any(out: &mut String, left: &Tree, operator: &str, all: bool, right: &Tree) {
    operand(out, left);
    let list = match (operator, all, right) {
        ("=", false, Tree::Array(items)) if !items.is_empty() => Some((" IN (", items)),
        ("<>", true, Tree::Array(items)) if !items.is_empty() => Some((" NOT IN (", items)),
        _ => None,
    };
    if let Some((word, items)) = list {
        return listed(out, word, items, ")");
    }
    out.push_str(&format!(" {operator} {} ", if all { "ALL" } else { "ANY" }));
    wrapped(out, right, !matches!(right, Tree::Raw(_)));
}

fn case(out: &mut String, operand: Option<&Tree>, arms: &[(Tree, Tree)], otherwise: Option<&Tree>) {
    out.push_str("CASE");
    let mut part = |word: &str, tree: &Tree| {
        out.push_str(word);
        write(out, tree);
    };
    operand.iter().for_each(|operand| part(" ", operand));
    for (when, then) in arms {
        part(" WHEN ", when);
        part(" THEN ", then);
    }
    otherwise.iter().for_each(|otherwise| part(" ELSE ", otherwise));
    out.push_str(" END");
}
