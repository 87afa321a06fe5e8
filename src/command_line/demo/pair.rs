//! Two servers on one journal, as two machines would be: one writes, the other one stands by.
//!
//! Owns both processes and their Redis, looks at them all the time, starts again what ended, and
//! keeps two doors that lead to whoever writes. Decides nothing of who that is: the servers do.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::process::{Launch, Role, Server, Sight};
use super::redis::Redis;

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

/// What was seen of the two.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    servers: Vec<Sight>,
    writer: Option<&'static str>,
    /// Who wrote before, if nobody does now, and since when nobody does.
    before: Option<(&'static str, Instant)>,
    /// Who took over from whom, and how long nobody wrote.
    takeovers: Vec<(&'static str, &'static str, Duration)>,
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
        let mut servers = self.servers.lock().await;
        let writer = self.seen.borrow().at_of_writer().context("nobody writes")?;
        Ok(servers[writer].kill()?)
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
        let writer = seen.at_of_writer().and_then(|at| seen.servers[at].at);
        for (lead, side) in leads.iter().zip([0, 1]) {
            lead.send_if_modified(|to| {
                let now = writer.map(|at| at[side]);
                std::mem::replace(to, now) != now
            });
        }
        see.send_replace(seen.clone());
    }
}

impl Seen {
    /// Takes a new look into account.
    fn look(&mut self, servers: Vec<Sight>, now: Instant) {
        let writes = servers.iter().find(|server| server.role == Role::Writes);
        let writer = writes.map(|server| server.name);
        match (self.writer, writer) {
            (Some(before), None) => self.before = Some((before, now)),
            (Some(before), Some(after)) if before != after => {
                self.takeovers.push((after, before, Duration::ZERO));
            }
            (None, Some(after)) => {
                let before = self.before.take();
                self.takeovers.extend(before.map(|(before, since)| (after, before, now - since)));
            }
            _ => {}
        }
        (self.servers, self.writer) = (servers, writer);
    }

    fn at_of_writer(&self) -> Option<usize> {
        self.servers.iter().position(|server| server.role == Role::Writes)
    }

    /// Who writes, in two words.
    pub fn writer(&self) -> String {
        format!("{} writes", self.writer.unwrap_or("nobody"))
    }

    /// A sentence for each takeover.
    pub fn takeovers(&self) -> impl Iterator<Item = String> {
        self.takeovers.iter().map(|(after, before, span)| {
            let seconds = span.as_secs_f64();
            format!("{after} took over from {before} after {seconds:.1} s without a writer")
        })
    }
}

/// Both in one line, and the newest takeover.
impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Sight { name, pid, role, .. } in &self.servers {
            let role = match role {
                Role::Writes => "writes",
                Role::StandsBy => "stands by",
                Role::Silent => "does not answer",
                Role::Gone => "is gone",
            };
            match pid {
                Some(pid) => write!(out, "{name} (pid {pid}) {role}   ")?,
                None => write!(out, "{name} {role}   ")?,
            }
        }
        self.takeovers().last().map_or(Ok(()), |takeover| write!(out, "{takeover}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sights(one: Role, two: Role) -> Vec<Sight> {
        let sight = |name, role| {
            let pid = (role != Role::Gone).then_some(7);
            Sight { name, pid, role, at: None }
        };
        vec![sight("one", one), sight("two", two)]
    }

    #[test]
    fn a_takeover_is_seen_with_its_length() {
        let (mut seen, begun) = (Seen::default(), Instant::now());
        let mut look = |one, two, after_ms| {
            seen.look(sights(one, two), begun + Duration::from_millis(after_ms));
            (seen.writer(), seen.to_string())
        };
        let (writer, line) = look(Role::Writes, Role::StandsBy, 0);
        assert_eq!(writer, "one writes");
        assert_eq!(line, "one (pid 7) writes   two (pid 7) stands by   ");
        let (writer, line) = look(Role::Gone, Role::StandsBy, 1_000);
        assert_eq!(writer, "nobody writes");
        assert_eq!(line, "one is gone   two (pid 7) stands by   ");
        look(Role::Gone, Role::Silent, 2_000);
        let (writer, line) = look(Role::Gone, Role::Writes, 4_100);
        assert_eq!(writer, "two writes");
        let takeover = "two took over from one after 3.1 s without a writer";
        assert_eq!(line, format!("one is gone   two (pid 7) writes   {takeover}"));
        let (_, line) = look(Role::StandsBy, Role::Writes, 9_000);
        assert!(line.ends_with(takeover), "{line}");
    }
}
