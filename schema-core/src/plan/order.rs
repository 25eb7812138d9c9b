//! Order by dependency: what makes a thing runs before what needs it, what lets go of a thing before what removes it.
//!
//! Where nothing asks for an order, a node's place is its own: the same input gives the same bytes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use schema_model::catalog::OpaqueId;
use schema_model::{Name, ObjectName};

use super::Step;

/// A thing that statements make, need and remove. Relations, types and routines are each one name space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A namespace.
    Schema(Name),
    /// An extension.
    Extension(Name),
    /// A table, view, sequence or index.
    Relation(ObjectName),
    /// A type, a table's row type included.
    Type(ObjectName),
    /// Routines of a name, whatever their arguments.
    Routine(ObjectName),
    /// Operators of a name, whatever their operands.
    Operator(String),
    /// A column.
    Column(ObjectName, Name),
    /// The columns of a table as a whole.
    Columns(ObjectName),
    /// A constraint of a table.
    Constraint(ObjectName, Name),
    /// The constraints and indexes of a table as a whole, foreign keys left out.
    Members(ObjectName),
    /// The foreign keys of a table as a whole.
    ForeignKeys(ObjectName),
    /// What a partitioned table's partitions cover: two cannot cover the same rows, not even for a moment.
    Bounds(ObjectName),
    /// Whether a table is logged: a logged one never refers to an unlogged one.
    Persistence(ObjectName),
    /// Anything followed by name.
    Opaque(OpaqueId),
}

/// Where a node stands when nothing asks for another place: phase, object, place within the object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub phase: u8,
    pub object: String,
    pub within: u8,
}

/// Statements that belong together, and what they do to the things around them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub place: Place,
    pub steps: Vec<Step>,
    /// What is there afterwards and was not before.
    pub makes: Vec<Key>,
    /// What is gone afterwards.
    pub removes: Vec<Key>,
    /// What stays, changed.
    pub alters: Vec<Key>,
    /// What has to be there, in its new form.
    pub needs: Vec<Key>,
    /// What is let go: it can change or go only afterwards.
    pub lets_go: Vec<Key>,
    /// Needed where that can be had: a routine's body is not looked at until it runs.
    pub likes: Vec<Key>,
    /// Runs in a later transaction than what is before it.
    pub apart: bool,
    /// Takes a lock on a table that is in use.
    pub locks: bool,
}

/// The nodes in an order in which they can run.
pub(crate) fn order(nodes: Vec<Node>) -> Vec<Node> {
    let mut edges = Edges::of(&nodes);
    let mut ready: BinaryHeap<_> =
        (0..nodes.len()).filter(|at| edges.free(*at)).map(|at| Reverse((&nodes[at].place, at))).collect();
    let mut waiting: BTreeSet<_> =
        (0..nodes.len()).filter(|at| !edges.free(*at)).map(|at| (&nodes[at].place, at)).collect();
    let mut sequence = Vec::with_capacity(nodes.len());
    loop {
        while let Some(Reverse((_, at))) = ready.pop() {
            sequence.push(at);
            for next in edges.done(at) {
                if waiting.remove(&(&nodes[next].place, next)) {
                    ready.push(Reverse((&nodes[next].place, next)));
                }
            }
        }
        // A ring. One that only wishes hold is opened there; a firm one at its first node, since names in text can
        // look like more than they are.
        let next = waiting.iter().find(|(_, at)| edges.firm[*at] == 0).or_else(|| waiting.first()).copied();
        let Some((place, at)) = next else { break };
        waiting.remove(&(place, at));
        ready.push(Reverse((place, at)));
    }
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    sequence.into_iter().filter_map(|at| nodes[at].take()).collect()
}

struct Edges {
    /// Who waits for a node, and whether firmly.
    after: Vec<Vec<(usize, bool)>>,
    firm: Vec<usize>,
    soft: Vec<usize>,
}

impl Edges {
    fn of(nodes: &[Node]) -> Self {
        let index = |list: fn(&Node) -> &Vec<Key>| {
            let mut map: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
            for (at, node) in nodes.iter().enumerate() {
                list(node).iter().for_each(|key| map.entry(key).or_default().push(at));
            }
            map
        };
        let (makers, removers, alterers) =
            (index(|node| &node.makes), index(|node| &node.removes), index(|node| &node.alters));
        let mut pairs: BTreeMap<(usize, usize), bool> = BTreeMap::new();
        let mut edge = |from: usize, to: usize, firm: bool| {
            if from != to {
                *pairs.entry((from, to)).or_default() |= firm;
            }
        };
        let of = |map: &BTreeMap<&Key, Vec<usize>>, key: &Key| map.get(key).cloned().unwrap_or_default();
        for (at, node) in nodes.iter().enumerate() {
            for key in &node.needs {
                for map in [&makers, &alterers, &removers] {
                    of(map, key).into_iter().for_each(|before| edge(before, at, true));
                }
            }
            for key in &node.likes {
                for map in [&makers, &alterers] {
                    of(map, key).into_iter().for_each(|before| edge(before, at, false));
                }
            }
            for key in &node.lets_go {
                for map in [&removers, &alterers] {
                    of(map, key).into_iter().for_each(|after| edge(at, after, true));
                }
            }
            for key in &node.makes {
                of(&removers, key).into_iter().for_each(|before| edge(before, at, true));
            }
        }
        let mut edges = Edges {
            after: vec![Vec::new(); nodes.len()],
            firm: vec![0; nodes.len()],
            soft: vec![0; nodes.len()],
        };
        for ((from, to), firm) in pairs {
            edges.after[from].push((to, firm));
            if firm {
                edges.firm[to] += 1;
            } else {
                edges.soft[to] += 1;
            }
        }
        edges
    }

    fn free(&self, at: usize) -> bool {
        self.firm[at] == 0 && self.soft[at] == 0
    }

    /// Marks a node as done; gives those that waited for nothing else.
    fn done(&mut self, at: usize) -> Vec<usize> {
        let mut freed = Vec::new();
        for (next, firm) in std::mem::take(&mut self.after[at]) {
            let count = if firm { &mut self.firm[next] } else { &mut self.soft[next] };
            *count = count.saturating_sub(1);
            if self.free(next) {
                freed.push(next);
            }
        }
        freed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(phase: u8, name: &str) -> Node {
        Node {
            place: Place { phase, object: name.into(), within: 0 },
            steps: vec![Step::new(name)],
            ..Node::default()
        }
    }

    fn names(nodes: Vec<Node>) -> Vec<String> {
        order(nodes).into_iter().map(|node| node.steps[0].sql.clone()).collect()
    }

    #[test]
    fn needs_outweigh_places_and_rings_are_opened_at_wishes() {
        let table = Key::Relation(ObjectName::bare("t"));
        let routine = Key::Routine(ObjectName::bare("f"));
        let first = Node { needs: vec![table.clone()], ..node(1, "a") };
        let last = Node { makes: vec![table.clone()], ..node(2, "b") };
        assert_eq!(names(vec![first, last]), ["b", "a"]);
        let function = Node { makes: vec![routine.clone()], likes: vec![table.clone()], ..node(3, "f") };
        let user = Node { makes: vec![table], needs: vec![routine], ..node(2, "t") };
        assert_eq!(names(vec![user, function]), ["f", "t"]);
    }
}
