//! `stanchion verify`: checks a journal and every promise, offline.
//!
//! Replays every record that is kept: sums, sequence and epochs are checked by reading, moves and
//! conservation by applying, and all invariants at rhythm and at the end. An independent ledger of
//! owners, which shares no code with the rules, is kept beside it. The book of what staff did,
//! where one lies beside the journal, is checked with it.

mod book;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::ControlFlow;

use clap::Args;
use stanchion_domain::change::{Change, Decided, Held, ReportedZone, Taken};
use stanchion_domain::command;
use stanchion_domain::id::{BasketId, PerformanceIndex, SeatIndex};
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::operations::Audit;

use super::place::Place;
use super::{Configured, EXIT_WELL};
use crate::journal::{History, Record, image};

/// Records between two checks of all invariants.
const CHECK_EVERY: u64 = 5_000;

#[derive(Args)]
pub(super) struct Asked {
    /// Folders of journals, such as `data/demo`; or `redis:demo`, in the Redis of the settings.
    #[arg(required = true)]
    journals: Vec<Place>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    for journal in &asked.journals {
        let seen = journal.look(&asked.configured)?;
        let report = verify(&*seen.history)
            .map_err(|wrong| wrong.context(format!("{journal} is not sound")))?;
        println!("{journal}: sound; {report}");
        if let Place::Folder(folder) = journal
            && let Some(path) = book::beside(folder)
        {
            println!("{}", book::agree(&path, &report.sale, &report.audit)?);
        }
    }
    Ok(EXIT_WELL)
}

/// What a journal amounts to.
pub(super) struct Report {
    told: String,
    /// Which sale.
    sale: String,
    /// What was changed of it.
    audit: VecDeque<Audit>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.told)
    }
}

/// Replays everything that is kept and says what it amounts to.
pub(super) fn verify(history: &dyn History) -> anyhow::Result<Report> {
    let oldest = history.oldest()?;
    anyhow::ensure!(oldest > 0, "it holds no record");
    let mut replay = Replay::begin(history, oldest)?;
    let from = replay.sequence + 1;
    let mut wrong = None;
    history.read_from(from, &mut |record| match replay.take(&record) {
        Ok(()) => ControlFlow::Continue(()),
        Err(fault) => {
            wrong = Some(fault.context(format!("record {}", record.sequence)));
            ControlFlow::Break(())
        }
    })?;
    wrong.map_or(Ok(()), Err)?;
    replay.finish(history)
}

/// The state so far, and a second opinion about who owns which seat.
struct Replay {
    sale: Option<Sale>,
    owners: BTreeMap<(PerformanceIndex, SeatIndex), BasketId>,
    /// The newest reports of a mirrored sale, by the venue's own numbers.
    reported: BTreeMap<ReportedZone, u64>,
    sequence: u64,
    records: u64,
    orders: u64,
}

impl Replay {
    /// Begins with the first record, or with the oldest snapshot that covers what was trimmed.
    fn begin(history: &dyn History, oldest: u64) -> anyhow::Result<Self> {
        let mut replay = Self {
            sale: None,
            owners: BTreeMap::new(),
            reported: BTreeMap::new(),
            sequence: 0,
            records: 0,
            orders: 0,
        };
        if oldest > 1 {
            let snapshot = history.snapshot()?;
            let snapshot = snapshot.ok_or_else(|| {
                anyhow::anyhow!("records before {oldest} are gone, and no snapshot covers them")
            })?;
            let sale = Sale::from_image(image::decode(&snapshot)?);
            replay.sequence = snapshot.sequence;
            for (_, basket) in sale.baskets().iter().filter(|(_, basket)| basket.owns()) {
                let lines = basket.lines().copied().collect::<Vec<_>>();
                replay.own(basket.id, &lines)?;
            }
            let newest = sale.reports().iter().map(|newest| &newest.report);
            replay.reported = newest.map(|report| (report.of(), report.version)).collect();
            replay.sale = Some(sale);
        }
        Ok(replay)
    }

    fn take(&mut self, record: &Record) -> anyhow::Result<()> {
        self.second_opinion(&record.decided.change)?;
        match (&mut self.sale, &record.decided) {
            (Some(sale), decided) => sale.apply(decided),
            (none, Decided { change: Change::Created(definition), .. }) => {
                *none = Some(Sale::new(definition.clone()));
            }
            (None, _) => anyhow::bail!("the first record does not create the sale"),
        }
        self.within_the_cap(&record.decided.change)?;
        self.sequence = record.sequence;
        self.records += 1;
        if self.records.is_multiple_of(CHECK_EVERY) {
            self.sale.iter().for_each(Sale::check_invariants);
        }
        Ok(())
    }

    /// Whoever was called fits under the cap of that moment.
    fn within_the_cap(&self, change: &Change) -> anyhow::Result<()> {
        let (Some(sale), Change::Called { .. }) = (&self.sale, change) else { return Ok(()) };
        let (passes, cap) = (sale.passes().len(), sale.operations().cap);
        anyhow::ensure!(passes <= cap, "called beyond the cap: {passes} passes, a cap of {cap}");
        Ok(())
    }

    /// Follows the owners of seats by the changes alone, before they are applied.
    fn second_opinion(&mut self, change: &Change) -> anyhow::Result<()> {
        match change {
            Change::Held(Held { basket, lines, .. }) => self.own(*basket, lines),
            Change::Confirmed { basket, late, .. } => {
                self.orders += 1;
                let kept = self.sale.as_ref().and_then(|sale| sale.baskets().by_id(*basket));
                let lines = kept.iter().flat_map(|kept| kept.lines()).copied().collect::<Vec<_>>();
                if *late { self.own(*basket, &lines) } else { Ok(()) }
            }
            Change::Released { basket, hold } => {
                let kept = self.sale.as_ref().and_then(|sale| sale.baskets().by_id(*basket));
                let holds = kept.iter().flat_map(|kept| &kept.holds);
                let lines: Vec<_> = (holds.filter(|kept| kept.id == *hold))
                    .flat_map(|hold| hold.lines.to_vec())
                    .collect();
                for line in lines {
                    if let Taken::Seat(seat) = line.what {
                        self.owners.remove(&(line.performance, seat));
                    }
                }
                Ok(())
            }
            Change::Reported { newer, .. } => self.newer(newer),
            _ => Ok(()),
        }
    }

    /// No report takes the place of a newer one.
    fn newer(&mut self, reports: &[command::Report]) -> anyhow::Result<()> {
        for report in reports {
            let before = self.reported.insert(report.of(), report.version);
            anyhow::ensure!(
                before.is_none_or(|before| before < report.version),
                "a report of performance {} replaced a newer one",
                report.performance.0
            );
        }
        Ok(())
    }

    fn own(
        &mut self,
        basket: BasketId,
        lines: &[stanchion_domain::change::Line],
    ) -> anyhow::Result<()> {
        for line in lines {
            let Taken::Seat(seat) = line.what else { continue };
            let other = self.owners.insert((line.performance, seat), basket);
            if let Some(other) = other.filter(|other| self.still_owns(*other)) {
                anyhow::bail!(
                    "seat {} of performance {} went to two baskets, {:032x} and {:032x}",
                    seat.0,
                    line.performance.0,
                    other.0,
                    basket.0
                );
            }
        }
        Ok(())
    }

    /// Whether a basket was neither closed nor taken back since it took its seats.
    fn still_owns(&self, basket: BasketId) -> bool {
        let kept = self.sale.as_ref().and_then(|sale| sale.baskets().by_id(basket));
        kept.is_some_and(|kept| kept.owns())
    }

    fn finish(self, history: &dyn History) -> anyhow::Result<Report> {
        let sale = self.sale.ok_or_else(|| anyhow::anyhow!("it holds no sale"))?;
        sale.check_invariants();
        if let Some(snapshot) = history.snapshot()? {
            Sale::from_image(image::decode(&snapshot)?).check_invariants();
        }
        let total = sale.stock().total();
        let told = format!(
            "sale \"{}\", {} records up to {}, {} orders in them; of {} units{} {} available, \
             {} held, {} paying, {} sold, {} withheld; {} in the queue, {} passes",
            sale.definition().id,
            self.records,
            self.sequence,
            self.orders,
            total.capacity,
            as_reported(&sale),
            total.available,
            total.held,
            total.paying,
            total.sold,
            total.withheld,
            sale.line().waiting(sale.line().issued()),
            sale.passes().len(),
        );
        let (id, audit) = (sale.definition().id.clone(), sale.operations().audit.clone());
        Ok(Report { told, sale: id, audit })
    }
}

/// Of whom the counts of a mirrored sale are: what nobody reported is in none of them.
fn as_reported(sale: &Sale) -> String {
    let definition = sale.definition();
    if !definition.mirrored() {
        return String::new();
    }
    let zones: usize = definition.performances.iter().map(|one| one.pools.len()).sum();
    format!(" (as reported, for {} of {zones} price zones)", sale.reports().iter().count())
}
