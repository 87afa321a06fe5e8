//! What readers see: places, passes, baskets, seats, the board. All of it durable.
//!
//! Changed by the commit thread alone; read by every request without a lock that another visitor's
//! request could hold for longer than a copy.

use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use dashmap::DashMap;
use stanchion_domain::id::{BasketId, Number, PerformanceIndex, SeatIndex};
use stanchion_domain::inventory::baskets::Basket;
use stanchion_domain::map::Mix;
use stanchion_domain::queue::places::{Found, Places};
use stanchion_domain::sale::Sale;
use stanchion_domain::time::{Now, SaleTime, WallTime};

use super::desk::Desk;
use super::health::Health;
use super::moved::Moved;
use super::picture::BoardPicture;
use super::presence::Seen;
use super::shop::Shop;
use super::tally::Tally;
use super::touched::{PassView, Views, view};
use crate::board::projection::Projection;
use crate::board::seats::SeatMaps;
use crate::board::store::BoardStore;
use crate::journal::Head;

/// Numbers are dense and basket ids are random, both made by us: the rules hash them like this too.
pub(super) type Mixed = BuildHasherDefault<Mix>;

/// The durable state of one sale, as its readers see it.
pub struct Published {
    /// The definition and what operators set.
    desk: ArcSwap<Desk>,
    /// Everybody's place in the queue.
    pub places: Arc<Places>,
    /// Places that moved to another device.
    pub moved: Moved,
    passes: DashMap<Number, PassView, Mixed>,
    baskets: DashMap<BasketId, Arc<Basket>, Mixed>,
    /// Seat states of every performance.
    pub seats: SeatMaps,
    /// The board.
    pub board: Arc<BoardStore>,
    /// Whether the journal can be written, and why not.
    pub health: Health,
    /// Whether the shop can serve whoever is called.
    pub shop: Shop,
    /// What it has come to since this process serves it.
    pub tally: Arc<Tally>,
    sale_now_ms: AtomicU64,
    wall_now_ms: AtomicU64,
    sequence: AtomicU64,
    epoch: AtomicU32,
}

impl Published {
    /// Shows a recovered sale to its readers.
    pub(super) fn new(sale: &Sale, places: Arc<Places>, head: Head, now: Now) -> Self {
        // Versions grow from one process to the next: each has an epoch of its own.
        let after = u64::from(head.epoch) << 32;
        let shop = Shop::default();
        let picture = BoardPicture::whole(sale, &Seen(&places, &shop));
        let published = Self {
            desk: ArcSwap::from_pointee(Desk::of(sale)),
            places,
            moved: Moved::default(),
            passes: DashMap::default(),
            baskets: DashMap::default(),
            seats: SeatMaps::new(sale.definition(), sale.stock(), after),
            board: Arc::new(BoardStore::new(picture.into_update(now, true), after)),
            health: Health::default(),
            shop,
            tally: Arc::new(Tally::new(sale.line().front())),
            sale_now_ms: AtomicU64::new(now.sale.0),
            wall_now_ms: AtomicU64::new(now.wall.0.max(0) as u64),
            sequence: AtomicU64::new(head.sequence),
            epoch: AtomicU32::new(head.epoch),
        };
        published.refresh(sale);
        published
    }

    /// Shows everything but the places anew, from a recovered sale.
    pub(super) fn refresh(&self, sale: &Sale) {
        self.moved.refresh(sale);
        self.show_all_passes(sale);
        self.passes.retain(|number, _| sale.passes().get(*number).is_some());
        for (_, basket) in sale.baskets().iter() {
            self.baskets.insert(basket.id, Arc::new(basket.clone()));
        }
        self.baskets.retain(|id, _| sale.baskets().by_id(*id).is_some());
        self.show_desk(Arc::new(Desk::of(sale)));
        for (at, stock) in (0..).map(PerformanceIndex).zip(sale.stock().performances()) {
            let states = stock.seats.iter().flat_map(|map| map.states());
            let seats: Vec<_> = (0..).map(SeatIndex).zip(states.copied()).collect();
            self.seats.publish(at, &seats);
        }
    }

    /// Shows the passes of a recovered sale; before the places say that they were called.
    pub(super) fn show_all_passes(&self, sale: &Sale) {
        for (number, _) in sale.passes().sorted() {
            if let Some(view) = view(sale, number) {
                self.passes.insert(number, view);
            }
        }
    }

    /// The definition and what operators set. Every poll looks at it, so nobody counts who does:
    /// that would be one number which all cores change.
    pub fn desk(&self) -> Guard<Arc<Desk>> {
        self.desk.load()
    }

    /// What a queue number stands for.
    pub fn find(&self, number: Number) -> Found<PassView> {
        self.places.find(number, |number| self.pass(number))
    }

    /// The pass of a number, if it has one.
    pub fn pass(&self, number: Number) -> Option<PassView> {
        self.passes.get(&number).map(|view| *view)
    }

    /// When the visit of somebody in the shop ends if nothing more is heard of them: not before
    /// their basket does, which is no sign of life when it runs out.
    pub fn idles_at(&self, number: Number, view: &PassView) -> SaleTime {
        let desk = self.desk();
        let seen_at = self.places.seen_at(number).unwrap_or_default();
        let heard_at = seen_at.max(view.pass.since).max(desk.silent_from);
        let basket = view.basket.and_then(|id| self.basket(id));
        let kept_until = basket.map(|basket| basket.deadline_at).unwrap_or_default();
        heard_at.after(desk.definition.policy.idle_span).max(kept_until)
    }

    /// All passes, in no particular order.
    pub fn passes(&self) -> Vec<(Number, PassView)> {
        self.passes.iter().map(|entry| (*entry.key(), *entry.value())).collect()
    }

    /// A basket or an order.
    pub fn basket(&self, id: BasketId) -> Option<Arc<Basket>> {
        self.baskets.get(&id).map(|basket| basket.clone())
    }

    /// All orders and live baskets, in no particular order.
    pub fn baskets(&self, wanted: impl Fn(&Basket) -> bool) -> Vec<Arc<Basket>> {
        let all = self.baskets.iter().map(|entry| entry.value().clone());
        all.filter(|basket| wanted(basket)).collect()
    }

    /// Time as of the newest batch. Relaxed: a reading a tick old is as good.
    pub fn now(&self) -> Now {
        Now {
            sale: SaleTime(self.sale_now_ms.load(Ordering::Relaxed)),
            wall: WallTime(self.wall_now_ms.load(Ordering::Relaxed) as i64),
        }
    }

    /// Whether visitors are called now.
    pub fn calling(&self) -> bool {
        self.desk().operations.calling() && self.shop.state().serves()
    }

    /// What the rules ask of the world.
    pub(super) fn seen(&self) -> Seen<'_> {
        Seen(&self.places, &self.shop)
    }

    /// Whether sale time runs at this monotonic time: neither was it stopped, nor does anything
    /// keep us from serving.
    pub fn time_runs(&self, at_ms: u64) -> bool {
        !self.desk().operations.frozen && self.health.serves(at_ms)
    }

    /// Shows on the board that nothing can be written, and so sale time stands still.
    pub(super) fn show_halt(&self) {
        let Now { sale, wall } = self.now();
        self.board.halt(Projection { sale_now: sale, wall_now: wall });
    }

    /// Number of the newest durable record.
    pub fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// Epoch of the newest durable record.
    pub fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Relaxed)
    }

    pub(super) fn set_now(&self, now: Now) {
        self.sale_now_ms.store(now.sale.0, Ordering::Relaxed);
        self.wall_now_ms.store(now.wall.0.max(0) as u64, Ordering::Relaxed);
    }

    pub(super) fn set_sequence(&self, sequence: u64) {
        self.sequence.store(sequence, Ordering::Relaxed);
    }

    pub(super) fn set_epoch(&self, epoch: u32) {
        self.epoch.store(epoch, Ordering::Relaxed);
    }

    /// Shows passes that exist; before the places say that they were called.
    pub(super) fn show_passes(&self, views: &Views) {
        for (number, view) in &views.passes {
            if let Some(view) = view {
                self.passes.insert(*number, *view);
            }
        }
    }

    /// Takes away passes that ended; after the places say what became of them.
    pub(super) fn remove_passes(&self, views: &Views) {
        for (number, view) in &views.passes {
            if view.is_none() {
                self.passes.remove(number);
            }
        }
    }

    /// Shows baskets and seats.
    pub(super) fn show_inventory(&self, views: Views) {
        for (id, basket) in views.baskets {
            match basket {
                Some(basket) => self.baskets.insert(id, basket),
                None => self.baskets.remove(&id).map(|(_, basket)| basket),
            };
        }
        for (performance, seats) in views.seats {
            self.seats.publish(performance, &seats);
        }
    }

    /// Shows what operators set.
    pub(super) fn show_desk(&self, desk: Arc<Desk>) {
        self.seats.extend(&desk.definition);
        self.desk.store(desk);
    }
}
