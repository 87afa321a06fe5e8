//! The threads of a process that stands by for several sales.

use std::sync::Arc;
use std::thread;

use tokio_util::sync::CancellationToken;

use super::super::standby::{Parts, Standby};
use super::super::takeover::stand_by;
use super::super::vigil::Vigil;
use super::night::night;
use crate::clock::{Clock, Hand};
use crate::journal::lease::Taking;
use crate::journal::memory::lease::SharedJournal;
use crate::journal::{Head, Journal};
use crate::metrics::Metrics;

/// No lease lapses: the clock stands still.
fn clock() -> Clock {
    Clock::by_hand(Arc::new(Hand::default()))
}

fn standby(id: &str, shared: &SharedJournal) -> Standby {
    let mut definition = night();
    id.clone_into(&mut definition.id);
    Standby::new(Parts {
        lease: shared.lease("here", clock()),
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
    let serving = standing.join().expect("it goes on");
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
    assert!(standing.join().expect("it goes on").is_empty());
    drop(held_elsewhere(&first));
}
