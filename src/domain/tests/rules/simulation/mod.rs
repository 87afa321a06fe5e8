//! Seeded nights: visitors with habits of their own, in front of a server that stalls, crashes and
//! loses what was not yet durable. A ledger of its own asserts the promises.
//!
//! `SIM_SEED` runs one seed, `SIM_SEEDS` so many, `SIM_STEPS` so many steps each.

mod ledger;
mod server;
mod visitor;

use crate::simulation::server::Server;
use crate::simulation::visitor::Visitor;
use crate::support::Random;
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{PerformanceIndex, SeatIndex};
use stanchion_domain::sale::definition::Withheld;
use stanchion_domain::time::Span;

const SEEDS: u64 = 120;
const STEPS: u64 = 2_000;
const VISITORS: u64 = 24;

/// One night: what it came to, as text.
fn night(seed: u64, steps: u64) -> Vec<String> {
    let mut random = Random(seed);
    let mut server = Server::new();
    let mut visitors: Vec<Visitor> =
        (0..VISITORS).map(|at| Visitor::new(at, &mut random)).collect();
    let mut at = At { seed, step: 0 };
    server.operate(OpsAction::Open);
    for step in 0..steps {
        at.step = step;
        pass_time(&mut server, &mut visitors, &mut random);
        for _ in 0..5 {
            let visitor = random.below(VISITORS) as usize;
            visitors[visitor].act(&mut server, &mut random);
        }
        if random.one_in(100) {
            operate(&mut server, &mut random);
        }
        server.settle();
        if random.one_in(2) {
            for (visitor, answer) in server.flush() {
                if random.one_in(20) {
                    visitors[visitor].lose_answer();
                } else {
                    visitors[visitor].take(answer, server.now().sale.0, &mut random);
                }
            }
        }
        if step % 16 == 0 {
            server.check();
        }
    }
    server.trace()
}

/// Time passes, or stops, or the process dies.
fn pass_time(server: &mut Server, visitors: &mut [Visitor], random: &mut Random) {
    match random.below(1_200) {
        0..2 => {
            server.crash(random);
            visitors.iter_mut().for_each(Visitor::lose_answer);
        }
        2..5 => server.advance(2_001 + random.below(600_000)),
        5..12 => server.advance(1_900 + random.below(101)),
        _ => server.advance(random.below(500)),
    }
}

fn operate(server: &mut Server, random: &mut Random) {
    let operations = server.operations();
    let order = server.order(random);
    let what = Units::Seats {
        performance: PerformanceIndex(1 + random.below(2) as u16),
        seats: vec![SeatIndex(random.below(12) as u32)],
    };
    let action = match random.below(15) {
        0 | 1 => OpsAction::SetCap(1 + random.below(8) as u32),
        2 => OpsAction::SetPace([60, 600, 6_000][random.below(3) as usize]),
        14 if operations.call_for_what_is_left => OpsAction::CallForWhatIsLeft(false),
        14 => OpsAction::CallForWhatIsLeft(true),
        3 => OpsAction::AddTime(Span(1 + random.below(10_000))),
        4 if operations.frozen => OpsAction::ResumeTime,
        4 => OpsAction::FreezeTime,
        _ if operations.frozen => OpsAction::ResumeTime,
        _ if operations.calling_paused => OpsAction::ResumeCalling,
        5 if random.one_in(3) => OpsAction::PauseCalling,
        10 => OpsAction::Withhold { what, kind: Withheld::House },
        11.. => OpsAction::Restore { what },
        6.. if order.is_some() => OpsAction::CancelOrder(order.expect("there is one")),
        _ => return,
    };
    server.operate(action);
}

/// Says where a failing night stopped.
struct At {
    seed: u64,
    step: u64,
}

impl Drop for At {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SIM_SEED={} failed at step {}", self.seed, self.step);
        }
    }
}

fn number_of(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a whole number"))
}

#[test]
fn every_promise_holds_through_crashes_stalls_and_lost_tails() {
    let steps = number_of("SIM_STEPS").unwrap_or(STEPS);
    let seeds = match number_of("SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number_of("SIM_SEEDS").unwrap_or(SEEDS),
    };
    let mut trace = Vec::new();
    for seed in seeds {
        trace.extend(night(seed, steps));
    }
    for happened in ["Confirmed", "PaymentLost", "BasketExpired", "ClaimsMissed", "IdledOut"] {
        let seen = trace.iter().any(|change| change.starts_with(happened));
        assert!(seen || number_of("SIM_SEED").is_some(), "no night had {happened}");
    }
}

#[test]
fn a_seed_runs_the_same_way_twice() {
    let (first, second) = (night(7, 1_500), night(7, 1_500));
    assert!(first.len() > 100, "something happened");
    assert_eq!(first, second);
}
