//! Folders of migrations as this and other tools lay them out, read in place.
//!
//! `detect` looks at names and texts and tells the tool; `arrange` pairs ups with downs and puts them in the order in
//! which that tool runs them. Neither touches a file system, so a folder in a git tree reads the same.

mod arrange;
mod detect;
mod names;
mod narrow;
mod sections;

use std::fmt;
use std::str::FromStr;

use schema_model::DialectKind;

pub use arrange::arrange;
pub use detect::detect;
pub use narrow::narrow;

/// Who laid a folder out: it tells the order of the files, how ups and downs pair, and how new files are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// Ours: `1.1.0_add_phone.up.sql` and `.down.sql`.
    Semver,
    /// `20230720224454_init.sql`, or `.up.sql` and `.down.sql`.
    Sqlx,
    /// `2023-02-17-022106_create_order/up.sql` and `down.sql`.
    Diesel,
    /// `V1__init.sql`, whole numbers.
    Refinery,
    /// `V1.2__init.sql`, `U1.2__init.sql`, `R__views.sql`.
    Flyway,
    /// `000001_init.up.sql` and `.down.sql`.
    GolangMigrate,
    /// `-- +goose Up` and `-- +goose Down` in one file.
    Goose,
    /// `-- migrate:up` and `-- migrate:down` in one file.
    Dbmate,
    /// `-- +migrate Up` and `-- +migrate Down` in one file.
    SqlMigrate,
    /// Other tools with sections in one file, such as node-pg-migrate, tern and rambler.
    Sections,
    /// `20150100000001_name.postgres.autocommit.up.sql`, a dialect's file overriding the plain one.
    Pop,
    /// `20230101000000_name/migration.sql`.
    Prisma,
    /// `003_add_priority.sql` with `003_add_priority_rollback.sql`.
    Numbered,
    /// SQL files in the order of their names.
    Plain,
}

impl Layout {
    /// Every layout, in the order in which they are listed to users.
    pub const ALL: [Layout; 14] = [
        Layout::Semver,
        Layout::Sqlx,
        Layout::Diesel,
        Layout::Refinery,
        Layout::Flyway,
        Layout::GolangMigrate,
        Layout::Goose,
        Layout::Dbmate,
        Layout::SqlMigrate,
        Layout::Sections,
        Layout::Pop,
        Layout::Prisma,
        Layout::Numbered,
        Layout::Plain,
    ];

    /// The word used in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Layout::Semver => "semver",
            Layout::Sqlx => "sqlx",
            Layout::Diesel => "diesel",
            Layout::Refinery => "refinery",
            Layout::Flyway => "flyway",
            Layout::GolangMigrate => "golang-migrate",
            Layout::Goose => "goose",
            Layout::Dbmate => "dbmate",
            Layout::SqlMigrate => "sql-migrate",
            Layout::Sections => "sections",
            Layout::Pop => "pop",
            Layout::Prisma => "prisma",
            Layout::Numbered => "numbered",
            Layout::Plain => "plain",
        }
    }

    /// Whether one file holds both directions.
    pub fn has_sections(self) -> bool {
        matches!(self, Layout::Goose | Layout::Dbmate | Layout::SqlMigrate | Layout::Sections)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown layout `{word}`; known are {}", Layout::ALL.map(Layout::as_str).join(", "))]
pub struct UnknownLayout {
    /// The word.
    pub word: String,
}

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let same = |layout: &Layout| layout.as_str().eq_ignore_ascii_case(word.trim());
        Layout::ALL.into_iter().find(same).ok_or_else(|| UnknownLayout { word: word.to_owned() })
    }
}

/// A file of a folder, by its path from there with `/` between the parts. The text is empty for files that hold no SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// The path.
    pub path: String,
    /// The text.
    pub text: String,
}

impl ListedFile {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path without its last part; empty at the top.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether the name ends in `.sql`.
    pub fn is_sql(&self) -> bool {
        let name = self.name();
        name.len() > 4
            && name.get(name.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".sql"))
            && !name.starts_with('.')
    }
}

/// A folder's files as a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// The revisions, in the order in which the layout's tool runs them.
    pub entries: Vec<Entry>,
    /// Files that are no part of the history, each with the reason.
    pub ignored: Vec<(String, &'static str)>,
}

/// One revision as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from others: the version, number or time that its name begins with, or the stem.
    pub id: String,
    /// The file name (or folder) without directions and extension.
    pub stem: String,
    /// The words of the name.
    pub message: String,
    /// What brings the database up.
    pub up: Part,
    /// What brings it down again.
    pub down: Option<Part>,
}

/// A file, or the section of one, with what it says in the place that it has in the file: other sections are blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The path.
    pub path: String,
    /// The text.
    pub text: String,
    /// `false` where the layout's own words say that the tool opens no transaction.
    pub transaction: bool,
}

/// Reads a folder's files: the part of the folder that is for the dialect, its layout (unless known), its order.
pub fn read(
    files: Vec<ListedFile>,
    layout: Option<Layout>,
    dialect: Option<DialectKind>,
) -> Result<(Layout, Arranged), LayoutError> {
    let (files, ignored) = narrow(files, dialect)?;
    let layout = layout.unwrap_or_else(|| detect(&files));
    let mut arranged = arrange(files, layout, dialect);
    arranged.ignored.extend(ignored);
    arranged.ignored.sort();
    Ok((layout, arranged))
}

/// What stands between a folder and its history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// Several dialects' folders, and nobody said which one.
    #[error("the folder holds migrations for {}; say which one with `--dialect`", .0.join(" and "))]
    WhichDialect(Vec<String>),
    /// Folders for other dialects only.
    #[error("the folder holds migrations for {} only", .0.join(" and "))]
    OtherDialects(Vec<String>),
}
