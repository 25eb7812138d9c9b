//! Rules over scripts: which ones fire, and which do not. One test for each file of `cases/rules`; a file named after a
//! rule must make it fire, `<rule>.near` must not.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::rules;
use schema_core::script::{Header, header};
use schema_core::sql::Replayer;
use schema_model::{DialectKind, SourceMap};
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let mut trials: Vec<Trial> = files("rules")
        .into_iter()
        .map(|path| {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Trial::test(name.clone(), move || run(&path, &name).map_err(Failed::from))
        })
        .collect();
    trials.push(Trial::test("every_rule_has_its_cases_and_its_page", || every_rule().map_err(Failed::from)));
    libtest_mimic::run(&args, trials).exit();
}

fn run(path: &Path, name: &str) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let dialect: DialectKind = case
        .section("dialect")
        .unwrap_or("postgres")
        .trim()
        .parse()
        .map_err(|_| "unknown dialect".to_owned())?;
    let mut sources = SourceMap::default();
    let before = sources.add("before.sql", case.section("before.sql").unwrap_or_default());
    let up = sources.add("up.sql", case.section("up.sql").unwrap_or_default());
    let mut replayer = Replayer::new(dialect);
    replayer.run(&sources, before);
    let catalog = replayer.catalog().clone();
    let effects = replayer.run(&sources, up);
    let (head, _): (Header, _) = header::read(sources.text(up), up, dialect);
    let verdict = rules::judge_revision(&catalog, &effects, &head, dialect, &rules::Overrides::default());
    let mut lines = String::new();
    for finding in &verdict.findings {
        let place = finding.span.map_or_else(|| "-".to_owned(), |span| sources.place(span).line.to_string());
        lines.push_str(&format!("{} {} line {place}: {}\n", finding.rule, finding.bump, finding.message));
    }
    lines.push_str(&format!("= {}\n", verdict.bump));
    for finding in &verdict.unanswered {
        lines.push_str(&format!("? {}\n", finding.rule));
    }
    for problem in replayer.diagnostics() {
        lines.push_str(&format!("! {}\n", problem.message));
    }
    case.expect("findings", &lines)?;
    let (rule, wanted) = match name.strip_suffix(".near") {
        Some(rule) => (rule, false),
        None => (name, true),
    };
    let rule = rule.replace('_', "-");
    let fired = verdict.findings.iter().any(|finding| finding.rule == rule);
    match rules::rule(&rule) {
        Some(_) if fired != wanted => {
            Err(format!("`{rule}` {}", if fired { "fires" } else { "does not fire" }))
        }
        _ => Ok(()),
    }
}

fn every_rule() -> Result<(), String> {
    let stems: Vec<String> = files("rules")
        .iter()
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    for rule in rules::ALL {
        let name = rule.id.replace('-', "_");
        for own in [name.clone(), format!("{name}.near")] {
            if !stems.contains(&own) {
                return Err(format!("there is no case `{own}.case`"));
            }
        }
        let parts = ["## What it finds", "## Why it matters", "## Example", "## What to do instead"];
        let mut at = 0;
        for part in parts {
            at += rule.explain[at..]
                .find(part)
                .ok_or_else(|| format!("the page of `{}` lacks `{part}`", rule.id))?;
        }
        if !rule.explain.starts_with(&format!("# {}\n", rule.id)) {
            return Err(format!("the page of `{}` begins with another title", rule.id));
        }
    }
    Ok(())
}
