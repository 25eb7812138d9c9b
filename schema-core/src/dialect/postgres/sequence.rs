//! Sequences, free ones and those of identity columns, as text.

use schema_model::catalog::{Column, ColumnType, Identity, Sequence, SequenceOptions};
use schema_model::ident::{quote, quote_object};
use schema_model::{Name, ObjectName};

use super::PG;
use crate::dialect::SqlWriter;

/// `CREATE SEQUENCE`, without `OWNED BY`: the column may not be there yet.
pub(super) fn create(sequence: &Sequence) -> String {
    let options = &sequence.options;
    SqlWriter::start(PG, "CREATE")
        .when(sequence.unlogged, "UNLOGGED")
        .sql("SEQUENCE")
        .object(&sequence.name)
        .maybe("AS", (options.bits != 64).then(|| width(options.bits)))
        .maybe("", counting(options))
        .finish()
}

fn width(bits: u8) -> &'static str {
    match bits {
        16 => "smallint",
        32 => "integer",
        _ => "bigint",
    }
}

/// What differs from a plain sequence of the width and direction.
pub(super) fn counting(options: &SequenceOptions) -> Option<String> {
    let plain = plain(options);
    let writer = SqlWriter::new(PG)
        .maybe("INCREMENT BY", (options.increment != 1).then_some(options.increment))
        .maybe("MINVALUE", (options.min != plain.min).then_some(options.min))
        .maybe("MAXVALUE", (options.max != plain.max).then_some(options.max))
        .maybe("START WITH", (options.start != start(options)).then_some(options.start))
        .maybe("CACHE", (options.cache != 1).then_some(options.cache))
        .when(options.cycle, "CYCLE");
    Some(writer.finish()).filter(|text| !text.is_empty())
}

fn plain(options: &SequenceOptions) -> SequenceOptions {
    if options.increment < 0 {
        SequenceOptions::descending(options.bits)
    } else {
        SequenceOptions::ascending(options.bits)
    }
}

/// Where it starts when nothing is said: at its least or greatest value.
fn start(options: &SequenceOptions) -> i64 {
    if options.increment < 0 { options.max } else { options.min }
}

/// What leads from one way of counting to another, as `ALTER SEQUENCE` and `ALTER COLUMN … SET` say it.
fn changes(old: &SequenceOptions, new: &SequenceOptions) -> Vec<String> {
    let mut out = Vec::new();
    let mut differs = |differs: bool, text: String| {
        if differs {
            out.push(text);
        }
    };
    // `AS` moves the limits with it where they were the old type's (manual, ALTER SEQUENCE): say them all then.
    let retyped = old.bits != new.bits;
    differs(retyped, format!("AS {}", width(new.bits)));
    differs(old.increment != new.increment, format!("INCREMENT BY {}", new.increment));
    differs(retyped || old.min != new.min, format!("MINVALUE {}", new.min));
    differs(retyped || old.max != new.max, format!("MAXVALUE {}", new.max));
    differs(old.start != new.start, format!("START WITH {}", new.start));
    differs(old.cache != new.cache, format!("CACHE {}", new.cache));
    differs(old.cycle != new.cycle, if new.cycle { "CYCLE".into() } else { "NO CYCLE".into() });
    out
}

/// Whether a sequence that has not counted yet would stand outside the new limits, which is refused.
pub(super) fn leaves_range(old: &SequenceOptions, new: &SequenceOptions) -> bool {
    old.start < new.min || old.start > new.max
}

/// `ALTER SEQUENCE` to other options and durability.
pub(super) fn alter(old: &Sequence, new: &Sequence) -> Vec<String> {
    let alter = || SqlWriter::start(PG, "ALTER SEQUENCE").object(&new.name);
    let mut out = Vec::new();
    let options = changes(&old.options, &new.options);
    if !options.is_empty() {
        let restarts = leaves_range(&old.options, &new.options);
        out.push(alter().sql(options.join(" ")).when(restarts, "RESTART").finish());
    }
    if old.unlogged != new.unlogged {
        out.push(alter().sql(if new.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }).finish());
    }
    out
}

/// `ALTER SEQUENCE … OWNED BY`.
pub(super) fn owned_by(name: &ObjectName, owner: Option<&(ObjectName, Name)>) -> String {
    let writer = SqlWriter::start(PG, "ALTER SEQUENCE").object(name).sql("OWNED BY");
    match owner {
        Some((table, column)) => {
            writer.sql(format!("{}.{}", quote_object(table, PG), quote(column, PG))).finish()
        }
        None => writer.sql("NONE").finish(),
    }
}

/// `GENERATED … AS IDENTITY (…)`.
pub(super) fn identity(table: &ObjectName, column: &Name, identity: &Identity) -> String {
    let named = identity.sequence != default_name(table, column);
    let options = SqlWriter::new(PG)
        .maybe("SEQUENCE NAME", named.then(|| quote_object(&identity.sequence, PG)))
        .maybe("", counting(&identity.options))
        .finish();
    SqlWriter::start(PG, "GENERATED")
        .sql(if identity.always { "ALWAYS" } else { "BY DEFAULT" })
        .sql("AS IDENTITY")
        .maybe("", (!options.is_empty()).then(|| format!("({options})")))
        .finish()
}

/// What `ALTER COLUMN` says to get from one identity to another.
pub(super) fn alter_identity(old: &Identity, new: &Identity) -> Vec<String> {
    let mut out = Vec::new();
    if old.always != new.always {
        out.push(format!("SET GENERATED {}", if new.always { "ALWAYS" } else { "BY DEFAULT" }));
    }
    // The sequence's width follows the column's type and cannot be said here.
    let old_options = SequenceOptions { bits: new.options.bits, ..old.options.clone() };
    out.extend(changes(&old_options, &new.options).into_iter().map(|change| format!("SET {change}")));
    out
}

/// The name that PostgreSQL gives the sequence of a serial or identity column, when it fits without being cut.
pub(super) fn default_name(table: &ObjectName, column: &Name) -> ObjectName {
    table.sibling(format!("{}_{}_seq", table.name, column))
}

/// `bigserial`, when the sequence is exactly what that word makes.
pub(super) fn serial(table: &ObjectName, column: &Column, sequence: &Sequence) -> Option<&'static str> {
    let (bits, word) = match column.ty {
        ColumnType::Integer { bits: 16 } => (16, "smallserial"),
        ColumnType::Integer { bits: 32 } => (32, "serial"),
        ColumnType::Integer { bits: 64 } => (64, "bigserial"),
        _ => return None,
    };
    let name = default_name(table, &column.name);
    let quoted = schema_model::ident::quote_string(&quote_object(&name, PG), PG);
    let text = column.default.as_ref()?.as_str();
    let plain = sequence.name == name
        && name.name.as_str().len() <= 63
        && sequence.options == SequenceOptions::ascending(bits)
        && sequence.owned_by.as_ref() == Some(&(table.clone(), column.name.clone()))
        && !sequence.unlogged
        && !column.nullable
        && (text == format!("nextval({quoted}::regclass)") || text == format!("nextval({quoted})"));
    plain.then_some(word)
}
