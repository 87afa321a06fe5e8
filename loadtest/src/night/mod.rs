//! A run: the server, if it is ours, the workers, the staff, the checks and the report.
//!
//! The coordinator makes no visitor's request itself. It keeps the run's clock, lets staff act,
//! watches the board, hears the workers out, and only then looks at what everybody was told.

pub mod coordinator;
pub mod evidence;
pub mod faults;
mod machine;
pub mod memory;
mod redis;
pub mod server;
pub mod share;
pub mod talk;
pub mod worker;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use self::coordinator::{Gathered, Worker};
use self::faults::Faults;
use self::memory::Memory;
use self::server::Server;
use self::share::{Reach, Share, Standing};
use crate::history::Told;
use crate::history::clock::RunClock;
use crate::measure::notebook::Notebook;
use crate::report::Report;
use crate::scenario::{Act, Moment, Scenario};
use crate::staff::{Desk, observer, timeline};
use crate::web::Web;

/// Progress is shown so often.
const SHOW_SPAN: Duration = Duration::from_millis(500);
/// After the end of the night, for visitors to finish what they asked, and for the last look.
const FAREWELL_SPAN: Duration = Duration::from_secs(60);

/// A night to be played.
pub struct Night {
    /// As it was read: not yet paced.
    pub scenario: Scenario,
    /// The program to start, where the harness starts one; otherwise the one beside this program.
    pub server: Option<PathBuf>,
    /// Who makes the requests.
    pub worked: Worked,
    /// Memory that what was told may take, in bytes, instead of a part of what is free.
    pub memory_bytes: Option<u64>,
}

/// Who makes the requests.
pub enum Worked {
    /// Processes on this machine.
    Here {
        /// How many.
        processes: u32,
    },
    /// Workers that are waiting elsewhere.
    Elsewhere {
        /// Host and port of each.
        workers: Vec<String>,
        /// What they know, too.
        secret: String,
    },
}

/// A night that was played.
pub struct Played {
    /// What it came to.
    pub report: Report,
    /// What everybody was told, in order of asking.
    pub history: Vec<Told>,
}

impl Night {
    /// Plays it.
    ///
    /// # Errors
    /// If it cannot begin, or a worker is lost: then there is nothing to report.
    pub async fn play(self, show: &mut dyn FnMut(&Standing)) -> anyhow::Result<Played> {
        let began_at = jiff::Timestamp::now();
        let read = self.scenario;
        let scenario = read.clone().as_played();
        let server = start_server(self.server.as_deref(), &scenario)?;
        let site = Site::find(&scenario, server.as_ref())?;
        let mut workers = gather(&self.worked).await?;
        let reach = site.reach.clone();
        let share = Share { scenario: scenario.clone(), reach, worker: 0, workers: 1 };
        let origin = Instant::now();
        let (began, doubts) = coordinator::begin(&mut workers, &share, origin).await?;
        let clock = RunClock::beginning(began);

        let notebook = Arc::new(Notebook::new(&scenario.phases));
        let faults = Arc::new(Faults::new(server, clock, notebook.clone()));
        let desks = site.desks(&scenario, clock, &notebook)?;
        let watch = CancellationToken::new();
        let staff =
            tokio::spawn(work(scenario.clone(), desks.ops.clone(), clock, faults.clone(), {
                watch.clone()
            }));
        let observer = tokio::spawn({
            let watch = watch.clone();
            async move { observer::run(&desks.public, desks.ops.as_ref(), &watch).await }
        });

        let gathered = coordinator::gathering(workers.len(), Memory::new(self.memory_bytes));
        let until = began + scenario.span_max;
        let crowd = hear_all(workers, doubts, &gathered, until, show).await;
        watch.cancel();
        let undone = staff.await.context("the staff broke down")?;
        observer.await.context("the observer broke down")?;
        crowd?;
        let span_us = clock.now_us();
        let mut gathered = std::mem::take(&mut *lock(&gathered));
        gathered.measured.merge(&notebook.figures());
        gathered.keep(notebook.take_told());
        gathered.told.sort_by_key(|told| told.asked_us);
        let server = faults.end()?;
        let (read, scenario) = (&read, &scenario);
        let about = evidence::About { read, scenario, began_at, span_us, undone, server };
        let report = evidence::report(&about, &gathered);
        Ok(Played { report, history: gathered.told })
    }
}

/// The timeline, with the opening that the scenario may ask for.
async fn work(
    scenario: Scenario,
    ops: Option<Desk>,
    clock: RunClock,
    faults: Arc<Faults>,
    stop: CancellationToken,
) -> Vec<String> {
    let opening = scenario.own.and_then(|own| own.opens_after).map(|at| {
        let (action, reason) = (json!({ "type": "open" }), "the opening".to_owned());
        Moment { at, act: Act::Change { action, reason } }
    });
    let moments = opening.into_iter().chain(scenario.timeline).collect();
    timeline::run(moments, (ops, clock), faults, &stop).await
}

/// Where staff and the observer look.
struct Desks {
    public: Desk,
    ops: Option<Desk>,
}

/// Where everything is, with its keys read.
struct Site {
    reach: Reach,
    ops: Vec<String>,
    staff_key: Option<String>,
}

impl Site {
    fn find(scenario: &Scenario, server: Option<&Server>) -> anyhow::Result<Self> {
        let target = &scenario.target;
        let sale = target.sale.clone();
        let read = |path: &Option<PathBuf>| path.as_deref().map(read_key).transpose();
        let authority = target
            .authority_file
            .as_deref()
            .map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string()));
        let gate_url = target.gate_url.clone();
        if let Some(server) = server {
            let urls = server.public().map(|at| format!("http://{at}")).collect();
            let ops = server.ops().map(|at| format!("http://{at}")).collect();
            let api_key = Some(server.api_key.clone());
            let reach = Reach { urls, sale, api_key, authority: None, gate_url };
            let staff_key = Some(server.staff_key.clone());
            return Ok(Self { reach, ops, staff_key });
        }
        let url = target.url.clone();
        let url =
            url.context("where is the server? Name its address, or a sale file to start one")?;
        ensure!(!sale.is_empty(), "which sale? Name its id");
        let authority = authority.transpose()?;
        let (urls, api_key) = (vec![url], read(&target.api_key_file)?);
        let reach = Reach { urls, sale, api_key, authority, gate_url };
        let staff_key = read(&target.staff_key_file)?;
        Ok(Self { reach, ops: target.ops_url.iter().cloned().collect(), staff_key })
    }
}

impl Site {
    fn desks(
        &self,
        scenario: &Scenario,
        clock: RunClock,
        notebook: &Arc<Notebook>,
    ) -> anyhow::Result<Desks> {
        let desk = |urls: &[String], key: &str| {
            let noted = (clock, notebook.clone());
            let web = Web::new(urls, &scenario.wires, self.reach.authority.as_deref(), noted)?;
            let (sale, key) = (self.reach.sale.clone(), key.to_owned());
            let (web, notebook) = (Arc::new(web), notebook.clone());
            Ok::<_, anyhow::Error>(Desk { web, sale, key, notebook })
        };
        let ops = self.staff_key.as_deref().filter(|_| !self.ops.is_empty());
        let ops = ops.map(|key| desk(&self.ops, key)).transpose()?;
        Ok(Desks { public: desk(&self.reach.urls, "")?, ops })
    }
}

fn start_server(program: Option<&Path>, scenario: &Scenario) -> anyhow::Result<Option<Server>> {
    let Some(own) = &scenario.own else { return Ok(None) };
    let beside = || {
        let own = std::env::current_exe().context("this program's own path")?;
        Ok::<_, anyhow::Error>(own.with_file_name("stanchion"))
    };
    let program = program.map_or_else(beside, |program| Ok(program.to_owned()))?;
    ensure!(program.exists(), "there is no server {}: name it with --server", program.display());
    Server::start(&program, own).map(Some)
}

async fn gather(worked: &Worked) -> anyhow::Result<Vec<Worker>> {
    let mut workers = Vec::new();
    match worked {
        Worked::Here { processes } => {
            let secret = worker::make_secret();
            for _ in 0..*processes {
                workers.push(coordinator::start_child(&secret).await?);
            }
        }
        Worked::Elsewhere { workers: addresses, secret } => {
            for address in addresses {
                workers.push(coordinator::greet(address, secret).await?);
            }
        }
    }
    Ok(workers)
}

/// Hears all workers out; at the end of the night, or when there is no room for more of what was
/// told, their people are sent home.
async fn hear_all(
    workers: Vec<Worker>,
    doubts: Vec<Duration>,
    gathered: &Arc<Mutex<Gathered>>,
    until: Instant,
    show: &mut dyn FnMut(&Standing),
) -> anyhow::Result<()> {
    let mut hearing = tokio::task::JoinSet::new();
    let mut endings = Vec::new();
    for (at, (worker, doubt)) in workers.into_iter().zip(doubts).enumerate() {
        let (name, gathered) = (worker.name().to_owned(), gathered.clone());
        let (mut ear, ending) = worker.parts();
        endings.push(ending);
        hearing.spawn(
            async move { coordinator::hear_out(&mut ear, &name, at, doubt, &gathered).await },
        );
    }
    let mut ticks = tokio::time::interval(SHOW_SPAN);
    let until = tokio::time::sleep_until(until.into());
    tokio::pin!(until);
    let mut over = false;
    loop {
        tokio::select! {
            heard = hearing.join_next() => match heard {
                Some(heard) => heard.context("a worker was not heard out")??,
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                if lock(gathered).gives_up() && !over {
                    until.as_mut().reset(Instant::now().into());
                }
                show(&together(gathered));
            }
            () = &mut until => {
                ensure!(!over, "the workers do not come to an end");
                over = true;
                for ending in &mut endings {
                    ending.end().await;
                }
                until.as_mut().reset((Instant::now() + FAREWELL_SPAN).into());
            }
        }
    }
}

fn together(gathered: &Mutex<Gathered>) -> Standing {
    let gathered = lock(gathered);
    let mut whole = Standing { memory_share: gathered.memory.share(), ..Standing::default() };
    gathered.standings.iter().for_each(|standing| whole.merge(standing));
    whole
}

fn read_key(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(text.trim().to_owned())
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
