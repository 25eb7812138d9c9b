//! Cases as text files: a title, then sections that begin with `=== `.

use std::path::{Path, PathBuf};

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where it is.
    pub path: PathBuf,
    /// What stands before the first section.
    pub title: String,
    /// Sections in order: name and text.
    pub sections: Vec<(String, String)>,
}

impl Case {
    /// Reads a case file.
    pub fn read(path: &Path) -> std::io::Result<Case> {
        let text = std::fs::read_to_string(path)?;
        let mut case = Case { path: path.to_path_buf(), title: String::new(), sections: Vec::new() };
        for line in text.split_inclusive('\n') {
            match (line.strip_prefix("=== "), case.sections.last_mut()) {
                (Some(name), _) => case.sections.push((name.trim().to_owned(), String::new())),
                (None, Some((_, body))) => body.push_str(line),
                (None, None) => case.title.push_str(line),
            }
        }
        Ok(case)
    }

    /// A section's text.
    pub fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(own, _)| own == name).map(|(_, text)| text.as_str())
    }

    /// Compares a section with what came out; with `UPDATE_CASES=1` the file is rewritten instead.
    pub fn expect(&mut self, name: &str, actual: &str) -> Result<(), String> {
        if std::env::var_os("UPDATE_CASES").is_some() {
            match self.sections.iter_mut().find(|(own, _)| own == name) {
                Some((_, text)) => *text = actual.to_owned(),
                None if actual.is_empty() => {}
                None => self.sections.push((name.to_owned(), actual.to_owned())),
            }
            return std::fs::write(&self.path, self.to_string()).map_err(|error| error.to_string());
        }
        let expected = self.section(name).unwrap_or_default();
        match expected.trim_end() == actual.trim_end() {
            true => Ok(()),
            false => Err(format!("=== {name}\n--- expected\n{expected}\n+++ actual\n{actual}")),
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        for (name, text) in &self.sections {
            write!(f, "=== {name}\n{text}")?;
            if !text.is_empty() && !text.ends_with('\n') {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// The case files of a folder of `tests/cases`, by name.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(folder);
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "case"))
        .collect();
    all.sort();
    all
}
