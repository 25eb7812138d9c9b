//! What production runs: `deployed` in the configuration, and the revisions that it freezes.

use std::collections::BTreeSet;

use crate::revision::{RevisionGraph, RevisionId, Version};

/// The deployed version cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The file has no table for it.
    #[error("there is no table `[{0}]` to write `deployed` to")]
    NoTable(String),
}

/// The revisions that production has: the deployed one and everything before it. They stay as they are.
pub fn released(graph: &RevisionGraph, deployed: &RevisionId) -> BTreeSet<RevisionId> {
    graph.lineage(deployed).into_iter().map(|revision| revision.id.clone()).collect()
}

/// A configuration's text with `deployed` set in a table (`package.metadata.schema`; empty for the top of a file of its
/// own). Nothing else changes, comments and order included.
pub fn set_deployed(text: &str, table: &str, version: &Version) -> Result<String, ReleaseError> {
    let line = format!("deployed = \"{version}\"");
    let mut out: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let start = if table.is_empty() {
        0
    } else {
        let own = |line: &String| {
            let line = line.split('#').next().unwrap_or_default();
            let name: String =
                line.trim().trim_start_matches('[').trim_end_matches(']').split_whitespace().collect();
            is_header(line) && !line.trim_start().starts_with("[[") && name == table
        };
        out.iter().position(own).ok_or_else(|| ReleaseError::NoTable(table.to_owned()))? + 1
    };
    let end = out[start..].iter().position(|line| is_header(line)).map_or(out.len(), |at| start + at);
    let key =
        |line: &str| line.split_once('=').map(|(key, _)| key.trim().trim_matches(['"', '\'']).to_owned());
    let known = (start..end).find(|at| key(&out[*at]).as_deref() == Some("deployed"));
    match known {
        Some(at) => {
            let old = out[at].clone();
            let ending = if old.ends_with("\r\n") {
                "\r\n"
            } else if old.ends_with('\n') {
                "\n"
            } else {
                ""
            };
            let comment = old.split_once('#').map(|(_, comment)| format!("  #{}", comment.trim_end()));
            out[at] = format!("{line}{}{ending}", comment.unwrap_or_default());
        }
        None => {
            let filled = (start..end).rev().find(|at| !out[*at].trim().is_empty());
            let at = filled.map_or(start, |at| at + 1);
            if let Some(before) = at.checked_sub(1).and_then(|at| out.get_mut(at))
                && !before.ends_with('\n')
            {
                before.push('\n');
            }
            out.insert(at, format!("{line}\n"));
        }
    }
    Ok(out.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_line_changes() {
        let version = Version::new(1, 2, 0);
        let text = "[package]\nname = \"x\"\n\n[package.metadata.schema]  # ours\nlayout = \"semver\"\n\n[dependencies]\ndeployed = \"1\"\n";
        let set = set_deployed(text, "package.metadata.schema", &version).expect("a table");
        assert_eq!(set, text.replace("\"semver\"\n", "\"semver\"\ndeployed = \"1.2.0\"\n"));
        let later = set_deployed(&set, "package.metadata.schema", &Version::new(2, 0, 0)).expect("a table");
        assert_eq!(later, set.replace("1.2.0", "2.0.0"));
        assert_eq!(set_deployed("a = 1", "", &version).as_deref(), Ok("a = 1\ndeployed = \"1.2.0\"\n"));
        assert!(set_deployed("a = 1", "x", &version).is_err());
    }
}
