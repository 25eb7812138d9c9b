//! Folding a further change into the last revision, while nobody else has it.

use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use super::edit::{self, HeaderEdit};
use super::replay::{catalog_of, difference, renames, run};
use super::{Outcome, SurgeryError, released};
use crate::plan::{Direction, PlanOptions, plan};
use crate::revision::{RevisionId, Version, next_version};
use crate::rules::{Overrides, judge_revision};
use crate::script::header::Formerly;
use crate::script::{Folder, Script, body};

/// What an amended revision is made with.
#[derive(Clone, Debug)]
pub struct AmendOptions<'a> {
    /// How plans are made; renames of the model included.
    pub plan: PlanOptions,
    /// What production runs.
    pub deployed: Option<&'a RevisionId>,
    /// What the project says about rules.
    pub overrides: Overrides,
    /// The version that the other dialect asks for.
    pub at_least: Option<Version>,
}

/// Makes the last revision lead to the catalog that the models ask for now. One that was generated and not touched is
/// planned anew; to an edited one the missing statements are added.
pub fn amend(
    folder: &Folder,
    sources: &SourceMap,
    wanted: &Catalog,
    options: &AmendOptions<'_>,
) -> Result<Outcome, SurgeryError> {
    let graph = folder.graph()?;
    let Some(head) = graph.head()? else {
        return Err(SurgeryError::Nothing("there is no revision to amend".to_owned()));
    };
    let Some(script) = folder.script(&head.id) else {
        return Err(SurgeryError::Nothing("there is no revision to amend".to_owned()));
    };
    if options.deployed.is_some_and(|deployed| released(&graph, deployed).contains(&head.id)) {
        return Err(SurgeryError::Released(head.id.clone()));
    }
    let dialect = folder.dialect;
    let before = catalog_of(folder, sources, graph.ancestors(&head.id));
    let text = edit::whole_text(script, sources);
    let ran = run(&before, sources.text(script.up.file), dialect);
    let low =
        options.at_least.as_ref().is_some_and(|least| head.version.as_ref().is_some_and(|own| own < least));
    if !low && difference(&ran.after, wanted, dialect).is_none() {
        return Err(SurgeryError::Nothing(format!("{} leads to what the models say already", head.id)));
    }
    let meaning = |text: &str| schema_model::checksum::checksum(text, dialect);
    let told = PlanOptions { renames: renames(&ran.effects), ..options.plan.clone() };
    let generated = plan(&before, &ran.after, &told).is_ok_and(|plan| {
        meaning(&body(&plan.up, Direction::Up)) == meaning(edit::without_header(sources.text(script.up.file)))
    });
    let (up, down) = if generated {
        let mut both = options.plan.clone();
        both.renames.tables.extend(told.renames.tables);
        both.renames.columns.extend(told.renames.columns);
        both.renames.types.extend(told.renames.types);
        let plan = plan(&before, wanted, &both)?;
        (body(&plan.up, Direction::Up), body(&plan.down, Direction::Down))
    } else {
        added(script, sources, &ran.after, wanted, &options.plan)?
    };
    let after = run(&before, &up, dialect);
    let left = after
        .errors
        .first()
        .map(|error| error.message.clone())
        .or_else(|| difference(&after.after, wanted, dialect));
    if let Some(difference) = left {
        return Err(SurgeryError::NotEqual { what: format!("the amended {}", head.id), difference });
    }
    let bump = judge_revision(&before, &after.effects, &script.header, dialect, &options.overrides).bump;
    let parents: Vec<Version> =
        head.parents.iter().filter_map(|parent| graph.highest_version(parent)).collect();
    let lowest = next_version(&parents, bump);
    let version = head.version.clone().filter(|own| *own >= lowest || parents.is_empty()).unwrap_or(lowest);
    let version = options.at_least.clone().map_or(version.clone(), |least| least.max(version));
    let mut outcome = Outcome::default();
    outcome.tags.push((head.id.clone(), version.clone()));
    write(folder, script, &version, (&text, &up, &down), sources, &mut outcome);
    let how = if generated { "planned anew" } else { "with statements added" };
    outcome.notes.push(format!("{version} leads to what the models say ({bump}), {how}"));
    if head.id != RevisionId::from(&version) {
        outcome.retagged.push((head.id.clone(), RevisionId::from(&version)));
    }
    Ok(outcome)
}

/// The author's statements with the missing ones below; on the way down the missing ones come first.
fn added(
    script: &Script,
    sources: &SourceMap,
    after: &Catalog,
    wanted: &Catalog,
    options: &PlanOptions,
) -> Result<(String, String), SurgeryError> {
    let plan = plan(after, wanted, options)?;
    let own = edit::without_header(sources.text(script.up.file)).trim_end();
    let up = format!("{own}\n\n{}", body(&plan.up, Direction::Up));
    let down = script.down.as_ref().map(|down| edit::without_header(sources.text(down.file)).trim_end());
    let down = format!("{}\n{}\n", body(&plan.down, Direction::Down), down.unwrap_or_default());
    Ok((up, down))
}

fn write(
    folder: &Folder,
    script: &Script,
    version: &Version,
    (text, up, down): (&str, &str, &str),
    sources: &SourceMap,
    outcome: &mut Outcome,
) {
    // A database that has the revision as it was is told from one that has it as it is by the checksum.
    let own = script.revision.version.clone();
    let former = own.map(|own| Formerly { version: own, checksum: script.up.checksum.clone() });
    let formerly = former.into_iter().filter(|former| former.version != *version).collect();
    let from = script.revision.version.as_ref().unwrap_or(version);
    let header = HeaderEdit { version: Some(version), revises: None, formerly };
    let place = |path: &std::path::Path| edit::renamed(path, folder.layout, from, version);
    let with_body = |text: &str, body: &str| {
        let old = edit::without_header(text);
        format!("{}{body}", &text[..text.len() - old.len()])
    };
    let mut put = |path: &std::path::Path, text: String| {
        let target = place(path);
        if target == path {
            outcome.changes.replace.push((target, text));
        } else {
            outcome.changes.remove.push(path.to_path_buf());
            outcome.changes.create.push((target, text));
        }
    };
    // What it did under this very tag before is no longer what it does: a database that has that is told so.
    let own = format!("-- Formerly: {from} ");
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with(&own)).collect();
    put(&script.up.path, edit::header(&with_body(&text, up), &header, folder.dialect));
    if let Some(file) = script.down.as_ref().filter(|file| file.path != script.up.path) {
        let header = HeaderEdit { version: Some(version), ..HeaderEdit::default() };
        let text = with_body(sources.text(file.file), down);
        put(&file.path, edit::header(&text, &header, folder.dialect));
    }
}
