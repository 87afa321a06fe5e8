//! The head: its form, its size, and what makes a new one.

use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use stanchion_domain::board::picture::QueuePicture;
use stanchion_domain::board::status::{Counts, Status};
use stanchion_domain::board::trigger::{Notice, written_bytes};
use stanchion_domain::limits;
use stanchion_domain::time::{SaleTime, WallTime};

use super::{Night, check_golden, parse};
use crate::board::json;
use crate::board::store::{BoardStore, VERSION_MAX};
use crate::board::wire::Estimate;

const DEADLINE: SaleTime = SaleTime(90_500);

fn check_status(golden: &str, [available, held, paying]: [u64; 3]) {
    let mut night = Night::new(1);
    night.first_return_at = Some(DEADLINE);
    night.set(0, 0, [available, held, paying]);
    night.set(0, 1, [0, 0, 0]);
    let store = BoardStore::new(night.update(), 16);
    check_golden(golden, &store.current().head.body.bytes);
}

#[test]
fn every_status_is_written_with_its_figures() {
    check_status("head_on_sale.json", [40, 10, 5]);
    check_status("head_low.json", [10, 10, 5]);
    check_status("head_in_baskets.json", [0, 30, 10]);
    check_status("head_sold_out.json", [0, 0, 0]);
}

#[test]
fn a_head_with_everything_is_written_in_order() {
    let mut night = Night::new(1);
    let texts = [("de", "Noch \"wenige\" Karten"), ("en", "A few left </script><b>&amp;")];
    let texts = texts.map(|(language, text)| (language.to_owned(), text.to_owned())).to_vec();
    night.head.notice = Some(Notice { texts });
    night.head.redirect = Some("https://example.org/?a=1&b=2".to_owned());
    night.head.frozen = true;
    let mut update = night.update();
    update.estimate = Some(Estimate { present_percent: 71, calls_per_minute: 240 });
    let store = BoardStore::new(update, 16);
    check_golden("head_everything.json", &store.current().head.body.bytes);
}

#[test]
fn the_largest_head_stays_under_its_limit() {
    let mut night = Night::new(1);
    let units = 4_294_967_296_000;
    let capacity = units * 2;
    let counts = Counts { capacity, held: units, paying: units, ..Counts::default() };
    night.counts[0] = [counts, Counts::default()];
    night.first_return_at = Some(SaleTime(7_000_000_000));
    let definition = Arc::make_mut(&mut night.definition);
    definition.id = "i".repeat(limits::ID_BYTES_MAX);
    definition.name = "\"<\u{1}".repeat(limits::NAME_BYTES_MAX / 3);
    night.head.price_range_minor = Some((limits::AMOUNT_MINOR_MAX, limits::AMOUNT_MINOR_MAX));
    night.head.queue = QueuePicture {
        waiting: limits::NUMBERS_MAX,
        called: limits::CAP_MAX,
        active: limits::CAP_MAX,
        without_basket: limits::CAP_MAX,
        cap: limits::CAP_MAX,
        pace_per_minute: limits::PACE_PER_MINUTE_MAX,
        calling: false,
    };
    night.head.notice = Some(largest_notice());
    let url = "https://example.org/";
    night.head.redirect = Some(format!("{url:/<width$}", width = limits::URL_BYTES_MAX));
    night.head.revision = u64::MAX;
    let mut update = night.update();
    let calls_per_minute = limits::PACE_PER_MINUTE_MAX;
    update.estimate = Some(Estimate { present_percent: 100, calls_per_minute });
    let board = BoardStore::new(update, VERSION_MAX - 1).current();
    let len = board.head.body.bytes.len();
    assert!(len < limits::HEAD_BYTES_MAX, "{len} bytes");
    assert!(board.head.body.gzip.len() < limits::HEAD_BYTES_MAX);
    let body = parse(&board.head.body.bytes);
    let written = |text: &str| json::write(text).len() - 2;
    let name = written(body["name"].as_str().expect("a name"));
    let words = limits::ID_BYTES_MAX + limits::NOTICE_BYTES_MAX + limits::URL_BYTES_MAX + name;
    assert!(name > limits::NAME_BYTES_MAX - 6, "no more is cut than must be");
    assert!(len <= limits::HEAD_FIGURES_BYTES_MAX + words, "figures take {}", len - words);
    assert!(matches!(night.update().head.status, Status::InBaskets { .. }));
}

fn largest_notice() -> Notice {
    let mut notice = Notice { texts: Vec::new() };
    for language in ["de", "en", "fr", "nl"] {
        notice.texts.push((language.to_owned(), String::new()));
    }
    while notice.written_bytes() + 2 <= limits::NOTICE_BYTES_MAX {
        notice.texts[0].1.push('"');
    }
    assert_eq!(notice.written_bytes(), limits::NOTICE_BYTES_MAX);
    notice
}

#[test]
fn the_domain_knows_how_long_a_text_gets() {
    for text in ["plain", "\"\\", "<b>", "\u{0}\n\t\u{1f}", "Grüße 🎭", "</script>"] {
        let written = json::write(text).len() - 2;
        assert!(written_bytes(text) >= written, "{text:?} takes {written} bytes");
    }
    assert_eq!(written_bytes("a\"<ü"), json::write("a\"<ü").len() - 2);
}

#[test]
fn nothing_written_can_end_a_script_element() {
    for text in ["</script>", "<!--", "a<b", "<"] {
        let bytes = json::write(text);
        assert!(!bytes.contains(&b'<'), "{text:?}");
        assert_eq!(parse(&bytes), text);
    }
}

#[test]
fn the_compressed_head_is_the_same_head() {
    let board = BoardStore::new(Night::new(1).update(), 0).current();
    let mut plain = Vec::new();
    let mut decoder = GzDecoder::new(&*board.head.body.gzip);
    decoder.read_to_end(&mut plain).expect("it is gzip");
    assert_eq!(plain, board.head.body.bytes);
}

#[test]
fn a_deadline_is_written_anew_only_when_the_clocks_part_visibly() {
    let mut night = Night::new(1);
    night.first_return_at = Some(DEADLINE);
    night.set(0, 0, [0, 1, 0]);
    night.set(0, 1, [0, 0, 0]);
    let store = BoardStore::new(night.update(), 0);
    let first = store.current();
    assert_eq!(parse(&first.head.body.bytes)["first_return_at"], "2026-11-21T19:00:31Z");
    night.pass_ms(200, 900);
    store.publish(night.update());
    assert_eq!(store.current().version, first.version, "0.7 s are not worth a version");
    night.pass_ms(0, 10_000);
    store.publish(night.update());
    let after_outage = store.current();
    let deadline = "2026-11-21T19:00:42Z";
    assert_eq!(parse(&after_outage.head.body.bytes)["first_return_at"], deadline);
    let performances = parse(&after_outage.performances.since(first.version));
    assert_eq!(performances["performances"][0]["zones"][0]["first_return_at"], deadline);
}

#[test]
fn while_time_stands_still_nobody_knows_when_a_seat_returns() {
    let mut night = Night::new(1);
    night.first_return_at = Some(DEADLINE);
    night.set(0, 0, [0, 1, 0]);
    night.set(0, 1, [0, 0, 0]);
    let store = BoardStore::new(night.update(), 0);
    night.head.frozen = true;
    store.publish(night.update());
    let frozen = store.current();
    let head = parse(&frozen.head.body.bytes);
    assert_eq!((&head["time_running"], &head["in_baskets"]), (&false.into(), &1.into()));
    assert!(head.get("first_return_at").is_none());
    let all = parse(&frozen.performances.all());
    assert!(all["performances"][0].get("first_return_at").is_none());
    night.pass_ms(0, 60_000);
    store.publish(night.update());
    assert_eq!(store.current().version, frozen.version, "a frozen board stands still too");
}

#[test]
fn a_fault_stops_the_time_that_is_shown_once_and_the_next_picture_starts_it_again() {
    let mut night = Night::new(2);
    night.first_return_at = Some(DEADLINE);
    night.set(0, 0, [0, 1, 0]);
    night.set(0, 1, [0, 0, 0]);
    let store = BoardStore::new(night.update(), 0);
    let (first, news) = (store.current(), store.news());
    store.halt(night.projection);
    let halted = store.current();
    assert_eq!(parse(&halted.head.body.bytes)["time_running"], false);
    let since = parse(&halted.performances.since(first.version));
    let changed = since["performances"].as_array().expect("a list");
    assert_eq!(changed.len(), 1, "only what showed a deadline");
    assert!(changed[0].get("first_return_at").is_none());
    assert!(news.has_changed().expect("the store is there"), "followers are told");
    night.pass_ms(0, 5_000);
    store.halt(night.projection);
    assert_eq!(store.current().version, halted.version, "it stands still already");
    store.publish(night.update());
    let running = store.current();
    assert_eq!(parse(&running.head.body.bytes)["time_running"], true);
    let all = parse(&running.performances.all());
    assert!(all["performances"][0].get("first_return_at").is_some());
}

#[test]
fn an_instant_that_nobody_can_write_is_absent() {
    for wall in [i64::MIN, -62_167_219_200_001, 253_402_300_800_000, i64::MAX] {
        let mut night = Night::new(1);
        night.head.opens_at = Some(WallTime(wall));
        night.projection.wall_now = WallTime(wall);
        let head = parse(&BoardStore::new(night.update(), 0).current().head.body.bytes);
        assert!(head.get("opens_at").is_none() && head.get("at").is_none(), "{wall}: {head}");
    }
}
