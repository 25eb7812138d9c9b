//! Which tool laid a folder out.

use std::collections::BTreeMap;

use super::names::FileName;
use super::sections;
use super::{Layout, ListedFile};

/// The layout that most files speak for.
pub fn detect(files: &[ListedFile]) -> Layout {
    let sql: Vec<&ListedFile> = files.iter().filter(|file| file.is_sql()).collect();
    if let Some(layout) = by_folder(&sql) {
        return layout;
    }
    if let Some(layout) = by_sections(&sql) {
        return layout;
    }
    let names: Vec<FileName> = sql.iter().map(|file| FileName::read(file.name())).collect();
    let count = |test: &dyn Fn(&FileName) -> bool| names.iter().filter(|name| test(name)).count();
    let numbered = count(&|name| !name.number.is_empty());
    if count(&FileName::is_flyway) > 0 && count(&FileName::is_flyway) * 2 > names.len() {
        let plain = names.iter().filter(|name| name.is_flyway());
        let whole = |name: &FileName| {
            name.prefix == Some('V') && name.number.bytes().all(|byte| byte.is_ascii_digit())
        };
        return if plain.into_iter().all(whole) { Layout::Refinery } else { Layout::Flyway };
    }
    if count(&FileName::is_semver) * 2 > names.len() {
        return Layout::Semver;
    }
    if count(&|name| name.dialect.is_some() || name.autocommit) > 0 && numbered * 2 > names.len() {
        return Layout::Pop;
    }
    if numbered == 0 || numbered * 4 < names.len() {
        return Layout::Plain;
    }
    let timed =
        |name: &FileName| name.number.len() == 14 && name.number.bytes().all(|byte| byte.is_ascii_digit());
    let directed = count(&|name| name.direction.is_some());
    let bare = |name: &FileName| {
        name.direction.is_none() && !super::names::possible_directions(&name.stem).is_empty()
    };
    match (count(&timed) * 2 > numbered, directed * 2 > numbered) {
        (true, _) if count(&bare) * 3 < names.len() => Layout::Sqlx,
        (_, true) => Layout::GolangMigrate,
        _ => Layout::Numbered,
    }
}

/// A folder for each migration.
fn by_folder(sql: &[&ListedFile]) -> Option<Layout> {
    let count =
        |name: &str| sql.iter().filter(|file| file.name() == name && !file.folder().is_empty()).count();
    let (up, prisma) = (count("up.sql"), count("migration.sql"));
    if up + count("down.sql") > 0 && (up + count("down.sql")) * 2 > sql.len() {
        return Some(Layout::Diesel);
    }
    (prisma > 0 && prisma * 2 > sql.len()).then_some(Layout::Prisma)
}

/// Both directions in one file. One marked file among many is enough: the others may have an up section only.
fn by_sections(sql: &[&ListedFile]) -> Option<Layout> {
    let mut found: BTreeMap<Layout, usize> = BTreeMap::new();
    for layout in sql.iter().filter_map(|file| sections::tool(&file.text)) {
        *found.entry(layout).or_default() += 1;
    }
    let (layout, count) = found.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 2 > sql.len()).then_some(layout)
}
