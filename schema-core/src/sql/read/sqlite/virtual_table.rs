//! `CREATE VIRTUAL TABLE … USING`: its columns, and the shadow tables that the known modules keep their rows in.

use schema_model::catalog::{Table, TableKind};
use schema_model::ident::fold;
use schema_model::{DialectKind, Name, ObjectName};

use super::create::column;
use super::cursor::Cursor;
use super::table::table_from_text;
use crate::sql::cursor::{Read, Spelled};

pub(super) struct CreateVirtualTable {
    pub name: Spelled,
    pub if_not_exists: bool,
    pub module: Module,
    pub table: Table,
}

/// The module and its arguments, each as written.
pub(super) struct Module {
    name: String,
    arguments: Vec<String>,
}

/// What follows `CREATE VIRTUAL TABLE`.
pub(super) fn create_virtual_table(cursor: &mut Cursor<'_>) -> Read<CreateVirtualTable> {
    let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object()?;
    cursor.expect(&["USING"])?;
    let start = cursor.position();
    let module = cursor.name()?.as_str().to_ascii_lowercase();
    let mut arguments = Vec::new();
    if cursor.take_mark("(") {
        loop {
            let (first, last) = cursor.pass_item();
            if last > first {
                arguments.push(cursor.folded(first, last));
            }
            if !cursor.take_mark(",") {
                break;
            }
        }
        cursor.expect_mark(")")?;
    }
    let mut table = Table::new(ObjectName::bare(name.name.clone()));
    table.options.kind = TableKind::Virtual(cursor.raw(start, cursor.len()).to_owned());
    table.origin = cursor.origin(0, cursor.len());
    Ok(CreateVirtualTable { name, if_not_exists, module: Module { name: module, arguments }, table })
}

/// The table with its columns, and its shadow tables.
pub(super) fn tables(name: &ObjectName, module: &Module, table: Table) -> (Table, Vec<Table>) {
    let (columns, shadows) = match module.name.as_str() {
        "fts5" => fts5(name, module),
        "fts4" | "fts3" => fts4(name, module),
        "rtree" | "rtree_i32" => rtree(name, module),
        _ => (Vec::new(), Vec::new()),
    };
    let mut table = Table { name: name.clone(), ..table };
    table.columns = columns.into_iter().map(|(name, ty)| column(name, ty)).collect();
    let shadow = |text: String| {
        let mut shadow = table_from_text(&text, super::NOWHERE).ok()?;
        shadow.options.kind = TableKind::Shadow(name.name.clone());
        shadow.origin = table.origin;
        shadow.name.schema.clone_from(&name.schema);
        Some(shadow)
    };
    let shadows = shadows.into_iter().filter_map(shadow).collect();
    (table, shadows)
}

/// Where a virtual table has its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VirtualRows {
    /// In shadow tables of its own.
    Own,
    /// In the table or view that its `content` names.
    Of(String),
    /// Nowhere: an index whose text is not kept (`content=''`).
    Nowhere,
    /// The module is not known.
    Unknown,
}

/// Where the table of a module, with its arguments, has its rows (FTS5, "External Content and Contentless Tables"; FTS3/4, 6).
pub(crate) fn virtual_rows(module: &str) -> VirtualRows {
    let text = format!("t USING {module}");
    let Ok(read) = create_virtual_table(&mut Cursor::new(&text, super::NOWHERE)) else {
        return VirtualRows::Unknown;
    };
    match (read.module.name.as_str(), read.module.option("content")) {
        ("fts5" | "fts4", Some(content)) if content.is_empty() => VirtualRows::Nowhere,
        ("fts5" | "fts4", Some(content)) => VirtualRows::Of(content),
        ("fts5" | "fts4" | "fts3" | "rtree" | "rtree_i32", _) => VirtualRows::Own,
        _ => VirtualRows::Unknown,
    }
}

type Parts = (Vec<(Name, &'static str)>, Vec<String>);

impl Module {
    /// `key = value` arguments, keys in lower case, values without quotes.
    fn option(&self, key: &str) -> Option<String> {
        self.arguments.iter().find_map(|argument| {
            let (name, value) = argument.split_once('=')?;
            name.trim().eq_ignore_ascii_case(key).then(|| fold(value.trim(), DialectKind::Sqlite))
        })
    }

    /// The first word of each argument that is no option.
    fn columns(&self) -> Vec<Name> {
        let plain = self.arguments.iter().filter(|argument| !argument.contains('='));
        let first = |argument: &String| {
            let word = schema_model::token::tokens(argument, DialectKind::Sqlite).first().copied()?;
            Some(Name::new(fold(word.text(argument), DialectKind::Sqlite)))
        };
        plain.filter_map(first).collect()
    }
}

fn shadow(name: &ObjectName, suffix: &str, body: &str) -> String {
    let own = format!("{}_{suffix}", name.name).replace('"', "\"\"");
    format!("CREATE TABLE \"{own}\" {body}")
}

/// FTS5, "The %_data Table" and the sections after it.
fn fts5(name: &ObjectName, module: &Module) -> Parts {
    let columns = module.columns();
    let content = module.option("content");
    let own_content = content.is_none();
    let keeps_sizes = module.option("columnsize").is_none_or(|value| value != "0");
    let mut shadows = vec![
        shadow(name, "data", "(id INTEGER PRIMARY KEY, block BLOB)"),
        shadow(name, "idx", "(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID"),
    ];
    if own_content {
        let stored: Vec<String> = (0..columns.len()).map(|index| format!(", c{index}")).collect();
        shadows.push(shadow(name, "content", &format!("(id INTEGER PRIMARY KEY{})", stored.concat())));
    }
    if keeps_sizes {
        let origin =
            content.as_deref() == Some("") && module.option("contentless_delete").is_some_and(|on| on != "0");
        let origin = if origin { ", origin INTEGER" } else { "" };
        shadows.push(shadow(name, "docsize", &format!("(id INTEGER PRIMARY KEY, sz BLOB{origin})")));
    }
    shadows.push(shadow(name, "config", "(k PRIMARY KEY, v) WITHOUT ROWID"));
    (columns.into_iter().map(|column| (column, "")).collect(), shadows)
}

/// FTS3 and FTS4, "Shadow Tables".
fn fts4(name: &ObjectName, module: &Module) -> Parts {
    let tokenize = |column: &Name| column.as_str().eq_ignore_ascii_case("tokenize");
    let mut columns: Vec<Name> = module.columns().into_iter().filter(|column| !tokenize(column)).collect();
    if columns.is_empty() {
        columns.push(Name::new("content"));
    }
    let stored: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| format!(", \"c{index}{}\"", column.as_str().replace('"', "\"\"")))
        .collect();
    let mut shadows = Vec::new();
    if module.option("content").is_none() {
        let language = if module.option("languageid").is_some() { ", langid" } else { "" };
        let body = format!("(docid INTEGER PRIMARY KEY{}{language})", stored.concat());
        shadows.push(shadow(name, "content", &body));
    }
    shadows.push(shadow(name, "segments", "(blockid INTEGER PRIMARY KEY, block BLOB)"));
    shadows.push(shadow(
        name,
        "segdir",
        "(level INTEGER,idx INTEGER,start_block INTEGER,leaves_end_block INTEGER,end_block INTEGER,root BLOB,\
         PRIMARY KEY(level, idx))",
    ));
    if module.name == "fts4" {
        if module.option("matchinfo").is_none_or(|value| !value.eq_ignore_ascii_case("fts3")) {
            shadows.push(shadow(name, "docsize", "(docid INTEGER PRIMARY KEY, size BLOB)"));
        }
        shadows.push(shadow(name, "stat", "(id INTEGER PRIMARY KEY, value BLOB)"));
    }
    (columns.into_iter().map(|column| (column, "")).collect(), shadows)
}

/// R*Tree, "Creating An R*Tree Index".
fn rtree(name: &ObjectName, module: &Module) -> Parts {
    let real = if module.name == "rtree" { "REAL" } else { "INT" };
    let auxiliary = module.arguments.iter().filter(|argument| argument.starts_with('+')).count();
    let mut columns = Vec::new();
    for (index, argument) in module.arguments.iter().enumerate() {
        let text = argument.trim_start_matches('+').trim();
        let word = text.split_whitespace().next().unwrap_or("");
        let ty = match (index, argument.starts_with('+')) {
            (0, _) => "INT",
            (_, true) => "",
            _ => real,
        };
        columns.push((Name::new(fold(word, DialectKind::Sqlite)), ty));
    }
    let extra: Vec<String> = (0..auxiliary).map(|index| format!(",a{index}")).collect();
    let shadows = vec![
        shadow(name, "rowid", &format!("(rowid INTEGER PRIMARY KEY,nodeno{})", extra.concat())),
        shadow(name, "node", "(nodeno INTEGER PRIMARY KEY,data)"),
        shadow(name, "parent", "(nodeno INTEGER PRIMARY KEY,parentnode)"),
    ];
    (columns, shadows)
}

/// The virtual table that a stored `CREATE VIRTUAL TABLE` text stands for, its shadow tables left out.
#[cfg(feature = "sqlite")]
pub(crate) fn virtual_table_from_text(text: &str) -> Read<Table> {
    let mut cursor = Cursor::new(text, super::NOWHERE);
    cursor.expect(&["CREATE", "VIRTUAL", "TABLE"])?;
    let read = create_virtual_table(&mut cursor)?;
    let name = read.table.name.clone();
    let (mut table, _) = tables(&name, &read.module, read.table);
    table.origin = schema_model::Origin::NONE;
    Ok(table)
}
