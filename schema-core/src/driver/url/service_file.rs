//! `pg_service.conf` (manual, 34.17 The Connection Service File): parameters under a name.

use std::path::{Path, PathBuf};

use super::{UrlError, Variables};

/// The parameters of a service, from the user's file or else the system's.
pub(super) fn find(name: &str, variable: Variables<'_>) -> Result<Vec<(String, String)>, UrlError> {
    let home = || variable("HOME").map(|home| Path::new(&home).join(".pg_service.conf"));
    let user = variable("PGSERVICEFILE").map(PathBuf::from).or_else(home);
    let system = variable("PGSYSCONFDIR").map(|folder| Path::new(&folder).join("pg_service.conf"));
    for path in user.into_iter().chain(system) {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(UrlError::File { path: path.display().to_string(), reason: error.to_string() });
            }
        };
        if let Some(parameters) = section(&text, name) {
            return Ok(parameters);
        }
    }
    Err(UrlError::Service { name: name.to_owned() })
}

fn section(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(name))?;
    let parameters = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    Some(parameters.collect())
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "# services\n[app]\nhost=db\n# port=1\nport = 6432\n\n[other]\nhost=elsewhere\n";
        let found = section(text, "app").unwrap();
        assert_eq!(found, [("host".into(), "db".into()), ("port".into(), "6432".into())]);
        assert_eq!(section(text, "absent"), None);
    }
}
