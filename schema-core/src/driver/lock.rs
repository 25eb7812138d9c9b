//! One runner at a time: the lock is a scope, polled for and never waited for inside the server.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::options::{Event, RunOptions};
use super::run_error::RunError;
use super::{Driver, Lock};

/// How often a waiter says that it waits.
const WORD_EVERY: Duration = Duration::from_secs(10);

/// Does the work while nobody else runs migrations here. Waiting happens between statements, with no transaction open: one
/// that sat inside `pg_advisory_lock` would hold a snapshot, on which an index build of the lock's owner waits in turn.
pub fn with_lock<T>(
    driver: &mut dyn Driver,
    options: &RunOptions,
    events: &mut dyn FnMut(Event<'_>),
    work: impl FnOnce(&mut dyn Driver, &mut dyn FnMut(Event<'_>)) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let start = Instant::now();
    let mut told = None;
    loop {
        let lock =
            driver.try_lock().map_err(|error| RunError::Sql { what: "cannot take the lock", error })?;
        let Lock::Busy(holder) = lock else { break };
        let waited = start.elapsed();
        if waited >= options.lock_wait {
            return Err(RunError::Locked { holder, waited });
        }
        if told.is_none_or(|last: Instant| last.elapsed() >= WORD_EVERY) {
            told = Some(Instant::now());
            events(Event::Waiting { holder, waited });
        }
        std::thread::sleep(Duration::from_millis(50 + jitter(150)));
    }
    let result = work(driver, events);
    let unlocked = driver.unlock();
    let value = result?;
    unlocked.map_err(|error| RunError::Sql { what: "cannot give the lock back", error })?;
    Ok(value)
}

/// A number below the limit that differs between processes and moments.
pub(super) fn jitter(limit: u64) -> u64 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::from(time.subsec_nanos()));
    let seed = nanos ^ (u64::from(std::process::id()) << 32);
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) % limit.max(1)
}
