//! The revision graph with ten thousand revisions: built, walked up, walked down. Aim: all of it under 50 ms.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use schema_core::revision::{GraphError, Revision, RevisionGraph, Target, Version};

fn main() {
    let revisions = history(10_000);
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let revisions = revisions.clone();
        let start = Instant::now();
        match walk(revisions) {
            Ok(steps) => {
                best = best.min(start.elapsed());
                println!("{steps} steps in {:?}", start.elapsed());
            }
            Err(errors) => println!("{errors:?}"),
        }
    }
    println!("best of ten: {best:?}");
}

fn walk(revisions: Vec<Revision>) -> Result<usize, Vec<GraphError>> {
    let graph = RevisionGraph::new(revisions)?;
    let one = |error| vec![error];
    let up = graph.upgrade_path(&BTreeSet::new(), &Target::head()).map_err(one)?;
    let applied = up.iter().map(|revision| revision.id.clone()).collect();
    let down = graph.downgrade_path(&applied, &Target::base()).map_err(one)?;
    Ok(up.len() + down.len() + graph.current(&applied).len())
}

/// A line with a hotfix merged in at every hundredth revision.
fn history(count: usize) -> Vec<Revision> {
    let mut revisions = vec![Revision::new("1.0.0")];
    let mut head = Version::new(1, 0, 0);
    while revisions.len() < count {
        let next = Version::new(1, head.minor + 1, 0);
        let mut parents = vec![head.to_string()];
        if next.minor.is_multiple_of(100) {
            let fix = Version::new(1, head.minor, 1).to_string();
            revisions.push(Revision::new(fix.clone()).follows([head.to_string()]));
            parents.push(fix);
        }
        revisions.push(Revision::new(next.to_string()).follows(parents));
        head = next;
    }
    revisions
}
