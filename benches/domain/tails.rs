//! What single calls cost, one by one: the slowest in a hundred, which a mean does not show.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use stanchion_domain::change::Change;
use stanchion_domain::command::{BestAvailable, Command, Hold, Item, OpsAction, Target, Units};
use stanchion_domain::id::{BasketId, Number, PriceIndex, SeatIndex};
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::time::Now;

use crate::quantiles::quantiles;
use crate::sales::{apply, with_shoppers};
use crate::venue::{NIGHT, house};

/// Blocks of 500 seats: 9,000.
const BLOCKS: u16 = 18;
const SEATS: u32 = 9_000;
/// Houses from empty to full, each as scattered as chance makes it.
const HOUSES: usize = 256;

/// The best 1 to 8 of 9,000, each time in another house.
#[expect(clippy::print_stdout, reason = "criterion shows no quantile")]
pub(crate) fn best_available(criterion: &mut Criterion) {
    let mut dice = StdRng::seed_from_u64(9_000);
    let mut houses: Vec<Sale> = (0..HOUSES).map(|_| taken_at_random(&mut dice)).collect();
    let mut took = Vec::new();
    let mut group = criterion.benchmark_group("best available");
    group.throughput(Throughput::Elements(1));
    group.bench_function("1 to 8 of 9,000, some taken", |bencher| {
        bencher.iter_custom(|rounds| {
            let one = |_| {
                let house = dice.random_range(0..HOUSES);
                decide(&mut houses[house], dice.random_range(1..=8))
            };
            let from = took.len();
            took.extend((0..rounds).map(one));
            took[from..].iter().sum()
        });
    });
    group.finish();
    if !took.is_empty() {
        println!("best available, single calls: {}", quantiles(took));
    }
}

/// A house in which runs of seats, of one length, are gone with one probability.
fn taken_at_random(dice: &mut StdRng) -> Sale {
    let mut sale = with_shoppers(house(BLOCKS));
    let (share, run) = (dice.random_range(0.0..1.0), dice.random_range(1..=8));
    let gone: Vec<_> = (0..SEATS.div_ceil(run)).map(|_| dice.random_bool(share)).collect();
    let seats = (0..SEATS).filter(|seat| gone[(seat / run) as usize]).map(SeatIndex).collect();
    let what = Units::Seats { performance: NIGHT, seats };
    let action = Box::new(OpsAction::Withhold { what, kind: Withheld::Killed });
    apply(&mut sale, Change::Operated { actor: "bench".into(), reason: String::new(), action });
    sale
}

/// How long one decision takes, whether there are such seats or not.
fn decide(sale: &mut Sale, seats: u32) -> Duration {
    let wish = BestAvailable {
        performance: NIGHT,
        seats,
        accessible: 0,
        zone: None,
        section: None,
        price: PriceIndex(0),
    };
    let (basket, items) = (Target::New(BasketId(1)), vec![Item::BestAvailable(wish)]);
    let command = Command::Hold(Hold { pass: Number(0), basket, items, entitled: false });
    let began = Instant::now();
    let _ = std::hint::black_box(sale.decide(Now::default(), None, &command));
    began.elapsed()
}
