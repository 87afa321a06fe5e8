//! Price zones: `[[zones]]`, each with one price or a table of them.

use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Price, PriceZone};

use super::super::node::{Node, Table};
use super::super::plan::focal_point;
use super::ids::Ids;
use super::money::Currency;

/// The id and name of the only price of a zone that gives just an amount.
const ONLY_PRICE: (&str, &str) = ("full", "Full price");

/// The zones in the order of the file, and their ids.
pub(super) fn read(root: &mut Table<'_>, currency: &Currency) -> (Vec<PriceZone>, Ids) {
    let mut ids = Ids::new("price zone");
    let nodes: Vec<_> = root.needed_items("zones").collect();
    if nodes.is_empty() || nodes.len() > limits::ZONES_MAX {
        let wrong = format!("has {} price zones", nodes.len());
        root.node.refuse(wrong, format!("give 1 to {}", limits::ZONES_MAX));
    }
    let zones = nodes.into_iter().map(|node| read_zone(node, currency, &mut ids));
    (zones.collect(), ids)
}

fn read_zone(node: Node<'_>, currency: &Currency, ids: &mut Ids) -> PriceZone {
    let Some(mut table) = node.table() else { return PriceZone::default() };
    let id = table.need("id").and_then(Node::id).unwrap_or_default();
    let name = table.get("name").and_then(Node::name).unwrap_or(id);
    let focal_point = table.get("focal_point").and_then(focal_point);
    let prices = match table.get("prices") {
        Some(prices) => read_prices(prices, currency),
        None => only_price(&mut table, currency),
    };
    table.finish();
    ids.add(node, id);
    PriceZone { id: id.to_owned(), name: name.to_owned(), prices, focal_point }
}

fn only_price(table: &mut Table<'_>, currency: &Currency) -> Vec<Price> {
    let (id, name) = ONLY_PRICE;
    let amount_minor = currency.read_amount(table).unwrap_or_default();
    vec![Price { id: id.to_owned(), name: name.to_owned(), amount_minor }]
}

fn read_prices(node: Node<'_>, currency: &Currency) -> Vec<Price> {
    let mut ids = Ids::new("price");
    let prices: Vec<Price> = node
        .list()
        .into_iter()
        .flatten()
        .filter_map(|price| read_price(price, currency, &mut ids))
        .collect();
    if ids.is_empty() || ids.len() > limits::PRICES_PER_ZONE_MAX {
        let remedy = format!("give 1 to {}", limits::PRICES_PER_ZONE_MAX);
        node.refuse(format!("has {} prices", ids.len()), remedy);
    }
    prices
}

fn read_price(node: Node<'_>, currency: &Currency, ids: &mut Ids) -> Option<Price> {
    let mut table = node.table()?;
    let id = table.need("id").and_then(Node::id).unwrap_or_default();
    let name = table.get("name").and_then(Node::name).unwrap_or(id);
    let amount_minor = currency.read_amount(&mut table);
    table.finish();
    ids.add(node, id);
    Some(Price { id: id.to_owned(), name: name.to_owned(), amount_minor: amount_minor? })
}
