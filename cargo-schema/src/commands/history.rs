//! `history`: the revisions, newest first, from the files alone; with `--indicate-current` also what a database has.

use std::collections::BTreeSet;
use std::io::Write;

use schema_core::driver::{Access, History};
use schema_core::revision::{Revision, RevisionGraph, RevisionId, TargetRange};
use schema_core::script::Folder;
use schema_model::SourceMap;
use serde_json::json;

use crate::cli::{Global, HistoryArgs, Listing};
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::{graph_of, read_folder};
use crate::{database, exit};

pub fn run(global: &Global, args: &HistoryArgs) -> CliResult {
    let project = Project::find(global)?;
    let mut sources = SourceMap::default();
    let ask = args.indicate_current || args.database.database_url.is_some();
    let (applied, dialect) = if ask {
        let (url, _) = database::find_url(&args.database)?;
        let mut driver = database::connect(&url, &args.database, Access::Read)?;
        let history = History::open(driver.as_mut()).map_err(CliError::message)?;
        let rows = history.read(driver.as_mut()).map_err(CliError::message)?;
        let applied =
            rows.iter().filter(|row| row.progress.is_none()).map(|row| RevisionId::new(&row.version));
        (Some(applied.collect::<BTreeSet<_>>()), Some(driver.dialect()))
    } else {
        (None, project.config.dialects.first().copied())
    };
    let dialect = dialect.unwrap_or(schema_model::DialectKind::Postgres);
    let folder = read_folder(project.migrations(), dialect, project.layout()?, &mut sources)?;
    let graph = graph_of(&folder, &sources)?;
    let range = match &args.range {
        Some(range) => range.parse().map_err(CliError::message)?,
        None => TargetRange::default(),
    };
    let known = applied.clone().unwrap_or_default();
    let mut revisions = graph.history(&range, &known).map_err(CliError::message)?;
    revisions.reverse();
    revisions.truncate(args.limit.unwrap_or(usize::MAX));
    let view = View { graph: &graph, folder: &folder, applied: applied.as_ref(), verbose: global.verbose };
    let mut out = std::io::stdout().lock();
    match args.format {
        Listing::Json => {
            for revision in revisions {
                writeln!(out, "{}", view.json(revision))?;
            }
        }
        Listing::Human if revisions.is_empty() => writeln!(out, "No revisions yet.")?,
        Listing::Human => {
            for revision in revisions {
                view.human(revision, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(exit::CLEAN)
}

struct View<'a> {
    graph: &'a RevisionGraph,
    folder: &'a Folder,
    applied: Option<&'a BTreeSet<RevisionId>>,
    verbose: bool,
}

impl View<'_> {
    fn is_head(&self, revision: &Revision) -> bool {
        self.graph.children(&revision.id).is_empty()
    }

    fn is_current(&self, revision: &Revision) -> bool {
        self.applied.is_some_and(|applied| {
            self.graph.current(applied).iter().any(|current| current.id == revision.id)
        })
    }

    /// `1.0.0 -> 1.1.0 (head) (current), Add phone`, as hands that know Alembic expect.
    fn human(&self, revision: &Revision, out: &mut impl Write) -> std::io::Result<()> {
        let parents: Vec<_> = revision.parents.iter().map(|parent| parent.as_str()).collect();
        let parents = if parents.is_empty() { "<base>".to_owned() } else { parents.join(", ") };
        let mut marks = String::new();
        for (is, mark) in [
            (self.is_head(revision), " (head)"),
            (self.graph.children(&revision.id).len() > 1, " (branchpoint)"),
            (revision.is_merge(), " (mergepoint)"),
            (self.is_current(revision), " (current)"),
        ] {
            if is {
                marks.push_str(mark);
            }
        }
        if let Some(applied) = self.applied
            && !applied.contains(&revision.id)
        {
            marks.push_str(" (pending)");
        }
        writeln!(out, "{parents} -> {}{marks}, {}", revision.id, revision.message)?;
        if self.verbose {
            self.details(revision, out)?;
        }
        Ok(())
    }

    fn details(&self, revision: &Revision, out: &mut impl Write) -> std::io::Result<()> {
        let Some(script) = self.folder.script(&revision.id) else { return Ok(()) };
        let header = &script.header;
        writeln!(out, "    Path: {}", script.up.path.display())?;
        match &script.down {
            Some(down) => writeln!(out, "    Down: {}", down.path.display())?,
            None => writeln!(out, "    Down: none")?,
        }
        for (word, value) in [("Author", &header.author), ("Date", &header.date)] {
            if let Some(said) = value {
                writeln!(out, "    {word}: {}", said.value)?;
            }
        }
        writeln!(out, "    Checksum: {}", script.up.checksum)
    }

    fn json(&self, revision: &Revision) -> serde_json::Value {
        let script = self.folder.script(&revision.id);
        let path =
            |file: Option<&schema_core::script::ScriptFile>| file.map(|file| file.path.display().to_string());
        json!({
            "id": revision.id.as_str(),
            "version": revision.version.as_ref().map(ToString::to_string),
            "parents": revision.parents.iter().map(|parent| parent.as_str()).collect::<Vec<_>>(),
            "message": revision.message,
            "up": path(script.map(|script| &script.up)),
            "down": path(script.and_then(|script| script.down.as_ref())),
            "checksum": script.map(|script| script.up.checksum.clone()),
            "head": self.is_head(revision),
            "applied": self.applied.map(|applied| applied.contains(&revision.id)),
            "current": self.applied.map(|_| self.is_current(revision)),
        })
    }
}
