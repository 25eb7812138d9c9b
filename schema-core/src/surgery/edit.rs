//! Changing the header of a file that somebody wrote, and nothing else in it.

use std::path::{Path, PathBuf};

use schema_model::{DialectKind, FileId, SourceMap};
use semver::Version;

use crate::script::header::{self, Formerly};
use crate::script::{Layout, Script};

/// What a header should say now.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderEdit<'a> {
    pub version: Option<&'a Version>,
    pub revises: Option<&'a [String]>,
    pub formerly: Vec<Formerly>,
}

/// The text with its header lines changed where they stand, or added where they are missing.
pub(super) fn header(text: &str, edit: &HeaderEdit<'_>, dialect: DialectKind) -> String {
    let (known, _) = header::read(text, FileId(0), dialect);
    let mut replacements: Vec<(usize, usize, String)> = Vec::new();
    let mut missing = String::new();
    if let Some(version) = edit.version {
        match &known.version {
            Some(said) => {
                replacements.push((said.span.start as usize, said.span.end as usize, version.to_string()))
            }
            None => missing.push_str(&format!("-- Version: {version}\n")),
        }
    }
    if let Some(revises) = edit.revises {
        let value = if revises.is_empty() { "base".to_owned() } else { revises.join(", ") };
        match &known.revises {
            Some(said) => replacements.push((said.span.start as usize, said.span.end as usize, value)),
            None => missing.push_str(&format!("-- Revises: {value}\n")),
        }
    }
    for former in &edit.formerly {
        let known = known.formerly.iter().any(|said| said.value == *former);
        if !known {
            missing.push_str(&format!("-- Formerly: {} {}\n", former.version, former.checksum));
        }
    }
    replacements.push((place_of_new_lines(text, &known), 0, missing));
    replacements.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
    let mut text = text.to_owned();
    for (start, end, value) in replacements {
        // An empty value stands behind its colon without a space.
        let glued = !value.is_empty() && end == start && text[..start].ends_with(':');
        let value = if glued { format!(" {value}") } else { value };
        text.replace_range(start..end.max(start), &value);
    }
    text
}

/// Below the last identity line, else at the top.
fn place_of_new_lines(text: &str, known: &header::Header) -> usize {
    let ends = [
        known.revises.as_ref().map(|said| said.span.end),
        known.version.as_ref().map(|said| said.span.end),
        known.formerly.last().map(|said| said.span.end),
    ];
    match ends.into_iter().flatten().max() {
        Some(end) => {
            let end = end as usize;
            text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
        }
        None if text.starts_with('\u{feff}') => 3,
        None => 0,
    }
}

/// The whole text of a revision's up file: a file with sections is in the source map in parts.
pub(super) fn whole_text(script: &Script, sources: &SourceMap) -> String {
    let up = sources.text(script.up.file);
    let Some(down) = script.down.as_ref().filter(|down| down.path == script.up.path) else {
        return up.to_owned();
    };
    let down = sources.text(down.file);
    let bytes = up.bytes().zip(down.bytes()).map(|(up, down)| if up == b' ' { down } else { up }).collect();
    String::from_utf8(bytes).unwrap_or_else(|_| up.to_owned())
}

/// The file's name under another tag: ours begin with it.
pub(super) fn renamed(path: &Path, layout: Layout, from: &Version, to: &Version) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.strip_prefix(&from.to_string()) {
        Some(rest) if layout == Layout::Semver => path.with_file_name(format!("{to}{rest}")),
        _ => path.to_path_buf(),
    }
}

/// The statements of a file, without the header and the empty line below it.
pub(super) fn without_header(text: &str) -> &str {
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for line in text[at..].split_inclusive('\n') {
        if !line.trim_start().starts_with("--") {
            // A header ends with an empty line; comments right above a statement belong to it.
            return if line.trim().is_empty() { &text[at + line.len()..] } else { text };
        }
        at += line.len();
    }
    &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_change_change() {
        let text =
            "-- Migration: x\r\n-- Version: 1.1.0\r\n-- Revises:\r\n-- Date: d\r\n\r\nSELECT  1; -- kept\r\n";
        let version = Version::new(1, 2, 0);
        let revises = ["1.1.0".to_owned()];
        let former = Formerly { version: Version::new(1, 1, 0), checksum: "ab".into() };
        let edit = HeaderEdit { version: Some(&version), revises: Some(&revises), formerly: vec![former] };
        let expected = "-- Migration: x\r\n-- Version: 1.2.0\r\n-- Revises: 1.1.0\r\n-- Formerly: 1.1.0 ab\n-- Date: d\r\n\r\nSELECT  1; -- kept\r\n";
        assert_eq!(header(text, &edit, DialectKind::Postgres), expected);
        assert_eq!(header(expected, &edit, DialectKind::Postgres), expected);
    }

    #[test]
    fn a_file_without_header_gets_one() {
        let version = Version::new(1, 0, 0);
        let edit = HeaderEdit { version: Some(&version), revises: Some(&[]), formerly: Vec::new() };
        let text = header("SELECT 1;\n", &edit, DialectKind::Sqlite);
        assert_eq!(text, "-- Version: 1.0.0\n-- Revises: base\nSELECT 1;\n");
    }

    #[test]
    fn statements_begin_below_the_header() {
        assert_eq!(without_header("-- Version: 1.0.0\n\n-- why\nA;\n"), "-- why\nA;\n");
        assert_eq!(without_header("-- why\nA;\n"), "-- why\nA;\n");
        assert_eq!(without_header("A;"), "A;");
    }
}
