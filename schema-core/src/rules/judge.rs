//! A revision under all rules.

use schema_model::catalog::Catalog;
use schema_model::{DialectKind, Span};

use super::net::net;
use super::{ALL, Level, Overrides, Rule, Subject, Word, statement_not_understood};
use crate::change::Change;
use crate::revision::Bump;
use crate::script::Header;
use crate::sql::Effect;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What it asks of the version.
    pub bump: Bump,
    /// What the author's `-- Bump:` is to it.
    pub word: Word,
    /// The change as a sentence.
    pub message: String,
    /// Which of the changes given it is about.
    pub change: Option<usize>,
    /// The statement, where there is one.
    pub span: Option<Span>,
}

/// What a revision means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Every finding, in the order of the changes.
    pub findings: Vec<Finding>,
    /// What the revision asks of its version; data alone is a patch.
    pub bump: Bump,
    /// Statements whose meaning nobody but the author knows, and the author does not say.
    pub unanswered: Vec<Finding>,
}

/// The highest bump; `None` when nothing was found.
pub fn highest(findings: &[Finding]) -> Option<Bump> {
    findings.iter().map(|finding| finding.bump).max()
}

/// What the changes of a revision mean to applications that ran against the schema before them.
pub fn judge(
    before: &Catalog,
    changes: &[Change],
    dialect: DialectKind,
    overrides: &Overrides,
) -> Vec<Finding> {
    let (judged, context) = net(before, changes, dialect);
    let mut findings = Vec::new();
    for item in &judged {
        let replaced = item.replaced.as_ref();
        let subject = Subject { change: &item.change, replaced, context: &context, dialect };
        let change = place(&item.change, changes);
        let found = ALL.iter().filter_map(|rule| (rule.check)(&subject).map(|message| (rule, message)));
        findings.extend(found.map(|(rule, message)| finding(rule, message, change, overrides)));
    }
    findings.sort_by_key(|finding| finding.change.unwrap_or(usize::MAX));
    findings
}

fn finding(rule: &Rule, message: String, change: Option<usize>, overrides: &Overrides) -> Finding {
    Finding {
        rule: rule.id,
        level: overrides.level(rule),
        bump: overrides.bump(rule),
        word: rule.word,
        message,
        change,
        span: None,
    }
}

/// What a revision's statements mean, its author's words taken in: those of `-- Bump:` above a statement, and of the
/// header for statements that say nothing themselves.
pub fn judge_revision(
    before: &Catalog,
    effects: &[Effect],
    header: &Header,
    dialect: DialectKind,
    overrides: &Overrides,
) -> Verdict {
    let (mut changes, mut owners) = (Vec::new(), Vec::new());
    for (index, effect) in effects.iter().enumerate() {
        for change in effect.changes.iter().filter(|change| !is_temporary(change)) {
            changes.push(change.clone());
            owners.push(index);
        }
    }
    let mut findings = judge(before, &changes, dialect, overrides);
    let said = header.bump.as_ref().map(|said| said.value);
    let mut unanswered = Vec::new();
    for finding in &mut findings {
        let effect =
            finding.change.and_then(|change| owners.get(change)).and_then(|index| effects.get(*index));
        finding.span = effect.map(|effect| effect.span);
        answer(finding, effect.and_then(word), said, &mut unanswered);
    }
    for effect in effects.iter().filter(|effect| effect.gap) {
        let rule = &statement_not_understood::RULE;
        let mut gap = finding(rule, "the statement's effect is not known".to_owned(), None, overrides);
        gap.span = Some(effect.span);
        answer(&mut gap, word(effect), said, &mut unanswered);
        findings.push(gap);
    }
    let bump = highest(&findings).max(said).unwrap_or(Bump::Patch);
    Verdict { findings, bump, unanswered }
}

/// The author's word above a statement.
fn word(effect: &Effect) -> Option<Bump> {
    let said = effect.directives.iter().filter(|directive| directive.word == "bump");
    said.filter_map(|directive| directive.value.parse().ok()).max()
}

fn answer(finding: &mut Finding, own: Option<Bump>, header: Option<Bump>, unanswered: &mut Vec<Finding>) {
    match (finding.word, own.or(header)) {
        (Word::Taken, _) if own.is_some() => finding.bump = own.unwrap_or(finding.bump),
        (Word::Asked, Some(said)) => finding.bump = said,
        (Word::Asked, None) => unanswered.push(finding.clone()),
        (_, Some(said)) if own.is_some() => finding.bump = finding.bump.max(said),
        _ => {}
    }
}

/// What is temporary is gone when the script ends.
fn is_temporary(change: &Change) -> bool {
    let schema = crate::sql::temporary_schema();
    let own = |schema_of: Option<&schema_model::Name>| schema_of == Some(&schema);
    match change {
        Change::CreateTable(table) if table.options.temporary => true,
        Change::CreateSequence(sequence) | Change::DropSequence(sequence) => {
            own(sequence.name.schema.as_ref())
        }
        _ => change.table().is_some_and(|table| own(table.schema.as_ref())),
    }
}

/// Which of the script's changes a net one comes from: the same, else one that reads the same, else the last on the same
/// table, else the last that names the same object.
fn place(net: &Change, changes: &[Change]) -> Option<usize> {
    let sentence = net.to_string();
    let last = |test: &dyn Fn(&Change) -> bool| changes.iter().rposition(test);
    last(&|change| change == net)
        .or_else(|| last(&|change| change.to_string() == sentence))
        .or_else(|| {
            let table = net.table()?;
            last(&|change| match change {
                Change::RenameTable { to, .. } => to == table,
                _ => change.table() == Some(table),
            })
        })
        .or_else(|| {
            let name = sentence.split('`').nth(1)?;
            last(&|change| change.to_string().contains(&format!("`{name}`")))
        })
}
