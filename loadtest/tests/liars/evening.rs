//! An evening of the real crowd, the real staff and the real observer at a fake.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stanchion_loadtest::crowd::{self, Ground, Share, audit};
use stanchion_loadtest::history::Told;
use stanchion_loadtest::history::clock::RunClock;
use stanchion_loadtest::measure::figures::Measured;
use stanchion_loadtest::measure::notebook::Notebook;
use stanchion_loadtest::scenario::person::{Person, Shopping};
use stanchion_loadtest::scenario::{Act, Chooses, Ending, Http, Looks, Moment, Wires};
use stanchion_loadtest::staff::timeline::Harmless;
use stanchion_loadtest::staff::{Desk, observer, timeline};
use stanchion_loadtest::web::Web;
use tokio_util::sync::CancellationToken;

use crate::fake::web::{API_KEY, Fake, SALE, STAFF_KEY};

/// Longer than any evening takes, on a machine with other work.
const BOUND: Duration = Duration::from_secs(120);

/// What came of an evening.
pub(crate) struct Evening {
    /// In order of asking.
    pub(crate) told: Vec<Told>,
    pub(crate) measured: Measured,
}

/// Lives an evening with these people.
pub(crate) async fn evening(fake: &Fake, people: Vec<Person>) -> Evening {
    let (clock, notebook) = (RunClock::begin(), Arc::new(Notebook::default()));
    let source = "127.0.0.1".parse().expect("an address");
    let wires = Wires { http: Http::One, sources: vec![source], answer_span: BOUND };
    let url = format!("http://{}", fake.address);
    let way = || {
        let web = Web::new(&[&url], &wires, None, (clock, notebook.clone()));
        Arc::new(web.expect("an address"))
    };
    let desk = |key: &str| {
        let (sale, key) = (SALE.to_owned(), key.to_owned());
        Desk { web: way(), sale, key, notebook: notebook.clone() }
    };
    let (public, ops) = (desk(""), desk(STAFF_KEY));
    let stop = CancellationToken::new();
    let (sale, api_key) = (SALE.to_owned(), Some(API_KEY.to_owned()));
    let ground = Ground { web: way(), gate: None, sale, api_key };
    let share = Share { people, ground, tally: Arc::default() };
    let crowd = async {
        let over = crowd::run(share, &notebook, &stop).await;
        let seen = audit::run(&over).await;
        assert_eq!(seen.answered, seen.wanted, "everything is looked at again");
        stop.cancel();
    };
    let faults = Arc::new(Harmless);
    let staff = timeline::run(moments(), (Some(ops.clone()), clock), faults, &stop);
    let watch = observer::run(&public, Some(&ops), &stop);
    let all = async { tokio::join!(crowd, staff, watch) };
    let ((), undone, ()) = tokio::time::timeout(BOUND, all).await.expect("an evening ends");
    assert!(undone.is_empty(), "{undone:?}");
    let mut told = notebook.take_told();
    told.sort_by_key(|told| told.asked_us);
    Evening { told, measured: notebook.figures() }
}

/// Staff posts a notice and lowers the cap by one.
fn moments() -> Vec<Moment> {
    let change = |action| {
        let (at, reason) = (Duration::from_millis(300), "as planned".to_owned());
        Moment { at, act: Act::Change { action, reason } }
    };
    let texts = json!([{"language": "en", "text": "Patience"}]);
    vec![
        change(json!({"type": "post_notice", "texts": texts})),
        change(json!({"type": "set_cap", "cap": crate::nights::CAP - 1})),
    ]
}

/// A crowd of every sort: most want the hall and buy; some point at seats, have tabs, a stream or a
/// page open, change their mind, go to the card page and cancel.
pub(crate) fn crowd_of(people: u32) -> Vec<Person> {
    (0..people).map(person).collect()
}

fn person(who: u32) -> Person {
    let moment = Duration::from_millis;
    let chooses = match who % 6 {
        0 | 1 => Chooses::Best,
        2 => Chooses::Seats,
        _ => Chooses::Hottest,
    };
    let looks = match who % 8 {
        5 => Looks::Refreshes(moment(30)),
        6 => Looks::Every(moment(30)),
        _ => Looks::AsTold,
    };
    let shopping = Shopping {
        wants: 2,
        chooses,
        thinks: (moment(20), moment(60)),
        tries: 12,
        changes_mind: who % 8 == 4,
        ending: if who % 4 == 1 { Ending::CancelsOnCard } else { Ending::Buys },
        pays_within: moment(if who % 4 == 1 { 600 } else { 80 }),
        ..Shopping::plain()
    };
    Person {
        loads_page: who % 8 == 1,
        looks,
        tabs: if who % 8 == 2 { 3 } else { 1 },
        streams: who % 8 == 3,
        shopping,
        ..Person::plain(who, u64::from(who) * 2_000)
    }
}
