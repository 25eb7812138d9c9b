//! What a user asks for: `head`, `1.1.0`, `+2`, `api@head`, `1.0.0:2.0.0`.

use std::fmt;
use std::str::FromStr;

/// A place in the history, as written on the command line. What it means depends on the graph and on what is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The branch it is in: a label, or any revision of the branch.
    pub label: Option<String>,
    /// Where to start counting.
    pub anchor: Anchor,
    /// How many revisions on (or back, below zero).
    pub offset: i64,
}

/// Where a target starts counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The one head.
    Head,
    /// Every head.
    Heads,
    /// Before the first revision.
    Base,
    /// Where the database is.
    Current,
    /// A version, a prefix of one in whole components, a layout's key, a file stem or a unique prefix of one. It may end
    /// in an offset (`1.1.0-1`) that only the graph can tell from a part of the name.
    Named(String),
}

impl Target {
    /// The head.
    pub fn head() -> Self {
        Target { label: None, anchor: Anchor::Head, offset: 0 }
    }

    /// Before the first revision.
    pub fn base() -> Self {
        Target { label: None, anchor: Anchor::Base, offset: 0 }
    }

    /// A revision by name.
    pub fn named(name: impl Into<String>) -> Self {
        Target { label: None, anchor: Anchor::Named(name.into()), offset: 0 }
    }

    /// So many revisions from where the database is.
    pub fn relative(offset: i64) -> Self {
        Target { label: None, anchor: Anchor::Current, offset }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = &self.label {
            write!(f, "{label}@")?;
        }
        match &self.anchor {
            Anchor::Head => f.write_str("head")?,
            Anchor::Heads => f.write_str("heads")?,
            Anchor::Base => f.write_str("base")?,
            Anchor::Current if self.offset == 0 => f.write_str("current")?,
            Anchor::Current => {}
            Anchor::Named(name) => f.write_str(name)?,
        }
        if self.offset == 0 { Ok(()) } else { write!(f, "{:+}", self.offset) }
    }
}

/// The text is no target. The message is the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a target; a target is `head`, `heads`, `base`, a version (`1.1.0`, or `1.1` when one version \
     begins so), a file name or a unique beginning of one, `+2`, `-1`, `head-1`, or one of these in a branch: \
     `label@head`"
)]
pub struct InvalidTarget(pub String);

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTarget(text.to_owned());
        let (label, rest) = match text.trim().split_once('@') {
            Some((label, rest)) => (Some(label.trim().to_owned()), rest.trim()),
            None => (None, text.trim()),
        };
        let empty_label = label.as_ref().is_some_and(String::is_empty);
        if empty_label || rest.is_empty() || rest.contains(|c: char| c.is_control() || c == '@' || c == ':') {
            return Err(invalid());
        }
        if rest.starts_with(['+', '-']) {
            let offset: i64 = rest.parse().map_err(|_| invalid())?;
            if offset == 0 {
                return Err(invalid());
            }
            return Ok(Target { label, anchor: Anchor::Current, offset });
        }
        let (name, offset) = split_offset(rest).unwrap_or((rest, 0));
        let word = |anchor| Ok(Target { label: label.clone(), anchor, offset });
        match name.to_ascii_lowercase().as_str() {
            "head" => word(Anchor::Head),
            "heads" if offset == 0 => word(Anchor::Heads),
            "base" => word(Anchor::Base),
            "current" => word(Anchor::Current),
            _ => Ok(Target { label, anchor: Anchor::Named(rest.to_owned()), offset: 0 }),
        }
    }
}

/// `name+2`, `name-1`.
pub(super) fn split_offset(text: &str) -> Option<(&str, i64)> {
    let sign = text.rfind(['+', '-']).filter(|at| *at > 0)?;
    let offset = text[sign..].parse::<i64>().ok()?;
    (offset != 0).then_some((&text[..sign], offset))
}

/// `from:to`; either side may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TargetRange {
    /// Where it begins; nothing is the base.
    pub from: Option<Target>,
    /// Where it ends; nothing is the head.
    pub to: Option<Target>,
}

impl FromStr for TargetRange {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |side: &str| match side.trim() {
            "" => Ok(None),
            side => side.parse().map(Some),
        };
        match text.split_once(':') {
            Some((from, to)) => Ok(TargetRange { from: side(from)?, to: side(to)? }),
            None => Err(InvalidTarget(text.to_owned())),
        }
    }
}

impl fmt::Display for TargetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Option<Target>| side.as_ref().map(Target::to_string).unwrap_or_default();
        write!(f, "{}:{}", side(&self.from), side(&self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_read_back_as_they_are_written() {
        for text in [
            "head", "heads", "base", "current", "1.1.0", "+2", "-1", "api@head", "head-1", "api@-1",
            "003_add",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("1.0.0:".parse::<TargetRange>().map(|range| range.to_string()), Ok("1.0.0:".to_owned()));
    }

    #[test]
    fn what_is_no_target_shows_the_grammar() {
        for text in ["", "+", "-", "+0", "@head", "a@", "a@b@c", "+99999999999999999999", "a:b", "--1"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
        assert!("1.0.0".parse::<TargetRange>().is_err());
    }
}
