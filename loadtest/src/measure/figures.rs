//! What was measured, in a form that adds up: over workers, and over the phases of a run.
//!
//! Latencies are kept whole in HDR histograms of three significant digits; seconds of the run in a
//! coarser one, for drawing. Sums of these are exact; nothing is averaged.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::{Ended, Endings, Exchange, Operation};

/// The longest latency that is told apart: one hour, in microseconds.
const LATENCY_US_MAX: u64 = 3_600_000_000;
/// Three digits: a latency of 100 ms is known to a tenth of a millisecond.
const DIGITS: u8 = 3;
/// Buckets of the coarse histogram for each doubling: neighbours differ by 9 %.
const BUCKETS_PER_OCTAVE: f64 = 8.0;

/// Everything that one worker measured, or all of them together.
#[derive(Clone, Default, PartialEq, Debug, Deserialize, Serialize)]
pub struct Measured {
    /// By phase, as its subscript in the scenario, and operation.
    pub parts: Vec<Part>,
    /// By second of the run, from the first; seconds in which an exchange was *meant* to begin.
    pub seconds: Vec<BTreeMap<Operation, Second>>,
    /// How late people woke up for what they meant to do: the harness's own doing. Who was still
    /// waiting for an answer then is late through the server, and not counted here.
    pub lateness: Latency,
}

/// One operation in one phase.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Part {
    /// The phase's subscript.
    pub phase: usize,
    /// What was asked.
    pub operation: Operation,
    /// How it ended.
    pub endings: Endings,
    /// From the intended start to the end of the answer, or to giving up.
    pub latency: Latency,
}

/// One operation in one second.
#[derive(Clone, Default, PartialEq, Debug, Deserialize, Serialize)]
pub struct Second {
    /// How they ended.
    pub endings: Endings,
    /// Coarse histogram: bucket and count.
    spread: BTreeMap<u16, u32>,
}

/// A histogram of latencies in microseconds.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Latency(Histogram<u64>);

impl Measured {
    /// Adds one exchange, which was meant to begin in this phase.
    pub fn add(&mut self, phase: usize, exchange: &Exchange) {
        let took_us = exchange.ended_us.saturating_sub(exchange.intended_us);
        let part = self.part(phase, exchange.operation);
        *part.endings.entry(exchange.ended).or_default() += 1;
        part.latency.add(took_us);
        let second = usize::try_from(exchange.intended_us / 1_000_000).unwrap_or(0);
        if self.seconds.len() <= second {
            self.seconds.resize_with(second + 1, BTreeMap::new);
        }
        let second = self.seconds[second].entry(exchange.operation).or_default();
        *second.endings.entry(exchange.ended).or_default() += 1;
        *second.spread.entry(bucket(took_us)).or_default() += 1;
    }

    /// Adds what another worker measured.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.parts {
            let ours = self.part(theirs.phase, theirs.operation);
            add_endings(&mut ours.endings, &theirs.endings);
            ours.latency.merge(&theirs.latency);
        }
        self.lateness.merge(&other.lateness);
        if self.seconds.len() < other.seconds.len() {
            self.seconds.resize_with(other.seconds.len(), BTreeMap::new);
        }
        for (ours, theirs) in self.seconds.iter_mut().zip(&other.seconds) {
            for (operation, second) in theirs {
                let ours = ours.entry(*operation).or_default();
                add_endings(&mut ours.endings, &second.endings);
                for (bucket, count) in &second.spread {
                    *ours.spread.entry(*bucket).or_default() += count;
                }
            }
        }
    }

    /// All of one operation, over the phases asked for; nothing if it never happened there.
    pub fn whole(&self, operation: Option<Operation>, phase: Option<usize>) -> Option<Part> {
        let wanted = |part: &&Part| {
            operation.is_none_or(|operation| operation == part.operation)
                && phase.is_none_or(|phase| phase == part.phase)
        };
        let mut parts = self.parts.iter().filter(wanted);
        let mut whole = parts.next()?.clone();
        for part in parts {
            add_endings(&mut whole.endings, &part.endings);
            whole.latency.merge(&part.latency);
        }
        Some(whole)
    }

    /// Exchanges in all.
    pub fn exchanges(&self) -> u64 {
        self.parts.iter().map(Part::count).sum()
    }

    fn part(&mut self, phase: usize, operation: Operation) -> &mut Part {
        let at =
            self.parts.iter().position(|part| (part.phase, part.operation) == (phase, operation));
        let at = at.unwrap_or_else(|| {
            let (endings, latency) = (Endings::new(), Latency::default());
            self.parts.push(Part { phase, operation, endings, latency });
            self.parts.len() - 1
        });
        &mut self.parts[at]
    }
}

impl Part {
    /// Exchanges, however they ended.
    pub fn count(&self) -> u64 {
        self.endings.values().sum()
    }

    /// The share that failed: neither answered well, nor refused by rule, nor put off politely.
    pub fn failed_share(&self) -> f64 {
        let failed = |ended| self.endings.get(&ended).copied().unwrap_or(0);
        (failed(Ended::Failed) + failed(Ended::Lost)) as f64 / self.count().max(1) as f64
    }
}

impl Second {
    /// The latency in milliseconds that so large a share stayed under, to about 9 %.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let all: u64 = self.spread.values().map(|count| u64::from(*count)).sum();
        let wanted = (share * all as f64).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in &self.spread {
            seen += u64::from(*count);
            if seen >= wanted {
                return top_us(*bucket) / 1_000.0;
            }
        }
        0.0
    }
}

impl Latency {
    /// Adds one, in microseconds.
    pub fn add(&mut self, us: u64) {
        self.0.saturating_record(us.max(1));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all of these have the same bounds");
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency in milliseconds that so large a share stayed under.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }

    /// The longest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1_000.0
    }

    /// Points of the distribution for drawing: share below, milliseconds.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let steps = self.0.iter_quantiles(4);
        steps
            .map(|at| (at.quantile_iterated_to(), at.value_iterated_to() as f64 / 1_000.0))
            .collect()
    }
}

impl Default for Latency {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LATENCY_US_MAX, DIGITS);
        Self(histogram.expect("the bounds are good"))
    }
}

impl From<Latency> for String {
    fn from(latency: Latency) -> Self {
        let mut bytes = Vec::new();
        let written = V2DeflateSerializer::new().serialize(&latency.0, &mut bytes);
        written.expect("a histogram fits in memory");
        data_encoding::BASE64.encode(&bytes)
    }
}

impl TryFrom<String> for Latency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = data_encoding::BASE64.decode(text.as_bytes());
        let bytes = bytes.map_err(|fault| format!("a histogram is not base64: {fault}"))?;
        let read: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|fault| format!("a histogram is damaged: {fault}"))?;
        let mut latency = Self::default();
        latency.0.add(&read).map_err(|fault| format!("a histogram is not ours: {fault}"))?;
        Ok(latency)
    }
}

fn add_endings(ours: &mut Endings, theirs: &Endings) {
    for (ended, count) in theirs {
        *ours.entry(*ended).or_default() += count;
    }
}

fn bucket(us: u64) -> u16 {
    ((us.max(1) as f64).log2() * BUCKETS_PER_OCTAVE) as u16
}

fn top_us(bucket: u16) -> f64 {
    ((f64::from(bucket) + 1.0) / BUCKETS_PER_OCTAVE).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(intended_us: u64, took_us: u64) -> Exchange {
        let ended_us = intended_us + took_us;
        let (operation, ended) = (Operation::Poll, Ended::Well);
        Exchange { operation, intended_us, ended_us, ended }
    }

    #[test]
    fn two_workers_together_are_as_if_one_had_measured_all() {
        let (mut one, mut other, mut both) = Default::default();
        let exchanges = (0..1_000_u64).map(|at| poll(at * 7_000, 50 + at * at));
        for (at, exchange) in exchanges.enumerate() {
            let worker: &mut Measured = if at % 3 == 0 { &mut one } else { &mut other };
            worker.add(at % 2, &exchange);
            Measured::add(&mut both, at % 2, &exchange);
        }
        one.merge(&other);
        assert_eq!(one.exchanges(), 1_000);
        assert_eq!(one.seconds, both.seconds);
        for phase in [None, Some(0), Some(1)] {
            assert_eq!(one.whole(None, phase), both.whole(None, phase));
        }
    }

    #[test]
    fn a_stall_shows_in_the_tail_and_in_its_second() {
        let mut measured = Measured::default();
        (0..100).for_each(|at| measured.add(0, &poll(at * 1_000, 500)));
        (0..10).for_each(|at| measured.add(0, &poll(1_000_000 + at, 1_000_000)));
        let whole = measured.whole(Some(Operation::Poll), None).expect("there were polls");
        assert!((999.0..1_002.0).contains(&whole.latency.quantile_ms(0.95)));
        assert!(whole.latency.quantile_ms(0.5) < 0.6);
        let second = &measured.seconds[1][&Operation::Poll];
        assert!((950.0..1_200.0).contains(&second.quantile_ms(0.5)));
    }

    #[test]
    fn what_was_measured_is_read_back_as_it_was_written() {
        let mut measured = Measured::default();
        (0..100).for_each(|at| measured.add(0, &poll(at * 1_000, 500 * at)));
        let text = serde_json::to_string(&measured).expect("plain data");
        assert_eq!(serde_json::from_str::<Measured>(&text).expect("as written"), measured);
        assert!(serde_json::from_str::<Latency>("\"AAAA\"").is_err());
        assert!(serde_json::from_str::<Latency>("\"?\"").is_err());
    }
}
