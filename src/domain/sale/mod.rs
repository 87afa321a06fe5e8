//! One on-sale as a whole: its queue, its stock, its baskets, its operators.
//!
//! [`Sale::decide`] turns a command into a change or a refusal and alters nothing; [`Sale::due`]
//! says which change time has brought; [`Sale::apply`] makes a change true and asks no rule. The
//! state after any sequence of changes depends on that sequence alone.

pub mod definition;
pub mod operations;
pub mod answers;
pub mod image;
mod apply;
mod decide;
pub mod deeds;
pub mod due;
mod hold;
mod late;
mod ops;
mod redefine;
mod report;

pub use decide::Outcome;

use crate::change::Decided;
use crate::id::{BasketId, Number, PerformanceIndex};
use crate::inventory::baskets::{Basket, Baskets};
use crate::inventory::best_available::layout::Layout;
use crate::inventory::reports::Reports;
use crate::inventory::stock::Stock;
use crate::queue::line::Line;
use crate::queue::pace::Pace;
use crate::queue::passes::{Pass, Passes};
use crate::sale::answers::Answers;
use crate::sale::definition::Definition;
use crate::sale::operations::Operations;
use crate::time::SaleTime;
use std::sync::Arc;

/// What the rules ask of the world: who was seen, how far numbers went, and whether the shop could
/// serve one visitor more. None of it is journaled; what is decided on it is.
pub trait Presence {
    /// When a visitor was last seen, in sale time; `None` if never since this process started.
    fn seen_at(&self, number: Number) -> Option<SaleTime>;
    /// When anybody of the [`NUMBERS_PER_SUM`](crate::limits::NUMBERS_PER_SUM) numbers around this
    /// one was last seen: no earlier than any of them was.
    fn seen_near(&self, number: Number) -> Option<SaleTime>;
    /// Numbers below this one have been issued.
    fn issued(&self) -> u32;
    /// Whether the shop can serve whoever is called; a shop that nobody watches over can.
    fn shop_serves(&self) -> bool;
}

/// The state of one on-sale. Owned by its writer.
#[derive(Debug)]
pub struct Sale {
    definition: Arc<Definition>,
    layouts: Layouts,
    operations: Operations,
    line: Line,
    pace: Pace,
    passes: Passes,
    stock: Stock,
    reports: Reports,
    baskets: Baskets,
    answers: Answers,
    /// Sale time of the newest change.
    now: SaleTime,
    /// When sale time was last journaled as such.
    marked_at: SaleTime,
    /// Nobody is passed over or idles out before this.
    grace_until: SaleTime,
    /// When the last outage ended: nobody's silence counts from before.
    resumed_at: SaleTime,
}

/// The seating layouts in use, shared by the performances that have the same plan and zones.
#[derive(Debug, Default)]
struct Layouts {
    of_performance: Vec<Option<Arc<Layout>>>,
}

impl Layouts {
    fn new(definition: &Definition) -> Self {
        let mut known: Vec<(&definition::Seating, Arc<Layout>)> = Vec::new();
        let mut of_performance = Vec::with_capacity(definition.performances.len());
        for performance in &definition.performances {
            let layout = performance.seating.as_ref().map(|seating| {
                let same = known.iter().find(|(other, _)| {
                    other.plan == seating.plan && other.zone_of_category == seating.zone_of_category
                });
                if let Some((_, layout)) = same {
                    return layout.clone();
                }
                let plan = &definition.plans[seating.plan.at()];
                let layout =
                    Arc::new(Layout::new(plan, &seating.zone_of_category, &definition.zones));
                known.push((seating, layout.clone()));
                layout
            });
            of_performance.push(layout);
        }
        Self { of_performance }
    }

    fn get(&self, performance: PerformanceIndex) -> Option<&Layout> {
        self.of_performance[performance.at()].as_deref()
    }
}

impl Sale {
    /// A sale as its definition creates it, before anybody comes.
    pub fn new(definition: Arc<Definition>) -> Self {
        definition.check();
        Self {
            layouts: Layouts::new(&definition),
            operations: Operations::new(&definition),
            line: Line::default(),
            pace: Pace::default(),
            passes: Passes::default(),
            stock: Stock::new(&definition),
            reports: Reports::new(&definition),
            baskets: Baskets::default(),
            answers: Answers::default(),
            now: SaleTime(0),
            marked_at: SaleTime(0),
            grace_until: SaleTime(0),
            resumed_at: SaleTime(0),
            definition,
        }
    }

    /// What is fixed about the sale, as the newest ops change left it.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// What operators set.
    pub fn operations(&self) -> &Operations {
        &self.operations
    }

    /// The queue, as the writer sees it.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// What the venue's own system reported, if the sale is mirrored.
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Passes called or active.
    pub fn passes(&self) -> &Passes {
        &self.passes
    }

    /// What is left of everything.
    pub fn stock(&self) -> &Stock {
        &self.stock
    }

    /// Baskets and orders.
    pub fn baskets(&self) -> &Baskets {
        &self.baskets
    }

    /// Accepted requests by idempotency key.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Sale time of the newest change.
    pub fn now(&self) -> SaleTime {
        self.now
    }

    /// The performances whose counts changed since this was last asked, ascending, for the board.
    pub fn take_changed(&mut self) -> Vec<PerformanceIndex> {
        self.stock.take_changed()
    }

    /// The baskets that were forgotten since this was last asked, for whoever shows baskets.
    pub fn take_forgotten(&mut self) -> Vec<BasketId> {
        self.baskets.take_forgotten()
    }

    /// The pass of a visitor who is in the shop.
    fn active_pass(&self, number: Number) -> Option<&Pass> {
        let pass = self.passes.get(number)?;
        (pass.state == crate::queue::passes::PassState::Active).then_some(pass)
    }

    /// A basket of this pass; nobody else's.
    fn basket_of(&self, pass: Number, basket: BasketId) -> Option<&Basket> {
        self.baskets.by_id(basket).filter(|basket| basket.pass == pass)
    }

    /// Builds the state from the beginning of a journal.
    ///
    /// # Panics
    /// If the first change is not `Created`, or a change contradicts the state: the journal's
    /// reader has checked sums and sequence, so that would be a bug.
    pub fn replay(mut changes: impl Iterator<Item = Decided>) -> Option<Self> {
        let first = changes.next()?;
        let crate::change::Change::Created(definition) = first.change else {
            panic!("the first change creates the sale");
        };
        let mut sale = Self::new(definition);
        for decided in changes {
            sale.apply(&decided);
        }
        Some(sale)
    }

    /// Asserts every promise that this state can break.
    pub fn check_invariants(&self) {
        self.line.check_invariants();
        self.passes.check_invariants();
        self.baskets.check_invariants();
        self.stock.check_invariants(&self.definition);
        let counts_of = |(performance, zone)| self.stock.performance(performance).zone(zone);
        self.reports.check_invariants(counts_of);
        image::check_owners(self);
    }
}
