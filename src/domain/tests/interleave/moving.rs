//! A place moves between the queue and the map of passes while its visitor looks for it.

use shuttle::sync::Mutex;
use shuttle::thread;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check;
use crate::id::Number;
use crate::queue::places::Found;
use crate::queue::publisher::Publisher;
use crate::queue::standing::Standing;
use crate::time::SaleTime;

const VISITOR: Number = Number(2);

/// The publisher and the engine's map of passes, in the order the engine keeps.
struct Engine {
    publisher: Publisher,
    passes: Arc<Mutex<BTreeSet<Number>>>,
}

impl Engine {
    fn new() -> Self {
        let mut publisher = Publisher::new();
        publisher.reserve(4);
        let places = publisher.places();
        (0..4).for_each(|_| assert!(places.join(SaleTime(0)).is_some()));
        Self { publisher, passes: Arc::new(Mutex::new(BTreeSet::new())) }
    }

    fn call(&mut self) {
        self.passes.lock().expect("not poisoned").insert(VISITOR);
        self.publisher.call(VISITOR);
    }

    fn miss(&mut self) {
        self.publisher.miss(VISITOR);
        self.passes.lock().expect("not poisoned").remove(&VISITOR);
    }

    fn end(&mut self) {
        self.publisher.spend(VISITOR);
        self.passes.lock().expect("not poisoned").remove(&VISITOR);
    }

    fn restore(&mut self) {
        self.publisher.bring_back(VISITOR);
    }

    /// Looks for the visitor again and again; what is found must be something, and must be of these
    /// kinds, in this order.
    fn visit(&self, kinds: &'static [&'static str]) -> thread::JoinHandle<()> {
        let (places, passes) = (self.publisher.places(), Arc::clone(&self.passes));
        thread::spawn(move || {
            let mut kinds = kinds.iter();
            let mut at = kinds.next().expect("at least one kind");
            for _ in 0..4 {
                let look = |number| passes.lock().expect("not poisoned").get(&number).copied();
                let found = kind(places.find(VISITOR, look));
                while *at != found {
                    at = kinds.next().unwrap_or_else(|| panic!("{found} comes after {at}"));
                }
            }
        })
    }
}

fn kind(found: Found<Number>) -> &'static str {
    match found {
        Found::Pass(_) => "pass",
        Found::Place(Standing::Waiting { .. }) => "waiting",
        Found::Place(Standing::Returning { .. }) => "returning",
        Found::Place(Standing::Spent) => "spent",
        Found::Place(Standing::Called) => "called, and no pass",
        Found::Place(Standing::Unissued) => "unissued",
    }
}

#[test]
fn a_place_that_is_passed_over_and_called_is_always_found() {
    check(|| {
        let mut engine = Engine::new();
        let visitor = engine.visit(&["waiting", "returning", "pass", "spent"]);
        engine.publisher.pass_over(0..3);
        engine.call();
        engine.end();
        visitor.join().expect("a visitor ends");
    });
}

#[test]
fn a_place_whose_claim_is_missed_is_always_found() {
    check(|| {
        let mut engine = Engine::new();
        let visitor =
            engine.visit(&["waiting", "pass", "returning", "pass", "returning", "pass", "spent"]);
        engine.call();
        engine.miss();
        engine.call();
        engine.miss();
        engine.call();
        engine.end();
        visitor.join().expect("a visitor ends");
    });
}

#[test]
fn a_place_that_an_operator_restores_is_always_found() {
    check(|| {
        let mut engine = Engine::new();
        // A look that began before the restoring finds the pass a moment before the call is told.
        let kinds = &["waiting", "spent", "returning", "pass", "returning", "pass", "spent"];
        let visitor = engine.visit(kinds);
        engine.end();
        engine.restore();
        engine.call();
        engine.end();
        visitor.join().expect("a visitor ends");
    });
}

#[test]
fn a_place_that_is_given_up_is_spent_and_never_a_pass() {
    check(|| {
        let mut engine = Engine::new();
        let visitor = engine.visit(&["waiting", "returning", "spent"]);
        engine.publisher.pass_over(1..3);
        engine.end();
        visitor.join().expect("a visitor ends");
    });
}
