//! Single performances, `[[performances]]`, and what they have in common with series.

use stanchion_domain::id::PlanIndex;
use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Performance, Pool, Seating};

use super::super::node::{Node, Table};
use super::Named;
use super::ids::Ids;
use super::layout::zone_index;
use super::mirror;
use super::moment::instant;

/// One performance, or none if it is no table.
pub(super) fn read(node: Node<'_>, named: &Named) -> Vec<Performance> {
    let Some(mut table) = node.table() else { return Vec::new() };
    let id = table.need("id").and_then(Node::id).unwrap_or_default();
    let name = table.get("name").and_then(Node::name).unwrap_or(id);
    let starts_at = table.get("starts_at").and_then(|node| instant(node, named.time_zone.as_ref()));
    let (seating, pools) = read_capacity(&mut table, named);
    table.finish();
    vec![Performance { id: id.to_owned(), name: name.to_owned(), starts_at, seating, pools }]
}

/// The seats and pools that a performance, or each of a series, has for sale.
pub(super) fn read_capacity(table: &mut Table<'_>, named: &Named) -> (Option<Seating>, Vec<Pool>) {
    if named.mirrored {
        return (None, mirror::read_zones(table, named));
    }
    let plan_node = table.get("plan");
    let plan = plan_node.and_then(|node| named.plans.find(node));
    let layout = plan.and_then(|plan| named.layouts.get(plan)).and_then(Option::as_ref);
    let seating = layout.zip(plan).and_then(|(layout, plan)| {
        layout.seating(table, PlanIndex(u16::try_from(plan).unwrap_or(u16::MAX)))
    });
    let mut pools = layout.map(|layout| layout.pools.clone()).unwrap_or_default();
    let mut ids = Ids::new("pool");
    pools.iter().for_each(|pool| ids.add(table.node, &pool.id));
    for node in table.items("pools") {
        pools.extend(read_pool(node, named, &mut ids));
    }
    if plan_node.is_none() && ids.is_empty() {
        table.node.refuse("has nothing to sell", "give it a `plan` or `pools`");
    }
    if pools.len() > limits::POOLS_PER_PERFORMANCE_MAX {
        let remedy = format!("use at most {}", limits::POOLS_PER_PERFORMANCE_MAX);
        table.node.refuse("has too many pools", remedy);
    }
    if layout.is_none() && plan_node.is_some() {
        table.ignore(&["house", "killed"]);
    }
    (seating, pools)
}

fn read_pool(node: Node<'_>, named: &Named, ids: &mut Ids) -> Option<Pool> {
    let mut table = node.table()?;
    let id = table.need("id").and_then(Node::id).unwrap_or_default();
    let name = table.get("name").and_then(Node::name).unwrap_or(id);
    let zone = table.need("zone").and_then(|node| named.zones.find(node));
    let capacity =
        table.need("capacity").and_then(|node| node.count(0..=limits::POOL_CAPACITY_MAX));
    let most = capacity.unwrap_or(limits::POOL_CAPACITY_MAX);
    let withheld = table.get("withheld").and_then(|node| node.count(0..=most));
    table.finish();
    ids.add(node, id);
    Some(Pool {
        id: id.to_owned(),
        name: name.to_owned(),
        zone: zone_index(zone?),
        capacity: capacity?,
        withheld: withheld.unwrap_or_default(),
    })
}

/// Refuses a sale whose states would not fit in memory.
pub(super) fn check_units(node: Node<'_>, performances: &[Performance], named: &Named) {
    let seats_of = |seating: &Seating| {
        let layout = named.layouts.get(seating.plan.at()).and_then(Option::as_ref);
        layout.map_or(0, |layout| layout.plan.seats.len())
    };
    let units: usize = performances
        .iter()
        .map(|performance| {
            performance.pools.len() + performance.seating.as_ref().map_or(0, seats_of)
        })
        .sum();
    if units > limits::UNITS_OF_STATE_MAX {
        let remedy = format!("at most {} fit in one sale", limits::UNITS_OF_STATE_MAX);
        node.refuse(format!("has {units} seats and pools over all performances"), remedy);
    }
}
