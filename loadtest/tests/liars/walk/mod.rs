//! A walk of a few visitors through the fake, in time that is not real: requests overlap, answers
//! are lost, requests take effect late or never, the server stands still and is killed.
//!
//! Each step is drawn; the same steps make the same history.

mod request;

use proptest::prelude::*;
use stanchion_loadtest::history::{Attempt, Fault, Told, What, Who};

use self::request::Request;
use crate::fake::sale::Sale;
use crate::fake::{Lie, Spans};

const VISITORS: usize = 6;
const SEATS: usize = 3;
const STANDING: u32 = 4;
pub(crate) const CAP: usize = 2;

/// One step, drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    what: u8,
    who: u8,
    pick: u8,
    gap_ms: u64,
    before_ms: u64,
    after_ms: u64,
    fate: u8,
}

/// Any step: mostly soon after the one before, sometimes much later.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let gap_ms = prop_oneof![8 => 0..300_u64, 1 => 0..40_000_u64];
    let doubt_ms = || prop_oneof![3 => 0..60_u64, 1 => 0..2_000_u64];
    (any::<u8>(), any::<u8>(), any::<u8>(), gap_ms, doubt_ms(), doubt_ms(), any::<u8>()).prop_map(
        |(what, who, pick, gap_ms, before_ms, after_ms, fate)| Step {
            what,
            who,
            pick,
            gap_ms,
            before_ms,
            after_ms,
            fate,
        },
    )
}

#[derive(Default)]
struct Visitor {
    number: Option<usize>,
    /// Their last request is over.
    free_us: u64,
    basket: Option<String>,
    /// A request that was lost, and will be asked again.
    again: Option<Request>,
}

/// The walk as it goes.
struct Walk {
    sale: Sale,
    now_us: u64,
    /// Outages so far: sale time does not count them.
    out_us: u64,
    shown_us: u64,
    keys: u32,
    visitors: Vec<Visitor>,
    /// Lost requests that may still arrive.
    under_way: Vec<(usize, Request)>,
    history: Vec<Told>,
}

/// The history of these steps, in order of asking.
pub(crate) fn walk(lie: Lie, steps: &[Step]) -> Vec<Told> {
    let spans =
        Spans { hold_ms: 20_000, checkout_ms: 15_000, claim_ms: 10_000, presence_ms: 12_000 };
    let mut walk = Walk {
        sale: Sale::new(lie, CAP, spans, (SEATS, STANDING)),
        now_us: 1_000_000,
        out_us: 0,
        shown_us: 0,
        keys: 0,
        visitors: (0..VISITORS).map(|_| Visitor::default()).collect(),
        under_way: Vec::new(),
        history: Vec::new(),
    };
    steps.iter().for_each(|step| walk.step(*step));
    walk.audit();
    walk.history.sort_by_key(|told| told.asked_us);
    walk.history
}

impl Walk {
    fn step(&mut self, step: Step) {
        self.now_us += step.gap_ms * 1_000;
        self.tick();
        match step.what {
            0..=19 => self.observe(step),
            20..=25 => self.operate(step),
            26..=28 => self.stand_still(step),
            29..=30 => self.kill(step),
            31..=60 => self.arrive(),
            _ => self.ask(step),
        }
        self.tick();
    }

    fn tick(&mut self) {
        self.sale.tick((self.now_us - self.out_us) / 1_000);
        if self.now_us - self.shown_us > 200_000 {
            self.sale.publish();
            self.shown_us = self.now_us;
        }
    }

    fn told(&mut self, who: Who, times: (u64, Option<u64>), what: What) {
        self.history.push(Told { who, asked_us: times.0, told_us: times.1, what });
    }

    fn around(&self, step: Step) -> (u64, Option<u64>) {
        let asked_us = self.now_us.saturating_sub(step.before_ms * 1_000);
        (asked_us, Some(self.now_us + step.after_ms * 1_000))
    }

    fn observe(&mut self, step: Step) {
        let what = match step.pick % 2 {
            0 => What::Board(self.sale.head.clone()),
            _ => What::Performances {
                version: self.sale.head.version,
                performances: self.sale.performances.clone(),
            },
        };
        self.told(Who::Observer, self.around(step), what);
    }

    fn operate(&mut self, step: Step) {
        let cap = u32::from(step.pick % 4);
        self.sale.queue.cap = cap as usize;
        let action = "set_cap".to_owned();
        let times = (self.now_us, Some(self.now_us + 1));
        self.told(Who::Staff, times, What::Changed { action, cap: Some(cap), notice: None });
        self.now_us += 1;
    }

    fn stand_still(&mut self, step: Step) {
        let span_us = 2_100_000 + u64::from(step.pick) * 100_000;
        let fault = |at_us, fault| (at_us, Some(at_us), What::Fault(fault));
        let until_us = self.now_us + span_us;
        for (asked_us, told_us, what) in
            [fault(self.now_us, Fault::Stopped), fault(until_us, Fault::Continued)]
        {
            self.told(Who::Staff, (asked_us, told_us), what);
        }
        (self.now_us, self.out_us) = (until_us, self.out_us + span_us);
    }

    fn kill(&mut self, step: Step) {
        let span_us = 300_000 + u64::from(step.pick) * 100_000;
        let (from_us, until_us) = (self.now_us, self.now_us + span_us);
        self.told(Who::Staff, (from_us, Some(from_us)), What::Fault(Fault::Killed));
        self.told(Who::Staff, (until_us, Some(until_us)), What::Fault(Fault::Started));
        (self.now_us, self.out_us) = (until_us, self.out_us + span_us);
        self.sale.queue.forget();
        self.under_way.clear();
    }

    fn arrive(&mut self) {
        if let Some((who, request)) = self.under_way.pop() {
            self.apply(who, &request);
        }
    }

    fn ask(&mut self, step: Step) {
        let who = usize::from(step.who) % VISITORS;
        let (asked_us, told_us) = self.around(step);
        let asked_us = asked_us.max(self.visitors[who].free_us);
        if asked_us > self.now_us {
            return;
        }
        self.visitors[who].free_us = told_us.unwrap_or(self.now_us);
        let Some(number) = self.visitors[who].number else {
            return self.join(who, (asked_us, told_us), step.fate);
        };
        let again = self.visitors[who].again.take();
        let request = again.unwrap_or_else(|| self.draw(who, number, step));
        if step.fate < 215 {
            if let Some(what) = self.apply(who, &request) {
                self.told(Who::Visitor(who as u32), (asked_us, told_us), what);
            }
            return;
        }
        self.lose(who, (asked_us, request), step.fate);
    }

    fn join(&mut self, who: usize, times: (u64, Option<u64>), fate: u8) {
        let number = self.sale.queue.join(self.sale.now_ms);
        if fate < 240 {
            self.visitors[who].number = Some(number);
            self.told(Who::Visitor(who as u32), times, What::Joined { number: number as u64 });
        } else {
            let attempt = What::Tried(Attempt::Other { number: None });
            self.told(Who::Visitor(who as u32), (times.0, None), attempt);
        }
    }

    /// The answer is lost; the request may have been done, may be done later, or never.
    fn lose(&mut self, who: usize, (asked_us, request): (u64, Request), fate: u8) {
        if let Some(attempt) = self.attempt(who, &request) {
            self.told(Who::Visitor(who as u32), (asked_us, None), What::Tried(attempt));
        }
        if fate % 4 < 2 {
            self.visitors[who].again = Some(request.clone());
        }
        match fate % 3 {
            0 => drop(self.apply(who, &request)),
            1 => self.under_way.push((who, request)),
            _ => {}
        }
    }

    /// At the end, somebody looks at everything.
    fn audit(&mut self) {
        self.now_us += 10_000_000;
        self.tick();
        let all: Vec<(String, usize)> =
            self.sale.baskets.values().map(|basket| (basket.id.clone(), basket.number)).collect();
        for (basket, number) in all {
            let who = self.visitors.iter().position(|visitor| visitor.number == Some(number));
            let who = Who::Visitor(who.unwrap_or(0) as u32);
            let what = self.see(&basket);
            self.told(who, (self.now_us, Some(self.now_us + 1_000)), what);
        }
        let head = self.sale.head.clone();
        self.told(Who::Observer, (self.now_us, Some(self.now_us + 1_000)), What::Board(head));
    }
}
