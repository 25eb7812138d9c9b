//! Random statements for SQLite, made from bytes so that a failing script shrinks. They are plausible, not always valid: a
//! statement that SQLite refuses must leave the replayed catalog alone, too.

use schema_core::model::DialectKind;
use schema_core::model::Name;
use schema_core::model::catalog::{Catalog, OpaqueKind, Table, TableKind};
use schema_core::model::ident::quote;

/// A source of choices.
pub struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    /// From these bytes; zero when they are used up.
    pub fn new(bytes: &'a [u8]) -> Self {
        Choices { bytes, at: 0 }
    }

    fn byte(&mut self) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte as usize
    }

    /// A number below the limit.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.byte() % limit }
    }

    /// One of them.
    pub fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

const TABLES: [&str; 6] = ["users", "orders", "tag", "Item", "\"order\"", "\"a b\""];
const COLUMNS: [&str; 9] = ["id", "name", "tag", "Total", "\"group\"", "user_id", "x", "y", "\"odd name\""];
const TYPES: [&str; 12] = [
    "INTEGER",
    "integer",
    "TEXT",
    "text",
    "",
    "VARCHAR(20)",
    "DECIMAL(10, 2)",
    "UNSIGNED BIG INT",
    "BLOB",
    "real",
    "\"my type\"",
    "DOUBLE PRECISION",
];
const DEFAULTS: [&str; 11] = [
    "0",
    "-1",
    "'it''s'",
    "NULL",
    "TRUE",
    "CURRENT_TIMESTAMP",
    "(datetime('now'))",
    "(1 + 2)",
    "x'ab'",
    "1.5e3",
    "(  'a' || 'b' )",
];
const ACTIONS: [&str; 5] = [
    "",
    " ON DELETE CASCADE",
    " ON DELETE SET NULL ON UPDATE CASCADE",
    " ON UPDATE RESTRICT",
    " ON DELETE SET DEFAULT",
];

fn quoted(name: &Name) -> String {
    quote(name, DialectKind::Sqlite)
}

fn tables(catalog: &Catalog) -> Vec<&Table> {
    let plain = |table: &&Table| table.options.kind == TableKind::Plain;
    catalog.tables.values().filter(plain).collect()
}

/// A column whose name needs no quotes: a name in double quotes that is gone becomes a string for SQLite, which rewrites
/// it at the next occasion (its quirks page, 8).
fn column_of(choices: &mut Choices<'_>, table: &Table) -> String {
    let names = table.columns.iter().map(|column| quoted(&column.name));
    let plain: Vec<String> = names.filter(|name| !name.starts_with('"')).collect();
    if plain.is_empty() { "id".to_owned() } else { choices.one(&plain).clone() }
}

/// The statements that the bytes stand for, over the catalog as it is.
pub fn statement(choices: &mut Choices<'_>, catalog: &Catalog) -> String {
    let all = tables(catalog);
    if all.is_empty() {
        return create_table(choices, catalog);
    }
    let table = *choices.one(&all);
    let name = quoted(&table.name.name);
    match choices.below(24) {
        0..=3 => create_table(choices, catalog),
        4..=6 => format!("ALTER TABLE {name} ADD COLUMN {}", column(choices, catalog, false)),
        7 | 8 => format!("ALTER TABLE {name} DROP COLUMN {}", column_of(choices, table)),
        9 | 10 => {
            let (from, to) = (column_of(choices, table), choices.one(&COLUMNS));
            // A quoted name that no column has any more is a string to SQLite (sqlite.org/quirks.html, section 8), and the
            // next rename writes it so into the views that say it.
            if from.starts_with('"') {
                return format!("ALTER TABLE {name} ADD COLUMN {}", column(choices, catalog, false));
            }
            format!("ALTER TABLE {name} RENAME COLUMN {from} TO {to}")
        }
        11 | 12 => format!("ALTER TABLE {name} RENAME TO {}", choices.one(&TABLES)),
        13..=15 => create_index(choices, table),
        16 => drop_index(choices, catalog),
        17 => create_view(choices, table),
        18 => match choices.below(2) {
            0 => format!("DROP VIEW IF EXISTS {}", choices.one(&["v", "W"])),
            _ => drop_trigger(choices, catalog),
        },
        19 => create_trigger(choices, table, &all),
        20 => format!("DROP TABLE {name}"),
        21 => format!("CREATE TABLE {} AS {}", choices.one(&TABLES), query(choices, table)),
        22 => rebuild(choices, table),
        _ => odd(choices, table),
    }
}

fn create_table(choices: &mut Choices<'_>, catalog: &Catalog) -> String {
    let name = *choices.one(&TABLES);
    let guard = if choices.once_in(5) { "IF NOT EXISTS " } else { "" };
    let mut lines = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let keyed = choices.below(4);
    for index in 0..1 + choices.below(4) {
        let column_name = COLUMNS[(choices.byte() + index) % COLUMNS.len()];
        if names.contains(&column_name) {
            continue;
        }
        names.push(column_name);
        let rest = column_rest(choices, catalog, column_name, true);
        let key = match (index, keyed) {
            (0, 0) => " PRIMARY KEY",
            (0, 1) if choices.once_in(2) => " INTEGER PRIMARY KEY AUTOINCREMENT",
            _ => "",
        };
        let rest = if key.starts_with(" INTEGER") { String::new() } else { rest };
        lines.push(format!(
            "{column_name}{key_first}{rest}{key_last}",
            key_first = if key.starts_with(" INTEGER") { key } else { "" },
            key_last = if key.starts_with(" INTEGER") { "" } else { key }
        ));
    }
    let list = names.join(", ");
    match choices.below(9) {
        0 if keyed > 1 => lines.push(format!("PRIMARY KEY ({list})")),
        1 => lines.push(format!("CONSTRAINT uq UNIQUE ({list})")),
        2 => lines.push(format!("UNIQUE ({} COLLATE nocase DESC) ON CONFLICT REPLACE", names[0])),
        3 => lines.push(format!(
            "CONSTRAINT ck CHECK ({} IS NOT NULL OR {} > 1)",
            names[0],
            names[names.len() - 1]
        )),
        4 => lines.push(format!(
            "FOREIGN KEY ({list}) REFERENCES {} ({list}){}",
            choices.one(&TABLES),
            choices.one(&ACTIONS)
        )),
        _ => {}
    }
    let options = match choices.below(12) {
        0 if keyed == 0 => " WITHOUT ROWID",
        1 => " STRICT",
        _ => "",
    };
    format!("CREATE TABLE {guard}{name} (\n  {}\n){options}", lines.join(", -- a comment\n  "))
}

fn column(choices: &mut Choices<'_>, catalog: &Catalog, fresh: bool) -> String {
    let name = *choices.one(&COLUMNS);
    format!("{name}{}", column_rest(choices, catalog, name, fresh))
}

fn column_rest(choices: &mut Choices<'_>, catalog: &Catalog, name: &str, fresh: bool) -> String {
    let mut text = match *choices.one(&TYPES) {
        "" => String::new(),
        ty => format!(" {ty}"),
    };
    match choices.below(14) {
        0 => text += " NOT NULL",
        1 => text += &format!(" NOT NULL DEFAULT {}", choices.one(&DEFAULTS)),
        2 => text += &format!(" DEFAULT {}", choices.one(&DEFAULTS)),
        3 if fresh => text += " UNIQUE",
        4 => text += &format!(" REFERENCES {} (id){}", choices.one(&TABLES), choices.one(&ACTIONS)),
        5 => {
            let known = tables(catalog);
            let table =
                if known.is_empty() { "users".to_owned() } else { quoted(&choices.one(&known).name.name) };
            let key = name.trim_matches('"').replace(' ', "_");
            text += &format!(" CONSTRAINT fk_{key} REFERENCES {table} DEFERRABLE INITIALLY DEFERRED");
        }
        6 => text += &format!(" CHECK ({name} <> '')"),
        7 => text += " COLLATE NOCASE",
        8 => text += " NOT NULL ON CONFLICT IGNORE DEFAULT 1",
        9 => text += " GENERATED ALWAYS AS (1 + 1) VIRTUAL",
        10 if fresh => text += " AS ('k') STORED",
        _ => {}
    }
    text
}

fn create_index(choices: &mut Choices<'_>, table: &Table) -> String {
    let unique = if choices.once_in(3) { "UNIQUE " } else { "" };
    let name = choices.one(&["ix_a", "ix_b", "IX_c", "\"ix d\""]);
    let column = column_of(choices, table);
    let other = column_of(choices, table);
    let terms = match choices.below(6) {
        0 => format!("{column} DESC, {other}"),
        1 => format!("lower({column})"),
        2 => format!("{column} COLLATE NOCASE"),
        3 => format!("{column} || '-' DESC"),
        _ => column,
    };
    let filter = if choices.once_in(4) { format!(" WHERE {other} IS NOT NULL") } else { String::new() };
    format!("CREATE {unique}INDEX {name} ON {} ({terms}){filter}", quoted(&table.name.name))
}

fn drop_index(choices: &mut Choices<'_>, catalog: &Catalog) -> String {
    let all: Vec<&Name> =
        catalog.tables.values().flat_map(|table| &table.indexes).map(|index| &index.name).collect();
    if all.is_empty() {
        return "DROP INDEX IF EXISTS nothing".to_owned();
    }
    format!("DROP INDEX {}", quoted(choices.one::<&Name>(&all)).to_uppercase())
}

fn drop_trigger(choices: &mut Choices<'_>, catalog: &Catalog) -> String {
    let triggers = catalog.opaque.keys().filter(|id| id.kind == OpaqueKind::Trigger);
    let all: Vec<&Name> = triggers.map(|id| &id.name.name).collect();
    if all.is_empty() {
        return "DROP TRIGGER IF EXISTS nothing".to_owned();
    }
    format!("DROP TRIGGER {}", quoted(choices.one::<&Name>(&all)))
}

fn query(choices: &mut Choices<'_>, table: &Table) -> String {
    let name = quoted(&table.name.name);
    let column = column_of(choices, table);
    match choices.below(10) {
        0 => format!("SELECT * FROM {name}"),
        6 => format!("SELECT s.*, (s.{column}) AS p FROM (SELECT {column}, 1 AS one FROM {name}) s"),
        7 => format!("WITH w (k) AS (SELECT {column} FROM {name}) SELECT k, k || '' AS text FROM w"),
        8 => format!("SELECT {column} COLLATE NOCASE AS c, (SELECT {column} FROM {name}) AS one FROM {name}"),
        9 => "VALUES (1, 'a', CAST(3 AS TEXT))".to_owned(),
        1 => format!("SELECT {column}, 1 AS one, 'a' || {column} FROM {name}"),
        2 => format!("SELECT t.{column} AS c, count(*) FROM {name} AS t GROUP BY t.{column}"),
        3 => format!(
            "SELECT {column} k, CAST({column} AS TEXT) FROM {name} WHERE {column} > (SELECT max({column}) FROM {name})"
        ),
        4 => format!(
            "SELECT t.* FROM {name} t WHERE EXISTS (SELECT 1 FROM {name} WHERE {column} = t.{column})"
        ),
        _ => format!("SELECT {name}.{column} FROM {name}"),
    }
}

fn create_view(choices: &mut Choices<'_>, table: &Table) -> String {
    let name = *choices.one(&["v", "W"]);
    match choices.below(6) {
        0 => {
            let (one, other) = (column_of(choices, table), column_of(choices, table));
            format!("CREATE VIEW {name} (p, q) AS SELECT {one}, {other} FROM {}", quoted(&table.name.name))
        }
        1 if name == "W" => "CREATE VIEW W AS SELECT * FROM v".to_owned(),
        _ => format!("CREATE VIEW {name} AS {}", query(choices, table)),
    }
}

fn create_trigger(choices: &mut Choices<'_>, table: &Table, all: &[&Table]) -> String {
    let name = choices.one(&["tr_a", "tr_b", "TR_c"]);
    let column = column_of(choices, table);
    let other = *choices.one(all);
    let (target, own) = (quoted(&other.name.name), column_of(choices, other));
    let event = match choices.below(3) {
        0 => format!("AFTER UPDATE OF {column}"),
        1 => "BEFORE INSERT".to_owned(),
        _ => "AFTER UPDATE".to_owned(),
    };
    let body = match choices.below(4) {
        0 => format!("UPDATE {target} SET {own} = new.{column} WHERE {own} = 1;"),
        1 => format!("DELETE FROM {target} WHERE {target}.{own} = new.{column};"),
        2 => format!("INSERT INTO {target} ({own}) VALUES (new.{column}); SELECT {own} FROM {target};"),
        _ => format!("SELECT CASE WHEN new.{column} THEN 1 END;"),
    };
    if choices.once_in(8) {
        let insert = format!("INSERT INTO {target} ({own}) VALUES (1);");
        return format!("CREATE TRIGGER {name} INSTEAD OF INSERT ON v BEGIN {insert} END");
    }
    format!("CREATE TRIGGER {name} {event} ON {} BEGIN {body} END", quoted(&table.name.name))
}

/// Make, copy, drop, rename, as it is written by hand.
fn rebuild(choices: &mut Choices<'_>, table: &Table) -> String {
    let name = quoted(&table.name.name);
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .map(|column| quoted(&column.name))
        .collect();
    if columns.is_empty() {
        return format!("DROP TABLE {name}");
    }
    let list = columns.join(", ");
    let copy = format!(
        "CREATE TABLE copy ({}); INSERT INTO copy ({list}) SELECT {list} FROM {name}",
        columns.join(" TEXT, ")
    );
    match choices.below(2) {
        0 => format!("{copy}; DROP TABLE {name}; ALTER TABLE copy RENAME TO {name}"),
        _ => format!("ALTER TABLE {name} RENAME TO copy; CREATE TABLE {name} ({list}); DROP TABLE copy"),
    }
}

fn create_virtual(choices: &mut Choices<'_>, table: &Table) -> String {
    const MODULES: [(&str, &str); 10] = [
        ("docs", "fts5(title, body UNINDEXED, tokenize = 'porter')"),
        ("docs", "fts5(title, body)"),
        ("docs", "fts5(body, extra, prefix='2 3')"),
        ("docs", "fts4(title, body)"),
        ("notes", "fts4(title, body)"),
        ("notes", "fts3(body, tokenize=porter)"),
        ("notes", "fts5(title, content='')"),
        ("Boxes", "rtree(id, min_x, max_x)"),
        ("Boxes", "rtree(id, min_x, max_x, min_y, max_y, +label)"),
        ("found", ""),
    ];
    match *choices.one(&MODULES) {
        (name, "") => {
            let (content, column) = (&table.name.name, column_of(choices, table));
            format!("CREATE VIRTUAL TABLE {name} USING fts5({column}, content=\"{content}\")")
        }
        (name, module) => format!("CREATE VIRTUAL TABLE {name} USING {module}"),
    }
}

fn odd(choices: &mut Choices<'_>, table: &Table) -> String {
    let name = quoted(&table.name.name);
    match choices.below(9) {
        0 | 2 | 3 => create_virtual(choices, table),
        1 => "DROP TABLE IF EXISTS docs".to_owned(),
        4 => "ALTER TABLE docs RENAME TO papers".to_owned(),
        5 => format!("CREATE TEMP TABLE short AS SELECT * FROM {name}; DROP TABLE short"),
        6 => "PRAGMA legacy_alter_table = ON".to_owned(),
        7 => "PRAGMA legacy_alter_table(off)".to_owned(),
        _ => format!("INSERT INTO {name} DEFAULT VALUES"),
    }
}
