//! `~/.pgpass` (manual, 34.16 The Password File): `host:port:database:user:password`, `*` for any, `\` before `:` and `\`.

use std::path::{Path, PathBuf};

use super::postgres::PostgresUrl;
use super::{UrlError, Variables};

/// The password for the database, when the file has one. A file that others can read is not used, as libpq does not; that
/// a line of it would have fitted is an error, since the login would fail without a word of why.
pub(super) fn find(url: &PostgresUrl, variable: Variables<'_>) -> Result<Option<String>, UrlError> {
    let home = || variable("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let Some(path) = variable("PGPASSFILE").map(PathBuf::from).or_else(home) else { return Ok(None) };
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    let Some(password) = lookup(&text, url, variable) else { return Ok(None) };
    if others_can_read(&path) {
        let reason = "others can read it, so it is not used; chmod 0600 it".to_owned();
        return Err(UrlError::File { path: path.display().to_string(), reason });
    }
    Ok(Some(password))
}

fn lookup(text: &str, url: &PostgresUrl, variable: Variables<'_>) -> Option<String> {
    let host =
        url.hosts.first().map_or("localhost", |host| if host.starts_with('/') { "localhost" } else { host });
    let port = url.ports.first().copied().unwrap_or(5432).to_string();
    let user = url.user.clone().or_else(|| variable("USER"))?;
    let database = url.database.clone().unwrap_or_else(|| user.clone());
    let wanted = [host, port.as_str(), database.as_str(), user.as_str()];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split_escaped(line);
        let (password, keys) = fields.split_last()?;
        let fits = keys.len() == 4 && keys.iter().zip(wanted).all(|(key, want)| key == "*" || key == want);
        fits.then(|| password.clone())
    })
}

fn split_escaped(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(characters.next())),
            other => fields.last_mut().into_iter().for_each(|field| field.push(other)),
        }
    }
    fields
}

/// Whether group or others have any right to a file that holds a secret. Windows has no such bits.
#[cfg(unix)]
pub(crate) fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(crate) fn others_can_read(_: &Path) -> bool {
    false
}
