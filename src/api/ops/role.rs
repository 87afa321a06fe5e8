//! Who writes the sales: handing them over, taking them over, and whether this process is ready.
//!
//! No command and no revision: nothing of a sale changes. Each is in the log, with who and why.

use std::sync::Arc;

use http::StatusCode;
use stanchion_domain::limits::REASON_BYTES_MAX;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::ops::book;
use crate::api::problem::Problem;
use crate::api::reply::{Json, Reply};
use crate::api::state::{OpenSale, State};
use crate::api::wire::role::{
    HandOverBody, HandedOverBody, SaleAtBody, StandbyBody, TakeOverBody, TakingOverBody,
};
use crate::clock;
use crate::token::role::Duty;

/// How long who asks while it stops should wait: whoever stands by serves by then.
const STOPPING_RETRY_MS: u64 = 1_000;

/// Hands all sales over, and says where each ended. The process ends after it.
pub async fn hand_over(
    call: Call,
    body: HandOverBody,
) -> Result<Reply<Json<HandedOverBody>>, Problem> {
    let actor = auth::operator(&call, Duty::HandOver)?;
    require_reason(&body.reason)?;
    let role = call.state.role();
    if call.state.stands_by() {
        return Err(wrong_state("standing by"));
    }
    if !role.shared() {
        return Err(wrong_state("alone: nobody else can write this journal"));
    }
    tracing::warn!(actor, reason = body.reason, "an operator hands over");
    book::note(&call, &actor, "hand_over", &body.reason).await;
    role.hand_over.ask().await;
    let at = |(id, sale): (&String, &Arc<OpenSale>)| {
        let sequence = sale.engine.published().sequence();
        SaleAtBody { id: id.clone(), sequence }
    };
    let sales = call.state.sales().iter().map(at).collect();
    Ok(Reply::own(StatusCode::OK, &HandedOverBody { sales }))
}

/// Accepts that records are lost which somebody has seen, and takes over without them.
pub async fn take_over(
    call: Call,
    body: TakeOverBody,
) -> Result<Reply<Json<TakingOverBody>>, Problem> {
    let actor = auth::operator(&call, Duty::AcceptLoss)?;
    require_reason(&body.reason)?;
    if !body.accept_loss {
        let told = "accept_loss: true, or restore the store; anything else happens by itself";
        return Err(Problem::invalid(told));
    }
    if !call.state.stands_by() {
        return Err(wrong_state("serving"));
    }
    let short = call.state.role().vigils.iter().filter(|vigil| vigil.accept_loss());
    let sales: Vec<_> = short.map(|vigil| vigil.sale.clone()).collect();
    if sales.is_empty() {
        return Err(wrong_state("not short of any record"));
    }
    tracing::error!(actor, reason = body.reason, ?sales, "an operator accepts the loss of records");
    book::note(&call, &actor, "accept_loss", &body.reason).await;
    Ok(Reply::own(StatusCode::OK, &TakingOverBody { sales }))
}

/// Refuses for a process that does not write its sales, or not for long.
///
/// # Errors
/// `standby`, with how far each sale is followed and why it is not taken over; `stopping`.
pub(super) fn ready(state: &State) -> Result<(), Problem> {
    if state.role().hand_over.begun() {
        return Err(Problem::new("stopping").retry_after_ms(STOPPING_RETRY_MS));
    }
    if !state.stands_by() {
        return Ok(());
    }
    let now_ms = clock::monotonic_ms();
    let standbys = state.role().vigils.iter().map(|vigil| StandbyBody::new(vigil, now_ms));
    Err(Problem::standby().with(|extra| extra.standbys = standbys.collect()))
}

fn require_reason(reason: &str) -> Result<(), Problem> {
    let given = !reason.trim().is_empty() && reason.len() <= REASON_BYTES_MAX;
    let told = || format!("reason: why, in at most {REASON_BYTES_MAX} bytes");
    given.then_some(()).ok_or_else(|| Problem::invalid(told()))
}

fn wrong_state(state: &'static str) -> Problem {
    let told = format!("this server is {state}");
    Problem::new("wrong_state").says(told).with(|extra| extra.state = Some(state))
}
