//! SQLite URLs: a path, and how the file is opened.

use std::path::PathBuf;

use super::text::{decode_leniently, pairs, part};
use super::{DatabaseUrl, UrlError};

/// A SQLite database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteUrl {
    /// The file; none for a database in memory.
    pub path: Option<PathBuf>,
    /// `mode=ro` or `immutable=1`: never written to.
    pub read_only: bool,
    /// `mode=rw`: the file has to exist already.
    pub must_exist: bool,
}

pub(super) fn read(rest: &str) -> Result<DatabaseUrl, UrlError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = SqliteUrl { path: None, read_only: false, must_exist: false };
    let mut memory = path == ":memory:" || path == "/:memory:" || path.is_empty() && query.is_empty();
    for (key, value) in pairs(query) {
        match (key.as_str(), value.as_str()) {
            ("mode", "ro") | ("immutable", "1" | "true") => url.read_only = true,
            ("mode", "rw") => url.must_exist = true,
            ("mode", "rwc") | ("immutable", _) | ("cache", _) => {}
            ("mode", "memory") => memory = true,
            ("mode", other) => {
                return Err(part("`mode`", format!("`{other}` is none of ro, rw, rwc, memory")));
            }
            (other, _) => {
                return Err(part(
                    "query",
                    format!("`{other}` is not known; known are mode, cache, immutable"),
                ));
            }
        }
    }
    if memory {
        return Ok(DatabaseUrl::Sqlite(url));
    }
    if path.is_empty() {
        return Err(part("path", "it is empty"));
    }
    url.path = Some(PathBuf::from(decode_leniently(path)));
    Ok(DatabaseUrl::Sqlite(url))
}
