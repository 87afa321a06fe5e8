//! Reads the journal and nothing else, and knows from it what readers may be shown.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use stanchion_domain::board::status::Counts;
use stanchion_domain::change::Change;
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::{Number, PerformanceIndex};
use stanchion_domain::queue::passes::Pass;
use stanchion_domain::queue::places::Found;
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::sale::Sale;
use stanchion_domain::time::SaleTime;

use super::super::published::Published;
use super::super::touched::{PassView, view};
use super::books::Books;
use crate::board::seats::letter;
use crate::journal::{History, Record};

/// The sale as its durable records make it.
#[derive(Default)]
pub(super) struct Witness {
    records: Vec<Record>,
    /// The sale after the first `applied` records: as many as readers have been shown.
    pub(super) sale: Option<Sale>,
    /// Of a mirrored sale, as true as the sale.
    pub(super) books: Option<Books>,
    applied: usize,
    by_key: BTreeMap<u128, usize>,
    /// Sale times at which an outage ended, ascending.
    outages: Vec<SaleTime>,
    shown_now: SaleTime,
}

impl Witness {
    /// An outage ended at this sale time.
    pub(super) fn outage(&mut self, at: SaleTime) {
        self.outages.push(at);
    }

    /// A new process serves: its sale time begins with what is durable.
    pub(super) fn restart(&mut self) {
        self.shown_now = SaleTime(0);
    }

    /// The epoch of the newest durable record.
    pub(super) fn epoch(&self) -> u32 {
        self.records.last().map_or(0, |record| record.epoch)
    }

    /// The durable change that answers a request.
    pub(super) fn answer(&self, key: u128) -> Option<&Change> {
        let at = *self.by_key.get(&key)?;
        let change = &self.records[at].decided.change;
        let Change::PaymentRepeated { basket: repeated } = change else { return Some(change) };
        let mut before = self.records[..at].iter().map(|record| &record.decided.change);
        before.find(|change| match change {
            Change::Confirmed { basket, .. } | Change::PaymentLost { basket, .. } => {
                basket == repeated
            }
            _ => false,
        })
    }

    /// Reads what is durable.
    pub(super) fn read_on(&mut self, history: &dyn History) {
        let next = self.records.len() as u64 + 1;
        let read = history.read_from(next, &mut |record| {
            self.read(record);
            ControlFlow::Continue(())
        });
        read.expect("the journal is whole");
    }

    /// Reads what is durable, and makes true what readers are shown of it.
    pub(super) fn follow(&mut self, history: &dyn History, shown: u64) {
        self.read_on(history);
        assert!(shown <= self.records.len() as u64, "what is shown is durable");
        assert!(self.applied as u64 <= shown, "what was shown stays");
        while (self.applied as u64) < shown {
            self.apply();
        }
    }

    fn read(&mut self, record: Record) {
        let at = self.records.len();
        assert_eq!(record.sequence, at as u64 + 1, "no gap");
        if let Some(last) = self.records.last() {
            assert!(record.epoch >= last.epoch, "no writer comes back");
            assert!(record.decided.now.sale >= last.decided.now.sale, "sale time never goes back");
        }
        if let Some(request) = record.decided.request {
            assert!(self.by_key.insert(request.key, at).is_none(), "a key has one effect");
        }
        self.records.push(record);
    }

    fn apply(&mut self) {
        let decided = self.records[self.applied].decided.clone();
        self.applied += 1;
        let Some(sale) = &mut self.sale else {
            let Change::Created(definition) = decided.change else { panic!("created first") };
            self.books = definition.mirrored().then(|| Books::new(&definition));
            self.sale = Some(Sale::new(definition));
            return;
        };
        let ended = self.outages.iter().rev().find(|at| **at < decided.now.sale);
        if let Some(at) = ended {
            check_grace(sale, &decided.change, *at, decided.now.sale);
        }
        sale.apply(&decided);
        match &mut self.books {
            Some(books) => books.follow(&decided),
            None => check_own(&decided.change),
        }
        if let Change::Called { numbers, .. } = &decided.change {
            let within = sale.passes().len() <= sale.operations().cap;
            assert!(numbers.is_empty() || within, "the cap is a cap");
        }
    }

    /// What readers see is what the journal says, neither more nor less.
    pub(super) fn check(&mut self, published: &Published, given: &[Number]) {
        let sale = self.sale.as_ref().expect("a sale is served");
        let now = published.now().sale;
        assert!(now >= self.shown_now, "the time that is shown never goes back");
        assert!(now >= sale.now(), "what is shown has happened");
        self.shown_now = now;
        let desk = published.desk();
        assert_eq!(desk.operations, *sale.operations());
        assert_eq!(desk.definition, *sale.definition());
        given.iter().for_each(|number| check_place(published, sale, *number));
        let kept = sale.baskets().iter().count();
        assert_eq!(published.baskets(|_| true).len(), kept, "no basket more");
        for (_, basket) in sale.baskets().iter() {
            let shown = published.basket(basket.id);
            assert_eq!(shown.as_deref(), Some(basket), "a basket is shown as it is");
        }
        check_owners(sale);
        check_seats(published, sale);
        if let Some(books) = &mut self.books {
            books.shown.check(&published.board.current());
        }
    }

    /// The board shows what the journal says, once nothing is under way.
    pub(super) fn check_board(&self, published: &Published) {
        let sale = self.sale.as_ref().expect("a sale is served");
        let board = published.board.current();
        assert_eq!(*board.head.counts(), sale.stock().total());
        assert_eq!(*board.performances.total(), sale.stock().total());
        if let Some(books) = &self.books {
            return books.shown.check_newest(&board);
        }
        for at in (0..sale.definition().performances.len() as u16).map(PerformanceIndex) {
            let (_, bytes) = board.performances.get(at).expect("every performance is on it");
            let body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            let counts = counts_of(&body["counts"]);
            assert_eq!(counts, sale.stock().performance(at).total(), "{at:?}");
        }
    }
}

fn counts_of(body: &serde_json::Value) -> Counts {
    let figure = |name: &str| body[name].as_u64().expect("a figure");
    Counts {
        capacity: figure("capacity"),
        available: figure("available"),
        held: figure("held"),
        paying: figure("paying"),
        sold: figure("sold"),
        withheld: figure("withheld"),
    }
}

/// Nobody else keeps the seats.
fn check_own(change: &Change) {
    let mirrored = match change {
        Change::Reported { .. } | Change::WentStale { .. } => true,
        Change::Operated { action, .. } => {
            matches!(&**action, OpsAction::Redefine(definition) if definition.mirrored())
        }
        _ => false,
    };
    assert!(!mirrored, "we keep the seats: {change:?}");
}

/// Nothing that an outage interrupted runs out before its grace is over.
fn check_grace(sale: &Sale, change: &Change, ended_at: SaleTime, now: SaleTime) {
    let policy = &sale.definition().policy;
    match change {
        Change::BasketExpired { basket } => {
            let basket = sale.baskets().by_id(*basket).expect("an expired basket was there");
            let grace = ended_at.after(policy.grace_basket_span);
            assert!(basket.opened_at > ended_at || now > grace, "a basket has its grace");
        }
        Change::ClaimsMissed { numbers } => {
            for number in numbers {
                let pass = sale.passes().get(*number).expect("a called visitor has a pass");
                let grace = ended_at.after(policy.claim_span);
                assert!(pass.since > ended_at || now > grace, "a claim has its grace");
            }
        }
        Change::IdledOut { .. } => {
            assert!(now >= ended_at.after(policy.grace_span), "nobody idles out in the grace");
        }
        _ => {}
    }
}

fn check_place(published: &Published, sale: &Sale, number: Number) {
    let standing = sale.line().standing(number);
    let shown = published.find(number);
    match (standing, &shown) {
        (Standing::Called, Found::Pass(pass)) => {
            // Where a basket is kept differs between a replay and a snapshot: not its name.
            let visible =
                |view: PassView| PassView { pass: Pass { basket: None, ..view.pass }, ..view };
            let durable = view(sale, number).map(visible);
            assert_eq!(durable, Some(visible(*pass)), "a pass is shown as it is");
        }
        (Standing::Waiting { position }, Found::Place(Standing::Waiting { position: shown }))
        | (
            Standing::Returning { position },
            Found::Place(Standing::Returning { position: shown }),
        ) => {
            assert!(*shown >= position, "{number:?} is shown nearer than they are");
        }
        (Standing::Spent, Found::Place(Standing::Spent)) => {
            assert_eq!(published.pass(number), None, "a pass that ended is gone");
        }
        _ => panic!("{number:?} stands {standing:?} and is shown {shown:?}"),
    }
}

/// No seat twice, from the baskets alone.
fn check_owners(sale: &Sale) {
    let mut owned = std::collections::BTreeSet::new();
    for (_, basket) in sale.baskets().iter().filter(|(_, basket)| basket.owns()) {
        for line in basket.lines() {
            if matches!(line.what, stanchion_domain::change::Taken::Seat(_)) {
                assert!(owned.insert((line.performance, line.what)), "a seat has one owner");
            }
        }
    }
}

fn check_seats(published: &Published, sale: &Sale) {
    for (at, stock) in (0..).map(PerformanceIndex).zip(sale.stock().performances()) {
        let Some(map) = &stock.seats else { continue };
        let letters: Vec<u8> = map.states().iter().map(|state| letter(*state)).collect();
        let shown = published.seats.render(at).expect("a performance with seats").bytes;
        let shown = shown.windows(letters.len()).any(|shown| shown == letters);
        assert!(shown, "the seats of {at:?} are shown as they are");
    }
}
