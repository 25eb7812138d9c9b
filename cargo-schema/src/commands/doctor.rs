//! `doctor`: what is configured, which database is meant, and whether it can be used.

use std::io::Write;

use schema_core::driver::{Access, DatabaseUrl, Survey};

use crate::cli::{DatabaseArgs, Global};
use crate::database::{self, Revisions};
use crate::error::CliResult;
use crate::exit;
use crate::project::Project;

pub fn run(global: &Global, args: &DatabaseArgs) -> CliResult {
    let mut out = std::io::stdout().lock();
    let mut well = true;
    match Project::find(global) {
        Ok(project) => {
            let dialects: Vec<_> = project.config.dialects.iter().map(|dialect| dialect.as_str()).collect();
            writeln!(out, "project:    {}", Project::shown(&project.root).display())?;
            writeln!(out, "configured: {}", if project.configured { "yes" } else { "no, all defaults" })?;
            writeln!(out, "dialects:   {}", dialects.join(", "))?;
            writeln!(out, "migrations: {}", Project::shown(project.migrations()).display())?;
            for (_, root) in project.krate.iter().flat_map(|krate| &krate.roots) {
                writeln!(out, "models:     {}", Project::shown(root).display())?;
            }
        }
        Err(error) => {
            well = false;
            writeln!(out, "project:    {error}")?;
        }
    }
    match database::find_url(args) {
        Err(error) => {
            well = false;
            writeln!(out, "database:   {error}")?;
        }
        Ok((url, source)) => {
            writeln!(out, "database:   {url} (from {source})")?;
            well &= look(global, args, &url, &mut out)?;
        }
    }
    out.flush()?;
    Ok(if well { exit::CLEAN } else { exit::FAILED })
}

fn look(global: &Global, args: &DatabaseArgs, url: &DatabaseUrl, out: &mut impl Write) -> CliResult<bool> {
    let mut driver = match database::connect(url, args, Access::Read) {
        Ok(driver) => driver,
        Err(error) => {
            writeln!(out, "connection: {error}")?;
            return Ok(false);
        }
    };
    let version = match url {
        DatabaseUrl::Postgres(_) => "SHOW server_version",
        DatabaseUrl::Sqlite(_) => "SELECT sqlite_version()",
    };
    let text =
        |rows: Vec<schema_core::driver::Row>| rows.into_iter().flatten().flatten().next().unwrap_or_default();
    match driver.query(version, &[]) {
        Ok(rows) => writeln!(out, "server:     {}", text(rows))?,
        Err(error) => writeln!(out, "server:     {error}")?,
    }
    if let DatabaseUrl::Postgres(_) = url {
        let rights = "SELECT CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 'may create tables in ' \
                      ELSE 'may NOT create tables in ' END || current_schema()";
        match driver.query(rights, &[]) {
            Ok(rows) => writeln!(out, "rights:     {}", text(rows))?,
            Err(error) => writeln!(out, "rights:     {error}")?,
        }
    }
    match Revisions::read(global, url.dialect()) {
        Err(error) => {
            writeln!(out, "history:    {error}")?;
            Ok(false)
        }
        Ok((_, revisions)) => match Survey::take(driver.as_mut(), &revisions.folder) {
            Ok(survey) => {
                writeln!(out, "history:    {}", super::current::describe(&survey, &revisions))?;
                Ok(true)
            }
            Err(error) => {
                writeln!(out, "history:    {error}")?;
                Ok(false)
            }
        },
    }
}
