//! Revision files as text: header, directives, statements with the comments that explain them.

use std::path::PathBuf;

use schema_model::checksum::header_line;

use super::header::{Header, unsaid};
use super::name::NewFiles;
use crate::plan::{Direction, Step, Transaction};

/// A revision to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The up file's header; the down file's is told from it.
    pub header: Header,
    /// Statements of the way up, with their directives: see [`body`].
    pub up: String,
    /// Statements of the way down; `None` writes no way down.
    pub down: Option<String>,
    /// Why there is no way down: written to the down file, so that it says so before anything runs.
    pub irreversible: Option<String>,
}

impl Draft {
    /// The files with their texts.
    pub fn files(&self, files: &NewFiles) -> Vec<(PathBuf, String)> {
        let header = self.header.write();
        let down = self.down_text();
        match files {
            NewFiles::Pair { up, down: down_path } => {
                let mut texts = vec![(up.clone(), joined(&header, &self.up))];
                texts
                    .extend(down.map(|text| (down_path.clone(), joined(&self.down_header().write(), &text))));
                texts
            }
            NewFiles::Sections { path, up, down: down_mark } => {
                let mut text = joined(&header, &format!("{up}\n{}", self.up));
                if let Some(down) = down {
                    text.push_str(&format!("\n{down_mark}\n{down}"));
                }
                vec![(path.clone(), text)]
            }
        }
    }

    fn down_text(&self) -> Option<String> {
        let reason = self.irreversible.as_ref().map(|reason| {
            let header = Header { irreversible: Some(unsaid(reason.clone())), ..Header::default() };
            header.write()
        });
        match (&self.down, reason) {
            (Some(down), Some(reason)) => Some(joined(&reason, down)),
            (Some(down), None) => Some(down.clone()),
            (None, reason) => reason,
        }
    }

    /// The down file says whose way back it is, and nothing that the up file says for both.
    fn down_header(&self) -> Header {
        let Header { migration, version, .. } = self.header.clone();
        Header { migration, version, ..Header::default() }
    }
}

fn joined(header: &str, body: &str) -> String {
    match (header.is_empty(), body.is_empty()) {
        (false, false) => format!("{header}\n{body}"),
        _ => format!("{header}{body}"),
    }
}

/// Steps as statements with the directives that tell the runner how to run them.
pub fn body(steps: &[Step], direction: Direction) -> String {
    let mut text = String::new();
    let mut commit = false;
    let mut keys_off = false;
    for step in steps {
        if !text.is_empty() {
            text.push('\n');
        }
        if step.comment.is_some() || step.data_loss.is_some() {
            comments(&mut text, step, direction);
        }
        if commit {
            text.push_str("-- Commit\n");
            keys_off = false;
        }
        if step.transaction == Transaction::Outside {
            text.push_str("-- Transaction: none\n");
            keys_off = false;
        }
        if step.foreign_keys_off && !keys_off {
            text.push_str("-- Foreign-keys: off\n");
            keys_off = true;
        }
        if let Some(rows) = step.repeat {
            text.push_str(&format!("-- Repeat: {rows}\n"));
        }
        if let Some(message) = &step.guard {
            text.push_str(&format!(
                "-- Guard: {}\n",
                message.split_whitespace().collect::<Vec<_>>().join(" ")
            ));
        }
        text.push_str(step.sql.trim_end().trim_end_matches(';'));
        text.push_str(";\n");
        commit = step.commit_after;
    }
    text
}

/// What is lost on the way up is a directive, the author's written yes; on the way down it is for reading.
fn comments(text: &mut String, step: &Step, direction: Direction) {
    for line in step.comment.iter().flat_map(|comment| comment.lines()) {
        // A comment must not turn into a directive.
        let plain = header_line(&format!("-- {line}")).is_none();
        text.push_str(&if plain { format!("-- {line}\n") } else { format!("-- ({line})\n") });
    }
    let loss = step.data_loss.iter().flat_map(|loss| loss.lines());
    let word = if direction == Direction::Up { "Data-loss" } else { "Loses" };
    loss.for_each(|line| text.push_str(&format!("-- {word}: {line}\n")));
}

#[cfg(test)]
mod tests {
    use schema_model::DialectKind;

    use super::*;
    use crate::revision::Version;
    use crate::script::groups;

    #[test]
    fn what_is_rendered_groups_as_planned() {
        let steps = [
            Step::new("ALTER TYPE e ADD VALUE 'x'").comment("Schema: not a directive").committed(),
            Step::new("UPDATE t SET a = 'x'"),
            Step::new("CREATE INDEX CONCURRENTLY i ON t (a)").outside(),
            Step::new("ALTER TABLE t DROP COLUMN b").loses("the values of column `t.b`"),
        ];
        let text = body(&steps, Direction::Up);
        let found = groups(&text, DialectKind::Postgres, true);
        let shape: Vec<_> = found.iter().map(|group| (group.transaction, group.statements.len())).collect();
        assert_eq!(shape, [(true, 1), (true, 1), (false, 1), (true, 1)]);
        assert!(text.contains("-- (Schema: not a directive)\n") && text.contains("-- Data-loss: the values"));
    }

    #[test]
    fn a_pair_carries_its_header_and_sections_their_marks() {
        let header = Header {
            version: Some(unsaid(Version::new(1, 1, 0))),
            revises: Some(unsaid(vec!["1.0.0".to_owned()])),
            ..Header::default()
        };
        let draft = Draft { header, up: "A;\n".into(), down: Some("B;\n".into()), irreversible: None };
        let pair = NewFiles::Pair { up: "u".into(), down: "d".into() };
        let texts: Vec<String> = draft.files(&pair).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["-- Version: 1.1.0\n-- Revises: 1.0.0\n\nA;\n", "-- Version: 1.1.0\n\nB;\n"]);
        let one = NewFiles::Sections { path: "x".into(), up: "-- +goose Up", down: "-- +goose Down" };
        let texts: Vec<String> = draft.files(&one).into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            texts,
            ["-- Version: 1.1.0\n-- Revises: 1.0.0\n\n-- +goose Up\nA;\n\n-- +goose Down\nB;\n"]
        );
    }
}
