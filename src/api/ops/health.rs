//! For machines: whether the process answers, whether it can sell, and what it counted.

use http::StatusCode;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::ops::role;
use crate::api::problem::Problem;
use crate::api::reply::{Reply, Text};
use crate::clock;
use crate::engine::health::HealthState;
use crate::net::reply::OutBody;
use crate::token::role::Duty;

/// The process answers.
pub fn live(_: &Call) -> Result<Reply<Text>, Problem> {
    Ok(Reply::new(StatusCode::OK, OutBody::whole("live\n")).personal())
}

/// Every sale is written here, even if just now it cannot be: queue and board go on.
pub fn writer(call: &Call) -> Result<Reply<Text>, Problem> {
    role::ready(&call.state)?;
    Ok(Reply::new(StatusCode::OK, OutBody::whole("writer\n")).personal())
}

/// Every sale is written here and can be.
pub fn ready(call: &Call) -> Result<Reply<Text>, Problem> {
    role::ready(&call.state)?;
    for sale in call.state.sales().values() {
        let health = &sale.engine.published().health;
        if let HealthState::Down { outward, .. } = &*health.get() {
            return Err(Problem::new("down").says(*outward));
        }
        if let Some(cause) = health.cause(clock::monotonic_ms()) {
            return Err(Problem::new("down").says(cause));
        }
    }
    Ok(Reply::new(StatusCode::OK, OutBody::whole("ready\n")).personal())
}

/// Everything that was counted.
pub fn metrics(call: &Call) -> Result<Reply<Text>, Problem> {
    auth::operator(call, Duty::Look)?;
    if call.state.stands_by() {
        call.state.role().count(clock::monotonic_ms());
    }
    for sale in call.state.sales().values() {
        let (published, role) = (sale.engine.published(), &sale.metrics.role);
        role.followed.set(published.sequence() as f64);
        role.epoch.set(f64::from(published.epoch()));
        let writer = &sale.metrics.writer;
        writer.backlog.set(sale.engine.backlog() as f64);
        let writing_ms = sale.engine.published().health.writing.for_ms(clock::monotonic_ms());
        writer.writing.set(writing_ms as f64 / 1_000.0);
    }
    let text = call.state.metrics.render();
    Ok(Reply::new(StatusCode::OK, OutBody::whole(text)).personal())
}
