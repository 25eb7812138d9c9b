//! `--dry-run`: what a run would do, as a script with the plan in its comments. Nothing is run.

use std::io::Write;

use schema_core::driver::Direction;
use schema_core::revision::RevisionId;

use crate::database::Revisions;
use crate::error::CliResult;
use crate::hooks;
use crate::project::Project;

/// Prints the plan of a run: hooks, revisions and their statements.
pub fn print(
    path: &[RevisionId],
    direction: Direction,
    project: &Project,
    revisions: &Revisions,
) -> CliResult<()> {
    let mut out = std::io::stdout().lock();
    if path.is_empty() {
        writeln!(out, "Nothing to do.")?;
        return Ok(out.flush()?);
    }
    let hooks = hooks::listed(project, direction);
    hook(&mut out, &hooks, "before")?;
    for id in path {
        let Some(script) = revisions.files.script(id) else {
            writeln!(out, "-- {id}: the script stored in the database")?;
            continue;
        };
        let file = match direction {
            Direction::Up => Some(&script.up),
            Direction::Down => script.down.as_ref(),
        };
        match file {
            Some(file) => {
                writeln!(out, "-- {}", file.path.display())?;
                writeln!(out, "{}\n", revisions.sources.text(file.file).trim_end())?;
            }
            None => writeln!(out, "-- {id}: no way down")?,
        }
    }
    hook(&mut out, &hooks, "after")?;
    Ok(out.flush()?)
}

fn hook(out: &mut impl Write, hooks: &[(String, &str)], moment: &str) -> CliResult<()> {
    for (name, command) in hooks.iter().filter(|(name, _)| name.starts_with(moment)) {
        writeln!(out, "-- {name} hook: {}", command.replace('\n', "\n--   "))?;
    }
    Ok(())
}
