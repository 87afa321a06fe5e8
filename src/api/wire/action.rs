//! Ops actions, both ways: as they are asked for, and as the audit log shows them.

use serde::{Deserialize, Serialize};
use stanchion_domain::command::{OpsAction, Units};
use stanchion_domain::id::{Number, SeatIndex};
use stanchion_domain::sale::definition::{Definition, Withheld};
use stanchion_domain::time::Span;
use utoipa::ToSchema;

use super::basket::{Id, read_id};
use super::place::{WordsBody, words};
use super::trigger::{TriggerBody, notice, read_trigger, trigger_body};
use crate::api::names::Names;
use crate::api::problem::Problem;

/// What an operator can do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionBody {
    /// Open the sale now.
    Open {},
    /// Stop calling and new holds for good.
    Close {},
    /// Stop calling; shoppers go on.
    PauseCalling {},
    /// Call again.
    ResumeCalling {},
    /// Most passes at once.
    SetCap {
        /// How many.
        cap: u32,
    },
    /// Most calls a minute.
    SetPace {
        /// How many.
        per_minute: u32,
    },
    /// Words at the top of every page.
    PostNotice {
        /// In one or more languages; the first is the fallback.
        texts: Vec<WordsBody>,
    },
    /// Take them away.
    WithdrawNotice {},
    /// Send everyone in the queue elsewhere.
    Redirect {
        /// Where.
        url: String,
    },
    /// Stop sending them.
    EndRedirect {},
    /// Stop sale time.
    FreezeTime {},
    /// Let it run again.
    ResumeTime {},
    /// Give every live deadline more.
    AddTime {
        /// How much.
        add_ms: u64,
    },
    /// Keep seats or pool units off public sale.
    Withhold {
        /// Which.
        what: UnitsBody,
        /// Why.
        kind: KindBody,
    },
    /// Put them back on sale.
    Restore {
        /// Which.
        what: UnitsBody,
    },
    /// Set a trigger, or replace the one of the same id.
    SetTrigger {
        /// The trigger.
        trigger: TriggerBody,
    },
    /// Remove a trigger.
    RemoveTrigger {
        /// Its id.
        id: String,
    },
    /// End a pass; its live basket is released.
    EndPass {
        /// The visitor's queue number.
        pass: u32,
    },
    /// Take an order back: its seats are on sale again.
    CancelOrder {
        /// The basket's id.
        basket: String,
    },
    /// Give one live basket more time.
    ExtendBasket {
        /// The basket's id.
        basket: String,
        /// How much.
        add_ms: u64,
    },
    /// Let a visitor whose place has ended back into the queue, as one who returns.
    RestorePlace {
        /// The visitor's queue number.
        number: u32,
    },
    /// A changed sale file was applied; asked for elsewhere.
    Redefine {},
}

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

/// From words to an action.
///
/// # Errors
/// `not_found`, `invalid`
pub fn read_action(body: ActionBody, names: &Names) -> Result<OpsAction, Problem> {
    Ok(match body {
        ActionBody::Open {} => OpsAction::Open,
        ActionBody::Close {} => OpsAction::Close,
        ActionBody::PauseCalling {} => OpsAction::PauseCalling,
        ActionBody::ResumeCalling {} => OpsAction::ResumeCalling,
        ActionBody::SetCap { cap } => OpsAction::SetCap(cap),
        ActionBody::SetPace { per_minute } => OpsAction::SetPace(per_minute),
        ActionBody::PostNotice { texts } => OpsAction::PostNotice(notice(texts)),
        ActionBody::WithdrawNotice {} => OpsAction::WithdrawNotice,
        ActionBody::Redirect { url } => OpsAction::Redirect(url),
        ActionBody::EndRedirect {} => OpsAction::EndRedirect,
        ActionBody::FreezeTime {} => OpsAction::FreezeTime,
        ActionBody::ResumeTime {} => OpsAction::ResumeTime,
        ActionBody::AddTime { add_ms } => OpsAction::AddTime(Span(add_ms)),
        ActionBody::Withhold { what, kind } => {
            let kind = match kind {
                KindBody::House => Withheld::House,
                KindBody::Killed => Withheld::Killed,
            };
            OpsAction::Withhold { what: read_units(&what, names)?, kind }
        }
        ActionBody::Restore { what } => OpsAction::Restore { what: read_units(&what, names)? },
        ActionBody::SetTrigger { trigger } => OpsAction::SetTrigger(read_trigger(trigger, names)?),
        ActionBody::RemoveTrigger { id } => OpsAction::RemoveTrigger(id),
        ActionBody::EndPass { pass } => OpsAction::EndPass(Number(pass)),
        ActionBody::CancelOrder { basket } => {
            let order = read_id(&basket).ok_or_else(|| Problem::not_found("order"))?;
            OpsAction::CancelOrder(order)
        }
        ActionBody::ExtendBasket { basket, add_ms } => {
            let basket = read_id(&basket).ok_or_else(|| Problem::not_found("basket"))?;
            OpsAction::ExtendBasket { basket, span: Span(add_ms) }
        }
        ActionBody::RestorePlace { number } => OpsAction::RestorePlace(Number(number)),
        ActionBody::Redefine {} => {
            return Err(Problem::invalid("Send a changed sale file to …/definition."));
        }
    })
}

fn read_units(body: &UnitsBody, names: &Names) -> Result<Units, Problem> {
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

/// An action in words.
pub fn action_body(action: &OpsAction, definition: &Definition) -> ActionBody {
    match action {
        OpsAction::Open => ActionBody::Open {},
        OpsAction::Close => ActionBody::Close {},
        OpsAction::PauseCalling => ActionBody::PauseCalling {},
        OpsAction::ResumeCalling => ActionBody::ResumeCalling {},
        OpsAction::SetCap(cap) => ActionBody::SetCap { cap: *cap },
        OpsAction::SetPace(pace) => ActionBody::SetPace { per_minute: *pace },
        OpsAction::PostNotice(notice) => ActionBody::PostNotice { texts: words(notice) },
        OpsAction::WithdrawNotice => ActionBody::WithdrawNotice {},
        OpsAction::Redirect(url) => ActionBody::Redirect { url: url.clone() },
        OpsAction::EndRedirect => ActionBody::EndRedirect {},
        OpsAction::FreezeTime => ActionBody::FreezeTime {},
        OpsAction::ResumeTime => ActionBody::ResumeTime {},
        OpsAction::AddTime(span) => ActionBody::AddTime { add_ms: span.0 },
        OpsAction::Withhold { what, kind } => ActionBody::Withhold {
            what: units_body(what, definition),
            kind: match kind {
                Withheld::House => KindBody::House,
                Withheld::Killed => KindBody::Killed,
            },
        },
        OpsAction::Restore { what } => ActionBody::Restore { what: units_body(what, definition) },
        OpsAction::SetTrigger(trigger) => {
            ActionBody::SetTrigger { trigger: trigger_body(trigger, definition) }
        }
        OpsAction::RemoveTrigger(id) => ActionBody::RemoveTrigger { id: id.clone() },
        OpsAction::EndPass(number) => ActionBody::EndPass { pass: number.0 },
        OpsAction::CancelOrder(order) => {
            ActionBody::CancelOrder { basket: Id::from(*order).to_string() }
        }
        OpsAction::ExtendBasket { basket, span } => {
            ActionBody::ExtendBasket { basket: Id::from(*basket).to_string(), add_ms: span.0 }
        }
        OpsAction::RestorePlace(number) => ActionBody::RestorePlace { number: number.0 },
        OpsAction::Redefine(_) => ActionBody::Redefine {},
    }
}

fn units_body(units: &Units, definition: &Definition) -> UnitsBody {
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
