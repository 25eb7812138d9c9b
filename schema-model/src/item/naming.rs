//! Names that nobody wrote: a table's from its struct, a constraint's or index's from its table and columns.

use crate::catalog::ConstraintKind;
use crate::token::tokens;
use crate::{DialectKind, ident};

/// How unnamed constraints and indexes are called. A template may use `{table}`, `{columns}` and, of a foreign key,
/// `{referred_table}`; `None` is PostgreSQL's own way, so that a name left out in SQL and one left out in Rust are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "a template for each kind")]
pub struct Naming {
    pub primary_key: Option<String>,
    pub unique: Option<String>,
    pub foreign_key: Option<String>,
    pub check: Option<String>,
    pub index: Option<String>,
    pub exclude: Option<String>,
}

impl Naming {
    /// The kinds as configuration words, with their templates.
    pub fn templates(&self) -> [(&'static str, &Option<String>); 6] {
        [
            ("primary_key", &self.primary_key),
            ("unique", &self.unique),
            ("foreign_key", &self.foreign_key),
            ("check", &self.check),
            ("index", &self.index),
            ("exclude", &self.exclude),
        ]
    }

    /// Sets the template of a kind, by its word or SQLAlchemy's short one (`pk`, `uq`, `fk`, `ck`, `ix`); `false` when there
    /// is no such kind.
    pub fn set(&mut self, kind: &str, template: &str) -> bool {
        let slot = match kind {
            "primary_key" | "pk" => &mut self.primary_key,
            "unique" | "uq" => &mut self.unique,
            "foreign_key" | "fk" => &mut self.foreign_key,
            "check" | "ck" => &mut self.check,
            "index" | "ix" => &mut self.index,
            "exclude" | "ex" => &mut self.exclude,
            _ => return false,
        };
        *slot = Some(template.to_owned());
        true
    }

    /// The word of a template's braces that means nothing for its kind.
    pub fn unknown_word<'a>(kind: &str, template: &'a str) -> Option<&'a str> {
        let known = |word: &str| match word {
            "table" | "columns" => true,
            "referred_table" => matches!(kind, "foreign_key" | "fk"),
            _ => false,
        };
        let words = template.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
        words.into_iter().find(|word| !known(word))
    }

    /// The template of a constraint's kind, what it refers to filled in.
    pub fn template(&self, kind: &ConstraintKind) -> Option<String> {
        match kind {
            ConstraintKind::PrimaryKey(_) => self.primary_key.clone(),
            ConstraintKind::Unique(_) => self.unique.clone(),
            ConstraintKind::ForeignKey(key) => self.foreign_key(key.table.name.as_str()),
            ConstraintKind::Check(_) => self.check.clone(),
            ConstraintKind::Exclude(_) => self.exclude.clone(),
        }
    }

    /// The template of a foreign key to a table.
    pub fn foreign_key(&self, referred: &str) -> Option<String> {
        self.foreign_key.as_ref().map(|template| template.replace("{referred_table}", referred))
    }
}

/// The name that a template, or PostgreSQL without one, gives; not yet told apart from one that is taken.
pub fn name_by(template: &Option<String>, table: &str, columns: &str, label: &str) -> String {
    match template {
        Some(template) => {
            let name = template.replace("{table}", table).replace("{columns}", columns);
            ident::truncate(&name, DialectKind::Postgres).to_owned()
        }
        None => generated_name(table, columns, label),
    }
}

/// `UserProfile` → `user_profile`, `HTTPServer` → `http_server`.
pub fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in chars.iter().enumerate() {
        if letter.is_uppercase() && index > 0 && chars[index - 1] != '_' {
            let after_lower = !chars[index - 1].is_uppercase();
            let before_lower = chars.get(index + 1).is_some_and(|next| next.is_lowercase());
            if after_lower || before_lower {
                out.push('_');
            }
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `UserProfile` → `user_profiles`, `Category` → `categories`, `Address` → `addresses`.
pub fn plural_snake_case(name: &str) -> String {
    let word = snake_case(name);
    let consonant_y =
        word.ends_with('y') && !["ay", "ey", "iy", "oy", "uy"].iter().any(|end| word.ends_with(end));
    if consonant_y {
        return format!("{}ies", &word[..word.len() - 1]);
    }
    let hissing = ["ss", "us", "is", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    match hissing {
        true => format!("{word}es"),
        false if word.ends_with('s') => word,
        false => format!("{word}s"),
    }
}

/// A variant's name by one of serde's renaming rules.
pub fn rename_all(rule: &str, variant: &str) -> String {
    let snake = snake_case(variant);
    match rule {
        "snake_case" => snake,
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "SCREAMING_SNAKE_CASE" => snake.to_uppercase(),
        "kebab-case" => snake.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => snake.replace('_', "-").to_uppercase(),
        "camelCase" => {
            let mut chars = variant.chars();
            chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
        }
        _ => variant.to_owned(),
    }
}

/// A field's name by one of serde's renaming rules: `created_at` → `createdAt`.
pub fn rename_field(rule: &str, field: &str) -> String {
    let pascal = || {
        let word = |word: &str| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
        };
        field.split('_').filter_map(word).collect::<String>()
    };
    match rule {
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_uppercase(),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_uppercase().replace('_', "-"),
        "PascalCase" => pascal(),
        "camelCase" => rename_all("camelCase", &pascal()),
        _ => field.to_owned(),
    }
}

/// `table_columns_label` as PostgreSQL makes it: when longer than 63 bytes, the longer of the first two parts is cut,
/// byte by byte (`makeObjectName`).
pub fn generated_name(table: &str, columns: &str, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(!columns.is_empty());
    let available = 63usize.saturating_sub(overhead);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > available {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let first = &table[..floor(table, first)];
    let second = &columns[..floor(columns, second)];
    match second.is_empty() {
        true => format!("{first}_{label}"),
        false => format!("{first}_{second}_{label}"),
    }
}

/// The last character boundary at or before a byte.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Gives names that are not taken yet, as PostgreSQL numbers them: `a_b_key`, `a_b_key1`.
#[derive(Default)]
pub struct Names {
    taken: Vec<String>,
}

impl Names {
    /// Keeps a name that was given.
    pub fn take(&mut self, name: &str) {
        self.taken.push(name.to_owned());
    }

    /// A free name for a table's constraint or index.
    pub fn choose(&mut self, template: &Option<String>, table: &str, columns: &str, label: &str) -> String {
        let mut number = 0;
        loop {
            let end = if number == 0 { String::new() } else { number.to_string() };
            let numbered = template.as_ref().map(|template| format!("{template}{end}"));
            let name = name_by(&numbered, table, columns, &format!("{label}{end}"));
            if !self.taken.contains(&name) {
                self.take(&name);
                return name;
            }
            number += 1;
        }
    }
}

/// Column names joined as PostgreSQL joins them for an index's name (`ChooseIndexNameAddition`).
pub fn join_columns<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
        if joined.len() >= 64 {
            break;
        }
    }
    joined
}

/// What an expression is called in an index's name: a lone function call by its function, else `expr`
/// (`FigureIndexColname`).
pub fn expression_name(expr: &str) -> String {
    let all = tokens(expr, DialectKind::Postgres);
    let word = |index: usize| all.get(index).map_or("", |token| token.text(expr));
    let mut start = 0;
    while word(start + 1) == "." {
        start += 2;
    }
    let mut depth = 0usize;
    for (index, token) in all.iter().enumerate().skip(start + 1) {
        match token.text(expr) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let closes = index + 1 == all.len() && index > start + 1;
            return if closes { ident::fold(word(start), DialectKind::Postgres) } else { "expr".to_owned() };
        }
    }
    "expr".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_named_in_the_plural() {
        for (name, table) in [
            ("User", "users"),
            ("UserProfile", "user_profiles"),
            ("Category", "categories"),
            ("Address", "addresses"),
            ("Status", "statuses"),
            ("Settings", "settings"),
            ("Key", "keys"),
            ("HTTPProxy", "http_proxies"),
        ] {
            assert_eq!(plural_snake_case(name), table);
        }
    }

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        let name = generated_name(&"t".repeat(50), &"c".repeat(20), "fkey");
        assert_eq!(name, format!("{}_{}_fkey", "t".repeat(37), "c".repeat(20)));
        assert_eq!(name.len(), 63);
        assert_eq!(generated_name("users", "", "pkey"), "users_pkey");
    }

    #[test]
    fn fields_by_serdes_rules() {
        for (rule, name) in [
            ("camelCase", "levelZeroSpaceId"),
            ("PascalCase", "LevelZeroSpaceId"),
            ("SCREAMING_SNAKE_CASE", "LEVEL_ZERO_SPACE_ID"),
            ("kebab-case", "level-zero-space-id"),
            ("snake_case", "level_zero_space_id"),
        ] {
            assert_eq!(rename_field(rule, "level_zero_space_id"), name, "{rule}");
        }
        assert_eq!(rename_field("camelCase", "id"), "id");
    }

    #[test]
    fn an_expression_is_called_by_its_function() {
        assert_eq!(expression_name("lower(email)"), "lower");
        assert_eq!(expression_name("lower(a) || lower(b)"), "expr");
        assert_eq!(expression_name("a + 1"), "expr");
    }
}
