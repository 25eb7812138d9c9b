//! What a file name says: number, name, direction, dialect.

use schema_model::DialectKind;

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Forwards.
    Up,
    /// Backwards.
    Down,
}

/// A file name in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The name without direction, dialect and extension.
    pub stem: String,
    /// `V`, `U`, `R` or `B` in front, as Flyway writes them.
    pub prefix: Option<char>,
    /// The number, version or time that it begins with; empty when there is none.
    pub number: String,
    /// What follows the number.
    pub name: String,
    /// The direction, when the name certainly tells one.
    pub direction: Option<Direction>,
    /// The dialect's word in the name.
    pub dialect: Option<String>,
    /// `.autocommit`: not in a transaction.
    pub autocommit: bool,
}

/// Words that stand for a database in file and folder names, with the dialect of ours that they mean.
const DIALECTS: [(&str, Option<DialectKind>); 26] = [
    ("postgres", Some(DialectKind::Postgres)),
    ("postgresql", Some(DialectKind::Postgres)),
    ("pg", Some(DialectKind::Postgres)),
    ("pgsql", Some(DialectKind::Postgres)),
    ("psql", Some(DialectKind::Postgres)),
    ("pgx", Some(DialectKind::Postgres)),
    ("sqlite", Some(DialectKind::Sqlite)),
    ("sqlite3", Some(DialectKind::Sqlite)),
    ("cockroach", None),
    ("cockroachdb", None),
    ("crdb", None),
    ("mysql", None),
    ("mariadb", None),
    ("mssql", None),
    ("sqlserver", None),
    ("oracle", None),
    ("clickhouse", None),
    ("duckdb", None),
    ("h2", None),
    ("hsqldb", None),
    ("db2", None),
    ("spanner", None),
    ("tidb", None),
    ("yugabyte", None),
    ("redshift", None),
    ("snowflake", None),
];

/// The dialect that a word means: `None` is no dialect's word, `Some(None)` one that is not ours.
pub fn dialect_word(word: &str) -> Option<Option<DialectKind>> {
    let word = word.to_ascii_lowercase();
    DIALECTS.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind)
}

/// Words after a dot that tell a direction for certain.
fn direction_word(word: &str) -> Option<Direction> {
    match word.to_ascii_lowercase().as_str() {
        "up" | "do" | "apply" | "forward" => Some(Direction::Up),
        "down" | "undo" | "rollback" | "revert" | "backward" => Some(Direction::Down),
        _ => None,
    }
}

impl FileName {
    /// Reads a name that ends in `.sql`.
    pub fn read(file: &str) -> FileName {
        let mut stem = file.get(..file.len().saturating_sub(4)).unwrap_or(file);
        let mut direction = None;
        let mut dialect = None;
        let mut autocommit = false;
        while let Some((rest, word)) = stem.rsplit_once('.').filter(|(rest, _)| !rest.is_empty()) {
            if let Some(found) = direction_word(word).filter(|_| direction.is_none()) {
                direction = Some(found);
            } else if dialect_word(word).is_some() && dialect.is_none() {
                dialect = Some(word.to_owned());
            } else if word.eq_ignore_ascii_case("autocommit") {
                autocommit = true;
            } else if !(word.eq_ignore_ascii_case("tx") && direction.is_some()) {
                break;
            }
            stem = rest;
        }
        let (prefix, number, name) = numbered(stem);
        let mut file = FileName {
            stem: stem.to_owned(),
            prefix,
            number: number.to_owned(),
            name: name.to_owned(),
            direction,
            dialect,
            autocommit,
        };
        file.leading_direction();
        file
    }

    /// `001.do.name.sql`, as postgrator writes it.
    fn leading_direction(&mut self) {
        let Some((word, name)) = self.name.split_once('.') else { return };
        if let Some(direction) =
            direction_word(word).filter(|_| self.direction.is_none() && !self.number.is_empty())
        {
            self.direction = Some(direction);
            self.stem = format!("{}.{name}", self.number);
            self.name = name.to_owned();
        }
    }

    /// Flyway's and refinery's own form: a prefix, a version, two underscores.
    pub fn is_flyway(&self) -> bool {
        match self.prefix {
            Some('V' | 'U' | 'B') => {
                let rest = &self.stem[1 + self.number.len()..];
                rest.starts_with("__") || rest.is_empty()
            }
            Some('R') => true,
            _ => false,
        }
    }

    /// Whether the number has three parts, as our tags have.
    pub fn is_semver(&self) -> bool {
        self.prefix.is_none() && crate::revision::parse_version(&self.number).is_ok()
    }

    /// The words of the name.
    pub fn message(&self) -> String {
        let words = if self.name.is_empty() { self.stem.as_str() } else { self.name.as_str() };
        words.replace(['_', '-'], " ").trim().to_owned()
    }
}

/// Prefix, number and name: `V1.2__add_x`, `2023-02-17-022106_create`, `001_x`, `R__views`, `init`.
fn numbered(stem: &str) -> (Option<char>, &str, &str) {
    if let Some(name) = stem.strip_prefix("R__").or_else(|| stem.strip_prefix("r__")) {
        return (Some('R'), "", name);
    }
    let first = stem.chars().next().filter(|first| matches!(first, 'V' | 'v' | 'U' | 'B'));
    let rest = if first.is_some() { &stem[1..] } else { stem };
    let length = number_length(rest, first.is_some());
    let after = &rest[length..];
    let ends = after.is_empty() || after.starts_with(['_', '-', '.', ' ']);
    if length == 0 || (first.is_some() && !ends) {
        return (None, "", stem);
    }
    let name = after.trim_start_matches(['_', '-', '.', ' ']);
    (first.map(|first| first.to_ascii_uppercase()), &rest[..length], name)
}

/// The digits that a name begins with. Groups are joined by dots, by dashes (diesel's times), and by single underscores
/// where Flyway's version ends with two (`V1_2__x`).
fn number_length(text: &str, versioned: bool) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let underscores = versioned && text.contains("__");
    let mut length = digits(0);
    // `20231101_093000_name`: date and time are one number.
    if length == 8 && text.as_bytes().get(8) == Some(&b'_') && matches!(digits(9), 4 | 6) {
        let end = 9 + digits(9);
        if matches!(text.as_bytes().get(end), Some(b'_' | b'-' | b'.')) {
            return end;
        }
    }
    while length > 0 {
        let joint = text.as_bytes().get(length);
        let joins = match joint {
            Some(b'.') => true,
            Some(b'-') => !versioned,
            Some(b'_') => underscores,
            _ => false,
        };
        let more = if joins { digits(length + 1) } else { 0 };
        let end = length + 1 + more;
        // `001-2fa_tokens` is number 1: a group of digits ends where a word does.
        let whole = text.as_bytes().get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if more == 0 || !whole {
            break;
        }
        length = end;
    }
    length
}

/// The ways in which a name without a dot can say that it goes down (or up): the stem it would belong to, and the way.
/// Whether it does is told by a partner: `0004_clean_up.sql` cleans up.
pub fn possible_directions(stem: &str) -> Vec<(String, Direction)> {
    const WORDS: [(&str, Direction); 6] = [
        ("up", Direction::Up),
        ("down", Direction::Down),
        ("rollback", Direction::Down),
        ("revert", Direction::Down),
        ("undo", Direction::Down),
        ("drop", Direction::Down),
    ];
    let lower = stem.to_ascii_lowercase();
    let mut found = Vec::new();
    for (word, direction) in WORDS {
        for joint in ['_', '-'] {
            if let Some(rest) = lower.strip_suffix(&format!("{joint}{word}")) {
                found.push((stem[..rest.len()].to_owned(), direction));
            }
            if word == "drop" {
                continue;
            }
            if lower.starts_with(&format!("{word}{joint}")) {
                found.push((stem[word.len() + 1..].to_owned(), direction));
            }
            let inner = format!("{joint}{word}{joint}");
            let number = lower.bytes().take_while(u8::is_ascii_digit).count();
            if number > 0 && lower[number..].starts_with(&inner) {
                let rest = &stem[number + inner.len()..];
                found.push((format!("{}{joint}{rest}", &stem[..number]), direction));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> (Option<char>, String, String, Option<Direction>) {
        let name = FileName::read(name);
        (name.prefix, name.number, name.name, name.direction)
    }

    #[test]
    fn names_of_many_tools() {
        let up = Some(Direction::Up);
        let cases = [
            ("1.1.0_add_phone.up.sql", (None, "1.1.0", "add_phone", up)),
            ("20230720224454_init.sql", (None, "20230720224454", "init", None)),
            ("V1.2__a_b.sql", (Some('V'), "1.2", "a_b", None)),
            ("V1_2__a.sql", (Some('V'), "1_2", "a", None)),
            ("R__views.sql", (Some('R'), "", "views", None)),
            ("2023-02-17-022106_create.sql", (None, "2023-02-17-022106", "create", None)),
            ("001-2fa.sql", (None, "001", "2fa", None)),
            ("001.undo.name.sql", (None, "001", "name", Some(Direction::Down))),
            ("Vehicles.sql", (None, "", "Vehicles", None)),
            ("V2x.sql", (None, "", "V2x", None)),
            ("0001_V1__sak.up.sql", (None, "0001", "V1__sak", up)),
            ("init.sql", (None, "", "init", None)),
            ("2.sql", (None, "2", "", None)),
        ];
        for (file, (prefix, number, name, direction)) in cases {
            assert_eq!(parts(file), (prefix, number.to_owned(), name.to_owned(), direction), "{file}");
        }
    }

    #[test]
    fn dialects_and_autocommit_stand_between_dots() {
        let name = FileName::read("20200317_create.users.sqlite3.autocommit.down.sql");
        assert_eq!(name.dialect.as_deref(), Some("sqlite3"));
        assert!(name.autocommit);
        assert_eq!(name.stem, "20200317_create.users");
    }
}
