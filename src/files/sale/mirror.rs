//! A mirrored sale: `inventory = "mirrored"`, and the price zones of its performances.

use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Mirror, Pool};
use stanchion_domain::time::Span;

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::Named;
use super::ids::Ids;
use super::layout::zone_index;

/// When a report is stale, unless the policy says otherwise.
const STALE_SPAN: Span = Span::from_seconds(60);

/// Whether the venue's own system keeps the seats.
pub(super) fn mirrored(root: &mut Table<'_>) -> bool {
    let Some(node) = root.get("inventory") else { return false };
    match node.text() {
        Some("mirrored") => true,
        Some("own") | None => false,
        Some(other) => {
            let wrong = format!("{} is no way to keep seats", quoted(other));
            node.refuse(wrong, "use \"own\" or \"mirrored\"");
            false
        }
    }
}

/// How it is mirrored. `stale_span` is what the policy says, and where.
pub(super) fn read(
    mirrored: bool,
    root: &mut Table<'_>,
    stale_span: Option<(Node<'_>, Span)>,
) -> Option<Mirror> {
    if !mirrored {
        if let Some((node, _)) = stale_span {
            let wrong = "nothing goes stale in a sale that keeps its own seats";
            node.refuse(wrong, "take it out, or write inventory = \"mirrored\" at the top");
        }
        return None;
    }
    if let Some(node) = root.get("plans") {
        let wrong = "has seat plans, but the venue's own system keeps the seats";
        node.refuse(wrong, "take them out, and name `zones` in each performance");
    }
    Some(Mirror { stale_span: stale_span.map_or(STALE_SPAN, |(_, span)| span) })
}

/// The price zones of a performance, or of each of a series: a list of them, or a table of the most
/// units that can be reported of each.
pub(super) fn read_zones(table: &mut Table<'_>, named: &Named) -> Vec<Pool> {
    let Some(node) = table.need("zones") else { return Vec::new() };
    let mut ids = Ids::new("price zone");
    let mut pools = Vec::new();
    if let Some(zones) = node.if_list() {
        for zone in zones {
            let found = zone.text().zip(named.zones.find(zone));
            pools.extend(found.map(|(id, at)| pool(id, at, limits::POOL_CAPACITY_MAX)));
            found.into_iter().for_each(|(id, _)| ids.add(zone, id));
        }
    } else if let Some(zones) = node.table() {
        for (id, most) in zones.entries() {
            let capacity = most.count(0..=limits::POOL_CAPACITY_MAX);
            let Some(at) = named.zones.position(id) else {
                let wrong = format!("no price zone {}", quoted(id));
                most.refuse(wrong, "name one of [[zones]]");
                continue;
            };
            pools.extend(capacity.map(|capacity| pool(id, at, capacity)));
            ids.add(most, id);
        }
    }
    if pools.is_empty() || pools.len() > limits::POOLS_PER_PERFORMANCE_MAX {
        let wrong = format!("has {} price zones", pools.len());
        node.refuse(wrong, format!("name 1 to {}", limits::POOLS_PER_PERFORMANCE_MAX));
    }
    pools
}

fn pool(id: &str, zone: usize, capacity: u32) -> Pool {
    let (id, name) = (id.to_owned(), id.to_owned());
    Pool { id, name, zone: zone_index(zone), capacity, withheld: 0 }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Loaded, difference::difference, from_text, load};
    use super::*;
    use crate::files::Mode;
    use stanchion_domain::sale::definition::Definition;

    const EXAMPLE: &str = "config/sales/mirrored/sale.toml";

    fn example() -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE);
        std::fs::read_to_string(path).expect("the example")
    }

    fn read(text: &str) -> Result<Loaded, String> {
        from_text("sale.toml", text, Path::new(""), Mode::Strict).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_mirrored_sale_names_price_zones_and_no_seats() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE);
        let sale = load(&path, Mode::Strict).expect("it is sound").definition;
        assert_eq!(sale.mirror, Some(Mirror { stale_span: Span::from_seconds(30) }));
        let most: Vec<Vec<u32>> = (sale.performances.iter())
            .map(|one| one.pools.iter().map(|pool| pool.capacity).collect())
            .collect();
        assert_eq!(most, [vec![620, 280], vec![620, 280], vec![620]]);
        let listed = example().replace("{ stalls = 620 }", "[\"stalls\"]");
        let listed = read(&listed).expect("a list will do").definition;
        assert_eq!(listed.performances[2].pools[0].capacity, limits::POOL_CAPACITY_MAX);
        let unsaid = read(&example().replace("stale_span", "# stale_span")).expect("sound");
        assert_eq!(unsaid.definition.mirror, Some(Mirror { stale_span: STALE_SPAN }));
    }

    #[test]
    fn what_makes_no_sense_of_a_mirrored_sale_is_refused_with_its_reason() {
        for (old, new, why) in [
            ("\"mirrored\"\n\n[pol", "\"theirs\"\n\n[pol", "\"theirs\" is no way to keep seats"),
            ("\"mirrored\"\n\n[pol", "\"own\"\n\n[pol", "nothing goes stale"),
            ("stalls = 620 }\n\n[[tr", "balcony = 9 }\n\n[[tr", "no price zone \"balcony\""),
            ("zones = { stalls = 620 }", "pools = []", "zones"),
            ("zones = { stalls = 620 }", "zones = {}", "has 0 price zones"),
            ("{ stalls = 620 }", "[\"stalls\", \"stalls\"]", "comes twice"),
            ("stale_span = \"30s\"", "stale_span = \"0s\"", "out of range"),
        ] {
            assert!(example().contains(old), "{old}");
            let wrong = read(&example().replacen(old, new, 1)).expect_err(new);
            assert!(wrong.contains(why), "{new}: {wrong}");
        }
    }

    #[test]
    fn who_keeps_the_seats_never_changes_and_the_span_may() {
        let sale = read(&example()).expect("sound").definition;
        let longer = read(&example().replace("\"30s\"", "\"2m\"")).expect("sound").definition;
        let told = difference(&sale, &longer).expect("it may");
        assert_eq!(told, ["policy.stale_span: 30s becomes 2m"]);
        let own = Definition { mirror: None, ..sale.clone() };
        let refused = difference(&sale, &own).expect_err("it may not").to_string();
        assert!(refused.contains("inventory"), "{refused}");
    }
}
