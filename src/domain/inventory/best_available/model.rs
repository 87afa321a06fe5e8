//! The same choice made naively: every block of every row, compared by the documented order.

use super::layout::Layout;
use super::tests::{Draft, bits_of};
use super::{NoChoice, Wish};
use crate::bits::Bits;
use crate::id::{SeatIndex, SectionIndex, ZoneIndex};
use crate::plan::{Point, Row, SeatFlags, SeatPlan};
use crate::sale::definition::PriceZone;
use proptest::prelude::*;

/// Zones of the random plans; a category more than zones, so that two share one.
const ZONES: u16 = 3;
const SECTIONS: u16 = 3;

/// What the model knows: the plan as it is, nothing precomputed.
struct Model<'a> {
    plan: &'a SeatPlan,
    zone_of_category: &'a [ZoneIndex],
    zones: &'a [PriceZone],
    available: &'a Bits,
}

impl Model<'_> {
    fn choose(&self, wish: &Wish) -> Result<Vec<SeatIndex>, NoChoice> {
        let usable: Vec<u32> = self.seats().filter(|seat| self.usable(*seat, wish)).collect();
        let best = self
            .seats()
            .filter_map(|start| self.rank(start, wish, &usable))
            .min()
            .map(|(_, _, _, _, start)| (start..start + wish.seats).map(SeatIndex).collect());
        best.ok_or_else(|| {
            let accessible = usable.iter().filter(|seat| self.flags(**seat).accessible).count();
            if accessible < wish.accessible as usize {
                NoChoice::Fewer { available: accessible as u32 }
            } else if usable.len() < wish.seats as usize {
                NoChoice::Fewer { available: usable.len() as u32 }
            } else {
                NoChoice::NoBlock
            }
        })
    }

    /// Accessible seats taken, restricted view, single left behind, distance, first seat.
    fn rank(&self, start: u32, wish: &Wish, usable: &[u32]) -> Option<(u32, bool, bool, u64, u32)> {
        let block: Vec<u32> = (start..start + wish.seats).collect();
        if !block.iter().all(|seat| usable.contains(seat)) {
            return None;
        }
        let together = block.windows(2).all(|pair| self.neighbours(pair[0], pair[1]));
        let accessible = block.iter().filter(|seat| self.flags(**seat).accessible).count() as u32;
        let one_zone = block.iter().all(|seat| self.zone(*seat) == self.zone(start));
        if !together || !one_zone || accessible < wish.accessible {
            return None;
        }
        let restricted = block.iter().any(|seat| self.flags(*seat).restricted_view);
        let single = self.seats().any(|seat| self.becomes_single(seat, &block));
        let sum = block.iter().map(|seat| self.distance(*seat)).sum();
        Some((accessible, restricted, single, sum, start))
    }

    fn becomes_single(&self, seat: u32, block: &[u32]) -> bool {
        let company = |taken: &[u32]| {
            self.seats().any(|other| {
                (self.neighbours(other, seat) || self.neighbours(seat, other))
                    && self.ordinary(other)
                    && !taken.contains(&other)
            })
        };
        self.ordinary(seat) && !block.contains(&seat) && company(&[]) && !company(block)
    }

    fn usable(&self, seat: u32, wish: &Wish) -> bool {
        let section = self.plan.row_of(SeatIndex(seat)).section;
        self.available.contains(seat)
            && (wish.accessible > 0 || self.ordinary(seat))
            && wish.zone.is_none_or(|zone| zone == self.zone(seat))
            && wish.section.is_none_or(|wanted| wanted == section)
    }

    fn ordinary(&self, seat: u32) -> bool {
        let flags = self.flags(seat);
        self.available.contains(seat) && !flags.accessible && !flags.companion
    }

    fn neighbours(&self, left: u32, right: u32) -> bool {
        let row: &Row = self.plan.row_of(SeatIndex(left));
        left + 1 == right && row.seats.contains(&right) && !row.breaks.contains(&SeatIndex(left))
    }

    fn distance(&self, seat: u32) -> u64 {
        let section = self.plan.section_of(SeatIndex(seat)).focal_point;
        let zone = self.zones[self.zone(seat).at()].focal_point;
        let to = zone.or(section).or(self.plan.focal_point).unwrap_or_else(|| {
            let xs: Vec<i32> = self.plan.seats.iter().map(|seat| seat.at.x).collect();
            let (left, right) = (xs.iter().min().unwrap(), xs.iter().max().unwrap());
            let y = self.plan.seats.iter().map(|seat| seat.at.y).min().unwrap();
            Point { x: (left + right) / 2, y }
        });
        let at = self.plan.seat(SeatIndex(seat)).at;
        let (x, y) = (i64::from(at.x - to.x), i64::from(at.y - to.y));
        (0u64..).take_while(|root| root * root <= (x * x + y * y) as u64).last().unwrap()
    }

    fn seats(&self) -> std::ops::Range<u32> {
        0..self.plan.seats.len() as u32
    }

    fn flags(&self, seat: u32) -> SeatFlags {
        self.plan.seat(SeatIndex(seat)).flags
    }

    fn zone(&self, seat: u32) -> ZoneIndex {
        self.zone_of_category[usize::from(self.plan.seat(SeatIndex(seat)).category)]
    }
}

fn any_focal_point() -> impl Strategy<Value = Option<Point>> {
    prop::option::of((0..60, -4..20).prop_map(|(x, y)| Point { x, y }))
}

/// A seat's letter (see [`Draft::row`]), whether a break follows, and whether it is available.
fn any_seat() -> impl Strategy<Value = (u8, bool, bool)> {
    let letter = prop_oneof![20 => Just(b'o'), 2 => Just(b'a'), 2 => Just(b'c'), 2 => Just(b'r')];
    (letter, prop::bool::weighted(0.06), prop::bool::weighted(0.8))
}

/// Rows of seats with their section and category; the long ones cross words.
fn any_draft() -> impl Strategy<Value = (Draft, Bits)> {
    let seats = prop_oneof![
        3 => prop::collection::vec(any_seat(), 0..14),
        1 => prop::collection::vec(any_seat(), 30..70),
    ];
    let rows = prop::collection::vec((0..SECTIONS, 0..=ZONES, 0u16..3, seats), 1..7);
    let focal = prop::collection::vec(any_focal_point(), SECTIONS as usize);
    (rows, focal, any_focal_point()).prop_map(|(mut rows, sections, plan)| {
        rows.sort_by_key(|row| row.0);
        let mut draft = Draft::aimed_at(plan);
        let mut available = Vec::new();
        for (at, focal_point) in (0..).zip(sections) {
            draft.section(focal_point);
            for (_, category, turn, seats) in rows.iter().filter(|row| row.0 == at) {
                let mut row = String::new();
                for (letter, breaks, free) in seats {
                    row.push(char::from(*letter));
                    row.push_str(if *breaks { "|" } else { "" });
                    available.push(*free);
                }
                draft.row(&row, |seat| if seat / 8 % 2 < *turn { *category } else { 0 });
            }
        }
        let free = (0..).zip(&available).filter(|(_, free)| **free).map(|(seat, _)| seat);
        let bits = bits_of(available.len() as u32, free);
        (draft, bits)
    })
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let seats = prop_oneof![6 => 1u32..6, 1 => 6u32..=50];
    let accessible = prop_oneof![3 => Just(0u32), 1 => 1u32..4];
    let zone = prop::option::weighted(0.2, (0..ZONES).prop_map(ZoneIndex));
    let section = prop::option::weighted(0.2, (0..SECTIONS).prop_map(SectionIndex));
    (seats, accessible, zone, section).prop_map(|(seats, accessible, zone, section)| Wish {
        seats,
        accessible: accessible.min(seats),
        zone,
        section,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_wish_is_given_what_the_naive_search_finds(
        (draft, available) in any_draft(),
        zone_focal_points in prop::collection::vec(any_focal_point(), ZONES as usize),
        wishes in prop::collection::vec(any_wish(), 4),
    ) {
        let plan = draft.plan();
        let zone_of_category: Vec<ZoneIndex> = (0..=ZONES).map(|c| ZoneIndex(c % ZONES)).collect();
        let zones: Vec<PriceZone> = zone_focal_points
            .into_iter()
            .map(|focal_point| PriceZone { focal_point, ..PriceZone::default() })
            .collect();
        let layout = Layout::new(&plan, &zone_of_category, &zones);
        let model = Model {
            plan: &plan,
            zone_of_category: &zone_of_category,
            zones: &zones,
            available: &available,
        };
        for wish in wishes {
            prop_assert_eq!(layout.choose(&available, &wish), model.choose(&wish), "{:?}", wish);
        }
    }

    #[test]
    fn pairs_are_sold_until_no_two_neighbours_are_left((draft, mut available) in any_draft()) {
        let plan = draft.plan();
        let zones = vec![PriceZone::default()];
        let layout = Layout::new(&plan, &[ZoneIndex(0); ZONES as usize + 1], &zones);
        let pair = Wish { seats: 2, accessible: 0, zone: None, section: None };
        while let Ok(seats) = layout.choose(&available, &pair) {
            for seat in seats {
                prop_assert!(available.remove(seat.0), "given while available");
                let flags = plan.seat(seat).flags;
                prop_assert!(!flags.accessible && !flags.companion, "never unasked");
            }
        }
        let model = Model {
            plan: &plan,
            zone_of_category: &[ZoneIndex(0); ZONES as usize + 1],
            zones: &zones,
            available: &available,
        };
        for left in 1..available.len() {
            let both = model.ordinary(left - 1) && model.ordinary(left);
            prop_assert!(!both || !model.neighbours(left - 1, left), "{left} and the one before");
        }
    }
}
