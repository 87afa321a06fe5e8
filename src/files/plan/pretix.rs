//! Seating plans of pretix (its JSON schema, and the extra keys of real files).
//!
//! Coordinates nest: a seat stands at zone + row + seat. Neighbours follow the order in the row.
//! The schema knows no accessible seats and no aisles; two extra keys seen in real files do:
//! `wheelchair` on a seat, and `segment_breaks` on a row, which lists after how many seats it is
//! interrupted. Every other unknown key is refused, or ignored with a remark in lenient mode.

use std::collections::BTreeMap;

use stanchion_domain::limits;
use stanchion_domain::plan::SeatFlags;

use super::super::node::{Node, Table};
use super::builder::{Builder, COORDINATE_MAX, Draft, SEAT_ID_BYTES_MAX};
use super::labels::LABEL_BYTES_MAX;

pub(super) fn read<'a>(mut root: Table<'a>, builder: &mut Builder<'a>) {
    builder.name(root.need("name").and_then(Node::name).unwrap_or_default());
    root.ignore(&["size"]);
    for node in root.needed_items("categories") {
        read_category(node, builder);
    }
    for node in root.needed_items("zones") {
        read_zone(node, builder);
    }
    root.finish();
}

fn read_category<'a>(node: Node<'a>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    if let Some(name) = table.need("name").and_then(Node::name) {
        builder.category(node, name, name);
    }
    table.ignore(&["color"]);
    table.finish();
}

fn read_zone<'a>(node: Node<'a>, builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let name = table.get("name").or_else(|| table.get("zone_id")).and_then(Node::text);
    builder.section(node, name.unwrap_or_default(), None);
    let origin = position(&mut table);
    for row in table.needed_items("rows") {
        read_row(row, origin, builder);
    }
    table.ignore(&["name", "zone_id", "uuid", "areas"]);
    table.finish();
}

fn read_row<'a>(node: Node<'a>, zone: (f64, f64), builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let label = table.need("row_number").and_then(|node| node.words(LABEL_BYTES_MAX));
    builder.row(label.unwrap_or_default());
    let (x, y) = position(&mut table);
    let origin = (zone.0 + x, zone.1 + y);
    let breaks = breaks(&mut table);
    let mut count = 0;
    for seat in table.needed_items("seats") {
        read_seat(seat, origin, builder);
        count += 1;
        if breaks.contains_key(&count) {
            builder.interrupt();
        }
    }
    for beyond in breaks.range(count + 1..).map(|(_, node)| node) {
        beyond.refuse("is a break behind the last seat", format!("use 1 to {count}"));
    }
    builder.end_row(node);
    table.ignore(&["row_label", "seat_label", "row_number_position", "uuid"]);
    table.finish();
}

/// After how many seats the row is interrupted.
fn breaks<'a>(table: &mut Table<'a>) -> BTreeMap<u32, Node<'a>> {
    const LAST: u32 = limits::SEATS_PER_PLAN_MAX as u32;
    let read = |node: Node<'a>| Some((node.count(1..=LAST)?, node));
    table.items("segment_breaks").filter_map(read).collect()
}

fn read_seat<'a>(node: Node<'a>, row: (f64, f64), builder: &mut Builder<'a>) {
    let Some(mut table) = node.table() else { return };
    let id = table.need("seat_guid").and_then(|node| node.words(SEAT_ID_BYTES_MAX));
    let label = table.need("seat_number").and_then(|node| node.words(LABEL_BYTES_MAX));
    let category =
        table.need("category").and_then(|node| builder.category_named(node, node.text()?));
    let (x, y) = position(&mut table);
    let flags = SeatFlags { accessible: table.is("wheelchair"), ..SeatFlags::default() };
    table.ignore(&["uuid", "radius", "start_direction"]);
    table.finish();
    let (Some(id), Some(label), Some(category)) = (id, label, category) else { return };
    let (id, label) = (id.to_owned(), label.to_owned());
    builder.seat(node, Draft { id, label, category, x: row.0 + x, y: row.1 + y, flags });
}

/// The position of a zone, row or seat within what it is in; needed everywhere.
fn position(table: &mut Table<'_>) -> (f64, f64) {
    let Some(mut position) = table.need("position").and_then(Node::table) else {
        return (0.0, 0.0);
    };
    let [x, y] = ["x", "y"].map(|key| {
        position.need(key).and_then(|node| node.number(COORDINATE_MAX)).unwrap_or_default()
    });
    position.finish();
    (x, y)
}
