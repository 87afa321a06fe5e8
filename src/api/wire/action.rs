//! Ops actions, both ways: as they are asked for, and as the audit log shows them.

use serde::{Deserialize, Serialize};
use stanchion_domain::command::OpsAction;
use stanchion_domain::id::Number;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Span;
use utoipa::ToSchema;

use super::basket::{Id, read_id};
use super::place::{WordsBody, words};
use super::time::Moment;
use super::trigger::{TriggerBody, notice, read_trigger, trigger_body};
use super::units::{KindBody, UnitsBody, read_units, units_body};
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
    /// Call no more shoppers than what is left can serve, or call up to the cap whatever is left.
    CallForWhatIsLeft {
        /// Whether to look at what is left.
        on: bool,
    },
    /// Words at the top of every page.
    PostNotice {
        /// In one or more languages; the first is the fallback.
        texts: Vec<WordsBody>,
    },
    /// Words at the top of every page for some time.
    PostNoticeUntil {
        /// In one or more languages; the first is the fallback.
        texts: Vec<WordsBody>,
        /// When they are taken away, if they are still shown then; at once if it is past.
        until: Moment,
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
        ActionBody::CallForWhatIsLeft { on } => OpsAction::CallForWhatIsLeft(on),
        ActionBody::PostNotice { texts } => OpsAction::PostNotice(notice(texts)),
        ActionBody::PostNoticeUntil { texts, until } => {
            OpsAction::PostNoticeUntil { notice: notice(texts), until: until.0 }
        }
        ActionBody::WithdrawNotice {} => OpsAction::WithdrawNotice,
        ActionBody::Redirect { url } => OpsAction::Redirect(url),
        ActionBody::EndRedirect {} => OpsAction::EndRedirect,
        ActionBody::FreezeTime {} => OpsAction::FreezeTime,
        ActionBody::ResumeTime {} => OpsAction::ResumeTime,
        ActionBody::AddTime { add_ms } => OpsAction::AddTime(Span(add_ms)),
        ActionBody::Withhold { what, kind } => {
            OpsAction::Withhold { what: read_units(&what, names)?, kind: kind.into() }
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

/// An action in words.
pub fn action_body(action: &OpsAction, definition: &Definition) -> ActionBody {
    match action {
        OpsAction::Open => ActionBody::Open {},
        OpsAction::Close => ActionBody::Close {},
        OpsAction::PauseCalling => ActionBody::PauseCalling {},
        OpsAction::ResumeCalling => ActionBody::ResumeCalling {},
        OpsAction::SetCap(cap) => ActionBody::SetCap { cap: *cap },
        OpsAction::SetPace(pace) => ActionBody::SetPace { per_minute: *pace },
        OpsAction::CallForWhatIsLeft(on) => ActionBody::CallForWhatIsLeft { on: *on },
        OpsAction::PostNotice(notice) => ActionBody::PostNotice { texts: words(notice) },
        OpsAction::PostNoticeUntil { notice, until } => {
            ActionBody::PostNoticeUntil { texts: words(notice), until: Moment(*until) }
        }
        OpsAction::WithdrawNotice => ActionBody::WithdrawNotice {},
        OpsAction::Redirect(url) => ActionBody::Redirect { url: url.clone() },
        OpsAction::EndRedirect => ActionBody::EndRedirect {},
        OpsAction::FreezeTime => ActionBody::FreezeTime {},
        OpsAction::ResumeTime => ActionBody::ResumeTime {},
        OpsAction::AddTime(span) => ActionBody::AddTime { add_ms: span.0 },
        OpsAction::Withhold { what, kind } => {
            ActionBody::Withhold { what: units_body(what, definition), kind: (*kind).into() }
        }
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
