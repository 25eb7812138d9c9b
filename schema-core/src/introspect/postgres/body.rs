//! What the bodies of routines name: the server keeps them as text and knows nothing of it.

use std::collections::BTreeSet;

use schema_model::catalog::{Catalog, OpaqueKind};
use schema_model::ident::fold;
use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Name, ObjectName};

/// Adds to each routine what its text names of the catalog's relations, types and routines.
pub(super) fn read(catalog: &mut Catalog) {
    let known = known(catalog);
    let routine = |kind| matches!(kind, OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate);
    for (id, object) in catalog.opaque.iter_mut().filter(|(id, _)| routine(id.kind)) {
        let mut found = BTreeSet::new();
        names(&object.definition, &known, 0, &mut found);
        found.remove(&id.name);
        object.touches.extend(found);
    }
}

fn known(catalog: &Catalog) -> BTreeSet<ObjectName> {
    let routines = catalog.opaque.keys().filter(|id| id.on.is_none()).map(|id| &id.name);
    let types = catalog.enums.keys().chain(catalog.domains.keys()).chain(catalog.composites.keys());
    let relations = catalog.tables.keys().chain(catalog.views.keys()).chain(catalog.sequences.keys());
    routines.chain(types).chain(relations).cloned().collect()
}

/// The known names in a text, and in the strings in it, which a body is.
fn names(text: &str, known: &BTreeSet<ObjectName>, depth: u8, found: &mut BTreeSet<ObjectName>) {
    let all = tokens(text, DialectKind::Postgres);
    let word = |at: usize| {
        let token = all.get(at).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))?;
        Some(Name::new(fold(token.text(text), DialectKind::Postgres)))
    };
    for (at, token) in all.iter().enumerate() {
        if token.kind == TokenKind::Str && depth < 2 {
            let inside = token.text(text).trim_start_matches(['E', 'e']);
            let mark = inside.strip_prefix('$').map_or(1, |rest| rest.find('$').map_or(0, |at| at + 2));
            let body = inside.get(mark..inside.len().saturating_sub(mark)).unwrap_or_default();
            names(body, known, depth + 1, found);
            continue;
        }
        let Some(name) = word(at) else { continue };
        let qualified = all.get(at + 1).is_some_and(|next| next.text(text) == ".");
        let schema = if qualified { word(at + 2).map(|name_after| (name.clone(), name_after)) } else { None };
        let candidates = [
            Some(ObjectName::bare(name)),
            schema.as_ref().map(|(schema, name)| ObjectName::in_schema(schema.clone(), name.clone())),
            schema.as_ref().map(|(_, name)| ObjectName::bare(name.clone())),
        ];
        found.extend(candidates.into_iter().flatten().filter(|name| known.contains(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_bodies_are_found() {
        let known = [ObjectName::bare("t"), ObjectName::in_schema("app", "u"), ObjectName::bare("g")].into();
        let mut found = BTreeSet::new();
        names("CREATE FUNCTION f() AS $x$ SELECT g('a') FROM app.u, \"t\" $x$", &known, 0, &mut found);
        assert_eq!(found, known);
    }
}
