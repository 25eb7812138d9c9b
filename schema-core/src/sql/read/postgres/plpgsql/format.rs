//! `format()`, `quote_ident()`, `quote_literal()` (PostgreSQL manual, 9.4.1).

use schema_model::{DialectKind, Name, ident};

use super::value::Value;
use super::{Known, Unknown};

/// `format(pattern, …)`.
pub(super) fn format(pattern: &str, arguments: &[Value]) -> Known<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut next = 0usize;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with('$') {
            next = rest[..digits].parse::<usize>().map_err(|_| Unknown)?.checked_sub(1).ok_or(Unknown)?;
            rest = &rest[digits + 1..];
        }
        let value = arguments.get(next).ok_or(Unknown)?;
        next += 1;
        match rest.bytes().next() {
            Some(b's') => out.push_str(&value.shown()),
            Some(b'I') => out.push_str(&quoted_name(value)),
            Some(b'L') => out.push_str(&quoted_literal(value)),
            _ => return Err(Unknown),
        }
        rest = &rest[1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// `quote_ident`.
pub(super) fn quoted_name(value: &Value) -> String {
    match value {
        Value::Oid(..) => value.shown(),
        other => ident::quote(&Name::from(other.shown()), DialectKind::Postgres),
    }
}

/// `quote_nullable`, which `%L` is.
pub(super) fn quoted_literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        other => ident::quote_string(&other.shown(), DialectKind::Postgres),
    }
}
