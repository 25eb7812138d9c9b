//! One file per subcommand.

mod adopting;
mod amend;
mod backup;
mod check;
mod completions;
mod current;
mod diff;
mod doctor;
mod downgrade;
mod dry_run;
mod graph;
mod history;
mod init;
mod inspect;
mod lint;
mod lock;
mod merge;
mod offline;
mod rebase;
mod release;
mod revision;
mod running;
mod script;
mod show;
mod squash;
mod stamp;
mod status;
mod surgery;
mod switch;
mod targets;
mod upgrade;
mod verify;

use crate::cli::{Cli, Command};
use crate::error::CliResult;

/// Runs the command and says its exit code.
pub fn run(cli: &Cli) -> CliResult {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(global, args),
        Command::Verify(args) => verify::run(global, args),
        Command::Check(args) => check::run(global, args),
        Command::Revision(args) => revision::run(global, args),
        Command::Merge(args) => merge::run(global, args),
        Command::Rebase(args) => rebase::run(global, args),
        Command::Squash(args) => squash::run(global, args),
        Command::Amend(args) => amend::run(global, args),
        Command::Switch(args) => switch::run(global, args),
        Command::Release(args) => release::run(global, args),
        Command::Lock => lock::run(global),
        Command::Lint(args) => lint::run(global, args),
        Command::Explain(args) => lint::explain(args),
        Command::Script(args) => script::run(global, args),
        Command::Diff(args) => diff::run(global, args),
        Command::Upgrade(args) => upgrade::run(global, args),
        Command::Downgrade(args) => downgrade::run(global, args),
        Command::Current(args) => current::run(global, args),
        Command::Status(args) => status::run(global, args),
        Command::Stamp(args) => stamp::run(global, args),
        Command::Doctor(args) => doctor::run(global, args),
        Command::Inspect(args) => inspect::run(global, args),
        Command::History(args) => history::run(global, args),
        Command::Heads => graph::heads(global),
        Command::Branches => graph::branches(global),
        Command::Show(args) => show::run(global, args),
        Command::Completions(args) => completions::run(args),
    }
}
