//! What all handlers share: the sales that are served, the keys, the rates.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Guard};

use super::cookies::CookieNames;
use super::counter::Counter;
use super::moves::Codes;
use super::names::Names;
use super::ops::night::{self, Night};
use super::problem::Problem;
use super::role::Role;
use crate::board::json::Rendered;
use crate::board::plan;
use crate::engine::Engine;
use crate::engine::desk::Desk;
use crate::files::gate::Gate;
use crate::metrics::Metrics;
use crate::metrics::sale::SaleMetrics;
use crate::net::Peer;
use crate::net::rates::{Allowance, Rates};
use crate::net::source::{Ledger, NoRoom, Permit, Source};
use crate::page::look::Look;
use crate::page::ready::Shelf;
use crate::staff::Staff;
use crate::token::SaleMark;
use crate::token::api_key::ApiKeys;
use crate::token::connector::Keys as ConnectorKeys;
use crate::token::keys::KeyRing;
use crate::token::signers::Signers;

/// Event streams of one server: twice what one sale is measured with; each takes a connection.
const STREAMS_MAX: usize = 20_000;
/// Pages of the console that are watched at once: eight for each account of a full house, or one
/// for each screen of a venue many times over.
const WATCHERS_MAX: usize = 512;
/// The same for one source: the room where the operators sit.
const WATCHERS_PER_SOURCE_MAX: usize = 64;

/// What the interface is built from.
pub struct Parts {
    /// The keys that sign tokens.
    pub keys: KeyRing,
    /// The keys of shops.
    pub shops: ApiKeys,
    /// The keys of operators.
    pub staff: ApiKeys,
    /// The people of the console, and the book of what staff did; `None`: neither is kept.
    pub console: Option<Arc<Staff>>,
    /// How often one source may join.
    pub join: Allowance,
    /// How often one source may present what is not genuine.
    pub guess: Allowance,
    /// Event streams that one source may have open.
    pub streams_per_source_max: usize,
    /// Something in front of us speaks TLS, so cookies are marked as if we did.
    pub behind_tls: bool,
    /// Nothing survives: a rehearsal. Operators are told everywhere.
    pub rehearsal: bool,
    /// Where each sale has a folder, in which its night is kept; `None`: in memory only.
    pub data: Option<PathBuf>,
    /// How a shop is connected, if one is: visitors may be sent back to its pages.
    pub gate: Option<Arc<Gate>>,
    /// For clients of a retired waiting room, if there are any.
    pub counter: Option<Counter>,
    /// What a connector that a shop runs already and we know.
    pub connector: Option<ConnectorKeys>,
    /// The metrics of the server.
    pub metrics: Arc<Metrics>,
    /// The sales to serve, each with the folder in which a changed sale file finds its plans.
    pub sales: Vec<(Engine, Premises)>,
}

/// What all handlers share. Immutable but for what the sales publish, and for the one moment when a
/// process that stood by begins to serve them.
pub struct State {
    signers: Signers,
    pub(super) shops: ApiKeys,
    pub(super) staff: ApiKeys,
    console: Option<Arc<Staff>>,
    watchers: Arc<Ledger>,
    pub(super) joins: Rates,
    pub(super) guesses: Rates,
    pub(super) streams: Arc<Ledger>,
    pub(super) behind_tls: bool,
    pub(super) rehearsal: bool,
    data: Option<PathBuf>,
    gate: Option<Arc<Gate>>,
    counter: Option<Counter>,
    connector: Option<ConnectorKeys>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) role: Role,
    pub(super) moves: Codes,
    /// Set once: when this process begins to write them.
    sales: OnceLock<BTreeMap<String, Arc<OpenSale>>>,
}

/// What a process has to show while it stands by.
static NO_SALES: BTreeMap<String, Arc<OpenSale>> = BTreeMap::new();

/// What a sale has besides its engine.
#[derive(Clone)]
pub struct Premises {
    /// Where a changed sale file finds its plans.
    pub folder: PathBuf,
    /// How its pages look and speak.
    pub look: Arc<Look>,
}

/// One sale as handlers reach it.
pub struct OpenSale {
    /// Its id.
    pub id: Arc<str>,
    /// The engine.
    pub engine: Engine,
    /// Where a changed sale file finds its plans.
    pub folder: PathBuf,
    /// How tokens name it.
    pub mark: SaleMark,
    /// How cookies name it.
    pub cookies: CookieNames,
    /// What is counted of it.
    pub metrics: SaleMetrics,
    /// How its pages look and speak.
    pub look: Arc<Look>,
    /// Its pages that are ready.
    pub shelf: Shelf,
    /// Its curves, and what happened.
    pub night: Night,
    names: ArcSwap<Names>,
    plans: ArcSwap<Vec<(String, Rendered)>>,
}

impl State {
    /// Joins the parts, and serves their sales at once.
    pub fn new(mut parts: Parts) -> Arc<Self> {
        let sales = std::mem::take(&mut parts.sales);
        let state = Self::standing_by(parts, Role::default());
        state.open(sales);
        state
    }

    /// Joins the parts of a process that does not serve yet: until it [opens](Self::open) its
    /// sales, it says that it stands by.
    pub fn standing_by(parts: Parts, role: Role) -> Arc<Self> {
        Arc::new(Self {
            sales: OnceLock::new(),
            role,
            moves: Codes::default(),
            signers: Signers::new(parts.keys),
            shops: parts.shops,
            staff: parts.staff,
            console: parts.console,
            watchers: Ledger::new(WATCHERS_MAX, WATCHERS_PER_SOURCE_MAX),
            joins: Rates::new(parts.join),
            guesses: Rates::new(parts.guess),
            streams: Ledger::new(STREAMS_MAX, parts.streams_per_source_max),
            behind_tls: parts.behind_tls,
            rehearsal: parts.rehearsal,
            data: parts.data,
            gate: parts.gate,
            counter: parts.counter,
            connector: parts.connector,
            metrics: parts.metrics,
        })
    }

    /// Serves these sales from now on.
    ///
    /// # Panics
    /// If it does so already.
    pub fn open(&self, sales: Vec<(Engine, Premises)>) {
        let open = |(engine, premises)| {
            let sale = OpenSale::new(engine, premises, |id| self.night(id), &self.metrics);
            (sale.id.to_string(), Arc::new(sale))
        };
        let opened = self.sales.set(sales.into_iter().map(open).collect());
        assert!(opened.is_ok(), "a process begins to serve once");
    }

    /// The night of a sale.
    fn night(&self, id: &str) -> Night {
        Night::open(night::Parts {
            folder: self.data.as_ref().map(|data| data.join(id)),
            metrics: self.metrics.clone(),
            shared: self.role.shared(),
        })
    }

    /// What this process is to its sales.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Whether another process may be serving, and this one does not.
    pub fn stands_by(&self) -> bool {
        self.sales.get().is_none()
    }

    /// Nothing, while this process serves its sales.
    ///
    /// # Errors
    /// `standby` while it serves none, or does no longer.
    pub fn serves(&self) -> Result<(), Problem> {
        let hand_over = &self.role.hand_over;
        if hand_over.over() {
            hand_over.turn_away();
        } else if !self.stands_by() {
            return Ok(());
        }
        Err(Problem::standby())
    }

    /// Whether cookies travel over TLS.
    pub fn secure(&self, peer: &Peer) -> bool {
        peer.secure || self.behind_tls
    }

    /// What signs tokens, and passes for shops that check them by themselves.
    pub fn signers(&self) -> &Signers {
        &self.signers
    }

    /// How a shop is connected, if one is.
    pub fn gate(&self) -> Option<&Arc<Gate>> {
        self.gate.as_ref()
    }

    /// For clients of a retired waiting room, if there are any.
    pub fn counter(&self) -> Option<&Counter> {
        self.counter.as_ref()
    }

    /// What a connector that a shop runs already and we know.
    pub fn connector(&self) -> Option<&ConnectorKeys> {
        self.connector.as_ref()
    }

    /// The sales that are served, by id.
    pub fn sales(&self) -> &BTreeMap<String, Arc<OpenSale>> {
        self.sales.get().unwrap_or(&NO_SALES)
    }

    /// The sale of this id.
    pub fn sale(&self, id: &str) -> Option<&Arc<OpenSale>> {
        self.sales().get(id)
    }

    /// Codes by which places move to another device.
    pub fn moves(&self) -> &Codes {
        &self.moves
    }

    /// The people of the console, if there is one.
    pub fn console(&self) -> Option<&Arc<Staff>> {
        self.console.as_ref()
    }

    /// Nothing survives: a rehearsal.
    pub fn rehearsal(&self) -> bool {
        self.rehearsal
    }

    /// The right to watch a page of the console; given back when dropped.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn watch(&self, source: Source) -> Result<Permit, NoRoom> {
        self.watchers.admit(source)
    }

    /// How often one source may join.
    pub fn joins(&self) -> &Rates {
        &self.joins
    }

    /// How often one source may present what is not genuine.
    pub fn guesses(&self) -> &Rates {
        &self.guesses
    }
}

impl OpenSale {
    fn new(
        engine: Engine,
        premises: Premises,
        night: impl FnOnce(&str) -> Night,
        metrics: &Metrics,
    ) -> Self {
        let desk = engine.published().desk();
        let id = desk.definition.id.clone();
        Self {
            mark: SaleMark::of(&id),
            cookies: CookieNames::new(&id),
            metrics: metrics.sale(&id),
            night: night(&id),
            names: ArcSwap::from_pointee(Names::of(&desk.definition)),
            plans: ArcSwap::from_pointee(Vec::new()),
            engine,
            folder: premises.folder,
            look: premises.look,
            shelf: Shelf::default(),
            id: id.into(),
        }
    }

    /// What operators set, and the definition.
    pub fn desk(&self) -> Guard<Arc<Desk>> {
        self.engine.published().desk()
    }

    /// The names of the definition that is in force.
    pub fn names(&self, desk: &Desk) -> Arc<Names> {
        let known = self.names.load_full();
        if known.are_of(&desk.definition) {
            return known;
        }
        let names = Arc::new(Names::of(&desk.definition));
        self.names.store(names.clone());
        names
    }

    /// A seat plan as shops read it, rendered when first asked for. Its seats never change.
    pub fn plan(&self, desk: &Desk, id: &str) -> Option<Rendered> {
        let ready = self.plans.load();
        if let Some((_, rendered)) = ready.iter().find(|(known, _)| known == id) {
            return Some(rendered.clone());
        }
        let plan = desk.definition.plans.iter().find(|plan| plan.id == id)?;
        let rendered = plan::render(plan);
        self.plans.rcu(|ready| {
            let mut ready = Vec::clone(ready);
            ready.push((id.to_owned(), rendered.clone()));
            ready
        });
        Some(rendered)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("State").field("sales", &self.sales().keys()).finish_non_exhaustive()
    }
}
