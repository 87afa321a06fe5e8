//! Whether the holder of a lease still lives, by watching that its beat goes on.

use super::holder::Sign;

/// Of the span of a lease, how much may pass between two looks and still count: a look that comes
/// late says nothing about the time before it, during which we may have been stopped.
const LOOKS_PER_SPAN: u64 = 4;

/// What was seen of a lease.
#[derive(Debug)]
pub(super) struct Watch {
    lease_ms: u64,
    seen: Option<(Sign, u64)>,
    /// How long it has been as it is, while we looked.
    silent_ms: u64,
}

impl Watch {
    pub(super) fn new(lease_ms: u64) -> Self {
        Self { lease_ms, seen: None, silent_ms: 0 }
    }

    /// Notes a sign, and says whether the lease may be taken: nobody holds it, or its holder was
    /// silent for the span of the lease.
    pub(super) fn lapsed(&mut self, sign: &Sign, now_ms: u64) -> bool {
        match &self.seen {
            Some((seen, at_ms)) if seen == sign => {
                let passed_ms = now_ms.saturating_sub(*at_ms);
                self.silent_ms += passed_ms.min(self.lease_ms / LOOKS_PER_SPAN);
            }
            _ => self.silent_ms = 0,
        }
        self.seen = Some((sign.clone(), now_ms));
        sign.owner.is_empty() || self.silent_ms >= self.lease_ms
    }

    /// Redis did not answer: nor may it have answered the holder, who gets a whole span again.
    pub(super) fn forget(&mut self) {
        self.seen = None;
        self.silent_ms = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(owner: &str, beat: u64) -> Sign {
        Sign { owner: owner.to_owned(), opening: "1".to_owned(), beat: beat.to_string() }
    }

    #[test]
    fn a_lease_lapses_only_after_its_span_of_silence_while_it_was_watched() {
        let mut watch = Watch::new(1_000);
        for now_ms in (0..1_000).step_by(100) {
            assert!(!watch.lapsed(&sign("a", 7), now_ms));
        }
        assert!(watch.lapsed(&sign("a", 7), 1_000));
        assert!(!watch.lapsed(&sign("a", 8), 1_100), "it beats");
        assert!(!watch.lapsed(&sign("b", 8), 9_000), "it is another's");
        assert!(watch.lapsed(&Sign::default(), 9_001), "nobody's");
    }

    #[test]
    fn time_in_which_nobody_looked_or_nobody_answered_is_no_silence_of_the_holder() {
        let mut watch = Watch::new(1_000);
        assert!(!watch.lapsed(&sign("a", 7), 0));
        assert!(!watch.lapsed(&sign("a", 7), 60_000), "we were stopped for a minute");
        assert!(!watch.lapsed(&sign("a", 7), 60_250));
        assert!(!watch.lapsed(&sign("a", 7), 60_500));
        watch.forget();
        assert!(!watch.lapsed(&sign("a", 7), 60_750), "Redis was away");
        assert!(!watch.lapsed(&sign("a", 7), 61_000));
    }
}
