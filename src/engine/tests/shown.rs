//! What a board may show of a mirrored sale, from what was reported of it, in the dullest way.

use std::collections::{BTreeMap, VecDeque};

use stanchion_domain::board::picture::{PerformancePicture, ZonePicture};
use stanchion_domain::board::status::{Counts, Known, Status};
use stanchion_domain::change::ReportedZone;
use stanchion_domain::command::Report;
use stanchion_domain::id::{PerformanceIndex, ZoneIndex};
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{SaleTime, WallTime};

use crate::board::store::Board;

/// What was said last of one zone.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) report: Report,
    pub(super) at: SaleTime,
    pub(super) wall: WallTime,
    pub(super) fresh: bool,
}

/// All that a board says of what is left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Picture {
    pub(super) head: ZonePicture,
    price_range_minor: Option<(u64, u64)>,
    pub(super) performances: Vec<(ZonePicture, Vec<(ZoneIndex, ZonePicture)>)>,
}

/// What a board may show: first what it shows at least, last what it shows in the end.
pub(super) struct Pictures(VecDeque<Picture>);

impl Pictures {
    pub(super) fn new(first: Picture) -> Self {
        Self([first].into())
    }

    /// Something else may be shown now, if it is something else.
    pub(super) fn add(&mut self, picture: Picture) {
        if *self.newest() != picture {
            self.0.push_back(picture);
        }
    }

    pub(super) fn newest(&self) -> &Picture {
        self.0.back().expect("there is always one")
    }

    /// The board shows what the journal said at some time, and never again what it said before.
    pub(super) fn check(&mut self, board: &Board) {
        let shown = Picture::of(board);
        let halted = halted(board);
        let right = |picture: &Picture| match halted {
            true => picture.clone().doubted() == shown,
            false => *picture == shown,
        };
        let found = self.0.iter().rposition(right);
        let found = found.unwrap_or_else(|| {
            let newest = self.newest();
            panic!("halted: {halted}\nthe board shows {shown:#?}\nwhat is known {newest:#?}")
        });
        self.0.drain(..found);
    }

    /// The board shows all that the journal says.
    pub(super) fn check_newest(&self, board: &Board) {
        let newest = self.newest();
        assert_eq!(Picture::of(board), *newest, "the board shows what was said last");
        for (at, (total, _)) in (0..).map(PerformanceIndex).zip(&newest.performances) {
            let (_, bytes) = board.performances.get(at).expect("every performance is on it");
            let body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            let Known { as_of, fact } = total.known.expect("it is mirrored");
            assert_eq!(body.get("counts").is_some(), as_of.is_some(), "no invented zero: {body}");
            assert_eq!(body.get("stale").is_some(), as_of.is_some() && !fact, "{body}");
            assert_eq!(body["status"] == "unknown", !fact, "{body}");
        }
    }
}

impl Told {
    pub(super) fn available(&self) -> u64 {
        u64::from(self.report.available)
    }

    fn counts(&self) -> Counts {
        let Report { available, held, sold, withheld, .. } = self.report;
        let [available, held, sold, withheld] = [available, held, sold, withheld].map(u64::from);
        let capacity = available + held + sold + withheld;
        Counts { capacity, available, held, paying: 0, sold, withheld }
    }
}

impl Picture {
    /// What follows from all that was said.
    pub(super) fn new(definition: &Definition, told: &BTreeMap<ReportedZone, Told>) -> Self {
        let performances = (0..).map(PerformanceIndex).zip(&definition.performances);
        let of_one = performances.map(|(at, performance)| {
            let mut zones: Vec<_> = performance.pools.iter().map(|pool| pool.zone).collect();
            zones.sort();
            let together = zones.iter().map(|zone| told.get(&(at, *zone)));
            let apart = zones.iter().map(|zone| (*zone, line([told.get(&(at, *zone))])));
            (line(together), apart.collect::<Vec<_>>())
        });
        let performances: Vec<_> = of_one.collect();
        let zones = (0..)
            .map(PerformanceIndex)
            .zip(&performances)
            .flat_map(|(at, (_, zones))| zones.iter().map(move |(zone, _)| told.get(&(at, *zone))));
        let head = line(zones);
        let fact = head.known.is_some_and(|known| known.fact);
        let mut picture = Self { head, price_range_minor: None, performances };
        picture.price_range_minor = picture.price_range(definition).filter(|_| fact);
        picture
    }

    fn price_range(&self, definition: &Definition) -> Option<(u64, u64)> {
        let zones = self.performances.iter().flat_map(|(_, zones)| zones);
        let open = zones.filter(|(_, one)| one.counts.available + one.counts.held > 0);
        let prices = open.map(|(zone, _)| definition.zones[zone.at()].prices[0].amount_minor);
        let prices: Vec<_> = prices.collect();
        prices.iter().min().copied().zip(prices.iter().max().copied())
    }

    fn of(board: &Board) -> Self {
        let head = board.head.picture();
        let shown = |at| board.performances.picture(PerformanceIndex(at));
        let all: Vec<&PerformancePicture> = (0..).map_while(shown).collect();
        Self {
            head: ZonePicture { counts: head.counts, status: head.status, known: head.known },
            price_range_minor: head.price_range_minor,
            performances: all.into_iter().map(|one| (one.total, one.zones.clone())).collect(),
        }
    }

    /// The same while nothing can be written.
    fn doubted(mut self) -> Self {
        let zones = self.performances.iter_mut();
        let all =
            zones.flat_map(|(total, zones)| zones.iter_mut().map(|(_, one)| one).chain([total]));
        for one in all.chain([&mut self.head]) {
            one.known = one.known.map(|known| Known { fact: false, ..known });
            one.status = Status::Unknown;
        }
        self.price_range_minor = None;
        self
    }
}

/// What is known of some zones together.
fn line<'a>(zones: impl IntoIterator<Item = Option<&'a Told>>) -> ZonePicture {
    let zones: Vec<Option<&Told>> = zones.into_iter().collect();
    let mut counts = Counts::default();
    zones.iter().flatten().for_each(|told| counts.add(&told.counts()));
    let all = zones.iter().all(Option::is_some);
    let fact = zones.iter().all(|told| told.is_some_and(|told| told.fresh));
    let oldest = zones.iter().flatten().map(|told| (told.at, told.wall)).min();
    let as_of = oldest.filter(|_| all).map(|(_, wall)| wall);
    let status = if fact { status(&counts) } else { Status::Unknown };
    ZonePicture { counts, status, known: Some(Known { as_of, fact }) }
}

/// What follows from counts that are a fact.
fn status(counts: &Counts) -> Status {
    let Counts { capacity, available, held, withheld, .. } = *counts;
    match (available, held) {
        (0, 0) => Status::SoldOut,
        (0, units) => Status::InBaskets { units, first_return_at: None },
        (left, _) if left * 20 <= capacity - withheld => Status::Low { left },
        _ => Status::OnSale,
    }
}

/// Whether the board says that nothing can be written.
fn halted(board: &Board) -> bool {
    let body: serde_json::Value = serde_json::from_slice(&board.head.body.bytes).expect("JSON");
    body["time_running"] == false && !board.head.picture().frozen
}
