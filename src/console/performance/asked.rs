//! What a form of a performance asks for.

use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{PoolIndex, SeatIndex};
use stanchion_domain::limits::SEATS_PER_PLAN_MAX;
use stanchion_domain::sale::definition::Withheld;

use super::{Looked, words};
use crate::console::form::Form;
use crate::console::written;

/// What becomes of units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum To {
    /// Off sale, but for who is entitled.
    House,
    /// Off sale for everybody.
    Killed,
    /// On sale again.
    Sale,
}

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The revision that was looked at.
    pub(super) revision: u64,
    /// Why.
    pub(super) reason: String,
    pub(super) to: To,
    pub(super) what: What,
}

/// Of which units, whether they can be or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// Ascending, each once.
    Seats(Vec<SeatIndex>),
    Pool {
        pool: PoolIndex,
        units: u32,
    },
}

impl To {
    /// As a form names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Killed => "killed",
            Self::Sale => "sale",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::House, Self::Killed, Self::Sale].into_iter().find(|to| to.name() == name)
    }

    /// The action that does it.
    pub(super) fn action(self, what: Units) -> OpsAction {
        match self {
            Self::House => OpsAction::Withhold { what, kind: Withheld::House },
            Self::Killed => OpsAction::Withhold { what, kind: Withheld::Killed },
            Self::Sale => OpsAction::Restore { what },
        }
    }
}

impl Asked {
    /// Reads a form.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub(super) fn read(form: &Form, looked: &Looked<'_>) -> Result<Self, String> {
        let revision = form.number("revision").ok_or("Load the page again.")?;
        let reason = form.text("reason").trim().to_owned();
        if let Some(undone) = form.number("undo") {
            let what = withheld_by(undone, looked).ok_or("There is nothing to take back.")?;
            return Ok(Self { revision, reason, to: To::Sale, what });
        }
        let to = To::read(form.text("to")).ok_or("Say what shall become of them.")?;
        let what = match form.text("pool") {
            "" => What::Seats(seats(form, looked)?),
            pool => pool_units(form, pool, looked)?,
        };
        Ok(Self { revision, reason, to, what })
    }

    /// How many units are asked for.
    pub(super) fn units(&self) -> u64 {
        match &self.what {
            What::Seats(seats) => seats.len() as u64,
            What::Pool { units, .. } => u64::from(*units),
        }
    }
}

/// The units that a change kept off sale, if it did.
fn withheld_by(revision: u64, looked: &Looked<'_>) -> Option<What> {
    let audit = &looked.desk.operations.audit;
    let entry = audit.iter().find(|entry| entry.revision == revision)?;
    let (performance, what) = words::about(&entry.action)?;
    let withheld = matches!(entry.action, OpsAction::Withhold { .. });
    (withheld && performance == looked.at).then(|| match what {
        Units::Seats { seats, .. } => What::Seats(seats.clone()),
        Units::Pool { pool, units, .. } => What::Pool { pool: *pool, units: *units },
    })
}

/// Seats one by one, by ranges, and by whole rows.
fn seats(form: &Form, looked: &Looked<'_>) -> Result<Vec<SeatIndex>, String> {
    const UNKNOWN: &str = "There is no such seat.";
    let plan = looked.desk.definition.plan_of(looked.at).ok_or("It has no numbered seats.")?;
    let mut seats = Vec::new();
    for field in form.all("seats").chain(form.all("seat")) {
        let numbers = written::read_ranges(field, SEATS_PER_PLAN_MAX).ok_or(UNKNOWN)?;
        seats.extend(numbers);
    }
    for row in form.all("row") {
        let row = row.parse::<usize>().ok().and_then(|row| plan.rows.get(row));
        seats.extend(row.ok_or("There is no such row.")?.seats.clone());
    }
    seats.sort_unstable();
    seats.dedup();
    match seats.last() {
        None => Err("Choose seats first.".to_owned()),
        Some(last) if *last as usize >= plan.seats.len() => Err(UNKNOWN.to_owned()),
        Some(_) => Ok(seats.into_iter().map(SeatIndex).collect()),
    }
}

fn pool_units(form: &Form, pool: &str, looked: &Looked<'_>) -> Result<What, String> {
    let names = looked.sale.names(looked.desk);
    let pool = names.pool(looked.at, pool).ok_or("There is no such pool.")?;
    let units = form.number("units").filter(|units| *units > 0);
    let units = units.ok_or("Units: a whole number is wanted, 1 at least.")?;
    Ok(What::Pool { pool, units })
}
