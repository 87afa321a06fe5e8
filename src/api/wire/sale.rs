//! A sale as shops read it.

use serde::Serialize;
use stanchion_domain::sale::definition::{Definition, PriceZone};
use stanchion_domain::sale::operations::Operations;
use utoipa::ToSchema;

use super::time::Moment;

/// What is fixed about a sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaleBody {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// `before`, `open` or `closed`.
    pub phase: &'static str,
    /// When it opens, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// Said if the venue's own system keeps the seats: nothing is held here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub mirrored: bool,
    /// Price tables.
    pub zones: Vec<ZoneBody>,
    /// Seat plans.
    pub plans: Vec<NamedBody>,
    /// What a basket may hold and how long.
    pub limits: LimitsBody,
}

/// A price zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneBody {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its prices; the first is taken when a request names none.
    pub prices: Vec<PriceBody>,
}

/// One price.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBody {
    /// Its id, unique in the zone.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// In the currency's minor unit.
    pub amount_minor: u64,
}

/// Something with an id and a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedBody {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
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

impl SaleBody {
    /// The sale.
    pub fn new(definition: &Definition, operations: &Operations) -> Self {
        let policy = &definition.policy;
        let plans = definition.plans.iter();
        Self {
            id: definition.id.clone(),
            name: definition.name.clone(),
            currency: definition.currency.clone(),
            phase: operations.phase.name(),
            opens_at: definition.opens_at.map(Moment),
            mirrored: definition.mirrored(),
            zones: definition.zones.iter().map(ZoneBody::new).collect(),
            plans: plans
                .map(|plan| NamedBody { id: plan.id.clone(), name: plan.name.clone() })
                .collect(),
            limits: LimitsBody {
                basket_units_max: policy.basket_units_max,
                visitor_units_max: policy.visitor_units_max,
                hold_span_ms: policy.hold_span.0,
                checkout_span_ms: policy.checkout_span.0,
            },
        }
    }
}

impl ZoneBody {
    fn new(zone: &PriceZone) -> Self {
        let prices = zone.prices.iter().map(|price| PriceBody {
            id: price.id.clone(),
            name: price.name.clone(),
            amount_minor: price.amount_minor,
        });
        Self { id: zone.id.clone(), name: zone.name.clone(), prices: prices.collect() }
    }
}
