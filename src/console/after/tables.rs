//! The tables of a night for other programs, line by line.

use std::sync::Arc;

use arc_swap::Guard;
use stanchion_domain::id::PerformanceIndex;
use stanchion_domain::inventory::baskets::{Basket, BasketState};
use stanchion_domain::time::{SaleTime, WallTime};

use super::csv::{body, line};
use super::report::told;
use crate::api::ops::night::milestone::What;
use crate::api::ops::night::point::Point;
use crate::api::state::OpenSale;
use crate::api::wire::action::action_body;
use crate::api::wire::basket::Id;
use crate::clock;
use crate::console::controls::words::done;
use crate::net::reply::OutBody;
use crate::token::role::Duty;

/// A table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    /// The points of the curves.
    Curves,
    /// Counts and status of each performance, as they are now.
    Performances,
    /// Every order.
    Orders,
    /// Every ops change.
    Changes,
    /// What happened.
    Milestones,
}

impl Table {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Curves, Self::Performances, Self::Orders, Self::Changes, Self::Milestones];

    /// The name of its file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Curves => "curves.csv",
            Self::Performances => "performances.csv",
            Self::Orders => "orders.csv",
            Self::Changes => "changes.csv",
            Self::Milestones => "milestones.csv",
        }
    }

    /// The table of this file.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// What somebody must be allowed who takes it away.
    pub(super) fn duty(self) -> Duty {
        match self {
            Self::Orders => Duty::Serve,
            Self::Curves | Self::Performances | Self::Changes | Self::Milestones => Duty::Look,
        }
    }

    /// The table.
    pub(super) fn body(self, sale: &OpenSale) -> OutBody {
        match self {
            Self::Curves => curves(sale),
            Self::Performances => performances(sale),
            Self::Orders => orders(sale),
            Self::Changes => changes(sale),
            Self::Milestones => milestones(sale),
        }
    }
}

fn curves(sale: &OpenSale) -> OutBody {
    let heading = [
        "at",
        "sale_time_ms",
        "joined",
        "waiting",
        "called",
        "active",
        "cap",
        "available",
        "in_baskets",
        "sold",
        "calls_total",
        "claims_total",
        "missed_total",
        "holds_total",
        "orders_total",
        "too_late_total",
        "longest_wait_s",
        "answer_ms",
        "append_ms",
        "after_gap",
    ];
    let milliseconds = |us: Option<u64>| us.map(|us| format!("{:.3}", us as f64 / 1e3));
    let lines = sale.night.points().into_iter().map(move |point| {
        let Point { totals, .. } = point;
        let figures = [
            point.sale_ms,
            point.joined.into(),
            point.waiting.into(),
            point.called.into(),
            point.active.into(),
            point.cap.into(),
            point.available,
            point.in_baskets,
            point.sold,
            totals.calls,
            totals.claims,
            totals.missed,
            totals.holds,
            totals.orders,
            totals.crowded,
            totals.longest_wait_s,
        ];
        let mut cells = vec![second(point.at_s)];
        cells.extend(figures.map(|figure| figure.to_string()));
        cells.push(milliseconds(point.answer_us).unwrap_or_default());
        cells.push(milliseconds(point.append_us).unwrap_or_default());
        cells.push(point.after_gap.to_string());
        line(cells)
    });
    body(&heading, lines)
}

fn performances(sale: &OpenSale) -> OutBody {
    let heading = [
        "id",
        "name",
        "starts_at",
        "capacity",
        "available",
        "held",
        "paying",
        "sold",
        "withheld",
        "status",
    ];
    let desk = Guard::into_inner(sale.desk());
    let board = sale.engine.published().board.current();
    let lines = (0..desk.definition.performances.len()).map(move |at| {
        let performance = &desk.definition.performances[at];
        let at = PerformanceIndex(u16::try_from(at).expect("there are not so many"));
        // One that was added in this very moment is not on the board yet.
        let picture = board.performances.picture(at).map(|picture| picture.total);
        let counts = picture.map(|picture| picture.counts).unwrap_or_default();
        let mut cells = vec![
            performance.id.clone(),
            performance.name.clone(),
            performance.starts_at.and_then(clock::rfc3339).unwrap_or_default(),
        ];
        let figures = [
            counts.capacity,
            counts.available,
            counts.held,
            counts.paying,
            counts.sold,
            counts.withheld,
        ];
        cells.extend(figures.map(|count| count.to_string()));
        cells.push(picture.map_or("", |picture| picture.status.name()).to_owned());
        line(cells)
    });
    body(&heading, lines)
}

fn orders(sale: &OpenSale) -> OutBody {
    let heading = [
        "id",
        "number",
        "basket_opened_at",
        "units",
        "amount_minor",
        "currency",
        "payment",
        "late",
    ];
    let currency = sale.desk().definition.currency.clone();
    let points = sale.night.points();
    let lines = all_orders(sale).into_iter().map(move |order| {
        let BasketState::Confirmed { payment, late } = &order.state else {
            unreachable!("only orders were asked for")
        };
        line([
            Id::from(order.id).to_string(),
            order.pass.0.to_string(),
            opened_at(&points, order.opened_at).unwrap_or_default(),
            order.units().to_string(),
            order.total_minor().to_string(),
            currency.clone(),
            payment.clone(),
            late.to_string(),
        ])
    });
    body(&heading, lines)
}

/// Every order, in the order in which their baskets were opened.
pub(super) fn all_orders(sale: &OpenSale) -> Vec<Arc<Basket>> {
    let paid = |basket: &Basket| matches!(basket.state, BasketState::Confirmed { .. });
    let mut orders = sale.engine.published().baskets(paid);
    orders.sort_unstable_by_key(|order| (order.opened_at, order.id));
    orders
}

/// What the clock on the wall said at this sale time, to a second, as far as the curves tell.
fn opened_at(points: &[Point], sale: SaleTime) -> Option<String> {
    let next = points.partition_point(|point| point.sale_ms <= sale.0);
    let before = points.get(next.checked_sub(1)?)?;
    let since_ms = i64::try_from(sale.0 - before.sale_ms).ok()?;
    let at_s = before.at_s.saturating_add(since_ms / 1_000);
    Some(second(points.get(next).map_or(at_s, |next| at_s.min(next.at_s))))
}

fn changes(sale: &OpenSale) -> OutBody {
    let heading = ["revision", "at", "sale_time_ms", "actor", "did", "reason", "action"];
    let desk = Guard::into_inner(sale.desk());
    let lines = (0..desk.operations.audit.len()).map(move |at| {
        let entry = &desk.operations.audit[at];
        let action = serde_json::to_string(&action_body(&entry.action, &desk.definition));
        line([
            entry.revision.to_string(),
            clock::rfc3339(entry.now.wall).unwrap_or_default(),
            entry.now.sale.0.to_string(),
            entry.actor.clone(),
            done(&entry.action),
            entry.reason.clone(),
            action.unwrap_or_default(),
        ])
    });
    body(&heading, lines)
}

fn milestones(sale: &OpenSale) -> OutBody {
    let (milestones, _) = sale.night.milestones();
    let lines = milestones.into_iter().map(|milestone| {
        let performance = match &milestone.what {
            What::SoldOut { performance } | What::BackOnSale { performance } => performance.clone(),
            _ => None,
        };
        line([second(milestone.at_s), told(&milestone.what), performance.unwrap_or_default()])
    });
    body(&["at", "what", "performance"], lines)
}

/// RFC 3339, to the second.
fn second(at_s: i64) -> String {
    let text = clock::rfc3339(WallTime(at_s.saturating_mul(1_000))).unwrap_or_default();
    text.replace(".000Z", "Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basket_was_opened_when_sale_time_said_so_and_not_before_the_first_point() {
        let point = |at_s, sale_ms| Point { at_s, sale_ms, ..Point::default() };
        // Sale time stood still for a minute.
        let points = [point(100, 50_000), point(105, 55_000), point(165, 57_000)];
        for (sale_ms, told) in [
            (49_999, None),
            (50_000, Some("1970-01-01T00:01:40Z")),
            (52_500, Some("1970-01-01T00:01:42Z")),
            (56_000, Some("1970-01-01T00:01:46Z")),
            (58_000, Some("1970-01-01T00:02:46Z")),
        ] {
            assert_eq!(opened_at(&points, SaleTime(sale_ms)).as_deref(), told, "{sale_ms}");
        }
    }

    #[test]
    fn a_table_is_known_by_its_file_and_orders_are_not_for_viewers() {
        for table in Table::ALL {
            assert_eq!(Table::named(table.name()), Some(table));
        }
        assert_eq!(Table::named("orders"), None);
        assert_eq!(Table::Orders.duty(), Duty::Serve);
    }
}
