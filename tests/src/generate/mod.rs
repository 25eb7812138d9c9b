//! Random PostgreSQL scripts, statement by statement, out of the kinds that shape a schema.
//!
//! A statement is chosen with the catalog at hand, so that most of them name things that are there; some do not, and the
//! server refuses them. What it refuses is left out of the script.

mod alter;
mod index;
mod objects;
mod pick;
mod table;
mod types;

use proptest::prelude::*;
use schema_core::model::catalog::Catalog;

pub use pick::Pick;

/// One random statement to be: a kind and the dice for its details. Which statement it is depends on the catalog at the time.
#[derive(Clone, Debug)]
pub struct Dice {
    kind: usize,
    seed: u32,
}

/// Scripts of up to so many statements.
pub fn scripts(longest: usize) -> impl Strategy<Value = Vec<Dice>> {
    let dice = (0..usize::MAX, any::<u32>()).prop_map(|(kind, seed)| Dice { kind, seed });
    prop::collection::vec(dice, 1..=longest)
}

type Make = fn(&mut Pick<'_>) -> Option<String>;

/// Each kind of statement with its weight.
const KINDS: &[(u32, Make)] = &[
    (14, table::create),
    (3, table::create_like),
    (3, table::create_inheriting),
    (3, table::create_partitioned),
    (5, table::create_partition),
    (1, table::create_as),
    (2, table::drop),
    (3, alter::rename_table),
    (1, alter::set_schema),
    (6, alter::rename_column),
    (3, alter::rename_constraint),
    (8, alter::add_column),
    (6, alter::drop_column),
    (6, alter::column_type),
    (5, alter::default_or_null),
    (3, alter::identity),
    (8, alter::add_constraint),
    (3, alter::drop_constraint),
    (2, alter::alter_constraint),
    (3, alter::inheritance),
    (4, alter::options),
    (8, index::create),
    (2, index::using_index),
    (2, index::drop),
    (3, index::alter),
    (4, types::create_enum),
    (5, types::alter_enum),
    (3, types::create_domain),
    (4, types::alter_domain),
    (2, types::create_composite),
    (3, types::alter_composite),
    (2, types::rename_or_drop),
    (4, objects::sequence),
    (5, objects::comment),
    (4, objects::view),
    (2, objects::drop_view),
    (3, objects::function_or_trigger),
    (2, objects::policy_or_rule),
    (2, objects::drop_opaque),
    (1, objects::schema),
    (2, objects::guarded),
];

impl Dice {
    /// The statement, without a semicolon.
    pub fn statement(&self, catalog: &Catalog) -> Option<String> {
        let total: u32 = KINDS.iter().map(|(weight, _)| weight).sum();
        let mut left = (self.kind % total as usize) as u32;
        let mut pick = Pick::new(catalog, self.seed);
        for (weight, make) in KINDS {
            if left < *weight {
                // Most kinds need a table.
                return make(&mut pick).or_else(|| table::create(&mut pick));
            }
            left -= weight;
        }
        None
    }
}
