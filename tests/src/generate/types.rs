//! Enums, domains, composite types.

use super::pick::{Pick, q, qn};

const LABELS: &[&str] = &["new", "open", "it''s", "Done", "x y", "late"];

pub(super) fn create_enum(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_name("kind");
    let count = pick.number(4);
    let labels: Vec<_> = LABELS.iter().take(count).map(|label| format!("'{label}'")).collect();
    Some(format!("CREATE TYPE {} AS ENUM ({})", q(&name), labels.join(", ")))
}

pub(super) fn alter_enum(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.enums.values().collect();
    let ty = pick.of(&all)?;
    let labels: Vec<_> = ty.values.iter().map(|label| label.replace('\'', "''")).collect();
    let label = pick.word(LABELS);
    let known = if labels.is_empty() { "none".to_owned() } else { labels[pick.number(labels.len())].clone() };
    let exists = pick.maybe(3, "IF NOT EXISTS ");
    let name = q(&ty.name);
    Some(match pick.number(4) {
        0 => format!("ALTER TYPE {name} ADD VALUE {exists}'{label}'"),
        1 => format!("ALTER TYPE {name} ADD VALUE {exists}'{label}' BEFORE '{known}'"),
        2 => format!("ALTER TYPE {name} ADD VALUE {exists}'{label}' AFTER '{known}'"),
        _ => format!("ALTER TYPE {name} RENAME VALUE '{known}' TO '{label}'"),
    })
}

pub(super) fn create_domain(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_name("dom");
    let base = pick.word(&["int", "text", "varchar(10)", "numeric(8,2)", "text COLLATE \"C\"", "int[]"]);
    let number = base.starts_with("int") || base.starts_with("num");
    let more = pick.word(if base == "int[]" {
        &["", " NOT NULL"]
    } else if number {
        &[
            "",
            " NOT NULL",
            " DEFAULT 1",
            " CHECK (VALUE > 0)",
            " CONSTRAINT up CHECK (VALUE > 0) CHECK (VALUE < 10)",
            " NULL",
        ]
    } else {
        &["", " NOT NULL", " DEFAULT 'a'", " CHECK (VALUE <> '')", " NOT NULL CHECK (length(VALUE) < 5)"]
    });
    Some(format!("CREATE DOMAIN {}{}{base}{more}", q(&name), pick.word(&[" AS ", " "])))
}

pub(super) fn alter_domain(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.domains.values().collect();
    let domain = pick.of(&all)?;
    let checks: Vec<_> = domain.checks.iter().filter_map(|check| check.name.as_ref()).collect();
    let action = match pick.of(&checks) {
        Some(check) if pick.once_in(2) => match pick.number(3) {
            0 => format!("DROP CONSTRAINT {}", qn(check)),
            1 => format!("RENAME CONSTRAINT {} TO checked{}", qn(check), pick.number(3)),
            _ => format!("VALIDATE CONSTRAINT {}", qn(check)),
        },
        _ => pick
            .word(&[
                "SET NOT NULL",
                "DROP NOT NULL",
                "SET DEFAULT NULL",
                "DROP DEFAULT",
                "ADD CHECK (VALUE IS NOT NULL)",
                "ADD CONSTRAINT later CHECK (VALUE IS NOT NULL) NOT VALID",
                "DROP CONSTRAINT IF EXISTS nothing",
            ])
            .to_owned(),
    };
    Some(format!("ALTER DOMAIN {} {action}", q(&domain.name)))
}

pub(super) fn create_composite(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_name("pair");
    let (first, second) = (pick.column_type(), pick.column_type());
    Some(format!("CREATE TYPE {} AS (x {first}, \"Y\" {second})", q(&name)))
}

pub(super) fn alter_composite(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.composites.values().collect();
    let ty = pick.of(&all)?;
    let names: Vec<_> = ty.attributes.iter().map(|attribute| &attribute.name).collect();
    let known = pick.of(&names).map_or_else(|| "x".to_owned(), qn);
    let new = pick.column_type();
    let action = match pick.number(4) {
        0 => format!("ADD ATTRIBUTE z{} {new}", pick.number(3)),
        1 => format!("DROP ATTRIBUTE {}{known}", pick.maybe(2, "IF EXISTS ")),
        2 => format!("ALTER ATTRIBUTE {known} TYPE {new}"),
        _ => format!("RENAME ATTRIBUTE {known} TO w{}", pick.number(3)),
    };
    Some(format!("ALTER TYPE {} {action}", q(&ty.name)))
}

pub(super) fn rename_or_drop(pick: &mut Pick<'_>) -> Option<String> {
    let catalog = pick.catalog;
    let plain: Vec<_> =
        catalog.enums.keys().chain(catalog.composites.keys()).map(|name| ("TYPE", name)).collect();
    let domains = catalog.domains.keys().map(|name| ("DOMAIN", name));
    let all: Vec<_> = plain.into_iter().chain(domains).collect();
    let (word, name) = pick.of(&all)?;
    let to = pick.new_name("type");
    Some(match pick.number(4) {
        0 => format!("DROP {word} {}{}", q(name), pick.maybe(2, " CASCADE")),
        1 => format!("ALTER {word} {} SET SCHEMA {}", q(name), pick.word(&["app", "public"])),
        _ => format!("ALTER {word} {} RENAME TO {}", q(name), qn(&to.name)),
    })
}
