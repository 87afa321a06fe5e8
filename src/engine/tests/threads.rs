//! The engine with its threads: what only they can get wrong, or show.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stanchion_domain::change::Change;
use stanchion_domain::command::{Command, Hold, Item, Ops, OpsAction, Target};
use stanchion_domain::id::{BasketId, Number, PerformanceIndex, PriceIndex, RequestKey, SeatIndex};
use stanchion_domain::queue::standing::Standing;
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Span;

use super::super::ask::{Answer, Declined};
use super::super::health::HealthState;
use super::super::limits::BACKLOG_MAX;
use super::super::recovery::recover;
use super::super::snapshots::Rhythm;
use super::super::{Engine, Parts, Threads};
use super::night::night;
use crate::clock::{Clock, Hand};
use crate::journal::fault::JournalFault;
use crate::journal::faulty::{FaultyJournal, Misfortune, scripted};
use crate::journal::local::LocalJournal;
use crate::journal::memory::MemoryJournal;
use crate::journal::record::RECORD_BYTES_MAX;
use crate::journal::{Head, History, Journal, Record};
use crate::metrics::Metrics;

/// A running engine, and its clock.
struct Running {
    engine: Engine,
    threads: Threads,
    hand: Arc<Hand>,
    fatal: Arc<AtomicU32>,
}

fn start(journal: impl Journal + 'static, definition: Definition) -> Running {
    start_with(journal, definition, Rhythm::default())
}

fn start_with(
    journal: impl Journal + 'static,
    definition: Definition,
    snapshots: Rhythm,
) -> Running {
    let (hand, fatal) = (Arc::new(Hand::default()), Arc::new(AtomicU32::new(0)));
    hand.pass_ms(1_000);
    let told = fatal.clone();
    let parts = Parts {
        journal: Box::new(journal),
        definition: Some(Arc::new(definition)),
        clock: Clock::by_hand(hand.clone()),
        registry: Metrics::new(),
        fatal: Arc::new(move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        }),
    };
    let started = Engine::start_with(parts, snapshots).expect("the journal can be written");
    let (engine, threads) = started.expect("there is a definition");
    Running { engine, threads, hand, fatal }
}

impl Running {
    fn ask(&self, command: Command) -> Answer {
        block_on(self.engine.ask(command, None))
    }

    fn operate(&self, action: OpsAction) {
        let revision = self.engine.published().desk().operations.revision;
        let (actor, reason) = ("ada".to_owned(), String::new());
        self.ask(Command::Ops(Ops { revision, actor, reason, action })).expect("an ops change");
    }

    /// Somebody who is in the shop.
    fn shopper(&self) -> Number {
        let number = self.engine.join().expect("numbers are reserved when a start returns");
        self.until(|engine| engine.published().pass(number).is_some());
        self.ask(Command::Claim { number }).expect("their turn");
        number
    }

    /// Moves time, in steps that are no outage, until something is so.
    fn until(&self, so: impl Fn(&Engine) -> bool) {
        for _ in 0..20_000 {
            if so(&self.engine) {
                return;
            }
            self.hand.pass_ms(20);
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(1));
        }
        panic!("it never came to be so");
    }

    fn well(&self) -> bool {
        self.engine.published().health.well()
    }

    fn stop(self) {
        self.threads.join();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

/// A sale that is open, with room for everybody.
fn open_night() -> Definition {
    let mut definition = night();
    definition.policy.cap = 300;
    definition.policy.pace_per_minute = 6_000_000;
    definition
}

fn opened(journal: impl Journal + 'static) -> Running {
    let running = start(journal, open_night());
    running.operate(OpsAction::Open);
    running
}

fn hold(pass: Number, basket: u128, seat: u32) -> Command {
    let (performance, price) = (PerformanceIndex(1), PriceIndex(0));
    let items = vec![Item::Seat { performance, seat: SeatIndex(seat), price }];
    Command::Hold(Hold { pass, basket: Target::New(BasketId(basket)), items, entitled: false })
}

fn records(history: &dyn History) -> Vec<Record> {
    let mut records = Vec::new();
    let read = history.read_from(1, &mut |record| {
        records.push(record);
        std::ops::ControlFlow::Continue(())
    });
    read.expect("the journal is whole");
    records
}

#[test]
fn a_request_is_answered_with_what_is_durable_and_again_under_its_key() {
    let journal = MemoryJournal::default();
    let running = opened(journal.clone());
    let pass = running.shopper();
    let key = Some(RequestKey { key: 7, body: 1 });
    let ask = || block_on(running.engine.ask(hold(pass, 1, 3), key));
    let (first, second) = (ask().unwrap(), ask().unwrap());
    assert!(!first.again && second.again && first.change == second.change);
    let durable = records(&journal);
    assert!(durable.iter().any(|record| record.decided.change == first.change));
    assert!(running.engine.published().basket(BasketId(1)).is_some());
    running.stop();
}

#[test]
fn who_names_a_number_that_nobody_has_is_refused() {
    let running = opened(MemoryJournal::default());
    let number = running.engine.join().expect("a number");
    let next = Number(number.0 + 1);
    let refused = running.ask(Command::Leave { number: next });
    assert!(matches!(refused, Err(Declined::Refused(_))), "{refused:?}");
    running.ask(Command::Leave { number }).expect("they go");
    assert_eq!(running.engine.join(), Some(next));
    running.stop();
}

#[test]
fn of_two_hundred_who_want_one_seat_one_gets_it() {
    let running = opened(MemoryJournal::default());
    let numbers: Vec<_> = (0..200).map(|_| running.engine.join().expect("a number")).collect();
    let last = *numbers.last().expect("two hundred");
    running.until(|engine| engine.published().pass(last).is_some());
    for number in &numbers {
        running.ask(Command::Claim { number: *number }).expect("their turn");
    }
    let ask = |number: &Number| {
        let (engine, command) = (running.engine.clone(), hold(*number, number.0.into(), 0));
        std::thread::spawn(move || block_on(engine.ask(command, None)))
    };
    let asking: Vec<_> = numbers.iter().map(ask).collect();
    let answers = asking.into_iter().map(|one| one.join().expect("an answer"));
    assert_eq!(answers.filter(Result::is_ok).count(), 1);
    running.stop();
}

/// A journal whose writes wait at a door.
#[derive(Clone, Default)]
struct Doored {
    journal: MemoryJournal,
    door: Arc<(Mutex<bool>, Condvar)>,
    /// All that was ever written, trimmed or not.
    written: Arc<Mutex<Vec<Record>>>,
}

impl Doored {
    fn shut(&self, shut: bool) {
        *self.lock() = shut;
        self.door.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.door.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for Doored {
    fn head(&self) -> Head {
        self.journal.head()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), JournalFault> {
        let waited = self.door.1.wait_while(self.lock(), |shut| *shut);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.written.lock().expect("nobody panicked").extend_from_slice(records);
        self.journal.append(records)
    }

    fn reopen(&mut self) -> Result<Head, JournalFault> {
        self.journal.reopen()
    }

    fn health(&self) -> Result<(), JournalFault> {
        self.journal.health()
    }

    fn history(&self) -> Arc<dyn History> {
        self.journal.history()
    }
}

#[test]
fn whoever_finds_the_backlog_full_is_told_at_once_and_the_others_are_answered() {
    let journal = Doored::default();
    let running = opened(journal.clone());
    let number = running.engine.join().expect("a number");
    journal.shut(true);
    // Refusals need no write: only behind a change that waits at the door does the backlog fill.
    let first = running.engine.put(Command::Leave { number }, None).expect("there is room");
    let ask = || running.engine.put(Command::Leave { number: Number(9_999) }, None);
    let mut waiting = Vec::new();
    let full = loop {
        match ask() {
            Ok(answer) => waiting.push(answer),
            Err(declined) => break declined,
        }
        assert!(waiting.len() < 4 * BACKLOG_MAX, "the backlog is bounded");
    };
    assert_eq!(full, Declined::Busy);
    assert!(waiting.len() >= BACKLOG_MAX, "{} waited", waiting.len());
    journal.shut(false);
    assert!(first.blocking_recv().expect("everybody is answered").is_ok());
    for answer in waiting {
        let answer = answer.blocking_recv().expect("everybody is answered");
        assert!(matches!(answer, Err(Declined::Refused(_))));
    }
    running.stop();
}

/// What the board says of sale time.
fn shows_time_running(engine: &Engine) -> bool {
    let head = engine.published().board.current().head.body.bytes.clone();
    std::str::from_utf8(&head).expect("JSON").contains("\"time_running\":true")
}

#[test]
fn a_full_disk_stops_selling_and_nothing_else_and_resumes_by_itself() {
    let script = scripted([(6, Misfortune::Full { reopenings: 2 })]);
    let journal = FaultyJournal::new(script);
    let running = start(journal.clone(), open_night());
    let waiting = running.engine.join().expect("a number");
    running.until(|engine| !engine.published().health.well());
    let HealthState::Down { cause, .. } = &*running.engine.published().health.get() else {
        panic!("it is down");
    };
    assert!(cause.contains("no space left"), "{cause}");
    running.until(|engine| !shows_time_running(engine));
    assert!(!running.engine.published().time_runs(0));
    assert_eq!(running.ask(Command::Leave { number: waiting }), Err(Declined::Down));
    assert!(running.engine.join().is_some(), "the queue stays up");
    let standing = running.engine.published().places.standing(waiting);
    assert_eq!(standing.position(), Some(0));
    let before = records(&journal).len();
    running.until(|engine| engine.published().health.well());
    running.operate(OpsAction::Open);
    let resumed = records(&journal).split_off(before);
    assert_eq!(resumed[0].decided.change, Change::Resumed);
    running.until(shows_time_running);
    running.stop();
}

#[test]
fn a_definition_that_no_record_holds_is_refused_and_the_sale_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut large = open_night();
    large.name = "x".repeat(RECORD_BYTES_MAX);
    let parts = Parts {
        journal: Box::new(LocalJournal::open(folder.path()).expect("a journal")),
        definition: Some(Arc::new(large.clone())),
        clock: Clock::by_hand(Arc::new(Hand::default())),
        registry: Metrics::new(),
        fatal: Arc::new(|_| {}),
    };
    let Err(fault) = Engine::start(parts) else { panic!("it was created") };
    assert!(matches!(fault, JournalFault::LargeDefinition { .. }), "{fault}");

    let running = opened(LocalJournal::open(folder.path()).expect("nothing was written"));
    let revision = running.engine.published().desk().operations.revision;
    let (actor, reason) = ("ada".to_owned(), String::new());
    let action = OpsAction::Redefine(Arc::new(large));
    let declined = running.ask(Command::Ops(Ops { revision, actor, reason, action }));
    let Err(Declined::Refused(refusal)) = declined else { panic!("it is refused") };
    assert_eq!(refusal.code.name(), "limit_reached");
    assert!(running.well(), "nothing came near the journal");
    running.operate(OpsAction::SetCap(7));
    running.stop();
}

#[test]
fn a_start_on_a_full_disk_shows_what_is_there_and_begins_when_there_is_room() {
    for full in [Misfortune::Full { reopenings: 2 }, Misfortune::FullAfter { reopenings: 2 }] {
        let strikes = Arc::new(AtomicBool::new(false));
        let strike = strikes.clone();
        let script = move |_| strike.swap(false, Ordering::Relaxed).then_some(full);
        let journal = FaultyJournal::new(Box::new(script));
        let running = opened(journal.clone());
        let shopper = running.shopper();
        running.operate(OpsAction::PauseCalling);
        let waiting = running.engine.join().expect("a number");
        running.stop();
        let before = records(&journal).len();
        strikes.store(true, Ordering::Relaxed);

        let running = start(journal.clone(), open_night());
        assert!(!running.well());
        assert!(running.engine.published().pass(shopper).is_some(), "who is in stays in");
        let standing = running.engine.published().places.standing(waiting);
        assert_eq!(standing.position(), Some(0));
        assert_eq!(running.ask(Command::Leave { number: waiting }), Err(Declined::Down));
        assert_eq!(running.engine.join(), None, "no number is reserved");
        assert_eq!(records(&journal).len(), before);
        running.until(|engine| engine.published().health.well());
        running.until(|engine| engine.join().is_some());
        let begun = records(&journal).split_off(before);
        assert_eq!(begun[0].decided.change, Change::Started);
        assert!(begun.iter().any(|record| record.decided.change == Change::Resumed));
        let standing = running.engine.published().places.standing(waiting);
        assert_eq!(standing.position(), Some(0));
        running.operate(OpsAction::ResumeCalling);
        running.until(|engine| {
            let published = engine.published();
            published.places.see(waiting, published.now().sale);
            published.pass(waiting).is_some()
        });
        running.stop();
    }
}

#[test]
fn after_a_failed_sync_the_end_is_told_once_and_nothing_is_acknowledged() {
    let journal = FaultyJournal::new(scripted([(6, Misfortune::SyncFails)]));
    let running = start(journal.clone(), open_night());
    running.engine.join().expect("a number");
    running.until(|engine| !engine.published().health.well());
    let durable = records(&journal).len();
    for _ in 0..50 {
        let number = running.engine.join().expect("the queue stays up");
        running.hand.pass_ms(500);
        assert_eq!(running.ask(Command::Leave { number }), Err(Declined::Down));
    }
    assert!(!running.well());
    let fatal = running.fatal.clone();
    running.stop();
    assert_eq!(fatal.load(Ordering::Relaxed), 1);
    assert_eq!(records(&journal).len(), durable);
}

#[test]
fn a_stop_while_the_disk_is_full_does_not_wait_for_space() {
    let full = Misfortune::Full { reopenings: u32::MAX };
    let running = start(FaultyJournal::new(scripted([(6, full)])), open_night());
    running.engine.join().expect("a number");
    running.until(|engine| !engine.published().health.well());
    running.stop();
}

#[test]
fn a_stop_does_what_was_asked_and_leaves_a_mark_though_others_still_have_the_engine() {
    let journal = Doored::default();
    let running = opened(journal.clone());
    let numbers: Vec<_> = (0..20).map(|_| running.engine.join().expect("a number")).collect();
    journal.shut(true);
    let leave = |number: &Number| running.engine.put(Command::Leave { number: *number }, None);
    let asked: Vec<_> = numbers.iter().map(|number| leave(number).expect("room")).collect();
    let engine = running.engine.clone();
    let stopping = std::thread::spawn(move || running.stop());
    journal.shut(false);
    for answer in asked {
        answer.blocking_recv().expect("an answer").expect("everybody left");
    }
    stopping.join().expect("it stops");
    assert_eq!(
        block_on(engine.ask(Command::Claim { number: numbers[0] }, None)),
        Err(Declined::Stopping)
    );
    let last = records(&journal.journal).pop().expect("records").decided.change;
    assert_eq!(last, Change::Marked { issued: 21 }, "20, from number 1 on");
}

#[test]
fn the_first_visitor_of_a_sale_is_number_1_and_nobody_is_ahead() {
    let running = start(MemoryJournal::default(), Definition { opens_at: None, ..open_night() });
    for (number, ahead) in [(1, 0), (2, 1), (3, 2)] {
        assert_eq!(running.engine.join(), Some(Number(number)));
        let standing = running.engine.published().places.standing(Number(number));
        assert_eq!(standing, Standing::Waiting { position: ahead });
    }
    assert_eq!(running.engine.published().places.waiting(), 3);
    running.stop();
}

#[test]
fn a_restart_from_disk_finds_every_place_and_every_basket() {
    let dir = tempfile::tempdir().expect("a directory");
    let open = || LocalJournal::open(dir.path()).expect("a journal");
    let running = opened(open());
    let pass = running.shopper();
    running.ask(hold(pass, 1, 3)).expect("a free seat");
    running.operate(OpsAction::PauseCalling);
    let waiting: Vec<_> = (0..10).map(|_| running.engine.join().expect("a number")).collect();
    let position = |running: &Running, number| {
        running.engine.published().places.standing(number).position().expect("in the queue")
    };
    let before: Vec<_> = waiting.iter().map(|number| position(&running, *number)).collect();
    let basket = running.engine.published().basket(BasketId(1)).expect("the basket");
    running.stop();
    let running = start(open(), open_night());
    let found = running.engine.published().basket(BasketId(1)).expect("the basket");
    assert_eq!(found.holds, basket.holds);
    assert!(found.deadline_at >= basket.deadline_at);
    for (number, before) in waiting.iter().zip(before) {
        assert!(position(&running, *number) <= before);
    }
    let next = running.engine.join().expect("a number");
    assert!(waiting.iter().all(|number| *number < next) && pass < next, "no number twice");
    running.stop();
}

#[test]
fn a_write_that_is_stuck_and_a_process_that_was_stopped_cost_nobody_their_basket() {
    let journal = Doored::default();
    let running = opened(journal.clone());
    let pass = running.shopper();
    running.ask(hold(pass, 1, 3)).expect("a free seat");
    let grace = night().policy.grace_basket_span;
    for stopped in [true, false] {
        let before = running.engine.published().now().sale;
        let resumed = records(&journal.journal).len();
        if stopped {
            running.hand.pass_ms(330_000);
        } else {
            journal.shut(true);
            let answer = running.engine.put(Command::Leave { number: Number(9_999) }, None);
            // Longer than the basket has left, if it were counted.
            for _ in 0..60 {
                running.hand.pass_ms(1_500);
                std::thread::park_timeout(Duration::from_millis(60));
            }
            journal.shut(false);
            let _ = answer.expect("room").blocking_recv();
        }
        running.until(|_| {
            let since = records(&journal.journal).split_off(resumed);
            since.iter().any(|record| record.decided.change == Change::Resumed)
        });
        let now = running.engine.published().now().sale;
        assert!(now.since(before) < Span(20_000), "{now:?} after {before:?}");
        let basket = running.engine.published().basket(BasketId(1)).expect("the basket");
        assert!(basket.live() && basket.deadline_at >= before.after(grace), "{basket:?}");
    }
    running.stop();
}

#[test]
fn a_start_from_a_snapshot_finds_what_all_records_say() {
    let journal = Doored::default();
    let often = Rhythm { records: 40, look_ms: 1 };
    let running = start_with(journal.clone(), open_night(), often);
    running.operate(OpsAction::Open);
    while journal.journal.oldest().expect("memory") == 1 {
        let number = running.shopper();
        running.ask(Command::Leave { number }).expect("they go");
    }
    running.stop();
    let (from_snapshot, head) = recover(&journal.journal).expect("whole").expect("a sale");
    let written = std::mem::take(&mut *journal.written.lock().expect("nobody panicked"));
    assert_eq!(head.sequence, written.len() as u64);
    let replayed = Sale::replay(written.into_iter().map(|record| record.decided));
    assert_eq!(from_snapshot.image(), replayed.expect("a sale").image());
}
