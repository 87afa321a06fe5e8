//! Who tried in vain waits, longer each time: by account *and* source.
//!
//! A flood of tries on one account locks its owner out nowhere but at the source of the flood, and
//! nobody else anywhere. Every try counts before it is made, so that a hundred at once are a
//! hundred; the one that succeeds is forgiven with all before it.

use std::collections::HashMap;

use crate::net::source::Source;

/// Tries that wait for nothing: a slip of the finger, capitals, the code of before.
const FREE_TRIES: u32 = 3;
/// What the next one waits; twice as long after each.
const WAIT_MS_MIN: u64 = 1_000;
/// And never longer.
const WAIT_MS_MAX: u64 = 15 * 60_000;
/// After so long without a try, all is forgotten: four of the longest waits.
const FORGOTTEN_MS: u64 = 4 * WAIT_MS_MAX;
/// Sources that are remembered of one account; of more, the one that is silent for longest is
/// forgotten. Whoever has so many addresses guesses a code no sooner.
const SOURCES_MAX: usize = 256;

/// Tries in vain, by account and source. Names that nobody has share one entry.
#[derive(Debug, Default)]
pub(super) struct Lockouts(HashMap<String, HashMap<Source, Tries>>);

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last_ms: u64,
    free_at_ms: u64,
}

impl Lockouts {
    /// Counts a try on an account, before it is made.
    ///
    /// # Errors
    /// How long to wait, in milliseconds; it does not count then.
    pub(super) fn count(&mut self, name: &str, source: Source, now_ms: u64) -> Result<(), u64> {
        let sources = self.0.entry(name.to_ascii_lowercase()).or_default();
        sources.retain(|_, tries| now_ms.saturating_sub(tries.last_ms) < FORGOTTEN_MS);
        if sources.len() >= SOURCES_MAX && !sources.contains_key(&source) {
            let silent = sources.iter().min_by_key(|(_, tries)| tries.last_ms);
            silent.map(|(silent, _)| *silent).map(|silent| sources.remove(&silent));
        }
        let new = Tries { count: 0, last_ms: now_ms, free_at_ms: 0 };
        let tries = sources.entry(source).or_insert(new);
        if now_ms < tries.free_at_ms {
            return Err(tries.free_at_ms - now_ms);
        }
        tries.count = tries.count.saturating_add(1);
        tries.last_ms = now_ms;
        tries.free_at_ms = now_ms + wait_ms(tries.count);
        Ok(())
    }

    /// That try was right.
    pub(super) fn forgive(&mut self, name: &str, source: Source) {
        if let Some(sources) = self.0.get_mut(&name.to_ascii_lowercase()) {
            sources.remove(&source);
        }
    }
}

/// What follows after so many tries.
fn wait_ms(count: u32) -> u64 {
    let Some(doublings) = count.checked_sub(FREE_TRIES) else { return 0 };
    WAIT_MS_MIN.saturating_mul(1 << doublings.min(32)).min(WAIT_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Source = Source::V4(1);
    const THERE: Source = Source::V4(2);

    #[test]
    fn each_try_in_vain_waits_twice_as_long_as_the_one_before_but_never_for_ever() {
        let mut lockouts = Lockouts::default();
        let (mut now_ms, mut waits) = (0, Vec::new());
        for _ in 0..16 {
            lockouts.count("Ana", HERE, now_ms).expect("the wait is over");
            if let Err(wait_ms) = lockouts.count("Ana", HERE, now_ms) {
                waits.push(wait_ms);
                assert_eq!(lockouts.count("Ana", HERE, now_ms + wait_ms - 1), Err(1));
                now_ms += wait_ms;
            }
        }
        assert_eq!(waits[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(waits.last(), Some(&WAIT_MS_MAX));
    }

    #[test]
    fn a_flood_on_one_account_locks_out_its_source_and_nobody_else() {
        let mut lockouts = Lockouts::default();
        for _ in 0..1_000 {
            let _ = lockouts.count("Ana", HERE, 0);
        }
        assert!(lockouts.count("ana", HERE, 0).is_err());
        assert_eq!(lockouts.count("Ana", THERE, 0), Ok(()));
        assert_eq!(lockouts.count("Bo", HERE, 0), Ok(()));
        lockouts.forgive("ANA", HERE);
        assert_eq!(lockouts.count("Ana", HERE, 0), Ok(()));
    }

    #[test]
    fn a_thousand_sources_take_no_more_room_than_the_limit_and_silence_is_forgotten() {
        let mut lockouts = Lockouts::default();
        for at in 0..1_000 {
            assert_eq!(lockouts.count("", Source::V4(at), u64::from(at)), Ok(()));
        }
        assert_eq!(lockouts.0[""].len(), SOURCES_MAX);
        for _ in 0..9 {
            let _ = lockouts.count("", HERE, 2_000);
        }
        assert_eq!(lockouts.count("", HERE, 2_000 + FORGOTTEN_MS), Ok(()));
        assert_eq!(lockouts.0[""].len(), 1);
    }
}
