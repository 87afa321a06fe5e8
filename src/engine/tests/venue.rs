//! A venue whose own system keeps the seats: what it has, what it says of that, and how its reports
//! arrive. Late, twice, out of order, contradicting one another, impossible, or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use stanchion_domain::change::{Change, ReportedZone};
use stanchion_domain::command::{Command, Report};
use stanchion_domain::id::{PerformanceIndex, ZoneIndex};
use stanchion_domain::sale::definition::Definition;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::super::Engine;
use super::super::ask::{Accepted, Answer, Declined};
use super::books::Books;
use crate::journal::faulty::dice::Dice;

type Reports = Arc<[Report]>;

/// The venue's own system.
#[derive(Default)]
pub(super) struct Venue {
    version: u64,
    /// What it says of each zone by now.
    newest: BTreeMap<ReportedZone, Report>,
    /// All that it ever said.
    said: Vec<Report>,
    /// On their way, for as long as it takes.
    delayed: Vec<Reports>,
    /// What was put, to be put again.
    sent: Vec<Reports>,
    waiting: Vec<Asked>,
    /// How long it says nothing more.
    silent: u64,
}

struct Asked {
    reports: Reports,
    possible: bool,
    answer: Receiver<Answer>,
}

impl Venue {
    /// Something happens there; says what, for the trace.
    pub(super) fn act(&mut self, engine: &Engine, dice: &mut Dice) -> String {
        if self.silent > 0 {
            self.silent -= 1;
            return "the venue is silent".to_owned();
        }
        let definition = engine.published().desk().definition.clone();
        let zones = zones(&definition);
        let one = [zones[dice.below(zones.len() as u64) as usize]];
        match dice.below(20) {
            0..6 => self.tell(engine, &one, |most| counts(most, dice)),
            6..9 => self.tell(engine, &zones, |most| counts(most, dice)),
            // Everything is sold, and some of it comes back.
            9 | 10 => self.tell(engine, &zones, |most| [0, 0, most, 0]),
            11 => self.tell(engine, &zones, |most| [most.min(1), 0, most - most.min(1), 0]),
            12 | 13 => {
                let late = self.say(&one, |most| counts(most, dice));
                self.delayed.push(late);
            }
            14 if !self.delayed.is_empty() => {
                let at = dice.below(self.delayed.len() as u64) as usize;
                let late = self.delayed.swap_remove(at);
                self.put(engine, late, true);
            }
            14..17 if !self.sent.is_empty() => {
                let at = dice.below(self.sent.len() as u64) as usize;
                // Often what was said last, once more: then it is fresh again.
                let at = if dice.below(2) == 0 { self.sent.len() - 1 } else { at };
                self.put(engine, self.sent[at].clone(), true);
            }
            17 => self.contradict(engine, one[0], dice),
            18 => self.say_the_impossible(engine, &zones, dice),
            _ => self.silent = dice.below(12),
        }
        format!("the venue says {:?}", self.waiting.last().map(|asked| &asked.reports))
    }

    /// Says what it has of every zone.
    pub(super) fn tell_everything(&mut self, engine: &Engine, dice: &mut Dice) {
        let definition = engine.published().desk().definition.clone();
        self.tell(engine, &zones(&definition), |most| counts(most, dice));
    }

    fn tell(&mut self, engine: &Engine, zones: &[Zone], counts: impl FnMut(u32) -> [u32; 4]) {
        let reports = self.say(zones, counts);
        self.put(engine, reports, true);
    }

    /// Gives every zone new counts and a number above all before.
    fn say(&mut self, zones: &[Zone], mut counts: impl FnMut(u32) -> [u32; 4]) -> Reports {
        let reports = zones.iter().map(|((performance, zone), most)| {
            let [available, held, sold, withheld] = counts(*most);
            let version = self.version;
            self.version += 1 + version % 3;
            let (performance, zone) = (*performance, *zone);
            Report { performance, zone, version, available, held, sold, withheld }
        });
        let reports: Reports = reports.collect();
        self.newest.extend(reports.iter().map(|report| (report.of(), *report)));
        self.said.extend(reports.iter());
        reports
    }

    /// The number of what was said last, with other counts.
    fn contradict(&mut self, engine: &Engine, (zone, most): Zone, dice: &mut Dice) {
        let Some(newest) = self.newest.get(&zone) else { return };
        let [available, held, sold, withheld] = counts(most, dice);
        let other = Report { available, held, sold, withheld, ..*newest };
        self.said.push(other);
        self.put(engine, Arc::new([other]), true);
    }

    /// One of them cannot be: then none of them is believed, though their number is the highest.
    fn say_the_impossible(&mut self, engine: &Engine, zones: &[Zone], dice: &mut Dice) {
        let (zone, most) = zones[0];
        let good = Report {
            performance: zone.0,
            zone: zone.1,
            version: u64::MAX,
            available: most,
            held: 0,
            sold: 0,
            withheld: 0,
        };
        let bad = match dice.below(4) {
            0 => good,
            1 => Report { performance: PerformanceIndex(77), ..good },
            2 => Report { zone: ZoneIndex(77), ..good },
            _ => {
                let (zone, most) = zones[1];
                let (performance, zone) = zone;
                Report { performance, zone, available: most, held: 1, ..good }
            }
        };
        self.put(engine, Arc::new([good, bad]), false);
    }

    fn put(&mut self, engine: &Engine, reports: Reports, possible: bool) {
        match engine.put(Command::Report(reports.clone()), None) {
            Ok(answer) => self.waiting.push(Asked { reports: reports.clone(), possible, answer }),
            Err(declined) => assert_eq!(declined, Declined::Down, "nothing else is in the way"),
        }
        if possible {
            self.sent.push(reports);
        }
    }

    /// Takes the answers that have come.
    pub(super) fn listen(&mut self, books: &Books) {
        self.waiting.retain_mut(|asked| match asked.answer.try_recv() {
            Ok(answer) => {
                asked.judge(answer, books);
                false
            }
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Closed) => panic!("everybody is told something"),
        });
    }

    /// The server is gone, and with it every connection.
    pub(super) fn hang_up(&mut self) {
        self.waiting.clear();
    }

    /// Whether it knows what became of all that it said.
    pub(super) fn all_known(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Nothing is believed that the venue did not say.
    pub(super) fn check(&self, books: &Books) {
        books.reports().for_each(|report| assert!(self.said.contains(report), "{report:?}"));
    }
}

impl Asked {
    /// What was taken is durable, and what is older is known to be.
    fn judge(&self, answer: Answer, books: &Books) {
        let change = match answer {
            Ok(Accepted { change, .. }) => change,
            Err(Declined::Refused(refusal)) => {
                return assert!(!self.possible, "{refusal:?} of {:?}", self.reports);
            }
            Err(Declined::Down | Declined::Stopping) => return,
            Err(Declined::Busy) => panic!("the backlog is not full"),
        };
        assert!(self.possible, "{:?} was believed", self.reports);
        let Change::Reported { newer, same } = change else { panic!("{change:?}") };
        for report in &*self.reports {
            let known = books.told(report.of()).expect("it was said").report;
            let taken = newer.contains(report) || same.contains(&report.of());
            assert!(known.version >= report.version, "{report:?} is known, and {known:?}");
            assert!(taken || known != *report, "{known:?} is what was said last");
        }
    }
}

/// A zone of a performance, and the most that it has.
type Zone = (ReportedZone, u32);

fn zones(definition: &Definition) -> Vec<Zone> {
    let performances = (0..).map(PerformanceIndex).zip(&definition.performances);
    let zones = performances
        .flat_map(|(at, one)| one.pools.iter().map(move |pool| ((at, pool.zone), pool.capacity)));
    zones.collect()
}

/// Available, held, sold and withheld: not always all that there are.
fn counts(most: u32, dice: &mut Dice) -> [u32; 4] {
    let available = dice.pick(&[0, 0, 1, 2, most]).min(most);
    let mut rest = most - available;
    let mut share = || {
        let some = dice.below(u64::from(rest) + 1) as u32;
        rest -= some;
        some
    };
    let (sold, held, withheld) = (share(), share(), share());
    [available, held, sold, withheld]
}
