//! Charts of seats.io.
//!
//! The format is the vendor's own and grows with every version, mostly by what is drawn; so keys
//! are looked at only if they matter to a seat or a capacity, and the others are not judged. Seats
//! of a section stand relative to its `topLeft`. Tables become rows, since their seats are side by
//! side; general admission areas become pools.

use std::collections::HashMap;

use stanchion_domain::limits;
use stanchion_domain::plan::{Point, SeatFlags};

use super::super::node::{Node, Table};
use super::super::problem::quoted;
use super::super::tree::Kind;
use super::ImportedPool;
use super::builder::{Builder, COORDINATE_MAX, Draft, point};
use super::labels::LABEL_BYTES_MAX;

/// What the designer writes where a label is still to be given.
const UNLABELED: &str = "?";

/// What everything inside a sub-chart takes from around it.
#[derive(Clone, Default)]
struct Around {
    /// What ids begin with: `Section-` or nothing.
    prefix: String,
    /// What is added to coordinates.
    x: f64,
    y: f64,
    /// The category of what has none of its own.
    category: Option<u16>,
}

pub(super) fn read<'a>(mut root: Table<'a>, builder: &mut Builder<'a>) {
    builder.name(root.need("name").and_then(Node::name).unwrap_or_default());
    for node in inner_list(&mut root, "categories") {
        read_category(node, builder);
    }
    let zones = focal_points(inner_list(&mut root, "zones"));
    if let Some(floors) = root.get("subChartFloors") {
        floors.refuse("charts with floors are not understood", "export one chart for each floor");
    } else if let Some(mut chart) = root.need("subChart").and_then(Node::table) {
        builder.focal_point(chart.get("focalPoint").and_then(|node| focal_point(node, (0.0, 0.0))));
        let around = Around::default();
        // Rows outside of any section stand in one without a name.
        if chart.items("rows").chain(chart.items("tables")).next().is_some() {
            builder.section(chart.node, "", None);
        }
        read_chart(&mut chart, &around, builder);
        for section in chart.items("sections") {
            read_section(section, &zones, builder);
        }
    }
}

/// The items of `{ "list": [...] }`.
fn inner_list<'a>(
    root: &mut Table<'a>,
    key: &'static str,
) -> impl Iterator<Item = Node<'a>> + use<'a> {
    let table = root.get(key).and_then(Node::table);
    table.into_iter().flat_map(|mut table| table.items("list"))
}

fn read_category<'a>(node: Node<'a>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = table.need("label").and_then(Node::name);
    let key = table.need("key").and_then(key_of);
    if let (Some(label), Some(key)) = (label, key) {
        builder.category(node, &key, label);
    }
}

/// A key of a category or a zone: a number in older charts, a text in newer ones.
fn key_of(node: Node<'_>) -> Option<String> {
    match &node.value.kind {
        Kind::Whole(whole) => Some(whole.to_string()),
        Kind::Text(text) => Some(text.clone()),
        _ => node.wrong_kind("a category key (a whole number or a text)"),
    }
}

/// Focal points of zones, by key and by label, since sections name them either way.
fn focal_points<'a>(zones: impl Iterator<Item = Node<'a>>) -> HashMap<String, Point> {
    let mut points = HashMap::new();
    for mut table in zones.filter_map(Node::table) {
        let names = [table.get("key").and_then(key_of), table.get("label").and_then(key_of)];
        let aim = table.get("focalPoint").and_then(|node| focal_point(node, (0.0, 0.0)));
        if let Some(aim) = aim {
            points.extend(names.into_iter().flatten().map(|name| (name, aim)));
        }
    }
    points
}

fn read_section<'a>(node: Node<'a>, zones: &HashMap<String, Point>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = label(&mut table).unwrap_or_default();
    let category = category(&mut table, builder, None);
    let origin =
        table.get("topLeft").map_or((0.0, 0.0), |node| coordinates(node).unwrap_or_default());
    let zone = table.get("zone").and_then(key_of);
    let Some(mut chart) = table.need("subChart").and_then(Node::table) else { return };
    let own_aim = chart.get("focalPoint").and_then(|node| focal_point(node, origin));
    let aim = own_aim.or_else(|| zone.and_then(|zone| zones.get(&zone).copied()));
    builder.section(node, label, aim);
    let around = Around { prefix: format!("{label}-"), x: origin.0, y: origin.1, category };
    read_chart(&mut chart, &around, builder);
    for inner in chart.items("sections") {
        inner.refuse("a section inside a section", "draw it beside the other");
    }
}

/// Rows, tables, areas and booths of the chart, or of one section.
fn read_chart<'a>(chart: &mut Table<'a>, around: &Around, builder: &mut Builder<'a>) {
    for row in chart.items("rows") {
        read_row(row, around, builder);
    }
    for node in chart.items("tables") {
        if node.table().is_some_and(|mut table| table.is("bookAsAWhole")) {
            let remedy = "let its seats be booked one by one";
            node.repair("a table that is booked as a whole", remedy, "its seats are sold singly");
        }
        read_row(node, around, builder);
    }
    for area in chart.items("generalAdmissionAreas") {
        read_area(area, around, builder);
    }
    for booth in chart.items("booths") {
        let remedy = "make it an area with capacity 1";
        booth.repair("booths are not understood", remedy, "it was left out");
    }
}

fn read_row<'a>(node: Node<'a>, around: &Around, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = label(&mut table).unwrap_or_default();
    let category = category(&mut table, builder, around.category);
    let inside = Around { prefix: format!("{}{label}-", around.prefix), category, ..*around };
    builder.row(label);
    for seat in table.needed_items("seats") {
        read_seat(seat, &inside, builder);
    }
    builder.end_row(node);
}

fn read_seat<'a>(node: Node<'a>, around: &Around, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = label(&mut table);
    let own = category(&mut table, builder, around.category);
    if own.is_none() && table.get("categoryKey").is_none() {
        node.refuse("has no category", "give the seat, its row or its section one");
    }
    let [x, y] = ["x", "y"].map(|key| table.need(key).and_then(|node| node.number(COORDINATE_MAX)));
    let flags = SeatFlags {
        accessible: table.is("accessible"),
        companion: table.is("companionSeat"),
        restricted_view: table.is("restrictedView"),
    };
    let (Some(label), Some(category), Some(x), Some(y)) = (label, own, x, y) else { return };
    let id = format!("{}{label}", around.prefix);
    let (x, y) = (x + around.x, y + around.y);
    builder.seat(node, Draft { id, label: label.to_owned(), category, x, y, flags });
}

fn read_area<'a>(node: Node<'a>, around: &Around, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = label(&mut table);
    let own = category(&mut table, builder, around.category);
    if own.is_none() && table.get("categoryKey").is_none() {
        node.refuse("has no category", "give the area or its section one");
    }
    let mut capacity =
        table.need("capacity").and_then(|node| node.count(1..=limits::POOL_CAPACITY_MAX));
    if table.is("bookAsAWhole") {
        node.remark("an area that is booked as a whole", "it became a pool of one unit");
        capacity = capacity.map(|_| 1);
    }
    let (Some(label), Some(category), Some(capacity)) = (label, own, capacity) else { return };
    let id = format!("{}{label}", around.prefix);
    builder.pool(node, ImportedPool { id, name: label.to_owned(), category, capacity });
}

/// The label of a section, row, seat or area, which must have been given.
fn label<'a>(table: &mut Table<'a>) -> Option<&'a str> {
    let node = table.need("label")?;
    let label = node.words(LABEL_BYTES_MAX)?;
    if label == UNLABELED {
        node.refuse(format!("{} stands for a missing label", quoted(label)), "label it");
        return None;
    }
    Some(label)
}

/// Its own category, or that of what it is in.
fn category<'a>(table: &mut Table<'a>, builder: &Builder<'a>, around: Option<u16>) -> Option<u16> {
    match table.get("categoryKey") {
        Some(node) => key_of(node).and_then(|key| builder.category_named(node, &key)),
        None => around,
    }
}

fn coordinates(node: Node<'_>) -> Option<(f64, f64)> {
    let mut table = node.table()?;
    let [x, y] = ["x", "y"].map(|key| table.need(key).and_then(|node| node.number(COORDINATE_MAX)));
    Some((x?, y?))
}

fn focal_point(node: Node<'_>, origin: (f64, f64)) -> Option<Point> {
    let (x, y) = coordinates(node)?;
    point(node, x + origin.0, y + origin.1)
}
