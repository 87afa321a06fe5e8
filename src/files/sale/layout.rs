//! Seat plans as a sale uses them: `[[plans]]` names a file, maps its categories to price zones,
//! and says which seats are off public sale at every performance.

use std::collections::{BTreeMap, HashMap};

use stanchion_domain::id::{PlanIndex, SeatIndex, ZoneIndex};
use stanchion_domain::limits;
use stanchion_domain::plan::SeatPlan;
use stanchion_domain::sale::definition::{Pool, Seating, Withheld};

use super::super::node::{Node, Table};
use super::super::plan::Imported;
use super::super::problem::{quoted, some_of};
use super::{Named, PlanFiles};

/// Stands between the first and the last seat of a range.
const RANGE: &str = " .. ";

/// A plan with everything that its performances have in common.
pub(super) struct Layout {
    pub plan: SeatPlan,
    /// Capacities drawn into the plan.
    pub pools: Vec<Pool>,
    zone_of_category: Vec<ZoneIndex>,
    withheld: BTreeMap<SeatIndex, Withheld>,
    seat_of_id: HashMap<String, SeatIndex>,
}

pub(super) fn read(root: &mut Table<'_>, named: &mut Named, plan_files: &mut PlanFiles<'_>) {
    let nodes: Vec<_> = root.items("plans").collect();
    if nodes.len() > limits::PLANS_MAX {
        let remedy = format!("use at most {}", limits::PLANS_MAX);
        return root.node.refuse("too many plans", remedy);
    }
    for mut table in nodes.into_iter().filter_map(Node::table) {
        let id = table.need("id").and_then(Node::id).unwrap_or_default();
        named.plans.add(table.node, id);
        let imported = table.need("file").and_then(|node| plan_files.open(node));
        let layout = imported.map(|imported| Layout::read(&mut table, id, imported, named));
        if layout.is_none() {
            table.ignore(&["zones", "house", "killed"]);
        }
        named.layouts.push(layout);
        table.finish();
    }
}

impl Layout {
    fn read(table: &mut Table<'_>, id: &str, imported: Imported, named: &Named) -> Self {
        let mut plan = imported.plan;
        plan.id = id.to_owned();
        let zone_of_category = zones_of_categories(table, &plan.categories, named);
        let pools = imported.pools.into_iter().map(|pool| Pool {
            id: pool.id,
            name: pool.name,
            zone: zone_of_category.get(usize::from(pool.category)).copied().unwrap_or_default(),
            capacity: pool.capacity,
            withheld: 0,
        });
        let pools = pools.collect();
        let seat_of_id = plan.seats.iter().map(|seat| seat.id.clone()).zip((0..).map(SeatIndex));
        let seat_of_id = seat_of_id.collect();
        let withheld = BTreeMap::new();
        let mut layout = Self { plan, pools, zone_of_category, withheld, seat_of_id };
        layout.withheld = layout.withheld_with(table);
        layout
    }

    /// How a performance sits on this plan; its table may withhold more seats.
    pub(super) fn seating(&self, table: &mut Table<'_>, plan: PlanIndex) -> Option<Seating> {
        let withheld = self.withheld_with(table).into_iter().collect();
        let zone_of_category = self.zone_of_category.clone();
        (!self.plan.seats.is_empty()).then_some(Seating { plan, zone_of_category, withheld })
    }

    /// The seats withheld so far and those that a table names; what is said last counts.
    fn withheld_with(&self, table: &mut Table<'_>) -> BTreeMap<SeatIndex, Withheld> {
        let mut withheld = self.withheld.clone();
        for (key, why) in [("house", Withheld::House), ("killed", Withheld::Killed)] {
            for node in table.items(key) {
                let (first, last) = self.seats(node).unwrap_or((1, 0));
                withheld.extend((first..=last).map(|seat| (SeatIndex(seat), why)));
            }
        }
        withheld
    }

    /// The first and the last of the seats that a node names: one, or a range within a row.
    fn seats(&self, node: Node<'_>) -> Option<(u32, u32)> {
        let text = node.text()?;
        let (first, last) = text.split_once(RANGE).unwrap_or((text, text));
        let [first, last] = [first, last].map(|id| {
            let seat = self.seat_of_id.get(id.trim()).copied();
            if seat.is_none() {
                let wrong = format!("plan {} has no seat {}", quoted(&self.plan.id), quoted(id));
                node.refuse(wrong, "use the seat's id, as `stanchion check` lists them");
            }
            seat
        });
        let (first, last) = (first?, last?);
        if first > last || self.plan.seat(first).row != self.plan.seat(last).row {
            let remedy = "name two seats of one row, the left one first";
            node.refuse(format!("{} is no range", quoted(text)), remedy);
            return None;
        }
        Some((first.0, last.0))
    }
}

/// The zone of each category: as `zones` maps it, or else the zone with its name as id.
fn zones_of_categories(
    table: &mut Table<'_>,
    categories: &[String],
    named: &Named,
) -> Vec<ZoneIndex> {
    let node = table.node;
    let map = table.get("zones").and_then(Node::table);
    let mapped: HashMap<&str, Node<'_>> = map.iter().flat_map(Table::entries).collect();
    for (category, node) in &mapped {
        if !categories.iter().any(|known| known == category) {
            let known = some_of(categories.iter().map(String::as_str));
            let remedy = format!("its categories are {known}");
            node.refuse(format!("the plan has no category {}", quoted(category)), remedy);
        }
    }
    let zone_of = |category: &String| match mapped.get(category.as_str()) {
        Some(node) => named.zones.find(*node),
        None => named.zones.position(category).or_else(|| {
            let wrong = format!("the category {} has no price zone", quoted(category));
            node.refuse(wrong, format!("add zones = {{ {category:?} = \"...\" }}"));
            None
        }),
    };
    categories.iter().map(|category| zone_index(zone_of(category).unwrap_or_default())).collect()
}

/// A subscript of the zones as their index.
pub(super) fn zone_index(at: usize) -> ZoneIndex {
    ZoneIndex(u16::try_from(at).unwrap_or(u16::MAX))
}
