//! Moving unreleased revisions onto another head.

use std::collections::{BTreeMap, BTreeSet};

use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use super::edit::{self, HeaderEdit};
use super::replay::{Ran, catalog_of, difference, named, renames, run};
use super::{Outcome, SurgeryError};
use crate::diff::{DiffOptions, diff};
use crate::plan::{Direction, Plan, PlanOptions, plan};
use crate::revision::{Bump, Revision, RevisionGraph, RevisionId, Version, next_version};
use crate::rules::{Overrides, judge_revision};
use crate::script::header::Formerly;
use crate::script::{Folder, Script, body};

/// How revisions are moved.
#[derive(Clone, Debug, Default)]
pub struct RebaseOptions {
    /// What production runs.
    pub deployed: Option<RevisionId>,
    /// What the project says about rules.
    pub overrides: Overrides,
    /// Versions, by old tag, that the other dialect asks for.
    pub at_least: BTreeMap<RevisionId, Version>,
}

/// Moves the revisions that are mine (told by their up files) after the one head of the others: tags anew where needed,
/// with the old tag kept as `Formerly`, `Revises` rewritten, plans made again where they were generated and untouched,
/// proven by replay where they were not.
pub fn rebase(
    folder: &Folder,
    sources: &SourceMap,
    mine: &dyn Fn(&Script) -> bool,
    options: &RebaseOptions,
) -> Result<Outcome, SurgeryError> {
    let (own, others): (Vec<&Script>, Vec<&Script>) = folder.scripts.iter().partition(|script| mine(script));
    let theirs = RevisionGraph::new(others.iter().map(|script| script.revision.clone()).collect())?;
    if let Some(deployed) = &options.deployed
        && theirs.get(deployed).is_none()
        && let Some(script) = own.iter().find(|script| script.revision.id == *deployed)
    {
        return Err(SurgeryError::Released(script.revision.id.clone()));
    }
    let head = theirs.head()?;
    let own = in_order(own)?;
    let Some(first) = own.first() else {
        return Err(SurgeryError::Nothing("no revision here is yours alone; nothing to rebase".to_owned()));
    };
    let roots: Vec<&RevisionId> = first.revision.parents.iter().collect();
    let others = Folder { scripts: others.into_iter().cloned().collect(), ..folder.clone() };
    let mut walk = Walk {
        folder,
        sources,
        old: catalog_of(&others, sources, lineage_of(&theirs, &roots)),
        new: catalog_of(&others, sources, head.map(|head| theirs.lineage(&head.id)).unwrap_or_default()),
        parent: head.map(|head| head.id.clone()),
        version: head.and_then(|head| theirs.highest_version(&head.id)),
        options,
        outcome: Outcome::default(),
    };
    for script in own {
        walk.step(script)?;
    }
    if walk.outcome.changes.is_empty() {
        let after = named(&walk.parent.into_iter().collect::<Vec<_>>());
        return Err(SurgeryError::Nothing(format!(
            "the revisions are in place already; the head is {after}"
        )));
    }
    Ok(walk.outcome)
}

/// My revisions, each after those of mine that it follows.
fn in_order(own: Vec<&Script>) -> Result<Vec<&Script>, SurgeryError> {
    let ids: BTreeSet<&RevisionId> = own.iter().map(|script| &script.revision.id).collect();
    let inner = |script: &&Script| {
        let mut revision = script.revision.clone();
        revision.parents.retain(|parent| ids.contains(parent));
        revision
    };
    let graph = RevisionGraph::new(own.iter().map(inner).collect())?;
    let mut own = own;
    own.sort_by_key(|script| graph.position(&script.revision.id));
    Ok(own)
}

fn lineage_of<'g>(graph: &'g RevisionGraph, roots: &[&RevisionId]) -> Vec<&'g Revision> {
    let wanted = |revision: &&Revision| {
        roots.iter().any(|root| revision.id == **root || graph.is_ancestor(&revision.id, root))
    };
    graph.revisions().iter().filter(wanted).collect()
}

struct Walk<'a> {
    folder: &'a Folder,
    sources: &'a SourceMap,
    /// The catalog before the next revision, where it comes from.
    old: Catalog,
    /// The same where it goes.
    new: Catalog,
    parent: Option<RevisionId>,
    version: Option<Version>,
    options: &'a RebaseOptions,
    outcome: Outcome,
}

/// A revision's statements where it goes.
struct Moved {
    /// New statements of both ways, when they were planned anew.
    bodies: Option<(String, String)>,
    ran: Ran,
}

impl Walk<'_> {
    fn step(&mut self, script: &Script) -> Result<(), SurgeryError> {
        let dialect = self.folder.dialect;
        let text = self.sources.text(script.up.file);
        let before = run(&self.old, text, dialect);
        let moved = self.move_statements(script, text, &before)?;
        let verdict =
            judge_revision(&self.new, &moved.ran.effects, &script.header, dialect, &self.options.overrides);
        let version = self.tag(script, verdict.bump);
        self.prove_down(script, &moved)?;
        self.write(script, &moved, &version);
        let id = RevisionId::from(&version);
        self.outcome.tags.push((script.revision.id.clone(), version.clone()));
        if script.revision.id != id {
            self.outcome.retagged.push((script.revision.id.clone(), id.clone()));
        }
        self.old = before.after;
        self.new = moved.ran.after;
        self.parent = Some(id);
        self.version = Some(version);
        Ok(())
    }

    /// The lowest tag that fits, or the revision's own where it does: an author may have asked for more.
    fn tag(&self, script: &Script, bump: Bump) -> Version {
        let lowest = next_version(&self.version, bump);
        let lowest = self
            .options
            .at_least
            .get(&script.revision.id)
            .map_or(lowest.clone(), |other| lowest.max(other.clone()));
        match &script.revision.version {
            Some(own) if *own >= lowest => own.clone(),
            _ => lowest,
        }
    }

    fn does_not_fit(&self, script: &Script, reason: String, ran: Option<&Ran>) -> SurgeryError {
        SurgeryError::DoesNotFit {
            revision: script.revision.id.clone(),
            after: named(&self.parent.clone().into_iter().collect::<Vec<_>>()),
            reason,
            diagnostics: ran.map(|ran| ran.errors.clone()).unwrap_or_default(),
        }
    }

    fn move_statements(&self, script: &Script, text: &str, before: &Ran) -> Result<Moved, SurgeryError> {
        let dialect = self.folder.dialect;
        let generated =
            script.up.path != script.down.as_ref().map(|down| down.path.clone()).unwrap_or_default();
        if let Some(options) = generated.then(|| self.generated_with(script, text, before)).flatten() {
            return self.plan_anew(script, before, &options);
        }
        let ran = run(&self.new, text, dialect);
        if let Some(error) = ran.errors.first() {
            return Err(self.does_not_fit(script, error.message.clone(), Some(&ran)));
        }
        Ok(Moved { bodies: None, ran })
    }

    /// The options under which the planner gives exactly these statements: nobody touched them.
    fn generated_with(&self, script: &Script, text: &str, before: &Ran) -> Option<PlanOptions> {
        let dialect = self.folder.dialect;
        let meaning = |text: &str| schema_model::checksum::checksum(text, dialect);
        let up = meaning(edit::without_header(text));
        let down =
            script.down.as_ref().map(|down| meaning(edit::without_header(self.sources.text(down.file))));
        [false, true].into_iter().find_map(|online| {
            let options =
                PlanOptions { online, renames: renames(&before.effects), ..PlanOptions::new(dialect) };
            let planned = plan(&self.old, &before.after, &options).ok()?;
            let same = meaning(&body(&planned.up, Direction::Up)) == up
                && down.as_ref().is_none_or(|down| meaning(&body(&planned.down, Direction::Down)) == *down);
            same.then_some(options)
        })
    }

    /// The same changes on the other catalog, planned anew: a rebuilt table has the other side's columns too.
    fn plan_anew(&self, script: &Script, before: &Ran, options: &PlanOptions) -> Result<Moved, SurgeryError> {
        let dialect = self.folder.dialect;
        let asked = DiffOptions { renames: options.renames.clone(), ..DiffOptions::new(dialect) };
        let changes = diff(&self.old, &before.after, &asked);
        let mut wanted = self.new.clone();
        for change in &changes {
            change
                .apply(&mut wanted, dialect)
                .map_err(|error| self.does_not_fit(script, format!("cannot {change}: {error}"), None))?;
        }
        // A change that finds something else than it knew would undo what the other side did.
        let again = diff(&self.new, &wanted, &asked);
        if let Some(other) = changes.iter().find(|change| !again.contains(change)) {
            return Err(self.does_not_fit(
                script,
                format!("both sides change the same thing: {other}"),
                None,
            ));
        }
        let Plan { up, down, .. } = plan(&self.new, &wanted, options)?;
        let bodies = (body(&up, Direction::Up), body(&down, Direction::Down));
        let ran = run(&self.new, &bodies.0, dialect);
        if let Some(error) = ran.errors.first() {
            return Err(self.does_not_fit(script, error.message.clone(), Some(&ran)));
        }
        match difference(&ran.after, &wanted, dialect) {
            None => Ok(Moved { bodies: Some(bodies), ran }),
            Some(difference) => Err(SurgeryError::NotEqual {
                what: format!("the new plan of {}", script.revision.id),
                difference,
            }),
        }
    }

    /// The way down must lead back to where the revision goes. An edited one that never did is left to its author.
    fn prove_down(&mut self, script: &Script, moved: &Moved) -> Result<(), SurgeryError> {
        let Some(down) = &script.down else { return Ok(()) };
        let text = match &moved.bodies {
            Some((_, down)) => down.as_str(),
            None => self.sources.text(down.file),
        };
        let ran = run(&moved.ran.after, text, self.folder.dialect);
        let failed = ran.errors.first().map(|error| error.message.clone());
        let left = failed.or_else(|| difference(&ran.after, &self.new, self.folder.dialect));
        match left {
            None => Ok(()),
            Some(difference) if moved.bodies.is_some() => {
                let what = format!("the new way down of {}", script.revision.id);
                Err(SurgeryError::NotEqual { what, difference })
            }
            Some(difference) => {
                self.outcome
                    .notes
                    .push(format!("the way down of {} does not lead back: {difference}", script.revision.id));
                Ok(())
            }
        }
    }

    fn write(&mut self, script: &Script, moved: &Moved, version: &Version) {
        let revises: Vec<String> = self.parent.iter().map(ToString::to_string).collect();
        let retagged = script.revision.version.as_ref().filter(|own| *own != version);
        let formerly =
            retagged.map(|own| Formerly { version: own.clone(), checksum: script.up.checksum.clone() });
        let up_edit = HeaderEdit {
            version: Some(version),
            revises: Some(&revises),
            formerly: formerly.into_iter().collect(),
        };
        let down_edit = HeaderEdit { version: Some(version), ..HeaderEdit::default() };
        let whole = edit::whole_text(script, self.sources);
        let up_text = match &moved.bodies {
            Some((up, _)) => replaced_body(&whole, up),
            None => whole.clone(),
        };
        let up_text = edit::header(&up_text, &up_edit, self.folder.dialect);
        let from = script.revision.version.as_ref().unwrap_or(version);
        let mut changed = false;
        let mut put = |outcome: &mut Outcome, path: &std::path::Path, before: &str, text: String| {
            let target = edit::renamed(path, self.folder.layout, from, version);
            if target != path {
                outcome.changes.remove.push(path.to_path_buf());
                outcome.changes.create.push((target, text));
                changed = true;
            } else if before != text {
                outcome.changes.replace.push((target, text));
                changed = true;
            }
        };
        put(&mut self.outcome, &script.up.path, &whole, up_text);
        if let Some(down) = script.down.as_ref().filter(|down| down.path != script.up.path) {
            let before = self.sources.text(down.file).to_owned();
            let text = match &moved.bodies {
                Some((_, body)) => replaced_body(&before, body),
                None => before.clone(),
            };
            let said = crate::script::header::read(&text, down.file, self.folder.dialect).0.version.is_some();
            let text = if said { edit::header(&text, &down_edit, self.folder.dialect) } else { text };
            put(&mut self.outcome, &down.path, &before, text);
        }
        if changed {
            let how = if moved.bodies.is_some() { "planned anew" } else { "kept as written" };
            let after = if revises.is_empty() { "base".to_owned() } else { revises.join(", ") };
            self.outcome.notes.push(format!("{} is now {version} after {after}, {how}", script.revision.id));
        }
    }
}

/// The file's header with other statements below it.
fn replaced_body(text: &str, body: &str) -> String {
    let old = edit::without_header(text);
    let header = &text[..text.len() - old.len()];
    format!("{header}{body}")
}
