//! Versions as tags of revisions, and the bumps between them.

use std::fmt;
use std::str::FromStr;

use semver::Version;

/// What a change asks of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    /// Neither reading nor writing applications see anything.
    Patch,
    /// The previously released application still runs.
    Minor,
    /// The previously released application may fail.
    Major,
}

impl Bump {
    /// The word used in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }

    /// The bump that lies between two versions, the second being the higher one.
    pub fn between(parent: &Version, version: &Version) -> Option<Bump> {
        if version <= parent {
            None
        } else if version.major > parent.major {
            Some(Bump::Major)
        } else if version.minor > parent.minor {
            Some(Bump::Minor)
        } else {
            Some(Bump::Patch)
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is no bump.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown bump `{0}`; known are `patch`, `minor` and `major`")]
pub struct InvalidBump(pub String);

impl FromStr for Bump {
    type Err = InvalidBump;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim().to_ascii_lowercase().as_str() {
            "patch" => Ok(Bump::Patch),
            "minor" => Ok(Bump::Minor),
            "major" => Ok(Bump::Major),
            _ => Err(InvalidBump(word.trim().to_owned())),
        }
    }
}

/// The text is no version of a revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version; a version is MAJOR.MINOR.PATCH and nothing more, such as `1.4.0`")]
pub struct InvalidVersion(pub String);

/// Reads `MAJOR.MINOR.PATCH`; pre-release and build parts do not belong in a revision's tag.
pub fn parse_version(text: &str) -> Result<Version, InvalidVersion> {
    match Version::parse(text) {
        Ok(version) if version.pre.is_empty() && version.build.is_empty() => Ok(version),
        _ => Err(InvalidVersion(text.to_owned())),
    }
}

/// The lowest version that is `bump` above the highest parent; the first revision of a history is 1.0.0.
pub fn next_version<'a>(parents: impl IntoIterator<Item = &'a Version>, bump: Bump) -> Version {
    let Some(parent) = parents.into_iter().max() else { return Version::new(1, 0, 0) };
    let Version { major, minor, patch, .. } = *parent;
    match bump {
        Bump::Major => Version::new(major.saturating_add(1), 0, 0),
        Bump::Minor => Version::new(major, minor.saturating_add(1), 0),
        Bump::Patch => Version::new(major, minor, patch.saturating_add(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers_and_nothing_more() {
        assert!(parse_version("1.10.0").is_ok());
        for wrong in
            ["1.0", "v1.0.0", "1.0.0-rc.1", "1.0.0+b", "01.0.0", "", "1.0.0.0", "99999999999999999999.0.0"]
        {
            assert!(parse_version(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_version_is_above_the_highest_parent() {
        let (low, high) = (Version::new(1, 4, 1), Version::new(2, 0, 3));
        assert_eq!(next_version([&low, &high], Bump::Patch), Version::new(2, 0, 4));
        assert_eq!(next_version([&low], Bump::Minor), Version::new(1, 5, 0));
        assert_eq!(next_version([], Bump::Patch), Version::new(1, 0, 0));
        assert_eq!(Bump::between(&low, &high), Some(Bump::Major));
        assert_eq!(Bump::between(&high, &low), None);
    }
}
