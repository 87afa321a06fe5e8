//! Records at random, and a small sound sale for them.

use std::ops::ControlFlow;

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::{PlanIndex, RowIndex, SeatIndex, SectionIndex, ZoneIndex};
use stanchion_domain::plan::{Row, Seat, SeatPlan, Section};
use stanchion_domain::sale::definition::{Definition, Mirror, Performance, Pool, Price, PriceZone};
use stanchion_domain::sale::definition::{Seating, Withheld};
use stanchion_domain::time::Span;

use crate::journal::codec::Wire;
use crate::journal::fault::JournalFault;
use crate::journal::faulty::dice::Dice;
use crate::journal::{History, Record};

/// Anything that can be decided; definitions in it are sound.
pub(crate) fn decided(dice: &mut Dice) -> Decided {
    let mut decided = Decided::sample(dice);
    match &mut decided.change {
        Change::Created(inner) => *inner = like(inner, dice).into(),
        Change::Operated { action, .. } => {
            if let OpsAction::Redefine(inner) = &mut **action {
                *inner = like(inner, dice).into();
            }
        }
        _ => {}
    }
    decided
}

/// A sound definition, mirrored if another one is.
fn like(other: &Definition, dice: &mut Dice) -> Definition {
    let mut sound = definition(dice);
    if let Some(mirror) = other.mirror {
        let stale_span = Span(mirror.stale_span.0.max(1));
        sound.mirror = Some(Mirror { stale_span });
        for performance in &mut sound.performances {
            performance.seating = None;
            performance.pools.iter_mut().for_each(|pool| pool.withheld = 0);
        }
    }
    sound
}

/// A batch of so many records after `sequence`.
pub(crate) fn batch(sequence: u64, epoch: u32, count: u64, dice: &mut Dice) -> Vec<Record> {
    (1..=count).map(|n| Record { sequence: sequence + n, epoch, decided: decided(dice) }).collect()
}

/// All records from one on.
pub(crate) fn read_all(history: &dyn History, from: u64) -> Result<Vec<Record>, JournalFault> {
    let mut records = Vec::new();
    history.read_from(from, &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// A sound definition with random words in it.
pub(crate) fn definition(dice: &mut Dice) -> Definition {
    let price = Price::sample(dice);
    let zone = PriceZone { prices: vec![price], ..PriceZone::sample(dice) };
    let pool = Pool { zone: ZoneIndex(0), capacity: 100, withheld: 3, ..Pool::sample(dice) };
    let seating = Seating {
        plan: PlanIndex(0),
        zone_of_category: vec![ZoneIndex(0); 2],
        withheld: vec![(SeatIndex(1), Withheld::House), (SeatIndex(4), Withheld::Killed)],
    };
    let performance = Performance {
        seating: dice.pick(&[true, false]).then_some(seating),
        pools: vec![pool],
        ..Performance::sample(dice)
    };
    Definition {
        plans: vec![plan(dice)],
        zones: vec![zone],
        performances: vec![performance],
        ..Definition::sample(dice)
    }
}

fn plan(dice: &mut Dice) -> SeatPlan {
    let seat = |row: u32, dice: &mut Dice| {
        let category = dice.pick(&[0, 1]);
        Seat { row: RowIndex(row), category, ..Seat::sample(dice) }
    };
    let row = |section: u16, from: u32, dice: &mut Dice| Row {
        section: SectionIndex(section),
        seats: from..from + 3,
        breaks: vec![SeatIndex(from + 1)],
        ..Row::sample(dice)
    };
    SeatPlan {
        categories: vec!["stalls".into(), "circle".into()],
        sections: vec![
            Section { rows: 0..1, ..Section::sample(dice) },
            Section { rows: 1..2, ..Section::sample(dice) },
        ],
        rows: vec![row(0, 0, dice), row(1, 3, dice)],
        seats: (0..6).map(|at| seat(at / 3, dice)).collect(),
        ..SeatPlan::sample(dice)
    }
}
