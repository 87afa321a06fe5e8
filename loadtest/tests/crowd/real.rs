//! A crowd of every sort at the real server: every one of them ends as planned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stanchion_loadtest::crowd::fate::Fate;
use stanchion_loadtest::crowd::tally::Tally;
use stanchion_loadtest::crowd::{self, Ground, Share, audit};
use stanchion_loadtest::history::clock::RunClock;
use stanchion_loadtest::history::{Source, Told, Unit, What, Who};
use stanchion_loadtest::measure::notebook::Notebook;
use stanchion_loadtest::scenario::person::{Person, Shopping};
use stanchion_loadtest::scenario::{Act, Chooses, Ending, Http, Looks, Moment, Wires};
use stanchion_loadtest::staff::timeline::Harmless;
use stanchion_loadtest::staff::{Desk, observer, timeline};
use stanchion_loadtest::web::Web;
use tokio_util::sync::CancellationToken;

use super::fake::{BOUND, told};
use super::insist::person;
use super::server::Server;

/// A short while.
const MOMENT: Duration = Duration::from_millis(20);

/// A sort of person: a name, what is different about them, and how their evening may end.
type Sort = (&'static str, fn(&mut Person), &'static [Fate]);

fn sorts() -> Vec<Sort> {
    use Fate::*;
    vec![
        ("buys the best", |_| {}, &[Ordered]),
        ("points at seats", |p| p.shopping.chooses = Chooses::Seats, &[Ordered]),
        ("wants the hottest", |p| p.shopping.chooses = Chooses::Hottest, &[Ordered]),
        ("loads the page", |p| p.loads_page = true, &[Ordered]),
        ("asks all the time", |p| p.looks = Looks::Every(Duration::from_millis(300)), &[Ordered]),
        ("refreshes", |p| p.looks = Looks::Refreshes(Duration::from_millis(500)), &[Ordered]),
        ("has three tabs", |p| p.tabs = 3, &[Ordered]),
        ("follows the board", |p| p.streams = true, &[Ordered]),
        ("sleeps", |p| p.sleeps = Some((Duration::ZERO, Duration::from_secs(3))), &[Ordered]),
        ("gives up", |p| p.gives_up_after = Some(Duration::from_millis(300)), &[GaveUp]),
        ("is away when called", |p| p.no_show = true, &[NoShow]),
        ("has three accounts", |p| p.ring = 3, &[Ordered]),
        ("haunts", |p| p.ghost = true, &[Ghost]),
        ("walks away", |p| p.shopping.ending = Ending::WalksAway, &[WalkedAway]),
        ("leaves", |p| p.shopping.ending = Ending::Leaves, &[Left]),
        (
            "walks away from the card page",
            |p| p.shopping.ending = Ending::WalksAwayFromCard,
            &[WalkedAwayFromCard],
        ),
        (
            "cancels on the card page",
            |p| p.shopping.ending = Ending::CancelsOnCard,
            &[CancelledOnCard],
        ),
        ("pays late", |p| p.shopping.ending = Ending::PaysLate, &[OrderedLate]),
        ("changes their mind", |p| p.shopping.changes_mind = true, &[Ordered]),
        ("grabs again", |p| p.shopping.grabs_again = 2, &[Ordered]),
    ]
}

fn people() -> Vec<(Person, &'static str, &'static [Fate])> {
    let sorts = (0..3).flat_map(|_| sorts());
    let drawn = sorts.enumerate().map(|(who, (name, change, fates))| {
        let mut person = person(u32::try_from(who).expect("sixty people"));
        person.arrives_us = 10_000 * u64::from(person.who);
        change(&mut person);
        (person, name, fates)
    });
    drawn.collect()
}

/// What came of an evening.
struct Evening {
    fates: BTreeMap<u32, Fate>,
    history: Vec<Told>,
    audit: audit::Audit,
    undone: Vec<String>,
}

/// Lives an evening; what the test does meanwhile is told the live counts.
async fn evening(
    server: &Server,
    (http, people): (Http, Vec<Person>),
    meanwhile: impl AsyncFnOnce(Arc<Tally>),
) -> Evening {
    let (clock, notebook) = (RunClock::begin(), Arc::new(Notebook::default()));
    let sources = ["127.0.0.1", "127.0.0.2"].map(|source| source.parse().expect("an address"));
    let wires = Wires { http, sources: sources.into(), answer_span: BOUND };
    let way = |url: &str, wires: &Wires| {
        let web = Web::new(&[url], wires, None, (clock, notebook.clone()));
        Arc::new(web.expect("an address"))
    };
    let sale = "night".to_owned();
    let desk = |url: &str| Desk {
        web: way(url, &Wires { http: Http::One, ..wires.clone() }),
        sale: sale.clone(),
        key: server.staff_key.clone(),
        notebook: notebook.clone(),
    };
    let (public, ops) = (desk(&server.public), desk(&server.ops));
    let change = |ms, action| {
        let (at, reason) = (Duration::from_millis(ms), "as planned".to_owned());
        Moment { at, act: Act::Change { action, reason } }
    };
    let texts = json!([{"language": "en", "text": "Few are left."}]);
    let moments = vec![
        change(0, json!({"type": "open"})),
        change(0, json!({"type": "set_cap", "cap": 40})),
        change(400, json!({"type": "post_notice", "texts": texts})),
        change(400, json!({"type": "no_such_thing"})),
    ];
    let stop = CancellationToken::new();
    let ground = Ground {
        web: way(&server.public, &wires),
        gate: None,
        sale: sale.clone(),
        api_key: Some(server.shop_key.clone()),
    };
    let share = Share { people, ground, tally: Arc::default() };
    let tally = share.tally.clone();
    let staff = timeline::run(moments, (Some(ops.clone()), clock), Arc::new(Harmless), &stop);
    let crowd = async {
        let over = crowd::run(share, &notebook, &stop).await;
        let seen = audit::run(&over).await;
        stop.cancel();
        (over, seen)
    };
    let watch = observer::run(&public, Some(&ops), &stop);
    let all = async { tokio::join!(staff, crowd, watch, meanwhile(tally.clone())) };
    let all = tokio::time::timeout(BOUND * 3, all).await;
    let (undone, (over, audit), ..) = all.expect("an evening ends");
    let gone = tally.counts()["gone"];
    assert_eq!(gone, over.fates.len() as u64, "{:?}", tally.counts());
    Evening { fates: over.fates.into_iter().collect(), history: told(&notebook), audit, undone }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sort_of_person_comes_through_as_planned() {
    for http in [Http::One, Http::Two] {
        let server = Server::start();
        let people = people();
        let alive = people.iter().map(|(person, ..)| person.clone()).collect();
        let Evening { fates, history, audit, undone } =
            evening(&server, (http, alive), async |_| {}).await;
        let mut wrong = Vec::new();
        for (person, name, expected) in &people {
            let fate = fates[&person.who];
            if !expected.contains(&fate) {
                wrong.push(format!("{} {name}: {fate:?}", person.who));
            }
        }
        assert!(wrong.is_empty(), "{http:?}: {wrong:#?}");
        assert_eq!(audit.answered, audit.wanted);
        assert_eq!(undone.len(), 1, "only what the server does not know: {undone:?}");
        check_history(&history);
        assert_eq!(released(&history, true), 3, "three change their minds");
        // Three who leave, three who cancel, three who grab again twice.
        assert_eq!(released(&history, false), 12);
        let screen = |told: &Told| {
            let shown = matches!(&told.what, What::Board(board) if board.cap > 0);
            shown && matches!(told.who, Who::Visitor(_))
        };
        assert!(history.iter().any(screen), "who follows the board writes down what it shows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_goes_on_when_its_server_was_killed_and_is_back() {
    let server = Server::start();
    let people = (0..40).map(|who| {
        let thinks = (MOMENT, MOMENT * 20);
        let shopping = Shopping { thinks, ..person(who).shopping };
        Person { arrives_us: 50_000 * u64::from(who), shopping, ..person(who) }
    });
    let kill = async |tally: Arc<Tally>| {
        while tally.counts()["ordered"] == 0 {
            tokio::time::sleep(MOMENT).await;
        }
        tokio::task::block_in_place(|| server.restart());
    };
    let evening = evening(&server, (Http::One, people.collect()), kill).await;
    let others: Vec<_> = evening.fates.iter().filter(|(_, fate)| **fate != Fate::Ordered).collect();
    assert!(others.is_empty(), "places, baskets and orders survive: {others:?}");
    assert_eq!(evening.audit.answered, evening.audit.wanted);
    check_history(&evening.history);
}

/// What was told is complete: each order was seen again at the end, and nothing is unknown.
fn check_history(history: &[Told]) {
    let mut orders = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for told in history {
        let name = match &told.what {
            What::Ordered(order) => {
                orders.insert(order.basket.clone(), order.units.clone());
                let pool = |unit: &Unit| matches!(unit.of, Source::Pool { .. });
                if order.units.iter().any(pool) { "ordered from a pool" } else { "ordered" }
            }
            What::BasketSeen { basket, state, units } => {
                if state == "confirmed" && orders.get(basket) == Some(units) {
                    orders.remove(basket);
                }
                "seen"
            }
            What::Tried(attempt) => panic!("nothing is unknown: {attempt:?}"),
            What::Changed { action, .. } if action == "set_cap" => "cap",
            What::Changed { .. } => "changed",
            What::Board(_) => "board",
            What::Desk(_) => "desk",
            What::Performances { .. } => "performances",
            _ => "other",
        };
        *counts.entry(name).or_default() += 1;
        assert!(told.told_us.is_none_or(|told_us| told_us >= told.asked_us), "{told:?}");
    }
    assert!(orders.is_empty(), "not seen again as ordered: {orders:?}");
    let count = |name| counts.get(name).copied().unwrap_or(0);
    assert_eq!((count("cap"), count("changed")), (1, 2));
    assert!(count("board") > 3 && count("desk") > 8 && count("performances") > 1, "{counts:?}");
    assert!(count("ordered from a pool") > 0 && count("ordered") > 0, "{counts:?}");
}

/// How often something was given back: one hold, or the whole basket.
fn released(history: &[Told], one: bool) -> usize {
    let released =
        |told: &&Told| matches!(&told.what, What::Released { hold, .. } if hold.is_some() == one);
    history.iter().filter(released).count()
}
