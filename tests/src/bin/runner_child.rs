//! A process that runs the long history, to be killed by its parent: `runner_child URL up|down [EVENT]`. At the event of
//! that number it prints a line and waits for its end.

use std::io::Write;
use std::process::ExitCode;

use schema_core::driver::{Access, DatabaseUrl, Event, RunOptions, connect_within, downgrade, upgrade};
use schema_core::revision::Target;
use schema_tests::long_history::long_history;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [url, way, rest @ ..] = arguments else {
        return Err("usage: runner_child URL up|down [EVENT]".into());
    };
    let stop_at: Option<u64> = rest.first().map(|text| text.parse()).transpose()?;
    let url: DatabaseUrl = url.parse()?;
    let folder = long_history(url.dialect());
    let mut driver = connect_within(&url, Access::Write, std::time::Duration::from_secs(10))?;
    let mut events = 0;
    let mut count = |event: Event<'_>| {
        if matches!(event, Event::Waiting { .. }) {
            return;
        }
        events += 1;
        if Some(events) == stop_at {
            println!("here");
            let _ = std::io::stdout().flush();
            loop {
                std::thread::sleep(std::time::Duration::from_secs(1));
            }
        }
    };
    let options = RunOptions::default();
    match way.as_str() {
        "up" => upgrade(driver.as_mut(), &folder, &Target::head(), &options, &mut count)?,
        _ => downgrade(driver.as_mut(), &folder, &Target::base(), &options, &mut count)?,
    };
    Ok(())
}
