//! Rules: what a change means to the applications that run against the schema, from the view of the one released before.
//!
//! A rule is a file and a page. `judge` nets a revision's changes (a table made anew under its own name is no drop) and
//! asks every rule; the bump of a revision is the highest that a rule gives.

mod judge;
mod matters;
mod net;
#[cfg(test)]
mod tests;

mod check_added;
mod check_widened;
mod column_added;
mod column_collation_changed;
mod column_default_changed;
mod column_dropped;
mod column_made_nullable;
mod column_made_required;
mod column_renamed;
mod column_type_changed;
mod column_type_narrowed;
mod column_type_respelled;
mod column_type_widened;
mod comment_changed;
mod composite_changed;
mod constraint_deferrable;
mod constraint_dropped;
mod constraint_not_deferrable;
mod constraint_on_new_column;
mod constraint_renamed;
mod constraint_validated;
mod default_dropped_from_required;
mod domain_default_changed;
mod domain_loosened;
mod domain_tightened;
mod enum_value_added;
mod enum_value_removed;
mod enum_value_renamed;
mod exclusion_added;
mod extension_changed;
mod extension_created;
mod extension_dropped;
mod foreign_key_action_changed;
mod foreign_key_added;
mod foreign_key_loosened;
mod generated_column_changed;
mod identity_changed;
mod identity_dropped;
mod identity_made_strict;
mod index_added;
mod index_changed;
mod index_dropped;
mod not_null_without_default;
mod partition_attached;
mod partition_detached;
mod policy_changed;
mod primary_key_added;
mod primary_key_dropped;
mod publication_changed;
mod routine_created;
mod routine_dropped;
mod routine_replaced;
mod row_security_disabled;
mod row_security_enabled;
mod schema_created;
mod schema_removed;
mod sequence_changed;
mod sequence_created;
mod sequence_dropped;
mod sequence_dropped_with_owner;
mod sequence_renamed;
mod statement_not_understood;
mod table_created;
mod table_dropped;
mod table_kind_changed;
mod table_renamed;
mod table_storage_changed;
mod trigger_changed;
mod trigger_on_new_table;
mod type_created;
mod type_dropped;
mod type_renamed;
mod unique_added;
mod unique_index_added;
mod unique_index_dropped;
mod unique_index_on_new_column;
mod view_created;
mod view_dropped;
mod view_narrowed;
mod view_renamed;
mod view_replaced;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schema_model::DialectKind;
use schema_model::catalog::{Column, Constraint};
use schema_model::type_text::write_type;

use crate::change::Change;
use crate::revision::Bump;

pub use judge::{Finding, Verdict, highest, judge, judge_revision};
use net::Context;

/// How much a finding weighs in `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Said only when everything is.
    Allow,
    /// Said.
    Warn,
    /// Fails.
    Deny,
}

impl FromStr for Level {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "allow" => Ok(Level::Allow),
            "warn" => Ok(Level::Warn),
            "deny" => Ok(Level::Deny),
            _ => Err(format!("unknown level `{word}`; known are `allow`, `warn` and `deny`")),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        })
    }
}

/// What the author's `-- Bump:` is to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing: the change speaks for itself. A higher bump is always the author's right.
    Ignored,
    /// It counts instead of the rule's bump, where it is given.
    Taken,
    /// It has to be given: nobody else can know.
    Asked,
}

/// One rule.
pub struct Rule {
    /// Its id, which names the pattern found: `column-dropped`.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub summary: &'static str,
    /// Its page, in Markdown.
    pub explain: &'static str,
    /// How much a finding weighs unless the project says otherwise.
    pub level: Level,
    /// What it asks of the version unless the project says otherwise.
    pub bump: Bump,
    /// What the author's word is to it.
    pub word: Word,
    /// Finds the pattern in one change, and says it.
    pub(crate) check: fn(&Subject<'_>) -> Option<String>,
}

/// A change under judgement.
pub(crate) struct Subject<'a> {
    /// The change, net of others in the revision.
    pub change: &'a Change,
    /// The constraint that an added one stands in for.
    pub replaced: Option<&'a Constraint>,
    /// What else the revision does.
    pub context: &'a Context,
    /// The database.
    pub dialect: DialectKind,
}

impl Subject<'_> {
    /// The change as a sentence.
    pub(crate) fn sentence(&self) -> String {
        self.change.to_string()
    }

    /// The sentence of a type's change.
    pub(crate) fn types(&self, old: &Column, new: &Column) -> String {
        let (from, to) = (write_type(&old.ty, self.dialect), write_type(&new.ty, self.dialect));
        format!("{} from `{from}` to `{to}`", self.change)
    }
}

/// What a project says about rules, in its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Levels, by rule id.
    pub levels: BTreeMap<String, Level>,
    /// Bumps, by rule id.
    pub bumps: BTreeMap<String, Bump>,
}

impl Overrides {
    /// The ids that no rule has.
    pub fn unknown(&self) -> Vec<&str> {
        let ids = self.levels.keys().chain(self.bumps.keys());
        ids.map(String::as_str).filter(|id| rule(id).is_none()).collect()
    }

    fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(rule.level)
    }

    fn bump(&self, rule: &Rule) -> Bump {
        self.bumps.get(rule.id).copied().unwrap_or(rule.bump)
    }
}

/// The rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// Every rule.
pub static ALL: [&Rule; 81] = [
    &table_created::RULE,
    &table_dropped::RULE,
    &table_renamed::RULE,
    &table_storage_changed::RULE,
    &table_kind_changed::RULE,
    &row_security_enabled::RULE,
    &row_security_disabled::RULE,
    &partition_attached::RULE,
    &partition_detached::RULE,
    &comment_changed::RULE,
    &column_added::RULE,
    &not_null_without_default::RULE,
    &column_dropped::RULE,
    &column_renamed::RULE,
    &column_type_widened::RULE,
    &column_type_narrowed::RULE,
    &column_type_respelled::RULE,
    &column_type_changed::RULE,
    &column_made_required::RULE,
    &column_made_nullable::RULE,
    &column_default_changed::RULE,
    &default_dropped_from_required::RULE,
    &generated_column_changed::RULE,
    &identity_made_strict::RULE,
    &identity_changed::RULE,
    &identity_dropped::RULE,
    &column_collation_changed::RULE,
    &primary_key_added::RULE,
    &unique_added::RULE,
    &foreign_key_added::RULE,
    &exclusion_added::RULE,
    &check_added::RULE,
    &check_widened::RULE,
    &constraint_on_new_column::RULE,
    &constraint_dropped::RULE,
    &primary_key_dropped::RULE,
    &foreign_key_action_changed::RULE,
    &foreign_key_loosened::RULE,
    &constraint_validated::RULE,
    &constraint_deferrable::RULE,
    &constraint_not_deferrable::RULE,
    &constraint_renamed::RULE,
    &index_added::RULE,
    &unique_index_added::RULE,
    &unique_index_on_new_column::RULE,
    &index_dropped::RULE,
    &unique_index_dropped::RULE,
    &index_changed::RULE,
    &type_created::RULE,
    &type_dropped::RULE,
    &type_renamed::RULE,
    &enum_value_added::RULE,
    &enum_value_removed::RULE,
    &enum_value_renamed::RULE,
    &domain_tightened::RULE,
    &domain_loosened::RULE,
    &domain_default_changed::RULE,
    &composite_changed::RULE,
    &sequence_created::RULE,
    &sequence_dropped::RULE,
    &sequence_dropped_with_owner::RULE,
    &sequence_changed::RULE,
    &sequence_renamed::RULE,
    &schema_created::RULE,
    &schema_removed::RULE,
    &extension_created::RULE,
    &extension_dropped::RULE,
    &extension_changed::RULE,
    &view_created::RULE,
    &view_dropped::RULE,
    &view_renamed::RULE,
    &view_narrowed::RULE,
    &view_replaced::RULE,
    &routine_created::RULE,
    &routine_dropped::RULE,
    &routine_replaced::RULE,
    &trigger_changed::RULE,
    &trigger_on_new_table::RULE,
    &policy_changed::RULE,
    &publication_changed::RULE,
    &statement_not_understood::RULE,
];
