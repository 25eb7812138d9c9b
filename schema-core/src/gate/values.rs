//! Two spellings of one fact: the same, different, or not to be told without the engine.

use schema_model::DialectKind;
use schema_model::catalog::ColumnType;
use schema_model::token::{TokenKind, tokens};
use schema_model::type_text::read_type;

/// What can be said about two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Different,
    Unknown,
}

/// Two types.
pub(super) fn types(one: &str, other: &str, dialect: DialectKind) -> Verdict {
    let (one, other) = (read_type(one, dialect), read_type(other, dialect));
    if one == other {
        return Verdict::Same;
    }
    match (dialect, &one, &other) {
        (DialectKind::Sqlite, ColumnType::Other(one), ColumnType::Other(other)) => {
            match (one.eq_ignore_ascii_case(other), affinity(one) == affinity(other)) {
                (true, _) => Verdict::Same,
                (false, true) => Verdict::Unknown,
                (false, false) => Verdict::Different,
            }
        }
        // The same type with another modifier, in a spelling that only its extension knows.
        (_, ColumnType::Named { name: one, .. }, ColumnType::Named { name: other, .. }) if one == other => {
            Verdict::Unknown
        }
        _ => Verdict::Different,
    }
}

/// A declared type's affinity (SQLite documentation, "Datatypes", 3.1).
fn affinity(declared: &str) -> u8 {
    let upper = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    match () {
        () if has(&["INT"]) => 0,
        () if has(&["CHAR", "CLOB", "TEXT"]) => 1,
        () if has(&["BLOB"]) || upper.is_empty() => 2,
        () if has(&["REAL", "FLOA", "DOUB"]) => 3,
        () => 4,
    }
}

/// Two expressions.
pub(super) fn expressions(one: &str, other: &str, dialect: DialectKind) -> Verdict {
    let words = |text: &str| -> Vec<(TokenKind, String)> {
        let kept = tokens(text, dialect).into_iter().filter(|token| !token.is_comment());
        kept.map(|token| {
            let own = token.text(text);
            let own = if token.kind == TokenKind::Word { own.to_lowercase() } else { own.to_owned() };
            (token.kind, own)
        })
        .collect()
    };
    let (one, other) = (words(one), words(other));
    if one == other {
        return Verdict::Same;
    }
    let literal = |words: &[(TokenKind, String)]| match words {
        [(TokenKind::Number | TokenKind::Str, _)] => true,
        [(TokenKind::Word, word)] => ["true", "false", "null"].contains(&word.as_str()),
        _ => false,
    };
    match (&one[..], &other[..]) {
        // Two constants of one kind say two things.
        ([(first, _)], [(second, _)]) if literal(&one) && literal(&other) && first == second => {
            Verdict::Different
        }
        _ => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_careful() {
        let pg = DialectKind::Postgres;
        assert_eq!(types("int4", "integer", pg), Verdict::Same);
        assert_eq!(types("varchar(20)", "varchar(30)", pg), Verdict::Different);
        assert_eq!(types("VARCHAR(20)", "TEXT", DialectKind::Sqlite), Verdict::Unknown);
        assert_eq!(types("INTEGER", "TEXT", DialectKind::Sqlite), Verdict::Different);
        assert_eq!(expressions("NOW()", "now( )", pg), Verdict::Same);
        assert_eq!(expressions("1", "2", pg), Verdict::Different);
        assert_eq!(expressions("'a'", "'a'::text", pg), Verdict::Unknown);
        assert_eq!(expressions("'1'", "1", pg), Verdict::Unknown);
    }
}
