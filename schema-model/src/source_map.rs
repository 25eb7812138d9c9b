//! The texts that spans point into, Rust and SQL alike.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::span::{FileId, Span};

/// Every text read in one run, by [`FileId`].
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
    /// Offset of the first byte of each line.
    lines: Vec<u32>,
}

/// A place as people count: line and column start at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl SourceMap {
    /// Adds a text. The path is what reports print, so it should be relative to where the user stands.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        self.files.push(SourceFile { path: path.into(), text, lines });
        FileId(self.files.len() as u32 - 1)
    }

    /// The path given when the file was added.
    pub fn path(&self, file: FileId) -> &Path {
        self.files.get(file.0 as usize).map_or(Path::new(""), |file| &file.path)
    }

    /// The whole text.
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |file| &file.text)
    }

    /// The whole text, shared.
    pub fn shared_text(&self, file: FileId) -> Arc<str> {
        self.files.get(file.0 as usize).map_or_else(|| Arc::from(""), |file| file.text.clone())
    }

    /// The text under a span; empty when the span does not fit.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of the span's first byte.
    pub fn place(&self, span: Span) -> Place {
        self.place_at(span.file, span.start)
    }

    /// Line and column just past the span's last byte.
    pub fn end_place(&self, span: Span) -> Place {
        self.place_at(span.file, span.end)
    }

    fn place_at(&self, file: FileId, offset: u32) -> Place {
        let Some(file) = self.files.get(file.0 as usize) else { return Place { line: 1, column: 1 } };
        let index = file.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = file.lines[index] as usize;
        let end = (offset as usize).min(file.text.len());
        let column = file.text.get(start..end).map_or(end - start, |text| text.chars().count());
        Place { line: index as u32 + 1, column: column as u32 + 1 }
    }

    /// `path:line:column`, as compilers print it.
    pub fn describe(&self, span: Span) -> String {
        let place = self.place(span);
        format!("{}:{}:{}", self.path(span.file).display(), place.line, place.column)
    }

    /// Every file with its path, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &Path)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file.path.as_path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let mut map = SourceMap::default();
        let file = map.add("a.sql", "é x\nsecond");
        assert_eq!(map.place(Span::new(file, 3, 4)), Place { line: 1, column: 3 });
        assert_eq!(map.describe(Span::new(file, 5, 11)), "a.sql:2:1");
        assert_eq!(map.slice(Span::new(file, 5, 11)), "second");
    }
}
