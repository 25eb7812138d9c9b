//! `completions`: a shell's completion script.

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::CliResult;
use crate::exit;

pub fn run(args: &CompletionsArgs) -> CliResult {
    clap_complete::generate(args.shell, &mut Cli::command(), "cargo-schema", &mut std::io::stdout().lock());
    Ok(exit::CLEAN)
}
