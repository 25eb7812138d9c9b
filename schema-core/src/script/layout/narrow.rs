//! The part of a folder that holds the history: the dialect's own subfolder, or the one that has the files.

use std::collections::BTreeSet;

use schema_model::DialectKind;

use super::names::{FileName, dialect_word};
use super::{LayoutError, ListedFile};

/// Folders that never hold migrations.
const OTHER: [&str; 14] = [
    "fixtures",
    "seeds",
    "seed",
    "seeders",
    "testdata",
    "test",
    "tests",
    "meta",
    "snapshots",
    "truth",
    "docs",
    "node_modules",
    "target",
    "examples",
];

/// Folders that migrations are usually kept in, for a start one level too high.
const USUAL: [&str; 5] = ["migrations", "migration", "migrate", "sql", "versions"];

/// Files of the history, and those left out with the reason.
pub type Narrowed = (Vec<ListedFile>, Vec<(String, &'static str)>);

/// Leaves out what is no migration for the dialect, going down into subfolders as far as needed.
pub fn narrow(files: Vec<ListedFile>, dialect: Option<DialectKind>) -> Result<Narrowed, LayoutError> {
    let mut ignored = Vec::new();
    let (mut files, other): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| !in_other_folder(&file.path));
    ignored.extend(
        other.into_iter().filter(ListedFile::is_sql).map(|file| (file.path, "not in a migrations folder")),
    );
    let mut root = String::new();
    loop {
        match next_folder(&files, &root, dialect)? {
            Step::Stay => break,
            Step::Top => {
                keep(&mut files, &mut ignored, |file| file.folder() == root, "in a subfolder");
                break;
            }
            Step::Into(folder) => {
                let prefix = format!("{folder}/");
                keep(
                    &mut files,
                    &mut ignored,
                    |file| file.path.starts_with(&prefix),
                    "outside the migrations folder",
                );
                root = folder;
            }
        }
    }
    Ok((files, ignored))
}

enum Step {
    /// All that is left belongs to the history.
    Stay,
    /// Only what lies directly in the folder does.
    Top,
    /// Look further in this subfolder.
    Into(String),
}

fn next_folder(files: &[ListedFile], root: &str, dialect: Option<DialectKind>) -> Result<Step, LayoutError> {
    let sql: Vec<&ListedFile> = files.iter().filter(|file| file.is_sql()).collect();
    let top: Vec<&str> = sql.iter().filter(|file| file.folder() == root).map(|file| file.name()).collect();
    let folders: BTreeSet<&str> = sql.iter().filter_map(|file| child_folder(&file.path, root)).collect();
    if folders.is_empty() {
        return Ok(Step::Stay);
    }
    let into = |folder: &str| Step::Into(join(root, folder));
    let known: Vec<&str> = folders.iter().copied().filter(|folder| dialect_word(folder).is_some()).collect();
    let ours =
        known.iter().copied().find(|folder| dialect.is_some() && dialect_word(folder) == Some(dialect));
    if let Some(folder) = ours {
        return Ok(into(folder));
    }
    let numbered = top.iter().any(|name| is_migration_name(name));
    if !numbered && !known.is_empty() && known.len() == folders.len() && (top.is_empty() || dialect.is_none())
    {
        return match (known.as_slice(), dialect) {
            ([only], None) => Ok(into(only)),
            (_, None) => Err(LayoutError::WhichDialect(owned(&known))),
            _ => Err(LayoutError::OtherDialects(owned(&known))),
        };
    }
    if numbered {
        // Flyway alone looks into subfolders beside files.
        let flyway = top.iter().all(|name| FileName::read(name).is_flyway());
        return Ok(if flyway { Step::Stay } else { Step::Top });
    }
    Ok(below(&sql, root, &folders).map_or(if top.is_empty() { Step::Stay } else { Step::Top }, into)).map(
        |step| if matches!(step, Step::Top) && folder_per_migration(&sql, root) { Step::Stay } else { step },
    )
}

/// The one subfolder to look into, when a folder has no numbered files itself.
fn below<'a>(sql: &[&ListedFile], root: &str, folders: &BTreeSet<&'a str>) -> Option<&'a str> {
    if folder_per_migration(sql, root) || folders.iter().any(|folder| is_direction(folder)) {
        return None;
    }
    let usual = USUAL.iter().find_map(|usual| folders.get(usual)).copied();
    usual.or_else(|| if folders.len() == 1 { folders.first().copied() } else { None })
}

/// Whether some subfolder is a migration: `<name>/up.sql` or `<name>/migration.sql`.
fn folder_per_migration(sql: &[&ListedFile], root: &str) -> bool {
    sql.iter().any(|file| {
        let direct = child_folder(&file.path, root).is_some_and(|folder| join(root, folder) == file.folder());
        direct && matches!(file.name(), "up.sql" | "migration.sql")
    })
}

/// `up/` beside `down/`, and other tools' words for them.
pub fn is_direction(folder: &str) -> bool {
    matches!(
        folder.to_ascii_lowercase().as_str(),
        "up" | "down" | "deploy" | "revert" | "rollback" | "rollbacks" | "undo"
    )
}

fn is_migration_name(name: &str) -> bool {
    let name = FileName::read(name);
    !name.number.is_empty() || name.prefix == Some('R') || name.direction.is_some()
}

fn in_other_folder(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| {
        let lower = folder.to_ascii_lowercase();
        OTHER.contains(&lower.as_str()) || (folder.starts_with('.') && folder.len() > 1)
    })
}

fn child_folder<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = if root.is_empty() { path } else { path.strip_prefix(root)?.strip_prefix('/')? };
    rest.split_once('/').map(|(folder, _)| folder)
}

fn join(root: &str, folder: &str) -> String {
    if root.is_empty() { folder.to_owned() } else { format!("{root}/{folder}") }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn keep(
    files: &mut Vec<ListedFile>,
    ignored: &mut Vec<(String, &'static str)>,
    mut wanted: impl FnMut(&ListedFile) -> bool,
    reason: &'static str,
) {
    let (kept, left): (Vec<_>, Vec<_>) = std::mem::take(files).into_iter().partition(|file| wanted(file));
    *files = kept;
    ignored.extend(left.into_iter().filter(ListedFile::is_sql).map(|file| (file.path, reason)));
}
