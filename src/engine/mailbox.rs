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

#[cfg(test)]
mod tests {
    use super::*;

    /// Due when it holds as much.
    #[derive(Default)]
    struct Coins(u32);

    impl Due for Coins {
        fn due(&self) -> bool {
            self.0 >= 3
        }
    }

    #[test]
    fn who_sleeps_is_woken_by_whoever_makes_it_due_and_never_missed() {
        let long = Duration::from_secs(600);
        let (there, back) = (Mailbox::<Coins>::default(), Mailbox::<Coins>::default());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    there.sleep(long);
                    let found = there.open(|coins| std::mem::take(&mut coins.0));
                    assert_eq!(found, 3, "woken by what is due and by nothing else");
                    (0..found).for_each(|_| back.open(|coins| coins.0 += 1));
                }
            });
            for _ in 0..2_000 {
                (0..3).for_each(|_| there.open(|coins| coins.0 += 1));
                back.sleep(long);
                assert_eq!(back.open(|coins| std::mem::take(&mut coins.0)), 3);
            }
        });
    }

    #[test]
    fn whoever_sleeps_for_nothing_wakes_when_the_time_is_over() {
        let mailbox = Mailbox::<Coins>::default();
        mailbox.sleep(Duration::ZERO);
        assert_eq!(mailbox.open(|coins| coins.0), 0);
    }
}
