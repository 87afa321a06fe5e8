//! Who is signed in, in memory: a restart signs everybody out.
//!
//! A browser has a random key in a cookie; only its hash is here.

use std::collections::HashMap;

use super::invitation::{hash_of, new_key};

/// From signing in until it ends whatever is done: a long shift.
const LIFE_MS: u64 = 12 * 3_600_000;
/// Without a request: a console that somebody walked away from. A page that shows live figures asks
/// by itself, and counts as being looked at.
const IDLE_MS: u64 = 30 * 60_000;
/// Browsers of one account at once: the oldest is signed out for the next.
const BROWSERS_MAX: usize = 8;

/// Who is signed in, by the hash of the key.
#[derive(Debug, Default)]
pub(super) struct SignedIn(HashMap<[u8; 32], Browser>);

#[derive(Clone, Debug)]
struct Browser {
    name: String,
    form_token: String,
    begun_ms: u64,
    seen_ms: u64,
}

impl SignedIn {
    /// Somebody proved who they are: the key for their browser.
    pub(super) fn begin(&mut self, name: &str, now_ms: u64) -> String {
        self.0.retain(|_, browser| browser.lives(now_ms));
        let mine = self.0.iter().filter(|(_, browser)| browser.name == name);
        let mut mine: Vec<_> = mine.map(|(hash, browser)| (browser.begun_ms, *hash)).collect();
        mine.sort_unstable();
        for (_, hash) in mine.iter().take((mine.len() + 1).saturating_sub(BROWSERS_MAX)) {
            self.0.remove(hash);
        }
        let (key, form_token) = (new_key(), new_key());
        let name = name.to_owned();
        let browser = Browser { name, form_token, begun_ms: now_ms, seen_ms: now_ms };
        self.0.insert(hash_of(&key), browser);
        key
    }

    /// Who has this key, and the token of their forms.
    pub(super) fn find(&mut self, key: &str, now_ms: u64) -> Option<(String, String)> {
        let browser = self.0.get_mut(&hash_of(key)).filter(|browser| browser.lives(now_ms))?;
        browser.seen_ms = now_ms;
        Some((browser.name.clone(), browser.form_token.clone()))
    }

    /// Ends one; says whose it was.
    pub(super) fn end(&mut self, key: &str) -> Option<String> {
        self.0.remove(&hash_of(key)).map(|browser| browser.name)
    }

    /// Ends all of an account.
    pub(super) fn end_all(&mut self, name: &str) {
        self.0.retain(|_, browser| !browser.name.eq_ignore_ascii_case(name));
    }
}

impl Browser {
    fn lives(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.begun_ms) < LIFE_MS
            && now_ms.saturating_sub(self.seen_ms) < IDLE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_nothing_for_half_an_hour_is_signed_out_and_nobody_stays_for_longer_than_a_shift() {
        let mut signed_in = SignedIn::default();
        let key = signed_in.begin("Ana", 0);
        let mut now_ms = 0;
        while now_ms + IDLE_MS - 1 < LIFE_MS {
            now_ms += IDLE_MS - 1;
            assert!(signed_in.find(&key, now_ms).is_some(), "at {now_ms}");
        }
        assert_eq!(signed_in.find(&key, LIFE_MS), None);
        let key = signed_in.begin("Ana", 0);
        assert_eq!(signed_in.find(&key, IDLE_MS), None);
    }

    #[test]
    fn a_ninth_browser_signs_the_oldest_of_the_same_account_out() {
        let mut signed_in = SignedIn::default();
        let other = signed_in.begin("Bo", 0);
        let keys: Vec<_> = (1..=9).map(|at_ms| signed_in.begin("Ana", at_ms)).collect();
        assert_eq!(signed_in.find(&keys[0], 10), None);
        assert!(keys[1..].iter().all(|key| signed_in.find(key, 10).is_some()));
        assert!(signed_in.find(&other, 10).is_some());
        signed_in.end_all("ana");
        assert!(keys.iter().all(|key| signed_in.find(key, 10).is_none()));
        assert_eq!(signed_in.end(&other).as_deref(), Some("Bo"));
    }
}
