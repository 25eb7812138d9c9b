//! Where the server's programs are, and the account that runs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The folder of the server's programs.
pub(super) struct Programs {
    pub(super) bin: PathBuf,
}

impl Programs {
    /// On PATH, then where distributions put them, newest version first, then where `pg_config` says.
    pub(super) fn find() -> Option<Programs> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path =
            std::env::split_paths(&path).filter_map(|folder| real_folder(&folder)).collect::<Vec<_>>();
        let mut folders = on_path;
        for (parent, prefix) in [
            ("/usr/lib/postgresql", ""),
            ("/usr", "pgsql-"),
            ("/usr/libexec", "postgresql"),
            ("/opt/homebrew/opt", "postgresql"),
            ("/usr/local/opt", "postgresql"),
        ] {
            folders
                .extend(versions(Path::new(parent), prefix).into_iter().flat_map(|at| [at.join("bin"), at]));
        }
        folders.extend(pg_config());
        folders.into_iter().find(|folder| is_complete(folder)).map(|bin| Programs { bin })
    }
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// A PATH entry may hold links only; the server looks for its other files beside the real program.
fn real_folder(folder: &Path) -> Option<PathBuf> {
    Some(std::fs::canonicalize(folder.join("initdb")).ok()?.parent()?.to_owned())
}

/// Folders `<prefix><version>`, the highest version first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let rest = entry.file_name().to_str()?.strip_prefix(prefix)?.to_owned();
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            Some((digits.parse().unwrap_or(0), entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// Who runs the server.
pub(super) enum Account {
    /// This process's own user.
    Own,
    /// Another one, since this process is root's.
    Other { user: u32, group: u32 },
}

impl Account {
    pub(super) fn for_server() -> Result<Account, ClusterError> {
        if id(&["-u"]) != Some(0) {
            return Ok(Account::Own);
        }
        let number = |flag, name| id(&[flag, name]);
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some(Account::Other { user: number("-u", name)?, group: number("-g", name)? }))
            .ok_or(ClusterError::NoAccount)
    }

    /// Starts a command under the account, in a process group of its own: an interrupt of the tests from the keyboard must
    /// not reach the watchdog before it has cleaned up.
    #[cfg(unix)]
    pub(super) fn run_as(&self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
        if let Account::Other { user, group } = self {
            command.uid(*user).gid(*group);
        }
    }

    #[cfg(not(unix))]
    pub(super) fn run_as(&self, _: &mut Command) {}

    /// A new folder of the account's own. The path of a socket in it must stay under 100 bytes.
    pub(super) fn folder(&self) -> Result<PathBuf, ClusterError> {
        let parents = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
        let short = |parent: &&PathBuf| parent.as_os_str().len() < 60;
        let found = parents.iter().filter(short).find_map(|parent| self.folder_in(parent));
        let tried = || parents.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| ClusterError::NoFolder(tried()))
    }

    fn folder_in(&self, parent: &Path) -> Option<PathBuf> {
        let folder = tempfile::Builder::new().prefix("schema-pg-").tempdir_in(parent).ok()?;
        #[cfg(unix)]
        if let Account::Other { user, group } = self {
            std::os::unix::fs::chown(folder.path(), Some(*user), Some(*group)).ok()?;
        }
        // A temporary folder of root's own may be closed to others higher up.
        let mut probe = Command::new("sh");
        probe.args(["-c", "cd \"$1\" && : > probe && rm probe", "sh"]).arg(folder.path()).current_dir("/");
        self.run_as(&mut probe);
        probe.status().ok()?.success().then(|| folder.keep())
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
