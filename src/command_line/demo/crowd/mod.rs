//! A synthetic crowd: visitors who join, wait, choose, hold, change their minds and buy.
//!
//! Each is a task with a temper of its own, drawn from one seed, and speaks to the server as a
//! browser and a shop would. Owns the visitors, what was acknowledged to them, and what they
//! remember after a stop; at the end it checks that against what the server says. Never looks
//! inside the server.

pub mod ledger;
pub mod memory;
pub mod tally;
pub mod temper;

mod choice;
mod shopper;
#[cfg(test)]
mod tests;
mod visitor;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::ledger::{Ledger, Verdict};
use self::memory::Memory;
use self::tally::Tally;
use self::temper::Temper;
use self::visitor::Visitor;
use super::web::Web;
use super::wire::plan::Plan;

/// Visitors of one crowd: a task of about 4 KiB each, 400 MiB.
pub const PEOPLE_MAX: u32 = 100_000;
/// Connections of the whole crowd: a server takes 64 from one address, and a person at the
/// keyboard, the shop and the view need some of them.
const CONNECTIONS_MAX: usize = 40;

/// How large, how fast and how lively a crowd is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's public listener.
    pub public: SocketAddr,
    /// The sale's id.
    pub sale: String,
    /// Visitors; more than [`PEOPLE_MAX`] are as many.
    pub people: u32,
    /// From the first arrival to the last.
    pub arrive_over: Duration,
    /// Gives every visitor's temper and every choice.
    pub seed: u64,
    /// The shop's, for confirming payments and for reading orders at the end.
    pub api_key: String,
    /// How many times faster than people they look, think and pay. Not how often they poll: that
    /// is the server's to say.
    pub pace_of_life: f64,
}

/// What all visitors share.
struct Crowd {
    settings: Settings,
    web: Web,
    tally: Arc<Tally>,
    ledger: Ledger,
    memory: Memory,
    /// The layout that the first visitor read; the demonstration has one.
    plan: OnceCell<(String, Arc<Plan>)>,
}

/// Lets a crowd live until the last has gone or `stop` is cancelled, then says what became of
/// everything that was acknowledged to it. Whoever is in its memory goes on where they were.
pub async fn run(
    settings: Settings,
    memory: Memory,
    stop: CancellationToken,
    tally: Arc<Tally>,
) -> Verdict {
    let web = Web::new(settings.public, CONNECTIONS_MAX);
    let (ledger, plan) = (Ledger::default(), OnceCell::new());
    memory.count(&tally);
    memory.orders().iter().for_each(|order| ledger.acknowledge(order.clone()));
    let crowd = Arc::new(Crowd { settings, web, tally, ledger, memory, plan });
    let mut people = JoinSet::new();
    for number in 0..crowd.settings.people.min(PEOPLE_MAX) {
        let before = crowd.memory.of(number);
        if before.gone {
            continue;
        }
        let (visitor, stop) = (crowd.visitor(number), stop.clone());
        people.spawn(async move { stop.run_until_cancelled(visitor.live(before)).await });
    }
    while let Some(gone) = people.join_next().await {
        if gone.is_err() {
            crowd.tally.errors.add(1);
        }
    }
    crowd.tally.gone.add(u64::from(!stop.is_cancelled()));
    crowd.ledger.verdict(&crowd.web, &crowd.settings).await
}

impl Crowd {
    fn visitor(self: &Arc<Self>, number: u32) -> Visitor {
        // Neighbouring seeds give unrelated sequences: the generator hashes its seed.
        let seed = self.settings.seed.wrapping_add(u64::from(number));
        let mut random = StdRng::seed_from_u64(seed);
        let temper = Temper::draw(&mut random, self.settings.arrive_over);
        Visitor { crowd: Arc::clone(self), number, temper, random, bought: false }
    }

    /// An address below the sale.
    fn path(&self, rest: &str) -> String {
        format!("/v1/sales/{}/{rest}", self.settings.sale)
    }
}
