//! Streams over threads: which thread takes which does not matter.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::stream::StreamResult;

/// Runs `job` for 0..`streams` on `threads` threads until done or stopped; the results that there are, in order.
///
/// # Errors
/// The first error of a job; the others are abandoned.
pub fn run(
    streams: usize,
    threads: usize,
    stop: &AtomicBool,
    job: impl Fn(usize) -> anyhow::Result<StreamResult> + Sync,
) -> anyhow::Result<Vec<StreamResult>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= streams {
                break;
            }
            match job(index) {
                Ok(result) => lock(&results).push((index, result)),
                Err(error) => {
                    lock(&failure).get_or_insert(error);
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(streams) {
            scope.spawn(work);
        }
    });
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
