//! The static plan for shops.

use super::{check_golden, parse, seat_plan};
use crate::board::plan;

#[test]
fn a_plan_has_this_form() {
    check_golden("plan.json", &plan::render(&seat_plan(2, 5)).bytes);
}

#[test]
fn a_break_at_the_end_of_a_row_makes_no_empty_run() {
    let rendered = plan::render(&seat_plan(1, 3));
    assert_eq!(parse(&rendered.bytes)["rows"][0]["runs"], serde_json::json!([[0, 2]]));
}

#[test]
fn another_plan_has_another_etag() {
    let (one, other) = (plan::render(&seat_plan(1, 3)), plan::render(&seat_plan(1, 4)));
    assert_ne!(one.etag, other.etag);
    assert_eq!(one.etag, plan::render(&seat_plan(1, 3)).etag);
}
