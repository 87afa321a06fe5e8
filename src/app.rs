//! Builds every part from its settings, joins them, and stops them in order.
//!
//! The whole wiring of the server is in this file; `store` opens what keeps a journal, `service`
//! leads the sales from standing by to handing over, `manager` tells systemd. Decides nothing.

mod manager;
mod reload;
mod service;
pub mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use stanchion_domain::sale::definition::Definition;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::api::counter::{Counter, keep_present};
use crate::api::dispatch::Api;
use crate::api::ops::book::keep_book;
use crate::api::ops::night::keep_nights;
use crate::api::role::Role;
use crate::api::router;
use crate::api::state::{Parts as ApiParts, Premises, State};
use crate::clock::Clock;
use crate::config::{JournalMode, Settings, TokenKeys};
use crate::engine::committer::Fatal;
use crate::engine::standby::{self, Standby};
use crate::engine::{Engine, Parts, Threads};
use crate::files::problem::Problems;
use crate::gate::front::Front;
use crate::gate::origin::{Around as OriginAround, Origin, OriginSettingsFault};
use crate::gate::watch::keep_watched;
use crate::journal::fault::JournalFault;
use crate::journal::lease::Lease;
use crate::journal::{Journal, record};
use crate::metrics::Metrics;
use crate::net::NetFault;
use crate::net::handed::Handed;
use crate::net::listener::Listener;
use crate::net::settings::Settings as ListenerSettings;
use crate::net::threads;
use crate::staff::{Staff, StaffFault};
use crate::token::key_file::{self, KeyFileFault};
use crate::token::keys::KeyRing;
use reload::Reload;
use service::Service;
use store::Store;

/// A server that is ready to serve.
pub struct App {
    public: Listener,
    ops: Listener,
    /// The operators' pages are served.
    console: bool,
    service: Service,
    front: Front,
    reload: Reload,
    /// The shop behind us, if we are in front of one.
    origin: Option<Arc<Origin>>,
    /// Cancelled when the sockets are to be drained.
    sockets: CancellationToken,
}

/// A sale that is to be served.
pub struct Offered {
    /// What creates it, if its journal is empty.
    pub definition: Arc<Definition>,
    /// What it has besides.
    pub premises: Premises,
}

/// What opens the store of a sale, by its id; the keys sign its tokens.
pub type Stores<'s> = &'s dyn Fn(&Settings, &KeyRing, &str) -> Result<Store, AppFault>;

/// Why a server cannot start, or does not come to serve.
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
    /// The people of the console.
    #[error(transparent)]
    Staff(#[from] StaffFault),
    /// The gate file names what is not served.
    #[error(transparent)]
    Gate(#[from] Problems),
    /// The shop behind the gate.
    #[error("the origin of the gate file")]
    Origin(#[from] OriginSettingsFault),
    /// A folder for data.
    #[error("cannot make the folder {folder}")]
    Folder {
        /// Which one.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl AppFault {
    fn journal(sale: &str, source: JournalFault) -> Self {
        Self::Journal { sale: sale.to_owned(), source }
    }
}

impl App {
    /// Opens journals of this process and listeners. Nothing is served before [`App::run`]. `fatal`
    /// is called once if a journal fails for good while it is written, and should end the process.
    ///
    /// # Errors
    /// [`AppFault`], naming what cannot be opened.
    pub fn build(settings: Settings, sales: Vec<Offered>, fatal: &Fatal) -> Result<Self, AppFault> {
        Self::build_on(settings, sales, fatal, &store::open)
    }

    /// The same, on stores that are opened by the caller. A sale of which the store is shared is
    /// stood by for once it runs, and none is served before all are written here.
    ///
    /// # Errors
    /// As [`App::build`].
    pub fn build_on(
        settings: Settings,
        sales: Vec<Offered>,
        fatal: &Fatal,
        stores: Stores<'_>,
    ) -> Result<Self, AppFault> {
        let metrics = Metrics::new();
        let around = Around { metrics: &metrics, fatal };
        let keys = match &settings.secrets.token_keys {
            TokenKeys::Given(ring) => ring.clone(),
            TokenKeys::File(file) => load_keys(file)?,
        };
        let (mut running, mut awaited, mut premises) = (Vec::new(), Vec::new(), BTreeMap::new());
        for Offered { definition, premises: of_sale } in sales {
            premises.insert(definition.id.clone(), of_sale);
            match stores(&settings, &keys, &definition.id)? {
                Store::Own(journal) => running.push(around.serve(journal, definition)?),
                Store::Shared(lease) => awaited.push(around.wait(lease, definition)?),
            }
        }
        let board_in = settings.redis.clone().filter(|_| settings.journal == JournalMode::Redis);
        make_folder(&settings.data)?;
        let staff = Staff::open(&settings.data, Clock::machine())?;
        let vigils = awaited.iter().map(|standby| standby.vigil().clone()).collect();
        let role = Role { vigils, ..Role::default() };
        let parts = ApiParts {
            keys,
            shops: settings.secrets.api_keys.clone(),
            staff: settings.secrets.staff_keys.clone(),
            console: Some(staff),
            join: settings.rates.join,
            guess: settings.rates.guess,
            streams_per_source_max: settings.board_streams_per_source_max,
            behind_tls: settings.behind_tls,
            rehearsal: settings.journal == JournalMode::Memory,
            gate: settings.gate.clone(),
            counter: settings.gate.as_deref().and_then(|gate| {
                let signer = settings.secrets.counter_key.clone();
                Counter::new(gate, premises.keys().next(), signer)
            }),
            connector: settings.secrets.connector.clone(),
            data: (settings.journal != JournalMode::Memory).then(|| settings.data.clone()),
            metrics: metrics.clone(),
            sales: Vec::new(),
        };
        let state = State::standing_by(parts, role);
        let (sockets, api) = (CancellationToken::new(), Api::new(state.clone(), router::public()));
        let offered = premises.keys().cloned().collect();
        let origin = origin(&settings, (&metrics, &sockets))?;
        let front = front(&settings, api, offered, origin.clone())?;
        let outlets = Vec::new();
        let mut service = Service { state, running, awaited, premises, board_in, outlets };
        if service.awaited.is_empty() {
            service.open();
        }
        let mut handed = Handed::from_environment()?;
        // Only before a shop: what is answered from here goes faster on threads that share.
        let threads = origin.as_ref().map_or(0, |_| threads::cores());
        let public = ListenerSettings { threads, ..settings.public };
        let public = handed.listener(public, metrics.clone())?;
        let ops = handed.listener(settings.ops, metrics)?;
        handed.used_up()?;
        let console = settings.console;
        let reload = Reload {
            certificates: [public.tls(), ops.tls()],
            identity: settings
                .gate
                .as_ref()
                .and_then(|gate| gate.origin.as_ref()?.identity.clone()),
            keys: settings.secrets.token_keys.file().map(Path::to_owned),
            shared: service.board_in.clone().map(|redis| (redis, service.sales())),
            state: service.state.clone(),
        };
        Ok(Self { public, ops, console, service, front, reload, origin, sockets })
    }

    /// Where visitors and shops reach it.
    pub fn public_address(&self) -> SocketAddr {
        self.public.address()
    }

    /// Where operators and machines reach it.
    pub fn ops_address(&self) -> SocketAddr {
        self.ops.address()
    }

    /// Both as addresses for browsers: that of visitors, that of operators.
    pub fn addresses(&self) -> [String; 2] {
        [&self.public, &self.ops].map(|listener| {
            let scheme = if listener.tls().is_some() { "https" } else { "http" };
            format!("{scheme}://{}", listener.address())
        })
    }

    /// A link for the first account of the console, while there is none. Each call makes a new one,
    /// and the one before counts no more.
    pub fn first_link(&self) -> Option<String> {
        self.welcome(Staff::invite_first)
    }

    /// A link that lets whoever has it in as a guest, as long as this runs: for demonstrations.
    /// `None` without a console, and for the second who asks.
    pub fn guest_link(&self) -> Option<String> {
        self.welcome(Staff::welcome_guests)
    }

    fn welcome(&self, key: impl FnOnce(&Staff) -> Option<String>) -> Option<String> {
        let staff = self.service.state.console().filter(|_| self.console)?;
        let [_, ops] = self.addresses();
        Some(format!("{ops}/console/welcome/{}", key(staff)?))
    }

    /// Serves until `stop`, then drains the sockets, then the writers, then closes the journals.
    /// What other processes could write is given up first, before the sockets are drained; the same
    /// happens when an operator asks for it.
    ///
    /// # Errors
    /// [`AppFault::Journal`] if one that others can write turns out to be not fit to be served.
    pub async fn run(self, stop: CancellationToken) -> Result<(), AppFault> {
        let Self { public, ops, console, service, front, reload, origin, sockets } = self;
        let state = service.state.clone();
        let upkeep = tokio::spawn(keep_up(state.clone(), origin, sockets.clone()));
        tokio::spawn(reload.at_each_hangup());
        let visitors = public.serve(front, sockets.clone());
        let mut routes = router::ops();
        if console {
            routes.extend(router::console());
        }
        let operators = ops.serve(Api::new(state.clone(), routes), sockets.clone());
        manager::serving();
        let stopping = async {
            sockets.cancelled().await;
            manager::stopping();
        };
        let ended = tokio::join!(visitors, operators, service.run(stop, sockets.clone()), stopping);
        let (.., rest, ()) = ended;
        let _ = upkeep.await;
        drop(state);
        service::join(rest?).await;
        Ok(())
    }
}

/// What surrounds every sale.
struct Around<'a> {
    metrics: &'a Arc<Metrics>,
    fatal: &'a Fatal,
}

impl Around<'_> {
    /// Opens a sale whose journal is ours alone, and serves it.
    fn serve(
        &self,
        journal: Box<dyn Journal>,
        definition: Arc<Definition>,
    ) -> Result<(Engine, Threads), AppFault> {
        let sale = definition.id.clone();
        let parts = Parts {
            journal,
            definition: Some(definition),
            clock: Clock::machine(),
            registry: self.metrics.clone(),
            fatal: self.fatal.clone(),
        };
        let opened = Engine::start(parts).map_err(|source| AppFault::journal(&sale, source))?;
        Ok(opened.expect("a definition was given"))
    }

    /// Makes ready to stand by for a sale.
    fn wait(
        &self,
        lease: Box<dyn Lease>,
        definition: Arc<Definition>,
    ) -> Result<Standby, AppFault> {
        let large = |source| AppFault::journal(&definition.id, source);
        record::check_definition(&definition).map_err(large)?;
        Ok(Standby::new(standby::Parts {
            lease,
            definition,
            clock: Clock::machine(),
            registry: self.metrics.clone(),
            fatal: self.fatal.clone(),
        }))
    }
}

/// What visitors and shops reach: the interface, behind a gate if there is one.
fn front(
    settings: &Settings,
    api: Api,
    sales: BTreeSet<String>,
    origin: Option<Arc<Origin>>,
) -> Result<Front, AppFault> {
    let Some(gate) = settings.gate.clone() else { return Ok(Front::open(api)) };
    gate.check_sales(&sales.iter().map(String::as_str).collect())?;
    Ok(Front::gated(api, gate, sales, origin))
}

/// The shop that the gate file names, if any.
fn origin(
    settings: &Settings,
    (metrics, drain): (&Arc<Metrics>, &CancellationToken),
) -> Result<Option<Arc<Origin>>, AppFault> {
    let named = settings.gate.as_ref().and_then(|gate| gate.origin.clone());
    let origin = named.map(|origin| {
        let around = OriginAround {
            metrics: metrics.clone(),
            clock: Clock::machine(),
            drain: drain.clone(),
        };
        Origin::new(origin, settings.secrets.gate_origin.clone(), around)
    });
    Ok(origin.transpose()?.map(Arc::new))
}

/// What has to be done now and then while the server runs.
async fn keep_up(state: Arc<State>, origin: Option<Arc<Origin>>, stop: CancellationToken) {
    let watched = async {
        if let Some(origin) = origin {
            keep_watched(origin, state.clone(), stop.clone()).await;
        }
    };
    tokio::join!(
        watched,
        state.joins().keep_swept(stop.clone()),
        state.guesses().keep_swept(stop.clone()),
        keep_nights(state.clone(), stop.clone()),
        keep_present(state.clone(), stop.clone()),
        keep_book(state.clone(), stop.clone()),
    );
}

fn load_keys(file: &Path) -> Result<KeyRing, AppFault> {
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    Ok(key_file::load_or_create(file)?)
}

fn make_folder(folder: &Path) -> Result<(), AppFault> {
    std::fs::create_dir_all(folder)
        .map_err(|source| AppFault::Folder { folder: folder.display().to_string(), source })
}
