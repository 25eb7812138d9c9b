//! `lint` and `explain`: what unreleased revisions mean to the applications that run against the schema.

use std::io::Write;

use schema_core::diagnostic::{Diagnostic, Severity};
use schema_core::rules::{self, Level};
use schema_core::sql::Replayer;

use crate::cli::{ExplainArgs, Global, LintArgs};
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::Recorded;
use crate::{exit, findings, report};

/// `lint`.
pub fn run(global: &Global, args: &LintArgs) -> CliResult {
    let project = Project::find(global)?;
    let overrides = findings::overrides(&project)?;
    let mut found = Vec::new();
    let mut sources = schema_model::SourceMap::default();
    for dialect in &project.config.dialects {
        let recorded = Recorded::read(project.migrations(), *dialect, project.layout()?, None, &mut sources)?;
        found.extend(recorded.diagnostics.iter().cloned());
        let mut replayer = Replayer::new(*dialect);
        for script in &recorded.folder.scripts {
            let released = findings::is_released(&project, &recorded, script.id());
            let before = (!released).then(|| replayer.catalog().clone());
            let effects = replayer.run(&sources, script.up.file);
            let Some(before) = before else { continue };
            let verdict = rules::judge_revision(&before, &effects, &script.header, *dialect, &overrides);
            found.extend(verdict.findings.iter().filter(|finding| finding.level > Level::Allow).map(tell));
        }
    }
    report::print(args.format, &found, &sources)?;
    Ok(if report::has_errors(&found) { exit::FOUND } else { exit::CLEAN })
}

fn tell(finding: &rules::Finding) -> Diagnostic {
    let severity = if finding.level == Level::Deny { Severity::Error } else { Severity::Warning };
    let diagnostic = Diagnostic::warning(finding.rule, format!("{} ({})", finding.message, finding.bump));
    Diagnostic { severity, ..diagnostic }
        .at(finding.span, "here")
        .help(format!("see `cargo schema explain {}`", finding.rule))
}

/// `explain`.
pub fn explain(args: &ExplainArgs) -> CliResult {
    let mut out = std::io::stdout().lock();
    match &args.rule {
        None => {
            for rule in rules::ALL {
                writeln!(
                    out,
                    "{:32} {:6} {:6} {}",
                    rule.id,
                    rule.bump.to_string(),
                    rule.level.to_string(),
                    rule.summary
                )?;
            }
        }
        Some(id) => {
            let rule = rules::rule(id).ok_or_else(|| {
                let near = schema_model::item::nearest(id, rules::ALL.iter().map(|rule| rule.id));
                let help = near.map_or_else(
                    || "`cargo schema explain` lists all".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                CliError::message(format!("there is no rule `{id}`; {help}"))
            })?;
            writeln!(out, "{}", rule.explain.trim_end())?;
        }
    }
    out.flush()?;
    Ok(exit::CLEAN)
}
