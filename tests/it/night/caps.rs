//! The cap while operators change it: whoever is called fits under the cap that is in force then.
//!
//! Knows when each cap may have been in force, who was certainly in the shop from when until when,
//! and between which moments each visitor was called. Times are those of the crowd's `Web`.

use std::sync::Mutex;

use super::web::lock;

/// The caps of a night and those who came in under them.
#[derive(Default)]
pub(crate) struct Caps(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    settings: Vec<Setting>,
    calls: Vec<Call>,
    stays: Vec<Stay>,
}

/// An operator's change, decided at some time between.
struct Setting {
    cap: u64,
    began: u64,
    ended: Option<u64>,
}

/// A visitor's call: a question that began at `after` was told that there was none yet, one that
/// ended at `before` that there was.
struct Call {
    number: u64,
    after: u64,
    before: u64,
}

/// A pass that was active for at least so long.
struct Stay {
    from: u64,
    until: u64,
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CapsChecked {
    pub(crate) settings: usize,
    pub(crate) calls: usize,
    /// Calls that filled the last slot that the cap of their time could have had.
    pub(crate) full: usize,
}

impl Caps {
    /// A cap is asked for from now on.
    pub(crate) fn ask(&self, cap: u64, began: u64) {
        lock(&self.0).settings.push(Setting { cap, began, ended: None });
    }

    /// The one that was asked for last is in force.
    pub(crate) fn set(&self, ended: u64) {
        lock(&self.0).settings.last_mut().expect("it was asked for").ended = Some(ended);
    }

    /// A visitor was called between two moments.
    pub(crate) fn called(&self, number: u64, after: u64, before: u64) {
        lock(&self.0).calls.push(Call { number, after, before });
    }

    /// A visitor was in the shop.
    pub(crate) fn stayed(&self, from: u64, until: u64) {
        lock(&self.0).stays.push(Stay { from, until });
    }

    /// The highest cap that may have been in force between two moments.
    pub(crate) fn highest(&self, from: u64, until: u64) -> u64 {
        lock(&self.0).highest(from, until)
    }

    /// Whether each call fitted.
    ///
    /// # Errors
    /// The first that did not.
    pub(crate) fn check(&self) -> Result<CapsChecked, String> {
        let seen = lock(&self.0);
        let mut full = 0;
        for call in &seen.calls {
            let over = |stay: &&Stay| stay.from <= call.after && stay.until >= call.before;
            let others = seen.stays.iter().filter(over).count() as u64;
            let highest = seen.highest(call.after, call.before);
            if others >= highest {
                let Call { number, after, before } = call;
                return Err(format!(
                    "{number} was called between {after} and {before}: {others} were in the shop, \
                     and the cap was {highest}"
                ));
            }
            full += usize::from(others + 1 == highest);
        }
        Ok(CapsChecked { settings: seen.settings.len(), calls: seen.calls.len(), full })
    }
}

impl Seen {
    fn highest(&self, from: u64, until: u64) -> u64 {
        let ended = |at: usize| self.settings.get(at).map_or(Some(u64::MAX), |next| next.ended);
        let in_force = |at: usize| ended(at + 1).unwrap_or(u64::MAX);
        let caps = self.settings.iter().enumerate();
        let caps = caps.filter(|(at, set)| set.began <= until && in_force(*at) >= from);
        caps.map(|(_, set)| set.cap).max().unwrap_or(0)
    }
}

#[test]
fn a_call_beyond_every_cap_that_may_have_been_in_force_is_found() {
    let caps = Caps::default();
    for (cap, began, ended) in [(3, 0, 1), (1, 100, 110), (2, 200, 210)] {
        caps.ask(cap, began);
        caps.set(ended);
    }
    caps.stayed(10, 150);
    caps.stayed(20, 160);
    caps.called(1, 30, 40);
    caps.called(2, 90, 105);
    assert_eq!(caps.check().map(|checked| checked.full), Ok(2));
    caps.called(3, 111, 120);
    assert!(caps.check().is_err_and(|lie| lie.contains("the cap was 1")));
}
