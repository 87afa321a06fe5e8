//! A thread for each core, each with a runtime of its own, as the real server has them before a
//! shop.

use std::future::pending;
use std::thread;

use tokio::runtime::{Builder, Handle};

/// The runtimes, which go on for as long as the process does.
pub(crate) fn runtimes() -> std::io::Result<Vec<Handle>> {
    let cores = thread::available_parallelism()?;
    let each = (0..cores.get()).map(|_| {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(pending::<()>()));
        Ok(handle)
    });
    each.collect()
}
