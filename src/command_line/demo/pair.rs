//! Two servers on one journal, as two machines would be: one writes, the other one stands by.
//!
//! Owns both processes and their Redis, looks at them all the time, starts again what ended, and
//! keeps two doors that lead to whoever writes. Decides nothing of who that is: the servers do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::process::{Launch, Role, Server};
use super::redis::Redis;
use super::seen::Seen;

/// Between two looks.
const LOOK_SPAN: Duration = Duration::from_millis(100);
/// From starting to writing, or to standing by.
const START_SPAN: Duration = Duration::from_secs(60);

/// Two servers under way.
pub(super) struct Pair {
    /// Where visitors and shops reach whoever writes.
    pub(super) public: SocketAddr,
    /// Where operators do.
    pub(super) ops: SocketAddr,
    seen: watch::Receiver<Seen>,
    servers: Arc<Mutex<[Server; 2]>>,
    redis: Redis,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Pair {
    /// Starts both on a Redis that runs, the second one once the first one writes, and waits until
    /// the second one stands by. Doors at these addresses lead to whoever writes.
    pub(super) async fn start(
        redis: Redis,
        [one, two]: [Launch; 2],
        [public, ops]: [SocketAddr; 2],
    ) -> anyhow::Result<Self> {
        let doors = [Door::bind(public).await?, Door::bind(ops).await?];
        let (public, ops) = (doors[0].address()?, doors[1].address()?);
        let mut one = block_in_place(|| Server::start(one))?;
        becomes(&mut one, Role::Writes).await?;
        let mut two = block_in_place(|| Server::start(two))?;
        becomes(&mut two, Role::StandsBy).await?;
        let servers = Arc::new(Mutex::new([one, two]));
        let (see, seen) = watch::channel(Seen::default());
        let stop = CancellationToken::new();
        let mut tasks = Vec::new();
        let leads = doors.map(|door| {
            let (lead, leads_to) = watch::channel(None);
            tasks.push(tokio::spawn(door.run(leads_to, stop.clone())));
            lead
        });
        tasks.push(tokio::spawn(watch_over(servers.clone(), (see, leads), stop.clone())));
        Ok(Self { public, ops, seen, servers, redis, stop, tasks })
    }

    /// What is seen of the two, again and again.
    pub(super) fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.clone()
    }

    /// Where the journal is.
    pub(super) fn journal(&self) -> String {
        self.redis.url()
    }

    /// A way to kill whoever writes.
    pub(super) fn killer(&self) -> Killer {
        Killer { seen: self.seen(), servers: self.servers.clone() }
    }

    /// Ends both in peace, who stands by first; the Redis stays for as long as it is kept.
    pub(super) async fn stop(self) -> anyhow::Result<(Redis, Seen)> {
        self.stop.cancel();
        for task in self.tasks {
            task.await.context("looking at the servers broke down")?;
        }
        let seen = self.seen.borrow().clone();
        let mut servers = self.servers.lock().await;
        let writer = seen.at_of_writer().unwrap_or(0);
        block_in_place(|| [1 - writer, writer].into_iter().for_each(|at| servers[at].end()));
        Ok((self.redis, seen))
    }
}

/// Kills the writer, as `kill -9` does.
pub(super) struct Killer {
    seen: watch::Receiver<Seen>,
    servers: Arc<Mutex<[Server; 2]>>,
}

impl Killer {
    pub(super) async fn kill(&self) -> anyhow::Result<()> {
        let mut seen = self.seen.clone();
        // It may be silent for a moment.
        let seen = seen.wait_for(|seen| seen.at_of_writer().is_some()).await;
        let writer = seen.context("nobody looks any more")?.at_of_writer().expect("waited for");
        Ok(self.servers.lock().await[writer].kill()?)
    }
}

/// Waits until a server that was started has found its role.
async fn becomes(server: &mut Server, role: Role) -> anyhow::Result<()> {
    let begun = Instant::now();
    while server.look().await.role != role {
        ensure!(begun.elapsed() < START_SPAN, "a server does not become ready");
        sleep(LOOK_SPAN).await;
    }
    Ok(())
}

/// Looks at both, tells what is seen, and leads to whoever writes.
async fn watch_over(
    servers: Arc<Mutex<[Server; 2]>>,
    (see, leads): (watch::Sender<Seen>, [watch::Sender<Option<SocketAddr>>; 2]),
    stop: CancellationToken,
) {
    let mut looks = interval(LOOK_SPAN);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = Seen::default();
    while stop.run_until_cancelled(looks.tick()).await.is_some() {
        let mut servers = servers.lock().await;
        let [one, two] = &mut *servers;
        let sights = tokio::join!(one.look(), two.look());
        seen.look(vec![sights.0, sights.1], Instant::now());
        let to = seen.leads_to();
        for (lead, side) in leads.iter().zip([0, 1]) {
            lead.send_if_modified(|before| {
                let now = to.map(|to| to[side]);
                std::mem::replace(before, now) != now
            });
        }
        see.send_replace(seen.clone());
    }
}
