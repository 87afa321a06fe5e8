//! A sold-out night on disk, as a start finds it: 100,000 seats, and a million places and records.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

use stanchion::clock::Clock;
use stanchion::engine::{Engine, Parts, Threads};
use stanchion::journal::local::LocalJournal;
use stanchion::journal::{Head, Journal, Record};
use stanchion::metrics::Metrics;
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::id::ZoneIndex;
use stanchion_domain::id::{
    BasketId, HoldId, Number, PoolIndex, PriceIndex, RequestKey, SeatIndex,
};
use stanchion_domain::time::{Now, SaleTime};

use crate::venue::{NIGHT, SHOPPERS, house};

/// Visitors who buy two seats each, after they held and gave back seven times; thousand by
/// thousand, each thousand leaving before the next is called.
const BUYERS: u32 = 50_000;
const CHANGES_OF_MIND: u32 = 7;
const RECORDS: u64 = 1_000_000;
/// Of 500 seats.
const BLOCKS: u16 = 200;
/// The visitors who are in the shop when it ends, with nothing held.
pub(crate) const IN_THE_SHOP: Range<u32> = BUYERS..BUYERS + SHOPPERS;
const NEVER: SaleTime = SaleTime(u64::MAX / 2);

/// A journal that is written straight.
pub(crate) struct Night {
    journal: LocalJournal,
    head: Head,
    now: SaleTime,
    batch: Vec<Record>,
}

impl Night {
    /// A whole night, in an empty folder.
    pub(crate) fn write(folder: &Path) {
        let mut night = Self::open(folder);
        night.add(Change::Created(Arc::new(house(BLOCKS))));
        night.add(Change::Reserved { until: 1 << 20 });
        night.add(Change::Marked { issued: 1_000_000 });
        night.add(Change::Opened);
        for first in (0..BUYERS).step_by(SHOPPERS as usize) {
            night.let_in(first);
            (first..first + SHOPPERS).for_each(|buyer| night.buy(buyer));
        }
        night.let_in(BUYERS);
        let more = RECORDS - night.head.sequence;
        night.go_on(more);
    }

    /// A journal to go on with.
    pub(crate) fn open(folder: &Path) -> Self {
        let journal = LocalJournal::open(folder).expect("a sound journal");
        let (head, mut now) = (journal.head(), SaleTime(0));
        let mut last = |record: Record| {
            now = record.decided.now.sale;
            ControlFlow::Continue(())
        };
        journal.history().read_from(head.sequence, &mut last).expect("a sound journal");
        Self { head, journal, now, batch: Vec::new() }
    }

    /// Those in the shop hold units of the pool and give them back, until there are so many more
    /// records.
    pub(crate) fn go_on(mut self, records: u64) {
        let until = self.head.sequence + records;
        for shopper in IN_THE_SHOP.cycle() {
            if self.head.sequence >= until {
                break;
            }
            let basket = self.hold(shopper, &[Taken::Pool(PoolIndex(0), 2)]);
            self.add(Change::BasketReleased { basket });
        }
        self.flush();
    }

    fn let_in(&mut self, first: u32) {
        let front = first + SHOPPERS;
        let numbers = (first..front).map(Number).collect();
        self.add(Change::Called { numbers, front, claim_until: NEVER });
        (first..front).for_each(|number| self.add(Change::Claimed { number: Number(number) }));
    }

    fn buy(&mut self, buyer: u32) {
        let seats = [2 * buyer, 2 * buyer + 1].map(|seat| Taken::Seat(SeatIndex(seat)));
        for _ in 0..CHANGES_OF_MIND {
            let basket = self.hold(buyer, &seats);
            self.add(Change::BasketReleased { basket });
        }
        let basket = self.hold(buyer, &seats);
        self.add(Change::CheckedOut { basket, deadline_at: NEVER });
        self.add(Change::Confirmed { basket, payment: format!("payment-{buyer}"), late: false });
        self.add(Change::Left { number: Number(buyer) });
    }

    fn hold(&mut self, visitor: u32, taken: &[Taken]) -> BasketId {
        let basket = BasketId(u128::from(self.head.sequence) + 1);
        self.add(Change::Held(held(basket, visitor, taken)));
        basket
    }

    fn add(&mut self, change: Change) {
        self.now.0 += u64::from(self.head.sequence.is_multiple_of(10));
        self.batch.push(record(&mut self.head, self.now, change));
        if self.batch.len() == 4_096 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.journal.append(&self.batch).expect("the disk has room");
        self.batch.clear();
    }
}

/// The next record of a journal, under a key of its own.
pub(crate) fn record(head: &mut Head, sale: SaleTime, change: Change) -> Record {
    head.sequence += 1;
    head.epoch = head.epoch.max(1);
    let request = Some(RequestKey { key: u128::from(head.sequence), body: 7 });
    let now = Now { sale, ..Now::default() };
    let decided = Decided { now, request, change };
    Record { sequence: head.sequence, epoch: head.epoch, decided }
}

/// The first hold of a basket.
pub(crate) fn held(basket: BasketId, visitor: u32, taken: &[Taken]) -> Held {
    let line = |what: &Taken| Line {
        performance: NIGHT,
        what: *what,
        zone: ZoneIndex(0),
        price: PriceIndex(0),
        amount_minor: 5_000,
        house: false,
    };
    Held {
        basket,
        pass: Number(visitor),
        hold: HoldId(1),
        lines: taken.iter().map(line).collect(),
        deadline_at: NEVER,
    }
}

/// Starts the engine on what a folder holds, as the server does.
pub(crate) fn start(folder: &Path, registry: Arc<Metrics>) -> (Engine, Threads) {
    let parts = Parts {
        journal: Box::new(LocalJournal::open(folder).expect("a sound journal")),
        definition: None,
        clock: Clock::machine(),
        registry,
        fatal: Arc::new(|fault| panic!("the journal failed: {fault}")),
    };
    Engine::start(parts).expect("a sound journal").expect("it holds a sale")
}
