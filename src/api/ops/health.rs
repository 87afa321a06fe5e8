//! For machines: whether the process answers, whether it can sell, and what it counted.

use http::StatusCode;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Reply, Text};
use crate::engine::health::HealthState;
use crate::net::reply::OutBody;

/// The process answers.
pub fn live(_: &Call) -> Result<Reply<Text>, Problem> {
    Ok(Reply::new(StatusCode::OK, OutBody::whole("live\n")).personal())
}

/// Every sale can be written.
pub fn ready(call: &Call) -> Result<Reply<Text>, Problem> {
    for sale in call.state.sales.values() {
        if let HealthState::Down { outward, .. } = &*sale.engine.published().health.get() {
            return Err(Problem::new("down").says(*outward));
        }
    }
    Ok(Reply::new(StatusCode::OK, OutBody::whole("ready\n")).personal())
}

/// Everything that was counted.
pub fn metrics(call: &Call) -> Result<Reply<Text>, Problem> {
    auth::operator(call)?;
    for sale in call.state.sales.values() {
        sale.metrics.writer.backlog.set(sale.engine.backlog() as f64);
    }
    let text = call.state.metrics.render();
    Ok(Reply::new(StatusCode::OK, OutBody::whole(text)).personal())
}
