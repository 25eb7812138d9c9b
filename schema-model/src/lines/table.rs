//! A table's lines: its head, its columns in order, its constraints and indexes by name.

use super::{Line, key_name, key_part};
use crate::catalog::{
    Column, Constraint, ConstraintKind, Deferrable, ExcludePart, ForeignKey, Identity, Index, IndexPart,
    IndexTerm, Key, ReferentialAction, SequenceOptions, Storage, Table, TableKind, TableOptions,
};
use crate::{DialectKind, Name, ObjectName, ident, type_text::write_type};

pub(super) fn lines(table: &Table, dialect: DialectKind, out: &mut Vec<Line>) {
    let name = key_name(&table.name);
    out.push(Line { key: format!("table {name}"), facts: options(&table.options) });
    for column in &table.columns {
        let key = format!("column {name}.{}", key_part(&column.name));
        out.push(Line { key, facts: column_facts(column, dialect) });
    }
    let mut constraints: Vec<Line> =
        table.constraints.iter().map(|constraint| constraint_line(&name, constraint, dialect)).collect();
    constraints.sort_by(|one, other| (&one.key, &one.facts).cmp(&(&other.key, &other.facts)));
    out.append(&mut constraints);
    let mut indexes: Vec<Line> =
        table.indexes.iter().map(|index| index_line(&name, index, dialect)).collect();
    indexes.sort_by(|one, other| one.key.cmp(&other.key));
    out.append(&mut indexes);
}

fn options(options: &TableOptions) -> Vec<String> {
    let mut facts = Vec::new();
    match &options.kind {
        TableKind::Plain => {}
        TableKind::Partitioned(key) => facts.push(format!("partition by {key}")),
        TableKind::Foreign(server) => facts.push(format!("foreign {server}")),
        TableKind::Virtual(module) => facts.push(format!("virtual {module}")),
        TableKind::Shadow(owner) => facts.push(format!("shadow of {owner}")),
    }
    if let Some((parent, bound)) = &options.partition_of {
        facts.push(format!("partition of {} {bound}", key_name(parent)));
    }
    if !options.inherits.is_empty() {
        let parents: Vec<String> = options.inherits.iter().map(key_name).collect();
        facts.push(format!("inherits {}", parents.join(", ")));
    }
    for (said, word) in [
        (options.unlogged, "unlogged"),
        (options.temporary, "temporary"),
        (options.row_security, "row security"),
        (options.force_row_security, "force row security"),
        (options.strict, "strict"),
        (options.without_rowid, "without rowid"),
        (options.autoincrement, "autoincrement"),
    ] {
        if said {
            facts.push(word.to_owned());
        }
    }
    facts.extend(parameters(&options.with));
    facts.extend(options.tablespace.as_ref().map(|name| format!("tablespace {}", key_part(name))));
    facts.extend(options.clustered.as_ref().map(|index| format!("clustered on {}", key_part(index))));
    facts.extend(options.replica_identity.as_ref().map(|identity| format!("replica identity {identity}")));
    facts.extend(comment(&options.comment));
    facts
}

fn parameters(all: &crate::catalog::Settings) -> Option<String> {
    let all: Vec<String> = all.sorted().iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!all.is_empty()).then(|| format!("with {}", all.join(", ")))
}

pub(super) fn comment(comment: &Option<String>) -> Option<String> {
    comment.as_ref().map(|comment| format!("comment {comment}"))
}

fn column_facts(column: &Column, dialect: DialectKind) -> Vec<String> {
    let mut facts = vec![format!("type {}", write_type(&column.ty, dialect)).trim_end().to_owned()];
    if !column.nullable {
        facts.push("not null".to_owned());
    }
    facts.extend(column.identity.as_ref().map(identity));
    if let Some(generated) = &column.generated {
        let how = if generated.stored { "stored" } else { "virtual" };
        facts.push(format!("generated {how} {}", generated.expr));
    }
    facts.extend(column.default.as_ref().map(|default| format!("default {default}")));
    facts.extend(column.collation.as_ref().map(|collation| format!("collate {}", key_name(collation))));
    if column.inherited {
        facts.push("inherited".to_owned());
    }
    storage(&column.storage, &mut facts);
    facts.extend(comment(&column.comment));
    facts
}

fn storage(storage: &Storage, facts: &mut Vec<String>) {
    facts.extend(storage.strategy.as_ref().map(|strategy| format!("storage {}", strategy.to_lowercase())));
    facts.extend(storage.compression.as_ref().map(|method| format!("compression {method}")));
    facts.extend(storage.statistics.map(|target| format!("statistics {target}")));
    facts.extend(parameters(&storage.options));
}

fn identity(identity: &Identity) -> String {
    let how = if identity.always { "always" } else { "by default" };
    format!("identity {how} {} {}", key_name(&identity.sequence), sequence(&identity.options))
}

pub(super) fn sequence(options: &SequenceOptions) -> String {
    let SequenceOptions { bits, start, increment, min, max, cache, cycle } = options;
    let cycle = if *cycle { " cycle" } else { "" };
    let usual = match *increment < 0 {
        true => SequenceOptions::descending(*bits),
        false => SequenceOptions::ascending(*bits),
    };
    if usual == *options {
        return format!("int{}", bits / 8);
    }
    format!("int{} start {start} increment {increment} min {min} max {max} cache {cache}{cycle}", bits / 8)
}

pub(super) fn constraint_line(table: &str, constraint: &Constraint, dialect: DialectKind) -> Line {
    let mut facts = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => key_facts("primary key", key),
        ConstraintKind::Unique(key) => key_facts("unique", key),
        ConstraintKind::ForeignKey(key) => foreign_key(key),
        ConstraintKind::Check(check) => {
            let mut facts = vec![format!("check {}", check.expr)];
            facts.extend(check.no_inherit.then(|| "no inherit".to_owned()));
            facts
        }
        ConstraintKind::Exclude(exclude) => {
            let parts: Vec<String> = exclude.parts.iter().map(|part| exclude_part(part, dialect)).collect();
            let mut facts = vec![format!("exclude {} ({})", exclude.method, parts.join(", "))];
            facts.extend(include(&exclude.include));
            facts.extend(exclude.predicate.as_ref().map(|predicate| format!("where {predicate}")));
            facts
        }
    };
    match constraint.deferrable {
        Deferrable::No => {}
        Deferrable::Immediate => facts.push("deferrable".to_owned()),
        Deferrable::Deferred => facts.push("initially deferred".to_owned()),
    }
    if !constraint.validated {
        facts.push("not valid".to_owned());
    }
    if constraint.inherited {
        facts.push("inherited".to_owned());
    }
    let parent = constraint.attached.as_ref();
    facts.extend(parent.map(|parent| format!("attached to {}", key_name(parent))));
    facts.extend(comment(&constraint.comment));
    // Without a name, what a constraint demands is what tells it from others.
    let key = match &constraint.name {
        Some(name) => format!("constraint {table}.{}", key_part(name)),
        None => {
            let first = facts.first().map(String::as_str).unwrap_or_default();
            format!("constraint {table}.{}", key_part(&Name::new(first)))
        }
    };
    Line { key, facts }
}

fn columns(all: &[Name]) -> String {
    all.iter().map(key_part).collect::<Vec<_>>().join(", ")
}

fn include(all: &[Name]) -> Option<String> {
    (!all.is_empty()).then(|| format!("include ({})", columns(all)))
}

fn key_facts(word: &str, key: &Key) -> Vec<String> {
    let mut parts: Vec<String> = key.columns.iter().map(key_part).collect();
    for (part, suffix) in parts.iter_mut().zip(&key.column_suffixes) {
        if !suffix.is_empty() {
            part.push(' ');
            part.push_str(suffix);
        }
    }
    let mut facts = vec![format!("{word} ({})", parts.join(", "))];
    facts.extend(include(&key.include));
    facts.extend(key.nulls_not_distinct.then(|| "nulls not distinct".to_owned()));
    facts.extend(key.suffix.as_ref().map(|suffix| format!("suffix {suffix}")));
    facts
}

fn foreign_key(key: &ForeignKey) -> Vec<String> {
    let referenced = match key.referenced.is_empty() {
        true => String::new(),
        false => format!(" ({})", columns(&key.referenced)),
    };
    let target = key_name(&key.table);
    let mut facts = vec![format!("foreign key ({}) references {target}{referenced}", columns(&key.columns))];
    if key.match_full {
        facts.push("match full".to_owned());
    }
    let action = |word: &str, action: ReferentialAction| {
        (action != ReferentialAction::NoAction).then(|| format!("{word} {}", action.as_sql().to_lowercase()))
    };
    let mut on_delete = action("on delete", key.on_delete);
    if let (Some(on_delete), false) = (&mut on_delete, key.on_delete_columns.is_empty()) {
        on_delete.push_str(&format!(" ({})", columns(&key.on_delete_columns)));
    }
    facts.extend(on_delete);
    facts.extend(action("on update", key.on_update));
    facts
}

fn exclude_part(part: &ExcludePart, dialect: DialectKind) -> String {
    format!("{} with {}", index_part(&part.part, dialect), part.operator)
}

pub(super) fn index_line(table: &str, index: &Index, dialect: DialectKind) -> Line {
    let parts: Vec<String> = index.parts.iter().map(|part| index_part(part, dialect)).collect();
    let unique = if index.unique { "unique " } else { "" };
    let mut facts = vec![format!("{unique}{} ({})", index.method, parts.join(", "))];
    facts.extend(include(&index.include));
    facts.extend(index.nulls_not_distinct.then(|| "nulls not distinct".to_owned()));
    facts.extend(index.predicate.as_ref().map(|predicate| format!("where {predicate}")));
    facts.extend(parameters(&index.options));
    facts.extend(index.tablespace.as_ref().map(|name| format!("tablespace {}", key_part(name))));
    facts.extend(index.statistics.iter().map(|(part, target)| format!("statistics of {part} {target}")));
    if !index.valid {
        facts.push("invalid".to_owned());
    }
    facts
        .extend(index.parent.as_ref().map(|parent: &ObjectName| format!("attached to {}", key_name(parent))));
    facts.extend(comment(&index.comment));
    Line { key: format!("index {table}.{}", key_part(&index.name)), facts }
}

fn index_part(part: &IndexPart, dialect: DialectKind) -> String {
    let mut text = match &part.term {
        IndexTerm::Column(name) => ident::quote(name, dialect),
        IndexTerm::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" collate {}", key_name(collation)));
    }
    if let Some(class) = &part.opclass {
        text.push_str(&format!(" {class}"));
    }
    text.push_str(if part.descending { " desc" } else { "" });
    match (part.nulls_first, part.descending) {
        (true, false) => text.push_str(" nulls first"),
        (false, true) => text.push_str(" nulls last"),
        _ => {}
    }
    text
}
