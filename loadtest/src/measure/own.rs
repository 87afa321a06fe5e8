//! How the harness itself did: a run in which it could not keep up says nothing about the server.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::figures::Measured;

/// A hundredth of all requests may go out later than this after they were meant to, in ms: a
/// person would not notice, and latencies are counted from the intended start anyway.
const LATENESS_P99_MS_MAX: f64 = 50.0;
/// None may go out later than this, in ms: then something stood still that was not the server.
const LATENESS_MS_MAX: f64 = 2_000.0;
/// Of one core for each worker's thread; above it, waiting for the processor is what is measured.
const CPU_SHARE_MAX: f64 = 0.95;

/// What one worker used.
#[derive(Clone, Default, PartialEq, Debug, Deserialize, Serialize)]
pub struct Used {
    /// Processor time, in microseconds.
    pub cpu_us: u64,
    /// Over so long, in microseconds.
    pub span_us: u64,
    /// Cores that it could use.
    pub cores: u32,
    /// Name of the machine.
    pub machine: String,
    /// How often it had no descriptor or no port left for another connection.
    pub shortages: u64,
}

/// The processor time of this process so far.
pub fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(used.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(used.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

impl Used {
    /// The share of the cores that was used, from 0 to 1.
    pub fn share(&self) -> f64 {
        let could = self.span_us as f64 * f64::from(self.cores.max(1));
        if could == 0.0 { 0.0 } else { self.cpu_us as f64 / could }
    }
}

/// Why this run is not to be believed; nothing if it is.
pub fn doubts(measured: &Measured, workers: &[Used]) -> Vec<String> {
    let mut doubts = Vec::new();
    let lateness = &measured.lateness;
    let (p99, max) = (lateness.quantile_ms(0.99), lateness.max_ms());
    if p99 > LATENESS_P99_MS_MAX {
        doubts.push(format!(
            "one request in a hundred went out more than {p99:.0} ms late; \
             {LATENESS_P99_MS_MAX:.0} ms are allowed"
        ));
    }
    if max > LATENESS_MS_MAX {
        doubts.push(format!(
            "a request went out {max:.0} ms late; {LATENESS_MS_MAX:.0} ms are allowed"
        ));
    }
    for worker in workers.iter().filter(|worker| worker.share() > CPU_SHARE_MAX) {
        doubts.push(format!(
            "a worker on {} used {:.0} % of its {} cores",
            worker.machine,
            worker.share() * 100.0,
            worker.cores
        ));
    }
    for worker in workers.iter().filter(|worker| worker.shortages > 0) {
        doubts.push(format!(
            "a worker on {} had no descriptor or no port left {} times: use several workers, or \
             several addresses to come from",
            worker.machine, worker.shortages
        ));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late_by(us: u64) -> Measured {
        let mut measured = Measured::default();
        measured.lateness.add(us);
        measured
    }

    #[test]
    fn a_harness_that_is_late_or_has_no_processor_left_is_not_believed() {
        assert_eq!(doubts(&late_by(1_000), &[]), Vec::<String>::new());
        assert_eq!(doubts(&late_by(80_000), &[]).len(), 1);
        assert_eq!(doubts(&late_by(3_000_000), &[]).len(), 2);
        let worn = Used { cpu_us: 99, span_us: 100, cores: 1, ..Used::default() };
        assert_eq!(doubts(&late_by(1_000), std::slice::from_ref(&worn)).len(), 1);
        let rested = Used { cores: 2, ..worn };
        assert!(doubts(&late_by(1_000), std::slice::from_ref(&rested)).is_empty());
        assert_eq!(doubts(&late_by(1_000), &[Used { shortages: 1, ..rested }]).len(), 1);
    }

    #[test]
    fn the_processor_time_of_this_process_only_grows() {
        let before = cpu();
        let mut sum = 0_u64;
        while cpu() == before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(cpu() > before);
    }
}
