//! The threads that serve connections, one for each core, and each by itself.
//!
//! A connection stays on the thread it was dealt to, with all it waits for. Threads that share
//! their work wake one another for it: for a page that goes through the gate, and waits for two
//! sockets in turn, that costs an eighth of its time; an answer that waits for nothing gains by it
//! (docs/performance.md has both). The price: whoever holds up a thread holds up all of its
//! connections, so handlers leave what takes long to the runtime's blocking threads.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::{CancellationToken, DropGuard};

thread_local! {
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// As many as serve best: the cores that this process may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Which of the threads of its listener runs this, from 1; 0 if none does.
pub fn here() -> usize {
    HERE.get()
}

/// The threads of one listener; dropped, they end once what runs on them lets go of them.
#[derive(Debug)]
pub(super) struct Threads {
    each: Vec<Thread>,
    _end: DropGuard,
}

#[derive(Debug)]
struct Thread {
    runtime: Handle,
    /// Connections that were dealt to it.
    open: Arc<AtomicUsize>,
}

/// One connection of a thread, for as long as it is there; of none if it is served where it was
/// accepted.
#[derive(Debug)]
pub(super) struct Dealt(Option<Arc<AtomicUsize>>);

impl Threads {
    /// So many; with none, connections are served where they are accepted.
    ///
    /// # Panics
    /// If the system has no threads or descriptors left.
    pub(super) fn start(count: usize) -> Self {
        let end = CancellationToken::new();
        let each = (1..=count).map(|number| {
            let runtime = Builder::new_current_thread().enable_all().build();
            Thread::start(number, runtime.expect("a runtime can be made"), end.clone())
        });
        Self { each: each.collect(), _end: end.drop_guard() }
    }

    /// Deals a connection to the thread that has fewest: returns it with the runtime that is to
    /// serve it.
    ///
    /// # Errors
    /// What the system says of watching one more socket.
    pub(super) fn deal(&self, stream: TcpStream) -> io::Result<(TcpStream, Handle, Dealt)> {
        let Some(thread) = self.each.iter().min_by_key(|thread| thread.open.load(Relaxed)) else {
            return Ok((stream, Handle::current(), Dealt(None)));
        };
        let stream = stream.into_std()?;
        let inside = thread.runtime.enter();
        let stream = TcpStream::from_std(stream)?;
        drop(inside);
        thread.open.fetch_add(1, Relaxed);
        Ok((stream, thread.runtime.clone(), Dealt(Some(Arc::clone(&thread.open)))))
    }
}

impl Thread {
    fn start(number: usize, runtime: Runtime, end: CancellationToken) -> Self {
        let handle = runtime.handle().clone();
        let run = move || {
            HERE.set(number);
            runtime.block_on(end.cancelled());
        };
        let thread = thread::Builder::new().name(format!("serve-{number}"));
        thread.spawn(run).expect("a thread can be started");
        Self { runtime: handle, open: Arc::default() }
    }
}

impl Drop for Dealt {
    fn drop(&mut self) {
        if let Some(open) = &self.0 {
            open.fetch_sub(1, Relaxed);
        }
    }
}
