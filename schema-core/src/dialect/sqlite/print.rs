//! `CREATE` statements that SQLite reads back as the same object.

use schema_model::DialectKind::Sqlite;
use schema_model::catalog::{
    Column, ColumnType, Constraint, ConstraintKind, Deferrable, ForeignKey, Index, IndexPart, IndexTerm, Key,
    ReferentialAction, Table, TableKind, View,
};
use schema_model::ident::{quote, quote_object};
use schema_model::token::{TokenKind, tokens};
use schema_model::type_text::write_type;
use schema_model::{Expr, Name, ObjectName};

use crate::dialect::SqlWriter;

/// `CREATE TABLE`, without its indexes.
pub(crate) fn create_table(table: &Table) -> String {
    if let TableKind::Virtual(module) = &table.options.kind {
        return SqlWriter::start(Sqlite, "CREATE VIRTUAL TABLE")
            .object(&table.name)
            .sql("USING")
            .sql(module)
            .finish();
    }
    let inline = |constraint: &&Constraint| inline_column(constraint).is_some();
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let own = table.constraints.iter().filter(inline);
            let own = own.filter(|constraint| inline_column(constraint) == Some(&column.name));
            definition(column, own, table.options.autoincrement)
        })
        .collect();
    let rest = table.constraints.iter().filter(|constraint| !inline(constraint));
    lines.extend(rest.map(|constraint| table_constraint(constraint, table.options.autoincrement)));
    let mut options = Vec::new();
    if table.options.strict {
        options.push("STRICT");
    }
    if table.options.without_rowid {
        options.push("WITHOUT ROWID");
    }
    let words = if table.options.temporary { "CREATE TEMP TABLE" } else { "CREATE TABLE" };
    let statement = SqlWriter::start(Sqlite, words).object(&table.name).lines(&lines);
    if options.is_empty() { statement.finish() } else { statement.sql(options.join(", ")).finish() }
}

/// A column with the constraints that are written with it.
pub(crate) fn definition<'c>(
    column: &Column,
    constraints: impl Iterator<Item = &'c Constraint>,
    autoincrement: bool,
) -> String {
    let mut line = SqlWriter::new(Sqlite).name(&column.name);
    let ty = type_sql(&column.ty);
    if !ty.is_empty() {
        line = line.sql(ty);
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        line = line.sql("GENERATED ALWAYS AS").parens(&generated.expr).sql(kind);
    }
    if !column.nullable {
        line = line.sql("NOT NULL").maybe("ON CONFLICT", column.on_conflict.as_ref());
    }
    if let Some(collation) = &column.collation {
        line = line.sql("COLLATE").name(&collation.name);
    }
    if let Some(default) = &column.default {
        line = line.sql("DEFAULT").sql(default_sql(default));
    }
    for constraint in constraints {
        line = line.sql(inline_constraint(constraint, autoincrement));
    }
    line.finish()
}

/// The column that a constraint can be written with: a key or foreign key over it alone.
fn inline_column(constraint: &Constraint) -> Option<&Name> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => match (key.columns.as_slice(), key.column_suffixes.as_slice()) {
            ([column], []) => Some(column),
            ([column], [suffix]) if suffix.is_empty() || suffix == "DESC" => Some(column),
            _ => None,
        },
        ConstraintKind::Unique(key) if constraint.name.is_none() && key.column_suffixes.is_empty() => {
            single(&key.columns)
        }
        ConstraintKind::ForeignKey(key) if constraint.name.is_none() => single(&key.columns),
        ConstraintKind::Unique(_)
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check(_)
        | ConstraintKind::Exclude(_) => None,
    }
}

fn single(columns: &[Name]) -> Option<&Name> {
    match columns {
        [column] => Some(column),
        _ => None,
    }
}

fn named(constraint: &Constraint) -> SqlWriter {
    let line = SqlWriter::new(Sqlite);
    match &constraint.name {
        Some(name) => line.sql("CONSTRAINT").name(name),
        None => line,
    }
}

/// A constraint as it is written with its column.
pub(crate) fn inline_constraint(constraint: &Constraint, autoincrement: bool) -> String {
    let line = named(constraint);
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => {
            let descending = key.column_suffixes.iter().any(|suffix| suffix == "DESC");
            line.sql("PRIMARY KEY")
                .when(descending, "DESC")
                .maybe("", key.suffix.as_ref())
                .when(autoincrement, "AUTOINCREMENT")
                .finish()
        }
        ConstraintKind::Unique(key) => line.sql("UNIQUE").maybe("", key.suffix.as_ref()).finish(),
        ConstraintKind::ForeignKey(key) => deferrable(references(line, key), constraint.deferrable).finish(),
        ConstraintKind::Check(check) => line.sql("CHECK").parens(&check.expr).finish(),
        ConstraintKind::Exclude(_) => line.finish(),
    }
}

fn table_constraint(constraint: &Constraint, autoincrement: bool) -> String {
    let line = named(constraint);
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => key_sql(line.sql("PRIMARY KEY"), key, autoincrement),
        ConstraintKind::Unique(key) => key_sql(line.sql("UNIQUE"), key, false),
        ConstraintKind::ForeignKey(key) => {
            let line = line.sql("FOREIGN KEY").names(&key.columns);
            deferrable(references(line, key), constraint.deferrable).finish()
        }
        ConstraintKind::Check(check) => line.sql("CHECK").parens(&check.expr).finish(),
        ConstraintKind::Exclude(_) => line.finish(),
    }
}

fn key_sql(line: SqlWriter, key: &Key, autoincrement: bool) -> String {
    let columns = key.columns.iter().enumerate().map(|(index, column)| {
        let suffix = key.column_suffixes.get(index).filter(|suffix| !suffix.is_empty());
        let part = SqlWriter::new(Sqlite).name(column).maybe("", suffix);
        part.when(autoincrement, "AUTOINCREMENT").finish()
    });
    line.list(columns).maybe("", key.suffix.as_ref()).finish()
}

fn references(line: SqlWriter, key: &ForeignKey) -> SqlWriter {
    let mut line = line.sql("REFERENCES").name(&key.table.name);
    if !key.referenced.is_empty() {
        line = line.names(&key.referenced);
    }
    for (words, action) in [("ON UPDATE", key.on_update), ("ON DELETE", key.on_delete)] {
        if action != ReferentialAction::NoAction {
            line = line.sql(words).sql(action.as_sql());
        }
    }
    line.when(key.match_full, "MATCH FULL")
}

fn deferrable(line: SqlWriter, deferrable: Deferrable) -> SqlWriter {
    match deferrable {
        Deferrable::No => line,
        Deferrable::Immediate => line.sql("DEFERRABLE INITIALLY IMMEDIATE"),
        Deferrable::Deferred => line.sql("DEFERRABLE INITIALLY DEFERRED"),
    }
}

/// The declared type, in quotes when the bare words would be read as something else.
fn type_sql(ty: &ColumnType) -> String {
    let text = match ty {
        ColumnType::Other(text) => text.clone(),
        known => write_type(known, Sqlite),
    };
    let plain = text.is_empty() || crate::sql::read::sqlite::is_plain_type(&text);
    if plain { text } else { quote_always(&text) }
}

fn quote_always(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A literal stands alone, any other expression in parentheses (CREATE TABLE, "The DEFAULT clause").
pub(crate) fn default_sql(default: &Expr) -> String {
    let text = default.as_str();
    if is_literal(text) || is_word(text) { text.to_owned() } else { format!("({text})") }
}

/// A constant with at most a sign.
pub(crate) fn is_literal(text: &str) -> bool {
    let all = tokens(text, Sqlite);
    let value = match all.as_slice() {
        [value] => value,
        [sign, value] if matches!(sign.text(text), "+" | "-") => value,
        _ => return false,
    };
    let word = ["null", "true", "false"].iter().any(|word| value.text(text).eq_ignore_ascii_case(word));
    matches!(value.kind, TokenKind::Number | TokenKind::Str) || word
}

fn is_word(text: &str) -> bool {
    matches!(tokens(text, Sqlite).as_slice(), [token] if matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
}

/// `CREATE INDEX`.
pub(crate) fn create_index(table: &ObjectName, index: &Index) -> String {
    let words = if index.unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" };
    let name = ObjectName { schema: table.schema.clone(), name: index.name.clone() };
    let statement = SqlWriter::start(Sqlite, words).object(&name).sql("ON").name(&table.name);
    statement.list(index.parts.iter().map(index_part)).maybe("WHERE", index.predicate.as_ref()).finish()
}

fn index_part(part: &IndexPart) -> String {
    let term = match &part.term {
        IndexTerm::Column(name) => quote(name, Sqlite),
        IndexTerm::Expr(expr) => expr.to_string(),
    };
    let collation = part.collation.as_ref().map(|collation| quote(&collation.name, Sqlite));
    SqlWriter::new(Sqlite).sql(term).maybe("COLLATE", collation).when(part.descending, "DESC").finish()
}

/// `CREATE VIEW`.
pub(crate) fn create_view(view: &View) -> String {
    let mut statement = SqlWriter::start(Sqlite, "CREATE VIEW").object(&view.name);
    if view.explicit_columns {
        statement = statement.names(view.columns.iter().map(|(name, _)| name));
    }
    format!("{} AS\n{}", statement.finish(), view.query.trim())
}

/// `DROP …`.
pub(crate) fn drop_object(kind: &str, name: &ObjectName) -> String {
    format!("DROP {kind} {}", quote_object(name, Sqlite))
}
