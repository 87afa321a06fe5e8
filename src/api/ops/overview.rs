//! The sales as operators see them.

use http::StatusCode;

use crate::api::auth;
use crate::api::call::Call;
use crate::api::names::Names;
use crate::api::problem::Problem;
use crate::api::reply::{Json, Reply};
use crate::api::state::OpenSale;
use crate::api::wire::desk::{
    DeskBody, HealthBody, SaleShortBody, SalesBody, TimeBody, TriggerSetBody,
};
use crate::api::wire::place::words;
use crate::api::wire::sale::SaleBody;
use crate::api::wire::time::Moment;
use crate::api::wire::trigger::trigger_body;
use crate::board::wire::{CountsBody, QueueBody, StaleBody};
use crate::clock;
use crate::token::role::Duty;

/// All sales in short.
pub fn list(call: &Call) -> Result<Reply<Json<SalesBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    if call.state.stands_by() {
        return Err(Problem::standby());
    }
    let sales = call.state.sales().values().map(|sale| short(sale)).collect();
    let body = SalesBody { rehearsal: call.state.rehearsal, sales };
    Ok(Reply::own(StatusCode::OK, &body))
}

fn short(sale: &OpenSale) -> SaleShortBody {
    let desk = sale.desk();
    SaleShortBody {
        id: sale.id.to_string(),
        name: desk.definition.name.clone(),
        phase: desk.operations.phase.name(),
        calling: sale.engine.published().calling(),
        revision: desk.operations.revision,
        healthy: health(sale).well,
    }
}

/// Everything operators set and see.
pub fn read(call: &Call) -> Result<Reply<Json<DeskBody>>, Problem> {
    auth::operator(call, Duty::Look)?;
    let sale = call.sale()?;
    let desk = sale.desk();
    let names = sale.names(&desk);
    let published = sale.engine.published();
    let board = published.board.current();
    let (head, operations) = (board.head.picture(), &desk.operations);
    let body = DeskBody {
        sale: SaleBody::new(&desk.definition, operations),
        rehearsal: call.state.rehearsal,
        revision: operations.revision,
        calling: published.calling(),
        shop: published.shop.state().name(),
        calling_paused: operations.calling_paused,
        cap: operations.cap,
        pace_per_minute: operations.pace_per_minute,
        call_for_what_is_left: operations.call_for_what_is_left,
        notice: operations.notice.as_ref().map(words),
        notice_until: operations.notice_until.map(Moment),
        redirect: operations.redirect.clone(),
        triggers: triggers(&names, operations),
        time: time(sale, operations.frozen),
        health: health(sale),
        counts: CountsBody::known(&head.counts, head.known),
        stale: StaleBody::of(head.known),
        queue: QueueBody::new(head, board.head.estimate()),
        backlog: sale.engine.backlog() as u64,
        sequence: published.sequence(),
    };
    Ok(Reply::own(StatusCode::OK, &body))
}

fn triggers(
    names: &Names,
    operations: &stanchion_domain::sale::operations::Operations,
) -> Vec<TriggerSetBody> {
    let set = operations.triggers.iter().map(|(trigger, fired)| TriggerSetBody {
        trigger: trigger_body(trigger, names.definition()),
        fired: *fired,
    });
    set.collect()
}

fn time(sale: &OpenSale, frozen: bool) -> TimeBody {
    let published = sale.engine.published();
    let running = !frozen && health(sale).well;
    TimeBody { running, frozen, sale_time_ms: published.now().sale.0 }
}

fn health(sale: &OpenSale) -> HealthBody {
    let cause = sale.engine.published().health.cause(clock::monotonic_ms());
    HealthBody { well: cause.is_none(), cause }
}
