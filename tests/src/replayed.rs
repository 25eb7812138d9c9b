//! A replay beside a live PostgreSQL server: the same statements run on both, and what differs.

use std::collections::BTreeSet;

use postgres::Client;
use postgres::error::SqlState;
use schema_core::dialect::canonical;
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap, Span, lines};
use schema_core::sql::{Replayer, StatementKind, split};

/// A server's database and a replay, in step.
#[derive(Debug)]
pub struct InStep {
    /// The replay.
    pub replayer: Replayer,
    sources: SourceMap,
}

impl Default for InStep {
    fn default() -> Self {
        InStep { replayer: Replayer::new(DialectKind::Postgres), sources: SourceMap::default() }
    }
}

impl InStep {
    /// Runs a script on both, each statement by itself; says which statements only one of them refuses.
    pub fn run(&mut self, client: &mut Client, path: &str, text: &str) -> Vec<String> {
        let file = self.sources.add(path, text);
        let known = self.replayer.diagnostics().len();
        self.replayer.run(&self.sources, file);
        let refusals = self.replayer.diagnostics()[known..].iter();
        let refusals: Vec<(Span, String)> =
            refusals.filter_map(|one| Some((one.labels.first()?.span, one.message.clone()))).collect();
        let mut complaints = Vec::new();
        let statements = split(text, DialectKind::Postgres);
        for statement in statements.iter().filter(|statement| statement.kind == StatementKind::Sql) {
            let inside = |span: &Span| (statement.start..=statement.end).contains(&(span.start as usize));
            let refused = refusals.iter().find(|(span, _)| inside(span));
            let place = self.sources.describe(Span::new(file, statement.start, statement.end));
            match (client.batch_execute(statement.text(text)), refused) {
                // Of a transaction that is lost, the refusal that it is lost by is enough.
                (Err(error), None) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {}
                (Err(error), None) => {
                    let message = crate::database::with_source(&error);
                    complaints.push(format!("{place}: the server refuses: {message}"));
                }
                (Ok(()), Some((_, message))) => {
                    complaints.push(format!("{place}: the server takes it, we do not: {message}"));
                }
                _ => {}
            }
        }
        complaints
    }

    /// What differs between the replayed catalog and the database.
    pub fn differences(&self, client: &mut Client) -> Vec<String> {
        let read = match schema_core::introspect::postgres::catalog(client) {
            Ok(read) => read,
            Err(error) => return vec![error.to_string()],
        };
        let (ours, theirs) = (comparable(self.replayer.catalog()), comparable(&read));
        let only_ours = ours.difference(&theirs).map(|line| format!("ours   {line}"));
        only_ours.chain(theirs.difference(&ours).map(|line| format!("server {line}"))).collect()
    }
}

/// A catalog's lines, without what is only known as text: queries, definitions, the columns' types of views.
fn comparable(catalog: &Catalog) -> BTreeSet<String> {
    let mut known = canonical::catalog(catalog, DialectKind::Postgres);
    known.gaps.clear();
    for view in known.views.values_mut() {
        view.query.clear();
        view.touches.clear();
        view.columns.iter_mut().for_each(|(_, ty)| *ty = None);
        view.explicit_columns = false;
    }
    for object in known.opaque.values_mut() {
        object.definition.clear();
        object.touches.clear();
        object.amendments.clear();
    }
    for extension in known.extensions.values_mut() {
        extension.version = None;
        extension.comment = None;
    }
    lines::lines(&known, DialectKind::Postgres).iter().map(ToString::to_string).collect()
}
