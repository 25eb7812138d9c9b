//! `unmanaged` patterns: tables, columns, indexes that no model owns.

use schema_model::{Name, ObjectName};

/// Patterns with `*`: `spatial_ref_sys`, `*_backup_*`, `audit.*`, and a part of a table: `posts.search_vector`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmanaged {
    patterns: Vec<String>,
}

impl Unmanaged {
    /// Takes the patterns as configured.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Unmanaged { patterns: patterns.into_iter().collect() }
    }

    /// The patterns as configured.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Adds one.
    pub fn add(&mut self, pattern: String) {
        self.patterns.push(pattern);
    }

    /// Whether a table, view, type or other object is left alone as a whole.
    pub fn object(&self, name: &ObjectName) -> bool {
        let qualified = name.to_string();
        let matches = |pattern: &String| {
            matches(pattern, &qualified) && (pattern.contains('.') == name.schema.is_some())
        };
        self.patterns.iter().any(matches)
    }

    /// Whether a column, constraint or index of a table is left alone. An index goes by its own name too.
    pub fn part(&self, table: &ObjectName, part: &Name) -> bool {
        let short = format!("{}.{part}", table.name);
        let long = format!("{table}.{part}");
        self.patterns.iter().any(|pattern| matches(pattern, &short) || matches(pattern, &long))
    }

    /// Whether an index is left alone: as a part of its table, or by its own name.
    pub fn index(&self, table: &ObjectName, index: &Name) -> bool {
        self.part(table, index) || self.patterns.iter().any(|pattern| matches(pattern, index.as_str()))
    }
}

/// `*` stands for any text; everything else for itself, case aside.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else { return rest.is_empty() };
    let middle: Vec<&str> = parts.collect();
    for part in &middle[..middle.len() - 1] {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let all = Unmanaged::new(["*_backup_*", "posts.search_vector", "audit.*"].map(str::to_owned));
        assert!(all.object(&ObjectName::bare("users_backup_2024")));
        assert!(!all.object(&ObjectName::bare("users_backup")));
        assert!(all.object(&ObjectName::in_schema("audit", "log")));
        assert!(all.part(&ObjectName::bare("posts"), &Name::new("search_vector")));
        assert!(!all.object(&ObjectName::bare("posts")));
        assert!(matches("a*b*b", "a1b2b") && !matches("a*b", "ab2"));
    }
}
