//! Indexes.

use schema_model::Name;
use schema_model::catalog::{Index, IndexPart, IndexTerm, Table};
use schema_model::item::{index_columns, name_by};

use super::constraint::{comment, list, sql_name};
use super::table::Pieces;
use super::{Writer, literal};

impl Writer<'_> {
    pub(super) fn index(&mut self, table: &Table, index: &Index, pieces: &mut Pieces) {
        let columns = index_columns(&index.parts);
        let usual = name_by(&self.naming.index, table.name.name.as_str(), &columns, "idx");
        let mut words: Vec<String> = Vec::new();
        if index.name.as_str() != usual {
            words.push(format!("name = {}", literal(index.name.as_str())));
        }
        words.extend(index.unique.then(|| "unique".to_owned()));
        if index.method.as_str() != "btree" {
            words.push(format!("using = {}", literal(index.method.as_str())));
        }
        let mut more: Vec<String> = list("include", &index.include, pieces).into_iter().collect();
        more.extend(index.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
        more.extend(
            index.predicate.as_ref().map(|predicate| format!("where = {}", literal(predicate.as_str()))),
        );
        let plain = index.options.keys().all(|name| syn::parse_str::<syn::Ident>(name).is_ok());
        if !index.options.is_empty() && plain {
            let all = index.options.iter().map(|(name, value)| format!("{name} = {}", literal(value)));
            more.push(format!("with({})", all.collect::<Vec<_>>().join(", ")));
        }
        more.extend(index.tablespace.as_ref().map(|name| format!("tablespace = {}", literal(name.as_str()))));
        more.extend(comment(&index.comment));
        if let [part] = index.parts.as_slice()
            && let (IndexTerm::Column(column), words_of_part) = (&part.term, part_words(part))
        {
            let all: Vec<String> = words.iter().cloned().chain(words_of_part).chain(more.clone()).collect();
            let said = if all.is_empty() { "index".to_owned() } else { format!("index({})", all.join(", ")) };
            if pieces.at_field(column, said) {
                return;
            }
        }
        words.extend(parts(&index.parts, pieces));
        words.append(&mut more);
        pieces.words.push(format!("index({})", words.join(", ")));
    }
}

/// `columns(a desc, b)`; with an expression among them, all as SQL.
fn parts(parts: &[IndexPart], pieces: &Pieces) -> Vec<String> {
    let columns: Option<Vec<String>> = parts
        .iter()
        .map(|part| match &part.term {
            IndexTerm::Column(column) if pieces.knows(column) => {
                let words: String = part_words(part).iter().map(|word| format!(" {word}")).collect();
                Some(format!("{}{words}", pieces.column(column)))
            }
            IndexTerm::Column(_) | IndexTerm::Expr(_) => None,
        })
        .collect();
    match columns {
        Some(columns) => vec![format!("columns({})", columns.join(", "))],
        None => {
            vec![format!("expr = {}", literal(&parts.iter().map(part_sql).collect::<Vec<_>>().join(", ")))]
        }
    }
}

fn part_words(part: &IndexPart) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(part.collation.as_ref().map(|name| format!("collate({})", literal(&name.to_string()))));
    words.extend(part.opclass.as_ref().map(|class| format!("opclass({})", literal(class))));
    words.extend(part.descending.then(|| "desc".to_owned()));
    words.extend(match (part.nulls_first, part.descending) {
        (true, false) => Some("nulls_first".to_owned()),
        (false, true) => Some("nulls_last".to_owned()),
        _ => None,
    });
    words
}

/// A part as SQL writes it.
pub(super) fn part_sql(part: &IndexPart) -> String {
    let mut text = match &part.term {
        IndexTerm::Column(name) => sql_name(name),
        IndexTerm::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(class) = &part.opclass {
        text.push_str(&format!(" {class}"));
    }
    text.push_str(if part.descending { " DESC" } else { "" });
    match (part.nulls_first, part.descending) {
        (true, false) => text.push_str(" NULLS FIRST"),
        (false, true) => text.push_str(" NULLS LAST"),
        _ => {}
    }
    text
}

/// What the terms are called in a generated name.
pub(super) fn term_names(parts: &[IndexPart]) -> Vec<Name> {
    parts.iter().map(|part| Name::from(index_columns(std::slice::from_ref(part)))).collect()
}
