//! A worker: waits for a coordinator, lives its share of the people, says what it saw.
//!
//! Takes one coordinator at a time, and only one that knows the secret: a worker makes load for
//! whoever may tell it to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::share::{Share, Standing};
use super::talk::{Ear, FORMAT, FromWorker, Mouth, ToWorker, halves};
use crate::crowd::fate::Fate;
use crate::crowd::tally::Tally;
use crate::crowd::{self, Ground, audit};
use crate::history::clock::{RunClock, micros};
use crate::measure::notebook::Notebook;
use crate::measure::own::{self, Used};
use crate::scenario::person::Person;
use crate::scenario::{people, waves};
use crate::web::Web;

/// How often a worker says how it goes.
const PROGRESS_SPAN: Duration = Duration::from_millis(500);

/// Works for one coordinator after the other, or for one only; tells what went wrong with each.
///
/// # Errors
/// If nothing can be listened to.
pub async fn work(
    listener: TcpListener,
    secret: &str,
    once: bool,
    tell: impl Fn(&str),
) -> anyhow::Result<()> {
    let origin = Instant::now();
    loop {
        let (stream, from) = listener.accept().await?;
        if let Err(fault) = work_for(stream, secret, origin).await {
            tell(&format!("for {from}: {fault:#}"));
        }
        if once {
            return Ok(());
        }
    }
}

async fn work_for(stream: TcpStream, secret: &str, origin: Instant) -> anyhow::Result<()> {
    let (mut mouth, mut ear) = halves(stream);
    let hello = ear.hear().await?.context("nobody there")?;
    let ToWorker::Hello { format, secret: theirs } = hello else {
        return Ok(());
    };
    if format != FORMAT || !same(&theirs, secret) {
        let why = "the secret or the version is another".to_owned();
        return Ok(mouth.say(&FromWorker::Failed(why)).await?);
    }
    let machine = machine();
    let cores = cores();
    mouth.say(&FromWorker::Welcome { machine, cores }).await?;
    loop {
        match ear.hear().await?.context("the coordinator is gone")? {
            ToWorker::Ping => {
                mouth.say(&FromWorker::Pong { at_us: micros(origin.elapsed()) }).await?;
            }
            ToWorker::Begin { share, begins_us } => {
                let began = origin + Duration::from_micros(begins_us);
                let lived = live(*share, began, &mut mouth, ear).await;
                if let Err(fault) = &lived {
                    mouth.say(&FromWorker::Failed(format!("{fault:#}"))).await?;
                }
                return lived;
            }
            ToWorker::Hello { .. } | ToWorker::End => return Ok(()),
        }
    }
}

/// Lives a share, saying how it goes, until all have gone or the coordinator says so or is gone;
/// then looks again at everything that its people were promised.
async fn live(share: Share, began: Instant, mouth: &mut Mouth, ear: Ear) -> anyhow::Result<()> {
    let notebook = Arc::new(Notebook::new(&share.scenario.phases));
    let tally = Arc::new(Tally::default());
    let stop = CancellationToken::new();
    let listening = tokio::spawn(listen(ear, stop.clone()));
    let (cpu, started) = (own::cpu(), Instant::now());
    let people = people(&share);
    let ground = ground(&share, RunClock::beginning(began), &notebook)?;
    let web = ground.web.clone();
    let crowd = crowd::Share { people, ground, tally: tally.clone() };
    let mut living = tokio::spawn({
        let notebook = notebook.clone();
        async move {
            let over = crowd::run(crowd, &notebook, &stop).await;
            audit::run(&over).await;
            over.fates
        }
    });
    let mut ticks = tokio::time::interval(PROGRESS_SPAN);
    let fates = loop {
        tokio::select! {
            lived = &mut living => break lived.context("the crowd broke down")?,
            _ = ticks.tick() => {
                mouth.say(&FromWorker::Told(notebook.take_told())).await?;
                mouth.say(&FromWorker::Progress(standing(&notebook, &tally))).await?;
            }
        }
    };
    listening.abort();
    mouth.say(&FromWorker::Told(notebook.take_told())).await?;
    let used = Used {
        cpu_us: micros(own::cpu().saturating_sub(cpu)),
        span_us: micros(started.elapsed()),
        cores: cores(),
        machine: machine(),
        shortages: web.shortages(),
    };
    let mut fate_counts: BTreeMap<Fate, u64> = BTreeMap::new();
    for (_, fate) in fates {
        *fate_counts.entry(fate).or_default() += 1;
    }
    let measured = Box::new(notebook.figures());
    mouth.say(&FromWorker::Done { measured, used, fates: fate_counts }).await?;
    Ok(())
}

/// The people of this share, in order of coming.
fn people(share: &Share) -> Vec<Person> {
    let ours = |who: &(u32, u64)| who.0 % share.workers == share.worker;
    let all = (0..).zip(waves::instants(&share.scenario));
    all.filter(ours).map(|(who, at_us)| people::draw(&share.scenario, who, at_us)).collect()
}

fn ground(share: &Share, clock: RunClock, notebook: &Arc<Notebook>) -> anyhow::Result<Ground> {
    let Share { scenario, reach, .. } = share;
    let way = |urls: &[String]| {
        let noted = (clock, notebook.clone());
        Web::new(urls, &scenario.wires, reach.authority.as_deref(), noted).map(Arc::new)
    };
    let gate = reach.gate_url.as_ref().map(|url| way(std::slice::from_ref(url))).transpose()?;
    let (sale, api_key) = (reach.sale.clone(), reach.api_key.clone());
    Ok(Ground { web: way(&reach.urls)?, gate, sale, api_key })
}

/// Ends the run when the coordinator says so, or is gone.
async fn listen(mut ear: Ear, stop: CancellationToken) {
    let _ = ear.hear::<ToWorker>().await;
    stop.cancel();
}

fn standing(notebook: &Notebook, tally: &Tally) -> Standing {
    let (counts, exchanges) = (tally.counts(), tally.asked());
    let lateness_p99_ms = notebook.lateness_p99_ms();
    Standing { counts, exchanges, lateness_p99_ms, memory_share: 0.0 }
}

/// Compares all of both, however early they differ.
fn same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && differing == 0
}

/// Cores that this process may use.
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
}

/// The name of this machine.
pub fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A secret for the children of one run.
pub fn make_secret() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}
