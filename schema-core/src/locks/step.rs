//! A transaction's locks: each is held until it ends, whatever else is done meanwhile.

use super::{TableLock, Work};

/// The locks that a transaction of these statements holds: each table's strongest, and the longest work that is done
/// while it is held.
pub fn held(statements: &[Vec<TableLock>]) -> Vec<TableLock> {
    let mut held: Vec<TableLock> = Vec::new();
    for locks in statements {
        for lock in locks {
            match held.iter_mut().find(|known| known.table == lock.table) {
                // A stronger lock is waited for from here on; what was done under the weaker one is done.
                Some(known) if lock.mode.waits() > known.mode.waits() => *known = lock.clone(),
                Some(known) => known.mode = known.mode.max(lock.mode),
                None => held.push(lock.clone()),
            }
        }
        let work = locks.iter().map(|lock| lock.work).max().unwrap_or(Work::Moment);
        held.iter_mut().for_each(|known| known.work = known.work.max(work));
    }
    held
}
