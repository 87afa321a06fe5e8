//! Builds every part from its settings, joins them, and stops them in order.
//!
//! The whole wiring of the server is in this file. Decides nothing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use stanchion_domain::sale::definition::Definition;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::api::dispatch::Api;
use crate::api::router;
use crate::api::state::{Parts as ApiParts, State};
use crate::clock::Clock;
use crate::config::{JournalMode, Settings, TokenKeys};
use crate::engine::committer::Fatal;
use crate::engine::{Engine, Parts, Threads};
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::local::LocalJournal;
use crate::journal::memory::MemoryJournal;
use crate::journal::redis::RedisSale;
use crate::journal::{Head, Journal};
use crate::metrics::Metrics;
use crate::net::NetFault;
use crate::net::listener::Listener;
use crate::net::tls::Tls;
use crate::token::key_file::{self, KeyFileFault};
use crate::token::keys::KeyRing;

/// Between two looks at a lease that another process holds: some of them in each span.
const LEASE_LOOK: Duration = Duration::from_millis(100);

/// A server that is ready to serve.
pub struct App {
    public: Listener,
    ops: Listener,
    state: Arc<State>,
    sales: Vec<Running>,
}

/// A sale that is to be served.
pub struct Offered {
    /// What creates it, if its journal is empty.
    pub definition: Arc<Definition>,
    /// Where a changed file of it finds its plans.
    pub folder: PathBuf,
}

/// A sale whose journal is open.
struct Running {
    engine: Engine,
    threads: Threads,
    folder: PathBuf,
}

/// Why a server cannot start.
#[derive(Debug, Error)]
pub enum AppFault {
    /// A listener.
    #[error(transparent)]
    Net(#[from] NetFault),
    /// The keys that sign tokens.
    #[error(transparent)]
    Keys(#[from] KeyFileFault),
    /// The journal of a sale.
    #[error("the journal of sale \"{sale}\"")]
    Journal {
        /// Which sale.
        sale: String,
        /// What is wrong.
        source: JournalFault,
    },
    /// A folder for data.
    #[error("cannot make the folder {folder}")]
    Folder {
        /// Which one.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl App {
    /// Opens journals and listeners. Nothing is served before [`App::run`]. `fatal` is called once
    /// if a journal fails for good, and should end the process.
    ///
    /// # Errors
    /// [`AppFault`], naming what cannot be opened.
    pub fn build(settings: Settings, sales: Vec<Offered>, fatal: &Fatal) -> Result<Self, AppFault> {
        let metrics = Metrics::new();
        let mut running = Vec::new();
        for offered in sales {
            running.push(open_sale(&settings, offered, &metrics, fatal)?);
        }
        let keys = match &settings.secrets.token_keys {
            TokenKeys::Given(ring) => ring.clone(),
            TokenKeys::File(file) => load_keys(file)?,
        };
        let state = State::new(ApiParts {
            keys,
            shops: settings.secrets.api_keys.clone(),
            staff: settings.secrets.staff_keys.clone(),
            join: settings.rates.join,
            guess: settings.rates.guess,
            streams_per_source_max: settings.board_streams_per_source_max,
            behind_tls: settings.behind_tls,
            rehearsal: settings.journal == JournalMode::Memory,
            metrics: metrics.clone(),
            sales: running.iter().map(|sale| (sale.engine.clone(), sale.folder.clone())).collect(),
        });
        Ok(Self {
            public: Listener::bind(settings.public, metrics.clone())?,
            ops: Listener::bind(settings.ops, metrics)?,
            state,
            sales: running,
        })
    }

    /// Where visitors and shops reach it.
    pub fn public_address(&self) -> SocketAddr {
        self.public.address()
    }

    /// Where operators and machines reach it.
    pub fn ops_address(&self) -> SocketAddr {
        self.ops.address()
    }

    /// Serves until `stop`, then drains the sockets, then the writers, then closes the journals.
    pub async fn run(self, stop: CancellationToken) {
        let Self { public, ops, state, sales } = self;
        let upkeep = tokio::spawn(keep_up(state.clone(), stop.clone()));
        tokio::spawn(reload_certificates([public.tls(), ops.tls()]));
        for sale in &sales {
            let (engine, stop) = (sale.engine.clone(), stop.clone());
            tokio::spawn(async move {
                stop.cancelled().await;
                engine.published().board.drain();
            });
        }
        let visitors = public.serve(Api::new(state.clone(), router::public()), stop.clone());
        let operators = ops.serve(Api::new(state.clone(), router::ops()), stop.clone());
        tokio::join!(visitors, operators);
        let _ = upkeep.await;
        drop(state);
        for Running { engine, threads, .. } in sales {
            drop(engine);
            // Off the runtime's threads: the last batch may wait for a disk.
            let joined = tokio::task::spawn_blocking(move || threads.join()).await;
            joined.expect("joining does not panic");
        }
    }
}

/// What has to be done now and then while the server runs.
async fn keep_up(state: Arc<State>, stop: CancellationToken) {
    tokio::join!(state.joins().keep_swept(stop.clone()), state.guesses().keep_swept(stop),);
}

/// Loads the certificates anew at each SIGHUP; one that is wrong changes nothing.
async fn reload_certificates(offered: [Option<Arc<Tls>>; 2]) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup()).expect("signals can be listened to");
    while hangups.recv().await.is_some() {
        for tls in offered.iter().flatten() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was loaded anew"),
                Err(fault) => tracing::error!(%fault, "the certificate stays as it was"),
            }
        }
    }
}

fn load_keys(file: &Path) -> Result<KeyRing, AppFault> {
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    Ok(key_file::load_or_create(file)?)
}

fn open_sale(
    settings: &Settings,
    offered: Offered,
    metrics: &Arc<Metrics>,
    fatal: &Fatal,
) -> Result<Running, AppFault> {
    let Offered { definition, folder } = offered;
    let sale = definition.id.clone();
    let fault = |source| AppFault::Journal { sale: sale.clone(), source };
    let journal: Box<dyn Journal> = match settings.journal {
        JournalMode::Memory => Box::new(MemoryJournal::default()),
        JournalMode::Local => {
            let data = settings.data.join(&sale);
            make_folder(&data)?;
            Box::new(LocalJournal::open(&data).map_err(&fault)?)
        }
        JournalMode::Redis => {
            let data = settings.data.join(&sale);
            make_folder(&data)?;
            let redis = settings.redis.as_ref().expect("this mode was checked to have one");
            become_writer(RedisSale::open(redis, &sale, &data).map_err(&fault)?).map_err(&fault)?
        }
    };
    let parts = Parts {
        journal,
        definition: Some(definition),
        clock: Clock::machine(),
        registry: metrics.clone(),
        fatal: fatal.clone(),
    };
    let opened = Engine::start(parts).map_err(&fault)?;
    let (engine, threads) = opened.expect("a definition was given");
    Ok(Running { engine, threads, folder })
}

/// Waits until nobody else holds the lease of a sale.
fn become_writer(mut sale: RedisSale) -> Result<Box<dyn Journal>, JournalFault> {
    loop {
        match sale.take(Head::default())? {
            Taking::Taken(journal) => return Ok(journal),
            other => tracing::debug!(?other, "another process writes this sale"),
        }
        std::thread::sleep(LEASE_LOOK);
    }
}

fn make_folder(folder: &Path) -> Result<(), AppFault> {
    std::fs::create_dir_all(folder)
        .map_err(|source| AppFault::Folder { folder: folder.display().to_string(), source })
}
