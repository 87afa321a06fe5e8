//! The threads of a process that stands by for several sales.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::standby::{Parts, Standby};
use super::super::takeover::stand_by;
use super::super::vigil::Vigil;
use super::night::night;
use crate::clock::{Clock, Hand};
use crate::journal::fault::JournalFault;
use crate::journal::lease::{Lease, Taking};
use crate::journal::memory::lease::SharedJournal;
use crate::journal::{Head, History, Journal};
use crate::metrics::Metrics;

/// No lease lapses: the clock stands still.
fn clock() -> Clock {
    Clock::by_hand(Arc::new(Hand::default()))
}

fn standby(id: &str, shared: &SharedJournal) -> Standby {
    standby_by(id, shared.lease("here", clock()))
}

fn standby_by(id: &str, lease: Box<dyn Lease>) -> Standby {
    let mut definition = night();
    id.clone_into(&mut definition.id);
    Standby::new(Parts {
        lease,
        definition: Arc::new(definition),
        clock: clock(),
        registry: Metrics::new(),
        fatal: Arc::new(|fault| panic!("{fault}")),
    })
}

fn held_elsewhere(shared: &SharedJournal) -> Box<dyn Journal> {
    match shared.lease("elsewhere", clock()).take(Head::default()) {
        Ok(Taking::Taken(journal)) => journal,
        other => panic!("{other:?}"),
    }
}

fn until_it_waits_for(vigil: &Vigil, what: &str) {
    while vigil.seen().waits.name() != what {
        thread::yield_now();
    }
}

fn newest(shared: &SharedJournal) -> u64 {
    shared.lease("anybody", clock()).history().oldest().expect("memory")
}

#[test]
fn leases_are_taken_in_the_order_of_ids_and_no_sale_is_begun_before_all_are_held() {
    let [first, second, third] = [(); 3].map(|()| SharedJournal::new(1));
    let standbys = vec![standby("c", &third), standby("a", &first), standby("b", &second)];
    let vigils: Vec<_> = standbys.iter().map(|standby| standby.vigil().clone()).collect();
    let (elsewhere, stop) = (held_elsewhere(&second), CancellationToken::new());
    let until = stop.clone();
    let standing = thread::spawn(move || stand_by(standbys, &until));
    for (vigil, what) in vigils.iter().zip(["turn", "others", "holder"]) {
        until_it_waits_for(vigil, what);
    }
    assert_eq!([&first, &second, &third].map(newest), [0; 3], "nothing is begun");
    drop(elsewhere);
    let serving = standing.join().expect("it goes on").expect("they are fit");
    let ids = serving.iter().map(|(engine, _)| engine.published().desk().definition.id.clone());
    assert_eq!(ids.collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(
        vigils.iter().map(|one| one.seen().waits.name()).collect::<Vec<_>>(),
        ["nothing"; 3]
    );
    serving.into_iter().for_each(|(_, threads)| threads.join());
}

#[test]
fn who_is_told_to_stop_gives_up_what_it_holds() {
    let [first, second] = [(); 2].map(|()| SharedJournal::new(1));
    let standbys = vec![standby("a", &first), standby("b", &second)];
    let vigil = standbys[0].vigil().clone();
    let (_elsewhere, stop) = (held_elsewhere(&second), CancellationToken::new());
    let until = stop.clone();
    let standing = thread::spawn(move || stand_by(standbys, &until));
    until_it_waits_for(&vigil, "others");
    stop.cancel();
    assert!(standing.join().expect("it goes on").expect("they are fit").is_empty());
    drop(held_elsewhere(&first));
}

/// A journal that is away until it is told to come, and may then turn out to be unfit.
struct Late {
    come: Arc<AtomicBool>,
    unfit: bool,
    then: Box<dyn Lease>,
}

impl Lease for Late {
    fn open(&mut self) -> Result<(), JournalFault> {
        if !self.come.load(Ordering::Relaxed) {
            return Err(JournalFault::Unreachable { what: "nobody listens".to_owned() });
        }
        let unfit = || JournalFault::Unsafe { what: "it evicts".to_owned() };
        (!self.unfit).then_some(()).ok_or_else(unfit)
    }

    fn history(&self) -> Arc<dyn History> {
        self.then.history()
    }

    fn wait(&mut self, head: Head, at_most: Duration) -> Result<(), JournalFault> {
        self.then.wait(head, at_most)
    }

    fn take(&mut self, seen: Head) -> Result<Taking, JournalFault> {
        assert!(self.come.load(Ordering::Relaxed) && !self.unfit, "it was not looked at yet");
        self.then.take(seen)
    }

    fn take_short(&mut self) -> Result<Taking, JournalFault> {
        self.then.take_short()
    }
}

fn late(id: &str, shared: &SharedJournal, unfit: bool) -> (Standby, Arc<AtomicBool>) {
    let come = Arc::new(AtomicBool::new(false));
    let late = Late { come: come.clone(), unfit, then: shared.lease("here", clock()) };
    (standby_by(id, Box::new(late)), come)
}

#[test]
fn a_journal_that_is_away_at_first_is_waited_for() {
    let [first, second] = [(); 2].map(|()| SharedJournal::new(1));
    let (late, come) = late("a", &first, false);
    let vigil = late.vigil().clone();
    let standbys = vec![late, standby("b", &second)];
    let standing = thread::spawn(move || stand_by(standbys, &CancellationToken::new()));
    until_it_waits_for(&vigil, "journal");
    come.store(true, Ordering::Relaxed);
    let serving = standing.join().expect("it goes on").expect("they are fit");
    assert_eq!(serving.len(), 2);
    serving.into_iter().for_each(|(_, threads)| threads.join());
}

#[test]
fn a_journal_that_must_not_be_served_ends_the_standing_by_for_all_and_nothing_is_begun() {
    let [first, second] = [(); 2].map(|()| SharedJournal::new(1));
    let (unfit, come) = late("b", &second, true);
    let standbys = vec![standby("a", &first), unfit];
    let vigils: Vec<_> = standbys.iter().map(|standby| standby.vigil().clone()).collect();
    let stop = CancellationToken::new();
    let until = stop.clone();
    let standing = thread::spawn(move || stand_by(standbys, &until));
    for (vigil, what) in vigils.iter().zip(["others", "journal"]) {
        until_it_waits_for(vigil, what);
    }
    come.store(true, Ordering::Relaxed);
    let unfit = standing.join().expect("it goes on").map(|_| ()).expect_err("one is unfit");
    assert_eq!(unfit.sale, "b");
    assert!(matches!(unfit.source, JournalFault::Unsafe { .. }), "{unfit:?}");
    assert!(!stop.is_cancelled(), "that is for whoever asked");
    assert_eq!([&first, &second].map(newest), [0; 2]);
    drop(held_elsewhere(&first));
}
