//! What a changed sale file would change in a running sale, in words, for `stanchion apply`.
//!
//! The journal refers to performances, pools, zones, prices, plans and seats by their place in the
//! definition: these may get other names and new ones may be added at the end, but none may go or
//! move. What depends on what is sold already (a smaller capacity) is the engine's to refuse.

use stanchion_domain::plan::SeatPlan;
use stanchion_domain::sale::definition::{
    Definition, Performance, Policy, Pool, PriceZone, Seating, Shown,
};
use stanchion_domain::time::{Span, WallTime};

use super::super::problem::{Problem, Problems, quoted};
use super::moment::span_shown;
use super::money::Currency;

/// The differences from `old` to `new`, a line each; none if they are the same. Refused with every
/// difference that a running sale cannot take.
pub fn difference(old: &Definition, new: &Definition) -> Result<Vec<String>, Problems> {
    let mut comparison = Comparison {
        currency: Currency::of_code(&old.currency).unwrap_or_default(),
        lines: Vec::new(),
        refused: Problems::default(),
    };
    comparison.sale(old, new);
    comparison.policy(&old.policy, &new.policy);
    comparison.in_order("plans", &old.plans, &new.plans, |plan| &plan.id, Comparison::plan);
    comparison.in_order("zones", &old.zones, &new.zones, |zone| &zone.id, Comparison::zone);
    let (before, after) = (&old.performances, &new.performances);
    comparison.in_order("performances", before, after, |p| &p.id, Comparison::performance);
    comparison.triggers(old, new);
    comparison.refused.or_else_ok()?;
    Ok(comparison.lines)
}

struct Comparison {
    currency: Currency,
    lines: Vec<String>,
    refused: Problems,
}

impl Comparison {
    fn refuse(&mut self, path: &str, wrong: impl Into<String>, remedy: &str) {
        self.refused.add(Problem::at("", path.to_owned(), wrong, remedy));
    }

    /// A line if two values differ, as they are shown to people.
    fn shown<T: PartialEq>(&mut self, path: &str, pair: [&T; 2], show: impl Fn(&T) -> String) {
        if pair[0] != pair[1] {
            self.lines.push(format!("{path}: {} becomes {}", show(pair[0]), show(pair[1])));
        }
    }

    /// Refuses if two values differ.
    fn fixed<T: PartialEq>(&mut self, path: &str, pair: [&T; 2], remedy: &str) {
        if pair[0] != pair[1] {
            self.refuse(path, "cannot change in a running sale", remedy);
        }
    }

    /// Compares two lists of which the new one may only be longer.
    fn in_order<T>(
        &mut self,
        path: &str,
        old: &[T],
        new: &[T],
        id: impl Fn(&T) -> &String,
        compare: impl Fn(&mut Self, &str, [&T; 2]),
    ) {
        const REMEDY: &str = "keep all in their order, and add new ones at the end";
        for (at, before) in old.iter().enumerate() {
            let here = format!("{path}[{at}]");
            match new.get(at) {
                Some(after) if id(before) == id(after) => compare(self, &here, [before, after]),
                Some(after) => {
                    let (before, after) = (quoted(id(before)), quoted(id(after)));
                    self.refuse(&here, format!("{before} cannot become {after}"), REMEDY);
                }
                None => {
                    self.refuse(&here, format!("{} cannot go", quoted(id(before))), REMEDY);
                }
            }
        }
        for added in new.iter().skip(old.len()) {
            self.lines.push(format!("{path}: {} is added", quoted(id(added))));
        }
    }

    fn sale(&mut self, old: &Definition, new: &Definition) {
        self.fixed("id", [&old.id, &new.id], "define another sale");
        self.fixed("currency", [&old.currency, &new.currency], "define another sale");
        let keepers = [&old.mirrored(), &new.mirrored()];
        self.fixed("inventory", keepers, "define another sale");
        let spans = [&old.mirror, &new.mirror].map(|mirror| mirror.map(|of| of.stale_span));
        self.shown("policy.stale_span", [&spans[0], &spans[1]], |span| {
            span.map_or("none".to_owned(), span_shown)
        });
        self.shown("name", [&old.name, &new.name], |name| quoted(name));
        self.shown("opens_at", [&old.opens_at, &new.opens_at], |at| moment_shown(*at));
        self.shown("shop_url", [&old.shop_url, &new.shop_url], |url| {
            url.as_deref().map_or("none".to_owned(), quoted)
        });
    }

    /// A plan may be renamed and aimed anew; its seats stay.
    fn plan(&mut self, path: &str, [old, new]: [&SeatPlan; 2]) {
        self.shown(&format!("{path}.name"), [&old.name, &new.name], |name| quoted(name));
        let renamed =
            SeatPlan { name: new.name.clone(), focal_point: new.focal_point, ..old.clone() };
        self.fixed(path, [&renamed, new], "define another sale for another layout");
        if old.focal_point != new.focal_point {
            self.lines.push(format!("{path}.focal_point: the best view is aimed elsewhere"));
        }
    }

    fn zone(&mut self, path: &str, [old, new]: [&PriceZone; 2]) {
        let currency = self.currency;
        self.shown(&format!("{path}.name"), [&old.name, &new.name], |name| quoted(name));
        if old.focal_point != new.focal_point {
            self.lines.push(format!("{path}.focal_point: the best view is aimed elsewhere"));
        }
        let prices = format!("{path}.prices");
        self.in_order(
            &prices,
            &old.prices,
            &new.prices,
            |price| &price.id,
            |this, path, [a, b]| {
                this.shown(&format!("{path}.name"), [&a.name, &b.name], |name| quoted(name));
                let amounts = [&a.amount_minor, &b.amount_minor];
                this.shown(&format!("{path}.amount"), amounts, |minor| currency.shown(*minor));
            },
        );
    }

    fn performance(&mut self, path: &str, [old, new]: [&Performance; 2]) {
        self.shown(&format!("{path}.name"), [&old.name, &new.name], |name| quoted(name));
        let starts = [&old.starts_at, &new.starts_at];
        self.shown(&format!("{path}.starts_at"), starts, |at| moment_shown(*at));
        self.seating(path, [&old.seating, &new.seating]);
        let pools = format!("{path}.pools");
        self.in_order(&pools, &old.pools, &new.pools, |pool| &pool.id, Self::pool);
    }

    fn seating(&mut self, path: &str, [old, new]: [&Option<Seating>; 2]) {
        let (Some(old), Some(new)) = (old, new) else {
            let plan = format!("{path}.plan");
            return self.fixed(&plan, [&old.is_some(), &new.is_some()], "add a performance");
        };
        self.fixed(&format!("{path}.plan"), [&old.plan, &new.plan], "add a performance");
        let zones = [&old.zone_of_category, &new.zone_of_category];
        self.fixed(&format!("{path}.zones"), zones, "change the prices of the zones");
        let remedy = "withhold and restore seats at the console";
        self.fixed(&format!("{path}.withheld"), [&old.withheld, &new.withheld], remedy);
    }

    fn pool(&mut self, path: &str, [old, new]: [&Pool; 2]) {
        self.shown(&format!("{path}.name"), [&old.name, &new.name], |name| quoted(name));
        let capacities = [&old.capacity, &new.capacity];
        self.shown(&format!("{path}.capacity"), capacities, u32::to_string);
        self.fixed(&format!("{path}.zone"), [&old.zone, &new.zone], "add a pool");
        let remedy = "withhold and restore units at the console";
        self.fixed(&format!("{path}.withheld"), [&old.withheld, &new.withheld], remedy);
    }

    fn triggers(&mut self, old: &Definition, new: &Definition) {
        for trigger in &new.triggers {
            let id = quoted(&trigger.id);
            match old.triggers.iter().find(|other| other.id == trigger.id) {
                None => self.lines.push(format!("triggers: {id} is added")),
                Some(other) if other != trigger => {
                    self.lines.push(format!("triggers: {id} changes"));
                }
                Some(_) => {}
            }
        }
        for trigger in &old.triggers {
            if !new.triggers.iter().any(|other| other.id == trigger.id) {
                self.lines.push(format!("triggers: {} goes", quoted(&trigger.id)));
            }
        }
    }

    fn policy(&mut self, old: &Policy, new: &Policy) {
        for ((key, before), (_, after)) in policy_shown(old).iter().zip(policy_shown(new)) {
            self.shown(&format!("policy.{key}"), [before, &after], String::clone);
        }
    }
}

/// Every field of a policy with its value. Taken apart whole, so that none can be forgotten.
fn policy_shown(policy: &Policy) -> Vec<(&'static str, String)> {
    let Policy {
        cap,
        pace_per_minute,
        call_for_what_is_left,
        claim_span,
        idle_span,
        presence_span,
        grace_span,
        grace_basket_span,
        hold_span,
        checkout_span,
        basket_span_max,
        basket_units_max,
        visitor_units_max,
        shown,
        wait_shown,
    } = policy;
    let span = |span: &Span| span_shown(*span);
    vec![
        ("cap", cap.to_string()),
        ("pace_per_minute", pace_per_minute.to_string()),
        ("call_for_what_is_left", call_for_what_is_left.to_string()),
        ("claim_span", span(claim_span)),
        ("idle_span", span(idle_span)),
        ("presence_span", span(presence_span)),
        ("grace_span", span(grace_span)),
        ("grace_basket_span", span(grace_basket_span)),
        ("hold_span", span(hold_span)),
        ("checkout_span", span(checkout_span)),
        ("basket_span_max", span(basket_span_max)),
        ("basket_units_max", basket_units_max.to_string()),
        ("visitor_units_max", visitor_units_max.to_string()),
        ("shown", shown_name(*shown).to_owned()),
        ("wait_shown", wait_shown.to_string()),
    ]
}

fn shown_name(shown: Shown) -> &'static str {
    match shown {
        Shown::Number => "number",
        Shown::Band => "band",
        Shown::Progress => "progress",
        Shown::Nothing => "nothing",
    }
}

fn moment_shown(at: Option<WallTime>) -> String {
    let instant = at.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok());
    instant.map_or("by hand".to_owned(), |instant| instant.to_string())
}
