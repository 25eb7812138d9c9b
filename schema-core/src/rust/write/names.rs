//! Rust names for SQL names.

use schema_model::item::{plural_snake_case, rename_field};

/// Names that a written file uses itself.
pub(super) const RESERVED: &[&str] = &[
    "Box",
    "Clone",
    "Copy",
    "DateTime",
    "Debug",
    "Decimal",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "From",
    "Into",
    "IpAddr",
    "Iterator",
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Some",
    "SqlEnum",
    "SqlType",
    "String",
    "Sync",
    "Table",
    "TimeDelta",
    "Utc",
    "Uuid",
    "Vec",
];

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// `user_profiles` → `UserProfile`, when the plural of that is the table again; else the name as it is.
pub(super) fn struct_name(table: &str) -> String {
    let mut candidates = Vec::new();
    if let Some(stem) = table.strip_suffix("ies") {
        candidates.push(format!("{stem}y"));
    }
    candidates.extend(table.strip_suffix("es").map(str::to_owned));
    // `status`, `analysis`, `address`: their s is their own.
    let own = ["us", "is", "ss"].iter().any(|end| table.ends_with(end));
    candidates.extend(table.strip_suffix('s').filter(|_| !own).map(str::to_owned));
    let singular =
        candidates.iter().map(|name| pascal_case(name)).find(|name| plural_snake_case(name) == table);
    // A name that is no plural of ours may still be one: `buses`, `news`.
    singular.unwrap_or_else(|| pascal_case(table))
}

/// `in progress` → `InProgress`; always an identifier.
pub(super) fn pascal_case(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let shout = word.chars().all(|letter| !letter.is_lowercase());
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            out.extend(first.to_uppercase());
            match shout {
                true => out.push_str(&letters.as_str().to_lowercase()),
                false => out.push_str(letters.as_str()),
            }
        }
    }
    let fits = syn::parse_str::<syn::Ident>(&out).is_ok();
    match fits {
        true => out,
        false => {
            let rest: String = out.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
            format!("V{rest}")
        }
    }
}

/// A field for a column.
pub(super) fn field_name(column: &str, taken: &[String]) -> String {
    let mut name = match column {
        "self" | "super" | "crate" | "Self" | "_" => format!("{column}_"),
        _ if is_keyword(column) => format!("r#{column}"),
        _ if syn::parse_str::<syn::Ident>(column).is_ok() && !column.contains(char::is_uppercase) => {
            column.to_owned()
        }
        _ => sanitized(column),
    };
    while taken.contains(&name) {
        name.push('_');
    }
    name
}

/// The rule by which most columns follow from their fields; none where the fields' own names do as well.
pub(super) fn renaming<'a>(columns: impl Iterator<Item = (&'a str, &'a str)>) -> &'static str {
    let columns: Vec<_> = columns.collect();
    let fits = |rule: &&str| {
        let follows =
            |(column, field): &&(&str, &str)| rename_field(rule, field.trim_start_matches("r#")) == *column;
        columns.iter().filter(follows).count()
    };
    // The last of equals wins: no rule at all.
    ["SCREAMING_SNAKE_CASE", "kebab-case", "PascalCase", "camelCase", ""]
        .into_iter()
        .max_by_key(fits)
        .unwrap_or("")
}

fn sanitized(column: &str) -> String {
    let plain: String =
        column.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    let snake = schema_model::item::snake_case(&plain);
    match syn::parse_str::<syn::Ident>(&snake) {
        Ok(_) => snake,
        Err(_) if is_keyword(&snake) => format!("r#{snake}"),
        Err(_) => {
            let rest: String =
                snake.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
            format!("column_{rest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers() {
        assert_eq!(struct_name("user_profiles"), "UserProfile");
        assert_eq!(struct_name("categories"), "Category");
        assert_eq!(struct_name("addresses"), "Address");
        assert_eq!(struct_name("usertable"), "Usertable");
        assert_eq!(struct_name("build_status"), "BuildStatus");
        assert_eq!(field_name("type", &[]), "r#type");
        assert_eq!(field_name("userId", &[]), "user_id");
        assert_eq!(field_name("1st", &[]), "column_1st");
        let camel = [("id", "id"), ("createdAt", "created_at"), ("userID", "user_i_d")];
        assert_eq!(renaming(camel.into_iter()), "camelCase");
        assert_eq!(renaming([("id", "id"), ("Odd", "odd")].into_iter()), "");
        assert_eq!(pascal_case("in progress"), "InProgress");
        assert_eq!(pascal_case("2fa"), "V2fa");
        assert_eq!(pascal_case(""), "V");
    }
}
