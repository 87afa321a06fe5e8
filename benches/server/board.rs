//! The board: publishing and reading it with one and with 13,000 performances.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use stanchion::board::projection::Projection;
use stanchion::board::store::{BoardStore, Update};
use stanchion_domain::change::{Change, Held, Line, Taken};
use stanchion_domain::id::ZoneIndex;
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PoolIndex, PriceIndex};
use stanchion_domain::sale::definition::{Definition, Performance, Pool};
use stanchion_domain::sale::{Presence, Sale};
use stanchion_domain::time::SaleTime;

use crate::sales::{apply, arena, with_shoppers};

struct Nobody;

impl Presence for Nobody {
    fn seen_at(&self, _: Number) -> Option<SaleTime> {
        None
    }

    fn seen_near(&self, _: Number) -> Option<SaleTime> {
        None
    }

    fn issued(&self) -> u32 {
        1_000
    }

    fn shop_serves(&self) -> bool {
        true
    }
}

/// So many timed slots of 12 places, as in 2015.
fn slots(performances: u16) -> Definition {
    let slot = |at| Performance {
        id: format!("slot-{at}"),
        name: format!("Slot {at}"),
        pools: vec![Pool {
            id: "places".into(),
            name: "Places".into(),
            zone: ZoneIndex(0),
            capacity: 12,
            withheld: 0,
        }],
        ..Performance::default()
    };
    let mut definition = Definition {
        performances: (0..performances).map(slot).collect(),
        plans: Vec::new(),
        ..arena()
    };
    definition.policy.cap = 1_000;
    definition
}

fn update(sale: &mut Sale) -> Update {
    let mut changed = sale.take_changed();
    changed.sort_unstable();
    Update {
        definition: sale.definition().clone(),
        head: sale.head(&Nobody),
        estimate: None,
        performances: sale.pictures(&changed),
        projection: Projection::default(),
        running: true,
    }
}

/// One unit of each of these performances goes into a basket, or, in the next round, back: so the
/// counts differ from round to round.
fn touch(sale: &mut Sale, performances: impl Iterator<Item = u16>, round: u128) {
    let basket = BasketId(round.div_ceil(2));
    if round.is_multiple_of(2) {
        return apply(sale, Change::BasketReleased { basket });
    }
    let line = |at| Line {
        performance: PerformanceIndex(at),
        what: Taken::Pool(PoolIndex(0), 1),
        zone: ZoneIndex(0),
        price: PriceIndex(0),
        amount_minor: 5_000,
        house: false,
    };
    let held = Held {
        basket,
        pass: Number(0),
        hold: HoldId(1),
        lines: performances.map(line).collect(),
        deadline_at: SaleTime(600_000),
    };
    apply(sale, Change::Held(held));
}

/// Computing, rendering and swapping the board after a tick.
pub(crate) fn publishing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("board of a tick");
    for (performances, touched) in [(1, 1), (13_000, 10), (13_000, 13_000)] {
        let mut sale = with_shoppers(slots(performances));
        let store = BoardStore::new(update(&mut sale), 0);
        let mut round = 0;
        group.bench_function(format!("{touched} of {performances} changed"), |bencher| {
            bencher.iter_custom(|rounds| {
                let mut took = std::time::Duration::ZERO;
                for _ in 0..rounds {
                    round += 1;
                    let step = performances / touched;
                    touch(&mut sale, (0..touched).map(|at| at * step), round);
                    let version = store.current().version;
                    let began = std::time::Instant::now();
                    store.publish(update(&mut sale));
                    took += began.elapsed();
                    assert_ne!(store.current().version, version, "a tick that changed something");
                }
                took
            });
        });
    }
    group.finish();
}

/// Listing the availability of all performances in one answer, rendered for the first reader of a
/// version.
pub(crate) fn reading(criterion: &mut Criterion) {
    let mut sale = with_shoppers(slots(13_000));
    let store = Arc::new(BoardStore::new(update(&mut sale), 0));
    let mut round = 0;
    criterion.bench_function("list of 13,000 performances", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut took = std::time::Duration::ZERO;
            for _ in 0..rounds {
                round += 1;
                touch(&mut sale, 0..10, round);
                store.publish(update(&mut sale));
                let began = std::time::Instant::now();
                black_box(store.current().performances.all());
                took += began.elapsed();
            }
            took
        });
    });
}
