//! Nodes as steps: transactions end where the next node has to run in a later one, and wait for locks only so long.

use std::collections::BTreeMap;

use crate::plan::{Key, Node, PlanOptions, Step, Transaction};

/// How long a statement waits for a lock before it gives up, so that the queue behind it stays short.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '5s'";

/// A body in SQL may name what comes later: it is not looked at (as in the scripts of pg_dump).
pub(crate) const BODIES_OFF: &str = "SET LOCAL check_function_bodies = off";

/// What has been said in the transaction that is open.
#[derive(Default)]
struct Group {
    timed: bool,
    unchecked: bool,
}

/// Appends the nodes' steps.
pub(super) fn flatten(nodes: Vec<Node>, options: &PlanOptions, steps: &mut Vec<Step>) {
    let ahead = ahead(&nodes);
    let mut group = Group::default();
    let mut apart = false;
    for (at, node) in nodes.into_iter().enumerate().filter(|(_, node)| !node.steps.is_empty()) {
        if node.apart && !apart {
            close(steps);
            group = Group::default();
        }
        apart = node.apart;
        for step in node.steps {
            if step.transaction == Transaction::Inside {
                if options.online && node.locks && !group.timed {
                    steps.push(Step::new(LOCK_TIMEOUT));
                    group.timed = true;
                }
                if ahead.contains(&at) && !group.unchecked {
                    steps.push(Step::new(BODIES_OFF));
                    group.unchecked = true;
                }
            }
            if step.transaction == Transaction::Outside || step.commit_after {
                group = Group::default();
            }
            steps.push(step);
        }
    }
    if let Some(last) = steps.last_mut() {
        // The end of the script ends the group.
        last.commit_after = false;
    }
}

/// The nodes whose bodies name what a later node makes.
fn ahead(nodes: &[Node]) -> Vec<usize> {
    let mut makers: BTreeMap<&Key, usize> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        node.makes.iter().for_each(|key| _ = makers.insert(key, at));
    }
    let names_later = |(at, node): &(usize, &Node)| {
        node.likes.iter().any(|key| makers.get(key).is_some_and(|maker| maker > at))
    };
    nodes.iter().enumerate().filter(names_later).map(|(at, _)| at).collect()
}

fn close(steps: &mut [Step]) {
    if let Some(last) = steps.last_mut()
        && last.transaction == Transaction::Inside
    {
        last.commit_after = true;
    }
}
