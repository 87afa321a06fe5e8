//! The height of the rush, at which `--kill-writer` kills whoever writes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::crowd::tally::Tally;
use super::pair::Killer;

/// Between two looks whether the rush is at its height.
const LOOK_SPAN: Duration = Duration::from_millis(50);
/// The rush is at its height when one in so many of the crowd has bought: the shop is full, and
/// most still wait.
const SHARE: u64 = 8;

/// A deed that waits for its moment.
pub(super) type Killing = JoinHandle<anyhow::Result<()>>;

/// Kills whoever writes once the rush is at its height; never, if nobody comes.
pub(super) fn kill(killer: Killer, tally: Option<Arc<Tally>>, people: u32) -> Killing {
    let height = u64::from(people).div_ceil(SHARE);
    tokio::spawn(async move {
        while tally.as_ref().is_none_or(|tally| tally.orders.get() < height) {
            sleep(LOOK_SPAN).await;
        }
        killer.kill().await
    })
}

/// Whether the writer was killed, if it was to be.
pub(super) async fn was_killed(killing: Option<Killing>) -> anyhow::Result<bool> {
    match killing {
        Some(killing) if !killing.is_finished() => {
            println!("The rush never came to its height: nobody was killed.");
            Ok(false)
        }
        Some(killing) => killing.await?.map(|()| true),
        None => Ok(true),
    }
}
