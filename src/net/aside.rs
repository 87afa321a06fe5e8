//! Two futures in one task, of which the second is polled only when it was woken itself.
//!
//! A connection is woken for every request, what watches over it once in seconds. `select!` polls
//! both each time, and to poll a drain's token takes a lock that all connections share.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Who came to an end first.
#[derive(Debug)]
pub(super) enum First<M, A> {
    /// The future that is polled at every turn.
    Main(M),
    /// The future beside it.
    Aside(A),
}

/// Drives both until one ends; `main` first, so that at the same turn its end counts.
pub(super) async fn race<M: Future, A: Future>(main: M, aside: A) -> First<M::Output, A::Output> {
    let (mut main, mut aside) = (pin!(main), pin!(aside));
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    std::future::poll_fn(move |context| {
        if let Poll::Ready(output) = main.as_mut().poll(context) {
            return Poll::Ready(First::Main(output));
        }
        if !bell.answered_by(context.waker()) {
            return Poll::Pending;
        }
        aside.as_mut().poll(&mut Context::from_waker(&waker)).map(First::Aside)
    })
    .await
}

/// Wakes a task, and remembers that it was for the future beside.
struct Bell {
    rung: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Default for Bell {
    /// Rung once, so that the future beside begins.
    fn default() -> Self {
        Self { rung: AtomicBool::new(true), task: Mutex::new(None) }
    }
}

impl Bell {
    /// Whether it rang since the last time; from now on it wakes this task.
    fn answered_by(&self, waker: &Waker) -> bool {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *task {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        drop(task);
        // Acquire, from the Release in `wake_by_ref`. The lock comes between in both: who rings
        // after this looked finds the new task there, who rang before is seen here.
        self.rung.swap(false, Ordering::Acquire)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &*task {
            task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Notify;
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn what_stands_beside_is_polled_only_when_it_is_woken() {
        let looks = AtomicUsize::new(0);
        let (told, heard) = (Notify::new(), AtomicBool::new(false));
        let main = async {
            for _ in 0..10 {
                yield_now().await;
            }
            told.notify_one();
            while !heard.load(Ordering::Relaxed) {
                yield_now().await;
            }
            std::future::pending::<()>().await;
        };
        let mut notified = pin!(told.notified());
        let aside = std::future::poll_fn(|context| {
            looks.fetch_add(1, Ordering::Relaxed);
            let polled = notified.as_mut().poll(context);
            heard.store(polled.is_ready(), Ordering::Relaxed);
            polled
        });
        assert!(matches!(race(main, aside).await, First::Aside(())));
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn the_end_of_the_main_future_counts_when_both_end() {
        let first = race(async { 1 }, async { 2 }).await;
        assert!(matches!(first, First::Main(1)));
    }
}
