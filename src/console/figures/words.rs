//! A moment of a sale in words: the sentences beside the figures, for those who see no curve and
//! for those who have a second.

use serde_json::{Value, json};
use stanchion_domain::board::status::Known;

use crate::api::ops::figures::{Figures, Minute};
use crate::api::ops::night::point::Point;
use crate::console::written::{counted, grouped};
use crate::engine::shop::ShopState;

/// All sentences of a moment.
pub(super) fn of(figures: &Figures, ages: &[u64]) -> Value {
    json!({
        "queue": queue(&figures.point),
        "shop": shop(&figures.point),
        "stock": stock(figures),
        "rates": rates(&figures.minute),
        "crowding": crowding(&figures.minute),
        "times": times(figures),
        "ages": baskets(ages),
        "time": time(figures),
        "journal": journal(figures),
        "origin": origin(figures.shop),
    })
}

/// Whether the night is healthy: a mood for the eye, and a sentence.
pub(in crate::console) fn health(figures: &Figures) -> Value {
    let (mood, told) = match figures {
        Figures { cause: Some(cause), .. } => ("bad", format!("Nothing can be sold: {cause}")),
        Figures { frozen: true, .. } => ("held", "Sale time stands still".to_owned()),
        Figures { phase: "before", .. } => ("calm", "Not open yet".to_owned()),
        Figures { phase: "closed", .. } => ("calm", "Closed".to_owned()),
        Figures { redirected: true, .. } => ("held", "The queue is sent elsewhere".to_owned()),
        figures if sold_out(figures) => ("calm", "Sold out".to_owned()),
        Figures { calling_paused: true, .. } => ("held", "Calling is paused".to_owned()),
        Figures { point: Point { cap: 0, .. }, .. } => {
            ("held", "Nobody is called: the cap is 0".to_owned())
        }
        Figures { pace_per_minute: 0, .. } => {
            ("held", "Nobody is called: the pace is 0".to_owned())
        }
        Figures { shop: ShopState::Down | ShopState::Crowded, .. } => {
            ("bad", "Nobody is called: the shop does not keep up".to_owned())
        }
        Figures { known: Some(Known { fact: false, .. }), .. } => ("held", unknown(figures)),
        Figures { point, .. } if point.active + point.called >= point.cap => {
            ("good", "Healthy: the shop is full".to_owned())
        }
        _ => ("good", "Healthy".to_owned()),
    };
    json!({ "mood": mood, "told": told })
}

/// Whether all that was for sale is sold, as far as anybody knows.
fn sold_out(figures: &Figures) -> bool {
    let Point { available, in_baskets, sold, .. } = figures.point;
    let fact = figures.known.is_none_or(|known| known.fact);
    fact && available == 0 && in_baskets == 0 && sold > 0
}

/// A span that a measurement did not exceed.
pub(super) fn within(us: u64) -> String {
    match us {
        u64::MAX => "over 30 s".to_owned(),
        1_000_000.. => format!("{} s", us as f64 / 1e6),
        _ => format!("{} ms", us as f64 / 1e3),
    }
}

fn queue(point: &Point) -> String {
    let [waiting, joined] = [point.waiting, point.joined].map(|count| grouped(count.into()));
    format!("{waiting} waiting, of {joined} who joined.")
}

fn shop(point: &Point) -> String {
    let Point { active, called, cap, .. } = point;
    format!("{active} in the shop and {called} called, of at most {cap}.")
}

/// That nobody knows what is left, and what follows from it.
fn unknown(figures: &Figures) -> String {
    let told = "What is left is not known: reports of the venue's own system are missing or stale";
    match figures.for_what_is_left {
        true => format!("{told}; visitors are called only for what is known"),
        false => told.to_owned(),
    }
}

fn stock(figures: &Figures) -> String {
    let counts = units(figures);
    let Some(known) = figures.known else { return counts };
    let as_of = known.as_of.and_then(crate::clock::rfc3339);
    match (as_of, known.fact) {
        (Some(at), true) => format!("{counts} Reported at {at} or later."),
        (Some(at), false) => format!("As of {at}, which is stale: {counts}"),
        (None, _) => "Not every price zone was reported by the venue's own system yet.".to_owned(),
    }
}

fn units(figures: &Figures) -> String {
    let Point { available, in_baskets, sold, .. } = figures.point;
    let counts = [available, in_baskets, sold, figures.withheld, figures.capacity];
    let [available, in_baskets, sold, withheld, capacity] = counts.map(grouped);
    format!(
        "{available} available, {in_baskets} in baskets, {sold} sold, {withheld} withheld, of \
         {capacity} seats and places."
    )
}

fn rates(minute: &Minute) -> String {
    match (minute.claims, minute.holds, minute.orders) {
        (Some(claims), Some(holds), Some(orders)) => {
            let (claims, holds) = (counted(claims, "claim"), counted(holds, "hold"));
            format!("In the last minute {claims}, {holds}, {}.", counted(orders, "order"))
        }
        _ => "Nothing is known of a whole minute yet.".to_owned(),
    }
}

fn crowding(minute: &Minute) -> String {
    match (minute.holds, minute.crowded, minute.crowding_percent) {
        (Some(holds), Some(crowded), Some(percent)) => format!(
            "In the last minute somebody else was faster for {crowded} of {} holds: {percent} %.",
            holds + crowded
        ),
        (Some(_), ..) => "Nobody asked to hold anything in the last minute.".to_owned(),
        _ => "Nothing is known of a whole minute yet.".to_owned(),
    }
}

fn times(figures: &Figures) -> String {
    let answers = &figures.times.answers;
    let told = match (answers.within_us(50), answers.within_us(99)) {
        (Some(half), Some(most)) => {
            let (half, most) = (within(half), within(most));
            format!("Answers to visitors: half within {half}, 99 of 100 within {most}.")
        }
        _ => "No visitor asked in the last minute.".to_owned(),
    };
    match figures.times.appends.within_us(99) {
        Some(most) => format!("{told} Journal: 99 of 100 writes within {}.", within(most)),
        None => told,
    }
}

fn baskets(ages: &[u64]) -> String {
    match (ages.iter().sum::<u64>(), ages.last().copied().unwrap_or_default()) {
        (0, _) => "No live basket.".to_owned(),
        (1, old) => format!("1 live basket, {old} older than 15 minutes."),
        (all, old) => format!("{all} live baskets, {old} older than 15 minutes."),
    }
}

fn time(figures: &Figures) -> &'static str {
    match (figures.frozen, figures.time_running) {
        (true, _) => "stopped by an operator",
        (false, true) => "running",
        (false, false) => "stopped: nothing can be written",
    }
}

fn journal(figures: &Figures) -> String {
    match &figures.cause {
        Some(cause) => cause.clone(),
        None => format!("writing, record {}", figures.sequence),
    }
}

/// How the shop behind the gate does, and what follows from it.
fn origin(shop: ShopState) -> &'static str {
    match shop {
        ShopState::Unwatched => "not watched by this server",
        ShopState::Well => "answering",
        ShopState::Slow => "answering slowly: a slower pace may help it",
        ShopState::Crowded => "no connection free: nobody is called until there is",
        ShopState::Down => "not answering: nobody is called until it does",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(holds: Option<u64>, crowded: Option<u64>) -> Minute {
        let crowding_percent = holds.zip(crowded).and_then(|(holds, crowded)| {
            crate::api::ops::night::point::crowding_percent(holds, crowded)
        });
        let (joined, claims, orders, sold) = (None, None, None, None);
        Minute { joined, claims, holds, crowded, crowding_percent, orders, sold }
    }

    #[test]
    fn a_crowd_is_told_as_a_share_and_nobody_is_no_crowd() {
        for (holds, crowded, told) in [
            (Some(30), Some(10), "faster for 10 of 40 holds: 25 %."),
            (Some(0), Some(3), "faster for 3 of 3 holds: 100 %."),
            (Some(5), Some(0), "faster for 0 of 5 holds: 0 %."),
            (Some(0), Some(0), "Nobody asked"),
            (None, None, "Nothing is known"),
        ] {
            let said = crowding(&minute(holds, crowded));
            assert!(said.contains(told), "{said}");
        }
    }

    #[test]
    fn spans_have_the_unit_that_people_read() {
        let cases = [(100, "0.1 ms"), (25_000, "25 ms"), (2_500_000, "2.5 s")];
        for (us, told) in cases {
            assert_eq!(within(us), told);
        }
        assert_eq!(within(u64::MAX), "over 30 s");
    }
}
