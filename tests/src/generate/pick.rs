//! Choosing at random: numbers, names, things of the catalog.

use schema_core::model::catalog::{Catalog, Column, ColumnType, Table};
use schema_core::model::ident::{quote, quote_object};
use schema_core::model::{DialectKind, Name, ObjectName};

/// Dice over a catalog.
pub struct Pick<'a> {
    pub(super) catalog: &'a Catalog,
    state: u64,
}

const TABLES: &[&str] = &[
    "t0",
    "t1",
    "t2",
    "Order",
    "user",
    "log",
    "a_table_with_a_rather_long_name_so_that_generated_names_are_cut",
    "a_table_with_a_rather_long_name_so_that_generated_names_are_cu2",
];
const COLUMNS: &[&str] = &[
    "id",
    "a",
    "b",
    "c",
    "Name",
    "select",
    "created_at",
    "state",
    "überlang",
    "a_column_with_a_rather_long_name_so_that_generated_names_are_c1",
];

impl<'a> Pick<'a> {
    pub(super) fn new(catalog: &'a Catalog, seed: u32) -> Self {
        Pick { catalog, state: u64::from(seed) }
    }

    /// A number under `below` (SplitMix64).
    pub(super) fn number(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.number(times) == 0
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        if all.is_empty() { None } else { Some(all[self.number(all.len())]) }
    }

    pub(super) fn word(&mut self, all: &[&'static str]) -> &'static str {
        self.of(all).unwrap_or("")
    }

    /// The word once in so many times, else nothing.
    pub(super) fn maybe(&mut self, times: usize, word: &'static str) -> &'static str {
        if self.once_in(times) { word } else { "" }
    }

    fn schema(&mut self) -> Option<Name> {
        let schemas: Vec<_> = self.catalog.schemas.keys().cloned().collect();
        (!schemas.is_empty() && self.once_in(6)).then(|| schemas[self.number(schemas.len())].clone())
    }

    pub(super) fn new_table(&mut self) -> ObjectName {
        let name = self.word(TABLES);
        ObjectName { schema: self.schema(), name: Name::new(name) }
    }

    pub(super) fn new_name(&mut self, prefix: &str) -> ObjectName {
        let number = self.number(5);
        ObjectName { schema: self.schema(), name: Name::new(format!("{prefix}{number}")) }
    }

    pub(super) fn new_column(&mut self) -> Name {
        Name::new(self.word(COLUMNS))
    }

    /// A table that is there, for once one that may not be.
    pub(super) fn table(&mut self) -> Option<&'a Table> {
        let all: Vec<_> = self.catalog.tables.values().collect();
        self.of(&all)
    }

    pub(super) fn column(&mut self, table: &'a Table) -> Option<&'a Column> {
        let all: Vec<_> = table.columns.iter().collect();
        self.of(&all)
    }

    /// One to three different columns.
    pub(super) fn columns(&mut self, table: &'a Table) -> Vec<&'a Column> {
        let mut all: Vec<_> = table.columns.iter().collect();
        let count = 1 + self.number(3);
        let mut some = Vec::new();
        while some.len() < count && !all.is_empty() {
            some.push(all.remove(self.number(all.len())));
        }
        some
    }

    /// A type for a column: of the system, or one of the schema's own.
    pub(super) fn column_type(&mut self) -> String {
        let own: Vec<&ObjectName> = self
            .catalog
            .enums
            .keys()
            .chain(self.catalog.domains.keys())
            .chain(self.catalog.composites.keys())
            .collect();
        if self.once_in(5)
            && let Some(name) = self.of(&own)
        {
            return q(name) + self.maybe(5, "[]");
        }
        let ty = self.word(&[
            "int",
            "integer",
            "bigint",
            "smallint",
            "text",
            "TEXT",
            "varchar(20)",
            "varchar",
            "character varying(300)",
            "char(5)",
            "numeric(10,2)",
            "decimal",
            "boolean",
            "bool",
            "timestamptz",
            "timestamp",
            "timestamp(3) with time zone",
            "date",
            "time",
            "interval",
            "uuid",
            "jsonb",
            "json",
            "bytea",
            "real",
            "double precision",
            "float8",
            "inet",
            "int4range",
            "text[]",
            "int[]",
            "citext_free_text",
            "point",
            "tsvector",
            "bit(3)",
            "name",
        ]);
        if ty == "citext_free_text" { "text".into() } else { ty.into() }
    }

    /// An expression of the type.
    pub(super) fn value(&mut self, ty: &ColumnType) -> String {
        let values: &[&'static str] = match ty {
            ColumnType::Boolean => &["true", "false", "'t'", "NOT true", "FALSE"],
            ColumnType::Integer { .. } => {
                &["0", "1", "-5", "(1 + 2)", "NULL", "'7'", "length('abc')", "+3", "1 + 2 * 3"]
            }
            ColumnType::Float { .. } => &["0", "1.5", "-2.5", "'3'", "1e3"],
            ColumnType::Decimal { .. } => &["0", "1.50", "-1", "'2.5'", "round(1.5)"],
            ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => &[
                "'x'",
                "''",
                "'it''s'",
                "lower('AB')",
                "'a' || 'b'",
                "CURRENT_USER",
                "NULL",
                "E'a\\nb'",
                "'x'::text",
                "upper(('y'))",
            ],
            ColumnType::Timestamp { .. } => &[
                "now()",
                "CURRENT_TIMESTAMP",
                "'2020-01-01 10:00:00'",
                "now() + interval '1 day'",
                "'epoch'",
                "transaction_timestamp()",
                "(now() AT TIME ZONE 'utc')",
                "timezone('utc', now())",
            ],
            ColumnType::Date => &["CURRENT_DATE", "'2020-01-01'", "now()", "'2020-01-01'::date + 1"],
            ColumnType::Time { .. } => &["'10:00'", "LOCALTIME"],
            ColumnType::Interval => &["'1 day'", "interval '2 hours'", "'1 day'::interval * 2"],
            ColumnType::Uuid => &["gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'"],
            ColumnType::Json { .. } => &["'{}'", "'[]'", "'{\"a\": 1}'", "'null'"],
            ColumnType::Bytes => &["'\\x00'", "'abc'"],
            ColumnType::Array(_) => &["'{}'", "NULL"],
            _ => &["NULL"],
        };
        if let ColumnType::Named { name, .. } = ty
            && let Some(ty) = self.catalog.enums.get(name)
        {
            let labels: Vec<_> = ty.values.iter().collect();
            let label = self.of(&labels).map_or(String::new(), |label| label.replace('\'', "''"));
            let cast = if self.once_in(2) { format!("::{}", q(name)) } else { String::new() };
            return format!("'{label}'{cast}");
        }
        self.word(values).to_owned()
    }

    /// A condition over a column.
    pub(super) fn condition(&mut self, column: &Column) -> String {
        let shapes: &[&'static str] = match &column.ty {
            ColumnType::Boolean => &["{}", "NOT {}", "{} IS TRUE", "{} = true", "{} IS NOT FALSE"],
            ColumnType::Integer { .. } | ColumnType::Decimal { .. } | ColumnType::Float { .. } => &[
                "{} > 0",
                "{} >= 0 AND {} < 100",
                "{} IN (1, 2, 3)",
                "{} BETWEEN 1 AND 5",
                "{} <> 7",
                "NOT ({} = 3)",
                "{} != -1",
                "{} % 2 = 0 OR {} IS NULL",
                "({} + 1) * 2 > 3",
                "{} = ANY (ARRAY[1, 2])",
                "{} >= -3",
                "{} NOT IN (4, 5)",
                "CASE WHEN {} > 1 THEN true ELSE {} < 0 END",
                "abs({}) < 10",
                "{} IN (9)",
                "{} NOT BETWEEN 3 AND 4",
            ],
            ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => &[
                "length({}) > 3",
                "{} <> ''",
                "{} IN ('a', 'b')",
                "{} ~ '^[a-z]+$'",
                "{} LIKE 'a%'",
                "lower({}) = {}",
                "char_length({}) <= 10",
                "{} = ANY (ARRAY['x', 'y'])",
                "{} IS NOT NULL",
                "{} NOT LIKE '%z'",
                "{} ILIKE 'q%'",
                "trim({}) <> ''",
                "{} = 'a' OR {} = 'b' AND {} <> 'c'",
                "{}::text = 'k'",
                "substring({} from 1 for 2) = 'ab'",
                "position('a' in {}) > 0",
                "{} > 'a' COLLATE \"C\"",
                "{} NOT IN ('p', 'q')",
                "({} || 'x') <> 'yx'",
                "{} SIMILAR TO 'a+'",
            ],
            ColumnType::Timestamp { .. } | ColumnType::Date => &[
                "{} > '2020-01-01'",
                "{} IS NOT NULL",
                "extract(year from {}) > 2000",
                "{} < 'infinity'",
                "date_part('hour', {}) < 12",
            ],
            ColumnType::Json { binary: true } => {
                &["jsonb_typeof({}) = 'object'", "{} ? 'a'", "{} -> 'a' IS NOT NULL", "{} @> '{\"a\": 1}'"]
            }
            ColumnType::Array(_) => &["cardinality({}) > 0", "array_length({}, 1) < 5", "{} IS NOT NULL"],
            _ => &["{} IS NOT NULL", "{} IS NULL", "{} IS DISTINCT FROM NULL"],
        };
        let shape = self.word(shapes);
        // `{}` stands for the column, unless it is JSON text.
        let name = quote(&column.name, DialectKind::Postgres);
        shape.replace("'{\"a\": 1}'", "\u{1}").replace("{}", &name).replace('\u{1}', "'{\"a\": 1}'")
    }
}

/// A name as SQL, now and then spelled with its schema: the statement decides.
pub(super) fn q(name: &ObjectName) -> String {
    quote_object(name, DialectKind::Postgres)
}

pub(super) fn qn(name: &Name) -> String {
    quote(name, DialectKind::Postgres)
}

pub(super) fn names(columns: &[&Column]) -> String {
    columns.iter().map(|column| qn(&column.name)).collect::<Vec<_>>().join(", ")
}
