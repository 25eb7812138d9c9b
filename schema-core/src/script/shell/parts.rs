//! What one dialect's revisions add to a script: what each is called, its steps, and the SQL of each step.

use std::collections::BTreeSet;

use schema_model::DialectKind;
use schema_model::checksum::checksum;

use super::sql::{Record, body};
use super::{ShellError, ShellScript, here_document, prefix, single};
use crate::driver::{Direction, Folder, Progress, RevisionScripts, ScriptFile, StepKind, Steps};
use crate::revision::{Revision, RevisionId, Target};

/// One dialect's part of a script.
pub(super) struct Part {
    pub(super) dialect: DialectKind,
    direction: Direction,
    /// What the target is called.
    pub(super) target: String,
    /// Revisions to run, in the order in which they run.
    path: Vec<Entry>,
    /// Revisions that have to be applied, below the target.
    beneath: Vec<Entry>,
    /// Every id that the project knows.
    known: Vec<RevisionId>,
    /// All of it may be one transaction.
    together: bool,
}

struct Entry {
    number: usize,
    id: RevisionId,
    title: String,
    loss: Vec<String>,
    irreversible: Option<String>,
    steps: Vec<EntryStep>,
}

struct EntryStep {
    kind: &'static str,
    keys_off: bool,
    before: String,
    sql: String,
}

impl Part {
    pub(super) fn new(script: &ShellScript, folder: &Folder) -> Result<Self, ShellError> {
        let graph = folder.graph();
        let known: Vec<RevisionId> = graph.revisions().iter().map(|revision| revision.id.clone()).collect();
        if let Some(odd) = known.iter().find(|id| id.as_str().contains(['\t', '\n', '\r'])) {
            return Err(ShellError::OddId(odd.clone()));
        }
        let (path, beneath, target) = match script {
            ShellScript::Migrate => {
                let heads: Vec<String> = graph.heads().iter().map(|head| head.id.to_string()).collect();
                (graph.revisions().iter().collect(), Vec::new(), heads.join(" and "))
            }
            ShellScript::Rollback(target) => {
                let all: BTreeSet<RevisionId> = known.iter().cloned().collect();
                let beneath = graph.applied_at(target)?;
                let path = if *target == Target::base() {
                    graph.downgrade_path(&all, target)?
                } else {
                    let mut path: Vec<&Revision> =
                        graph.revisions().iter().filter(|revision| !beneath.contains(&revision.id)).collect();
                    path.reverse();
                    path
                };
                let name = graph
                    .current(&beneath)
                    .iter()
                    .map(|revision| revision.id.to_string())
                    .collect::<Vec<_>>();
                let name = if name.is_empty() { "base".to_owned() } else { name.join(" and ") };
                let beneath =
                    graph.revisions().iter().filter(|revision| beneath.contains(&revision.id)).collect();
                (path, beneath, name)
            }
        };
        let direction = if *script == ShellScript::Migrate { Direction::Up } else { Direction::Down };
        let losses = super::losses(folder, direction);
        let entry = |revision: &&Revision| entry(folder, revision, direction, &losses);
        let path: Vec<Entry> = path.iter().map(entry).collect::<Result<_, _>>()?;
        let beneath = beneath.iter().map(|revision: &&Revision| bare(folder, revision)).collect();
        let modes: BTreeSet<bool> =
            path.iter().flat_map(|entry| &entry.steps).map(|step| step.keys_off).collect();
        let one_each = path.iter().all(|entry| entry.steps.len() == 1 && entry.steps[0].kind == "group");
        let together = direction == Direction::Down && one_each && modes.len() <= 1;
        Ok(Part { dialect: folder.dialect(), direction, target, path, beneath, known, together })
    }

    /// The SQL of each step, and what is known of revisions and steps.
    pub(super) fn functions(&self) -> String {
        let prefix = prefix(self.dialect);
        let mut text = format!("\n# {prefix}\n");
        for entry in &self.path {
            for (at, step) in entry.steps.iter().enumerate() {
                text += &format!(
                    "\n# {}\n{prefix}_{}_{at}() {{\n{}}}\n",
                    one_line(&entry.id),
                    entry.number,
                    here_document(&step.sql)
                );
            }
        }
        text += &format!("\nrevision_{prefix}() {{\n    case $1 in\n");
        for entry in self.path.iter().chain(&self.beneath) {
            let irreversible = match self.direction {
                Direction::Up => String::new(),
                Direction::Down => {
                    format!(" irreversible={}", single(entry.irreversible.as_deref().unwrap_or("")))
                }
            };
            text += &format!(
                "    {}) id={} title={} steps={} loss={}{irreversible} ;;\n",
                entry.number,
                single(entry.id.as_str()),
                single(&entry.title),
                entry.steps.len(),
                single(&entry.loss.join(", ")),
            );
        }
        text += &format!(
            "    esac\n}}\n\nstep_{prefix}() {{\n    kind=group keys=on before=none\n    case $1.$2 in\n"
        );
        for entry in &self.path {
            for (at, step) in entry.steps.iter().enumerate() {
                let keys = if step.keys_off { "off" } else { "on" };
                let (number, kind) = (entry.number, step.kind);
                text += &format!(
                    "    {number}.{at}) kind={kind} keys={keys} before={} ;;\n",
                    single(&step.before)
                );
            }
        }
        text + "    esac\n}\n" + &self.sessions()
    }

    fn sessions(&self) -> String {
        match self.dialect {
            DialectKind::Postgres => {
                format!("\nopen_session() {{\n{}}}\n", here_document(&super::sql::postgres_session()))
            }
            DialectKind::Sqlite => String::new(),
        }
    }

    /// The variables of this dialect, as an arm of a `case`.
    pub(super) fn variables(&self) -> String {
        let numbers = |entries: &[Entry]| {
            entries.iter().map(|entry| entry.number.to_string()).collect::<Vec<_>>().join(" ")
        };
        let known: Vec<&str> = self.known.iter().map(RevisionId::as_str).collect();
        let beneath = match self.direction {
            Direction::Up => String::new(),
            Direction::Down => {
                let together = if self.together { "1" } else { "" };
                format!(" beneath={} may_be_one={together}", single(&numbers(&self.beneath)))
            }
        };
        let create = super::sql::create_history(self.dialect);
        format!(
            "{})\n    path={}{beneath}\n    known={}\n    lock_query={}\n    create_history() {{\n        ask {}\n    }}\n    ;;\n",
            prefix(self.dialect),
            single(&numbers(&self.path)),
            single(&known.join("\n")),
            single(&super::sql::lock_query()),
            single(&create),
        )
    }
}

fn one_line(id: &RevisionId) -> String {
    id.as_str().replace(char::is_control, " ")
}

/// The number of a revision is its place in the order of application, from one.
fn number(folder: &Folder, id: &RevisionId) -> usize {
    folder.graph().position(id).map_or(0, |at| at + 1)
}

fn bare(folder: &Folder, revision: &Revision) -> Entry {
    Entry {
        number: number(folder, &revision.id),
        id: revision.id.clone(),
        title: String::new(),
        loss: Vec::new(),
        irreversible: None,
        steps: Vec::new(),
    }
}

fn entry(
    folder: &Folder,
    revision: &Revision,
    direction: Direction,
    losses: &std::collections::HashMap<RevisionId, Vec<String>>,
) -> Result<Entry, ShellError> {
    let mut entry = bare(folder, revision);
    entry.title = revision.message.replace(char::is_control, " ");
    entry.loss = losses.get(&revision.id).cloned().unwrap_or_default();
    let Some(scripts) = folder.scripts(&revision.id) else { return Ok(entry) };
    let script = match direction {
        Direction::Up => Some(&scripts.up),
        Direction::Down => scripts.down.as_ref(),
    };
    let Some(script) = script else {
        entry.irreversible = Some("there is no down script".to_owned());
        return Ok(entry);
    };
    let dialect = folder.dialect();
    let steps = Steps::read(&script.text, dialect, script.transaction)
        .map_err(|fault| ShellError::script(&script.path, &fault))?;
    if direction == Direction::Down {
        entry.irreversible = scripts.irreversible.clone().or_else(|| steps.irreversible.clone());
    }
    let down = scripts.down.as_ref().map(|down| checksum(&down.text, dialect));
    let record = record_of(folder, scripts, direction, down.as_deref());
    entry.steps = entry_steps(&record, script, &steps);
    Ok(entry)
}

/// What the history says of a revision.
pub(super) fn record_of<'a>(
    folder: &Folder,
    scripts: &'a RevisionScripts,
    direction: Direction,
    down_checksum: Option<&'a str>,
) -> Record<'a> {
    let revision = &scripts.revision;
    Record {
        dialect: folder.dialect(),
        direction,
        id: revision.id.as_str(),
        description: &revision.message,
        revises: revision.parents.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(","),
        checksum: checksum(&scripts.up.text, folder.dialect()),
        down: scripts.down.as_ref().map(|down| down.text.as_str()).zip(down_checksum),
        after: match direction {
            Direction::Up => revision.parents.iter().map(|id| id.as_str().to_owned()).collect(),
            Direction::Down => {
                folder.graph().children(&revision.id).iter().map(|child| child.id.to_string()).collect()
            }
        },
        plain: false,
    }
}

fn entry_steps(record: &Record<'_>, script: &ScriptFile, steps: &Steps) -> Vec<EntryStep> {
    let of = steps.steps.len();
    let progress = |done: usize| {
        let digest = steps.digest(done, &script.text, record.dialect);
        Progress { direction: record.direction, done, of, digest, started: false, rows: 0 }.to_string()
    };
    let one = |at: usize| EntryStep {
        kind: match steps.steps.get(at).map(|step| &step.kind) {
            None | Some(StepKind::Group) => "group",
            Some(StepKind::Outside(_)) => "outside",
            Some(StepKind::Repeat) => "repeat",
        },
        keys_off: steps.steps.get(at).is_some_and(|step| step.foreign_keys_off),
        before: progress(at),
        sql: body(record, &script.text, steps, at, &progress),
    };
    (0..of.max(1)).map(one).collect()
}
