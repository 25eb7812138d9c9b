//! Steps as a script that psql or sqlite3 runs as it is.

use schema_model::DialectKind;

use super::{Plan, Step, Transaction};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the new catalog.
    Up,
    /// Back to the old one.
    Down,
}

/// A direction of the plan, ready for psql or sqlite3; empty when there is nothing to do.
pub fn render_script(plan: &Plan, direction: Direction) -> String {
    render_steps(plan.steps(direction), plan.dialect)
}

/// Steps, ready for psql or sqlite3: transactions opened and closed where they belong.
pub fn render_steps(steps: &[Step], dialect: DialectKind) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let keys_off = dialect == DialectKind::Sqlite && steps.iter().any(|step| step.foreign_keys_off);
    let mut script = Script::default();
    if keys_off {
        script.line("PRAGMA foreign_keys = off;");
    }
    for step in steps {
        script.step(step);
    }
    if keys_off && script.open {
        script.line("PRAGMA foreign_key_check;");
    }
    script.close();
    if keys_off {
        script.line("PRAGMA foreign_keys = on;");
    }
    script.text
}

/// The statements alone, one after another, comments above them.
pub(super) fn statements(steps: &[Step]) -> String {
    let mut script = Script::default();
    for step in steps {
        script.statement(step);
    }
    script.text
}

#[derive(Default)]
struct Script {
    text: String,
    open: bool,
}

impl Script {
    fn step(&mut self, step: &Step) {
        match step.transaction {
            Transaction::Inside => self.begin(),
            Transaction::Outside => self.close(),
        }
        self.statement(step);
        if step.commit_after {
            self.close();
        }
    }

    fn statement(&mut self, step: &Step) {
        for line in step.comment.iter().flat_map(|comment| comment.lines()) {
            self.line(&format!("-- {line}"));
        }
        for line in step.data_loss.iter().flat_map(|loss| loss.lines()) {
            self.line(&format!("-- Data loss: {line}"));
        }
        self.line(&format!("{};", step.sql));
    }

    fn begin(&mut self) {
        if !self.open {
            self.line("BEGIN;");
            self.open = true;
        }
    }

    fn close(&mut self) {
        if self.open {
            self.line("COMMIT;");
            self.open = false;
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}
