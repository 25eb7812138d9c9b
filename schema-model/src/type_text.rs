//! Column types as text: read from SQL or an attribute, written as SQL.
//!
//! PostgreSQL's types have many spellings; what is written is the one of its `format_type`. SQLite keeps a type as it was
//! declared, so here only the white space is folded.

use crate::catalog::ColumnType;
use crate::dialect_kind::DialectKind;
use crate::ident;
use crate::name::{Name, ObjectName};
use crate::token::{Token, TokenKind, tokens};

/// Reads a type. Text that is not a type in PostgreSQL's grammar is kept as [`ColumnType::Other`], white space folded.
pub fn read_type(text: &str, dialect: DialectKind) -> ColumnType {
    if dialect == DialectKind::Sqlite {
        return ColumnType::Other(fold_space(text));
    }
    let all: Vec<Token> = tokens(text, dialect).into_iter().filter(|token| !token.is_comment()).collect();
    match read_type_at(text, &all) {
        Some((ty, used)) if used == all.len() => ty,
        _ => ColumnType::Other(fold_space(text)),
    }
}

/// Reads a PostgreSQL type from the front of these tokens, none of which may be a comment, and tells how many it took.
/// `None` when they do not start with a type.
pub fn read_type_at(text: &str, tokens: &[Token]) -> Option<(ColumnType, usize)> {
    let mut reader = Reader { text, tokens, at: 0 };
    let mut ty = reader.scalar()?;
    if reader.array_suffix() && !matches!(ty, ColumnType::Array(_)) {
        ty = ColumnType::Array(Box::new(ty));
    }
    Some((ty, reader.at))
}

/// Writes a type as SQL: in PostgreSQL as `format_type` does, names of the default schema without it.
pub fn write_type(ty: &ColumnType, dialect: DialectKind) -> String {
    match ty {
        ColumnType::Boolean => "boolean".into(),
        ColumnType::Integer { bits: 16 } => "smallint".into(),
        ColumnType::Integer { bits: 64 } => "bigint".into(),
        ColumnType::Integer { .. } => "integer".into(),
        ColumnType::Float { bits: 32 } => "real".into(),
        ColumnType::Float { .. } => "double precision".into(),
        ColumnType::Decimal { precision: Some((precision, scale)) } => {
            format!("numeric({precision},{scale})")
        }
        ColumnType::Decimal { precision: None } => "numeric".into(),
        ColumnType::Text => "text".into(),
        ColumnType::Varchar { length } => with_number("character varying", *length),
        ColumnType::Char { length: None } => "bpchar".into(),
        ColumnType::Char { length } => with_number("character", *length),
        ColumnType::Bytes => "bytea".into(),
        ColumnType::Date => "date".into(),
        ColumnType::Time { zoned, precision } => with_zone("time", *precision, *zoned),
        ColumnType::Timestamp { zoned, precision } => with_zone("timestamp", *precision, *zoned),
        ColumnType::Interval => "interval".into(),
        ColumnType::Uuid => "uuid".into(),
        ColumnType::Json { binary: true } => "jsonb".into(),
        ColumnType::Json { binary: false } => "json".into(),
        ColumnType::Array(element) => format!("{}[]", write_type(element, dialect)),
        ColumnType::Named { name, modifier: None } => ident::quote_object(name, dialect),
        ColumnType::Named { name, modifier: Some(modifier) } => {
            format!("{}({modifier})", ident::quote_object(name, dialect))
        }
        ColumnType::Other(text) => text.clone(),
    }
}

/// The type as a routine's argument: lengths and precisions do not tell one routine from another.
pub fn argument_type(ty: &ColumnType) -> ColumnType {
    match ty {
        ColumnType::Decimal { .. } => ColumnType::Decimal { precision: None },
        ColumnType::Varchar { .. } => ColumnType::Varchar { length: None },
        ColumnType::Char { .. } => ColumnType::Char { length: None },
        ColumnType::Time { zoned, .. } => ColumnType::Time { zoned: *zoned, precision: None },
        ColumnType::Timestamp { zoned, .. } => ColumnType::Timestamp { zoned: *zoned, precision: None },
        ColumnType::Array(element) => ColumnType::Array(Box::new(argument_type(element))),
        ColumnType::Named { name, .. } => ColumnType::named(name.clone()),
        ColumnType::Other(text) if text.starts_with("interval") => ColumnType::Interval,
        ColumnType::Other(text) => {
            ColumnType::Other(text.split_once('(').map_or(text.as_str(), |(word, _)| word).to_owned())
        }
        ColumnType::Boolean
        | ColumnType::Integer { .. }
        | ColumnType::Float { .. }
        | ColumnType::Text
        | ColumnType::Bytes
        | ColumnType::Date
        | ColumnType::Interval
        | ColumnType::Uuid
        | ColumnType::Json { .. } => ty.clone(),
    }
}

fn with_number(word: &str, number: Option<u32>) -> String {
    number.map_or_else(|| word.to_owned(), |number| format!("{word}({number})"))
}

fn with_zone(word: &str, precision: Option<u8>, zoned: bool) -> String {
    let word = with_number(word, precision.map(u32::from));
    format!("{word} {} time zone", if zoned { "with" } else { "without" })
}

fn fold_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// PostgreSQL's types that have no variant of their own and take no modifier (`pg_type`), by internal name.
#[rustfmt::skip]
const PLAIN: [&str; 85] = [
    "aclitem", "any", "anyarray", "anycompatible", "anycompatiblearray", "anycompatiblemultirange",
    "anycompatiblenonarray", "anycompatiblerange", "anyelement", "anyenum", "anymultirange", "anynonarray",
    "anyrange", "box", "char", "cid", "cidr", "circle", "cstring", "datemultirange", "daterange",
    "event_trigger", "fdw_handler", "gtsvector", "index_am_handler", "inet", "int2vector", "int4multirange",
    "int4range", "int8multirange", "int8range", "internal", "jsonpath", "language_handler", "line", "lseg",
    "macaddr", "macaddr8", "money", "name", "nummultirange", "numrange", "oid", "oidvector", "path",
    "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_ddl_command", "pg_dependencies", "pg_lsn",
    "pg_mcv_list", "pg_ndistinct", "pg_node_tree", "pg_snapshot", "point", "polygon", "record", "refcursor",
    "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator",
    "regproc", "regprocedure", "regrole", "regtype", "table_am_handler", "tid", "trigger", "tsm_handler",
    "tsmultirange", "tsquery", "tsrange", "tstzmultirange", "tstzrange", "tsvector", "txid_snapshot",
    "unknown", "void", "xid", "xid8", "xml",
];

fn is_plain(name: &str) -> bool {
    PLAIN.binary_search(&name).is_ok()
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn is_punct(&self, ahead: usize, punct: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.kind == TokenKind::Punct && token.text(self.text) == punct)
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.peek(ahead).is_some_and(|token| {
            token.kind == TokenKind::Word && token.text(self.text).eq_ignore_ascii_case(word)
        })
    }

    /// Takes these words when all of them come next.
    fn take_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word));
        self.at += if found { words.len() } else { 0 };
        found
    }

    /// An identifier and whether it was a bare word.
    fn identifier(&mut self) -> Option<(String, bool)> {
        let token = self.peek(0)?;
        let bare = match token.kind {
            TokenKind::Word => true,
            TokenKind::Quoted => false,
            _ => return None,
        };
        let name = ident::fold(token.text(self.text), DialectKind::Postgres);
        self.at += 1;
        Some((name, bare))
    }

    fn scalar(&mut self) -> Option<ColumnType> {
        let (first, bare) = self.identifier()?;
        if !self.is_punct(0, ".") {
            if bare && let Some(ty) = self.keyword(&first) {
                return Some(ty);
            }
            return Some(self.internal(&first).unwrap_or_else(|| self.user(ObjectName::bare(first))));
        }
        let mut path = vec![first];
        while self.is_punct(0, ".") {
            self.at += 1;
            path.push(self.identifier()?.0);
        }
        let name = path.pop()?;
        match path.pop()?.as_str() {
            "pg_catalog" => {
                let quoted = ident::quote(&Name::new(&name), DialectKind::Postgres);
                Some(self.internal(&name).unwrap_or(ColumnType::Other(format!("pg_catalog.{quoted}"))))
            }
            "public" => Some(self.user(ObjectName::bare(name))),
            schema => Some(self.user(ObjectName::in_schema(schema, name))),
        }
    }

    /// The types whose names are grammar (manual, 8.1 to 8.5), at the word after the one given.
    fn keyword(&mut self, word: &str) -> Option<ColumnType> {
        Some(match word {
            "smallint" => ColumnType::Integer { bits: 16 },
            "int" | "integer" => ColumnType::Integer { bits: 32 },
            "bigint" => ColumnType::Integer { bits: 64 },
            "boolean" => ColumnType::Boolean,
            "real" => ColumnType::Float { bits: 32 },
            "double" if self.take_words(&["precision"]) => ColumnType::Float { bits: 64 },
            "float" => {
                let digits = self.numbers().first().copied().unwrap_or(53);
                ColumnType::Float { bits: if digits <= 24 { 32 } else { 64 } }
            }
            "decimal" | "dec" => self.internal("numeric")?,
            "national" if self.take_words(&["character"]) || self.take_words(&["char"]) => self.character(),
            "character" | "char" | "nchar" => self.character(),
            "bit" => {
                let varying = self.take_words(&["varying"]);
                self.bit(varying)
            }
            "interval" => self.interval(),
            _ => return None,
        })
    }

    fn character(&mut self) -> ColumnType {
        let varying = self.take_words(&["varying"]);
        let length = self.length();
        if varying {
            ColumnType::Varchar { length }
        } else {
            ColumnType::Char { length: Some(length.unwrap_or(1)) }
        }
    }

    fn bit(&mut self, varying: bool) -> ColumnType {
        let length = self.length();
        ColumnType::Other(if varying {
            with_number("bit varying", length)
        } else {
            with_number("bit", Some(length.unwrap_or(1)))
        })
    }

    /// `interval`, `interval(3)`, `interval day to second(3)` (manual, 8.5.4).
    fn interval(&mut self) -> ColumnType {
        const FIELDS: [&[&str]; 13] = [
            &["year", "to", "month"],
            &["day", "to", "hour"],
            &["day", "to", "minute"],
            &["day", "to", "second"],
            &["hour", "to", "minute"],
            &["hour", "to", "second"],
            &["minute", "to", "second"],
            &["year"],
            &["month"],
            &["day"],
            &["hour"],
            &["minute"],
            &["second"],
        ];
        let fields = FIELDS.iter().find(|words| self.take_words(words)).map(|words| words.join(" "));
        let precision = self.length().map(|digits| digits.min(6));
        match (fields, precision) {
            (None, None) => ColumnType::Interval,
            (fields, precision) => {
                let fields = fields.map_or(String::new(), |fields| format!(" {fields}"));
                ColumnType::Other(with_number(&format!("interval{fields}"), precision))
            }
        }
    }

    /// The types by their names in `pg_type`, arrays by `_name` included.
    fn internal(&mut self, name: &str) -> Option<ColumnType> {
        Some(match name {
            "bool" => ColumnType::Boolean,
            "int2" => ColumnType::Integer { bits: 16 },
            "int4" => ColumnType::Integer { bits: 32 },
            "int8" => ColumnType::Integer { bits: 64 },
            "float4" => ColumnType::Float { bits: 32 },
            "float8" => ColumnType::Float { bits: 64 },
            "numeric" => {
                let numbers = self.numbers();
                let scale = numbers.get(1).map_or(0, |scale| *scale as i16);
                ColumnType::Decimal { precision: numbers.first().map(|precision| (*precision as u16, scale)) }
            }
            "text" => ColumnType::Text,
            "varchar" => ColumnType::Varchar { length: self.length() },
            "bpchar" => ColumnType::Char { length: self.length() },
            "bytea" => ColumnType::Bytes,
            "date" => ColumnType::Date,
            "time" | "timetz" => {
                let (precision, zoned) = self.time(name == "timetz");
                ColumnType::Time { zoned, precision }
            }
            "timestamp" | "timestamptz" => {
                let (precision, zoned) = self.time(name == "timestamptz");
                ColumnType::Timestamp { zoned, precision }
            }
            "interval" => self.interval(),
            "uuid" => ColumnType::Uuid,
            "json" => ColumnType::Json { binary: false },
            "jsonb" => ColumnType::Json { binary: true },
            "bit" | "varbit" => self.bit(name == "varbit"),
            _ if is_plain(name) => ColumnType::Other(ident::quote(&Name::new(name), DialectKind::Postgres)),
            _ => {
                let element = name.strip_prefix('_').filter(|element| !element.starts_with('_'))?;
                ColumnType::Array(Box::new(self.internal(element)?))
            }
        })
    }

    /// Precision, then `WITH TIME ZONE` or `WITHOUT TIME ZONE`; more than 6 digits are cut to 6 (manual, 8.5).
    fn time(&mut self, zoned: bool) -> (Option<u8>, bool) {
        let precision = self.length().map(|digits| digits.min(6) as u8);
        let zoned = self.take_words(&["with", "time", "zone"]) || zoned;
        self.take_words(&["without", "time", "zone"]);
        (precision, zoned)
    }

    fn length(&mut self) -> Option<u32> {
        self.numbers().first().map(|length| *length as u32)
    }

    /// The whole numbers in parentheses, if they come next; anything else in parentheses is left alone.
    fn numbers(&mut self) -> Vec<i64> {
        let mut found = Vec::new();
        if !self.is_punct(0, "(") {
            return found;
        }
        let mut ahead = 1;
        loop {
            let minus = self.peek(ahead).is_some_and(|token| token.text(self.text) == "-");
            ahead += usize::from(minus);
            let number = self.peek(ahead).and_then(|token| token.text(self.text).parse::<i64>().ok());
            let Some(number) = number else { return Vec::new() };
            found.push(if minus { -number } else { number });
            ahead += 1;
            if self.is_punct(ahead, ")") {
                self.at += ahead + 1;
                return found;
            }
            if !self.is_punct(ahead, ",") {
                return Vec::new();
            }
            ahead += 1;
        }
    }

    /// A type of the schema or of an extension, with whatever modifier it takes.
    fn user(&mut self, name: ObjectName) -> ColumnType {
        ColumnType::Named { name, modifier: self.modifier() }
    }

    fn modifier(&mut self) -> Option<String> {
        if !self.is_punct(0, "(") {
            return None;
        }
        let (mut depth, mut text) = (0usize, String::new());
        for (taken, token) in self.tokens[self.at..].iter().enumerate() {
            match token.text(self.text) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += taken + 1;
                return Some(text);
            }
            if taken > 0 {
                let part = token.text(self.text);
                let spaced = text.ends_with(is_word_end) && part.starts_with(is_word_end);
                text.push_str(if spaced { " " } else { "" });
                text.push_str(part);
            }
        }
        None
    }

    /// `[]`, `[3]`, `ARRAY`, `ARRAY[4]`: bounds and the number of dimensions are not kept (manual, 8.15.1).
    fn array_suffix(&mut self) -> bool {
        let mut found = self.take_words(&["array"]);
        while self.is_punct(0, "[") {
            let bound = self.peek(1).is_some_and(|token| token.kind == TokenKind::Number);
            let close = 1 + usize::from(bound);
            if !self.is_punct(close, "]") {
                break;
            }
            self.at += close + 1;
            found = true;
        }
        found
    }
}

fn is_word_end(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Author's spelling and what `format_type` prints.
    #[rustfmt::skip]
    const SPELLINGS: &[(&str, &str)] = &[
        ("INT", "integer"), ("int4", "integer"), ("pg_catalog.int4", "integer"), ("Int8", "bigint"), ("INT2", "smallint"),
        ("bool", "boolean"), ("\"bool\"", "boolean"), ("BOOLEAN", "boolean"), ("float8", "double precision"),
        ("float", "double precision"), ("float(24)", "real"), ("FLOAT(25)", "double precision"), ("float4", "real"),
        ("DOUBLE  PRECISION", "double precision"), ("varchar", "character varying"), ("VARCHAR ( 20 )", "character varying(20)"),
        ("character varying(64)", "character varying(64)"), ("char varying(3)", "character varying(3)"),
        ("national character varying(3)", "character varying(3)"), ("char", "character(1)"), ("nchar(4)", "character(4)"),
        ("character(36)", "character(36)"), ("bpchar", "bpchar"), ("bpchar(3)", "character(3)"),
        ("pg_catalog.bpchar(3)", "character(3)"), ("\"char\"", "\"char\""), ("pg_catalog.\"char\"", "\"char\""),
        ("decimal", "numeric"), ("DEC(10)", "numeric(10,0)"), ("numeric(39, 2)", "numeric(39,2)"), ("numeric(3,-2)", "numeric(3,-2)"),
        ("timestamptz", "timestamp with time zone"), ("timestamptz(3)", "timestamp(3) with time zone"),
        ("timestamp(3)", "timestamp(3) without time zone"), ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
        ("timestamp (9) without time zone", "timestamp(6) without time zone"), ("timestamp", "timestamp without time zone"),
        ("time", "time without time zone"), ("timetz", "time with time zone"), ("time(2) with time zone", "time(2) with time zone"),
        ("bit", "bit(1)"), ("bit(4)", "bit(4)"), ("bit varying", "bit varying"), ("varbit(5)", "bit varying(5)"),
        ("interval", "interval"), ("INTERVAL YEAR TO MONTH", "interval year to month"), ("interval(2)", "interval(2)"),
        ("interval day to second(3)", "interval day to second(3)"), ("interval second (3)", "interval second(3)"),
        ("text[]", "text[]"), ("text[3][]", "text[]"), ("integer ARRAY", "integer[]"), ("int ARRAY[4]", "integer[]"),
        ("_int4", "integer[]"), ("pg_catalog._text", "text[]"), ("varchar(96)[]", "character varying(96)[]"),
        ("jsonb", "jsonb"), ("JSON", "json"), ("uuid", "uuid"), ("bytea", "bytea"), ("date", "date"), ("citext", "citext"),
        ("inet", "inet"), ("TSVECTOR", "tsvector"), ("name", "name"), ("int4range", "int4range"), ("xml", "xml"), ("oid", "oid"),
        ("public.status", "status"), ("app.status[]", "app.status[]"), ("\"Direction_Type\"", "\"Direction_Type\""),
        ("public.\"user\"", "\"user\""), ("vector(3)", "vector(3)"), ("geometry(Point, 4326)", "geometry(Point,4326)"),
        ("pg_catalog.\"pg_class\"", "pg_catalog.pg_class"), ("int /* four */ [ ]", "integer[]"),
    ];

    #[test]
    fn postgres_spellings_meet() {
        for (author, expected) in SPELLINGS {
            let ty = read_type(author, DialectKind::Postgres);
            assert_eq!(write_type(&ty, DialectKind::Postgres), *expected, "{author}: {ty:?}");
            assert_eq!(read_type(expected, DialectKind::Postgres), ty, "{author}");
        }
    }

    #[test]
    fn what_is_no_type_is_kept() {
        for text in ["", "12", "numeric(1", "text]", "a.b.", "int int", "vector("] {
            let expected = ColumnType::Other(text.to_owned());
            assert_eq!(read_type(text, DialectKind::Postgres), expected);
        }
    }

    #[test]
    fn sqlite_keeps_what_was_declared() {
        let ty = read_type("UNSIGNED  BIG\n INT", DialectKind::Sqlite);
        assert_eq!(ty, ColumnType::Other("UNSIGNED BIG INT".to_owned()));
    }

    #[test]
    fn a_type_ends_where_the_column_goes_on() {
        let text = "timestamp(3) with time zone[] DEFAULT now()";
        let all = tokens(text, DialectKind::Postgres);
        let (ty, used) = read_type_at(text, &all).unwrap();
        assert_eq!(write_type(&ty, DialectKind::Postgres), "timestamp(3) with time zone[]");
        assert_eq!(all[used].text(text), "DEFAULT");
    }

    #[test]
    fn plain_types_are_sorted() {
        assert!(PLAIN.is_sorted());
    }
}
