//! Files as git has them, read with the git command; the work tree is not touched.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::script::ListedFile;

/// Why git cannot say.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no git command.
    #[error("failed to run git: {0}; is it installed?")]
    NoGit(std::io::Error),
    /// The folder is in no repository.
    #[error("`{}` is in no git repository", .0.display())]
    NoRepository(PathBuf),
    /// The reference does not exist here.
    #[error("git knows no `{0}`; in a CI checkout fetch it first: `git fetch origin {branch}`", branch = branch(.0))]
    UnknownReference(String),
    /// The history does not reach back far enough.
    #[error(
        "this clone is shallow and does not reach the place where `{0}` and HEAD part; fetch more history: \
         `git fetch --unshallow`, or `git fetch --deepen=500`"
    )]
    Shallow(String),
    /// The histories have nothing in common.
    #[error("`{0}` and HEAD have no common history")]
    Unrelated(String),
    /// Anything else that git says.
    #[error("git {command}: {message}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What it says.
        message: String,
    },
}

/// A reference as the remote calls it.
fn branch(reference: &str) -> &str {
    reference.strip_prefix("origin/").unwrap_or(reference)
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The repository that a folder is in.
    pub fn of(folder: &Path) -> Result<Repository, GitError> {
        let mut start = folder;
        while !start.is_dir() {
            start = start.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if start == Path::new(".") {
                break;
            }
        }
        let found = git(start, &["rev-parse", "--show-toplevel"], None).map_err(|error| match error {
            GitError::Failed { .. } => GitError::NoRepository(folder.to_path_buf()),
            other => other,
        })?;
        let root = PathBuf::from(String::from_utf8_lossy(&found).trim_end());
        Ok(Repository { root })
    }

    /// The commit that a reference names.
    pub fn commit(&self, reference: &str) -> Result<String, GitError> {
        // `--end-of-options` keeps a reference that begins with a dash from being an option.
        let asked = format!("{reference}^{{commit}}");
        let found = self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &asked], None);
        match found {
            Ok(found) => Ok(String::from_utf8_lossy(&found).trim().to_owned()),
            Err(GitError::Failed { .. }) => Err(GitError::UnknownReference(reference.to_owned())),
            Err(other) => Err(other),
        }
    }

    /// Where two references part.
    pub fn merge_base(&self, reference: &str, other: &str) -> Result<String, GitError> {
        let (one, two) = (self.commit(reference)?, self.commit(other)?);
        match self.git(&["merge-base", &one, &two], None) {
            Ok(found) => Ok(String::from_utf8_lossy(&found).trim().to_owned()),
            Err(GitError::Failed { .. }) if self.is_shallow() => Err(GitError::Shallow(reference.to_owned())),
            Err(GitError::Failed { .. }) => Err(GitError::Unrelated(reference.to_owned())),
            Err(other) => Err(other),
        }
    }

    /// Changes that are not committed, as git lists them: of files that git has, and new files in a folder.
    pub fn changed(&self, folder: &Path) -> Result<Vec<String>, GitError> {
        let tracked = self.git(&["status", "--porcelain", "--untracked-files=no"], None)?;
        let inside = format!(":(top,literal){}", self.inside(folder));
        let new = self.git(&["status", "--porcelain", "--untracked-files=all", "--", &inside], None)?;
        let (tracked, new) = (String::from_utf8_lossy(&tracked), String::from_utf8_lossy(&new));
        let mut changed: Vec<String> = Vec::new();
        for line in tracked.lines().chain(new.lines()) {
            let path = line.get(3..).unwrap_or(line).to_owned();
            if !changed.contains(&path) {
                changed.push(path);
            }
        }
        Ok(changed)
    }

    /// Checks a branch out.
    pub fn switch(&self, branch: &str) -> Result<(), GitError> {
        if branch.starts_with('-') {
            return Err(GitError::UnknownReference(branch.to_owned()));
        }
        self.git(&["switch", "--quiet", branch], None).map(|_| ())
    }

    /// Whether parts of the history were not fetched.
    pub fn is_shallow(&self) -> bool {
        let found = self.git(&["rev-parse", "--is-shallow-repository"], None);
        found.is_ok_and(|found| String::from_utf8_lossy(&found).trim() == "true")
    }

    /// The files of a folder as of a commit, paths from that folder. A folder that is not there has none. The folder may
    /// be given as the work tree has it, also when it does not exist there now.
    pub fn files(&self, commit: &str, folder: &Path) -> Result<Vec<ListedFile>, GitError> {
        let inside = self.inside(folder);
        let mut args = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
        if !inside.is_empty() {
            args.extend(["--", &inside]);
        }
        let listing = self.git(&args, None)?;
        let listing = String::from_utf8_lossy(&listing).into_owned();
        let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
        let mut files: Vec<(String, String)> = Vec::new();
        for row in listing.split('\0') {
            let Some((what, path)) = row.split_once('\t') else { continue };
            let mut parts = what.split(' ');
            let (Some(_), Some("blob"), Some(object)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            if let Some(path) = path.strip_prefix(&prefix) {
                files.push((path.to_owned(), object.to_owned()));
            }
        }
        self.texts(files)
    }

    /// One file as of a commit; none when the commit has no such file.
    pub fn file(&self, commit: &str, path: &Path) -> Result<Option<String>, GitError> {
        let object = format!("{commit}:{}", self.inside(path));
        match self.git(&["cat-file", "blob", &object], None) {
            Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
            Err(GitError::Failed { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Texts of many objects by one process.
    fn texts(&self, files: Vec<(String, String)>) -> Result<Vec<ListedFile>, GitError> {
        let asked: String = files.iter().map(|(_, object)| format!("{object}\n")).collect();
        let out = self.git(&["cat-file", "--batch"], Some(asked.as_bytes()))?;
        let mut rest = out.as_slice();
        let mut listed = Vec::with_capacity(files.len());
        for (path, object) in files {
            let broken =
                || GitError::Failed { command: "cat-file".into(), message: format!("no object {object}") };
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size: usize =
                head.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
            let body = rest.get(end + 1..end + 1 + size).ok_or_else(broken)?;
            rest = rest.get(end + 2 + size..).unwrap_or_default();
            listed.push(ListedFile { path, text: String::from_utf8_lossy(body).into_owned() });
        }
        Ok(listed)
    }

    /// A folder's path from the repository's root, with `/` between the parts.
    fn inside(&self, folder: &Path) -> String {
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        // The folder itself may be gone, but what holds it may be a link.
        let real = absolute.ancestors().find_map(|part| {
            let real = part.canonicalize().ok()?;
            Some(real.join(absolute.strip_prefix(part).ok()?))
        });
        let real = real.unwrap_or(absolute);
        let root = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        let inside = real.strip_prefix(&root).unwrap_or(&real);
        let parts = inside.components().filter_map(|part| match part {
            std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn git(&self, args: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, GitError> {
        git(&self.root, args, input)
    }
}

fn git(folder: &Path, args: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    // Git's answers are read, not shown: no translation, no pager, no question.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::NoGit)?;
    let mut pipe = child.stdin.take();
    let input = input.map(<[u8]>::to_vec);
    // Written aside: git answers while it is still being asked.
    let writer = std::thread::spawn(move || {
        if let (Some(pipe), Some(input)) = (&mut pipe, input) {
            let _ = pipe.write_all(&input);
        }
    });
    let output = child.wait_with_output().map_err(GitError::NoGit)?;
    let _ = writer.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(GitError::Failed {
        command: args.first().map(|word| (*word).to_owned()).unwrap_or_default(),
        message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
