//! The night as it is played: the one place where the pace of life divides anything.
//!
//! At a pace of 20, an evening of an hour and a half is played in four and a half minutes. All that
//! the scenario says to happen is divided alike, so that the evening keeps its proportions: when
//! people come, how long they look, think, sleep and pay, when staff act, how long the outage is,
//! when phases begin and the run ends. Not divided are the wait for an answer, which is about
//! machines, and the spans of the sale, which only the server knows: a night that is played faster
//! wants a sale file of its own.

use std::time::Duration;

use super::{Act, Kind, Looks, Scenario, Shape};

impl Scenario {
    /// The night as it is played: spans are those of the run, and the pace of life is 1.
    pub fn as_played(mut self) -> Self {
        let pace = self.pace_of_life;
        self.span_max = paced(self.span_max, pace);
        if let Some(own) = &mut self.own {
            own.opens_after = own.opens_after.map(|span| paced(span, pace));
        }
        for phase in &mut self.phases {
            phase.from = paced(phase.from, pace);
        }
        for wave in &mut self.arrivals {
            wave.from = paced(wave.from, pace);
            wave.shape.hurry(pace);
        }
        for moment in &mut self.timeline {
            moment.at = paced(moment.at, pace);
            if let Act::Stop { span } | Act::Kill { span } = &mut moment.act {
                *span = paced(*span, pace);
            }
        }
        for kind in &mut self.kinds {
            kind.hurry(pace);
        }
        self.pace_of_life = 1.0;
        self
    }

    /// A crowd that lives at another pace than its night would miss its calls.
    pub(super) fn assert_played(&self) {
        assert!(self.pace_of_life == 1.0, "a crowd is drawn from a scenario as it is played");
    }
}

impl Shape {
    fn hurry(&mut self, pace: f64) {
        match self {
            Self::Spike { .. } => {}
            Self::Step { over, .. } => *over = paced(*over, pace),
            Self::Ramp { from_per_second, to_per_second, over } => {
                let before = over.as_secs_f64();
                *over = paced(*over, pace);
                // By what the span really became, so that as many people come.
                let ratio = before / over.as_secs_f64();
                *from_per_second *= ratio;
                *to_per_second *= ratio;
            }
            Self::Curve { interval, .. } => *interval = paced(*interval, pace),
        }
    }
}

impl Kind {
    fn hurry(&mut self, pace: f64) {
        let waits = &mut self.waits;
        if let Looks::Every(span) | Looks::Refreshes(span) = &mut waits.looks {
            *span = paced(*span, pace);
        }
        for chance in [&mut waits.sleeps, &mut waits.gives_up] {
            chance.at_least = paced(chance.at_least, pace);
            chance.at_most = paced(chance.at_most, pace);
        }
        let shops = &mut self.shops;
        let drawn = [&mut waits.sleeps_after, &mut shops.thinks, &mut shops.pays_within];
        for (least, most) in drawn {
            *least = paced(*least, pace);
            *most = paced(*most, pace);
        }
    }
}

/// A span of people as a span of the run, in whole microseconds; only nothing becomes nothing.
fn paced(span: Duration, pace: f64) -> Duration {
    if span.is_zero() {
        return span;
    }
    let us = (span.as_micros() as f64 / pace).round() as u64;
    Duration::from_micros(us.max(1))
}
