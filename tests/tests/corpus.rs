//! Real histories replayed offline, compared after every migration with the catalog that a real server had.
//!
//! The folder is `SCHEMA_CORPUS`, or `../shared/corpus` beside the repository. Printed for each history: steps and objects
//! exact, with and without those that a reported gap names, and the first differences.
//! `SCHEMA_CORPUS_SHOW=n` shows more of these, `SCHEMA_CORPUS_ONLY=name` runs one history.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use schema_core::dialect::canonical::{self, Scope};
use schema_core::model::type_text::read_type;
use schema_core::model::{DialectKind, Expr, SourceMap};
use schema_core::sql::Replayer;
use schema_tests::truth::{Difference, History, compare, histories};
use serde_json::Value;

/// The figures of one history.
#[derive(Default)]
struct Figures {
    steps: usize,
    exact_steps: usize,
    /// Exact outside what gaps name.
    allowed_steps: usize,
    objects: usize,
    exact_objects: usize,
    allowed_objects: usize,
    gaps: usize,
    diagnostics: usize,
    final_exact: bool,
    final_allowed: bool,
    took: Duration,
}

fn shown() -> usize {
    std::env::var("SCHEMA_CORPUS_SHOW").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

fn wanted(name: &str) -> bool {
    std::env::var("SCHEMA_CORPUS_ONLY").map_or(true, |only| name.contains(&only))
}

/// The normal form of expressions, each worked out once.
#[derive(Default)]
struct Normal {
    known: std::cell::RefCell<HashMap<(String, String), String>>,
}

impl Normal {
    /// Of an expression; of a default, when it is that of a column of this type.
    fn of(&self, text: &str, ty: &str) -> String {
        let key = (text.to_owned(), ty.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let (dialect, expr) = (DialectKind::Postgres, Expr::new(text));
        let normal = match ty {
            "" => canonical::expr(&expr, dialect),
            ty => canonical::default(&expr, &read_type(ty, dialect), &Scope::default(), dialect),
        };
        self.known.borrow_mut().insert(key, normal.to_string());
        normal.to_string()
    }
}

fn replay(history: &History, normal: &Normal, differences: &mut Vec<String>) -> Figures {
    let mut figures = Figures::default();
    let mut sources = SourceMap::default();
    let mut replayer = Replayer::new(history.dialect);
    if let Some(prelude) = &history.prelude {
        let file = sources.add("prelude.sql", prelude.as_str());
        replayer.run(&sources, file);
    }
    let truths: HashMap<u64, Value> = history.truths().into_iter().collect();
    let mut before: Vec<Difference> = Vec::new();
    for step in &history.steps {
        let text = String::from_utf8_lossy(&step.up).into_owned();
        let file = sources.add(format!("{}.sql", step.file), text);
        let known = replayer.diagnostics().len();
        let start = Instant::now();
        replayer.run(&sources, file);
        figures.took += start.elapsed();
        for diagnostic in &replayer.diagnostics()[known..] {
            let place = diagnostic.labels.first().map_or(String::new(), |label| sources.describe(label.span));
            differences.push(format!("  diagnostic {place}: {}", diagnostic.message));
        }
        let Some(truth) = truths.get(&step.number) else { continue };
        let comparison = compare(replayer.catalog(), truth, &|text, ty| normal.of(text, ty));
        let gaps = &replayer.catalog().gaps;
        let excused = |difference: &Difference| {
            let name = difference.object.rsplit_once('.').map_or(&*difference.object, |(_, name)| name);
            let name = name.split('/').next().unwrap_or(name);
            gaps.iter().any(|gap| gap.touches.iter().any(|touched| touched.name.as_str() == name))
        };
        let unexcused: Vec<&Difference> = comparison.differences.iter().filter(|one| !excused(one)).collect();
        let mut objects: Vec<(&str, &str)> =
            unexcused.iter().map(|one| (one.section, one.object.as_str())).collect();
        objects.dedup();
        figures.steps += 1;
        figures.objects += comparison.objects;
        figures.exact_objects += comparison.exact;
        figures.allowed_objects += comparison.objects - objects.len();
        figures.final_exact = comparison.differences.is_empty();
        figures.final_allowed = unexcused.is_empty();
        figures.exact_steps += usize::from(figures.final_exact);
        figures.allowed_steps += usize::from(figures.final_allowed);
        for difference in comparison.differences.iter().filter(|one| !before.contains(one)) {
            let allowed = if excused(difference) { " (gap)" } else { "" };
            differences.push(format!(
                "  {}: {} {}: {}{allowed}",
                step.file, difference.section, difference.object, difference.detail
            ));
        }
        before = comparison.differences;
    }
    for gap in &replayer.catalog().gaps {
        let place = gap.origin.0.map_or(String::new(), |span| sources.describe(span));
        differences.push(format!("  gap {place}: {}", gap.reason));
    }
    figures.gaps = replayer.catalog().gaps.len();
    figures.diagnostics = replayer.diagnostics().len();
    figures
}

/// What `pg_dump` printed at the end, replayed by itself, against the truth.
#[test]
fn postgres_dumps_replay_to_what_was_dumped() {
    let normal = Normal::default();
    let mut differences = 0;
    for history in histories(DialectKind::Postgres).iter().filter(|history| wanted(&history.name)) {
        let Some(dump) = history.dump() else { continue };
        let mut sources = SourceMap::default();
        let file = sources.add("schema.sql", dump);
        let mut replayer = Replayer::new(DialectKind::Postgres);
        replayer.run(&sources, file);
        let found = compare(replayer.catalog(), &history.truth(), &|text, ty| normal.of(text, ty));
        let gaps = replayer.catalog().gaps.len();
        let of = format!("{}/{}", found.exact, found.objects);
        println!("{:24} objects {of:>9}, gaps {gaps}", history.name);
        for diagnostic in replayer.diagnostics() {
            let place = diagnostic.labels.first().map_or(String::new(), |label| sources.describe(label.span));
            println!("  {place}: {}", diagnostic.message);
        }
        replayer.catalog().gaps.iter().for_each(|gap| println!("  gap: {}", gap.reason));
        found.differences.iter().take(shown()).for_each(|one| println!("  {one:?}"));
        differences += found.differences.len() + replayer.diagnostics().len();
    }
    assert_eq!(differences, 0);
}

#[test]
fn postgres_histories_replay_to_what_the_server_had() {
    let normal = Normal::default();
    let all = histories(DialectKind::Postgres);
    if all.is_empty() {
        eprintln!("SKIPPED: no corpus (set SCHEMA_CORPUS)");
        return;
    }
    println!(
        "{:24} {:>13} {:>13} {:>15} {:>15} {:>5} {:>5} {:>6} {:>8}",
        "history", "steps", "without gaps", "objects", "without gaps", "gaps", "diag", "final", "ms"
    );
    let (mut steps, mut exact, mut finals, mut histories) = (0, 0, 0, 0);
    for history in all.iter().filter(|history| wanted(&history.name)) {
        let mut differences = Vec::new();
        let figures = replay(history, &normal, &mut differences);
        let of = |part: usize, whole: usize| format!("{part}/{whole}");
        println!(
            "{:24} {:>13} {:>13} {:>15} {:>15} {:>5} {:>5} {:>6} {:>8.1}",
            history.name,
            of(figures.exact_steps, figures.steps),
            of(figures.allowed_steps, figures.steps),
            of(figures.exact_objects, figures.objects),
            of(figures.allowed_objects, figures.objects),
            figures.gaps,
            figures.diagnostics,
            match (figures.final_exact, figures.final_allowed) {
                (true, _) => "exact",
                (_, true) => "gaps",
                _ => "NO",
            },
            figures.took.as_secs_f64() * 1000.0,
        );
        differences.iter().take(shown()).for_each(|line| println!("{line}"));
        if differences.len() > shown() {
            println!("  and {} more", differences.len() - shown());
        }
        steps += figures.steps;
        exact += figures.allowed_steps;
        finals += usize::from(figures.final_allowed);
        histories += 1;
    }
    println!("steps {exact}/{steps}, final catalogs {finals}/{histories}");
    assert_eq!(finals, histories, "final catalogs differ");
    assert!(exact * 1000 >= steps * 995, "too many steps differ");
}
