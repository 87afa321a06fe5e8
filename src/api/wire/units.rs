//! Seats and pool units as operators name them, both ways.

use serde::{Deserialize, Serialize};
use stanchion_domain::command::Units;
use stanchion_domain::id::SeatIndex;
use stanchion_domain::sale::definition::{Definition, Withheld};
use utoipa::ToSchema;

use crate::api::names::Names;
use crate::api::problem::Problem;

/// Seats or pool units of one performance.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitsBody {
    /// The performance's id.
    pub performance: String,
    /// Seats, by their ids in the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<Vec<String>>,
    /// A pool, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Units of the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// Why something is kept off public sale.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindBody {
    /// House seats: API keys may sell them.
    House,
    /// Killed seats: nobody may.
    Killed,
}

impl From<KindBody> for Withheld {
    fn from(kind: KindBody) -> Self {
        match kind {
            KindBody::House => Self::House,
            KindBody::Killed => Self::Killed,
        }
    }
}

impl From<Withheld> for KindBody {
    fn from(kind: Withheld) -> Self {
        match kind {
            Withheld::House => Self::House,
            Withheld::Killed => Self::Killed,
        }
    }
}

/// From words to units.
///
/// # Errors
/// `not_found`, `invalid`
pub fn read_units(body: &UnitsBody, names: &Names) -> Result<Units, Problem> {
    let performance = names.performance(&body.performance);
    let performance = performance.ok_or_else(|| Problem::not_found("performance"))?;
    match (&body.seats, &body.pool, body.units) {
        (Some(seats), None, None) => {
            let seat =
                |id: &String| names.seat(performance, id).ok_or_else(|| Problem::not_found("seat"));
            let mut seats: Vec<SeatIndex> = seats.iter().map(seat).collect::<Result<_, _>>()?;
            seats.sort_unstable();
            seats.dedup();
            Ok(Units::Seats { performance, seats })
        }
        (None, Some(pool), Some(units)) => {
            let pool = names.pool(performance, pool).ok_or_else(|| Problem::not_found("pool"))?;
            Ok(Units::Pool { performance, pool, units })
        }
        _ => Err(Problem::invalid("name seats, or a pool with units")),
    }
}

/// Units in words.
pub fn units_body(units: &Units, definition: &Definition) -> UnitsBody {
    match units {
        Units::Seats { performance, seats } => {
            let plan = definition.plan_of(*performance);
            let ids = plan.map(|plan| seats.iter().map(|seat| plan.seat(*seat).id.clone()));
            UnitsBody {
                performance: definition.performance(*performance).id.clone(),
                seats: ids.map(Iterator::collect),
                pool: None,
                units: None,
            }
        }
        Units::Pool { performance, pool, units } => UnitsBody {
            performance: definition.performance(*performance).id.clone(),
            seats: None,
            pool: definition.pool(*performance, *pool).map(|pool| pool.id.clone()),
            units: Some(*units),
        },
    }
}
