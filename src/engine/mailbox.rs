//! What threads leave for one thread that takes all there is at once.
//!
//! The lock is held no longer than it takes to push or to swap, and the kernel is asked to wake
//! somebody only if they sleep: of a thousand who leave something at once, one makes a system call.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that many threads change and one waits for.
#[derive(Default)]
pub(super) struct Mailbox<T> {
    inside: Mutex<Inside<T>>,
    bell: Condvar,
}

/// What can be waited for.
pub(super) trait Due {
    /// Whether there is something to do now for who waits.
    fn due(&self) -> bool;
}

#[derive(Default)]
struct Inside<T> {
    content: T,
    asleep: bool,
}

impl<T: Due> Mailbox<T> {
    /// Looks at the content or changes it; wakes who sleeps, if that makes something due.
    pub(super) fn open<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut inside = self.lock();
        let changed = change(&mut inside.content);
        let wake = inside.asleep && inside.content.due();
        inside.asleep &= !wake;
        drop(inside);
        if wake {
            self.bell.notify_one();
        }
        changed
    }

    /// Sleeps until something is due, or the time is over.
    pub(super) fn sleep(&self, at_most: Duration) {
        let waits = |inside: &mut Inside<T>| {
            inside.asleep = !inside.content.due();
            inside.asleep
        };
        let slept = self.bell.wait_timeout_while(self.lock(), at_most, waits);
        slept.unwrap_or_else(PoisonError::into_inner).0.asleep = false;
    }

    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        // A panic in a thread of the sale ends the process.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
