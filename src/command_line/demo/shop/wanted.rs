//! What a form asks for, as an item of a request: seats, the best available, or units of a pool.

use serde_json::{Value, json};

use super::form::Form;

/// What the visitor wants, as the interface takes it; `None` if the form says nothing.
pub(super) fn items(form: &Form) -> Option<Vec<Value>> {
    let performance = form.text("performance")?;
    let exact = form.all("seat").map(|seat| json!({"performance": performance, "seat": seat}));
    let exact: Vec<_> = exact.collect();
    if !exact.is_empty() {
        return Some(exact);
    }
    let units = form.number("units")?;
    // A price is chosen together with its zone: `zone/price`.
    let chosen = form.text("price").and_then(|text| text.split_once('/'));
    let mut item = match form.text("pool") {
        Some(pool) => json!({"performance": performance, "pool": pool, "units": units}),
        None => {
            let mut wanted = json!({"seats": units});
            if let Some((zone, _)) = chosen {
                wanted["zone"] = zone.into();
            }
            if let Some(accessible) = form.number("accessible").filter(|some| *some > 0) {
                wanted["accessible"] = accessible.into();
            }
            json!({"performance": performance, "best_available": wanted})
        }
    };
    if let Some((_, price)) = chosen {
        item["price"] = price.into();
    }
    Some(vec![item])
}
