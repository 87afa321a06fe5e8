//! A run while it is under way: one line in a terminal, one a while elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::night::share::Standing;

/// Above this share of its memory, a run is about to be worth nothing.
const MEMORY_SHARE_NOTABLE: f64 = 0.8;
/// Where nobody redraws a line, one in so long is enough.
const LINE_SPAN: Duration = Duration::from_secs(10);

/// The progress display.
pub(super) struct Progress {
    quiet: bool,
    redraws: bool,
    warned: bool,
    began: Instant,
    said: Option<Instant>,
    /// Exchanges at the last look, and when that was.
    before: (u64, Instant),
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let now = Instant::now();
        let redraws = std::io::stderr().is_terminal();
        Self { quiet, redraws, warned: false, began: now, said: None, before: (0, now) }
    }

    /// Something else is tried from now on.
    pub(super) fn begin(&mut self, what: &str) {
        self.clear();
        let quiet = self.quiet;
        *self = Self::new(quiet);
        if !quiet {
            eprintln!("{what}");
        }
    }

    /// Shows how the people stand.
    pub(super) fn show(&mut self, standing: &Standing) {
        let now = Instant::now();
        let due = self.said.is_none_or(|said| now - said >= LINE_SPAN);
        if self.quiet || !(self.redraws || due) {
            return;
        }
        let (before, then) = self.before;
        let rate = (standing.exchanges.saturating_sub(before)) as f64
            / (now - then).as_secs_f64().max(0.001);
        self.before = (standing.exchanges, now);
        self.said = Some(now);
        let stands = ["waiting", "called", "active", "holding", "ordered", "gone"];
        let count = |state: &&str| standing.counts.get(*state).copied().unwrap_or(0);
        let counts = stands.iter().map(|state| format!("{state} {}", count(state)));
        let line = format!(
            "{:>5} s  {}  {rate:.0} requests/s  late {:.1} ms  memory {:.0} %",
            self.began.elapsed().as_secs(),
            counts.collect::<Vec<_>>().join("  "),
            standing.lateness_p99_ms,
            standing.memory_share * 100.0,
        );
        if standing.memory_share > MEMORY_SHARE_NOTABLE && !self.warned {
            self.warned = true;
            self.clear();
            eprintln!(
                "what was told takes over {:.0} % of the memory it may: beyond, the run ends and \
                 says nothing",
                MEMORY_SHARE_NOTABLE * 100.0
            );
        }
        if self.redraws {
            eprint!("\r\x1b[2K{line}");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    /// Makes room for what comes after.
    pub(super) fn clear(&self) {
        if self.redraws && !self.quiet {
            eprint!("\r\x1b[2K");
        }
    }
}
