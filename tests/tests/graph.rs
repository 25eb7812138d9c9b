//! Graphs as text: revisions and their parents, questions, answers. One test for each file of `cases/graph`, and laws
//! over random graphs.
//!
//! A revision is a line: `2.0.0 < 1.1.0, 1.4.1 [api] as 2.0.0_merge`. A question is a line too: `order`, `heads`,
//! `up TARGET from 1.0.0 1.1.0` (`@1.4.0` is 1.4.0 with everything before it), `history 1.0.0:head`.

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use schema_core::revision::{GraphError, Revision, RevisionGraph, RevisionId, Target, TargetRange, Version};
use schema_model::Name;
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let mut trials: Vec<Trial> = files("graph")
        .into_iter()
        .map(|path| {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Trial::test(name, move || run(&path).map_err(Failed::from))
        })
        .collect();
    trials.push(Trial::test("law_up_then_down_returns", || law(up_then_down_returns)));
    trials.push(Trial::test("law_order_respects_parents_and_not_the_input", || law(order_is_determined)));
    trials.push(Trial::test("law_a_named_downgrade_leaves_one_head", || law(a_named_downgrade_leaves_it)));
    trials.push(Trial::test("law_steps_add_up", || law(steps_add_up)));
    trials.push(Trial::test("ten_thousand_revisions", || ten_thousand().map_err(Failed::from)));
    libtest_mimic::run(&args, trials).exit();
}

fn run(path: &Path) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let lines = case.section("revisions").unwrap_or_default().lines();
    let revisions: Vec<Revision> = lines.filter(|line| !line.trim().is_empty()).map(revision).collect();
    let answer = match RevisionGraph::new(revisions) {
        Err(errors) => errors.iter().map(|error| format!("error: {error}\n")).collect(),
        Ok(graph) => {
            let asks = case.section("ask").unwrap_or("order\nheads\n");
            asks.lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| format!("{}\n", ask(&graph, line)))
                .collect()
        }
    };
    let answer: String = answer;
    case.expect("answer", &answer)
}

fn revision(line: &str) -> Revision {
    let (line, stem) = match line.split_once(" as ") {
        Some((line, stem)) => (line, Some(stem.trim())),
        None => (line, None),
    };
    let (line, labels) = match line.split_once('[') {
        Some((line, rest)) => (line, rest.trim().trim_end_matches(']')),
        None => (line, ""),
    };
    let (id, parents) = line.split_once('<').unwrap_or((line, ""));
    let parents = parents.split([',', ' ']).filter(|parent| !parent.is_empty());
    let mut revision = Revision::new(id.trim()).follows(parents);
    revision.labels = labels.split([',', ' ']).filter(|label| !label.is_empty()).map(Name::new).collect();
    revision.stem = stem.unwrap_or(id.trim()).to_owned();
    revision
}

fn ask(graph: &RevisionGraph, line: &str) -> String {
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let rest = format!("{rest} ");
    let (what, from) = rest.split_once(" from ").unwrap_or((&rest, ""));
    let what = what.trim();
    let id = RevisionId::new(what);
    match word {
        "order" => show(graph.revisions().iter()),
        "heads" => show(graph.heads()),
        "head" => result(graph.head().map(|head| head.into_iter().collect())),
        "bases" => show(graph.bases()),
        "branches" => {
            let fork = |(fork, children): &(&Revision, Vec<&Revision>)| {
                format!("{} -> {}", fork.id, show(children.iter().copied()))
            };
            listed(graph.branches().iter().map(fork).collect())
        }
        "ancestors" => show(graph.ancestors(&id)),
        "lineage" => show(graph.lineage(&id)),
        "descendants" => show(graph.descendants(&id)),
        "children" => show(graph.children(&id)),
        "find" => result(graph.find(what).map(|found| vec![found])),
        "current" => show(graph.current(&applied(graph, &rest))),
        "up" => with(what, |target| graph.upgrade_path(&applied(graph, from), target)),
        "down" => with(what, |target| graph.downgrade_path(&applied(graph, from), target)),
        "range" => ranged(what, |range| graph.upgrade_range(range)),
        "downrange" => ranged(what, |range| graph.downgrade_range(range)),
        "history" => ranged(what, |range| graph.history(range, &applied(graph, from))),
        _ => format!("unknown question `{word}`"),
    }
}

fn applied(graph: &RevisionGraph, words: &str) -> BTreeSet<RevisionId> {
    let mut ids = BTreeSet::new();
    for word in words.split_whitespace() {
        match word.strip_prefix('@') {
            Some(word) => {
                ids.extend(graph.lineage(&RevisionId::new(word)).iter().map(|revision| revision.id.clone()))
            }
            None => {
                ids.insert(RevisionId::new(word));
            }
        }
    }
    ids
}

fn show<'a>(revisions: impl IntoIterator<Item = &'a Revision>) -> String {
    listed(revisions.into_iter().map(|revision| revision.id.to_string()).collect())
}

fn listed(words: Vec<String>) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(" ") }
}

fn result(result: Result<Vec<&Revision>, GraphError>) -> String {
    match result {
        Ok(revisions) => show(revisions),
        Err(error) => format!("error: {error}"),
    }
}

fn with<'a>(text: &str, path: impl Fn(&Target) -> Result<Vec<&'a Revision>, GraphError>) -> String {
    match text.parse::<Target>() {
        Ok(target) => result(path(&target)),
        Err(error) => format!("error: {error}"),
    }
}

fn ranged<'a>(text: &str, path: impl Fn(&TargetRange) -> Result<Vec<&'a Revision>, GraphError>) -> String {
    match text.parse::<TargetRange>() {
        Ok(range) => result(path(&range)),
        Err(error) => format!("error: {error}"),
    }
}

// ---- laws

/// A random graph: each revision follows up to two earlier ones. Versions rise, so tags are in order.
fn graphs() -> impl Strategy<Value = Vec<Revision>> {
    proptest::collection::vec((0..100usize, 0..100usize, 0..4u8), 1..40).prop_map(|rows| {
        let version = |index: usize| format!("{}.{}.{}", 1 + index / 9, index / 3 % 3, index % 3);
        let row = |(index, (first, second, count)): (usize, &(usize, usize, u8))| {
            let mut parents = Vec::new();
            if index > 0 && *count > 0 {
                parents.push(version(first % index));
            }
            if index > 1 && *count == 3 && second % index != first % index {
                parents.push(version(second % index));
            }
            Revision::new(version(index)).follows(parents)
        };
        rows.iter().enumerate().map(row).collect()
    })
}

fn law(check: fn(Vec<Revision>, usize) -> Result<(), TestCaseError>) -> Result<(), Failed> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let ran = runner.run(&(graphs(), 0..1000usize), |(revisions, pick)| check(revisions, pick));
    ran.map_err(|error| Failed::from(error.to_string()))
}

fn built(revisions: Vec<Revision>) -> Result<RevisionGraph, TestCaseError> {
    RevisionGraph::new(revisions).map_err(|errors| TestCaseError::fail(format!("{errors:?}")))
}

fn up_then_down_returns(revisions: Vec<Revision>, pick: usize) -> Result<(), TestCaseError> {
    let graph = built(revisions)?;
    let goal = Target::named(graph.revisions()[pick % graph.len()].id.as_str());
    let up = graph
        .upgrade_path(&BTreeSet::new(), &goal)
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    let mut applied = BTreeSet::new();
    for revision in &up {
        prop_assert!(revision.parents.iter().all(|parent| applied.contains(parent)));
        applied.insert(revision.id.clone());
    }
    prop_assert!(graph.upgrade_path(&applied, &goal).is_ok_and(|path| path.is_empty()));
    let down =
        graph.downgrade_path(&applied, &Target::base()).map_err(|e| TestCaseError::fail(e.to_string()))?;
    for revision in &down {
        let children = graph.children(&revision.id);
        prop_assert!(children.iter().all(|child| !applied.contains(&child.id)));
        applied.remove(&revision.id);
    }
    prop_assert!(applied.is_empty());
    Ok(())
}

fn order_is_determined(mut revisions: Vec<Revision>, pick: usize) -> Result<(), TestCaseError> {
    let graph = built(revisions.clone())?;
    let place = |id: &RevisionId| graph.position(id);
    for revision in graph.revisions() {
        prop_assert!(revision.parents.iter().all(|parent| place(parent) < place(&revision.id)));
    }
    let count = revisions.len();
    revisions.rotate_left(pick % count);
    revisions.reverse();
    let other = built(revisions)?;
    prop_assert_eq!(other.revisions(), graph.revisions());
    Ok(())
}

/// From everything that is joined with it, a downgrade to a version leaves that version, and others that were apart.
fn a_named_downgrade_leaves_it(revisions: Vec<Revision>, pick: usize) -> Result<(), TestCaseError> {
    let graph = built(revisions)?;
    let all: BTreeSet<RevisionId> = graph.revisions().iter().map(|revision| revision.id.clone()).collect();
    let goal = &graph.revisions()[pick % graph.len()];
    let down = graph
        .downgrade_path(&all, &Target::named(goal.id.as_str()))
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    let mut applied = all;
    for revision in down {
        let children = graph.children(&revision.id);
        prop_assert!(children.iter().all(|child| !applied.contains(&child.id)), "children go first");
        applied.remove(&revision.id);
    }
    let current = graph.current(&applied);
    prop_assert!(current.iter().any(|revision| revision.id == goal.id));
    Ok(())
}

/// Where single steps are possible, as many of them as lead to the head lead to the head.
fn steps_add_up(revisions: Vec<Revision>, pick: usize) -> Result<(), TestCaseError> {
    let graph = built(revisions)?;
    let steps = (pick % graph.len()) as i64 + 1;
    let Ok(path) = graph.upgrade_path(&BTreeSet::new(), &Target::relative(steps)) else { return Ok(()) };
    prop_assert_eq!(path.len() as i64, steps);
    let mut applied: BTreeSet<RevisionId> = BTreeSet::new();
    for revision in path {
        let one = graph
            .upgrade_path(&applied, &Target::relative(1))
            .map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(one.len(), 1);
        prop_assert_eq!(&one[0].id, &revision.id);
        applied.insert(revision.id.clone());
    }
    Ok(())
}

/// A history of ten thousand with a hotfix branch and a merge at every hundredth: built, walked up and down. The limit
/// is loose, since this build is not optimised; a quadratic walk would take minutes.
fn ten_thousand() -> Result<(), String> {
    let mut revisions = vec![Revision::new("1.0.0")];
    let mut head = Version::new(1, 0, 0);
    while revisions.len() < 10_000 {
        let next = Version::new(1, head.minor + 1, 0);
        if next.minor.is_multiple_of(100) {
            let fix = Version::new(1, head.minor, 1);
            revisions.push(Revision::new(fix.to_string()).follows([head.to_string()]));
            revisions.push(Revision::new(next.to_string()).follows([head.to_string(), fix.to_string()]));
        } else {
            revisions.push(Revision::new(next.to_string()).follows([head.to_string()]));
        }
        head = next;
    }
    let start = std::time::Instant::now();
    let graph = RevisionGraph::new(revisions).map_err(|errors| format!("{errors:?}"))?;
    let fail = |error: GraphError| error.to_string();
    let up = graph.upgrade_path(&BTreeSet::new(), &Target::head()).map_err(fail)?;
    let applied: BTreeSet<RevisionId> = up.iter().map(|revision| revision.id.clone()).collect();
    let down = graph.downgrade_path(&applied, &Target::named("1.50")).map_err(fail)?;
    let steps = graph.downgrade_path(&applied, &Target::relative(-40)).map_err(fail)?.len();
    graph.current(&applied);
    let taken = start.elapsed();
    println!("{} revisions, up {}, down {}, in {taken:?}", graph.len(), up.len(), down.len());
    match (steps, taken.as_millis()) {
        (40, ..60_000) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
