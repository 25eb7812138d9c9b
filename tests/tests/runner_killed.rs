//! A runner that is killed at any moment: the next one goes on, nothing happens twice, and nothing has to be repaired by
//! hand. `SCHEMA_TEST_KILLS` says how many kills each database gets.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use runner_support::{applied, everything};
use schema_model::DialectKind;
use schema_tests::TestDatabase;
use schema_tests::long_history::REVISIONS;

fn kills() -> usize {
    std::env::var("SCHEMA_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn child(url: &str, way: &str, stop_at: Option<u64>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner_child"));
    command.arg(url).arg(way).args(stop_at.map(|at| at.to_string()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs one way, killed again and again, until a run comes to its end. Answers how often it was killed.
fn run_killed(url: &str, way: &str, dice: &mut Dice, most: usize) -> usize {
    for killed in 0..=most {
        let boundary = dice.below(3) > 0;
        let stop_at = (killed < most && boundary).then(|| 1 + dice.below(12));
        let mut process = child(url, way, stop_at);
        if let Some(mut output) = process.stdout.take().filter(|_| stop_at.is_some()) {
            let mut line = [0; 5];
            // The end of the output is the end of the run: there were fewer events.
            let _ = output.read(&mut line);
        } else if killed < most {
            std::thread::sleep(Duration::from_micros(dice.below(60_000)));
        }
        let ended = if killed < most { process.try_wait().unwrap() } else { Some(process.wait().unwrap()) };
        match ended {
            Some(status) => {
                let mut errors = String::new();
                process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
                assert!(status.success(), "{way} after {killed} kills: {errors}");
                return killed;
            }
            None => {
                process.kill().unwrap();
                process.wait().unwrap();
            }
        }
    }
    most
}

fn torture(url: &str, reference: &str, dialect: DialectKind) {
    let mut dice = Dice(20_251_103);
    assert!(child(reference, "up", None).wait_with_output().unwrap().status.success());
    let at_head = everything(reference, dialect);
    assert!(child(reference, "down", None).wait_with_output().unwrap().status.success());
    let at_base = everything(reference, dialect);
    let (wanted, mut killed, mut rounds) = (kills(), 0, 0);
    while killed < wanted {
        killed += run_killed(url, "up", &mut dice, wanted - killed);
        assert_eq!(everything(url, dialect), at_head, "at head after {killed} kills");
        assert_eq!(applied(url).len(), REVISIONS);
        killed += run_killed(url, "down", &mut dice, wanted - killed);
        assert_eq!(everything(url, dialect), at_base, "at base after {killed} kills");
        assert!(applied(url).is_empty());
        rounds += 1;
    }
    eprintln!("{dialect}: {killed} kills in {rounds} rounds");
}

#[test]
fn sqlite_goes_on_after_every_kill() {
    let place = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}", place.path().join(name).display());
    torture(&url("app.db"), &url("reference.db"), DialectKind::Sqlite);
}

#[test]
fn postgres_goes_on_after_every_kill() {
    let Some(database) = TestDatabase::create() else { return };
    let Some(reference) = TestDatabase::create() else { return };
    torture(&database.url(), &reference.url(), DialectKind::Postgres);
}
