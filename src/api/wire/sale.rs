//! A sale as shops read it.

use serde::Serialize;
use stanchion_domain::sale::definition::{Definition, PriceZone};
use stanchion_domain::sale::operations::Operations;
use utoipa::ToSchema;

use super::time::Moment;

/// What is fixed about a sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaleBody<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// ISO 4217 code of every amount.
    pub currency: &'a str,
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// When it opens, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// Price tables.
    pub zones: Vec<ZoneBody<'a>>,
    /// Seat plans.
    pub plans: Vec<NamedBody<'a>>,
    /// What a basket may hold and how long.
    pub limits: LimitsBody,
}

/// A price zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneBody<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Its prices; the first is taken when a request names none.
    pub prices: Vec<PriceBody<'a>>,
}

/// One price.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBody<'a> {
    /// Its id, unique in the zone.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// In the currency's minor unit.
    pub amount_minor: u64,
}

/// Something with an id and a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedBody<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
}

/// What a basket may hold and how long.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsBody {
    /// Most units in one basket.
    pub basket_units_max: u32,
    /// Most units one visitor may hold and buy together.
    pub visitor_units_max: u32,
    /// From the first hold to the expiry of the basket.
    pub hold_span_ms: u64,
    /// What checkout sets the deadline to.
    pub checkout_span_ms: u64,
}

impl<'a> SaleBody<'a> {
    /// The sale.
    pub fn new(definition: &'a Definition, operations: &Operations) -> Self {
        let policy = &definition.policy;
        let plans = definition.plans.iter();
        Self {
            id: &definition.id,
            name: &definition.name,
            currency: &definition.currency,
            phase: operations.phase.name(),
            opens_at: definition.opens_at.map(Moment),
            zones: definition.zones.iter().map(ZoneBody::new).collect(),
            plans: plans.map(|plan| NamedBody { id: &plan.id, name: &plan.name }).collect(),
            limits: LimitsBody {
                basket_units_max: policy.basket_units_max,
                visitor_units_max: policy.visitor_units_max,
                hold_span_ms: policy.hold_span.0,
                checkout_span_ms: policy.checkout_span.0,
            },
        }
    }
}

impl<'a> ZoneBody<'a> {
    fn new(zone: &'a PriceZone) -> Self {
        let prices = zone.prices.iter().map(|price| PriceBody {
            id: &price.id,
            name: &price.name,
            amount_minor: price.amount_minor,
        });
        Self { id: &zone.id, name: &zone.name, prices: prices.collect() }
    }
}
