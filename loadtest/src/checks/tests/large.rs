//! A long honest evening.

use super::*;

/// An evening of so many visitors, ten lines of history each, a new one each millisecond; a seat
/// for two hundred of them in turn, and the last sale of it is an order.
fn evening(visitors: u32) -> Vec<Told> {
    let mut history = Vec::new();
    for who in 0..visitors {
        let (at_ms, number, basket) = (u64::from(who) + 1, u64::from(who), format!("b{who}"));
        let unit = [seat(&format!("A-{}", who / 200))];
        let last = who % 200 == 199;
        let say = |delay_ms: u64, what| by(who, (at_ms + delay_ms, at_ms + delay_ms + 3), what);
        history.extend([
            say(0, What::Joined { number }),
            say(10_000, place(number, "waiting", Some(10))),
            say(20_000, place(number, "waiting", Some(5))),
            say(30_000, place(number, "waiting", Some(1))),
            say(40_000, called(number, 60_000)),
            say(40_004, What::Claimed { number }),
        ]);
        // One after the other has the seat, each in a second of their own.
        let turn_ms = 40_010 + u64::from(who % 200) * 1_000;
        history.extend([
            say(turn_ms, held(&basket, number, &unit)),
            say(turn_ms + 500, if last { ordered(&basket, &unit) } else { released(&basket) }),
            say(turn_ms + 600, What::Left { number }),
            say(400_000, seen(&basket, if last { "confirmed" } else { "released" }, &unit)),
        ]);
    }
    history
}

#[test]
fn a_long_honest_evening_is_looked_at_whole() {
    let mut history = evening(2_000);
    history.sort_by_key(|told| told.asked_us);
    for finding in all(&Evidence::of(&history, Some(1_000_000))) {
        assert_ne!(finding.verdict, Verdict::Broken, "{finding:#?}");
        if finding.check == "seat-history" {
            assert_eq!((finding.looked_at, finding.verdict), (10, Verdict::Kept));
        }
    }
}
