//! The inventory: holds on one hot pool and on scattered seats, and the best available.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use stanchion_domain::change::Change;
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, OpsAction, Target, Units};
use stanchion_domain::id::{BasketId, Number, PoolIndex, PriceIndex, SeatIndex};
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::sale::{Outcome, Sale};
use stanchion_domain::time::Now;

use crate::sales::{apply, arena, with_shoppers};
use crate::venue::{NIGHT, SHOPPERS};

fn decide(sale: &mut Sale, command: &Command) {
    let outcome = sale.decide(Now::default(), None, command).expect("what is asked is allowed");
    let Outcome::New(change) = outcome else { panic!("nothing is asked twice") };
    apply(sale, change);
}

fn hold_and_release(sale: &mut Sale, round: u64, item: Item) {
    let pass = Number((round % u64::from(SHOPPERS)) as u32);
    let basket = BasketId(u128::from(round) + 1);
    let hold = Hold { pass, basket: Target::New(basket), items: vec![item], entitled: false };
    decide(sale, &Command::Hold(hold));
    decide(sale, &Command::Release { pass, basket, hold: None });
}

/// Hold and release decided and applied, by one of 1,000 shoppers after the other.
pub(crate) fn holds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hold and release");
    group.throughput(Throughput::Elements(1));
    let mut round = 0;
    let mut sale = with_shoppers(arena());
    group.bench_function("one hot pool", |bencher| {
        bencher.iter(|| {
            round += 1;
            let (pool, price) = (PoolIndex(0), PriceIndex(0));
            hold_and_release(
                &mut sale,
                round,
                Item::Pool { performance: NIGHT, pool, price, units: 2 },
            );
        });
    });
    group.bench_function("scattered seats", |bencher| {
        bencher.iter(|| {
            round += 1;
            let seat = SeatIndex((round.wrapping_mul(7_919) % 20_000) as u32);
            let price = PriceIndex(0);
            hold_and_release(&mut sale, round, Item::Seat { performance: NIGHT, seat, price });
        });
    });
    group.finish();
}

/// The best 1 to 8 of the arena's 20,000, when it is empty and when four in twenty are left.
pub(crate) fn best_available(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("best available");
    group.throughput(Throughput::Elements(1));
    for (house, keep) in [("empty", None), ("scattered", Some(20))] {
        let mut sale = with_shoppers(arena());
        keep.into_iter().for_each(|keep| scatter(&mut sale, keep));
        for seats in 1..=8 {
            let wish = BestAvailable {
                performance: NIGHT,
                seats,
                accessible: 0,
                zone: None,
                section: None,
                price: PriceIndex(0),
            };
            let items = vec![Item::BestAvailable(wish)];
            let basket = Target::New(BasketId(1));
            let command = Command::Hold(Hold { pass: Number(0), basket, items, entitled: false });
            group.bench_function(format!("{seats} of the {house} arena"), |bencher| {
                bencher.iter(|| black_box(sale.decide(Now::default(), None, &command)));
            });
        }
    }
    group.finish();
}

/// Takes every seat but each `n`-th off sale, so that the house is nearly full and scattered.
fn scatter(sale: &mut Sale, keep_one_in: u32) {
    let seats = (0..20_000).filter(|seat| seat % keep_one_in >= 4).map(SeatIndex).collect();
    let what = Units::Seats { performance: NIGHT, seats };
    let action = Box::new(OpsAction::Withhold { what, kind: Withheld::Killed });
    apply(sale, Change::Operated { actor: "bench".into(), reason: String::new(), action });
}
