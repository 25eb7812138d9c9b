//! Named settings: storage parameters of tables, indexes and views.

use std::fmt;

/// Settings in the order in which they were made, as PostgreSQL keeps them (`reloptions`); the order is no difference.
#[derive(Clone, Default)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// Sets one; a setting of the name gives way to it, and it stands last. Answers the value before.
    pub fn insert(&mut self, name: String, value: String) -> Option<String> {
        let old = self.remove(&name);
        self.0.push((name, value));
        old
    }

    /// Takes one away, and answers its value.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// The value of a setting.
    pub fn get(&self, name: &str) -> Option<&String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether it is set.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are set.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// Names and values, by name.
    pub fn sorted(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.sort_unstable();
        all
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for Settings {}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.sorted()).finish()
    }
}

impl Extend<(String, String)> for Settings {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, settings: I) {
        for (name, value) in settings {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(String, String)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(settings: I) -> Self {
        let mut all = Settings::default();
        all.extend(settings);
        all
    }
}

impl<const N: usize> From<[(String, String); N]> for Settings {
    fn from(settings: [(String, String); N]) -> Self {
        settings.into_iter().collect()
    }
}

impl IntoIterator for Settings {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Settings {
    type Item = (&'a String, &'a String);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, (String, String)>, fn(&'a (String, String)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn a_setting_made_again_stands_last_and_order_is_no_difference() {
        let set = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Settings>()
        };
        let all = set(&[("a", "1"), ("b", "2"), ("a", "3")]);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(all, set(&[("a", "3"), ("b", "2")]));
        assert_ne!(all, set(&[("a", "1"), ("b", "2")]));
    }
}
