//! Constraints: at the field when they are about one column, else at the struct.

use schema_model::catalog::{
    Check, Constraint, ConstraintKind, Deferrable, Exclude, ForeignKey, Key, ReferentialAction, Table,
};
use schema_model::item::{columns_in, join_columns, name_by};
use schema_model::{Name, ObjectName};

use super::index::{part_sql, term_names};
use super::table::Pieces;
use super::{Writer, literal};

impl Writer<'_> {
    pub(super) fn constraint(&mut self, table: &Table, constraint: &Constraint, pieces: &mut Pieces) {
        let said = match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => self.key(table, constraint, key, "primary_key", pieces),
            ConstraintKind::Unique(key) => self.key(table, constraint, key, "unique", pieces),
            ConstraintKind::ForeignKey(key) => {
                self.foreign_key(table, constraint, key, pieces);
                true
            }
            ConstraintKind::Check(check) => {
                self.check(table, constraint, check, pieces);
                true
            }
            ConstraintKind::Exclude(exclude) => {
                self.exclude(table, constraint, exclude, pieces);
                true
            }
        };
        if let (false, Some(name)) = (said, &constraint.name) {
            self.unmanaged.push(format!("{}.{name}", table.name));
        }
    }

    /// `name = "…"`, unless it is the name that would be given anyway.
    fn name(&self, table: &Table, constraint: &Constraint, columns: &[Name], label: &str) -> Option<String> {
        let own = constraint.name.as_ref()?;
        let joined = join_columns(columns.iter().map(Name::as_str));
        let template = self.naming.template(&constraint.kind);
        let usual = name_by(&template, table.name.name.as_str(), &joined, label);
        let has_usual = self.postgres() || template.is_some();
        (own.as_str() != usual || !has_usual).then(|| format!("name = {}", literal(own.as_str())))
    }

    fn key(
        &mut self,
        table: &Table,
        constraint: &Constraint,
        key: &Key,
        word: &str,
        pieces: &mut Pieces,
    ) -> bool {
        let (columns, label): (&[Name], _) = match word {
            "primary_key" if self.naming.primary_key.is_none() => (&[], "pkey"),
            "primary_key" => (&key.columns, "pkey"),
            _ => (&key.columns, "key"),
        };
        let mut words: Vec<String> = self.name(table, constraint, columns, label).into_iter().collect();
        words.extend(list("include", &key.include, pieces));
        words.extend(key.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
        words.extend(deferrable(constraint));
        if let Some(suffix) = &key.suffix {
            match suffix_word(suffix) {
                Some(word) => words.push(word),
                None => return false,
            }
        }
        words.extend(comment(&constraint.comment));
        let mut suffixes = Vec::new();
        for suffix in &key.column_suffixes {
            match column_words(suffix) {
                Some(words) => suffixes.push(words),
                None => return false,
            }
        }
        if let ([column], true) = (key.columns.as_slice(), suffixes.iter().all(String::is_empty)) {
            let said =
                if words.is_empty() { word.to_owned() } else { format!("{word}({})", words.join(", ")) };
            if pieces.at_field(column, said) {
                return true;
            }
        }
        let columns = key.columns.iter().enumerate().map(|(index, column)| {
            let suffix = suffixes.get(index).map_or("", String::as_str);
            format!("{}{suffix}", pieces.column(column))
        });
        let all: Vec<String> = columns.chain(words).collect();
        pieces.words.push(format!("{word}({})", all.join(", ")));
        true
    }

    fn foreign_key(&mut self, table: &Table, constraint: &Constraint, key: &ForeignKey, pieces: &mut Pieces) {
        let target = literal(&reference(&key.table, &key.referenced));
        let mut words: Vec<String> = Vec::new();
        words.extend(action("on_delete", key.on_delete));
        words.extend(action("on_update", key.on_update));
        words.extend(deferrable(constraint));
        let mut more: Vec<String> = self.name(table, constraint, &key.columns, "fkey").into_iter().collect();
        more.extend(list("on_delete_columns", &key.on_delete_columns, pieces));
        more.extend(key.match_full.then(|| "match_full".to_owned()));
        more.extend(comment(&constraint.comment));
        if let [column] = key.columns.as_slice() {
            let others = table.constraints.iter().filter(|other| {
                matches!(&other.kind, ConstraintKind::ForeignKey(other) if other.columns == key.columns)
            });
            let said = match more.is_empty() && others.count() == 1 {
                true => {
                    words.insert(0, format!("references = {target}"));
                    words.join(", ")
                }
                false => {
                    let all: Vec<String> =
                        [target.clone()].into_iter().chain(more.clone()).chain(words.clone()).collect();
                    format!("references({})", all.join(", "))
                }
            };
            if pieces.at_field(column, said) {
                return;
            }
        }
        let columns: Vec<String> = key.columns.iter().map(|column| pieces.column(column)).collect();
        let mut all = vec![format!("columns({})", columns.join(", ")), format!("references = {target}")];
        all.append(&mut more);
        all.append(&mut words);
        pieces.words.push(format!("foreign_key({})", all.join(", ")));
    }

    fn check(&mut self, table: &Table, constraint: &Constraint, check: &Check, pieces: &mut Pieces) {
        let known = table.columns.iter().map(|column| column.name.as_str());
        let columns = columns_in(check.expr.as_str(), known, self.dialect);
        let own: &[Name] = if columns.len() == 1 { &columns } else { &[] };
        let mut words: Vec<String> = self.name(table, constraint, own, "check").into_iter().collect();
        words.push(literal(check.expr.as_str()));
        words.extend(check.no_inherit.then(|| "no_inherit".to_owned()));
        words.extend(comment(&constraint.comment));
        let said = match words.as_slice() {
            [only] => format!("check = {only}"),
            many => format!("check({})", many.join(", ")),
        };
        if let [column] = columns.as_slice()
            && pieces.at_field(column, said)
        {
            return;
        }
        pieces.words.push(format!("check({})", words.join(", ")));
    }

    fn exclude(&mut self, table: &Table, constraint: &Constraint, exclude: &Exclude, pieces: &mut Pieces) {
        let parts: Vec<_> = exclude.parts.iter().map(|part| part.part.clone()).collect();
        let columns = term_names(&parts);
        let mut words: Vec<String> = self.name(table, constraint, &columns, "excl").into_iter().collect();
        words.push(format!("using = {}", literal(exclude.method.as_str())));
        words.extend(
            exclude
                .parts
                .iter()
                .map(|part| literal(&format!("{} WITH {}", part_sql(&part.part), part.operator))),
        );
        words.extend(list("include", &exclude.include, pieces));
        words.extend(
            exclude.predicate.as_ref().map(|predicate| format!("where = {}", literal(predicate.as_str()))),
        );
        words.extend(deferrable(constraint));
        words.extend(comment(&constraint.comment));
        pieces.words.push(format!("exclude({})", words.join(", ")));
    }
}

/// `app.members(org_id, id)`, quoted where a bare word would be read otherwise.
fn reference(table: &ObjectName, columns: &[Name]) -> String {
    let schema = table.schema.as_ref().map_or(String::new(), |schema| format!("{}.", sql_name(schema)));
    let name = sql_name(&table.name);
    match columns {
        [] => format!("{schema}{name}"),
        _ => {
            let columns: Vec<String> = columns.iter().map(sql_name).collect();
            format!("{schema}{name}({})", columns.join(", "))
        }
    }
}

pub(super) fn sql_name(name: &Name) -> String {
    let text = name.as_str();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty();
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

pub(super) fn list(word: &str, columns: &[Name], pieces: &Pieces) -> Option<String> {
    let all: Vec<String> = columns.iter().map(|column| pieces.column(column)).collect();
    (!all.is_empty()).then(|| format!("{word}({})", all.join(", ")))
}

pub(super) fn comment(comment: &Option<String>) -> Option<String> {
    comment.as_ref().map(|comment| format!("comment = {}", literal(comment)))
}

fn deferrable(constraint: &Constraint) -> Option<String> {
    match constraint.deferrable {
        Deferrable::No => None,
        Deferrable::Immediate => Some("deferrable = immediate".to_owned()),
        Deferrable::Deferred => Some("deferrable = deferred".to_owned()),
    }
}

fn action(word: &str, action: ReferentialAction) -> Option<String> {
    let value = match action {
        ReferentialAction::NoAction => return None,
        ReferentialAction::Restrict => "restrict",
        ReferentialAction::Cascade => "cascade",
        ReferentialAction::SetNull => "set_null",
        ReferentialAction::SetDefault => "set_default",
    };
    Some(format!("{word} = {value}"))
}

/// What follows a key, when there is a word for it.
fn suffix_word(suffix: &str) -> Option<String> {
    let upper = suffix.to_ascii_uppercase();
    if let Some(action) = upper.strip_prefix("ON CONFLICT ") {
        return Some(format!("on_conflict = {}", literal(action.trim())));
    }
    let inner = suffix.strip_prefix("WITH (")?.strip_suffix(')')?;
    let mut all = Vec::new();
    for pair in inner.split(',') {
        let (name, value) = pair.split_once(" = ")?;
        syn::parse_str::<syn::Ident>(name.trim()).ok()?;
        all.push(format!("{} = {}", name.trim(), literal(value.trim())));
    }
    Some(format!("with({})", all.join(", ")))
}

/// SQLite's `COLLATE x DESC` behind a key's column.
fn column_words(suffix: &str) -> Option<String> {
    let mut words = suffix.split_whitespace();
    let mut out = String::new();
    while let Some(word) = words.next() {
        match word.to_ascii_uppercase().as_str() {
            "COLLATE" => out.push_str(&format!(" collate({})", literal(words.next()?))),
            "DESC" => out.push_str(" desc"),
            "ASC" => {}
            _ => return None,
        }
    }
    Some(out)
}
