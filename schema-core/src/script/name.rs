//! Names of new files, in the manner of the folder they go to.

use std::path::PathBuf;

use semver::Version;

use super::{Folder, Layout};

/// The longest name made from a message.
const LONGEST: usize = 60;

/// A message as a part of a file name: lower case, words joined by underscores, no longer than a name should be.
pub fn slug(message: &str) -> String {
    let mut slug = String::new();
    for character in message.chars() {
        match character {
            'a'..='z' | '0'..='9' => slug.push(character),
            'A'..='Z' => slug.push(character.to_ascii_lowercase()),
            // `don't` is one word.
            '\'' | '\u{2019}' => {}
            _ if !slug.is_empty() && !slug.ends_with('_') => slug.push('_'),
            _ => {}
        }
    }
    if slug.len() > LONGEST {
        // A whole last word, where there is one.
        let cut = slug[..=LONGEST].rfind('_').filter(|at| *at > LONGEST / 2).unwrap_or(LONGEST);
        slug.truncate(cut);
    }
    let slug = slug.trim_matches('_');
    if slug.is_empty() { "revision".to_owned() } else { slug.to_owned() }
}

/// The files of a new revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewFiles {
    /// One for each direction.
    Pair {
        /// The way up.
        up: PathBuf,
        /// The way down.
        down: PathBuf,
    },
    /// One with a section for each direction, opened by these lines.
    Sections {
        /// The file.
        path: PathBuf,
        /// The line above the way up.
        up: &'static str,
        /// The line above the way down.
        down: &'static str,
    },
}

impl Folder {
    /// Where a new revision goes. `now` is a time as `YYYYMMDDHHMMSS`, for layouts that name files by it; a number is
    /// one above the highest there.
    pub fn new_files(&self, version: &Version, slug: &str, now: &str) -> NewFiles {
        let at = |name: String| self.own_folder().join(name);
        let pair = |stem: String| NewFiles::Pair {
            up: at(format!("{stem}.up.sql")),
            down: at(format!("{stem}.down.sql")),
        };
        let sections = |name: String, up, down| NewFiles::Sections { path: at(name), up, down };
        match self.layout {
            Layout::Semver => pair(format!("{version}_{slug}")),
            Layout::Sqlx => pair(format!("{}_{slug}", self.later_than_all(now))),
            Layout::GolangMigrate | Layout::Pop => pair(format!("{}_{slug}", self.next_number(now))),
            Layout::Diesel => NewFiles::Pair {
                up: at(format!("{}_{slug}", self.diesel_time(now))).join("up.sql"),
                down: at(format!("{}_{slug}", self.diesel_time(now))).join("down.sql"),
            },
            Layout::Prisma => NewFiles::Pair {
                up: at(format!("{}_{slug}", self.later_than_all(now))).join("migration.sql"),
                down: at(format!("{}_{slug}", self.later_than_all(now))).join("down.sql"),
            },
            // refinery would run `U1__x.sql` as a migration, and any name that begins as a migration's does.
            Layout::Refinery => NewFiles::Pair {
                up: at(format!("V{}__{slug}.sql", self.next_number(now))),
                down: at(format!("undo_V{}__{slug}.sql", self.next_number(now))),
            },
            Layout::Flyway => NewFiles::Pair {
                up: at(format!("V{}__{slug}.sql", self.next_number(now))),
                down: at(format!("U{}__{slug}.sql", self.next_number(now))),
            },
            Layout::Goose => {
                sections(format!("{}_{slug}.sql", self.next_number(now)), "-- +goose Up", "-- +goose Down")
            }
            Layout::Dbmate => {
                sections(format!("{}_{slug}.sql", self.next_number(now)), "-- migrate:up", "-- migrate:down")
            }
            Layout::SqlMigrate => sections(
                format!("{}_{slug}.sql", self.next_number(now)),
                "-- +migrate Up",
                "-- +migrate Down",
            ),
            Layout::Sections => sections(
                format!("{}_{slug}.sql", self.next_number(now)),
                "-- Up Migration",
                "-- Down Migration",
            ),
            Layout::Numbered | Layout::Plain => {
                let stem = format!("{}_{slug}", self.next_number(now));
                let word = if self.uses_rollback_files() { "_rollback" } else { ".down" };
                NewFiles::Pair { up: at(format!("{stem}.sql")), down: at(format!("{stem}{word}.sql")) }
            }
        }
    }

    /// Where the newest file is, which may be a subfolder.
    fn own_folder(&self) -> PathBuf {
        let newest = self.scripts.last().map(|script| script.up.path.as_path());
        let parent = newest.and_then(|path| match self.layout {
            Layout::Diesel | Layout::Prisma => path.parent().and_then(|folder| folder.parent()),
            _ => path.parent(),
        });
        parent.map_or_else(|| self.path.clone(), PathBuf::from)
    }

    fn uses_rollback_files(&self) -> bool {
        let downs = self.scripts.iter().filter_map(|script| script.down.as_ref());
        let mut names = downs.filter_map(|down| down.path.file_stem());
        names.next().is_none_or(|name| name.to_string_lossy().ends_with("_rollback"))
    }

    /// Digits that the newest file's name begins with.
    fn last_number(&self) -> Option<String> {
        let stems =
            self.scripts.iter().map(|script| script.revision.stem.rsplit('/').next().unwrap_or_default());
        let digits = stems.map(|stem| {
            let stem = stem.trim_start_matches(['V', 'v']);
            stem.chars().take_while(char::is_ascii_digit).collect::<String>()
        });
        digits.filter(|digits| !digits.is_empty()).max_by(|left, right| crate::revision::natural(left, right))
    }

    /// The next number in the width in use, or the time where numbers are times.
    fn next_number(&self, now: &str) -> String {
        match self.last_number() {
            Some(last) if last.len() >= 12 => self.later_than_all(now),
            Some(last) => {
                let next = last.parse::<u64>().map_or(1, |last| last.saturating_add(1));
                format!("{next:0width$}", width = last.len())
            }
            None if matches!(self.layout, Layout::Refinery | Layout::Flyway) => "1".to_owned(),
            None if matches!(self.layout, Layout::Goose | Layout::Dbmate) => now.to_owned(),
            None => "0001".to_owned(),
        }
    }

    /// The time, unless a file has a later one: a new revision must sort last.
    fn later_than_all(&self, now: &str) -> String {
        match self.last_number().and_then(|last| last.parse::<u128>().ok().zip(Some(last))) {
            Some((last, text))
                if text.len() > now.len() || now.parse::<u128>().is_ok_and(|now| now <= last) =>
            {
                let width = text.len();
                format!("{:0width$}", last.saturating_add(1))
            }
            _ => now.to_owned(),
        }
    }

    /// diesel's time, with dashes: `2023-02-17-022106`.
    fn diesel_time(&self, now: &str) -> String {
        let latest = self
            .scripts
            .iter()
            .map(|script| script.revision.stem.split('_').next().unwrap_or_default().replace('-', ""));
        let latest = latest.filter_map(|digits| digits.parse::<u128>().ok()).max();
        let own = now.parse::<u128>().unwrap_or_default();
        let time = latest.map_or(own, |latest| own.max(latest.saturating_add(1))).to_string();
        match (time.get(..4), time.get(4..6), time.get(6..8), time.get(8..)) {
            (Some(year), Some(month), Some(day), Some(rest)) => format!("{year}-{month}-{day}-{rest}"),
            _ => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_names() {
        assert_eq!(slug("Add \"user\" table's phone/address 📞"), "add_user_tables_phone_address");
        assert_eq!(slug("📞📞"), "revision");
        assert_eq!(slug("../../etc/passwd"), "etc_passwd");
        let long = slug(&"word ".repeat(40));
        assert!(long.len() <= 60 && long.ends_with("word"), "{long}");
        assert_eq!(slug(&"x".repeat(200)).len(), 60);
    }
}
