//! Who is called, in the naive sale, and what must be true when nothing more is due.

use super::{Naive, Place};
use crate::support::Seen;
use stanchion_domain::change::Change;
use stanchion_domain::id::Number;
use stanchion_domain::sale::Presence;

impl Naive {
    /// Checks a call against the order, the cap and the pace, and makes it true.
    pub fn call(&mut self, change: &Change, now: u64, seen: &Seen) {
        let Change::Called { numbers, front, claim_until } = change else { panic!("a call") };
        let numbers: Vec<u32> = numbers.iter().map(|number| number.0).collect();
        let order = self.order(now, seen);
        assert!(order.starts_with(&numbers), "called {numbers:?}, in turn were {order:?}");
        assert!(self.calling(), "nobody is called while calling is stopped");
        assert!(seen.shop_serves(), "nobody is called to a shop that cannot serve them");
        assert!(self.called_or_active() + numbers.len() <= self.cap, "the cap is a cap");
        assert!(numbers.len() as u64 <= self.left_to_call_for(), "only for what is left");
        assert_eq!(claim_until.0, now + self.definition.policy.claim_span.0);
        assert!(self.front <= *front && *front <= seen.issued);
        for number in self.front..*front {
            let absent =
                self.places.get(&number) == Some(&Place::Waiting) && !numbers.contains(&number);
            if absent {
                assert!(now >= self.grace_until, "{number} keeps their place during the grace");
                let reached = numbers.iter().any(|called| *called > number);
                assert!(reached || numbers == order, "calling had not come to {number}");
                self.places.insert(number, Place::Passed);
            }
        }
        self.count_calls(now, numbers.len() as u64);
        self.front = *front;
        for number in &numbers {
            self.places.insert(*number, Place::Called { until: claim_until.0 });
            self.known = self.known.max(number + 1);
        }
        self.known = self.known.max(*front);
    }

    /// Who is next, in this order: who missed a claim and is back, who was passed over and is back,
    /// the line. Only who is here.
    fn order(&self, now: u64, seen: &Seen) -> Vec<u32> {
        let here = |number: &u32| self.is_here(*number, now, seen);
        let passed = |number: &u32| self.places.get(number) == Some(&Place::Passed);
        let missed = self.missed.iter().filter(|(_, (_, back_at))| *back_at <= now);
        let missed = missed.map(|(number, _)| *number).filter(passed);
        let never_missed = |number: &u32| !self.missed.contains_key(number);
        let numbers = |range: std::ops::Range<u32>| {
            self.places.range(range).map(|(number, _)| *number).filter(never_missed)
        };
        let returned = numbers(0..self.front).filter(passed);
        let line = numbers(self.front..u32::MAX)
            .filter(|number| passed(number) || self.places.get(number) == Some(&Place::Waiting));
        missed.chain(returned).chain(line).filter(here).collect()
    }

    fn is_here(&self, number: u32, now: u64, seen: &Seen) -> bool {
        let seen_at = seen.seen_at(Number(number));
        seen_at.is_some_and(|at| now <= at.0 + self.definition.policy.presence_span.0)
    }

    /// Shoppers that what is left can serve, beyond those who may still want something.
    fn left_to_call_for(&self) -> u64 {
        if !self.for_what_is_left {
            return u64::MAX;
        }
        let left = self.available_as_fact();
        let in_shop = self.places.iter().filter(|(number, place)| {
            matches!(place, Place::Called { .. } | Place::Active { .. })
                && self.live_basket_of(**number).is_none()
        });
        left.saturating_sub(in_shop.count() as u64)
    }

    /// In no span were more called than the pace allows, and a second of burst (or one at least).
    fn count_calls(&mut self, now: u64, calls: u64) {
        self.calls.push((now, calls));
        self.called_at = Some(now);
        let mut sum = 0;
        for (at, calls) in self.calls.iter().rev() {
            sum += calls;
            let allowed = (self.pace * (now - at + 1_000)).div_ceil(60_000).max(1);
            assert!(sum <= allowed, "{sum} calls in {} ms", now - at);
        }
    }

    /// When nothing more is due at `now`, nothing may be overdue.
    pub fn check_settled(&self, now: u64, wall: i64, seen: &Seen) {
        for (id, basket) in &self.baskets {
            assert!(!basket.live() || now <= basket.deadline, "basket {id} is overdue");
        }
        for (number, place) in &self.places {
            let overdue = matches!(place, Place::Called { until } if now > *until);
            assert!(!overdue, "the claim of {number} is overdue");
            assert!(!self.idle(*number, now, seen), "{number} is idle");
        }
        for (id, (trigger, fired)) in &self.triggers {
            assert!(*fired || !self.meets(trigger, wall), "{id} is met and has not fired");
        }
        self.check_ages(now);
        assert!(self.notice_until.is_none_or(|until| wall < until), "words stay beyond their end");
        let rested = self.called_at.is_none_or(|at| at + 60_000 <= now);
        let room = self.called_or_active() < self.cap && self.left_to_call_for() > 0;
        if self.calling() && seen.shop_serves() && room && rested {
            assert_eq!(self.order(now, seen), [], "a slot is free and somebody waits for it");
        }
    }
}
