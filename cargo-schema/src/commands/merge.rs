//! `merge`: a revision that joins heads and changes nothing.

use schema_core::revision::{RevisionId, Version, parse_version};
use schema_core::surgery::{self, MergeOptions};

use super::surgery::{Folders, agree, finish};
use crate::cli::{Global, MergeArgs};
use crate::clock;
use crate::error::{CliError, CliResult};
use crate::findings;

pub fn run(global: &Global, args: &MergeArgs) -> CliResult {
    let message = args.message.as_deref().unwrap_or("").trim();
    if message.contains(['\n', '\r']) {
        return Err(CliError::message("a revision's message is one line"));
    }
    let asked: Option<Version> =
        args.version.as_deref().map(parse_version).transpose().map_err(CliError::message)?;
    let read = Folders::read(global)?;
    read.demand()?;
    let heads: Vec<RevisionId> =
        args.heads.iter().filter(|word| *word != "heads").map(RevisionId::new).collect();
    let (date, now) = clock::now();
    let overrides = findings::overrides(&read.project)?;
    let outcomes = agree(|least| {
        let version = least.values().max().into_iter().chain(&asked).max().cloned();
        let options = MergeOptions {
            message: message.to_owned(),
            date: date.clone(),
            now: now.clone(),
            version,
            overrides: overrides.clone(),
        };
        let join = |folder| {
            surgery::merge(folder, &read.sources, &heads, &options)
                .map_err(|error| read.failed(folder, error))
        };
        read.folders.iter().map(join).collect()
    })?;
    let version = outcomes.iter().flat_map(|outcome| &outcome.tags).map(|(_, version)| version).max();
    if let (Some(asked), Some(version)) = (&asked, version)
        && asked < version
    {
        return Err(CliError::message(format!("{asked} is too low; {version} is the lowest for this merge")));
    }
    finish(global, &outcomes)
}
