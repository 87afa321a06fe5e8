//! The coordinator's side of the workers: finds them, sets their clocks, shares the people out, and
//! gathers what they measured and were told.
//!
//! Workers are processes: children on this machine, or others that were started elsewhere and are
//! waiting for us. Their clocks differ; what they were told is widened by all that their clock may
//! be off, so that the order of two things is only claimed where it is certain.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::memory::Memory;
use super::share::{Share, Standing};
use super::talk::{Ear, FORMAT, FromWorker, Mouth, ToWorker, halves};
use crate::crowd::fate::Fate;
use crate::history::Told;
use crate::history::clock::micros;
use crate::measure::figures::Measured;
use crate::measure::own::Used;

/// Looks at a worker's clock; the one that came back fastest counts.
const PINGS: u32 = 20;
/// Drawing a million people takes a worker about two seconds.
const PREPARE_SPAN: Duration = Duration::from_millis(1_500);
/// A worker that starts says where it listens within moments.
const START_SPAN: Duration = Duration::from_secs(20);
/// The variable in which a child finds the secret.
pub const SECRET: &str = "STANCHION_LOADTEST_SECRET";

/// A worker that is there.
pub struct Worker {
    name: String,
    mouth: Mouth,
    ear: Ear,
    /// Ends with us, if we started it.
    _child: Option<Child>,
}

/// What workers have said so far.
#[derive(Default)]
pub struct Gathered {
    /// How each worker's people stand.
    pub standings: Vec<Standing>,
    /// What was told, widened, in no order; nothing once it was too much.
    pub told: Vec<Told>,
    /// How much memory that may take.
    pub memory: Memory,
    /// Why it was given up, if it was too much.
    pub given_up: Option<String>,
    /// What was measured, of workers that are done.
    pub measured: Measured,
    /// What those used.
    pub used: Vec<Used>,
    /// What became of their people.
    pub fates: BTreeMap<Fate, u64>,
}

/// How a worker's clock stands to ours.
#[derive(Clone, Copy, Debug)]
struct Offset {
    /// Its reading when ours was at the origin, in microseconds.
    at_origin_us: i128,
    /// How far off that may be, in microseconds.
    doubt_us: u64,
}

/// Starts a worker on this machine.
///
/// # Errors
/// If it does not start.
pub async fn start_child(secret: &str) -> anyhow::Result<Worker> {
    let program = std::env::current_exe().context("this program's own path")?;
    let mut child = Command::new(program)
        .args(["work", "--listen", "127.0.0.1:0"])
        .env(SECRET, secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("a worker cannot be started")?;
    let out = child.stdout.take().context("what a worker prints")?;
    let mut lines = BufReader::new(out).lines();
    let line = tokio::time::timeout(START_SPAN, lines.next_line()).await;
    let line = line.context("a worker does not say where it listens")??.unwrap_or_default();
    let address = line.rsplit(' ').next().unwrap_or_default();
    let mut worker = greet(address, secret).await?;
    worker._child = Some(child);
    Ok(worker)
}

/// Greets a worker that is waiting for us.
///
/// # Errors
/// If it is not there, not ours, or of another version.
pub async fn greet(address: &str, secret: &str) -> anyhow::Result<Worker> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.with_context(|| format!("no worker answers at {address}"))?;
    let (mut mouth, mut ear) = halves(stream);
    mouth.say(&ToWorker::Hello { format: FORMAT, secret: secret.to_owned() }).await?;
    let told = ear.hear().await.with_context(|| format!("the worker at {address}"))?;
    let name = match told {
        Some(FromWorker::Welcome { machine, cores }) => {
            format!("{machine} ({address}, {cores} cores)")
        }
        Some(FromWorker::Failed(why)) => bail!("the worker at {address}: {why}"),
        _ => bail!("what answers at {address} is not a worker, or the secret is another"),
    };
    Ok(Worker { name, mouth, ear, _child: None })
}

/// Lets the workers live their shares, from a common instant on, which is returned at once; what
/// they say is gathered until they are done.
///
/// # Errors
/// If one of them is lost before the beginning.
pub async fn begin(
    workers: &mut [Worker],
    share: &Share,
    origin: Instant,
) -> anyhow::Result<(Instant, Vec<Duration>)> {
    let mut offsets = Vec::new();
    for worker in &mut *workers {
        offsets.push(look_at_clock(worker, origin).await?);
    }
    let began = Instant::now() + PREPARE_SPAN;
    let count = u32::try_from(workers.len()).context("workers")?;
    for (at, (worker, offset)) in (0..).zip(workers.iter_mut().zip(&offsets)) {
        let share = Box::new(Share { worker: at, workers: count, ..share.clone() });
        let begins_us = offset.at_origin_us + i128::from(micros(began - origin));
        let begins_us = u64::try_from(begins_us).context("a worker's clock makes no sense")?;
        let said = worker.mouth.say(&ToWorker::Begin { share, begins_us }).await;
        said.with_context(|| format!("the worker {}", worker.name))?;
    }
    let doubts = offsets.iter().map(|offset| Duration::from_micros(offset.doubt_us));
    Ok((began, doubts.collect()))
}

/// Hears one worker out, until it is done.
///
/// # Errors
/// If it fails or is lost: the run is then worth nothing.
pub async fn hear_out(
    ear: &mut Ear,
    name: &str,
    at: usize,
    doubt: Duration,
    gathered: &Mutex<Gathered>,
) -> anyhow::Result<()> {
    let lost = || format!("the worker {name}");
    loop {
        let said = ear.hear().await.with_context(lost)?;
        let said = said.with_context(|| format!("the worker {name} is gone"))?;
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        match said {
            FromWorker::Progress(standing) => gathered.standings[at] = standing,
            FromWorker::Told(told) => {
                gathered.keep(told.into_iter().map(|told| widen(told, doubt)));
            }
            FromWorker::Done { measured, used, fates } => {
                for (fate, count) in fates {
                    *gathered.fates.entry(fate).or_default() += count;
                }
                gathered.measured.merge(&measured);
                gathered.used.push(used);
                return Ok(());
            }
            FromWorker::Failed(why) => bail!("the worker {name}: {why}"),
            FromWorker::Welcome { .. } | FromWorker::Pong { .. } => {
                bail!("the worker {name} speaks out of turn")
            }
        }
    }
}

impl Gathered {
    /// Keeps what was told, unless it was too much before.
    pub fn keep(&mut self, told: impl IntoIterator<Item = Told>) {
        if self.given_up.is_none() {
            self.told.extend(told);
        }
    }

    /// Gives up what was told if there is no room for it any more; whether it did just now. What
    /// is left of it would accuse the server of what it was not seen to do.
    pub fn gives_up(&mut self) -> bool {
        let passed = self.given_up.is_none() && self.memory.share() > 1.0;
        if passed {
            self.given_up = Some(self.memory.passed(self.told.len() as u64));
            self.told = Vec::new();
        }
        passed
    }
}

impl Worker {
    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The half that hears it, and the half that tells it to end.
    pub fn parts(self) -> (Ear, Ending) {
        (self.ear, Ending { mouth: self.mouth, _child: self._child })
    }
}

/// What is left of a worker once it lives its share: it can be told to end.
pub struct Ending {
    mouth: Mouth,
    _child: Option<Child>,
}

impl Ending {
    /// Sends its people home. A worker that is gone has none left.
    pub async fn end(&mut self) {
        let _ = self.mouth.say(&ToWorker::End).await;
    }
}

async fn look_at_clock(worker: &mut Worker, origin: Instant) -> anyhow::Result<Offset> {
    let mut best: Option<Offset> = None;
    for _ in 0..PINGS {
        let asked_us = micros(origin.elapsed());
        worker.mouth.say(&ToWorker::Ping).await?;
        let told = worker.ear.hear().await?;
        let told_us = micros(origin.elapsed());
        let Some(FromWorker::Pong { at_us }) = told else {
            bail!("the worker {} does not know what time it is", worker.name)
        };
        let middle = i128::from(asked_us) + i128::from(told_us - asked_us) / 2;
        let at_origin_us = i128::from(at_us) - middle;
        let doubt_us = (told_us - asked_us).div_ceil(2);
        if best.is_none_or(|best| doubt_us < best.doubt_us) {
            best = Some(Offset { at_origin_us, doubt_us });
        }
    }
    let best = best.context("a worker's clock was looked at")?;
    ensure!(best.doubt_us < 1_000_000, "the way to the worker {} takes seconds", worker.name);
    Ok(best)
}

/// Widens what a worker was told by what its clock may be off.
fn widen(told: Told, doubt: Duration) -> Told {
    let doubt_us = micros(doubt);
    Told {
        asked_us: told.asked_us.saturating_sub(doubt_us),
        told_us: told.told_us.map(|told_us| told_us.saturating_add(doubt_us)),
        ..told
    }
}

/// A place where several tasks gather.
pub fn gathering(workers: usize, memory: Memory) -> Arc<Mutex<Gathered>> {
    let standings = vec![Standing::default(); workers];
    Arc::new(Mutex::new(Gathered { standings, memory, ..Gathered::default() }))
}
