//! A crowd: people who come, wait, shop and leave, each as they were drawn.
//!
//! A share of the crowd lives in one worker. Each person is a task that begins when they arrive and
//! ends with their fate; what they meant to ask when follows from their plan and from what they
//! were told, never from when this machine got round to it. Everything that a promise is about is
//! written into the notebook. Owns the people; what they leave behind is looked at by `audit`.

pub mod audit;
pub mod fate;
pub mod tally;

pub(crate) mod wire;

mod catalogue;
mod choice;
mod hold;
mod ledger;
mod queue;
mod screen;
mod shop;
mod till;
mod visitor;
mod watch;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::catalogue::Catalogue;
use self::fate::Fate;
use self::ledger::Ledger;
use self::screen::{Heads, Sample};
use self::tally::Tally;
use self::visitor::Visitor;
use crate::history::clock::RunClock;
use crate::history::{Told, What, Who};
use crate::measure::notebook::Notebook;
use crate::scenario::person::Person;
use crate::web::Web;
use crate::web::browser::Browser;

/// Where the crowd goes, and who it is there.
pub struct Ground {
    /// The server's public interface.
    pub web: Arc<Web>,
    /// The gate in front of the shop, for people who load its pages.
    pub gate: Option<Arc<Web>>,
    /// The sale's id.
    pub sale: String,
    /// The shop's API key; without it nobody can pay.
    pub api_key: Option<String>,
}

/// One worker's share of the people.
pub struct Share {
    /// The people, in any order.
    pub people: Vec<Person>,
    /// Where they go.
    pub ground: Ground,
    /// Live counts, for whoever shows progress.
    pub tally: Arc<Tally>,
}

/// What all people of a share have in common.
pub struct Crowd {
    ground: Ground,
    /// The shop's own connections, from which it confirms orders.
    shop: Browser,
    catalogue: Catalogue,
    ledger: Ledger,
    heads: Heads,
    sample: Sample,
    clock: RunClock,
    notebook: Arc<Notebook>,
    tally: Arc<Tally>,
}

/// A crowd whose evening is over.
pub struct Over {
    /// What became of each person, by their number.
    pub fates: Vec<(u32, Fate)>,
    /// What they left behind, for [`audit::run`].
    pub crowd: Arc<Crowd>,
}

/// Lives a share of the people: until the last has gone, or `stop` is cancelled.
///
/// Ghosts do not keep the evening going: they end with the last of the others.
pub async fn run(share: Share, notebook: &Arc<Notebook>, stop: &CancellationToken) -> Over {
    let Share { mut people, ground, tally } = share;
    people.sort_by_key(|person| (person.arrives_us, person.who));
    let mut coming = people.len() - people.iter().filter(|person| person.ghost).count();
    let screens = people.iter().filter(|person| person.streams).count();
    let crowd = Arc::new(Crowd::new(ground, tally, notebook, Sample::of(screens)));
    let over = stop.child_token();
    let mut here = JoinSet::new();
    let mut fates = Vec::with_capacity(people.len());
    let mut people = people.into_iter().peekable();
    loop {
        if coming == 0 {
            over.cancel();
        }
        let arrives_us = people.peek().map(|person| person.arrives_us);
        tokio::select! {
            biased;
            () = crowd.until(arrives_us.unwrap_or(u64::MAX)), if arrives_us.is_some() => {
                let Some(person) = people.next().filter(|_| !over.is_cancelled()) else { continue };
                here.spawn(live(Visitor::new(&crowd, person), over.clone()));
            }
            Some(gone) = here.join_next() => {
                let (who, ghost, fate) = gone.expect("people do not panic");
                coming -= usize::from(!ghost);
                fates.push((who, fate));
            }
            () = over.cancelled(), if people.peek().is_some() => {
                fates.extend(people.by_ref().map(|person| (person.who, Fate::Stopped)));
            }
            else => break,
        }
    }
    fates.sort_unstable();
    Over { fates, crowd }
}

/// One person's evening; whether they are a ghost, and their fate.
async fn live(visitor: Visitor, over: CancellationToken) -> (u32, bool, Fate) {
    let (who, ghost) = (visitor.person.who, visitor.person.ghost);
    let fate = over.run_until_cancelled(visitor.live()).await;
    let ended = if ghost { Fate::Ghost } else { Fate::Stopped };
    (who, ghost, fate.unwrap_or(ended))
}

impl Crowd {
    fn new(ground: Ground, tally: Arc<Tally>, notebook: &Arc<Notebook>, sample: Sample) -> Self {
        Self {
            shop: Browser::new(&ground.web, 0),
            catalogue: Catalogue::default(),
            ledger: Ledger::default(),
            heads: Heads::default(),
            sample,
            clock: ground.web.clock(),
            notebook: notebook.clone(),
            tally,
            ground,
        }
    }

    /// An address below the sale.
    fn path(&self, rest: &str) -> String {
        format!("/v1/sales/{}/{rest}", self.ground.sale)
    }

    /// Waits until the run is so old.
    async fn until(&self, at_us: u64) {
        if at_us > self.clock.now_us() {
            tokio::time::sleep_until(self.clock.instant(at_us).into()).await;
            self.notebook.woke(self.clock.now_us().saturating_sub(at_us));
        }
    }

    /// Writes down what somebody was told; times as read from the run's clock.
    fn told(&self, who: u32, (asked_us, told_us): (u64, Option<u64>), what: What) {
        self.notebook.told(Told { who: Who::Visitor(who), asked_us, told_us, what });
    }
}
