//! `cargo schema`: parse, run, exit code.

#[macro_use]
mod output;

mod cli;
mod clock;
mod commands;
mod config;
mod database;
mod declared;
mod drift;
mod error;
mod exit;
mod findings;
mod git;
mod hooks;
mod listing;
mod live;
mod locking;
mod project;
mod recorded;
mod report;
mod sources;
mod state;
mod targets;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Cargo runs a subcommand as `cargo-schema schema …`; the bare binary works the same.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|word| word == "schema") {
        arguments.remove(1);
    }
    let cli = cli::Cli::parse_from(arguments);
    cli.global.color.apply();
    match commands::run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.is_broken_pipe() => ExitCode::from(exit::CLEAN),
        Err(error) => {
            report::failure(&error);
            ExitCode::from(exit::FAILED)
        }
    }
}
