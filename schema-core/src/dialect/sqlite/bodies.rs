//! Views and triggers in the way. `ALTER TABLE` parses them all and fails at one that names what is not there, and a
//! table takes its triggers along when it is dropped: what depends on a rebuilt table is dropped first and made again.

use std::collections::{BTreeMap, BTreeSet};

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind, OpaqueObject, View};
use schema_model::{Name, ObjectName};

use super::group::Groups;
use super::print;
use crate::change::query::Body;
use crate::change::{Change, columns_of};
use crate::dialect::Transition;
use crate::plan::Step;

pub(super) struct Bodies<'a> {
    dropped_triggers: Vec<&'a OpaqueObject>,
    dropped_views: Vec<&'a View>,
    created_views: Vec<&'a View>,
    created_triggers: Vec<&'a OpaqueObject>,
}

/// Names without case.
type Names = BTreeSet<String>;

fn lower(name: &ObjectName) -> String {
    name.name.as_str().to_ascii_lowercase()
}

impl<'a> Bodies<'a> {
    pub fn of(transition: &Transition<'a>, renamed: &'a Catalog, groups: &Groups<'a>) -> Self {
        let mut changed = Changed::of(transition, renamed);
        changed.add_broken(renamed, groups);
        let mut moved: Names = Names::new();
        if groups.reparse() {
            moved.extend(
                groups.altered().filter(|group| group.rebuild).map(|group| lower(&group.before.name)),
            );
            moved.extend(groups.dropped().map(lower));
        }
        moved.extend(changed.views.iter().cloned());
        let reads = Reads::of(renamed);
        let views = reads.dependents(renamed, &mut moved, &changed, groups.reparse());
        let gone: Names = groups.dropped().map(lower).collect();
        let dropped_triggers = triggers(renamed)
            .filter(|trigger| {
                let on = trigger.id.on.as_ref().map(lower);
                let in_the_way = groups.reparse() && reads.trigger_reads(trigger, &moved);
                let with_view = on.as_ref().is_some_and(|on| views.contains(on));
                let with_table = on.as_ref().is_some_and(|on| gone.contains(on) || moved.contains(on));
                changed.triggers.contains(&trigger.id) || in_the_way || with_view || with_table
            })
            .collect::<Vec<_>>();
        let dropped_views =
            renamed.views.values().filter(|view| views.contains(&lower(&view.name))).collect::<Vec<_>>();
        let stays_view =
            |view: &View| renamed.views.contains_key(&view.name) && !views.contains(&lower(&view.name));
        let stays_trigger = |trigger: &OpaqueObject| {
            renamed.opaque.contains_key(&trigger.id)
                && !dropped_triggers.iter().any(|dropped| dropped.id == trigger.id)
        };
        Bodies {
            created_views: in_order(
                transition.new,
                transition.new.views.values().filter(|view| !stays_view(view)),
            ),
            created_triggers: triggers(transition.new).filter(|trigger| !stays_trigger(trigger)).collect(),
            dropped_triggers,
            dropped_views,
        }
    }

    pub fn drop(&self, steps: &mut Vec<Step>) {
        for trigger in &self.dropped_triggers {
            steps.push(Step::new(print::drop_object("TRIGGER", &trigger.id.name)));
        }
        for view in &self.dropped_views {
            steps.push(Step::new(print::drop_object("VIEW", &view.name)));
        }
    }

    pub fn create(&self, steps: &mut Vec<Step>) {
        steps.extend(self.created_views.iter().map(|view| Step::new(print::create_view(view))));
        steps.extend(self.created_triggers.iter().map(|trigger| Step::new(trigger.definition.as_str())));
    }
}

fn triggers(catalog: &Catalog) -> impl Iterator<Item = &OpaqueObject> {
    catalog.opaque.values().filter(|object| object.id.kind == OpaqueKind::Trigger)
}

/// Views and triggers that go or change, under the names they have after the renames.
struct Changed<'a> {
    views: Names,
    triggers: BTreeSet<&'a OpaqueId>,
}

impl<'a> Changed<'a> {
    fn of(transition: &Transition<'a>, renamed: &'a Catalog) -> Self {
        let mut changed = Changed { views: Names::new(), triggers: BTreeSet::new() };
        for change in transition.changes {
            match change {
                Change::DropView(view) => drop(changed.views.insert(lower(&view.name))),
                Change::ReplaceView { old, .. } => drop(changed.views.insert(lower(&old.name))),
                Change::RenameView { from, .. } => drop(changed.views.insert(lower(from))),
                _ => {}
            }
        }
        // A trigger's key has its table in it, which may have been renamed since the change was found.
        for trigger in triggers(renamed) {
            let about = |change: &Change| match change {
                Change::DropOpaque(old) => old.id == trigger.id,
                Change::ReplaceOpaque { old, .. } => old.id == trigger.id,
                _ => false,
            };
            let missing = !transition.new.opaque.contains_key(&trigger.id);
            if missing || transition.changes.iter().any(about) {
                changed.triggers.insert(&trigger.id);
            }
        }
        for view in renamed.views.keys().filter(|name| !transition.new.views.contains_key(*name)) {
            changed.views.insert(lower(view));
        }
        changed
    }
}

impl<'a> Changed<'a> {
    /// Bodies that name a column that `DROP COLUMN` takes: they are in the way although they stay as they are.
    fn add_broken(&mut self, renamed: &'a Catalog, groups: &Groups<'a>) {
        let columns = |name: &Name| columns_of(renamed, name);
        for (table, column) in groups.dropped_columns() {
            let needs = |text: &str| {
                text.to_ascii_lowercase().contains(&column.as_str().to_ascii_lowercase())
                    && Body::new(text).needs_column(table.name.as_str(), column.as_str(), &columns)
            };
            let views = renamed.views.values().filter(|view| needs(&view.query));
            self.views.extend(views.map(|view| lower(&view.name)));
            self.triggers.extend(
                triggers(renamed).filter(|trigger| needs(&trigger.definition)).map(|trigger| &trigger.id),
            );
        }
    }
}

/// What each view and trigger names.
struct Reads {
    views: BTreeMap<String, Names>,
    triggers: BTreeMap<OpaqueId, Names>,
    known: Names,
}

impl Reads {
    fn of(catalog: &Catalog) -> Self {
        let names = |text: &str| -> Names {
            Body::new(text).tables().map(|used| used.name.as_str().to_ascii_lowercase()).collect()
        };
        let views = catalog.views.values().map(|view| (lower(&view.name), names(&view.query))).collect();
        let own = triggers(catalog).map(|trigger| (trigger.id.clone(), names(&trigger.definition))).collect();
        let known = catalog.tables.keys().chain(catalog.views.keys()).map(lower).collect();
        Reads { views, triggers: own, known }
    }

    /// Whether it names something that moves, or that is not there at all.
    fn in_the_way(&self, names: &Names, moved: &Names) -> bool {
        names
            .iter()
            .any(|name| moved.contains(name) || !self.known.contains(name) && !name.starts_with("sqlite_"))
    }

    fn trigger_reads(&self, trigger: &OpaqueObject, moved: &Names) -> bool {
        self.triggers.get(&trigger.id).is_some_and(|names| self.in_the_way(names, moved))
    }

    /// The views to drop: those that change and, where all are parsed anew, whatever reads them or a moving table.
    fn dependents(
        &self,
        catalog: &Catalog,
        moved: &mut Names,
        changed: &Changed<'_>,
        reparse: bool,
    ) -> Names {
        let mut views = changed.views.clone();
        views.retain(|name| catalog.views.keys().any(|known| lower(known) == *name));
        loop {
            let more =
                |(name, reads): &(&String, &Names)| !views.contains(*name) && self.in_the_way(reads, moved);
            let found: Vec<String> = self.views.iter().filter(more).map(|(name, _)| name.clone()).collect();
            if !reparse || found.is_empty() {
                break;
            }
            moved.extend(found.iter().cloned());
            views.extend(found);
        }
        views
    }
}

/// A view after those it reads.
fn in_order<'a>(catalog: &'a Catalog, views: impl Iterator<Item = &'a View>) -> Vec<&'a View> {
    let reads = Reads::of(catalog);
    let mut rest: Vec<&View> = views.collect();
    let mut sorted: Vec<&View> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let waiting: Names = rest.iter().map(|view| lower(&view.name)).collect();
        let ready = |view: &&View| {
            let own = lower(&view.name);
            !reads
                .views
                .get(&own)
                .is_some_and(|names| names.iter().any(|name| *name != own && waiting.contains(name)))
        };
        let at = rest.iter().position(ready).unwrap_or(0);
        sorted.push(rest.remove(at));
    }
    sorted
}
